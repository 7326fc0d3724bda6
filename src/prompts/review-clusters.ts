import type { Prompt } from './prompt.ts';

export const reviewClusters: Prompt = {
  name: 'review_clusters',
  title: 'Review all clusters',
  description: 'Checks all clusters for what can fail or is out of date',
  arguments: [],
  tools: ['list_clusters', 'list_postgres_versions', 'list_cluster_versions', 'list_backups', 'estimate_cost'],
  text: () =>
    [
      'Review all my PostgreSQL clusters. Only read; change nothing.',
      '1. list_clusters with detail full, all pages; list_postgres_versions; list_backups; estimate_cost without arguments.',
      '2. For each cluster, check:',
      '- state: anything but AVAILABLE.',
      '- postgresVersion: no longer among those offered, the oldest offered one, or within a year of the end of its support by the PostgreSQL project.',
      '- api v2: list_cluster_versions has the supportStatus that IONOS gives its version; backups are kept for backupRetentionDays.',
      '- instances: 1 has no standby; STRICTLY_SYNCHRONOUS with fewer than 3 can become read-only.',
      '- ram below 4096 MB, which only suits tests and allows few connections.',
      '- connectionPooler: off, or on without a poolMode.',
      '- maintenanceWindow: during working hours at its location.',
      '- connections: none, so the cluster is unreachable.',
      '- backups: no active one, or one without earliestRecoveryTargetTime.',
      '3. Answer with a table, the most serious first: cluster, finding, why it matters, which tool fixes it and how, and whether the fix interrupts service or cannot be undone. Say which clusters are fine, and what all together cost, as far as estimate_cost knows it.',
    ].join('\n'),
};
