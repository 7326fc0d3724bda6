import { randomBytes } from 'node:crypto';
import { isUndone, RefusedError } from '../errors.ts';
import { type Plan, withoutControls } from '../tools/plans/plan.ts';
import type { Context, Tool } from '../tools/tool.ts';
import { createClaims } from './claims.ts';
import { type Confirm, createConsent, type Decision, type Person, type Question } from './consent.ts';
import { createLocks } from './locks.ts';
import { createPolicy } from './policy.ts';
import { createSigner, SIGNED_SECONDS } from './signing.ts';

export interface WriteOptions {
  confirm: Confirm;
  /** Rejects confirmation tokens: a person must answer through the client. */
  requireHuman: boolean;
  /** Shared by replicas; random if undefined. */
  signingKey?: string;
  policy?: { path: string; readFile(path: string, setting: string): string };
}

export interface WriteRequest {
  tool: Tool;
  args: Fields;
  context: Context;
  person: Person;
  caller: string;
  account: string;
}

type Fields = Record<string, unknown>;
export type Written = { done: Fields } | { question: Question };

/** After a question the call runs again, so everything is read and checked anew. */
export function createWrites({ confirm, requireHuman, signingKey, ...options }: WriteOptions) {
  const signer = createSigner(signingKey ?? randomBytes(32));
  const decide = createConsent({ confirm, requireHuman, signer });
  const claims = createClaims();
  const policy = options.policy && createPolicy({ ...options.policy, claims });
  const inTurn = createLocks();

  /** One write at a time per cluster: the plan must still hold when the change is sent. */
  function write(request: WriteRequest): Promise<Written> {
    const { args, context } = request;
    const work = () => writeAlone(request);
    if (typeof args.clusterId !== 'string') return work();
    return inTurn(args.clusterId.toLowerCase(), context.signal, work);
  }

  async function writeAlone(request: WriteRequest): Promise<Written> {
    const { tool, args, context, account } = request;
    if (!tool.plan) throw new Error(`${tool.name} writes without a plan`);
    const plan = await tool.plan(args, context);
    if ('answer' in plan) return { done: args.dryRun ? withoutDoing(plan.answer) : plan.answer };
    const { demand, once } = plan;
    const claim = { cluster: demand.cluster?.id, once: once === undefined || args.dryRun ? [] : [once] };
    const order = policy ? await policy.admit(demand, claim, account, context.api) : claims.place(account, claim);
    if (!order) return { done: SENT_ALREADY };
    const held = [order];
    try {
      const decision = decideOn(request, plan);
      if (!('go' in decision)) {
        order.drop();
        return decision;
      }
      if (decision.agreement) {
        const agreement = claims.place(account, { once: [decision.agreement], keptMs: SIGNED_SECONDS * 1000 });
        if (agreement) held.push(agreement);
        else throw new RefusedError(SPENT);
      }
      if (context.waitBudget(WRITE_MS) < WRITE_MS) throw new RefusedError(NO_TIME);
      await context.beginWrite();
      if (demand.cluster) context.recentWrites.mark(demand.cluster.id);
      const answer: Fields = await tool.run(args, context, plan);
      const cluster = demand.cluster?.id ?? idIn(answer.cluster);
      if (cluster !== undefined) context.recentWrites.mark(cluster);
      for (const each of held) each.settle(cluster);
      if (demand.verb === 'delete' && cluster) claims.forget(account, cluster);
      // The assistant has to know what the person agreed to.
      return { done: { ...answer, plan: shown(plan) } };
    } catch (error) {
      for (const each of held) isUndone(error) ? each.drop() : each.settle();
      throw error;
    }
  }

  function decideOn({ tool, args, person, caller, account }: WriteRequest, plan: Plan) {
    if (args.dryRun) return { done: { outcome: 'preview', plan: shown(plan), note: 'Nothing was sent.' } };
    const decision = decide(plan, callOf({ tool: tool.name, caller, account }, args), person);
    return 'go' in decision ? decision : toWritten(decision, plan);
  }

  return write;
}

/** For the write, and a check of its outcome. */
const WRITE_MS = 22_000;

const NO_TIME = 'The API answers so slowly that no time is left for the write itself. Call again.';

const SPENT =
  'What was agreed to was sent already, and an agreement is good for one write. Look what became of it; if the person wants it once more, call again without confirmationToken.';

const SENT_ALREADY = {
  outcome: 'duplicate',
  note: 'The same order is under way, or was sent less than two minutes ago; this one was not sent. Look with list_clusters. If the person wants another such cluster, call again with allowDuplicate: true.',
};

function callOf(who: { tool: string; caller: string; account: string }, args: Fields) {
  const { confirmationToken, confirmationName } = args;
  return {
    ...who,
    args: withoutControls(args),
    confirmationToken: asText(confirmationToken),
    confirmationName: asText(confirmationName),
  };
}

const asText = (value: unknown) => (typeof value === 'string' ? value : undefined);

function shown({ summary, changes, effects }: Plan) {
  return { summary, changes, effects };
}

function toWritten(decision: Exclude<Decision, { go: true }>, plan: Plan): Written {
  if ('question' in decision) return decision;
  const { outcome } = decision.answer;
  return { done: { ...decision.answer, ...(outcome === 'needs_confirmation' && { plan: shown(plan) }) } };
}

function withoutDoing(answer: Fields): Fields {
  return answer.outcome === 'done' || answer.outcome === 'started' ? { ...answer, outcome: 'preview' } : answer;
}

export function idIn(cluster: unknown): string | undefined {
  return typeof cluster === 'object' && cluster !== null && 'id' in cluster ? asText(cluster.id) : undefined;
}
