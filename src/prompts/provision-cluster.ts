import { literal } from '../text/visible.ts';
import { optional, type Prompt, said } from './prompt.ts';

export const provisionCluster: Prompt = {
  name: 'provision_cluster',
  title: 'Provision a cluster',
  description: 'Plans and orders a new PostgreSQL cluster, and waits until it is ready',
  arguments: [
    { name: 'name', title: 'Name', description: 'Name of the new cluster', required: true },
    optional('purpose', 'Purpose', 'What it is for: load, amount of data, how much an outage costs'),
    optional('location', 'Location', 'e.g. de/fra'),
  ],
  tools: ['list_clusters', 'list_postgres_versions', 'create_cluster', 'wait_for_cluster'],
  text: ({ name, purpose, location }, has) =>
    [
      `Set up with me a new PostgreSQL cluster named ${literal(name)}.`,
      ...said((words) => `It is for: ${words}.`, purpose),
      ...said((words) => `Its location is ${words}.`, location),
      `1. list_clusters with detail full: does one of this name exist, and which data center, LAN and location do the others use? ${
        has('list_network_options')
          ? 'list_network_options shows data centers, their LANs and free addresses: propose a place.'
          : 'If none of them fits, I have to give you datacenterId, lanId and an address in the LAN.'
      }`,
      '2. list_postgres_versions: propose the newest one unless I have a reason for another.',
      '3. Propose sizes with a reason for each: instances (1 has no standby, 2 can switch over, 3 for STRICTLY_SYNCHRONOUS), cores, ram and storageSize in MB (storage can never be reduced), storageType, a maintenance window outside my working hours, and a connection pooler if there are many short connections.',
      '4. create_cluster with dryRun: true, without a password if the server can generate one. Show me the plan, say that it costs money from then on, and wait for my answer.',
      '5. create_cluster, then wait_for_cluster until it is AVAILABLE.',
      '6. Tell me the ID, host name and port, and where the password is kept. Never ask me to type a password here.',
    ].join('\n'),
};
