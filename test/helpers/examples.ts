import type { Fetch } from '../../src/api/client.ts';
import { resources } from '../../src/resources/index.ts';
import { tools } from '../../src/tools/index.ts';
import { order } from './orders.ts';
import { LOOK_UP } from './some-cluster.ts';

export const clusterId = 'b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041';

/** Everything of a cluster that the API's documentation names. */
export const cluster = {
  type: 'cluster',
  id: clusterId,
  metadata: {
    createdDate: '2026-01-05T08:00:00Z',
    createdBy: 'sandbox@example.com',
    createdByUserId: '1f0c8f0a-3a41-4f0e-9a55-6f1f5b0f7f10',
    lastModifiedDate: '2026-02-05T08:00:00Z',
    lastModifiedBy: 'sandbox@example.com',
    lastModifiedByUserId: '1f0c8f0a-3a41-4f0e-9a55-6f1f5b0f7f10',
    state: 'AVAILABLE',
  },
  properties: {
    displayName: 'orders',
    postgresVersion: '16',
    location: 'de/txl',
    dnsName: 'pg-b3d0a6c41c524f7e.postgresql.de-txl.ionos.com',
    backupLocation: 'eu-central-2',
    instances: 3,
    cores: 4,
    ram: 8192,
    storageSize: 102_400,
    storageType: 'SSD Premium',
    connections: order.connections,
    maintenanceWindow: { time: '12:15:19', dayOfTheWeek: 'Monday' },
    synchronizationMode: 'ASYNCHRONOUS',
    connectionPooler: { enabled: true, poolMode: 'transaction' },
  },
};

const page = {
  type: 'collection',
  id: 'clusters',
  items: [cluster],
  offset: 0,
  limit: 100,
  links: { self: 'https://api.ionos.com/databases/postgresql/clusters?limit=100&offset=0' },
};

const { links, ...rest } = page;
const newPage = { ...rest, href: 'https://api.ionos.com/databases/postgresql/clusters/x/users', _links: links };

export const backup = {
  type: 'backup',
  id: `${clusterId}-q7m2x9a-10`,
  metadata: { createdDate: '2019-03-02T09:15:27Z', state: 'AVAILABLE' },
  properties: {
    clusterId,
    version: '10',
    isActive: true,
    earliestRecoveryTargetTime: '2020-01-01T00:00:00Z',
    size: 2052,
    location: 'eu-central-2',
  },
};

const metadata = {
  createdBy: 'ionos:iam:cloud::users/8c53e9f2-7a10-4d6e-b3c9-e51a02d4f768',
  createdDate: '2026-01-05T08:00:00Z',
  lastModifiedDate: '2026-02-05T08:00:00Z',
};

export const user = {
  type: 'user',
  id: '8e564a72-69e2-5447-abd4-f32d4f1964ba',
  href: 'https://api.ionos.com/databases/postgresql/clusters/x/users/shop_owner',
  metadata,
  properties: { username: 'shop_owner', system: false },
};

export const database = {
  type: 'database',
  id: '9663b3c0-195e-548f-accd-bb0b6e77eefe',
  href: 'https://api.ionos.com/databases/postgresql/clusters/x/databases/shop',
  metadata,
  properties: { name: 'shop', owner: 'shop_owner' },
};

const logs = {
  instances: [
    {
      name: `ionos-${clusterId}-by6qu3m-1`,
      messages: [{ time: '2026-03-04T05:06:07.123Z', message: 'LOG:  connection received: host=192.168.1.20' }],
    },
  ],
};

const apiVersion = { name: 'v1.2', swaggerUrl: 'http://appserver:8181/swagger.json' };

const versions = { data: [{ name: '16' }, { name: '17' }] };

const datacenter = {
  id: '6e1f4b0d-93a7-4c28-8d15-70b2f9ce3a46',
  type: 'datacenter',
  metadata: { state: 'AVAILABLE' },
  properties: { name: 'shop', location: 'de/txl' },
};

interface Example {
  args: Record<string, unknown>;
  /** What the tool asks of the API with these arguments, and what the API may answer. */
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  path: string;
  body?: unknown;
  reply: unknown;
  /** The path that is asked where the first is gone. */
  fallback?: string;
}

const inside = `clusters/${clusterId}`;
const paged = 'limit=100&offset=0';
const { password } = order.credentials;

const table: Record<string, Example> = {
  list_clusters: { args: {}, method: 'GET', path: 'clusters?limit=100&offset=0', reply: page },
  get_cluster: { args: { clusterId }, method: 'GET', path: `clusters/${clusterId}`, reply: cluster },
  create_cluster: {
    args: { ...order, allowDuplicate: true },
    method: 'POST',
    path: 'clusters',
    body: { properties: order },
    reply: cluster,
  },
  update_cluster: {
    args: { clusterId, cores: 4 },
    method: 'PATCH',
    path: `clusters/${clusterId}`,
    body: { properties: { cores: 4 } },
    reply: cluster,
  },
  delete_cluster: { args: { clusterId }, method: 'DELETE', path: `clusters/${clusterId}`, reply: cluster },
  wait_for_cluster: {
    args: { clusterId, until: 'available' },
    method: 'GET',
    path: `clusters/${clusterId}`,
    reply: cluster,
  },
  list_postgres_versions: {
    args: {},
    method: 'GET',
    path: 'clusters/postgresversions',
    fallback: 'versions',
    reply: versions,
  },
  list_cluster_versions: {
    args: { clusterId },
    method: 'GET',
    path: `clusters/${clusterId}/versions`,
    reply: versions,
  },
  list_cluster_postgres_versions: {
    args: { clusterId },
    method: 'GET',
    path: `clusters/${clusterId}/postgresversions`,
    reply: versions,
  },
  get_account: {
    args: {},
    method: 'GET',
    path: 'quota',
    reply: { quotaLimits: { cpu: '5' }, quotaUsage: { cpu: '2' } },
  },
  estimate_cost: { args: { clusterId }, method: 'GET', path: inside, reply: cluster },
  list_versions: { args: {}, method: 'GET', path: 'versions', reply: versions },
  get_api_version: { args: {}, method: 'GET', path: 'infos/version', reply: apiVersion },
  list_network_options: {
    args: {},
    method: 'GET',
    path: 'datacenters?limit=1000&depth=1&pretty=false',
    reply: { id: 'datacenters', type: 'collection', items: [datacenter] },
  },
  list_backups: { args: {}, method: 'GET', path: `clusters/backups?${paged}`, reply: { ...page, items: [backup] } },
  list_cluster_backups: {
    args: { clusterId },
    method: 'GET',
    path: `${inside}/backups?${paged}`,
    reply: { ...page, items: [backup] },
  },
  get_backup: { args: { backupId: backup.id }, method: 'GET', path: `clusters/backups/${backup.id}`, reply: backup },
  restore_cluster: {
    args: { clusterId, backupId: backup.id },
    method: 'POST',
    path: `${inside}/restore`,
    body: { backupId: backup.id },
    reply: undefined,
  },
  list_users: {
    args: { clusterId },
    method: 'GET',
    path: `${inside}/users?${paged}`,
    reply: { ...newPage, items: [user] },
  },
  get_user: {
    args: { clusterId, username: 'shop_owner' },
    method: 'GET',
    path: `${inside}/users/shop_owner`,
    reply: user,
  },
  create_user: {
    args: { clusterId, username: 'shop_owner', password },
    method: 'POST',
    path: `${inside}/users`,
    body: { properties: { username: 'shop_owner', password } },
    reply: user,
  },
  update_user: {
    args: { clusterId, username: 'shop_owner', password },
    method: 'PATCH',
    path: `${inside}/users/shop_owner`,
    body: { properties: { password } },
    reply: user,
  },
  delete_user: {
    args: { clusterId, username: 'shop_owner' },
    method: 'DELETE',
    path: `${inside}/users/shop_owner`,
    reply: undefined,
  },
  list_databases: {
    args: { clusterId },
    method: 'GET',
    path: `${inside}/databases?${paged}`,
    reply: { ...newPage, items: [database] },
  },
  get_database: {
    args: { clusterId, name: 'shop' },
    method: 'GET',
    path: `${inside}/databases/shop`,
    reply: database,
  },
  create_database: {
    args: { clusterId, name: 'shop', owner: 'shop_owner' },
    method: 'POST',
    path: `${inside}/databases`,
    body: { properties: { name: 'shop', owner: 'shop_owner' } },
    reply: database,
  },
  delete_database: {
    args: { clusterId, name: 'shop' },
    method: 'DELETE',
    path: `${inside}/databases/shop`,
    reply: undefined,
  },
  get_cluster_logs: {
    args: { clusterId },
    method: 'GET',
    path: `${inside}/logs?direction=BACKWARD&limit=100`,
    reply: logs,
  },
};

function entry<T>(table: Record<string, T>, name: string): T {
  const found = table[name];
  if (!found) throw new Error(`${name} has no example in test/helpers/examples.ts`);
  return found;
}

/** The reply about what the request names, as an API gives it. */
export async function aboutAsked(reply: unknown, request: Request): Promise<unknown> {
  const [, id, kind, inPath] = new URL(request.url).pathname.split('/').slice(3).map(decodeURIComponent);
  if (typeof reply !== 'object' || reply === null || !('properties' in reply)) return reply;
  const properties = { ...Object(reply.properties) };
  const sent = request.method === 'POST' ? Object(await request.clone().json()).properties : undefined;
  const name = inPath ?? sent?.username ?? sent?.name;
  if (kind === 'users' && name !== undefined) return { ...reply, properties: { ...properties, username: name } };
  if (kind === 'databases' && name !== undefined) return { ...reply, properties: { ...properties, name } };
  const asked = id === 'backups' ? kind : kind === undefined ? id : undefined;
  return asked === undefined || !('id' in reply) ? reply : { ...reply, id: asked };
}

/** A good call of every tool. */
export const examples = tools.map(({ name, access, output }) => ({
  tool: name,
  writes: access !== 'read',
  output,
  ...entry(table, name),
}));

/** Those whose call stands or falls with one request: one of the others looks again and again, one does without IONOS. */
export const direct = examples.filter(({ tool }) => !['wait_for_cluster', 'get_account'].includes(tool));

export type ToolExample = (typeof examples)[number];

const offered = { data: Array.from({ length: 30 }, (_, n) => ({ name: String(n + 1) })) };

/** An API that shows whatever a write looks at before it is sent, but nothing of a `missing` kind; the write itself is up to `fetch`. */
export const readable =
  (fetch: Fetch, missing?: 'users' | 'databases'): Fetch =>
  async (request, init) => {
    if (request.method !== 'GET') return fetch(request, init);
    const [, id, what, name] = new URL(request.url).pathname.split('/').slice(3);
    if (what === 'versions' || id === 'postgresversions') return Response.json(offered);
    if (id === 'backups') {
      return Response.json(what === undefined ? { ...page, items: [backup] } : await aboutAsked(backup, request));
    }
    if (name !== undefined && what === missing) return Response.json({}, { status: 404 });
    if (name !== undefined) return Response.json(await aboutAsked(what === 'users' ? user : database, request));
    if (what !== undefined) return Response.json({ ...page, items: [] });
    return Response.json(id ? { id, metadata: { state: 'AVAILABLE' }, properties: {} } : { ...page, items: [] });
  };

/** An API without a cluster of any name. */
const nameless =
  (fetch: Fetch): Fetch =>
  async (request, init) =>
    request.url.endsWith(LOOK_UP) ? Response.json({ ...page, items: [] }) : fetch(request, init);

/** What a tool that writes looks at; one that reads gets `fetch` alone, once it knows that a cluster is given by its ID. */
export function forTool({ tool, writes }: ToolExample, fetch: Fetch): Fetch {
  if (tool === 'get_api_version') {
    return async (request, init) => (request.url.endsWith('s') ? Response.json([apiVersion]) : fetch(request, init));
  }
  const missing = { create_user: 'users' as const, create_database: 'databases' as const };
  return writes ? readable(fetch, Object.entries(missing).find(([name]) => name === tool)?.[1]) : nameless(fetch);
}

/** The answer with this reply, which is none where the API answers without a body. */
export const replied = (reply: unknown) => (reply === undefined ? new Response(null) : Response.json(reply));

export function example(tool: string): ToolExample {
  const found = examples.find((example) => example.tool === tool);
  if (!found) throw new Error(`There is no tool ${tool}`);
  return found;
}

const uris: Record<string, { uri: string; tool: string }> = {
  versions: { uri: 'ionos-postgresql://versions', tool: 'list_postgres_versions' },
  cluster: { uri: `ionos-postgresql://clusters/${clusterId}`, tool: 'get_cluster' },
  'cluster-backups': { uri: `ionos-postgresql://clusters/${clusterId}/backups`, tool: 'list_cluster_backups' },
  users: { uri: `ionos-postgresql://clusters/${clusterId}/users`, tool: 'list_users' },
  user: { uri: `ionos-postgresql://clusters/${clusterId}/users/shop_owner`, tool: 'get_user' },
  databases: { uri: `ionos-postgresql://clusters/${clusterId}/databases`, tool: 'list_databases' },
  database: { uri: `ionos-postgresql://clusters/${clusterId}/databases/shop`, tool: 'get_database' },
  datacenters: { uri: 'ionos-postgresql://datacenters', tool: 'list_network_options' },
  lans: { uri: `ionos-postgresql://datacenters/${datacenter.id}/lans`, tool: 'list_network_options' },
  'cluster-versions': { uri: `ionos-postgresql://clusters/${clusterId}/versions`, tool: 'list_cluster_versions' },
};

/** A URI of every resource, and the tool that reads the same. */
export const resourceExamples = resources.map(({ name, uri }) => ({
  resource: name,
  template: uri,
  ...entry(uris, name),
}));
