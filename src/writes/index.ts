import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { AlarmError, isUndone, LostWriteError, RefusedError } from '../errors.ts';
import { Amount } from '../prices/amount.ts';
import type { State } from '../state/state.ts';
import { idKey } from '../text/ids.ts';
import { canonical } from '../text/json.ts';
import { sentences } from '../text/sentences.ts';
import { WRITE_MS } from '../times.ts';
import { readCluster } from '../tools/finding/cluster-reads.ts';
import { requireNeeds } from '../tools/finding/generations.ts';
import { type Naming, requireStillNamed } from '../tools/finding/named-cluster.ts';
import { unansweredWords, withCircumstances } from '../tools/plans/circumstances.ts';
import { type Plan, withoutControls } from '../tools/plans/plan.ts';
import type { Context, WriteTool } from '../tools/tool.ts';
import type { UnansweredWrite } from '../tools/writing/recent-writes.ts';
import { type Agreements, createAgreements, spendingOf } from './agreements.ts';
import { type ClaimHandle, type Claims, createClaims, previewing } from './claims.ts';
import type { Confirm } from './confirm.ts';
import { createConsent, type Person } from './consent.ts';
import { createLocks, type Turn } from './locks.ts';
import { createPolicy } from './policy.ts';
import type { PolicyFile } from './policy-file.ts';
import type { Agreed, Button, Decision, Question } from './question.ts';
import { createSigner } from './signing.ts';

export interface WriteOptions {
  confirm: Confirm;
  /** In the currency of the prices, for 30 days. */
  confirmAbove?: string;
  requireHuman: boolean | 'app';
  /** Shared by replicas; random if undefined. */
  signingKey?: string;
  policy?: PolicyFile;
  /** Shared by replicas, or of this process alone. */
  state: State;
}

export interface WriteRequest {
  tool: WriteTool;
  args: Fields;
  /** If the cluster was given by its name. */
  naming?: Naming;
  context: Context;
  person: Person;
  caller: string;
  accountKey: string;
  checkRight(): Promise<void>;
  /** Told of the cluster once the plan has found it, and how somebody agreed, before the write is logged. */
  identify(known: { clusterName?: string; agreed?: Agreed }): void;
  /** Throws RefusedError if a secret of the call occurs in these words, or in what the API said about the target. */
  vet(words: unknown): void;
}

type Fields = Record<string, unknown>;
/** `button` is for a view, whatever the arguments were given as. */
export type Written = { done: Fields; button?: Button & { arguments: Fields } } | { question: Question };

/** After a question the call runs again, so everything is read and checked anew. */
export function createWrites({ confirm, confirmAbove, requireHuman, signingKey, state, ...options }: WriteOptions) {
  const signer = createSigner(signingKey ?? randomBytes(32));
  const agreements = createAgreements(signer, state);
  const limit = confirmAbove === undefined ? undefined : Amount.of(confirmAbove);
  const decide = createConsent({ confirm, confirmAbove: limit, requireHuman, agreements, signer, state });
  const claims = createClaims(state);
  const policy = options.policy && createPolicy(options.policy);
  const { inTurn, idle } = createLocks(state);

  /** One write at a time per cluster: the plan must still hold when the change is sent. A preview waits for nobody. */
  async function write(request: WriteRequest): Promise<Written> {
    const { tool, args, context, accountKey } = request;
    await requireNeeds(tool, args, context);
    const work = (turn?: Turn) => untilSteady(() => writeOnce(request, turn));
    if (args.dryRun || typeof args.clusterId !== 'string') return work();
    return inTurn(JSON.stringify([accountKey, idKey(args.clusterId)]), context, work);
  }

  /** Undefined if what the plan rests on changed before it could be sent. */
  async function writeOnce(request: WriteRequest, turn: Turn | undefined): Promise<Written | undefined> {
    const { tool, args, context, accountKey } = request;
    const plan = await planFor(request, agreements);
    if ('answer' in plan) return { done: args.dryRun ? withoutDoing(plan.answer) : plan.answer };
    // The plan may have found it elsewhere than it was remembered to be.
    await requireNeeds(tool, args, context);
    request.vet([shown(plan), plan.typed]);
    const { demand, once } = plan;
    requireStillNamed(request.naming, demand.cluster);
    if (demand.cluster) request.identify({ clusterName: demand.cluster.displayName });
    const wanted = { cluster: demand.cluster && idKey(demand.cluster.id), once: once && !args.dryRun ? [once] : [] };
    // Before the policy, which would count the same order twice.
    if (await claims.has(accountKey, wanted.once)) return { done: SENT_ALREADY };
    const { clusters, everyCluster, prices } = context;
    const world = { clusters, everyCluster, prices, claims: args.dryRun ? previewing(claims) : claims };
    const placing = policy ? policy.admit(demand, wanted, accountKey, world) : world.claims.place(accountKey, wanted);
    const claim = await placing;
    if (!claim) return { done: SENT_ALREADY };
    const placed = { claim, claims, accountKey };
    let sentAt: string | undefined;
    try {
      const decision = await decideOn(request, plan);
      if (!('go' in decision)) {
        if ('question' in decision) request.vet([decision.question.lines, decision.question.field]);
        return decision;
      }
      request.identify({ agreed: decision.agreed });
      if (!(await isAsPlanned(plan, context))) return undefined;
      if (context.waitBudget(WRITE_MS) < WRITE_MS) throw new RefusedError(turn?.hasWaited ? NO_TIME_LEFT : NO_TIME);
      const seenAt = Date.now();
      await request.checkRight();
      await context.beginWrite();
      // Writing the log took time.
      if (!(await stillHolds(plan, request, seenAt))) return undefined;
      const loggedAt = Date.now();
      if (!(await begins(state, { claim, turn, context, agreement: decision.agreement }))) return undefined;
      // So did the state, and the consent is used up by now.
      if (!(await stillHolds(plan, request, loggedAt))) throw new RefusedError(TURN_LOST);
      sentAt = new Date().toISOString();
      const marked = demand.cluster && context.recentWrites.mark(demand.cluster.id);
      if (marked) turn?.outlast(marked);
      const answer: Fields = await tool.run({ ...args, ...plan.arguments }, context, plan);
      const cluster = demand.cluster?.id ?? idIn(answer.cluster);
      const kept = settled(placed, cluster, { demand, context, tool: tool.name });
      turn?.outlast(kept);
      // Tells the assistant what the person agreed to.
      return { done: { ...answer, plan: shown(plan) } };
    } catch (error) {
      if (isUndone(error)) sentAt = undefined;
      const unanswered = sentAt === undefined ? undefined : { at: sentAt, ...knownOf(error) };
      if (unanswered) await settled(placed, demand.cluster?.id, { demand, context, tool: tool.name, unanswered });
      throw error;
    } finally {
      if (sentAt === undefined) await claim.drop();
    }
  }

  async function decideOn({ tool, args, person, caller, accountKey }: WriteRequest, plan: Plan) {
    if (args.dryRun) return { done: { outcome: 'preview', plan: shown(plan), note: 'Nothing was sent.' } };
    const decision = await decide(
      plan,
      callOf({ tool: tool.name, caller, accountKey }, { ...args, ...plan.arguments }),
      person,
    );
    if ('go' in decision) return decision;
    return toWritten(decision, plan, withoutControls({ ...args, ...plan.arguments }));
  }

  return { write, idle };
}

/** Whoever comes second with the same consent mostly finds the cluster BUSY with what it was for, or gone. */
async function planFor({ tool, args, context, person, caller, accountKey }: WriteRequest, { isSpentFor }: Agreements) {
  try {
    const plan = await tool.plan(args, context);
    if ('answer' in plan) return plan;
    return await withCircumstances(plan, tool.name, context);
  } catch (error) {
    const { reply, press } = person;
    const token = press?.token ?? (reply?.kind === 'answered' ? reply.state : asText(args.confirmationToken));
    const call = callOf({ tool: tool.name, caller, accountKey }, args);
    const isSpent = token !== undefined && (await isSpentFor(token, call).catch(() => false));
    if (isSpent) throw new RefusedError(USED, { cause: error });
    throw await withUnanswered(error, { clusterId: asText(args.clusterId), tool: tool.name }, context);
  }
}

/** Why there is no plan can be what an earlier write has done. */
async function withUnanswered(
  error: unknown,
  { clusterId, tool }: { clusterId?: string; tool: string },
  context: Context,
): Promise<unknown> {
  if (!(error instanceof RefusedError) || clusterId === undefined) return error;
  const words = await unansweredWords(clusterId, tool, context);
  return words.length === 0 ? error : new RefusedError(sentences(error.message, ...words), { cause: error });
}

async function untilSteady(writeOnce: () => Promise<Written | undefined>): Promise<Written> {
  for (let plans = 0; plans < MAX_PLANS; plans += 1) {
    const written = await writeOnce();
    if (written) return written;
  }
  throw new RefusedError(UNSTEADY);
}

interface Ready {
  claim: ClaimHandle;
  turn: Turn | undefined;
  context: Context;
  agreement: string | undefined;
}

interface Sent {
  demand: Plan['demand'];
  context: Context;
  tool: string;
  /** If nobody knows whether it was done. */
  unanswered?: Omit<UnansweredWrite, 'tool'>;
}

/** What is known of a write without the usual answer. */
function knownOf(error: unknown): Pick<UnansweredWrite, 'found' | 'isAlarm'> {
  if (error instanceof AlarmError) return { found: error.message, isAlarm: true };
  return error instanceof LostWriteError ? { found: error.found } : {};
}

/** Never rejects. */
async function settled(
  { claim, claims, accountKey }: { claim: ClaimHandle; claims: Claims; accountKey: string },
  cluster: string | undefined,
  { demand, context, tool, unanswered }: Sent,
): Promise<void> {
  if (cluster === undefined) return claim.settle();
  const key = idKey(cluster);
  const { displayName: former } = demand.cluster ?? {};
  const isRenamed = demand.displayName !== undefined && former !== undefined;
  await Promise.all([
    claim.settle(key),
    context.recentWrites.mark(cluster, demand.sizes?.wanted),
    isRenamed && context.recentWrites.renamed(cluster, former),
    unanswered
      ? context.recentWrites.lost(cluster, { ...unanswered, tool })
      : context.recentWrites.answered(cluster, tool),
  ]);
  if (!unanswered && demand.verb === 'delete') await claims.forget(accountKey, key);
}

/** False if the consent was used meanwhile. */
async function begins(state: State, { claim, turn, context, agreement }: Ready): Promise<boolean> {
  const spending = agreement === undefined ? undefined : spendingOf(agreement);
  const at = performance.now();
  const begun = await state.begin({ claim: claim.id, lease: turn, agreement: spending });
  if (begun === 'lost') throw new RefusedError(TURN_LOST);
  if (begun === 'begun' && turn) {
    turn.begun(at);
    context.writeOnlyWhile(turn.isSafe);
  }
  return begun === 'begun';
}

/** A plan takes several requests, and an answer to a question even longer. */
async function isAsPlanned({ demand }: Plan, context: Context): Promise<boolean> {
  const { cluster, seen } = demand;
  return cluster === undefined || isDeepStrictEqual(await readCluster(cluster.id, context), seen);
}

/** What was read a moment ago counts as it is; after that it is read again, and the caller's right with it. */
async function stillHolds(plan: Plan, { context, checkRight }: WriteRequest, seenAt: number): Promise<boolean> {
  if (Date.now() - seenAt <= FRESH_MS) return true;
  if (!(await isAsPlanned(plan, context))) return false;
  await checkRight();
  return true;
}

const MAX_PLANS = 3;
/** For this long, what was read counts as the present state. */
const FRESH_MS = 250;

const NO_TIME = 'The API answers so slowly that no time is left for the write. Call again.';
const NO_TIME_LEFT = 'Another write to this cluster had to end first, and no time is left for this one. Call again.';
const USED = 'This confirmation has already been used; each covers one write. Check the result of that write first.';
const TURN_LOST = 'It took too long from the plan to the request, and another write may have begun. Call again.';
const UNSTEADY = 'The cluster changed each time before the request could be sent. Call again once it has settled.';

const SENT_ALREADY = {
  outcome: 'duplicate',
  note: 'The same order is in progress, or was sent less than ten minutes ago; this one was not sent. Check list_clusters. If the person wants another such cluster, call again with allowDuplicate: true.',
};

function callOf(who: { tool: string; caller: string; accountKey: string }, args: Fields) {
  const { confirmationToken, confirmationName } = args;
  return {
    ...who,
    args: canonical(withIdKeys(withoutControls(args))),
    confirmationToken: asText(confirmationToken),
    confirmationName: asText(confirmationName),
  };
}

/** An agreement is for one cluster, however its ID is spelled. */
function withIdKeys(args: Fields): Fields {
  const isId = (name: string, value: unknown) => name.endsWith('Id') && typeof value === 'string';
  return Object.fromEntries(
    Object.entries(args).map(([name, value]) => [name, isId(name, value) ? idKey(String(value)) : value]),
  );
}

const asText = (value: unknown) => (typeof value === 'string' ? value : undefined);

function shown({ summary, changes, effects, arguments: settled }: Plan) {
  return { summary, changes, effects, ...(settled && { arguments: settled }) };
}

function toWritten(decision: Exclude<Decision, { go: true }>, plan: Plan, args: Fields): Written {
  if ('question' in decision) return decision;
  const { answer, button } = decision;
  return {
    done: { ...answer, ...(answer.outcome === 'needs_confirmation' && { plan: shown(plan) }) },
    button: button && { ...button, arguments: args },
  };
}

function withoutDoing(answer: Fields): Fields {
  return answer.outcome === 'done' || answer.outcome === 'started' ? { ...answer, outcome: 'preview' } : answer;
}

export function idIn(cluster: unknown): string | undefined {
  return typeof cluster === 'object' && cluster !== null && 'id' in cluster ? asText(cluster.id) : undefined;
}
