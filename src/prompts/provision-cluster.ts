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
  tools: ['list_clusters', 'create_cluster', 'wait_for_cluster'],
  text: ({ name, purpose, location }, has) =>
    [
      `Set up with me a new PostgreSQL cluster named ${literal(name)}.`,
      ...said((words) => `It is for: ${words}.`, purpose),
      ...said((words) => `Its location is ${words}.`, location),
      `1. ${
        has('list_network_options')
          ? 'list_network_options: propose a data center there and a private LAN of it with free addresses; create_cluster takes one of them.'
          : 'list_clusters with detail full: propose the data center and LAN of the others, or say what I have to give: datacenterId, lanId and an address in the LAN.'
      } To make it like another cluster, give copyOf instead.`,
      '2. create_cluster with dryRun: true, without a password if the server can generate one. What is left out has a default, which the plan shows. Propose other values with a reason for each: instances (1 has no standby, 2 can switch over, 3 for STRICTLY_SYNCHRONOUS), cores, ram, storageSize (can never be reduced), a maintenance window outside my working hours.',
      '3. Show me the plan and say that it costs money from then on, and wait for my answer.',
      '4. create_cluster, then wait_for_cluster until it is AVAILABLE.',
      '5. Tell me the ID, host name and port, and where the password is kept. Never ask me to type a password here.',
    ].join('\n'),
};
