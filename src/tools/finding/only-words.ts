import { cut, literal } from '../../text/visible.ts';
import type { Context } from '../tool.ts';

const MOST_SHOWN = 3;
const MAX_PATTERN = 60;

/** For an answer about all clusters, where only those that match exist for the caller. */
export function onlyWords(
  what: string,
  done: 'shown' | 'counted',
  { clusters: { only } }: Pick<Context, 'clusters'>,
): string | undefined {
  if (!only) return undefined;
  return `Only ${what} that match ${patternWords(only)} are ${done}; the URL of this server leaves out all others.`;
}

export function patternWords(patterns: readonly string[]): string {
  const shown = patterns.slice(0, MOST_SHOWN).map((pattern) => literal(cut(pattern, MAX_PATTERN)));
  const more = patterns.length - shown.length;
  return more > 0 ? `${shown.join(', ')} or ${more} more patterns` : shown.join(' or ');
}
