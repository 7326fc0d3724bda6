import { createClaims } from './claims.ts';
import { type Confirm, createConsent, type Decision, type Person, type Question } from './consent.ts';
import { isUndone } from './errors.ts';
import { createLocks } from './locks.ts';
import { createPolicy } from './policy.ts';
import { createSigner } from './signing.ts';
import { matter, type Plan } from './tools/plan.ts';
import type { Context, Tool } from './tools/tool.ts';

export interface WriteOptions {
  confirm: Confirm;
  /** Whether only a person who is asked through the client can agree, and no token. */
  requireHuman: boolean;
  /** Signs questions and confirmation tokens; shared by replicas that take each other's. */
  signingKey: string | Buffer;
  /** The operator's rules. */
  policy?: { path: string; readFile(path: string): string };
}

/** One call of a tool that writes. */
export interface Attempt {
  tool: Tool;
  args: Fields;
  context: Context;
  person: Person;
  caller: string;
  /** Whose clusters they are. */
  account: string;
}

type Fields = Record<string, unknown>;
export type Written = { answer: Fields } | { question: Question };

/**
 * The way of every write: what would it do, does the operator allow it, has a person agreed? Only then it is done. On
 * the way back from a question all of that is read and asked again from the top.
 */
export function createWrites({ confirm, requireHuman, signingKey, policy: rules }: WriteOptions) {
  const decide = createConsent({ confirm, requireHuman, signer: createSigner(signingKey) });
  const claims = createClaims();
  const policy = rules && createPolicy({ ...rules, claims });
  const inTurn = createLocks();

  async function write(attempt: Attempt): Promise<Written> {
    const { tool, args, context } = attempt;
    // One write at a time for a cluster: what was read of it must still be true when the change is sent.
    const work = () => writeAlone(attempt);
    const written =
      typeof args.clusterId === 'string' ? await inTurn(args.clusterId, context.signal, work) : await work();
    if (!('done' in written)) return written;
    return { answer: tool.follow ? await tool.follow(args, written.done, context) : written.done };
  }

  async function writeAlone(attempt: Attempt): Promise<Written | { done: Fields }> {
    const { tool, args, context, account } = attempt;
    if (!tool.plan) throw new Error(`${tool.name} writes without a plan`);
    const plan = await tool.plan(args, context);
    if ('answer' in plan) return { answer: args.dryRun ? withoutDoing(plan.answer) : plan.answer };
    const claim = { cluster: plan.demand.cluster?.id, size: plan.demand.size?.after, once: plan.once };
    const placed = policy ? await policy.admit(plan.demand, claim, account, context.api) : claims.place(account, claim);
    if (!placed) return { answer: SENT_ALREADY };
    try {
      const before = beforeDoing(attempt, plan);
      if (before) {
        placed.drop();
        return before;
      }
      const done: Fields = await tool.run(args, context);
      const cluster = plan.demand.cluster?.id ?? idIn(done.cluster);
      placed.settle(cluster);
      if (plan.demand.verb === 'delete' && cluster) claims.forget(account, cluster);
      return { done };
    } catch (error) {
      if (isUndone(error)) placed.drop();
      else placed.settle();
      throw error;
    }
  }

  /** The answer, or the question, with which a write ends before it is done. */
  function beforeDoing({ tool, args, person, caller }: Attempt, plan: Plan): Written | undefined {
    if (args.dryRun) return { answer: { outcome: 'preview', plan: shown(plan), note: 'Nothing was sent.' } };
    const decision = decide(plan, callOf(tool.name, args, caller), person);
    return decision === 'go' ? undefined : toWritten(decision, plan);
  }

  return write;
}

const SENT_ALREADY = {
  outcome: 'duplicate',
  note: 'The same order is under way, or was sent less than two minutes ago; this one was not sent. Look with list_clusters. If the person wants another such cluster, call again with allowDuplicate: true.',
};

/** Everything but how the call is made. */
function callOf(tool: string, args: Fields, caller: string) {
  const { confirmationToken, confirmationName } = args;
  return {
    tool,
    caller,
    args: matter(args),
    confirmationToken: asText(confirmationToken),
    confirmationName: asText(confirmationName),
  };
}

const asText = (value: unknown) => (typeof value === 'string' ? value : undefined);

function shown({ summary, changes, effects }: Plan) {
  return { summary, changes, effects };
}

function toWritten(decision: Exclude<Decision, 'go'>, plan: Plan): Written {
  if ('question' in decision) return decision;
  const { outcome } = decision.answer;
  return { answer: { ...decision.answer, ...(outcome === 'needs_confirmation' && { plan: shown(plan) }) } };
}

/** What is answered without a write, to someone who only wanted to know. */
function withoutDoing(answer: Fields): Fields {
  return answer.outcome === 'done' ? { ...answer, outcome: 'preview' } : answer;
}

function idIn(cluster: unknown): string | undefined {
  return typeof cluster === 'object' && cluster !== null && 'id' in cluster ? asText(cluster.id) : undefined;
}
