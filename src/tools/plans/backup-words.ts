import { labelOf, shortened } from '../schemas/cluster.ts';
import type { Lost, Reach, RemainingBackup, Replay, RestoreFacts, WayBack } from './facts.ts';
import type { PlanWords } from './plan.ts';

/** Things that are named; the rest is counted. */
const MOST_NAMED = 10;

/** The first few, and how many more there are. */
export function listWords(all: readonly string[], between = ', '): string {
  const more = all.length - MOST_NAMED;
  return `${all.slice(0, MOST_NAMED).join(between)}${more > 0 ? `${between}and ${more} more` : ''}`;
}

const orUnknown = (text: string | undefined, otherwise = 'unknown') => shortened(text) || otherwise;

export function restoreWords({ cluster, at, lost, wayBack, replay }: RestoreFacts): PlanWords {
  const name = shortened(cluster.displayName ?? cluster.id);
  return {
    summary: `Restore the PostgreSQL cluster ${labelOf(cluster)} in place: what is in it now is replaced.`,
    effects: [
      ...lostWords(lost, name, at),
      'The databases are unreachable during the restore (minutes or longer). The version of PostgreSQL stays.',
      restoreWayBackWords(wayBack),
      ...replayWords(replay),
    ],
  };
}

function lostWords(lost: Lost, name: string, at: string): string[] {
  const kinds = 'data, databases, users and passwords';
  if (lost.what === 'newest') return [];
  if (lost.what === 'all') {
    return [`All ${kinds} of ${name} are replaced by those of the cluster ${orUnknown(lost.replacedBy)}.`];
  }
  const { since, atLeastSince } = lost;
  const floor = atLeastSince === undefined ? '' : `, and at least since ${atLeastSince}`;
  const moment = since === undefined ? `the end of the backup${floor}` : `${shortened(since)}${agoWords(since, at)}`;
  return [`All that was written since ${moment} is lost: ${kinds}.`];
}

const MINUTE_MS = 60_000;

function agoWords(time: string, at: string): string {
  const minutes = Math.round((Date.parse(at) - Date.parse(time)) / MINUTE_MS);
  if (!(minutes > 1)) return ', a moment ago';
  if (minutes < 120) return `, ${minutes} minutes ago`;
  return minutes < 2_880 ? `, ${Math.round(minutes / 60)} hours ago` : `, ${Math.round(minutes / 1_440)} days ago`;
}

/** What a backup is, and up to when it is replayed. */
export function replayWords({ backup, reach, time, isLate, missesNewest, tightRoom }: Replay): string[] {
  const { id, clusterId, postgresVersion, state } = backup;
  const upTo = time === undefined || isLate ? 'as far as it reaches' : `up to, but not including, ${time}`;
  const sentences: (string | false | undefined)[] = [
    `Backup ${shortened(id)} of cluster ${orUnknown(clusterId)}, PostgreSQL ${orUnknown(postgresVersion)}, reaches ${reachWords(reach)}; it is replayed ${upTo}.`,
    isLate && `${time} lies after its end: nothing comes back that was written after ${shortened(reach.end)}.`,
    isLate === undefined &&
      `Whether ${time} lies before its end cannot be told: nothing comes back that was written after its end.`,
    missesNewest && 'What was written in about the last 30 minutes may not be in the backup yet, and would be missing.',
    state !== undefined && state !== 'AVAILABLE' && `The backup is ${shortened(state)}, not AVAILABLE.`,
    tightRoom &&
      `The backup has ${tightRoom.backupSize} MB, base backups and log together; the cluster has ${tightRoom.storageSize} MB of storage. If its content does not fit, the restore fails.`,
  ];
  return sentences.filter((sentence) => typeof sentence === 'string');
}

function reachWords({ from, end, goesOn }: Reach): string {
  const begin = `from ${orUnknown(from, 'an unknown moment')}`;
  if (goesOn) return `${begin} until now`;
  if (goesOn === undefined) return `${begin} on; whether it goes on, the API does not tell`;
  return `${begin} to ${orUnknown(end, 'its end, which the API does not tell')}`;
}

function restoreWayBackWords(wayBack: WayBack): string {
  if (wayBack.by === 'unknown') return 'Whether there is a way back cannot be told now: its backups cannot be read.';
  if (wayBack.by === 'backup') {
    const [present] = wayBack.backups;
    return `The only way back is its present backup, ${shortened(present?.id)}, which ends with this and is kept ${untilWords(present)}; what was written in about the last 30 minutes may be missing there too.`;
  }
  if (wayBack.baseless === undefined) return 'There is no way back: the cluster has no backup of what is in it now.';
  return `There is no way back: its present backup, ${shortened(wayBack.baseless)}, has no base yet, so that nothing can be brought back that was written since it began.`;
}

/** IONOS keeps what is in a backup for 7 days. */
const untilWords = (backup: RemainingBackup | undefined) =>
  backup?.until === undefined ? 'for at most 7 days' : `until ${shortened(backup.until)}`;

/** For a person who deletes a cluster: what can still be brought back of it, and for how long. */
export function deletionWayBackWords(wayBack: WayBack): string {
  if (wayBack.by === 'unknown') {
    return 'Which backups of it remain cannot be told now; IONOS keeps them for at most 7 days.';
  }
  if (wayBack.by === 'none')
    return 'No backup of it can be restored: this cannot be undone, and what is in it is lost for good.';
  const { backups } = wayBack;
  const each = backups.map(
    (backup) =>
      `${shortened(backup.id)} (PostgreSQL ${orUnknown(backup.postgresVersion)}, ${reachWords(backup.reach)}, kept ${untilWords(backup)})`,
  );
  return `Its data is lost but for these backups: ${listWords(each, '; ')}. Until then fromBackup of create_cluster can bring that back in a new cluster. ${gapWords(backups)}`;
}

function gapWords(backups: readonly RemainingBackup[]): string {
  if (backups.some(({ reach }) => reach.goesOn)) return 'What was written in about the last 30 minutes may be missing.';
  if (backups.some(({ reach }) => reach.goesOn === undefined))
    return 'What was written last may be missing: the API does not tell whether one of them goes on.';
  return 'What was written since the last of them ended is lost for good.';
}

/** For a person who deletes a database of a cluster that stays. */
export function lostDatabaseWords(wayBack: WayBack, hasEarlier: boolean | undefined): string {
  if (wayBack.by === 'unknown') return 'Whether a backup could bring it back cannot be told now.';
  if (wayBack.by === 'none') {
    return hasEarlier
      ? 'No backup can bring back what was written to it since its present backup began, or the last one ended: that is lost for good. What was in it before may be in an earlier backup of the whole cluster; list_cluster_backups shows them.'
      : 'No backup can bring it back: this cannot be undone, and what is in it is lost for good.';
  }
  const [present] = wayBack.backups;
  return `Only a backup of the whole cluster brings it back, kept ${untilWords(present)} and reaching back to ${shortened(present?.reach.from)}: in a new cluster with fromBackup of create_cluster, or in place with restore_cluster. What was written in about the last 30 minutes may be missing.`;
}
