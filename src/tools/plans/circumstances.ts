import { shortened } from '../../text/labels.ts';
import type { Cluster } from '../schemas/cluster.ts';
import type { Context } from '../tool.ts';
import type { UnansweredWrite } from '../writing/recent-writes.ts';
import type { Plan } from './plan.ts';

/** What a person should know before any write to a cluster: that it is not well, and that an earlier write was lost. */
export async function circumstancesOf({ demand: { seen } }: Plan, context: Context): Promise<string[]> {
  if (!seen) return [];
  return [...(await unansweredWords(seen.id, context)), ...stateWords(seen)];
}

export async function unansweredWords(clusterId: string, { recentWrites }: Context): Promise<string[]> {
  return (await recentWrites.unanswered(clusterId)).map(wordsFor);
}

const wordsFor = ({ tool, at, found }: UnansweredWrite) =>
  `At ${at.slice(11, 19)} UTC, ${tool} was sent for this cluster, and no usable answer came back: check what became of it first.${found ? ` What was known then: ${found}` : ''}`;

function stateWords({ metadata: { state, statusMessage } = {} }: Cluster): string[] {
  if (state === undefined || state === 'AVAILABLE') return [];
  if (state === 'BUSY') return ['The cluster is BUSY with another change.'];
  const said = statusMessage === undefined ? '' : ` (${shortened(statusMessage)})`;
  return [
    `The cluster is ${shortened(state)}${said}, not AVAILABLE: IONOS may refuse this, and what is said here of interruptions is about a cluster that is well.`,
  ];
}
