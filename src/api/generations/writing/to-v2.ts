import { fieldsOf, POOLER_OFF, withoutUndefined } from '../translation.ts';
import { UNDOCUMENTED } from './unknowns.ts';
import type { Wish } from './wish.ts';

type Fields = Record<string, unknown>;

export const MB_PER_GB = 1024;
const gbOf = (mb: number | undefined) => (mb === undefined ? undefined : mb / MB_PER_GB);

/** All properties of a cluster of v2 for a PUT: those it has, with what is wanted in their place. */
export function changedProperties(present: unknown, wanted: Wish): Fields {
  const kept = Object.entries(fieldsOf(present)).filter(([name]) => !isNeverSentBack(name));
  return toV2Properties(wanted, Object.fromEntries(kept));
}

const isNeverSentBack = (name: string) => UNDOCUMENTED.neverSentBack.some((each) => each === name);

/** What v1's names call a cluster, in v2's names and GB, put over `present`. */
export function toV2Properties(wanted: Wish, present: Fields = {}): Fields {
  const { instances, cores, ram, storageSize, backupLocation, backupRetentionDays, connections } = wanted;
  return withoutUndefined({
    ...present,
    ...withoutUndefined({
      name: wanted.displayName,
      description: wanted.description,
      version: wanted.postgresVersion,
      replicationMode: wanted.synchronizationMode,
      connectionPooler: poolerOf(wanted.connectionPooler, present.connectionPooler),
      logsEnabled: wanted.logsEnabled,
      metricsEnabled: wanted.metricsEnabled,
      credentials: wanted.credentials,
    }),
    instances: over(present.instances, { count: instances, cores, ram: gbOf(ram), storageSize: gbOf(storageSize) }),
    connection: over(present.connection, connectionOf(connections)),
    maintenanceWindow: over(present.maintenanceWindow, wanted.maintenanceWindow),
    backup: over(present.backup, { location: backupLocation, retentionDays: backupRetentionDays }),
  });
}

/** Undefined where neither has anything. */
function over(present: unknown, given: Fields = {}): Fields | undefined {
  const both = { ...fieldsOf(present), ...withoutUndefined(given) };
  return Object.keys(both).length === 0 ? undefined : both;
}

function connectionOf([connection]: Wish['connections'] = []): Fields | undefined {
  if (connection === undefined) return undefined;
  const { datacenterId, lanId, cidr } = connection;
  return { datacenterId, lanId, primaryInstanceAddress: cidr };
}

function poolerOf(wanted: Wish['connectionPooler'], present: unknown): string | undefined {
  if (wanted === undefined) return undefined;
  const { enabled, poolMode } = wanted;
  if (enabled === false) return POOLER_OFF;
  if (poolMode !== undefined) return poolMode.toUpperCase();
  return typeof present === 'string' && present !== POOLER_OFF ? present : 'TRANSACTION';
}
