import { completeClusterId } from '../tools/completions.ts';
import { type Prompt, said } from './prompt.ts';

export const cluster = {
  name: 'cluster',
  title: 'Cluster',
  description: 'Its name or ID',
  required: true,
  complete: completeClusterId,
};

const optional = (name: string, title: string, description: string) => ({ name, title, description, required: false });

const provision: Prompt = {
  name: 'provision_cluster',
  title: 'Provision a cluster',
  description: 'Plan, order and see through a new PostgreSQL cluster',
  arguments: [
    { name: 'name', title: 'Name', description: 'What the cluster is to be called', required: true },
    optional('purpose', 'Purpose', 'What it is for: load, amount of data, how much an outage costs'),
    optional('location', 'Location', 'e.g. de/fra'),
  ],
  tools: ['list_clusters', 'list_postgres_versions', 'create_cluster', 'wait_for_cluster'],
  text: ({ name, purpose, location }) =>
    [
      `Set up a new PostgreSQL cluster with me, named ${JSON.stringify(name)}.`,
      ...said((words) => `It is for: ${words}.`, purpose),
      ...said((words) => `It is to be in ${words}.`, location),
      '1. list_clusters with detail full: is there one of this name, and which data center, LAN and location do the others use? I have to give you datacenterId, lanId and an address of the LAN if none of them fits.',
      '2. list_postgres_versions: propose the newest one, unless I have a reason for another.',
      '3. Propose sizes with a reason for each: instances (1 can fail, 2 switch over, 3 for STRICTLY_SYNCHRONOUS), cores, ram and storageSize in MB (storage never shrinks), storageType, a maintenance window outside my working hours, and a connection pooler if many short connections come.',
      '4. create_cluster with dryRun: true, without a password if the server can make one. Show me the plan, say that it costs money from then on, and wait for my answer.',
      '5. create_cluster, then wait_for_cluster until it is AVAILABLE.',
      '6. Tell me ID, host name, port and where the password is kept. Never ask me to type a password here.',
    ].join('\n'),
};

const upgrade: Prompt = {
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
      `Plan the upgrade of the PostgreSQL cluster ${JSON.stringify(cluster)} to another major version with me.`,
      ...said((words) => `To version ${words}.`, version),
      '1. Find the cluster with list_clusters, read it with get_cluster, and ask list_cluster_versions where it can go.',
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

const review: Prompt = {
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

export const clusterPrompts = [provision, upgrade, review];
