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

/** What v1's names call a cluster, in v2's names and GB, put over `present`. What has no place here does not compile. */
export function toV2Properties(wanted: Wish, present: Fields = {}): Fields {
  const { instances: count, cores, ram, storageSize, ...unsized } = wanted;
  const { connections, maintenanceWindow, backupLocation, backupRetentionDays, connectionPooler, ...plain } = unsized;
  const { displayName, postgresVersion, synchronizationMode, ...same } = plain;
  const { description, logsEnabled, metricsEnabled, credentials, ...placeless } = same;
  // The host says where it is, there is one kind of storage, and what fills it goes beside the properties.
  const { location: _, storageType: __, fromBackup: ___, ...forgotten } = placeless;
  forgotten satisfies Record<string, never>;
  return withoutUndefined({
    ...present,
    ...withoutUndefined({
      ...{ name: displayName, version: postgresVersion, replicationMode: synchronizationMode },
      ...{ description, logsEnabled, metricsEnabled, credentials },
      connectionPooler: poolerOf(connectionPooler, present.connectionPooler),
    }),
    instances: over(present.instances, { count, cores, ram: gbOf(ram), storageSize: gbOf(storageSize) }),
    connection: over(present.connection, connectionOf(connections)),
    maintenanceWindow: over(present.maintenanceWindow, maintenanceWindow),
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
