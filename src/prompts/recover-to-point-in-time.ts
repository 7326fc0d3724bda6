import { literal } from '../text/visible.ts';
import { cluster, optional, type Prompt, said } from './prompt.ts';

export const recoverToPointInTime: Prompt = {
  name: 'recover_to_point_in_time',
  title: 'Recover to a point in time',
  arguments: [
    cluster,
    optional('time', 'Time', 'The last good moment, with its time zone'),
    optional('reason', 'What happened', 'e.g. a table was dropped by mistake'),
  ],
  opening: ({ cluster, time, reason }) => [
    `Help me restore earlier content of the PostgreSQL cluster ${literal(cluster)}.`,
    ...said((words) => `The last good moment is ${words}.`, time),
    ...said((words) => `What happened: ${words}.`, reason),
  ],
};
