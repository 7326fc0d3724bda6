import { labelOf, shortened } from '../../text/labels.ts';
import type {
  FormerName,
  Lost,
  OwnerInChange,
  Reach,
  RemainingBackup,
  Replay,
  RestoreFacts,
  WayBack,
} from './facts.ts';
import type { PlanWords } from './plan.ts';

const MOST_NAMED = 10;

export function listWords(all: readonly string[], between = ', '): string {
  const more = all.length - MOST_NAMED;
  return `${all.slice(0, MOST_NAMED).join(between)}${more > 0 ? `${between}and ${more} more` : ''}`;
}

const orUnknown = (text: string | undefined, otherwise = 'unknown') => shortened(text) || otherwise;

/** Whoever agrees may know the cluster by another name than it has had since a moment ago. */
export const formerWords = (former: readonly FormerName[] = []) =>
  former.map(({ name, until }) => `Until ${until} this cluster was named ${shortened(name)}; this server renamed it.`);

export function restoreWords({ cluster, formerNames, at, lost, wayBack, replay, owner }: RestoreFacts): PlanWords {
  const name = shortened(cluster.displayName ?? cluster.id);
  return {
    summary: `Restore the PostgreSQL cluster ${labelOf(cluster)} in place: its present content is replaced.`,
    effects: [
      ...formerWords(formerNames),
      ...lostWords(lost, name, at),
      'The databases are unreachable during the restore (minutes or longer). The PostgreSQL version stays the same.',
      restoreWayBackWords(wayBack),
      ...replayWords(replay),
      ...(owner ? ownerWords(owner) : []),
    ],
  };
}

const USER_AT_RISK =
  "On API v2 a change sends the whole cluster again. IONOS's own programs send the password of its first user each time; nobody has tried what happens to that user if it is left out, as it is here.";
const OVERWRITES = 'A change that somebody else makes in the second before this one would be overwritten.';

export function ownerWords(owner: OwnerInChange): string[] {
  if (owner === 'password set') {
    return ['The password of its first user is set: programs that use the old one can no longer log in.', OVERWRITES];
  }
  return [USER_AT_RISK, OVERWRITES];
}

function lostWords(lost: Lost, name: string, at: string): string[] {
  const kinds = 'data, databases, users and passwords';
  if (lost.what === 'newest') return [];
  if (lost.what === 'all') {
    return [`All ${kinds} of ${name} are replaced by those of the cluster ${orUnknown(lost.replacedBy)}.`];
  }
  const { since, atLeastSince } = lost;
  const floor = atLeastSince === undefined ? '' : ` (at least since ${atLeastSince})`;
  const moment = since === undefined ? `the end of the backup${floor}` : `${shortened(since)}${agoWords(since, at)}`;
  return [`Everything written since ${moment} is lost: ${kinds}.`];
}

const MINUTE_MS = 60_000;

function agoWords(time: string, at: string): string {
  const minutes = Math.round((Date.parse(at) - Date.parse(time)) / MINUTE_MS);
  if (!(minutes > 1)) return ' (a moment ago)';
  if (minutes < 120) return ` (${minutes} minutes ago)`;
  if (minutes >= 2_880) return ` (${Math.round(minutes / 1_440)} days ago)`;
  const rest = minutes % 60;
  return ` (${(minutes - rest) / 60} h${rest === 0 ? '' : ` ${rest} min`} ago)`;
}

export function replayWords({ backup, reach, time, isLate, newVersion, missesNewest, tightRoom }: Replay): string[] {
  const { id, clusterId, postgresVersion, state } = backup;
  const upTo = time === undefined || isLate ? 'as far as it reaches' : `up to, but not including, ${time}`;
  const sentences: (string | false | undefined)[] = [
    `Backup ${shortened(id)} of cluster ${orUnknown(clusterId)}, PostgreSQL ${orUnknown(postgresVersion)}, reaches ${reachWords(reach)}; it is replayed ${upTo}.`,
    time === undefined &&
      reach.goesOn &&
      'Without recoveryTargetTime all of it is replayed, also what is to be undone.',
    newVersion !== undefined &&
      `The content becomes one of PostgreSQL ${shortened(newVersion)}: a major upgrade, which cannot be undone and applications have to be ready for.`,
    isLate && `${time} is after its end: nothing written after ${shortened(reach.end)} comes back.`,
    isLate === undefined &&
      `It is not known whether ${time} is before the end of this backup. What was written after that end does not come back.`,
    missesNewest && 'About the last 30 minutes may not be in the backup yet, and would be missing.',
    state !== undefined && state !== 'AVAILABLE' && `The backup is ${shortened(state)}, not AVAILABLE.`,
    tightRoom &&
      `The backup has ${tightRoom.backupSize} MB (base backups and log together); the cluster has ${tightRoom.storageSize} MB of storage. If the content of the backup does not fit, the restore fails.`,
  ];
  return sentences.filter((sentence) => typeof sentence === 'string');
}

function reachWords({ from, end, goesOn }: Reach): string {
  const begin = `from ${orUnknown(from, 'an unknown moment')}`;
  if (goesOn) return `${begin} until now`;
  if (goesOn === undefined) return `${begin} on; the API does not report whether it is still active`;
  return `${begin} to ${orUnknown(end, 'its end, which the API does not report')}`;
}

function restoreWayBackWords(wayBack: WayBack): string {
  if (wayBack.by === 'unknown') return 'It is not known whether there is a way back: its backups cannot be read.';
  if (wayBack.by === 'backup') {
    const [present] = wayBack.backups;
    return `The only way back is its present backup, ${shortened(present?.id)}, which ends with this restore and is kept ${untilWords(present)}; about the last 30 minutes may be missing there too.`;
  }
  if (wayBack.baseless === undefined) return 'There is no way back: the cluster has no backup of its present content.';
  return `There is no way back: its present backup, ${shortened(wayBack.baseless)}, has no base backup yet, so nothing written since it began can be brought back.`;
}

/** On v1 IONOS keeps backups for 7 days. */
function untilWords(backup: RemainingBackup | undefined): string {
  if (backup?.api)
    return 'for its backupRetentionDays, or less once the cluster is deleted: IONOS does not document it';
  return backup?.until === undefined ? 'for at most 7 days' : `until ${shortened(backup.until)}`;
}

export function deletionWayBackWords(wayBack: WayBack): string {
  if (wayBack.by === 'unknown') {
    return 'It is not known which of its backups remain, or for how long.';
  }
  if (wayBack.by === 'none')
    return 'No backup of it can be restored: this cannot be undone, and its data is lost for good.';
  const { backups } = wayBack;
  const each = backups.map(
    (backup) =>
      `${shortened(backup.id)} (PostgreSQL ${orUnknown(backup.postgresVersion)}, ${reachWords(backup.reach)}, kept ${untilWords(backup)})`,
  );
  return `Its data is lost except for these backups: ${listWords(each, '; ')}. Until then, fromBackup of create_cluster can bring it back in a new cluster. ${gapWords(backups)}`;
}

function gapWords(backups: readonly RemainingBackup[]): string {
  if (backups.some(({ reach }) => reach.goesOn)) return 'About the last 30 minutes may be missing.';
  if (backups.some(({ reach }) => reach.goesOn === undefined))
    return 'The newest data may be missing: the API does not report whether one of them is still active.';
  return 'Everything written since the last of them ended is lost for good.';
}

export function lostDatabaseWords(wayBack: WayBack, hasEarlier: boolean | undefined): string {
  if (wayBack.by === 'unknown') return 'It is not known whether a backup could bring it back.';
  if (wayBack.by === 'none') {
    return hasEarlier
      ? 'No backup can bring back what was written to it since the present backup began or the last one ended: that is lost for good. Earlier data may be in an earlier backup of the whole cluster; list_cluster_backups lists them.'
      : 'No backup can bring it back: this cannot be undone, and its data is lost for good.';
  }
  const [present] = wayBack.backups;
  return `Only a backup of the whole cluster brings it back, kept ${untilWords(present)} and reaching back to ${shortened(present?.reach.from)}: in a new cluster with fromBackup of create_cluster, or in place with restore_cluster. About the last 30 minutes may be missing.`;
}
