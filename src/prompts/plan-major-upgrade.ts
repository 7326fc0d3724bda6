import { literal } from '../text/visible.ts';
import { cluster, optional, type Prompt, said } from './prompt.ts';

export const planMajorUpgrade: Prompt = {
  name: 'plan_major_upgrade',
  title: 'Plan a major upgrade',
  description: 'What an upgrade to a newer PostgreSQL version takes, and how to do it safely',
  arguments: [cluster, optional('version', 'Version', 'The PostgreSQL major version, e.g. 17; without it the newest')],
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
      `Plan the upgrade of the PostgreSQL cluster ${literal(cluster)} to another major version with me.`,
      ...said((words) => `To version ${words}.`, version),
      '1. Find the cluster with list_clusters, read it with get_cluster, and ask list_cluster_versions where it can go. If it has api v2, this server only reads it: plan with me, and I upgrade it elsewhere.',
      '2. list_cluster_backups: there has to be an active backup, with an earliestRecoveryTargetTime. After the upgrade a new one begins; back to the old version leads only a new cluster, filled from the old backup within 7 days.',
      '3. Tell me what changes for applications between the two versions: removed features, changed defaults, drivers and extensions to check. Say what you are not sure of.',
      ...(has('create_cluster')
        ? [
            `4. Propose a rehearsal: create_cluster with fromBackup, of the present version; upgrade that one and let me test. It costs money until ${has('delete_cluster') ? 'delete_cluster' : 'I delete it'}.`,
          ]
        : []),
      '5. Propose a time outside working hours; the cluster cannot be reached for minutes.',
      '6. Show me update_cluster with dryRun: true. Upgrade only when I say so in so many words: there is no way back.',
      '7. Afterwards wait_for_cluster, and list_cluster_backups until the new backup is there. Remind me to run ANALYZE and my tests.',
    ].join('\n'),
};
