import { literal } from '../text/visible.ts';
import { optional, type Prompt, said } from './prompt.ts';

export const provisionCluster: Prompt = {
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
      `Set up a new PostgreSQL cluster with me, named ${literal(name)}.`,
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
