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

/**
 * The backup, and what has to be said of the recovery. Throws InputError for all that cannot work; `at` names the
 * argument that holds the recovery, if one does.
 */
export async function planRecovery(
  { backupId, recoveryTargetTime }: Recovery,
  target: Target,
  context: Context,
  at = '',
) {
  const place = (name: string) => (at === '' ? name : `${at}.${name}`);
  const found = await readBackup(backupId, place('backupId'), context);
  const problems = [
    ...[...fitProblems(found, target)].map((problem) => `${place('backupId')} (${backupId}): ${problem}`),
    ...[...timeProblems(found, recoveryTargetTime)].map((problem) => `${place('recoveryTargetTime')}: ${problem}`),
  ];
  if (problems.length > 0) throw new InputError(problems);
  return { backup: found, warnings: [...roomWarnings(found, target)] };
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

/** The size of a backup counts the base backups of several days, so that it says little of what comes out of it. */
function* roomWarnings({ properties = {} }: Backup, { storageSize }: Target) {
  const { size } = properties;
  if (size !== undefined && storageSize !== undefined && size > storageSize) {
    yield `The backup has ${size} MB, base backups and log together; the cluster has ${storageSize} MB of storage. If its content does not fit, the restore fails.`;
  }
}

type Planned = Awaited<ReturnType<typeof planRecovery>>;

/** For a person: the backup, up to when it is replayed, and what may go wrong with it. */
export function wordsOfRecovery({ backup, warnings }: Planned, time: string | undefined): string[] {
  return [wordsFor(backup, time), ...warnings];
}

function wordsFor({ id, properties = {} }: Backup, time: string | undefined): string {
  const { clusterId, version, earliestRecoveryTargetTime: earliest } = properties;
  const upTo = time === undefined ? 'up to its end' : `up to ${time}, without that moment`;
  return `Backup ${shortened(id)} of cluster ${shortened(clusterId)}, PostgreSQL ${shortened(version)}, reaches back to ${shortened(earliest)}; it is replayed ${upTo}.`;
}

/** For a person who deletes a cluster: what can still be brought back of it, and for how long. */
export async function wordsForRemaining(clusterId: string, { api, signal }: Context): Promise<string> {
  try {
    const page = await api.get(path`clusters/${clusterId}/backups`, {
      query: { limit: 1_000 },
      response: pageOf(backup),
    });
    const { items = [] } = page;
    const usable = items.filter(({ properties }) => properties?.earliestRecoveryTargetTime !== undefined);
    if (usable.length === 0) return 'No backup of it can be restored: what is in it is lost for good.';
    const each = usable.map(
      ({ id, properties = {} }) =>
        `${shortened(id)} (PostgreSQL ${shortened(properties.version)}, back to ${shortened(properties.earliestRecoveryTargetTime)})`,
    );
    return `These backups remain, for at most 7 days: ${each.join('; ')}. Until then fromBackup of create_cluster can bring its content back in a new cluster.`;
  } catch (error) {
    if (signal.aborted) throw error;
    return 'Which backups of it remain cannot be told now; IONOS keeps them for at most 7 days.';
  }
}
