import * as z from 'zod';
import { path } from '../api/client.ts';
import { absentWords } from './generations.ts';
import { lostWrite } from './lost-writes.ts';
import { paging, rowsOf } from './paging.ts';
import { typedConfirmationArguments, withoutControls, written } from './plans/plan.ts';
import { backupsOf } from './plans/recovery.ts';
import { planRestore } from './plans/restores.ts';
import { abridged } from './schemas/abridged.ts';
import { args } from './schemas/arguments.ts';
import { type Backup, backup, backupId, backupRow, toBackupRow } from './schemas/backup.ts';
import { cluster, clusterId, readCluster, shortened } from './schemas/cluster.ts';
import { recoveryTargetTime } from './schemas/cluster-properties.ts';
import { aboutId } from './schemas/identity.ts';
import { type Context, defineTool, reads, restores } from './tool.ts';
import { seeThrough, wait } from './waiting.ts';

const LOOK_MS = 4_000;
const MOST_LISTED = 1_000;

/** The server's time, since a model has no clock to count with. */
const now = z.string();
const iso = () => new Date().toISOString();

const backupRows = z.object({
  backups: z.array(
    abridged(backupRow, {
      description: 'As in get_backup; size in MB, createdDate its begin, not its last base backup',
      listedKeys: ['id'],
    }),
  ),
  nextOffset: z.number().optional().describe('If there are more'),
  now,
  note: z.string().optional(),
});

interface AskedBackups {
  clusterId?: string;
  limit?: number;
  offset?: number;
}

async function readBackups({ clusterId, limit = 100, offset = 0 }: AskedBackups, context: Context) {
  const found = await context.clusters.rows({ of: 'backups', clusterId }, backup, { limit, offset });
  const { rows, nextOffset } = rowsOf(found, offset, (each: Backup) => each);
  const note = absentWords({ ...found, hasMore: nextOffset !== undefined });
  const isWhole = nextOffset === undefined && offset === 0;
  const siblings = isWhole ? rows : rows.every(isGoingOn) ? [] : await orNone(context, readWhole(clusterId, context));
  const backups = rows.map((each) => toBackupRow(each, siblings));
  return { backups, nextOffset: found.isPageable ? nextOffset : undefined, now: iso(), note };
}

const isGoingOn = ({ properties }: Backup) => properties?.isActive === true;

/** The rest of a page, in which a backup may have its end. */
async function readWhole(clusterId: string | undefined, { clusters }: Context): Promise<Backup[]> {
  const { items } = await clusters.rows({ of: 'backups', clusterId }, backup, { limit: MOST_LISTED, once: true });
  return items;
}

/** An end that cannot be told in time is left out. */
function orNone<T>({ orUndefinedAfter, signal }: Context, work: Promise<T>): Promise<T | undefined> {
  return orUndefinedAfter(LOOK_MS, work).catch((error: unknown) => {
    if (signal.aborted) throw error;
    return undefined;
  });
}

const listBackups = defineTool({
  name: 'list_backups',
  title: 'List PostgreSQL backups',
  description:
    'Lists the backups of all clusters, deleted ones included, with the time back to which each can be restored. IONOS makes them by itself and keeps them for 7 days, those on API v2 for backupRetentionDays of the cluster. Their IDs go into restore_cluster, or fromBackup of create_cluster.',
  ...reads,
  input: args({ ...paging }),
  output: backupRows,
  run: readBackups,
});

export const listClusterBackups = defineTool({
  name: 'list_cluster_backups',
  title: 'List backups of a cluster',
  description: 'Lists the backups of one cluster: one is active, the others are from before an upgrade or a restore.',
  ...reads,
  input: args({ clusterId, ...paging }),
  output: backupRows,
  run: readBackups,
});

const getBackup = defineTool({
  name: 'get_backup',
  title: 'Get PostgreSQL backup',
  description:
    'Reads one backup. It can bring back any moment from earliestRecoveryTargetTime on, up to now while it is active, else up to its end.',
  ...reads,
  input: args({ backupId }),
  output: backupRow.extend({ now }),
  async run({ backupId }, context) {
    const found = aboutId(await context.clusters.backup(backupId, backup), backupId);
    const { clusterId } = found.properties ?? {};
    const siblings = isGoingOn(found) ? [] : await orNone(context, backupsOf(clusterId, context));
    return { ...toBackupRow(found, siblings), now: iso() };
  },
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
    wait: wait.optional().describe('Seconds to wait for AVAILABLE; default 0'),
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
