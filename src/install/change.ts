import type { Entry } from './entry.ts';
import { isSame, isTable } from './syntax.ts';

const HIDDEN = '[hidden]';

/** The lines of an entry, each with a sign before it. */
export function linesOf(sign: '+' | '-', name: string, entry: unknown): string {
  const [first = '', ...rest] = JSON.stringify(entry, null, 2).split('\n');
  return [`${name}: ${first}`, ...rest].map((line) => `  ${sign} ${line}\n`).join('');
}

/**
 * An entry of which some was there before, where a secret may be anywhere: shows only what this program says itself, and
 * what cannot be a secret.
 */
export function withoutSecrets(old: unknown, fresh: Entry | undefined): unknown {
  if (!isTable(old)) return HIDDEN;
  return Object.fromEntries(Object.entries(old).map(([key, value]) => [key, shown(key, value, fresh)]));
}

function shown(key: string, value: unknown, fresh: Entry | undefined): unknown {
  const ours = fresh?.[key as keyof Entry];
  if (isSame(value, ours) || typeof value === 'boolean') return value;
  if (key === 'type' || key === 'command') return isPlain(value) ? value : HIDDEN;
  if (key === 'args' && Array.isArray(value)) {
    return value.map((each) => (fresh?.args.includes(each) || isOwnArgument(each) ? each : HIDDEN));
  }
  if (key === 'env' && isTable(value)) {
    const known: Readonly<Record<string, string>> = fresh?.env ?? {};
    return Object.fromEntries(
      Object.keys(value).map((name) => [name, value[name] === known[name] ? value[name] : HIDDEN]),
    );
  }
  return HIDDEN;
}

/** A path or the name of a program, whose parts are shorter than any token. */
const isPlain = (value: unknown) =>
  typeof value === 'string' && value.split(/[/\\]/).every((part) => /^[\w .:@()+-]{0,30}$/.test(part));

const isOwnArgument = (value: unknown) =>
  typeof value === 'string' &&
  (/^(-y|--?[a-z][a-z-]{0,20}|\/c|npx|read|write|full)$/.test(value) ||
    /^ionos-postgres-mcp(@[\d.]{1,12})?$/.test(value));
