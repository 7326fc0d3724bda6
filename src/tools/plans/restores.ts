import type { BackupSource, Recovery } from '../../api/generations/writing/wish.ts';
import { isSameId } from '../../text/ids.ts';
import { readSettled } from '../finding/cluster-reads.ts';
import { basisOf, typedFor } from '../schemas/cluster.ts';
import type { Context } from '../tool.ts';
import { restoreWords } from './backup-words.ts';
import { type Lost, namedCluster, type Replay, type RestoreFacts } from './facts.ts';
import { demandOn, type Plan } from './plan.ts';
import {
  activeIn,
  backupsOf,
  basisOfBackups,
  basisOfReplay,
  formerNamesOf,
  isBefore,
  planRecovery,
  wayBackBy,
} from './recovery.ts';

export async function planRestore(clusterId: string, recovery: Recovery, context: Context): Promise<Plan> {
  const cluster = await readSettled(clusterId, context);
  const { id, properties = {} } = cluster;
  const changing = await context.clusters.changing(clusterId);
  const refusalOf = (source: BackupSource) => changing.refusalOf(source, id);
  const { replay, siblings } = await planRecovery(recovery, { target: properties, refusalOf }, context);
  const { clusterId: sourceId } = replay.backup;
  const isOwn = isSameId(sourceId, id);
  const backups = isOwn ? siblings : await backupsOf(id, context);
  const facts: RestoreFacts = {
    kind: 'restore',
    at: new Date().toISOString(),
    cluster: namedCluster(cluster),
    formerNames: await formerNamesOf(cluster, context),
    lost: lostBy(replay, id),
    interruption: 'unreachable',
    wayBack: wayBackBy(backups, 'present'),
    replay,
    owner: changing.endangersUser ? 'password left out' : undefined,
  };
  return {
    facts,
    ...restoreWords(facts),
    destructive: true,
    typed: typedFor(cluster),
    // A restore starts another backup and changes nothing else that the API shows.
    basis: [basisOf(cluster), activeIn(backups)?.id, basisOfBackups(backups), basisOfReplay(replay)],
    demand: { ...demandOn(cluster, 'erase'), source: isOwn ? undefined : { id: sourceId } },
  };
}

function lostBy({ backup, reach: { end, goesOn }, time }: Replay, clusterId: string): Lost {
  if (!isSameId(backup.clusterId, clusterId)) return { what: 'all', replacedBy: backup.clusterId };
  if (goesOn && time === undefined) return { what: 'newest' };
  if (goesOn) return { what: 'written-since', since: time };
  if (end === undefined) return { what: 'written-since', atLeastSince: time };
  return { what: 'written-since', since: time !== undefined && isBefore(time, end) ? time : end };
}
