import { fieldsOf, flagOf, type JsonFields, listOf, momentOf, numberOf, textOf } from './values.ts';

/** A cluster as any tool returns it: whole, or as a row of a list with or without details. */
export interface SeenCluster {
  id: string;
  /** Where a server has several accounts. */
  profile?: string;
  isV2: boolean;
  state?: string;
  statusMessage?: string;
  name?: string;
  description?: string;
  version?: string;
  location?: string;
  instances?: number;
  cores?: number;
  ram?: number;
  storageSize?: number;
  storageType?: string;
  dnsName?: string;
  connections: readonly string[];
  connection?: string;
  synchronizationMode?: string;
  pooler?: string;
  maintenance?: { time: string; day: string };
  backupLocation?: string;
  backupRetentionDays?: number;
  username?: string;
  database?: string;
  logsEnabled?: boolean;
  metricsEnabled?: boolean;
  created?: number;
  createdBy?: string;
  modified?: number;
  modifiedBy?: string;
}

export function clusterIn(value: unknown): SeenCluster | undefined {
  const whole = fieldsOf(value);
  const id = textOf(whole.id);
  if (id === undefined) return undefined;
  const all: JsonFields = { ...whole, ...fieldsOf(whole.metadata), ...fieldsOf(whole.properties) };
  return {
    id,
    profile: textOf(whole.profile),
    isV2: whole.api === 'v2',
    state: textOf(all.state),
    statusMessage: textOf(all.statusMessage),
    name: textOf(all.displayName),
    description: textOf(all.description),
    version: textOf(all.postgresVersion),
    location: textOf(all.location),
    ...sizeIn(all),
    dnsName: textOf(all.dnsName),
    connections: listOf(all.connections).map(networkOf),
    connection: textOf(whole.connection),
    synchronizationMode: textOf(all.synchronizationMode),
    pooler: poolerIn(all.connectionPooler),
    maintenance: maintenanceIn(all.maintenanceWindow),
    backupLocation: textOf(all.backupLocation),
    backupRetentionDays: numberOf(all.backupRetentionDays),
    username: textOf(all.username),
    database: textOf(all.database),
    logsEnabled: flagOf(all.logsEnabled),
    metricsEnabled: flagOf(all.metricsEnabled),
    created: momentOf(all.createdDate),
    createdBy: textOf(all.createdBy),
    modified: momentOf(all.lastModifiedDate),
    modifiedBy: textOf(all.lastModifiedBy),
  };
}

export const sizeIn = (all: JsonFields) => ({
  instances: numberOf(all.instances),
  cores: numberOf(all.cores),
  ram: numberOf(all.ram),
  storageSize: numberOf(all.storageSize),
  storageType: textOf(all.storageType),
});

function networkOf(value: unknown): string {
  const { datacenterId, lanId, cidr } = fieldsOf(value);
  return `${textOf(cidr) ?? 'no address'} in LAN ${textOf(lanId) ?? 'unknown'} of ${textOf(datacenterId) ?? 'an unknown data center'}`;
}

function poolerIn(value: unknown): string | undefined {
  const { enabled, poolMode } = fieldsOf(value);
  if (flagOf(enabled) === undefined) return undefined;
  return enabled ? `on, ${textOf(poolMode) ?? 'unknown'} mode` : 'off';
}

function maintenanceIn(value: unknown) {
  const { time, dayOfTheWeek } = fieldsOf(value);
  const [known, day] = [textOf(time), textOf(dayOfTheWeek)];
  return known && day ? { time: known, day } : undefined;
}

/** States in which the service is at work on a cluster. */
export const isMoving = ({ state }: { state?: string }) => state === 'BUSY' || state === 'DESTROYING';

export const titleOf = ({ name, id }: { name?: string; id: string }) => name ?? id;

export function matches(cluster: SeenCluster, wanted: string): boolean {
  const { name, id, state, location, version, profile } = cluster;
  const all = [name, id, state, location, profile, version && `PostgreSQL ${version}`].join('\n').toLowerCase();
  return wanted
    .toLowerCase()
    .split(' ')
    .every((word) => all.includes(word));
}
