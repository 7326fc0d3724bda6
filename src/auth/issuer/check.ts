import { pause } from '../../signals.ts';
import { cut } from '../../text/visible.ts';
import type { Discovery } from './discovery.ts';
import { type ClientNeeds, shortcomingsOf } from './shortcomings.ts';

export interface IssuerReport {
  issuer: string;
  /** The document that was read. */
  metadata?: string;
  /** Undefined if clients will miss nothing. */
  problem?: string;
}

const FIRST_PAUSE_MS = 10_000;
const LONGEST_PAUSE_MS = 60 * 60_000;
const MAX_PROBLEM = 2000;

/** Reports once whether the metadata can be read and, if not, once more as soon as it can. Never rejects. */
export async function checkIssuer(
  discovery: Discovery,
  needs: ClientNeeds,
  { report, stop }: { report(report: IssuerReport): void; stop: AbortSignal },
): Promise<void> {
  const { issuer } = discovery;
  const tell = (problem?: string, metadata?: string) =>
    report({ issuer, metadata, problem: problem && cut(problem, MAX_PROBLEM) });
  // A caller's token may lead to an earlier answer.
  void discovery.first.then((metadata) => tell(shortcomingsOf(metadata, needs), metadata.url));
  const isReadAtOnce = await isRead(discovery, (reason) => tell(unreadable(reason, needs)));
  for (let ms = FIRST_PAUSE_MS; !isReadAtOnce; ms = Math.min(2 * ms, LONGEST_PAUSE_MS)) {
    if (!(await isPaused(ms, stop)) || (await isRead(discovery))) return;
  }
}

async function isRead(discovery: Discovery, onFailure?: (reason: string) => void): Promise<boolean> {
  try {
    await discovery.read();
    return true;
  } catch (error) {
    onFailure?.(error instanceof Error ? error.message : String(error));
    return false;
  }
}

const isPaused = (ms: number, stop: AbortSignal) =>
  pause(ms, stop).then(
    () => true,
    () => false,
  );

function unreadable(reason: string, { hasKeysUrl }: ClientNeeds): string {
  const tokens = hasKeysUrl
    ? 'tokens are verified with the keys of --oauth-jwks-url'
    : 'no token can be verified either';
  return `The metadata of the authorization server cannot be read, so clients cannot find out where to sign in; until then ${tokens}: ${reason}`;
}
