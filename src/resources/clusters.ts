import { InputError } from '../errors.ts';
import { clusterId } from '../tools/cluster.ts';
import { getCluster, listClusters } from '../tools/clusters.ts';
import type { Context } from '../tools/tool.ts';
import { listClusterVersions } from '../tools/versions.ts';
import type { Resource } from './resource.ts';

const MAX_LISTED = 100;

async function known(context: Context) {
  const { clusters } = await listClusters.run({ limit: MAX_LISTED }, context);
  return clusters;
}

/** Completes to IDs, from the beginning of one or any part of a name. */
async function completeId(typed: string, context: Context): Promise<string[]> {
  const wanted = typed.toLowerCase();
  const clusters = await known(context);
  return clusters
    .filter(
      ({ id, displayName = '' }) => id.toLowerCase().startsWith(wanted) || displayName.toLowerCase().includes(wanted),
    )
    .map(({ id }) => id);
}

function checked({ clusterId: given }: Record<string, string>) {
  const { data, error } = clusterId.safeParse(given);
  if (error) throw new InputError([`clusterId (${JSON.stringify(given)}): ${error.issues[0]?.message}`]);
  return { clusterId: data };
}

const cluster: Resource = {
  name: 'cluster',
  uri: 'ionos-postgresql://clusters/{clusterId}',
  title: 'PostgreSQL cluster',
  description: 'One cluster: state, size, network',
  mimeType: 'application/json',
  ttlMs: 5_000,
  read: (variables, context) => getCluster.run(checked(variables), context),
  async list(context) {
    const clusters = await known(context);
    return clusters.map(({ id, displayName = id }) => ({
      uri: `ionos-postgresql://clusters/${id}`,
      name: id,
      title: displayName,
    }));
  },
  complete: { clusterId: completeId },
};

const clusterVersions: Resource = {
  name: 'cluster-versions',
  uri: 'ionos-postgresql://clusters/{clusterId}/versions',
  title: 'Upgrades of a PostgreSQL cluster',
  description: 'The PostgreSQL versions a cluster can be upgraded to',
  mimeType: 'application/json',
  ttlMs: 60_000,
  read: (variables, context) => listClusterVersions.run(checked(variables), context),
  complete: { clusterId: completeId },
};

export const clusterResources = [cluster, clusterVersions];
