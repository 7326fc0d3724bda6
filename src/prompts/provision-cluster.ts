import { literal } from '../text/visible.ts';
import { optional, type Prompt } from './prompt.ts';

export const provisionCluster: Prompt = {
  name: 'provision_cluster',
  title: 'Provision a cluster',
  arguments: [
    { name: 'name', title: 'Name', description: 'Name of the new cluster', required: true },
    optional('purpose', 'Purpose', 'What it is for: load, amount of data, how much an outage costs'),
    optional('location', 'Location', 'e.g. de/fra'),
  ],
  opening: ({ name, purpose, location }) => [
    `Set up with me a new PostgreSQL cluster named ${literal(name)}.`,
    purpose === undefined ? 'Ask me what it is for.' : `It is for: ${literal(purpose)}.`,
    location === undefined ? 'Ask me for its location.' : `Its location is ${literal(location)}.`,
  ],
};
