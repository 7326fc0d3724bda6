import { path } from '../../api/client.ts';
import { ApiError, InputError } from '../../errors.ts';
import { pageOf } from '../paging.ts';
import { type Backup, backup, readBackup } from '../schemas/backup.ts';
import { shortened } from '../schemas/cluster.ts';
import type { Context } from '../tool.ts';

/** Which backup, and up to when, as a tool takes it. */
export interface Recovery {
  backupId: string;
  /** ISO 8601; without it all that the backup holds. */
  recoveryTargetTime?: string;
}

/** The cluster that takes the content of a backup. */
export interface RestoreTarget {
  postgresVersion?: string;
  ram?: number;
  storageSize?: number;
}

/** MB of memory of each instance that a recovery takes, says IONOS's manual. */
const LEAST_RAM = 4096;
/** Milliseconds until the log of changes is in the backup, where a cluster writes little. */
const SHIPPED_MS = 1_800_000;
const MOST_BACKUPS = 1_000;
/** Backups that are named; the rest is counted. */
const MOST_NAMED = 10;

/** How far a backup reaches. */
interface Reach {
  /** Its first base. */
  from?: string;
  /** Undefined where it goes on, or nothing tells. */
  end?: string;
  goesOn?: boolean;
}

/** A backup that can be replayed up to a moment, and what a person has to know of that. */
export interface Recoverable {
  backup: Backup;
  /** All backups of its cluster; undefined where they cannot be told. */
  siblings?: readonly Backup[];
  reach: Reach;
  time?: string;
  words: string[];
}

/** Throws InputError for all that cannot work; `at` names the argument that holds the recovery, if one does. */
export async function planRecovery(
  { backupId, recoveryTargetTime: time }: Recovery,
  target: RestoreTarget,
  context: Context,
  at = '',
): Promise<Recoverable> {
  const place = (name: string) => (at === '' ? name : `${at}.${name}`);
  const found = await readBackup(backupId, place('backupId'), context);
  const problems = [
    ...[...fitProblems(found, target)].map((problem) => `${place('backupId')} (${backupId}): ${problem}`),
    ...[...timeProblems(found, time)].map((problem) => `${place('recoveryTargetTime')}: ${problem}`),
  ];
  if (problems.length > 0) throw new InputError(problems);
  const siblings = await backupsOf(found.properties?.clusterId, context);
  const reach = reachOf(found, siblings);
  const words = [...wordsFor(found, reach, time), ...roomWarnings(found, target)];
  return { backup: found, siblings, reach, time, words };
}

/** Also of a cluster that is gone; undefined where they cannot be told now, which is no reason to stop. */
export async function backupsOf(clusterId: string | undefined, context: Context): Promise<Backup[] | undefined> {
  if (clusterId === undefined) return undefined;
  try {
    return await readAll(path`clusters/${clusterId}/backups`, context);
  } catch (error) {
    if (context.signal.aborted) throw error;
    if (!(error instanceof ApiError && error.status === 404)) return undefined;
  }
  try {
    const all = await readAll('clusters/backups', context);
    return all.filter(({ properties }) => properties?.clusterId === clusterId);
  } catch (error) {
    if (context.signal.aborted) throw error;
    return undefined;
  }
}

async function readAll(from: string, { api }: Context): Promise<Backup[]> {
  const { items = [] } = await api.get(from, { query: { limit: MOST_BACKUPS }, response: pageOf(backup) });
  return items;
}

function* fitProblems({ properties = {} }: Backup, { postgresVersion, ram }: RestoreTarget) {
  const { version, earliestRecoveryTargetTime } = properties;
  if (Number(version) > Number(postgresVersion)) {
    yield `is of PostgreSQL ${version}, and the cluster has ${postgresVersion}; it takes the same or a newer version`;
  }
  if (ram !== undefined && ram < LEAST_RAM) {
    yield `takes a cluster with ${LEAST_RAM} MB of ram or more, and this one has ${ram}`;
  }
  if (earliestRecoveryTargetTime === undefined) {
    yield 'has no earliestRecoveryTargetTime: its first base backup is not complete. Look again in a minute with get_backup';
  }
}

function* timeProblems({ properties = {} }: Backup, time: string | undefined) {
  const { earliestRecoveryTargetTime: earliest } = properties;
  if (time === undefined || earliest === undefined) return;
  if (isBefore(time, earliest) || Date.parse(time) > Date.now()) {
    yield `${time} has to lie between ${shortened(earliest)} and now, ${new Date().toISOString()}`;
  }
}

/** False where one of them cannot be read. */
const isBefore = (one: string, other: string) => Date.parse(one) < Date.parse(other);

/** A backup ends when the next one of its cluster begins. */
function reachOf({ id, metadata, properties = {} }: Backup, siblings: readonly Backup[] = []): Reach {
  const { earliestRecoveryTargetTime: from, isActive: goesOn } = properties;
  if (goesOn) return { from, goesOn };
  const began = metadata?.createdDate ?? '';
  const [end] = siblings
    .filter((other) => other.id !== id)
    .flatMap((other) => other.metadata?.createdDate ?? [])
    .filter((date) => isBefore(began, date))
    .sort((one, other) => Date.parse(one) - Date.parse(other));
  return { from, end, goesOn };
}

const known = (text: string | undefined, otherwise = 'unknown') => shortened(text) || otherwise;

function wordsOfReach({ from, end, goesOn }: Reach): string {
  const begin = `from ${known(from, 'an unknown moment')}`;
  if (goesOn) return `${begin} until now`;
  if (goesOn === undefined) return `${begin} on; whether it goes on, the API does not tell`;
  return `${begin} to ${known(end, 'its end, which the API does not tell')}`;
}

const UNSHIPPED = 'What was written in about the last 30 minutes may not be in the backup yet, and would be missing.';

/** What a backup is, and up to when it is replayed. */
function* wordsFor({ id, metadata = {}, properties = {} }: Backup, reach: Reach, time: string | undefined) {
  const { clusterId, version } = properties;
  const { end, goesOn } = reach;
  const isLate = time !== undefined && end !== undefined && isBefore(end, time);
  const upTo = time === undefined || isLate ? 'as far as it reaches' : `up to ${time}, without that moment`;
  yield `Backup ${shortened(id)} of cluster ${known(clusterId)}, PostgreSQL ${known(version)}, reaches ${wordsOfReach(reach)}; it is replayed ${upTo}.`;
  if (isLate) yield `${time} lies after its end: nothing comes back that was written after ${shortened(end)}.`;
  if (!goesOn && end === undefined && time !== undefined) {
    yield `Whether ${time} lies before its end cannot be told: nothing comes back that was written after its end.`;
  }
  const isFresh = time === undefined || Date.parse(time) > Date.now() - SHIPPED_MS;
  if (goesOn && isFresh) yield UNSHIPPED;
  const { state } = metadata;
  if (state !== undefined && state !== 'AVAILABLE') yield `The backup is ${shortened(state)}, not AVAILABLE.`;
}

/** The size of a backup counts the base backups of several days, so that it says little of what comes out of it. */
function* roomWarnings({ properties = {} }: Backup, { storageSize }: RestoreTarget) {
  const { size } = properties;
  if (size !== undefined && storageSize !== undefined && size > storageSize) {
    yield `The backup has ${size} MB, base backups and log together; the cluster has ${storageSize} MB of storage. If its content does not fit, the restore fails.`;
  }
}

/** What a restore in place takes from a cluster for good, and whether there is a way back from it. */
export function* lossesOf(
  { backup, reach, time }: Recoverable,
  { id, name, backups }: { id: string; name: string; backups?: readonly Backup[] },
) {
  const { clusterId } = backup.properties ?? {};
  const kinds = 'data, databases, users and passwords';
  if (clusterId !== id) {
    yield `All ${kinds} of ${name} are replaced by those of the cluster ${known(clusterId)}.`;
  } else if (!reach.goesOn || time !== undefined) {
    yield `All that was written since ${sinceWhen(reach, time)} is lost: ${kinds}.`;
  }
  yield 'Nobody reaches its databases meanwhile, which takes minutes or more. The version of PostgreSQL stays.';
  yield wayBack(backups);
}

function wayBack(backups: readonly Backup[] | undefined): string {
  if (backups === undefined) return 'Whether there is a way back cannot be told now: its backups cannot be read.';
  const present = activeIn(backups);
  if (present === undefined) return 'There is no way back: the cluster has no backup of what is in it now.';
  if (present.properties?.earliestRecoveryTargetTime === undefined) {
    return `There is no way back: its present backup, ${shortened(present.id)}, has no base yet, so that nothing can be brought back that was written since it began.`;
  }
  return `The only way back is its present backup, ${shortened(present.id)}, which ends with this and is kept for 7 days; what was written in about the last 30 minutes may be missing there too.`;
}

/** The backup to which the cluster writes now. */
export function activeIn(backups: readonly Backup[] = []): Backup | undefined {
  return backups.find(({ properties }) => properties?.isActive);
}

function sinceWhen({ end, goesOn }: Reach, time: string | undefined): string {
  if (goesOn && time !== undefined) return `${time}${timeSince(time)}`;
  if (end === undefined) return `the end of the backup${time === undefined ? '' : `, and at least since ${time}`}`;
  const last = time !== undefined && isBefore(time, end) ? time : end;
  return `${shortened(last)}${timeSince(last)}`;
}

const MINUTE_MS = 60_000;

function timeSince(time: string): string {
  const minutes = Math.round((Date.now() - Date.parse(time)) / MINUTE_MS);
  if (!(minutes > 1)) return ', a moment ago';
  if (minutes < 120) return `, ${minutes} minutes ago`;
  return minutes < 2_880 ? `, ${Math.round(minutes / 60)} hours ago` : `, ${Math.round(minutes / 1_440)} days ago`;
}

/** For a person who deletes a cluster: what can still be brought back of it, and for how long. */
export async function wordsForRemaining(clusterId: string, context: Context): Promise<string> {
  const all = await backupsOf(clusterId, context);
  if (all === undefined) return 'Which backups of it remain cannot be told now; IONOS keeps them for at most 7 days.';
  const usable = all.filter(({ properties }) => properties?.earliestRecoveryTargetTime !== undefined);
  if (usable.length === 0) return 'No backup of it can be restored: what is in it is lost for good.';
  const each = usable.map(
    (one) => `${shortened(one.id)} (PostgreSQL ${known(one.properties?.version)}, ${wordsOfReach(reachOf(one, all))})`,
  );
  const gap = activeIn(usable)
    ? 'What was written in about the last 30 minutes may be missing.'
    : 'What was written since the last of them ended is lost for good.';
  return `These backups remain, for at most 7 days: ${some(each, '; ')}. Until then fromBackup of create_cluster can bring that back in a new cluster. ${gap}`;
}

/** For a person who deletes a database of a cluster that stays. */
export async function wordsForLost(clusterId: string, context: Context): Promise<string> {
  const all = await backupsOf(clusterId, context);
  if (all === undefined) return 'Whether a backup could bring it back cannot be told now.';
  const present = activeIn(all)?.properties?.earliestRecoveryTargetTime;
  if (present === undefined) return 'No backup can bring it back: what is in it is lost for good.';
  return `Only a backup of the whole cluster brings it back, for 7 days and from ${shortened(present)} on: in a new cluster with fromBackup of create_cluster, or in place with restore_cluster. What was written in about the last 30 minutes may be missing.`;
}

/** The first few, and how many more there are. */
export function some(all: readonly string[], between = ', '): string {
  const more = all.length - MOST_NAMED;
  return `${all.slice(0, MOST_NAMED).join(between)}${more > 0 ? `${between}and ${more} more` : ''}`;
}
