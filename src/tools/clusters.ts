import * as z from 'zod';
import { path } from '../api/client.ts';
import { InputError, isUndone } from '../errors.ts';
import { duplicate, lookalikeIn, lostOrder, namesakes, placeOf } from './duplicates.ts';
import { absentWords, requireV1Asked } from './generations.ts';
import { unfilteredWords } from './missing.ts';
import { paging, rowsOf } from './paging.ts';
import { planChange, planDeletion, planOrder } from './plans/clusters.ts';
import { confirmationArguments, typedConfirmationArguments, withoutControls, written } from './plans/plan.ts';
import { planRecovery } from './plans/recovery.ts';
import { abridged } from './schemas/abridged.ts';
import { args } from './schemas/arguments.ts';
import { type Cluster, cluster, clusterId, type Row, row, shortened } from './schemas/cluster.ts';
import * as property from './schemas/cluster-properties.ts';
import { connection, connectionTo } from './schemas/connection.ts';
import { credentials } from './schemas/credentials.ts';
import { aboutId } from './schemas/identity.ts';
import { unspelled } from './schemas/names.ts';
import { changes, creates, defineTool, deletes, reads } from './tool.ts';
import { listPostgresVersions, notOffered } from './versions.ts';
import { seeThrough, wait } from './waiting.ts';

/** Documented for every write, but nothing depends on it. */
const clusterReply = cluster.optional();

/** Long lists cost tokens; get_cluster has the rest. */
const SUMMARY = ['displayName', 'postgresVersion', 'location', 'instances'] as const;

function summarize({ id, api, metadata, properties = {} }: Cluster): Row {
  return {
    id,
    ...(api && { api }),
    state: metadata?.state,
    ...Object.fromEntries(SUMMARY.map((name) => [name, properties[name]])),
  };
}

function flatten({ id, api, metadata, properties }: Cluster): Row {
  return { id, ...(api && { api }), ...metadata, ...properties };
}

export const listClusters = defineTool({
  name: 'list_clusters',
  title: 'List PostgreSQL clusters',
  description:
    'Lists all PostgreSQL clusters of the contract, one short row each. The other tools take their IDs. Use get_cluster for all properties of one.',
  ...reads,
  input: args({
    name: z.string().min(1).transform(unspelled).optional().describe('Part of displayName in any case, e.g. "prod"'),
    detail: z.enum(['summary', 'full']).optional().describe('full adds sizes, network, pooler, maintenance and dates'),
    limit: paging.limit.describe('Most rows to return; default 100, with full 25'),
    offset: paging.offset,
  }),
  output: z.object({
    clusters: z.array(
      abridged(row, {
        description: 'full adds the rest of get_cluster, flattened',
        listedKeys: ['id', 'state', ...SUMMARY],
      }),
    ),
    nextOffset: z.number().optional().describe('If there are more'),
    note: z.string().optional(),
  }),
  async run({ name, detail = 'summary', limit = detail === 'full' ? 25 : 100, offset = 0 }, context) {
    const toRow = detail === 'full' ? flatten : summarize;
    const found = await context.clusters.rows({ of: 'clusters', name }, cluster, { limit, offset });
    const { rows, ...more } = rowsOf(found, offset, toRow);
    const nextOffset = found.isPageable ? more.nextOffset : undefined;
    const absent = absentWords({ ...found, hasMore: more.nextOffset !== undefined });
    if (rows.length > 0) return { clusters: rows, nextOffset, note: absent };
    const past = offset > 0 ? `No more clusters from offset ${offset} on.` : context.clusters.unlisted;
    const empty = offset > 0 || name === undefined ? past : await unfilteredWords(name, context);
    return { clusters: rows, nextOffset, note: [empty, absent].filter(Boolean).join(' ') || undefined };
  },
});

export const getCluster = defineTool({
  name: 'get_cluster',
  title: 'Get PostgreSQL cluster',
  description:
    'Reads all properties of one cluster, with a connection string without password. Use list_clusters to find it, wait_for_cluster to follow a change.',
  ...reads,
  input: args({ clusterId }),
  output: cluster.extend({ connection }),
  async run({ clusterId }, { clusters }) {
    const found = aboutId(await clusters.cluster(clusterId, cluster), clusterId);
    return { ...found, connection: connectionTo(found) };
  },
});

const answer = written({ cluster: abridged(cluster, { description: 'As in get_cluster' }).optional() });
type Answer = z.input<typeof answer>;

function answerWith(
  outcome: 'started' | 'done',
  cluster: Cluster | undefined,
  ...notes: (string | undefined)[]
): Answer {
  return { outcome, cluster, note: notes.filter(Boolean).join(' ') || undefined };
}

const isBusy = ({ metadata }: Cluster) => metadata?.state === 'BUSY';

const waitArgument = wait.optional().describe('Seconds to wait for AVAILABLE; default 0');

const createCluster = defineTool({
  name: 'create_cluster',
  title: 'Create PostgreSQL cluster',
  description:
    'Orders a new cluster, billed from then on. Returns at once with outcome started and state BUSY; minutes later it is AVAILABLE and has a dnsName (wait_for_cluster). A second order of this name within 10 minutes returns outcome duplicate. Use restore_cluster to put a backup into an existing cluster.',
  ...creates,
  input: property.withEnoughInstances(
    args({
      displayName: property.displayName,
      postgresVersion: property.postgresVersion,
      location: z
        .string()
        .min(1)
        .describe(
          'de/fra, de/fra/2, de/txl, es/vit, fr/par, gb/bhx, gb/lhr, us/ewr, us/las or us/mci; cannot change later',
        ),
      ...property.sizing,
      storageType: property.storageType,
      connections: property.connections
        .length(1, 'must have exactly one entry')
        .describe('The one private LAN to attach it to'),
      credentials,
      synchronizationMode: property.synchronizationMode,
      backupLocation: z
        .string()
        .min(1)
        .optional()
        .describe('de, eu-south-2 or eu-central-2; default the nearest; cannot change later'),
      maintenanceWindow: property.maintenanceWindow.optional(),
      connectionPooler: property.connectionPooler.optional(),
      fromBackup: property.fromBackup.optional(),
      allowDuplicate: z
        .boolean()
        .optional()
        .describe('Order even if one of this name was ordered in the last 10 minutes'),
      wait: waitArgument,
      ...confirmationArguments,
    }),
  ),
  output: answer,

  async plan(args, context) {
    const { allowDuplicate = false, credentials, fromBackup, ...order } = withoutControls(args);
    requireV1Asked(context);
    const newPassword = context.passwords.plan(credentials, { at: 'credentials' });
    const [{ all, recent }, { versions }] = await Promise.all([
      namesakes(order, context),
      listPostgresVersions.run({}, context),
    ]);
    if (!versions.includes(order.postgresVersion)) throw new InputError([notOffered(order.postgresVersion, versions)]);
    const recovery = fromBackup && (await planRecovery(fromBackup, order, context, 'fromBackup'));
    const [lookalike] = allowDuplicate ? [] : recent;
    if (lookalike && !args.dryRun) return { answer: duplicate(lookalike) };
    return planOrder(order, {
      username: credentials.username,
      newPassword,
      filledFrom: recovery?.replay,
      lookalike: lookalike && lookalikeIn(lookalike),
      namesakes: all.map(({ id }) => id),
      once: allowDuplicate ? undefined : JSON.stringify([order.displayName, placeOf(order.location)]),
    });
  },

  async run(args, context, plan) {
    const { allowDuplicate: _, ...order } = withoutControls(args);
    const { displayName, location, credentials } = order;
    const details = { cluster: displayName, location, username: credentials.username };
    const password = await context.passwords.take(credentials, { at: 'credentials', label: displayName, details });
    const passwordNote =
      password.place && `The password of ${shortened(credentials.username)} is in ${password.place}.`;
    const properties = { ...order, credentials: { username: credentials.username, password: password.value } };
    try {
      const cluster = await context.api.post('clusters', { body: { properties }, response: clusterReply });
      if (cluster) await password.complete({ clusterId: cluster.id });
      return answerWith('started', cluster, passwordNote, order.fromBackup && OLD_USERS);
    } catch (error) {
      if (!isUndone(error))
        throw await lostOrder(error, { order, passwordNote, earlier: plan?.namesakes ?? [] }, context);
      await password.discard();
      throw error;
    }
  },

  follow({ wait }, answer, context) {
    const clusterId = answer.cluster?.id;
    const how = clusterId === undefined ? 'find it with list_clusters' : 'call wait_for_cluster until it is AVAILABLE';
    return seeThrough({ clusterId, until: 'AVAILABLE', wait, advice: `Being created: ${how}.` }, answer, context);
  },
});

const OLD_USERS =
  'It is not documented which users of the backup the new cluster has, or whether the one in credentials can read their data: check list_users once it is AVAILABLE.';

/** Named, so that nobody looks for another spelling. */
const IMMUTABLE = Object.fromEntries(
  ['location', 'backupLocation', 'storageType', 'credentials', 'fromBackup'].map((name) => [
    name,
    'cannot be changed after creation; create a new cluster instead, which fromBackup can fill',
  ]),
);

const changeable = {
  displayName: property.displayName.optional(),
  postgresVersion: property.postgresVersion.optional().describe('Newer major version, from list_cluster_versions'),
  instances: property.sizing.instances.optional(),
  cores: property.sizing.cores.optional(),
  ram: property.sizing.ram.optional(),
  storageSize: property.sizing.storageSize.optional(),
  connections: property.connections
    .max(1, 'must have one entry, or none to detach the cluster')
    .optional()
    .describe('The complete new connection; [] detaches the cluster'),
  synchronizationMode: property.synchronizationMode.optional(),
  maintenanceWindow: property.maintenanceWindow.optional(),
  connectionPooler: property.connectionPooler.optional(),
};

const updateCluster = defineTool({
  name: 'update_cluster',
  title: 'Change PostgreSQL cluster',
  description:
    'Changes the given properties of an AVAILABLE cluster and keeps the rest. Returns outcome started. cores, ram and instances can be raised or lowered, mostly with a switchover; storageSize and postgresVersion can only be raised, for good. Use restore_cluster for its data, update_user for passwords.',
  ...changes,
  input: property
    .withEnoughInstances(
      args(
        {
          clusterId,
          ...changeable,
          wait: waitArgument,
          ...confirmationArguments,
        },
        IMMUTABLE,
      ),
    )
    .refine((given) => Object.keys(changeable).some((name) => given[name as keyof typeof changeable] !== undefined), {
      message: 'Give at least one property to change, in addition to clusterId',
    }),
  output: answer,

  async plan(args, context) {
    const { clusterId, ...properties } = withoutControls(args);
    const plan = await planChange(clusterId, properties, context);
    return 'alreadySo' in plan
      ? {
          answer: answerWith(
            isBusy(plan.alreadySo) ? 'started' : 'done',
            plan.alreadySo,
            'The cluster already has these values. Nothing was sent.',
          ),
        }
      : plan;
  },

  async run(args, { api }) {
    const { clusterId, ...properties } = withoutControls(args);
    const reply = await api.patch(path`clusters/${clusterId}`, { body: { properties }, response: clusterReply });
    return answerWith('started', aboutId(reply, clusterId, 'PATCH'));
  },

  follow: ({ clusterId, wait }, answer, context) =>
    seeThrough(
      {
        ...{ clusterId, until: 'AVAILABLE', wait },
        advice: 'In progress, even if the state is still AVAILABLE: call wait_for_cluster until it is AVAILABLE.',
      },
      answer,
      context,
    ),
});

const deleteCluster = defineTool({
  name: 'delete_cluster',
  title: 'Delete PostgreSQL cluster',
  description:
    'Deletes a cluster with all its databases, users and data, for good. Its backups stay for up to 7 days. Returns outcome started; wait_for_cluster reports GONE at the end. Use delete_database for a single database.',
  ...deletes,
  input: args({
    clusterId,
    wait: wait.optional().describe('Seconds to wait until it is GONE; default 0'),
    ...typedConfirmationArguments,
  }),
  output: answer,

  async plan({ clusterId }, context) {
    const plan = await planDeletion(clusterId, context);
    return 'alreadySo' in plan
      ? { answer: answerWith('started', plan.alreadySo, 'The cluster is already being deleted. Nothing was sent.') }
      : plan;
  },

  async run({ clusterId }, { api }) {
    const reply = await api.delete(path`clusters/${clusterId}`, { response: clusterReply });
    return answerWith('started', aboutId(reply, clusterId, 'DELETE'));
  },

  follow: ({ clusterId, wait }, answer, context) =>
    seeThrough(
      { clusterId, until: 'GONE', wait, advice: 'Being deleted: call wait_for_cluster until it is GONE.' },
      answer,
      context,
    ),
});

export const clusterTools = [listClusters, getCluster, createCluster, updateCluster, deleteCluster];
