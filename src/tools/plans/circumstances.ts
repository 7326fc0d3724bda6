import { shortened } from '../../text/labels.ts';
import type { Cluster } from '../schemas/cluster.ts';
import type { Context } from '../tool.ts';
import type { UnansweredWrite } from '../writing/recent-writes.ts';
import type { Plan } from './plan.ts';

/** The plan, with what a person should know besides: that the cluster is not well, and that an earlier write was lost. */
export async function withCircumstances(plan: Plan, tool: string, context: Context): Promise<Plan> {
  const { facts, demand, effects } = plan;
  if (!demand.seen) return plan;
  const lost = await unansweredWords(demand.seen.id, tool, context);
  return { ...plan, effects: [...stateWords(demand.seen, facts.kind === 'change'), ...effects, ...lost] };
}

/** For another tool than those that were sent, only that they were: who calls it may not be offered the others. */
export async function unansweredWords(clusterId: string, tool: string, { recentWrites }: Context): Promise<string[]> {
  return (await recentWrites.unanswered(clusterId)).map((write) => wordsFor(write, tool));
}

function wordsFor({ tool, at, found, isAlarm }: UnansweredWrite, called: string): string {
  const sent = `At ${at.slice(11, 19)} UTC, ${tool} was sent for this cluster without the usual answer`;
  const isTold = found !== undefined && (isAlarm || tool === called);
  return isTold ? `${sent}. ${found}` : `${sent}: check what became of it first.`;
}

function stateWords({ metadata: { state, statusMessage } = {} }: Cluster, tellsInterruption: boolean): string[] {
  if (state === undefined || state === 'AVAILABLE') return [];
  if (state === 'BUSY') return ['The cluster is BUSY with another change.'];
  const said = statusMessage === undefined ? '' : ` (${shortened(statusMessage)})`;
  const caveat = tellsInterruption ? ', and what is said here of interruptions is about a cluster that is well' : '';
  return [`The cluster is ${shortened(state)}${said}, not AVAILABLE: IONOS may refuse this${caveat}.`];
}
