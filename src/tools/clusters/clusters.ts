import * as z from 'zod';
import { sentences } from '../../text/sentences.ts';
import { defineRead, defineWrite } from '../define-tool.ts';
import { absentWords } from '../finding/generations.ts';
import { unfilteredWords } from '../finding/missing.ts';
import { onlyWords } from '../finding/only-words.ts';
import { paging, pastEnd, rowsOf } from '../paging.ts';
import { planDeletion } from '../plans/clusters.ts';
import { typedConfirmationArguments } from '../plans/plan.ts';
import { abridged } from '../schemas/abridged.ts';
import { args } from '../schemas/arguments.ts';
import { type Cluster, cluster, clusterId, type Row, row } from '../schemas/cluster.ts';
import { connection, connectionTo } from '../schemas/connection.ts';
import { aboutId } from '../schemas/identity.ts';
import { unspelled } from '../schemas/names.ts';
import { deletes, reads } from '../tool.ts';
import { answer, answerWith, clusterReply } from './cluster-answers.ts';
import { createCluster } from './create-cluster.ts';
import { updateCluster } from './update-cluster.ts';
import { seeThrough, wait } from './waiting.ts';

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

export const listClusters = defineRead({
  name: 'list_clusters',
  searchHint: null,
  title: 'List PostgreSQL clusters',
  description:
    'Lists all Postgres clusters of the account: an overview of everything there is, running right now or not, with state (as FAILED) and location, or those that have a part of a name. Use get_cluster for a single one.',
  ...reads,
  hasView: true,
  spansProfiles: true,
  input: args({
    name: z.string().min(1).transform(unspelled).optional().describe('Part of displayName in any case, e.g. "prod"'),
    detail: z.enum(['summary', 'full']).optional().describe('full adds sizes, network, pooler, maintenance and dates'),
    limit: paging.limit.describe('Most rows; default 100, with full 25'),
    offset: paging.offset,
  }),
  output: z.object({
    clusters: z.array(
      abridged(row, {
        description: 'full adds the rest of get_cluster, flattened',
        listedKeys: ['id', 'state', ...SUMMARY],
      }),
    ),
    nextOffset: z.number().optional(),
    note: z.string().optional(),
  }),
  async run({ name, detail = 'summary', limit = detail === 'full' ? 25 : 100, offset = 0 }, context) {
    const toRow = detail === 'full' ? flatten : summarize;
    const found = await context.clusters.rows({ of: 'clusters', name }, cluster, { limit, offset });
    const { rows, ...more } = rowsOf(found, offset, toRow);
    const nextOffset = found.isPageable ? more.nextOffset : undefined;
    const absent = absentWords(found, { offset, hasMore: more.nextOffset !== undefined });
    const notes = [onlyWords('clusters', 'shown', context), absent];
    if (rows.length === 0) {
      const past = pastEnd('clusters', rows, offset) ?? context.clusters.unlisted;
      notes.unshift(offset > 0 || name === undefined ? past : await unfilteredWords(name, context));
    }
    return { clusters: rows, nextOffset, note: sentences(...notes) || undefined };
  },
});

export const getCluster = defineRead({
  name: 'get_cluster',
  searchHint: 'status size host connection',
  title: 'Get PostgreSQL cluster',
  description:
    'Reads the state of a cluster (healthy, up), how many cores and instances, how much memory (RAM) and disk it has, its maintenance window, network, configuration, host name (hostname) and port for connections. Use list_clusters for the names, wait_for_cluster to follow a change.',
  ...reads,
  hasView: true,
  input: args({ clusterId }),
  output: cluster.extend({ connection }),
  async run({ clusterId }, { clusters }) {
    const found = aboutId(await clusters.cluster(clusterId, cluster), clusterId);
    return { ...found, connection: connectionTo(found) };
  },
});

const deleteCluster = defineWrite({
  name: 'delete_cluster',
  searchHint: 'remove destroy database server',
  title: 'Delete PostgreSQL cluster',
  description:
    'Gets rid of a whole cluster, for good: tears it down (decommissions it) with all its data, and stops its costs. Backups stay for days, 7 on API v1. Returns outcome started; wait_for_cluster ends with GONE. Use delete_database for a single database.',
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

  async run({ clusterId }, { clusters }) {
    const changing = await clusters.changing(clusterId);
    const reply = await changing.delete(clusterId, clusterReply);
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
