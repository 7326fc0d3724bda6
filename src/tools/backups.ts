import * as z from 'zod';
import { path } from '../api/client.ts';
import { lostWrite } from './lost-writes.ts';
import { paging, readRows } from './paging.ts';
import { typedConfirmationArguments, withoutControls, written } from './plans/plan.ts';
import { planRestore } from './plans/restores.ts';
import { abridged } from './schemas/abridged.ts';
import { args } from './schemas/arguments.ts';
import { backup, backupId, backupRow, toBackupRow } from './schemas/backup.ts';
import { cluster, clusterId, readCluster, shortened } from './schemas/cluster.ts';
import { recoveryTargetTime } from './schemas/cluster-properties.ts';
import { type Context, defineTool, reads, restores } from './tool.ts';
import { seeThrough, wait } from './waiting.ts';

const backupRows = z.object({
  backups: z.array(abridged(backupRow, { description: 'As in get_backup', listedKeys: ['id'] })),
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
  description:
    'Reads one backup. It can bring back any moment from earliestRecoveryTargetTime on, up to now while it is active, else up to its end.',
  ...reads,
  input: args({ backupId }),
  output: backupRow,
  run: async ({ backupId }, context) =>
    toBackupRow(await context.api.get(path`clusters/backups/${backupId}`, { response: backup })),
});

const restored = written({ cluster: abridged(cluster, { description: 'As in get_cluster' }).optional() });

const restoreCluster = defineTool({
  name: 'restore_cluster',
  title: 'Restore PostgreSQL cluster in place',
  description:
    'Replaces what a cluster holds now by the content of a backup, up to recoveryTargetTime; what was written since is lost, and about the last 30 minutes may not be in the backup yet. To keep it, fill a new cluster with fromBackup of create_cluster instead. See list_cluster_backups first; afterwards call wait_for_cluster.',
  ...restores,
  input: args({
    clusterId,
    backupId,
    recoveryTargetTime,
    ...typedConfirmationArguments,
  }),
  output: restored,
  plan: ({ clusterId, ...recovery }, context) => planRestore(clusterId, withoutControls(recovery), context),
  async run(args, context) {
    const { clusterId, ...recovery } = withoutControls(args);
    try {
      await context.api.post(path`clusters/${clusterId}/restore`, { body: recovery, response: z.unknown() });
    } catch (error) {
      throw await lostWrite(error, { look: () => lookAt(clusterId, context) }, context);
    }
    return { outcome: 'started' as const };
  },
  follow: ({ clusterId, wait }, answer, context) =>
    seeThrough(
      {
        ...{ clusterId, until: 'AVAILABLE', wait },
        advice: 'Being restored: call wait_for_cluster until it is AVAILABLE.',
      },
      answer,
      context,
    ),
});

async function lookAt(clusterId: string, context: Context): Promise<string> {
  const { metadata } = await readCluster(clusterId, context);
  const state = shortened(metadata?.state);
  return state === 'BUSY'
    ? 'A look at the API found the cluster BUSY: most likely it is being restored. Do not restore it again, but go on with wait_for_cluster.'
    : `A look at the API found the cluster ${state}. The restore may have begun all the same: look with get_cluster, and with list_cluster_backups, where it shows as a new backup, before you restore again.`;
}

export const backupTools = [listBackups, listClusterBackups, getBackup, restoreCluster];
