import type { Fetch } from '../../src/api/client.ts';
import { resources } from '../../src/resources/index.ts';
import { tools } from '../../src/tools/index.ts';
import { order } from './orders.ts';

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

const versions = { data: [{ name: '16' }, { name: '17' }] };

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
};

function entry<T>(table: Record<string, T>, name: string): T {
  const found = table[name];
  if (!found) throw new Error(`${name} has no example in test/helpers/examples.ts`);
  return found;
}

/** A good call of every tool. */
export const examples = tools.map(({ name, access, output }) => ({
  tool: name,
  writes: access !== 'read',
  output,
  ...entry(table, name),
}));

/** Those whose call stands or falls with one request; the others look again and again. */
export const direct = examples.filter(({ tool }) => tool !== 'wait_for_cluster');

export type ToolExample = (typeof examples)[number];

const offered = { data: Array.from({ length: 30 }, (_, n) => ({ name: String(n + 1) })) };

/** An API that shows whatever a write looks at before it is sent; the write itself is up to `fetch`. */
export const readable =
  (fetch: Fetch): Fetch =>
  async (request, init) => {
    if (request.method !== 'GET') return fetch(request, init);
    const [, id, what] = new URL(request.url).pathname.split('/').slice(3);
    if (what === 'versions' || id === 'postgresversions') return Response.json(offered);
    return Response.json(id ? { id, metadata: { state: 'AVAILABLE' }, properties: {} } : { ...page, items: [] });
  };

/** The same where the tool writes; a tool that reads gets `fetch` alone. */
export const forTool = ({ writes }: ToolExample, fetch: Fetch): Fetch => (writes ? readable(fetch) : fetch);

export function example(tool: string): ToolExample {
  const found = examples.find((example) => example.tool === tool);
  if (!found) throw new Error(`There is no tool ${tool}`);
  return found;
}

const uris: Record<string, { uri: string; tool: string }> = {
  versions: { uri: 'ionos-postgresql://versions', tool: 'list_postgres_versions' },
  cluster: { uri: `ionos-postgresql://clusters/${clusterId}`, tool: 'get_cluster' },
  'cluster-versions': { uri: `ionos-postgresql://clusters/${clusterId}/versions`, tool: 'list_cluster_versions' },
};

/** A URI of every resource, and the tool that reads the same. */
export const resourceExamples = resources.map(({ name, uri }) => ({
  resource: name,
  template: uri,
  ...entry(uris, name),
}));
