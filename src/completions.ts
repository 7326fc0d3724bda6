import { clusterId } from './tools/cluster.ts';
import { listClusters } from './tools/clusters.ts';
import { listDatabases } from './tools/databases.ts';
import type { Context } from './tools/tool.ts';
import { listUsers } from './tools/users.ts';

/** The values that begin like the one typed so far; `known` are those of the other variables or arguments. */
export type Complete = (typed: string, known: Record<string, string>, context: Context) => Promise<string[]>;

const MAX_LISTED = 100;
/** Names among which the one that is typed is looked for. */
const MAX_NAMES = 1_000;

export async function knownClusters(context: Context) {
  const { clusters } = await listClusters.run({ limit: MAX_LISTED }, context);
  return clusters;
}

/** IDs, from the beginning of one or any part of a name. */
export const completeClusterId: Complete = async (typed, _, context) => {
  const wanted = typed.toLowerCase();
  const clusters = await knownClusters(context);
  return clusters
    .filter(
      ({ id, displayName = '' }) => id.toLowerCase().startsWith(wanted) || displayName.toLowerCase().includes(wanted),
    )
    .map(({ id }) => id);
};

/** Names of the cluster that is known already, by its ID. */
export const completeUsername: Complete = namesIn(async (clusterId, context) => {
  const { users } = await listUsers.run({ clusterId, limit: MAX_NAMES }, context);
  return users.map(({ username }) => username);
});

export const completeDatabase: Complete = namesIn(async (clusterId, context) => {
  const { databases } = await listDatabases.run({ clusterId, limit: MAX_NAMES }, context);
  return databases.map(({ name }) => name);
});

function namesIn(list: (clusterId: string, context: Context) => Promise<(string | undefined)[]>): Complete {
  return async (typed, known, context) => {
    const { data } = clusterId.safeParse(known.clusterId ?? known.cluster);
    if (data === undefined) return [];
    const names = await list(data, context);
    return names.flatMap((name) => (name?.toLowerCase().startsWith(typed.toLowerCase()) ? name : []));
  };
}
