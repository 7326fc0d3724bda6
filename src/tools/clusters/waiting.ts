import * as z from 'zod';
import { ApiError, NoAnswerError, UnseenError } from '../../errors.ts';
import { isUuid } from '../../text/ids.ts';
import { shortened } from '../../text/labels.ts';
import { sentences } from '../../text/sentences.ts';
import { defineRead } from '../define-tool.ts';
import { followCluster } from '../finding/cluster-reads.ts';
import { similarWords } from '../finding/missing.ts';
import { abridged } from '../schemas/abridged.ts';
import { args } from '../schemas/arguments.ts';
import { type Cluster, clusterId, nameOf, text } from '../schemas/cluster.ts';
import { connection, connectionTo } from '../schemas/connection.ts';
import { type Context, reads } from '../tool.ts';
import { isRecent } from '../writing/recent-writes.ts';

/** Clients give up at 60 seconds. */
const USUAL_SECONDS = 45;
const LONGEST_SECONDS = 600;

/** As in IONOS's Terraform provider: half a second, doubling up to ten. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;
/** The API can still report AVAILABLE right after a change. */
const NOT_TRUSTED_MS = 5_000;
/** The API can still be unaware of a cluster right after its order. */
const UNKNOWN_MS = 15_000;
/** The first check always gets enough time, because nothing is known without it. */
const FIRST_LOOK_MS = 1_000;
const LAST_LOOK_MS = 250;

const AVAILABLE = 'AVAILABLE';
const DESTROYING = 'DESTROYING';
/** Not a state of the API, which answers 404. */
const GONE = 'GONE';

/** Some models send `true` for "yes, wait". */
export const wait = z.preprocess((value) => {
  if (value === true || value === 'true') return USUAL_SECONDS;
  if (value === false || value === 'false') return 0;
  return typeof value === 'string' && /^\s*\d+\s*$/.test(value) ? Number(value) : value;
}, z.number().int().min(0).max(LONGEST_SECONDS));

interface Observation {
  cluster?: Cluster;
  missing?: ApiError;
  trouble?: string;
}

interface WatchState extends Observation {
  state?: string;
  isKnown: boolean;
  /** A state other than AVAILABLE proves that the change has begun. */
  hasChanged: boolean;
}

interface Watch {
  clusterId: string;
  until: string;
  wait: number;
  seen?: Cluster;
}

interface Watched extends WatchState {
  isReached: boolean;
  isInDoubt: boolean;
  seconds: number;
}

/** Throws permanent refusals, and whatever ends the call. */
export async function watch({ clusterId, until, wait, seen }: Watch, context: Context): Promise<Watched> {
  const started = Date.now();
  const elapsed = () => Date.now() - started;
  const limit = context.waitBudget(wait * 1000);
  const read = followCluster(clusterId, context);
  let soFar: WatchState = { cluster: seen, state: seen?.metadata?.state, isKnown: false, hasChanged: false };
  const tell = () => context.progress(elapsed() / 1000, wordsFor(soFar, clusterId, elapsed()));

  tell();
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    const lookedAt = elapsed();
    const shortest = pause === FIRST_PAUSE_MS ? FIRST_LOOK_MS : LAST_LOOK_MS;
    const observed = await context.orUndefinedAfter(Math.max(shortest, limit - lookedAt), look(read, context));
    soFar = after(soFar, observed ?? { trouble: soFar.trouble ?? 'no answer came in time' });
    // The next check is likely to take as long.
    const left = limit - elapsed() - (elapsed() - lookedAt);
    tell();
    const isUntold = soFar.missing !== undefined && !soFar.isKnown && until !== GONE;
    const isOver = left <= 0;
    if (isUntold && (isOver || elapsed() >= UNKNOWN_MS) && !seen) throw soFar.missing;
    const isInDoubt = await mayBeStale(soFar, { clusterId, seen }, context);
    const isEarly = until === AVAILABLE && isInDoubt && elapsed() < NOT_TRUSTED_MS;
    const isReached = soFar.state === until && !isEarly;
    const isGone = soFar.state === GONE && !(isUntold && elapsed() < UNKNOWN_MS);
    const isLost = isUnseen(soFar) && !soFar.isKnown && elapsed() >= UNKNOWN_MS;
    if (isReached || isGone || isLost || isOver) {
      // Where no other check would fit, the wait still takes its time.
      if (!isReached && !isGone && !isLost) await context.pause(Math.max(0, limit - elapsed()));
      return { ...soFar, isReached, isInDoubt, seconds: Math.round(elapsed() / 1000) };
    }
    await context.pause(Math.min(pause, left, isEarly ? NOT_TRUSTED_MS - elapsed() : LONGEST_PAUSE_MS));
  }
}

/** Whether AVAILABLE may predate a change of the last minute. */
async function mayBeStale(
  { state, cluster, hasChanged }: WatchState,
  { clusterId, seen }: Changed,
  context: Context,
): Promise<boolean> {
  if (state !== AVAILABLE || hasChanged) return false;
  const { lastModifiedDate, createdDate } = cluster?.metadata ?? {};
  if (seen !== undefined || isRecent(lastModifiedDate) || isRecent(createdDate)) return true;
  return context.recentWrites.has(clusterId);
}

type Changed = Pick<Watch, 'clusterId' | 'seen'>;

function after(soFar: WatchState, { cluster, missing, trouble }: Observation): WatchState {
  if (cluster) {
    const state = cluster.metadata?.state;
    const isOther = state !== undefined && state !== AVAILABLE;
    return { cluster, state, isKnown: true, hasChanged: soFar.hasChanged || isOther };
  }
  if (missing) {
    const state = missing instanceof UnseenError && soFar.state !== DESTROYING ? undefined : GONE;
    return { ...soFar, state, missing, trouble: state ? undefined : missing.message };
  }
  return { ...soFar, trouble: trouble ?? soFar.trouble };
}

/** Whether a source that does not answer may have the cluster. */
const isUnseen = ({ state, missing }: WatchState) => state === undefined && missing instanceof UnseenError;

async function look(read: () => Promise<Cluster>, context: Context): Promise<Observation> {
  try {
    return { cluster: await read() };
  } catch (error) {
    if (context.signal.aborted) throw error;
    if (error instanceof NoAnswerError) return { trouble: error.reason };
    if (error instanceof ApiError && error.status === 404) return { missing: error };
    if (error instanceof ApiError && error.mayPass) return { trouble: `the API answered ${error.status}` };
    throw error;
  }
}

function wordsFor({ cluster, state, trouble }: WatchState, clusterId: string, ms: number): string {
  const words = `${cluster ? nameOf(cluster) : clusterId}: ${shortened(state) || 'not seen yet'}, ${Math.round(ms / 1000)} s`;
  return trouble === undefined ? words : `${words}; the last check failed, ${trouble}`;
}

function endOf({ isReached, state }: Watched): 'reached' | 'waiting' | 'gone' {
  if (isReached) return 'reached';
  return state === GONE ? 'gone' : 'waiting';
}

function outcomeOf(watched: Watched): string {
  const { state = 'unknown', isReached, isInDoubt, isKnown, seconds, trouble, cluster } = watched;
  if (isUnseen(watched)) {
    return `Whether the cluster exists is not known after ${seconds} s: ${trouble}. Call wait_for_cluster again.`;
  }
  const failed = trouble === undefined ? '' : ` The last check failed: ${trouble}.`;
  if (state === GONE && !isKnown)
    return 'The API has no cluster with this ID (404): it was deleted, or the ID is wrong.';
  if (state === GONE) return 'The cluster no longer exists: the API answers 404.';
  if (isReached) return `${state} after ${seconds} s.`;
  if (state === AVAILABLE) {
    return isInDoubt
      ? `Still AVAILABLE after ${seconds} s: a change was sent a moment ago and may not have begun. Call wait_for_cluster again.`
      : `Still AVAILABLE after ${seconds} s: no change is known to be in progress.${failed}`;
  }
  if (state === 'FAILED') {
    const why = cluster?.metadata?.statusMessage;
    const said = why === undefined ? '' : ` The API says: ${shortened(why)}.`;
    return `FAILED after ${seconds} s.${said} This may be temporary: call wait_for_cluster again; if it persists, the person should contact IONOS.${failed}`;
  }
  if (state === 'DEGRADED') {
    return `DEGRADED after ${seconds} s: a part of it has failed, and waiting may not help. get_cluster shows it; if it stays so, the person should contact IONOS.${failed}`;
  }
  if (!isKnown) return `Nothing is known about the cluster after ${seconds} s. Call wait_for_cluster again.${failed}`;
  return `Still ${shortened(state)} after ${seconds} s; changes take minutes. Call wait_for_cluster again.${failed}`;
}

const NOT_NAMED = 'No cluster has this name: it was deleted, or the name is wrong.';

/** Where only some clusters exist for the caller, another one may only have got a name that does not match. */
function outsideWords({ clusters }: Context): string | undefined {
  return clusters.only && `Or it is ${clusters.unseen()}.`;
}

interface Sent {
  clusterId?: string;
  until: typeof AVAILABLE | typeof GONE;
  /** Seconds */
  wait?: number;
  advice: string;
}

interface SentAnswer {
  outcome: string;
  cluster?: Cluster;
  note?: string;
}

/** `done` once the wait has seen the end. A failed wait does not undo the write. */
export async function seeThrough<Answer extends SentAnswer>(
  { clusterId, until, wait = 0, advice }: Sent,
  answer: Answer,
  context: Context,
): Promise<Answer> {
  const noted = (note: string, more: object = {}) => ({
    ...answer,
    ...more,
    note: sentences(answer.note, note),
  });
  if (wait === 0 || clusterId === undefined) return noted(advice);
  try {
    const watched = await watch({ clusterId, until, wait, seen: answer.cluster }, context);
    const { cluster = answer.cluster, isReached } = watched;
    return noted(outcomeOf(watched), { cluster, outcome: isReached ? 'done' : answer.outcome });
  } catch {
    return noted(advice);
  }
}

export const waitForCluster = defineRead({
  name: 'wait_for_cluster',
  searchHint: 'progress until ready',
  title: 'Wait for PostgreSQL cluster',
  description:
    'Waits (blocks), at most for minutes, until a BUSY cluster is done and usable again, ready (AVAILABLE), GONE or in another given state, as after a resize. Changes nothing. Outcome waiting means that it has not finished. Use get_cluster to read the state once.',
  ...reads,
  hasView: true,
  input: args({
    clusterId,
    until: z
      .enum([AVAILABLE, GONE, 'BUSY', DESTROYING, 'DEGRADED', 'FAILED', 'UNKNOWN'])
      .optional()
      .describe('Default AVAILABLE; GONE to wait for a delete'),
    wait: wait.optional().describe('Seconds, at most 45, or 600 if the client follows progress; default 45'),
  }),
  output: abridged(
    z.object({
      outcome: z.enum(['reached', 'waiting', 'gone']),
      state: text,
      seconds: z.number(),
      displayName: text,
      dnsName: text,
      connection: connection.describe('As in get_cluster'),
      note: z.string(),
    }),
    { listedKeys: ['outcome', 'state', 'seconds', 'connection', 'note'] },
  ),
  async run({ clusterId, until = AVAILABLE, wait = USUAL_SECONDS }, context) {
    const watched = await watch({ clusterId, until, wait }, context);
    const { state, seconds, cluster } = watched;
    const { displayName, dnsName } = cluster?.properties ?? {};
    // A name that nobody has seen may be mistyped, which no ID is.
    const isUntold = state === GONE && !watched.isKnown && !isUuid(clusterId);
    const outcome = isUntold ? 'gone' : endOf(watched);
    const note = sentences(
      isUntold ? NOT_NAMED : outcomeOf(watched),
      isUntold && (await similarWords(clusterId, context)),
      state === GONE && outsideWords(context),
    );
    if (state === GONE) return { outcome, state, seconds, displayName, note };
    return { outcome, state, seconds, displayName, dnsName, connection: cluster && connectionTo(cluster), note };
  },
});
