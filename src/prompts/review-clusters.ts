import type { Prompt } from './prompt.ts';

export const reviewClusters: Prompt = {
  name: 'review_clusters',
  title: 'Review all clusters',
  description: 'Look through all clusters for what can fail or is out of date',
  arguments: [],
  tools: ['list_clusters', 'list_postgres_versions', 'list_backups'],
  text: () =>
    [
      'Review all my PostgreSQL clusters. Only read; change nothing.',
      '1. list_clusters with detail full, all pages; list_postgres_versions; list_backups.',
      '2. Of each cluster look at:',
      '- state: anything but AVAILABLE.',
      '- postgresVersion: no longer among those offered, the oldest offered one, or within a year of the end of its support by the PostgreSQL project.',
      '- instances: 1 has no standby; STRICTLY_SYNCHRONOUS with fewer than 3 can turn read-only.',
      '- ram below 4096 MB, which is little for more than tests and allows few connections.',
      '- connectionPooler: off, or on without a poolMode.',
      '- maintenanceWindow: within working hours of its place.',
      '- connections: none, so that nobody reaches it.',
      '- backups: no active one, or one without earliestRecoveryTargetTime.',
      '3. Answer with a table, the gravest first: cluster, finding, why it matters, what to do with which tool, and whether that interrupts it or cannot be undone. Say which clusters are fine.',
    ].join('\n'),
};
