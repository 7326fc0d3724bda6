import { listClusterBackups } from '../tools/backups.ts';
import { completeClusterId } from '../tools/completions.ts';
import type { Resource } from './resource.ts';
import { ofCluster } from './variables.ts';

const clusterBackups: Resource = {
  name: 'cluster-backups',
  uri: 'ionos-postgresql://clusters/{clusterId}/backups',
  title: 'Backups of a PostgreSQL cluster',
  description: 'The first 100 backups of a cluster',
  mimeType: 'application/json',
  ttlMs: 60_000,
  read: (variables, context) => listClusterBackups.run({ ...ofCluster(variables), limit: 100 }, context),
  complete: { clusterId: completeClusterId },
};

export const backupResources = [clusterBackups];
