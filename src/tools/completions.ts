import { visible } from '../text/visible.ts';
import { listClusters } from './clusters/clusters.ts';
import { databasesIn } from './databases.ts';
import { withClusterId } from './finding/named-cluster.ts';
import { readDatacenters } from './networks/compute.ts';
import { bareClusterId, clusterId } from './schemas/cluster.ts';
import { type Context, reads } from './tool.ts';
import { usernamesIn } from './users.ts';

/** `known` holds the other variables or arguments. */
export type Complete = (typed: string, known: Record<string, string>, context: Context) => Promise<string[]>;

const MAX_LISTED = 100;

export async function knownClusters(context: Context) {
  const { clusters } = await listClusters.run({ limit: MAX_LISTED }, context);
  return clusters;
}

export const completeClusterId: Complete = async (typed, _, context) => {
  const clusters = await knownClusters(context);
  return clusters.filter(({ id, displayName = '' }) => isMeant(typed, { id, name: displayName })).map(({ id }) => id);
};

export const completeDatacenterId: Complete = async (typed, _, { api }) => {
  const { rows } = await readDatacenters(api.compute);
  return rows.filter(({ id, properties: { name = '' } = {} }) => isMeant(typed, { id, name })).map(({ id }) => id);
};

const isMeant = (typed: string, { id, name }: { id: string; name: string }) =>
  id.toLowerCase().startsWith(typed.toLowerCase()) || name.toLowerCase().includes(typed.toLowerCase());

export const completeUsername = namesIn(usernamesIn);

export const completeDatabase = namesIn(async (clusterId, context) => {
  const databases = await databasesIn(clusterId, context);
  return databases.map(({ name }) => name);
});

function namesIn(list: (clusterId: string, context: Context) => Promise<string[]>): Complete {
  return async (typed, known, context) => {
    const id = await clusterOf(known, context);
    const names = id === undefined ? [] : await list(id, context);
    return names.map(visible).filter((name) => name.toLowerCase().startsWith(typed.toLowerCase()));
  };
}

/** A template variable is an ID; a prompt's argument is an ID or a name. */
async function clusterOf({ clusterId: id, cluster = '' }: Record<string, string>, context: Context) {
  if (id !== undefined) return bareClusterId.safeParse(id).data;
  const given = clusterId.safeParse(cluster).data;
  if (given === undefined) return undefined;
  const { args } = await withClusterId({ clusterId: given }, reads, context);
  return bareClusterId.safeParse(args.clusterId).data;
}
