import type * as z from 'zod';
import { sentences } from '../../text/sentences.ts';
import { written } from '../plans/plan.ts';
import { abridged } from '../schemas/abridged.ts';
import { type Cluster, cluster } from '../schemas/cluster.ts';
import { wait } from './waiting.ts';

/** Documented for every write, but nothing depends on it. */
export const clusterReply = cluster.optional();

export const answer = written({ cluster: abridged(cluster, { description: 'As in get_cluster' }).optional() });
type Answer = z.input<typeof answer>;

export function answerWith(
  outcome: 'started' | 'done',
  cluster: Cluster | undefined,
  ...notes: (string | undefined)[]
): Answer {
  return { outcome, cluster, note: sentences(...notes) || undefined };
}

export const isBusy = ({ metadata }: Cluster) => metadata?.state === 'BUSY';

export const waitArgument = wait.optional().describe('Seconds to wait for AVAILABLE; default 0');
