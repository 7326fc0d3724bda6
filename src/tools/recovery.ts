import { path } from '../api/client.ts';
import { InputError } from '../errors.ts';
import { type Backup, backup, readBackup } from './backup.ts';
import { shortened } from './cluster.ts';
import { pageOf } from './page.ts';
import type { Context } from './tool.ts';

/** Which backup, and up to when, as a tool takes it. */
export interface Recovery {
  backupId: string;
  /** ISO 8601; without it all that the backup holds. */
  recoveryTargetTime?: string;
}

/** The cluster that takes the content of a backup. */
export interface Target {
  postgresVersion?: string;
  ram?: number;
  storageSize?: number;
}

/** MB of memory of each instance that a recovery takes, says IONOS's manual. */
const LEAST_RAM = 4096;
/** Milliseconds until the log of changes is in the backup, where a cluster writes little. */
const SHIPPED_MS = 1_800_000;
const MOST_BACKUPS = 1_000;

/** A backup that can be replayed up to a moment, what is around it, and what a person has to know of that. */
export interface Recoverable {
  backup: Backup;
  /** Every backup that the API lists, of whatever cluster. */
  all: readonly Backup[];
  time?: string;
  words: string[];
}

/** Throws InputError for all that cannot work; `at` names the argument that holds the recovery, if one does. */
export async function planRecovery(
  { backupId, recoveryTargetTime: time }: Recovery,
  target: Target,
  context: Context,
  at = '',
): Promise<Recoverable> {
  const place = (name: string) => (at === '' ? name : `${at}.${name}`);
  const [found, all] = await Promise.all([
    readBackup(backupId, place('backupId'), context),
    readAll('clusters/backups', context),
  ]);
  const problems = [
    ...[...fitProblems(found, target)].map((problem) => `${place('backupId')} (${backupId}): ${problem}`),
    ...[...timeProblems(found, time)].map((problem) => `${place('recoveryTargetTime')}: ${problem}`),
  ];
  if (problems.length > 0) throw new InputError(problems);
  return { backup: found, all, time, words: [...wordsFor(found, all, time), ...roomWarnings(found, target)] };
}

async function readAll(from: string, { api }: Pick<Context, 'api'>): Promise<Backup[]> {
  const { items = [] } = await api.get(from, { query: { limit: MOST_BACKUPS }, response: pageOf(backup) });
  return items;
}

function* fitProblems({ properties = {} }: Backup, { postgresVersion, ram }: Target) {
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
  if (Date.parse(time) < Date.parse(earliest) || Date.parse(time) > Date.now()) {
    yield `${time} has to lie between ${shortened(earliest)} and now, ${new Date().toISOString()}`;
  }
}

/** When a backup ended, for the next one of its cluster began then; undefined where it goes on, or nothing tells. */
function endOf({ id, metadata, properties }: Backup, all: readonly Backup[]): string | undefined {
  if (properties?.isActive) return undefined;
  const own = Date.parse(metadata?.createdDate ?? '');
  const later = all
    .filter((other) => other.id !== id && other.properties?.clusterId === properties?.clusterId)
    .flatMap((other) => other.metadata?.createdDate ?? [])
    .filter((date) => Date.parse(date) > own)
    .sort((one, other) => Date.parse(one) - Date.parse(other));
  return later[0];
}

const known = (text: string | undefined, else_ = 'unknown') => shortened(text) || else_;

/** How far a backup reaches: back to its first base, and up to its end or now. */
function reachOf(each: Backup, all: readonly Backup[]): string {
  const { earliestRecoveryTargetTime: earliest, isActive } = each.properties ?? {};
  const from = `from ${known(earliest, 'an unknown moment')}`;
  if (isActive) return `${from} until now`;
  return `${from} to ${known(endOf(each, all), 'its end, which the API does not tell')}`;
}

/** What a backup is, and up to when it is replayed. */
function* wordsFor(each: Backup, all: readonly Backup[], time: string | undefined) {
  const { id, metadata = {}, properties = {} } = each;
  const { clusterId, version, isActive } = properties;
  const upTo = time === undefined ? 'as far as it reaches' : `up to ${time}, without that moment`;
  yield `Backup ${shortened(id)} of cluster ${known(clusterId)}, PostgreSQL ${known(version)}, reaches ${reachOf(each, all)}; it is replayed ${upTo}.`;
  const end = endOf(each, all);
  if (!isActive && time !== undefined && !(Date.parse(time) <= Date.parse(end ?? ''))) {
    yield 'This moment lies after the end of the backup, or may do so: it brings nothing back that was written after its end.';
  }
  if (isActive && !(Date.parse(time ?? '') < Date.now() - SHIPPED_MS)) {
    yield 'What was written in about the last 30 minutes may not be in the backup yet, and would be missing.';
  }
  const { state } = metadata;
  if (state !== undefined && state !== 'AVAILABLE') yield `The backup is ${shortened(state)}, not AVAILABLE.`;
}

/** The size of a backup counts the base backups of several days, so that it says little of what comes out of it. */
function* roomWarnings({ properties = {} }: Backup, { storageSize }: Target) {
  const { size } = properties;
  if (size !== undefined && storageSize !== undefined && size > storageSize) {
    yield `The backup has ${size} MB, base backups and log together; the cluster has ${storageSize} MB of storage. If its content does not fit, the restore fails.`;
  }
}

/** What a restore in place takes from a cluster for good, and whether there is a way back from it. */
export function* lossesOf({ backup, all, time }: Recoverable, cluster: { id: string; name: string }) {
  const { clusterId, isActive } = backup.properties ?? {};
  const kinds = 'data, databases, users and passwords';
  if (clusterId !== cluster.id) {
    yield `All ${kinds} of ${cluster.name} are replaced by those of the cluster ${known(clusterId)}.`;
  } else if (!isActive || time !== undefined) {
    yield `All that was written since ${sinceWhen(backup, all, time)} is lost: ${kinds}.`;
  }
  yield 'Nobody reaches its databases meanwhile, which takes minutes or more. The version of PostgreSQL stays.';
  const present = activeOf(cluster.id, all);
  yield present?.properties?.earliestRecoveryTargetTime === undefined
    ? `There is no way back: the cluster has no backup that could bring back what is in it now${present ? '; its present one has no base yet' : ''}.`
    : `The only way back is its present backup, ${shortened(present.id)}, which ends with this and is kept for 7 days.`;
}

/** The backup to which a cluster writes now. */
export function activeOf(clusterId: string, all: readonly Backup[]): Backup | undefined {
  return all.find(({ properties }) => properties?.clusterId === clusterId && properties.isActive);
}

function sinceWhen(backup: Backup, all: readonly Backup[], time: string | undefined): string {
  const end = backup.properties?.isActive ? time : endOf(backup, all);
  if (end === undefined) return `the end of the backup${time === undefined ? '' : `, and at least since ${time}`}`;
  const last = time !== undefined && Date.parse(time) < Date.parse(end) ? time : end;
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
  try {
    const all = await readAll(path`clusters/${clusterId}/backups`, context);
    const usable = all.filter(({ properties }) => properties?.earliestRecoveryTargetTime !== undefined);
    if (usable.length === 0) return 'No backup of it can be restored: what is in it is lost for good.';
    const each = usable.map(
      (one) => `${shortened(one.id)} (PostgreSQL ${known(one.properties?.version)}, ${reachOf(one, all)})`,
    );
    const gap = usable.some(({ properties }) => properties?.isActive)
      ? 'What was written in about the last 30 minutes may be missing.'
      : 'What was written since the last of them ended is lost for good.';
    return `These backups remain, for at most 7 days: ${each.join('; ')}. Until then fromBackup of create_cluster can bring that back in a new cluster. ${gap}`;
  } catch (error) {
    if (context.signal.aborted) throw error;
    return 'Which backups of it remain cannot be told now; IONOS keeps them for at most 7 days.';
  }
}
