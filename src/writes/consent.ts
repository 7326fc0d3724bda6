import { RefusedError } from '../errors.ts';
import { visible } from '../text/visible.ts';
import type { Plan } from '../tools/plans/plan.ts';
import { SIGNED_SECONDS, type Signer } from './signing.ts';

export type Confirm = 'never' | 'destructive' | 'writes';

export interface Reply {
  state: string;
  action: 'accept' | 'decline' | 'cancel';
  content?: Record<string, unknown>;
}

export interface Person {
  canBeAsked: boolean;
  /** A string says why there is no usable answer. */
  reply?: Reply | string;
}

export interface Question {
  lines: string[];
  field: { name: string; schema: { type: 'string'; title: string } | { type: 'boolean'; title: string } };
  /** Signed; binds the answer to the question. */
  state: string;
}

/** A consent is valid for exactly this subject. */
export interface ConsentSubject {
  tool: string;
  caller: string;
  account: string;
  /** Without the arguments that control the call, such as dryRun. */
  args: unknown;
  confirmationToken?: string;
  confirmationName?: string;
}

/** `agreement` identifies the consent, which is valid for one write. */
export type Decision =
  | { go: true; agreement?: string }
  | { question: Question }
  | { answer: { outcome: 'needs_confirmation' | 'declined'; confirmationToken?: string; note: string } };

interface ConsentOptions {
  confirm: Confirm;
  /** Rejects confirmation tokens: a person must answer through the client. */
  requireHuman: boolean;
  signer: Signer;
}

const MINUTES = SIGNED_SECONDS / 60;
const FINAL = 'Nothing was sent. Do not ask again unless the person wants it.';
const AGAIN = 'Call again without confirmationToken to get the plan as it is now.';

/** Throws RefusedError if a consent is invalid or cannot be requested. */
export function createConsent({ confirm, requireHuman, signer }: ConsentOptions) {
  const isNeeded = ({ destructive }: Plan) => confirm === 'writes' || (confirm === 'destructive' && destructive);

  return function decide(plan: Plan, call: ConsentSubject, { canBeAsked, reply }: Person): Decision {
    if (!isNeeded(plan)) return { go: true };
    const { tool, caller, account, args } = call;
    const subject = (purpose: string) => [purpose, caller, account, tool, args, plan.basis];
    const agreed = (to: string) => ({ go: true as const, agreement: signer.nameOf(to) });
    if (canBeAsked) {
      if (reply === undefined) return { question: ask(plan, signer.sign(subject('question'))) };
      if (typeof reply === 'string') throw new RefusedError(`A person had to agree to this first, but ${reply}.`);
      return objectionIn(plan, reply, signer.check(reply.state, subject('question'))) ?? agreed(reply.state);
    }
    if (requireHuman) {
      throw new RefusedError(
        'A person has to agree to this, and this client cannot ask one (it has no MCP elicitation). The operator of this server takes nothing in its place (--require-human).',
      );
    }
    const { confirmationToken, confirmationName } = call;
    if (confirmationToken === undefined) return { answer: askForToken(plan, signer.sign(subject('token'))) };
    refuseUnlessGood(signer.check(confirmationToken, subject('token')));
    return objectionTo(plan.typed, confirmationName) ?? agreed(confirmationToken);
  };
}

function refuseUnlessGood(verdict: ReturnType<Signer['check']>): void {
  if (verdict === 'late') throw new RefusedError(`The confirmationToken is older than ${MINUTES} minutes. ${AGAIN}`);
  if (verdict === 'other') {
    throw new RefusedError(
      `The confirmationToken is not for this: it was given for another tool, target or argument, or to another caller, or the target has changed since, or this server was restarted. ${AGAIN}`,
    );
  }
}

function ask(plan: Plan, state: string): Question {
  const { typed } = plan;
  const [name, schema] =
    typed === undefined
      ? (['confirm', { type: 'boolean', title: 'Yes, do this' }] as const)
      : (['name', { type: 'string', title: 'Name of what is to be destroyed' }] as const);
  const how = typed === undefined ? [] : [`To agree, type the name: ${bothWays(typed)}`];
  return { lines: [...linesOf(plan), ...how], field: { name, schema }, state };
}

const asText = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

function linesOf({ summary, changes = [], effects }: Plan): string[] {
  const lines = changes.map((change) => {
    const before = 'from' in change ? `${asText(change.from ?? 'unknown')} → ` : '';
    return `${change.property}: ${before}${asText(change.to)}`;
  });
  return [summary, ...lines, ...effects].map(visible);
}

/** Isolates the unescaped name, so that it cannot change the direction or lines of the text around it. */
function bothWays(name: string): string {
  const shown = visible(name);
  if (shown === name) return name;
  return `${shown} (as it stands: \u2068${name.replace(/[\p{Cc}\p{Zl}\p{Zp}\u2066-\u2069]/gu, '')}\u2069)`;
}

/** Undefined if the person agreed. */
function objectionIn(plan: Plan, { action, content = {} }: Reply, verdict: ReturnType<Signer['check']>) {
  if (action !== 'accept') {
    return { answer: declined(action === 'decline' ? 'The person declined.' : 'The person closed the question.') };
  }
  if (verdict === 'late') throw new RefusedError(`The answer came after more than ${MINUTES} minutes. Call again.`);
  if (verdict === 'other') {
    throw new RefusedError(
      'The answer is not to this question: the target has changed since it was asked, or this server was restarted. Call again.',
    );
  }
  if (plan.typed !== undefined) return objectionTo(plan.typed, content.name);
  return content.confirm === true ? undefined : { answer: declined('The person did not say yes.') };
}

function objectionTo(wanted: string | undefined, given: unknown = '') {
  if (wanted === undefined || given === wanted || given === visible(wanted)) return undefined;
  const what = given === '' ? 'No name was given to agree' : `The name that was given, ${String(given)}, is another`;
  return { answer: declined(`${what}; it has to be ${wanted}.`) };
}

function declined(why: string) {
  return { outcome: 'declined' as const, note: `${why} ${FINAL}` };
}

function askForToken({ typed }: Plan, confirmationToken: string) {
  const name = typed === undefined ? '' : ', and with confirmationName, the name as the person types it';
  return {
    outcome: 'needs_confirmation' as const,
    confirmationToken,
    note: `Nothing was sent. Show the plan to the person and ask. If they agree, call again within ${MINUTES} minutes with the same arguments and confirmationToken${name}.`,
  };
}
