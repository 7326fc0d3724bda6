import { literal } from '../text/visible.ts';
import { completeDatabase, completeUsername } from '../tools/completions.ts';
import { cluster, type Prompt } from './prompt.ts';

export const onboardApplication: Prompt = {
  name: 'onboard_application',
  title: 'Onboard an application',
  arguments: [
    cluster,
    {
      name: 'username',
      title: 'User',
      description: 'Login name of the application',
      required: true,
      complete: completeUsername,
    },
    {
      name: 'database',
      title: 'Database',
      description: 'Name of the database; by default that of the user',
      required: false,
      complete: completeDatabase,
    },
  ],
  opening: ({ cluster, username, database = username }) => [
    `Set an application up in the PostgreSQL cluster ${literal(cluster)}: the user ${literal(username)} and the database ${literal(database)}.`,
  ],
};
