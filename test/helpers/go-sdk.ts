/**
 * What IONOS's Go SDK decodes: module github.com/ionos-cloud/sdk-go-bundle/products/dbaas/psql/v2, version 2.0.5, as
 * vendored by IONOS's command line ionosctl at commit 0e4141a of July 2026. Facts read off its files; `in` names the file
 * within products/dbaas/psql/v2. An answer with a value that is not in these tables is an error to every program that is
 * built on the SDK, the whole answer with it.
 */

/** Decoding refuses every other value, the empty one too. */
export const ENUMS: Record<string, { values: readonly string[]; in: string }> = {
  ResourceType: { values: ['collection', 'cluster', 'backup', 'user', 'database'], in: 'model_resource_type.go' },
  State: {
    values: ['AVAILABLE', 'BUSY', 'DESTROYING', 'DEGRADED', 'FAILED', 'UNKNOWN'],
    in: 'model_state.go',
  },
  StorageType: { values: ['HDD', 'SSD', 'SSD Standard', 'SSD Premium'], in: 'model_storage_type.go' },
  SynchronizationMode: {
    values: ['ASYNCHRONOUS', 'SYNCHRONOUS', 'STRICTLY_SYNCHRONOUS'],
    in: 'model_synchronization_mode.go',
  },
  DayOfTheWeek: {
    values: ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'],
    in: 'model_day_of_the_week.go',
  },
  PoolMode: { values: ['transaction', 'session'], in: 'model_pool_mode.go' },
};

/**
 * What a field's JSON has to be, by name, where it is no enum of the above and no model of the below. The time is that of
 * utils.go, which adds a Z where there is none and then reads RFC 3339: an offset in digits is refused.
 */
const FORMATS: Record<string, (value: unknown) => boolean> = {
  string: (value) => typeof value === 'string',
  bool: (value) => typeof value === 'boolean',
  int32: (value) => Number.isInteger(value) && Math.abs(Number(value)) < 2 ** 31,
  time: (value) => typeof value === 'string' && isTime(value),
};

const isTime = (text: string) =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?$/.test(text) && !Number.isNaN(Date.parse(text.replace(/Z?$/, 'Z')));

/**
 * The fields of each model. `[]` stands before the entries of a list. `!` marks what has no "missing" for the SDK (it
 * reads as the empty value), or what ionosctl uses without a look whether it is there.
 */
export const MODELS: Record<string, { fields: Record<string, string>; in: string }> = {
  Cluster: {
    fields: { type: 'ResourceType', id: 'string!', metadata: 'ClusterMetadata', properties: 'ClusterProperties!' },
    in: 'model_cluster_response.go',
  },
  ClusterMetadata: {
    fields: {
      createdDate: 'time',
      createdBy: 'string',
      createdByUserId: 'string',
      lastModifiedDate: 'time',
      lastModifiedBy: 'string',
      lastModifiedByUserId: 'string',
      state: 'State',
    },
    in: 'model_cluster_metadata.go',
  },
  ClusterProperties: {
    fields: {
      displayName: 'string!',
      postgresVersion: 'string',
      location: 'string',
      dnsName: 'string',
      backupLocation: 'string',
      instances: 'int32',
      cores: 'int32',
      ram: 'int32',
      storageSize: 'int32',
      storageType: 'StorageType',
      connections: '[]Connection',
      maintenanceWindow: 'MaintenanceWindow',
      synchronizationMode: 'SynchronizationMode',
      connectionPooler: 'ConnectionPooler',
    },
    in: 'model_cluster_properties.go',
  },
  Connection: {
    fields: { datacenterId: 'string!', lanId: 'string!', cidr: 'string!' },
    in: 'model_connection.go',
  },
  MaintenanceWindow: {
    fields: { time: 'string!', dayOfTheWeek: 'DayOfTheWeek!' },
    in: 'model_maintenance_window.go',
  },
  ConnectionPooler: { fields: { enabled: 'bool', poolMode: 'PoolMode' }, in: 'model_connection_pooler.go' },
  ClusterList: {
    fields: {
      type: 'ResourceType',
      id: 'string',
      items: '[]Cluster!',
      offset: 'int32',
      limit: 'int32',
      links: 'PaginationLinks',
    },
    in: 'model_cluster_list.go',
  },
  PaginationLinks: { fields: { prev: 'string', self: 'string', next: 'string' }, in: 'model_pagination_links.go' },
  Backup: {
    fields: { type: 'ResourceType', id: 'string', metadata: 'BackupMetadata', properties: 'BackupProperties' },
    in: 'model_backup_response.go',
  },
  BackupMetadata: { fields: { createdDate: 'time', state: 'State' }, in: 'model_backup_metadata.go' },
  BackupProperties: {
    fields: {
      id: 'string',
      clusterId: 'string',
      version: 'string',
      isActive: 'bool',
      earliestRecoveryTargetTime: 'time',
      size: 'int32',
      location: 'string',
    },
    in: 'model_cluster_backup.go',
  },
  BackupList: {
    fields: {
      type: 'ResourceType',
      id: 'string',
      items: '[]Backup',
      offset: 'int32',
      limit: 'int32',
      links: 'PaginationLinks',
    },
    in: 'model_cluster_backup_list.go',
  },
  Metadata: {
    fields: {
      createdBy: 'string',
      createdByUserId: 'string',
      createdDate: 'time',
      lastModifiedBy: 'string',
      lastModifiedByUserId: 'string',
      lastModifiedDate: 'time',
      resourceURN: 'string',
    },
    in: 'model_metadata.go',
  },
  User: {
    fields: {
      type: 'ResourceType!',
      id: 'string!',
      href: 'string!',
      metadata: 'Metadata',
      properties: 'UserProperties!',
    },
    in: 'model_user_resource.go',
  },
  UserProperties: {
    fields: { username: 'string!', password: 'string', system: 'bool' },
    in: 'model_user_properties.go',
  },
  UserList: {
    fields: {
      type: 'ResourceType!',
      id: 'string!',
      href: 'string!',
      items: '[]User!',
      offset: 'int32',
      limit: 'int32',
      _links: 'PaginationLinks',
    },
    in: 'model_user_list.go',
  },
  Database: {
    fields: {
      type: 'ResourceType!',
      id: 'string!',
      href: 'string!',
      metadata: 'Metadata',
      properties: 'DatabaseProperties!',
    },
    in: 'model_database_resource.go',
  },
  DatabaseProperties: { fields: { name: 'string!', owner: 'string!' }, in: 'model_database_properties.go' },
  DatabaseList: {
    fields: {
      type: 'ResourceType!',
      id: 'string!',
      href: 'string!',
      items: '[]Database!',
      offset: 'int32',
      limit: 'int32',
      _links: 'PaginationLinks',
    },
    in: 'model_database_list.go',
  },
  Logs: { fields: { instances: '[]LogInstance' }, in: 'model_cluster_logs.go' },
  LogInstance: { fields: { name: 'string', messages: '[]LogMessage' }, in: 'model_cluster_logs_instances.go' },
  LogMessage: { fields: { time: 'time', message: 'string' }, in: 'model_cluster_logs_instances_messages.go' },
  Versions: { fields: { data: '[]Version' }, in: 'model_postgres_version_list.go' },
  Version: { fields: { name: 'string' }, in: 'model_postgres_version_list_data.go' },
  ApiVersion: { fields: { name: 'string', swaggerUrl: 'string' }, in: 'model_api_version.go' },
  Error: { fields: { httpStatus: 'int32', messages: '[]ErrorMessage' }, in: 'model_error_response.go' },
  ErrorMessage: { fields: { errorCode: 'string', message: 'string' }, in: 'model_error_message.go' },
};

/** What the body of each operation's success is decoded as (api_*.go); where nothing stands, no body is read. */
export const ANSWERS: Record<string, string | undefined> = {
  'GET /clusters': 'ClusterList',
  'POST /clusters': 'Cluster',
  'GET /clusters/{clusterId}': 'Cluster',
  'PATCH /clusters/{clusterId}': 'Cluster',
  'DELETE /clusters/{clusterId}': 'Cluster',
  'GET /clusters/postgresversions': 'Versions',
  'GET /clusters/{clusterId}/postgresversions': 'Versions',
  'GET /clusters/{clusterId}/versions': 'Versions',
  'GET /versions': 'Versions',
  'GET /clusters/backups': 'BackupList',
  'GET /clusters/backups/{backupId}': 'Backup',
  'GET /clusters/{clusterId}/backups': 'BackupList',
  'POST /clusters/{clusterId}/restore': undefined,
  'GET /clusters/{clusterId}/users': 'UserList',
  'POST /clusters/{clusterId}/users': 'User',
  'GET /clusters/{clusterId}/users/{username}': 'User',
  'PATCH /clusters/{clusterId}/users/{username}': 'User',
  'DELETE /clusters/{clusterId}/users/{username}': undefined,
  'GET /clusters/{clusterId}/databases': 'DatabaseList',
  'POST /clusters/{clusterId}/databases': 'Database',
  'GET /clusters/{clusterId}/databases/{databasename}': 'Database',
  'DELETE /clusters/{clusterId}/databases/{databasename}': undefined,
  'GET /clusters/{clusterId}/logs': 'Logs',
  'GET /infos/version': 'ApiVersion',
  'GET /infos/versions': '[]ApiVersion',
};

/** The media types that client.go decodes at all. */
const READABLE = /(application|text)\/(vnd\.[^;]+|problem\+)?json/i;

/** Rejects, with all reasons, an answer that the SDK does not decode; `operation` as in ANSWERS. */
export async function decodeAsGoSdk(operation: string, response: Response): Promise<void> {
  const text = await response.clone().text();
  const kind = response.status >= 300 ? 'Error' : ANSWERS[operation];
  if (text === '' || kind === undefined) return;
  const type = response.headers.get('content-type') ?? 'none';
  const faults = READABLE.test(type) ? undecodable(JSON.parse(text), kind) : [`Content-Type: ${type}`];
  if (faults.length > 0) throw new Error(`${operation} is not what the Go SDK decodes:\n${faults.join('\n')}`);
}

/** Why the SDK does not decode this as what `kind` names, a name as in MODELS. */
export function undecodable(value: unknown, kind: string, at = 'body'): string[] {
  const name = kind.replace(/!$/, '');
  const isMissing = value === undefined || value === null;
  if (isMissing) return kind.endsWith('!') ? [`${at} is missing`] : [];
  if (name.startsWith('[]')) {
    const entries = Array.isArray(value) ? value : undefined;
    return entries?.flatMap((entry, n) => undecodable(entry, `${name.slice(2)}!`, `${at}[${n}]`)) ?? [`${at}: no list`];
  }
  const { fields } = MODELS[name] ?? {};
  if (fields) {
    if (typeof value !== 'object' || Array.isArray(value)) return [`${at} is no object`];
    return Object.entries(fields).flatMap(([field, of]) =>
      undecodable(Reflect.get(value, field), of, `${at}.${field}`),
    );
  }
  return isOf(name, value) ? [] : [`${at} ${JSON.stringify(value)} is not a valid ${name}`];
}

function isOf(name: string, value: unknown): boolean {
  const { values } = ENUMS[name] ?? {};
  return values ? values.some((known) => known === value) : FORMATS[name]?.(value) === true;
}
