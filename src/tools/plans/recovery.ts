import type { BackupSource, Recovery } from '../../api/generations/writing/wish.ts';
import { ApiError, InputError } from '../../errors.ts';
import { isSameId } from '../../text/ids.ts';
import { shortened } from '../../text/labels.ts';
import { type Backup, backup, endOf, readBackup } from '../schemas/backup.ts';
import type { Cluster } from '../schemas/cluster.ts';
import type { Context } from '../tool.ts';
import type { Reach, RemainingBackup, Replay, WayBack } from './facts.ts';

export interface RestoreTarget {
  postgresVersion?: string;
  ram?: number;
  storageSize?: number;
}

/** MB per instance that a recovery needs, according to IONOS's manual. */
const LEAST_RAM = 4096;
/** Until the write-ahead log reaches the backup, if the cluster writes little. */
const SHIPPED_MS = 1_800_000;
/** On v1. */
const KEPT_MS = 7 * 86_400_000;

export interface Recoverable {
  /** Undefined if unknown. */
  siblings?: readonly Backup[];
  replay: Replay;
}

interface RecoveryTarget {
  target: RestoreTarget;
  /** Why the API with the target does not take this backup. */
  refusalOf(source: BackupSource): string | undefined;
  /** The argument that contains the recovery. */
  at?: string;
  /** What is read already. */
  known?: KnownBackup;
}

export interface KnownBackup {
  backup: Backup;
  siblings?: readonly Backup[];
}

export async function planRecovery(
  { backupId, recoveryTargetTime: time }: Recovery,
  { target, refusalOf, at = '', known }: RecoveryTarget,
  context: Context,
): Promise<Recoverable> {
  const place = (name: string) => (at === '' ? name : `${at}.${name}`);
  const found = known?.backup ?? (await readBackup(backupId, place('backupId'), context));
  const { clusterId, isActive } = found.properties ?? {};
  const refusal = refusalOf({ api: found.api, clusterId, isActive });
  if (refusal !== undefined) throw new InputError([`${place('backupId')} (${backupId}): ${refusal}`]);
  const problems = [
    ...[...fitProblems(found, target)].map((problem) => `${place('backupId')} (${backupId}): ${problem}`),
    ...[...timeProblems(found, time)].map((problem) => `${place('recoveryTargetTime')}: ${problem}`),
  ];
  if (problems.length > 0) throw new InputError(problems);
  const siblings = known?.siblings ?? (await backupsOf(clusterId, context));
  return { siblings, replay: replayOf(found, { time, reach: reachOf(found, siblings), target }) };
}

/** Undefined where its present name is the only one. */
export async function formerNamesOf({ id, properties }: Cluster, { recentWrites }: Context) {
  const former = await recentWrites.formerNames(id);
  const others = former.filter(({ name }) => name !== properties?.displayName);
  return others.length > 0 ? others : undefined;
}

/** Works for a deleted cluster too; failing to read them is no reason to stop. */
export async function backupsOf(clusterId: string | undefined, context: Context): Promise<Backup[] | undefined> {
  if (clusterId === undefined) return undefined;
  try {
    return await context.clusters.every({ of: 'backups', clusterId }, backup);
  } catch (error) {
    if (context.signal.aborted) throw error;
    if (!(error instanceof ApiError && error.status === 404)) return undefined;
  }
  try {
    const { items: all } = await context.clusters.everySeen({ of: 'backups' }, backup);
    return all.filter(({ properties }) => isSameId(properties?.clusterId, clusterId));
  } catch (error) {
    if (context.signal.aborted) throw error;
    return undefined;
  }
}

function* fitProblems({ properties = {} }: Backup, { postgresVersion, ram }: RestoreTarget) {
  const { version, earliestRecoveryTargetTime } = properties;
  if (Number(version) > Number(postgresVersion)) {
    yield `is from PostgreSQL ${version}, and the cluster has ${postgresVersion}; it needs the same or a newer version`;
  }
  if (ram !== undefined && ram < LEAST_RAM) {
    yield `needs a cluster with at least ${LEAST_RAM} MB of ram, and this one has ${ram}`;
  }
  if (earliestRecoveryTargetTime === undefined) {
    yield 'has no earliestRecoveryTargetTime: its first base backup is not complete. Check again in a minute with get_backup';
  }
}

function* timeProblems({ properties = {} }: Backup, time: string | undefined) {
  const { earliestRecoveryTargetTime: earliest } = properties;
  if (time === undefined || earliest === undefined) return;
  if (isBefore(time, earliest) || Date.parse(time) > Date.now()) {
    yield `${time} must be between ${shortened(earliest)} and now, ${new Date().toISOString()}`;
  }
}

export const isBefore = (one: string, other: string) => Date.parse(one) < Date.parse(other);

function reachOf(one: Backup, siblings?: readonly Backup[]): Reach {
  const { earliestRecoveryTargetTime: from, isActive: goesOn } = one.properties ?? {};
  return goesOn ? { from, goesOn } : { from, end: endOf(one, siblings), goesOn };
}

interface ReplayContext {
  time?: string;
  reach: Reach;
  target: RestoreTarget;
}

function replayOf({ id, metadata, properties = {} }: Backup, { time, reach, target }: ReplayContext): Replay {
  const { clusterId, version: postgresVersion, size } = properties;
  const { storageSize, postgresVersion: version } = target;
  const isFresh = time === undefined || Date.parse(time) > Date.now() - SHIPPED_MS;
  return {
    backup: { id, clusterId, postgresVersion, state: metadata?.state },
    reach,
    time,
    isLate: isAfterEnd(time, reach),
    newVersion: Number(version) > Number(postgresVersion) ? version : undefined,
    missesNewest: reach.goesOn === true && isFresh,
    // The size counts several days of base backups, so it says little about the content.
    tightRoom:
      size !== undefined && storageSize !== undefined && size > storageSize
        ? { backupSize: size, storageSize }
        : undefined,
  };
}

function isAfterEnd(time: string | undefined, { end, goesOn }: Reach): boolean | undefined {
  if (time === undefined || goesOn) return false;
  return end === undefined ? undefined : isBefore(end, time);
}

export function activeIn(backups: readonly Backup[] = []): Backup | undefined {
  return backups.find(({ properties }) => properties?.isActive);
}

export function wayBackBy(backups: readonly Backup[] | undefined, which: 'present' | 'all'): WayBack {
  if (backups === undefined) return { by: 'unknown' };
  const present = activeIn(backups);
  const usable = backups.filter(({ properties }) => properties?.earliestRecoveryTargetTime !== undefined);
  const chosen = which === 'all' ? usable : usable.filter((one) => one === present);
  if (chosen.length === 0) return { by: 'none', baseless: present?.id };
  return { by: 'backup', backups: chosen.map((one) => remaining(one, backups)) };
}

/**
 * What of the backups a consent rests on, as they are the way back: not the times, which move on by themselves, nor
 * whether a first base backup is complete, which only makes it better.
 */
export const basisOfBackups = (backups: readonly Backup[] | undefined) =>
  backups?.map(({ id, properties }) => [id, properties?.isActive === true]).sort() ?? 'unknown';

/** The same of the backup that replaces the content: whether it goes on, and whether it ends before the time. */
export const basisOfReplay = ({ backup, reach, isLate }: Replay) => [backup.id, reach.goesOn === true, isLate];

function remaining(one: Backup, all: readonly Backup[]): RemainingBackup {
  const reach = reachOf(one, all);
  // An active backup ends with the planned write, or keeps losing its oldest data.
  const end = reach.goesOn ? Date.now() : Date.parse(reach.end ?? '');
  const until = one.api || Number.isNaN(end) ? undefined : new Date(end + KEPT_MS).toISOString();
  return { ...(one.api && { api: one.api }), id: one.id, postgresVersion: one.properties?.version, reach, until };
}
