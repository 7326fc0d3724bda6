import { z } from 'zod';
import { path } from '../api/client.ts';
import { ApiError, cut } from '../errors.ts';
import { args, id } from './arguments.ts';
import * as property from './cluster-properties.ts';
import { pageOf, paging, rowsOf } from './page.ts';
import { type Context, changes, creates, defineTool, deletes, reads } from './tool.ts';

/** Characters of a text from the API: a name can have any length, an answer cannot. */
const MAX_TEXT = 2_000;

// What is read of a cluster. Only its ID is certain: a property that is unknown, missing or odd must not hide the rest.
const text = z
  .string()
  .transform((value) => cut(value, MAX_TEXT))
  .optional()
  .catch(undefined);
const number = z.number().optional().catch(undefined);
const metadata = {
  state: text.describe('AVAILABLE when it takes connections and changes; BUSY, DESTROYING, DEGRADED, FAILED, UNKNOWN'),
  createdDate: text,
  createdBy: text,
  lastModifiedDate: text,
  lastModifiedBy: text,
};
const properties = {
  displayName: text,
  postgresVersion: text,
  location: text,
  instances: number,
  cores: number.describe('Of each instance'),
  ram: number.describe('MB of each instance'),
  storageSize: number.describe('MB of each instance'),
  storageType: text,
  dnsName: text.describe('Host name in the LAN, port 5432, pooler 6432'),
  connections: z
    .array(z.object({ datacenterId: text, lanId: text, cidr: text }))
    .optional()
    .catch(undefined),
  synchronizationMode: text,
  connectionPooler: z
    .object({ enabled: z.boolean().optional().catch(undefined), poolMode: text })
    .optional()
    .catch(undefined),
  maintenanceWindow: z.object({ time: text, dayOfTheWeek: text }).optional().catch(undefined),
  backupLocation: text,
};

const cluster = z.object({
  id: z.string(),
  metadata: z.object(metadata).optional().catch(undefined),
  properties: z.object(properties).optional().catch(undefined),
});
type Cluster = z.output<typeof cluster>;

const row = z.object({ id: z.string(), ...metadata, ...properties });
type Row = z.output<typeof row>;
/** Writes are documented to answer with the cluster; nothing depends on it. */
const clusterReply = cluster.optional();

const versions = z.object({ versions: z.array(z.string()).describe('Major versions') });
const versionsReply = z.object({ data: z.array(z.object({ name: z.string() })).default([]) });

const written = z.object({
  outcome: z.enum(['done']),
  cluster: cluster.optional(),
  note: z.string().optional(),
});

/** Words that stand in the place of an ID in other paths of the API. */
const LITERALS = ['backups', 'postgresversions'];
export const clusterId = id
  .refine((value) => !LITERALS.includes(value), 'is not the ID of a cluster')
  .describe('Cluster ID from list_clusters');

const SUMMARY = [
  'displayName',
  'postgresVersion',
  'location',
  'instances',
  'cores',
  'ram',
  'storageSize',
  'storageType',
] as const;

function summarize({ id, metadata, properties = {} }: Cluster): Row {
  return { id, state: metadata?.state, ...Object.fromEntries(SUMMARY.map((name) => [name, properties[name]])) };
}

function flatten({ id, metadata, properties }: Cluster): Row {
  return { id, ...metadata, ...properties };
}

export const listClusters = defineTool({
  name: 'list_clusters',
  title: 'List PostgreSQL clusters',
  description:
    'Lists the PostgreSQL clusters of the contract: IDs, states, versions, sizes. Start here; the other tools take the IDs. If nextOffset is in the answer there are more.',
  ...reads,
  input: args({
    name: z.string().min(1).optional().describe('Part of displayName, upper and lower case alike'),
    detail: z.enum(['summary', 'full']).optional().describe('full adds network, pooler, maintenance, dates'),
    limit: paging.limit.describe('Rows, 1 to 1000; default 100, full 25'),
    offset: paging.offset,
  }),
  output: z.object({
    clusters: z.array(row),
    nextOffset: number.describe('offset of the next page; absent on the last'),
  }),
  async run({ name, detail = 'summary', limit = detail === 'full' ? 25 : 100, offset = 0 }, { api }) {
    const page = await api.get('clusters', {
      query: { 'filter.name': name, limit, offset },
      response: pageOf(cluster),
    });
    const { rows, nextOffset } = rowsOf(page, { limit, offset }, detail === 'full' ? flatten : summarize);
    return { clusters: rows, nextOffset };
  },
});

export const getCluster = defineTool({
  name: 'get_cluster',
  title: 'Get PostgreSQL cluster',
  description:
    'Reads one cluster: state, size, network, dnsName. After create_cluster or update_cluster call it every 10 seconds or so until state is AVAILABLE; after delete_cluster a 404 means it is gone.',
  ...reads,
  input: args({ clusterId }),
  output: cluster,
  run: ({ clusterId }, { api }) => api.get(path`clusters/${clusterId}`, { response: cluster }),
});

const createCluster = defineTool({
  name: 'create_cluster',
  title: 'Create PostgreSQL cluster',
  description:
    'Orders a cluster, which costs money from then on. Ask list_postgres_versions for the version first. Answers at once with state BUSY; it is ready, with a dnsName, when get_cluster says AVAILABLE, often after 10 minutes or more. Never repeat a call whose answer was lost: look with list_clusters first.',
  ...creates,
  input: property.withEnoughInstances(
    args({
      displayName: property.displayName,
      postgresVersion: property.postgresVersion,
      location: z
        .string()
        .min(1)
        .describe('de/fra, de/fra/2, de/txl, es/vit, fr/par, gb/bhx, gb/lhr, us/ewr, us/las, us/mci; for good'),
      ...property.sizing,
      storageType: property.storageType,
      connections: property.connections
        .length(1, 'must have exactly one entry')
        .describe('The one private LAN it is attached to'),
      credentials: property.credentials,
      synchronizationMode: property.synchronizationMode,
      backupLocation: z
        .string()
        .min(1)
        .optional()
        .describe('de, eu-south-2 or eu-central-2; default the nearest; for good'),
      maintenanceWindow: property.maintenanceWindow.optional(),
      connectionPooler: property.connectionPooler.optional(),
      fromBackup: property.fromBackup.optional(),
    }),
  ),
  output: written,
  async run(properties, { api }) {
    const cluster = await api.post('clusters', { body: { properties }, response: clusterReply });
    const next = cluster ? 'call get_cluster until state is AVAILABLE' : 'find it with list_clusters';
    return done(cluster, `Being created: ${next}.`, ...property.warnings(properties));
  },
});

/** Named instead of "unknown", so that nobody looks for another spelling. */
const IMMUTABLE = Object.fromEntries(
  ['location', 'backupLocation', 'storageType', 'credentials', 'fromBackup'].map((name) => [
    name,
    'cannot be changed after creation; it takes a new cluster, which can be filled with fromBackup',
  ]),
);

const updateCluster = defineTool({
  name: 'update_cluster',
  title: 'Change PostgreSQL cluster',
  description:
    'Changes what is given and leaves the rest. The cluster has to be AVAILABLE. cores, ram, instances: both ways, with a switchover. storageSize: only up. postgresVersion: only up, for good; see list_cluster_versions. Afterwards call get_cluster until AVAILABLE.',
  ...changes,
  input: property
    .withEnoughInstances(
      args(
        {
          clusterId,
          displayName: property.displayName.optional(),
          postgresVersion: property.postgresVersion
            .optional()
            .describe('Newer major version, from list_cluster_versions'),
          instances: property.sizing.instances.optional(),
          cores: property.sizing.cores.optional(),
          ram: property.sizing.ram.optional(),
          storageSize: property.sizing.storageSize.optional(),
          connections: property.connections
            .max(1, 'must have one entry, or none to detach the cluster')
            .optional()
            .describe('The new connection, whole; [] detaches the cluster'),
          synchronizationMode: property.synchronizationMode.optional(),
          maintenanceWindow: property.maintenanceWindow.optional().describe('Four hours a week for restarts'),
          connectionPooler: property.connectionPooler.optional(),
        },
        IMMUTABLE,
      ),
    )
    .refine(({ clusterId, ...rest }) => Object.values(rest).some((value) => value !== undefined), {
      message: 'Give at least one property to change besides clusterId',
    }),
  output: written,
  async run({ clusterId, ...properties }, { api }) {
    const cluster = await api.patch(path`clusters/${clusterId}`, { body: { properties }, response: clusterReply });
    return done(
      cluster,
      'Under way, even if state still says AVAILABLE: wait 5 seconds, then call get_cluster until it is AVAILABLE.',
      ...property.warnings(properties, cluster?.properties),
    );
  },
});

const deleteCluster = defineTool({
  name: 'delete_cluster',
  title: 'Delete PostgreSQL cluster',
  description:
    'Destroys a cluster with all its databases; this cannot be undone. Be sure of the ID: show the person the name from get_cluster and ask. State is DESTROYING until get_cluster answers 404.',
  ...deletes,
  input: args({ clusterId }),
  output: written,
  async run({ clusterId }, { api }) {
    const cluster = await api.delete(path`clusters/${clusterId}`, { response: clusterReply });
    return done(cluster, 'Being deleted: gone when get_cluster answers 404.');
  },
});

function done(cluster: Cluster | undefined, ...notes: string[]) {
  return { outcome: 'done' as const, cluster, note: notes.join(' ') };
}

export const listPostgresVersions = defineTool({
  name: 'list_postgres_versions',
  title: 'List PostgreSQL versions',
  description: 'Lists the PostgreSQL major versions a new cluster can have. Call it before create_cluster.',
  ...reads,
  input: args({}),
  output: versions,
  async run(_, { api }) {
    try {
      return await readVersions(api, 'clusters/postgresversions');
    } catch (error) {
      // The API has deprecated this route in favour of /versions, and may drop it.
      if (error instanceof ApiError && [404, 405, 410].includes(error.status)) return readVersions(api, 'versions');
      throw error;
    }
  },
});

export const listClusterVersions = defineTool({
  name: 'list_cluster_versions',
  title: 'List versions for a cluster',
  description:
    'Lists the PostgreSQL major versions a cluster can be upgraded to. Call it before update_cluster with postgresVersion.',
  ...reads,
  input: args({ clusterId }),
  output: versions,
  run: ({ clusterId }, { api }) => readVersions(api, path`clusters/${clusterId}/versions`),
});

const listClusterPostgresVersions = defineTool({
  name: 'list_cluster_postgres_versions',
  title: 'List versions for a cluster (deprecated)',
  description: "Deprecated by IONOS: use list_cluster_versions. Lists a cluster's versions, its present one included.",
  ...reads,
  input: args({ clusterId }),
  output: versions,
  run: ({ clusterId }, { api }) => readVersions(api, path`clusters/${clusterId}/postgresversions`),
});

async function readVersions(api: Context['api'], from: string) {
  const { data } = await api.get(from, { response: versionsReply });
  return { versions: data.map(({ name }) => name) };
}

export const clusterTools = [
  listClusters,
  getCluster,
  createCluster,
  updateCluster,
  deleteCluster,
  listPostgresVersions,
  listClusterVersions,
  listClusterPostgresVersions,
];
