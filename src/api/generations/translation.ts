type Fields = Record<string, unknown>;

export const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};

/** v2 has GB, v1 MB. */
const mbOf = (gb: unknown) => (typeof gb === 'number' ? gb * 1024 : undefined);

/** v2 says more closely what a cluster is busy with. */
const STATES = new Map<unknown, unknown>([
  ['PROVISIONING', 'BUSY'],
  ['UPDATING', 'BUSY'],
]);

export const POOLER_OFF = 'DISABLED';

/** `de/fra` for `de-fra`. */
const locationOf = (region: string) => region.replace('-', '/');

const REGION_IN_NAME = /\.postgresql\.([a-z]{2}-[a-z]{3})\./;

/** The region's host alone says where a cluster is; at an address for all regions, the cluster's own host name. */
function placeOf(region: string | undefined, dnsName: unknown): string | undefined {
  if (region !== undefined) return locationOf(region);
  const [, found] = (typeof dnsName === 'string' && REGION_IN_NAME.exec(dnsName)) || [];
  return found === undefined ? undefined : locationOf(found);
}

/** A cluster of v2 as v1 would show it; what is missing or of another type stays out. */
export function toV1Cluster(cluster: unknown, region?: string): Fields {
  const { id, metadata, properties } = fieldsOf(cluster);
  const { state, statusMessage, dnsName, ...dates } = fieldsOf(metadata);
  const { name, description, version, replicationMode, maintenanceWindow, ...rest } = fieldsOf(properties);
  const { count, cores, ram, storageSize } = fieldsOf(rest.instances);
  const backup = fieldsOf(rest.backup);
  const owner = fieldsOf(rest.credentials);
  return withoutUndefined({
    id,
    api: 'v2',
    metadata: withoutUndefined({ ...dates, state: STATES.get(state) ?? state, statusMessage }),
    properties: withoutUndefined({
      displayName: name,
      description,
      postgresVersion: version,
      location: placeOf(region, dnsName),
      instances: count,
      cores,
      ram: mbOf(ram),
      storageSize: mbOf(storageSize),
      dnsName,
      connections: connectionsOf(rest.connection),
      synchronizationMode: replicationMode,
      connectionPooler: poolerOf(rest.connectionPooler),
      maintenanceWindow,
      logsEnabled: rest.logsEnabled,
      metricsEnabled: rest.metricsEnabled,
      username: owner.username,
      database: owner.database,
      backupLocation: backup.location ?? rest.backupLocation,
      backupRetentionDays: backup.retentionDays,
    }),
  });
}

function connectionsOf(connection: unknown): Fields[] | undefined {
  const { datacenterId, lanId, primaryInstanceAddress: cidr } = fieldsOf(connection);
  const known = withoutUndefined({ datacenterId, lanId, cidr });
  return Object.keys(known).length === 0 ? undefined : [known];
}

function poolerOf(mode: unknown): Fields | undefined {
  if (typeof mode !== 'string') return undefined;
  return mode === POOLER_OFF ? { enabled: false } : { enabled: true, poolMode: mode.toLowerCase() };
}

/** A backup of v2 as v1 would show it; v1 does not tell its end. */
export function toV1Backup(backup: unknown): Fields {
  const { id, metadata, properties } = fieldsOf(backup);
  const { postgresClusterVersion: version, ...same } = fieldsOf(properties);
  return withoutUndefined({ id, api: 'v2', metadata, properties: withoutUndefined({ ...same, version }) });
}

export function withoutUndefined(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
