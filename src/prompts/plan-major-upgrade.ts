import { literal } from '../text/visible.ts';
import { cluster, optional, type Prompt, said } from './prompt.ts';

export const planMajorUpgrade: Prompt = {
  name: 'plan_major_upgrade',
  title: 'Plan a major upgrade',
  description: 'Plans an upgrade to a newer PostgreSQL version: what it requires and how to do it safely',
  arguments: [cluster, optional('version', 'Version', 'PostgreSQL major version, e.g. 17; by default the newest')],
  tools: [
    'list_clusters',
    'get_cluster',
    'list_cluster_versions',
    'list_cluster_backups',
    'update_cluster',
    'wait_for_cluster',
  ],
  text: ({ cluster, version }, has) =>
    [
      `Plan with me the upgrade of the PostgreSQL cluster ${literal(cluster)} to another major version.`,
      ...said((words) => `To version ${words}.`, version),
      '1. Read the cluster with get_cluster, which takes its name (list_clusters shows similar ones), and check list_cluster_versions for the possible upgrades. If it has api v2, its supportStatus says which versions IONOS recommends.',
      '2. list_cluster_backups: there must be an active backup with an earliestRecoveryTargetTime. The upgrade starts a new one; the only way back to the old version is a new cluster, filled from the old backup as long as it is kept (7 days on API v1).',
      '3. Tell me what changes for applications between the two versions: removed features, changed defaults, drivers and extensions to check. Say what you are not sure of.',
      ...(has('create_cluster')
        ? [
            `4. Propose a rehearsal: create_cluster with fromBackup and the present version; upgrade that cluster and let me test. It costs money until ${has('delete_cluster') ? 'delete_cluster' : 'I delete it'}.`,
          ]
        : []),
      '5. Propose a time outside working hours; the cluster is unreachable for minutes.',
      '6. Show me update_cluster with dryRun: true. Upgrade only when I explicitly agree: it cannot be undone.',
      '7. Afterwards, wait_for_cluster, then list_cluster_backups until the new backup appears. Remind me to run ANALYZE and my tests.',
    ].join('\n'),
};
