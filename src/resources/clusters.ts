import { getCluster } from '../tools/clusters/clusters.ts';
import { completeClusterId, knownClusters } from '../tools/completions.ts';
import { listClusterVersions } from '../tools/versions/versions.ts';
import type { Resource } from './resource.ts';
import { ofCluster } from './variables.ts';

const cluster: Resource = {
  name: 'cluster',
  uri: 'ionos-postgresql://clusters/{clusterId}',
  title: 'PostgreSQL cluster',
  description: 'One cluster: state, size, network',
  mimeType: 'application/json',
  ttlMs: 5_000,
  read: (variables, context) => getCluster.run(ofCluster(variables), context),
  async list(context) {
    const clusters = await knownClusters(context);
    return clusters.map(({ id, displayName = id }) => ({
      uri: `ionos-postgresql://clusters/${id}`,
      name: id,
      title: displayName,
    }));
  },
  complete: { clusterId: completeClusterId },
};

const clusterVersions: Resource = {
  name: 'cluster-versions',
  uri: 'ionos-postgresql://clusters/{clusterId}/versions',
  title: 'Upgrades of a PostgreSQL cluster',
  description: 'The PostgreSQL versions a cluster can be upgraded to',
  mimeType: 'application/json',
  ttlMs: 60_000,
  read: (variables, context) => listClusterVersions.run(ofCluster(variables), context),
  complete: { clusterId: completeClusterId },
};

export const clusterResources = [cluster, clusterVersions];
