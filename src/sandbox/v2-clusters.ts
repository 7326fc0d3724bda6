import { ACCOUNT, resourceUrn } from './account.ts';
import type { SandboxCluster } from './cluster-store.ts';
import { refuse } from './errors.ts';
import { idOf } from './ids.ts';
import { DAY, date } from './times.ts';

/** What API v2 has of a cluster; ram and storageSize in GB. */
export interface V2Properties {
  name: string;
  description?: string;
  version: string;
  instances: { count: number; cores: number; ram: number; storageSize: number };
  connection: { datacenterId: string; lanId: string; primaryInstanceAddress: string };
  maintenanceWindow: { time: string; dayOfTheWeek: string };
  replicationMode: string;
  connectionPooler: string;
  logsEnabled: boolean;
  metricsEnabled: boolean;
  backup: { location: string; retentionDays: number };
}

type V2State = 'PROVISIONING' | 'AVAILABLE' | 'UPDATING' | 'DESTROYING' | 'FAILED';

/** Times are milliseconds since the epoch. */
interface V2Entry {
  id: string;
  region: string;
  dnsName: string;
  createdAt: number;
  readyAt: number;
  /** In place of what follows from the times. */
  state?: V2State;
  statusMessage?: string;
  properties: V2Properties;
}

export interface V2Given extends Partial<Pick<V2Entry, 'id' | 'region' | 'dnsName' | 'createdAt' | 'state'>> {
  /** Of a cluster that FAILED. */
  statusMessage?: string;
  /** How long it is PROVISIONING. */
  settlesIn?: number;
}

const MB_PER_GB = 1024;

const DEFAULTS: V2Properties = {
  name: 'cluster',
  version: '17',
  instances: { count: 1, cores: 2, ram: 4, storageSize: 20 },
  connection: {
    datacenterId: '6e1f4b0d-93a7-4c28-8d15-70b2f9ce3a46',
    lanId: '2',
    primaryInstanceAddress: '192.168.1.100/24',
  },
  maintenanceWindow: { time: '12:15:19', dayOfTheWeek: 'Monday' },
  replicationMode: 'ASYNCHRONOUS',
  connectionPooler: 'DISABLED',
  logsEnabled: false,
  metricsEnabled: false,
  backup: { location: 'eu-central-3', retentionDays: 7 },
};

export type V2Clusters = ReturnType<typeof createV2Clusters>;

export function createV2Clusters(now: () => number) {
  const entries = new Map<string, V2Entry>();

  function add(properties: Partial<V2Properties> = {}, given: V2Given = {}) {
    const { id = crypto.randomUUID(), region = 'de-txl', createdAt = now(), settlesIn = 0, ...more } = given;
    const dnsName = `pg-${id.replaceAll('-', '').slice(0, 16)}.postgresql.${region}.ionos.com`;
    const whole = { ...DEFAULTS, ...structuredClone(properties) };
    const entry = { dnsName, ...more, id, region, createdAt, readyAt: createdAt + settlesIn, properties: whole };
    entries.set(id, entry);
    return show(entry);
  }

  const stateOf = ({ state, readyAt }: V2Entry) => state ?? (now() < readyAt ? 'PROVISIONING' : 'AVAILABLE');

  function show(entry: V2Entry) {
    const { id, region, dnsName, createdAt, readyAt, statusMessage, properties } = entry;
    return {
      id,
      type: 'cluster',
      metadata: {
        ...made(createdAt),
        resourceURN: resourceUrn(region, `clusters/${id}`),
        state: stateOf(entry),
        ...(statusMessage !== undefined && { statusMessage }),
        ...(now() >= readyAt && { dnsName }),
      },
      properties: structuredClone(properties),
    };
  }

  /** Each cluster writes to one backup, for as long as it keeps them. */
  function backupOf({ id, createdAt, properties: { version, backup } }: V2Entry) {
    const from = Math.max(createdAt, now() - backup.retentionDays * DAY);
    return {
      id: idOf(`backups/${id}`),
      type: 'backup',
      metadata: {},
      properties: {
        clusterId: id,
        postgresClusterVersion: version,
        isActive: true,
        earliestRecoveryTargetTime: date(from),
        latestRecoveryTargetTime: null,
        location: backup.location,
      },
    };
  }

  /** Of one region, or of all. */
  const inRegion = (region?: string) =>
    [...entries.values()].filter((entry) => region === undefined || entry.region === region);

  return {
    add,
    list: (region?: string) => inRegion(region).map(show),
    read: (id: string, region?: string) =>
      show(inRegion(region).find((entry) => entry.id === id) ?? refuse(404, 'the cluster does not exist')),
    backups: (region?: string) => inRegion(region).map(backupOf),

    /** A cluster of v1 under the same ID and host name. */
    adopt({ id, metadata: { createdDate }, properties }: SandboxCluster): void {
      const [connection] = properties.connections;
      const { datacenterId, lanId, cidr } = connection ?? refuse(422, 'a cluster without connection cannot move');
      const { enabled, poolMode } = properties.connectionPooler;
      add(
        {
          name: properties.displayName.replaceAll(/[^A-Za-z0-9._-]/g, '-'),
          version: properties.postgresVersion,
          instances: {
            count: properties.instances,
            cores: properties.cores,
            ram: Math.ceil(properties.ram / MB_PER_GB),
            storageSize: Math.ceil(properties.storageSize / MB_PER_GB),
          },
          connection: { datacenterId, lanId, primaryInstanceAddress: cidr },
          maintenanceWindow: properties.maintenanceWindow,
          replicationMode: properties.synchronizationMode,
          connectionPooler: enabled ? poolMode.toUpperCase() : 'DISABLED',
          backup: { location: properties.backupLocation, retentionDays: 7 },
        },
        {
          id,
          region: properties.location.split('/').slice(0, 2).join('-'),
          createdAt: Date.parse(createdDate),
          ...(properties.dnsName !== undefined && { dnsName: properties.dnsName }),
        },
      );
    },
  };
}

function made(createdAt: number) {
  return { createdDate: date(createdAt), createdBy: ACCOUNT.name, createdByUserId: ACCOUNT.id };
}

/** The IDs are fixed because the documentation names them. */
export function addV2Examples(clusters: V2Clusters, now: number): void {
  clusters.add(
    {
      name: 'inventory',
      description: 'Stock of the warehouses',
      instances: { count: 2, cores: 4, ram: 8, storageSize: 100 },
      connection: {
        datacenterId: 'a7c3e9d1-4b26-4f80-9e57-c1d2b3a4f506',
        lanId: '3',
        primaryInstanceAddress: '10.20.30.10/24',
      },
      connectionPooler: 'TRANSACTION',
      backup: { location: 'eu-central-3', retentionDays: 14 },
    },
    { id: '5d7f1c28-9e4a-4b63-a1d0-8c2e6f4b7a15', region: 'de-fra', createdAt: now - 90 * DAY },
  );
  clusters.add(
    {
      name: 'telemetry',
      version: '16',
      instances: { count: 3, cores: 4, ram: 16, storageSize: 250 },
      connection: {
        datacenterId: 'b7d0f3a2-5e14-4c96-9a38-2f6c8e1d4b75',
        lanId: '1',
        primaryInstanceAddress: '10.40.0.10/24',
      },
      replicationMode: 'STRICTLY_SYNCHRONOUS',
      backup: { location: 'us-central-1', retentionDays: 30 },
    },
    { id: 'c2a8e6b4-3f15-4d79-8b0c-d9e1f7a35c62', region: 'us-las', createdAt: now - 40 * DAY },
  );
}
