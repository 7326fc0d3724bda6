import * as z from 'zod';
import { shortened } from '../text/labels.ts';
import { sentences } from '../text/sentences.ts';
import { answer } from './clusters/cluster-answers.ts';
import { seeThrough, wait } from './clusters/waiting.ts';
import { defineRead, defineWrite } from './define-tool.ts';
import { readCluster } from './finding/cluster-reads.ts';
import { absentWords } from './finding/generations.ts';
import { onlyWords } from './finding/only-words.ts';
import { paging, pastEnd, rowsOf } from './paging.ts';
import { asPlanned } from './plans/last-look.ts';
import { typedConfirmationArguments, withoutControls } from './plans/plan.ts';
import { backupsOf } from './plans/recovery.ts';
import { planRestore } from './plans/restores.ts';
import { abridged } from './schemas/abridged.ts';
import { args } from './schemas/arguments.ts';
import { type Backup, backup, backupId, backupRow, toBackupRow } from './schemas/backup.ts';
import { clusterId } from './schemas/cluster.ts';
import { recoveryTargetTime } from './schemas/cluster-properties.ts';
import { aboutId } from './schemas/identity.ts';
import { type Context, reads, restores } from './tool.ts';
import { lostWrite } from './writing/lost-writes.ts';

const LOOK_MS = 4_000;
const MOST_LISTED = 1_000;

/** The server's time, because a model has no clock. */
const now = z.string();
const iso = () => new Date().toISOString();

const backupRows = z.object({
  backups: z.array(
    abridged(backupRow, {
      description: 'As in get_backup; size in MB',
      listedKeys: ['id'],
    }),
  ),
  nextOffset: z.number().optional(),
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
  const notes = [
    pastEnd('backups', rows, offset),
    found.isOfV2Alone && BEFORE_THE_MOVE,
    clusterId === undefined && onlyWords('backups of existing clusters', 'shown', context),
    absentWords(found, { offset, hasMore: nextOffset !== undefined }),
  ];
  const isWhole = nextOffset === undefined && offset === 0;
  const siblings = isWhole ? rows : rows.every(isGoingOn) ? [] : await orNone(context, readWhole(clusterId, context));
  const backups = rows.map((each) => toBackupRow(each, siblings));
  const note = sentences(...notes) || undefined;
  return { backups, nextOffset: found.isPageable ? nextOffset : undefined, now: iso(), note };
}

const BEFORE_THE_MOVE =
  'These are the backups on API v2. If the cluster moved there from v1 in the last 7 days, list_backups may show earlier ones.';

const isGoingOn = ({ properties }: Backup) => properties?.isActive === true;

async function readWhole(clusterId: string | undefined, { clusters }: Context): Promise<Backup[]> {
  const { items } = await clusters.rows({ of: 'backups', clusterId }, backup, { limit: MOST_LISTED, once: true });
  return items;
}

function orNone<T>({ orUndefinedAfter, signal }: Context, work: Promise<T>): Promise<T | undefined> {
  return orUndefinedAfter(LOOK_MS, work).catch((error: unknown) => {
    if (signal.aborted) throw error;
    return undefined;
  });
}

const listBackups = defineRead({
  name: 'list_backups',
  searchHint: 'all snapshots including deleted',
  title: 'List PostgreSQL backups',
  description:
    'Lists every backup (snapshot) across the account (contract), all those of deleted clusters included. IONOS takes them automatically and keeps them for 7 days, on API v2 for backupRetentionDays. Use list_cluster_backups for one existing cluster.',
  ...reads,
  spansProfiles: true,
  input: args({ ...paging }),
  output: backupRows,
  run: readBackups,
});

export const listClusterBackups = defineRead({
  name: 'list_cluster_backups',
  searchHint: 'snapshots how far back',
  title: 'List backups of a cluster',
  description:
    'Lists which backups (restore points) exist for a single cluster: whether it got backed up, how far back they reach, also from before a restore or upgrade. Use list_backups for clusters that are gone, get_backup for one of them.',
  ...reads,
  input: args({ clusterId, ...paging }),
  output: backupRows,
  run: readBackups,
});

const getBackup = defineRead({
  name: 'get_backup',
  searchHint: 'snapshot size and age',
  title: 'Get PostgreSQL backup',
  description:
    'Reads one backup by ID: its size (how big it is), from which cluster, PG version and time, whether active, and the earliest moment that it covers. Use list_backups for the IDs.',
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

const restoreCluster = defineWrite({
  name: 'restore_cluster',
  searchHint: 'recover roll back data',
  title: 'Restore PostgreSQL cluster in place',
  description:
    'Restores an existing cluster in place from a backup (point-in-time recovery): rewinds its data, puts it back to its state at recoveryTargetTime (e.g. in UTC). Data written since is lost; the last 30 minutes may not be in the backup yet. The databases are unreachable meanwhile. Returns outcome started. Use create_cluster with fromBackup to keep the present content.',
  ...restores,
  input: args({
    clusterId,
    backupId,
    recoveryTargetTime,
    wait: wait.optional().describe('Seconds to wait for AVAILABLE; default 0'),
    ...typedConfirmationArguments,
  }),
  output: answer,
  plan: ({ clusterId, ...recovery }, context) => planRestore(clusterId, withoutControls(recovery), context),
  async run(args, context, plan) {
    const { clusterId, ...recovery } = withoutControls(args);
    const changing = await context.clusters.changing(clusterId);
    try {
      await changing.restore(clusterId, recovery, asPlanned(plan));
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
    ? 'A check of the API found the cluster BUSY: most likely it is being restored. Do not restore it again; continue with wait_for_cluster.'
    : `A check of the API found the cluster ${state}. The restore may have begun anyway: before restoring again, check get_cluster and list_cluster_backups, where it shows as a new backup.`;
}

export const backupTools = [listBackups, listClusterBackups, getBackup, restoreCluster];
