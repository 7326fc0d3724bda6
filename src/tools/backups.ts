import * as z from 'zod';
import { path } from '../api/client.ts';
import { args } from './arguments.ts';
import { type Backup, backup, backupId, backupRow, toBackupRow } from './backup.ts';
import { brief } from './brief.ts';
import { basisOf, type Cluster, clusterId, nameOf, readCluster, readSettled, shortened, typedFor } from './cluster.ts';
import { recoveryTargetTime } from './cluster-properties.ts';
import { lostWrite } from './losses.ts';
import { paging, readRows } from './page.ts';
import { demandOn, matter, type Plan, typedConsent, written } from './plan.ts';
import { planRecovery, type Recovery, wordsOfRecovery } from './recovery.ts';
import { type Context, defineTool, reads, restores } from './tool.ts';

const backupRows = z.object({
  backups: z.array(brief(backupRow, 'As in get_backup', ['id'])),
  nextOffset: z.number().optional().describe('If there are more'),
});

async function readBackups(api: Context['api'], from: string, asked: { limit?: number; offset?: number }) {
  const { rows, nextOffset } = await readRows(api, from, { item: backup, toRow: toBackupRow, ...asked });
  return { backups: rows, nextOffset };
}

const listBackups = defineTool({
  name: 'list_backups',
  title: 'List PostgreSQL backups',
  description:
    'Lists the backups of all clusters, deleted ones included, with the time back to which each can be restored. IONOS makes them by itself and keeps them for 7 days. Their IDs go into restore_cluster, or fromBackup of create_cluster.',
  ...reads,
  input: args({ ...paging }),
  output: backupRows,
  run: (asked, { api }) => readBackups(api, 'clusters/backups', asked),
});

export const listClusterBackups = defineTool({
  name: 'list_cluster_backups',
  title: 'List backups of a cluster',
  description: 'Lists the backups of one cluster: one is active, the others are from before an upgrade or a restore.',
  ...reads,
  input: args({ clusterId, ...paging }),
  output: backupRows,
  run: ({ clusterId, ...asked }, { api }) => readBackups(api, path`clusters/${clusterId}/backups`, asked),
});

const getBackup = defineTool({
  name: 'get_backup',
  title: 'Get PostgreSQL backup',
  description: 'Reads one backup. It can restore any moment from earliestRecoveryTargetTime on.',
  ...reads,
  input: args({ backupId }),
  output: backupRow,
  run: async ({ backupId }, context) =>
    toBackupRow(await context.api.get(path`clusters/backups/${backupId}`, { response: backup })),
});

const restored = written({});

/** What is lost with a restore, in words that a person can judge. */
function* lossesOf({ id, properties = {} }: Backup, time: string | undefined, cluster: Cluster): Generator<string> {
  const { displayName } = cluster.properties ?? {};
  const name = shortened(displayName ?? cluster.id);
  if (properties.clusterId !== cluster.id) {
    yield `All databases, users and data of ${name} are replaced by those of the cluster ${shortened(properties.clusterId)}.`;
  } else if (time !== undefined) {
    yield `All that was written since ${time}, in the last ${timeSince(time, Date.now())}, is lost: data, databases, users and passwords.`;
  } else if (properties.isActive) {
    yield 'What was written in about the last 30 minutes can be lost, since it may not be in the backup yet.';
  } else {
    yield `All that was written since ${shortened(id)} ended is lost: data, databases, users and passwords.`;
  }
  yield 'Nobody reaches its databases meanwhile, which takes minutes or more. The version of PostgreSQL stays. A new backup begins; the present one is kept for 7 days, and is the only way back.';
}

const MINUTE_MS = 60_000;

function timeSince(time: string, now: number): string {
  const minutes = Math.ceil((now - Date.parse(time)) / MINUTE_MS);
  if (minutes <= 1) return 'minute';
  if (minutes < 120) return `${minutes} minutes`;
  return minutes < 2_880 ? `${Math.round(minutes / 60)} hours` : `${Math.round(minutes / 1_440)} days`;
}

async function planRestore(clusterId: string, recovery: Recovery, context: Context): Promise<Plan> {
  const cluster = await readSettled(clusterId, context);
  const planned = await planRecovery(recovery, cluster.properties ?? {}, context);
  const { recoveryTargetTime: time } = recovery;
  return {
    summary: `Restore the PostgreSQL cluster ${nameOf(cluster)} in place: what is in it now is replaced.`,
    effects: [...lossesOf(planned.backup, time, cluster), ...wordsOfRecovery(planned, time)],
    destructive: true,
    typed: typedFor(cluster),
    basis: basisOf(cluster),
    demand: demandOn(cluster, 'erase'),
  };
}

const restoreCluster = defineTool({
  name: 'restore_cluster',
  title: 'Restore PostgreSQL cluster in place',
  description:
    'Puts the content of a backup in the place of what a cluster holds now; what was written since is lost. To keep it, fill a new cluster with fromBackup of create_cluster instead. See list_cluster_backups first; afterwards call wait_for_cluster.',
  ...restores,
  input: args({
    clusterId,
    backupId,
    recoveryTargetTime: recoveryTargetTime.optional().describe('Replay up to this ISO 8601 time; default all'),
    ...typedConsent,
  }),
  output: restored,
  plan: ({ clusterId, ...recovery }, context) => planRestore(clusterId, matter(recovery), context),
  async run(args, context) {
    const { clusterId, ...recovery } = matter(args);
    try {
      await context.api.post(path`clusters/${clusterId}/restore`, { body: recovery, response: z.unknown() });
    } catch (error) {
      throw await lostWrite(error, { look: () => lookAt(clusterId, context) }, context);
    }
    return { outcome: 'done' as const, note: 'Being restored: call wait_for_cluster until it is AVAILABLE.' };
  },
});

async function lookAt(clusterId: string, context: Context): Promise<string> {
  const { metadata } = await readCluster(clusterId, context);
  const state = shortened(metadata?.state);
  return state === 'BUSY'
    ? 'A look at the API found the cluster BUSY: most likely it is being restored. Do not restore it again, but go on with wait_for_cluster.'
    : `A look at the API found the cluster ${state}. The restore may have begun all the same: look with get_cluster, and with list_cluster_backups, where it shows as a new backup, before you restore again.`;
}

export const backupTools = [listBackups, listClusterBackups, getBackup, restoreCluster];
