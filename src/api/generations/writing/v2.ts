import * as z from 'zod';
import { AlarmError, ApiError, InputError, NoAnswerError, RefusedError } from '../../../errors.ts';
import { isSameId } from '../../../text/ids.ts';
import { type ApiClient, path } from '../../client.ts';
import { fieldsOf } from '../translation.ts';
import { clusterThrough, type V2 } from '../v2.ts';
import { v2Password, v2Problems } from './bounds.ts';
import type { Changing, LastLook, Ordering } from './port.ts';
import { listed, shown } from './shown.ts';
import { changedProperties, toV2Properties } from './to-v2.ts';
import { UNDOCUMENTED } from './unknowns.ts';
import type { BackupSource, Recovery } from './wish.ts';

/** Where v2 has the cluster; without a name, an address for all regions. */
interface V2Place {
  api: ApiClient;
  reads: V2;
  region?: string;
  /** Of the call. */
  signal: AbortSignal;
}

const ON_V1 = 'is a backup on API v1; only clusters on API v1 can be filled from it';

/** Required here, and left to the service by v1. */
const PRESETS = ['backupLocation', 'backupRetentionDays', 'maintenanceWindow'] as const;

export function v2Ordering({ api, reads, region, signal }: V2Place): Ordering {
  /** Empty where they are not known. */
  async function backupLocations(): Promise<string[]> {
    try {
      return await reads.backupLocations();
    } catch (error) {
      const isUnknown = error instanceof ApiError || error instanceof NoAnswerError;
      if (signal.aborted || !isUnknown) throw error;
      return [];
    }
  }

  return {
    api: 'v2',
    password: v2Password,
    async complete(order) {
      const offered = await backupLocations();
      const { maintenanceWindow, backupRetentionDays } = UNDOCUMENTED;
      const presets = { backupLocation: offered[0], backupRetentionDays, maintenanceWindow };
      const missing = PRESETS.filter((name) => order[name] === undefined);
      const pooler = order.connectionPooler?.enabled === false && { connectionPooler: { enabled: false } };
      const whole = { ...order, ...pooler, ...Object.fromEntries(missing.map((name) => [name, presets[name]])) };
      const problems = [...v2Problems(whole), ...locationProblems(whole.backupLocation, offered)];
      if (problems.length > 0) throw new InputError(problems);
      return whole;
    },
    databaseOf: ({ username, database = username }) => database,
    versions: () => reads.offered(),
    refusalOf: ({ api }) => (api === 'v2' ? undefined : ON_V1),
    create(order, response) {
      const { fromBackup, credentials: { username, password, database = username } = {} } = order;
      const restoreFromBackup = fromBackup && {
        sourceBackupId: fromBackup.backupId,
        ...(fromBackup.recoveryTargetTime && { recoveryTargetDatetime: inUtc(fromBackup.recoveryTargetTime) }),
      };
      const credentials = { username, password, database };
      const properties = {
        ...toV2Properties({ ...order, credentials }),
        ...(restoreFromBackup && { restoreFromBackup }),
      };
      return api.post('clusters', { body: { properties }, response: clusterThrough(response, region) });
    },
  };
}

function locationProblems(wanted: string | undefined, offered: readonly string[]): string[] {
  if (wanted === undefined) {
    return ['backupLocation: is required on API v2, and its list for this region could not be read'];
  }
  if (offered.length === 0 || offered.includes(wanted)) return [];
  return [`backupLocation (${shown(wanted)}): this region offers ${listed(offered)}`];
}

const CHANGED = 'The cluster has changed since it was read for this plan. Call again.';
const NO_MORE = 'The cluster is not there any more, or is being deleted.';

/** Changes are the whole cluster, read a moment before: v2 has nothing that guards against two at the same time. */
export function v2Changing({ api, region }: V2Place): Changing {
  async function readWhole<Seen extends z.ZodType>(clusterId: string, { schema, isAsPlanned }: LastLook<Seen>) {
    let whole: unknown;
    const seen = await api.get(path`clusters/${clusterId}`, {
      response: clusterThrough(schema, region, clusterId),
      onReply: ({ json }) => {
        whole = json;
      },
    });
    const { id, metadata, properties } = fieldsOf(whole);
    if (UNDOCUMENTED.neverChanged.some((state) => state === fieldsOf(metadata).state)) throw new RefusedError(NO_MORE);
    if (!isAsPlanned(seen)) throw new RefusedError(CHANGED);
    return { id, properties };
  }

  async function put<Reply extends z.ZodType>(
    clusterId: string,
    body: { id: unknown; properties: object },
    options: { response: Reply; once?: boolean },
  ): Promise<z.output<Reply>> {
    let status: number | undefined;
    const reply = await api.put(path`clusters/${clusterId}`, {
      ...options,
      body,
      onReply: (raw) => {
        status = raw.status;
      },
    });
    if (status === UNDOCUMENTED.madeANewOne) throw new AlarmError(madeInsteadOf(clusterId));
    return reply;
  }

  return {
    password: v2Password,
    endangersUser: UNDOCUMENTED.everyChangeIsDestructive,
    problems: (wanted, present) => v2Problems(wanted, present),
    refusalOf,
    async change(clusterId, wanted, { last, response }) {
      const { id, properties } = await readWhole(clusterId, last);
      const body = { id, properties: changedProperties(properties, wanted) };
      return put(clusterId, body, { response: clusterThrough(response, region, clusterId) });
    },
    delete: (clusterId, response) =>
      api.delete(path`clusters/${clusterId}`, { response: clusterThrough(response, region, clusterId) }),
    async restore(clusterId, recovery, last) {
      const { id, properties } = await readWhole(clusterId, last);
      const restoreFromBackup = { recoveryTargetDatetime: momentOf(recovery) };
      const body = { id, properties: { ...changedProperties(properties, {}), restoreFromBackup } };
      await put(clusterId, body, { response: z.unknown(), once: true });
    },
  };
}

function madeInsteadOf(clusterId: string): string {
  return `IONOS answered that it made a cluster (201) where ${clusterId} was to be changed. It was probably deleted a moment before, and a new, empty cluster of this name costs money from now on. A person has to check it now: list_clusters shows it, delete_cluster removes it.`;
}

function refusalOf({ api, clusterId, isActive }: BackupSource, target: string): string | undefined {
  if (api !== 'v2') return ON_V1;
  const isTaken = isActive !== false || !UNDOCUMENTED.restoresFromActiveBackupAlone;
  if (isSameId(clusterId, target) && isTaken) return undefined;
  return 'cannot be restored in place: API v2 restores a cluster only from its own active backup. create_cluster with fromBackup fills a new cluster from any other';
}

/** v2 has no word for everything in the backup. */
const momentOf = ({ recoveryTargetTime = new Date().toISOString() }: Recovery) => inUtc(recoveryTargetTime);

/** The official client breaks on other offsets. */
const inUtc = (moment: string) => new Date(moment).toISOString();
