import { literal } from '../text/visible.ts';
import { cluster, optional, type Prompt } from './prompt.ts';

export const planMajorUpgrade: Prompt = {
  name: 'plan_major_upgrade',
  title: 'Plan a major upgrade',
  arguments: [cluster, optional('version', 'Version', 'PostgreSQL major version, e.g. 17; by default the newest')],
  opening: ({ cluster, version }) => [
    `Plan with me the upgrade of the PostgreSQL cluster ${literal(cluster)} to another major version.`,
    version === undefined ? 'To the newest version that it can have.' : `To version ${literal(version)}.`,
  ],
};
