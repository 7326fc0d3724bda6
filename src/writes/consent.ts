import { RefusedError } from '../errors.ts';
import type { Amount } from '../prices/amount.ts';
import type { State } from '../state/state.ts';
import { sentences } from '../text/sentences.ts';
import { quoted } from '../text/visible.ts';
import type { Plan } from '../tools/plans/plan.ts';
import { type Agreements, type ConsentSubject, type Judged, subjectOf } from './agreements.ts';
import { createButtons, MISTYPED, NO_PASSWORDS, NOTHING, PRESS, type Press } from './button.ts';
import type { Confirm } from './confirm.ts';
import { answerIn, type Decision, fieldFor, isName, questionFor } from './question.ts';
import { SIGNED_MINUTES as MINUTES, type Signer } from './signing.ts';

export type Reply =
  | { kind: 'answered'; state: string; action: 'accept' | 'decline' | 'cancel'; content?: Record<string, unknown> }
  /** Proof that nobody was asked; `why` continues "the client". */
  | { kind: 'unasked'; why: string }
  /** No answer; a later one does not count. */
  | { kind: 'silent'; why: string };

export interface Person {
  canBeAsked: boolean;
  /** Whether the client shows views (MCP Apps). */
  seesViews?: boolean;
  press?: Press;
  /** Of whoever shows every plan before its write: whatever --confirm says, this one needs a yes. */
  wantsPlan?: boolean;
  /** Why a client that declared elicitation is no longer asked; continues "the client". */
  fault?: string;
  reply?: Reply;
}

interface ConsentOptions {
  confirm: Confirm;
  /** Of what is paid for 30 days: with `costly`, a rise up to this needs no agreement. */
  confirmAbove?: Amount;
  /** Rejects confirmation tokens: a person must answer through the client, with `app` also by a button in its view. */
  requireHuman: boolean | 'app';
  agreements: Agreements;
  signer: Signer;
  state: State;
}

/** After the first question: people mistype and clusters change. */
const MAX_ROUNDS = 2;
const NOT_AGAIN_MS = 60_000;

const FINAL = `${NOTHING} Do not ask again unless the person wants it.`;

const QUESTION_AGAIN: Record<Exclude<Judged['verdict'], 'good' | 'other'>, string> = {
  late: `The answer came more than ${MINUTES} minutes after the question. This is the present plan:`,
  changed: 'The target or its price has changed since the question was asked. This is the present plan:',
  spent: 'This answer has already been used; each covers one write. This would do it again:',
};

const TOKEN_AGAIN: Record<Exclude<Judged['verdict'], 'good'>, string> = {
  late: `The confirmationToken is older than ${MINUTES} minutes; the plan is the present one.`,
  changed: 'The target or its price has changed since the confirmationToken was given; the plan is the present one.',
  other:
    'The confirmationToken is not valid for this call: it was given for another tool, target or argument, or to another caller, or this server was restarted. The plan is that of this call.',
  spent:
    'This confirmation has already been used; each covers one write. Check the result first. The plan would do it again.',
};

const MAY_BE_OTHERS =
  'Values that the call leaves open (plan.arguments) may have changed, for example because an address is now in use.';

function isNeeded(
  { destructive, rise }: Plan,
  { confirm, confirmAbove }: Pick<ConsentOptions, 'confirm' | 'confirmAbove'>,
) {
  if (confirm === 'writes' || confirm === 'never') return confirm === 'writes';
  const by = rise?.by?.per30Days;
  const isSmall = confirmAbove !== undefined && by !== undefined && by.compare(confirmAbove) <= 0;
  return destructive || (confirm === 'costly' && rise !== undefined && !isSmall);
}

/** Throws RefusedError if a consent cannot be requested. */
export function createConsent({ confirm, confirmAbove, requireHuman, agreements, signer, state }: ConsentOptions) {
  const buttons = createButtons(agreements);
  const declineKey = (call: ConsentSubject) => `declined ${signer.digest(subjectOf(call))}`;

  function ask(plan: Plan, call: ConsentSubject, round = 0, why?: string): Decision {
    return { question: questionFor(plan, agreements.offer('question', call, plan, round), why) };
  }

  async function decline(call: ConsentSubject, why: string): Promise<Decision> {
    await state.remember(declineKey(call), declinedBefore(why, new Date()), NOT_AGAIN_MS).catch(() => {});
    return { answer: declined(why) };
  }

  async function judge(plan: Plan, call: ConsentSubject, reply: Answered, seesViews?: boolean): Promise<Decision> {
    if (reply.action === 'decline') return decline(call, 'The person declined.');
    if (reply.action === 'cancel') return decline(call, 'The person closed the question.');
    const given = answerIn(plan, reply.content);
    if (given === undefined) {
      const why = `sent the person's answer without the field "${fieldFor(plan).name}" that was asked for`;
      return withoutElicitation(plan, call, { fault: why, seesViews });
    }
    if (given === false) return decline(call, 'The person did not say yes.');
    const { verdict, round, agreement } = await agreements.judge(reply.state, 'question', call, plan);
    if (verdict === 'other') return { answer: { outcome: 'needs_confirmation', note: STRAY_ANSWER } };
    if (verdict !== 'good') {
      if (round < MAX_ROUNDS) return ask(plan, call, round + 1, QUESTION_AGAIN[verdict]);
      return { answer: { outcome: 'needs_confirmation', note: ASKED_ENOUGH } };
    }
    if (plan.typed === undefined || isName(plan.typed, given)) return { go: true, agreed: 'elicitation', agreement };
    if (round < MAX_ROUNDS) return ask(plan, call, round + 1, MISTYPED);
    return {
      answer: declined(`The typed name did not match ${round + 1} times; it must be ${quoted(plan.typed)}.`),
    };
  }

  async function withoutElicitation(
    plan: Plan,
    call: ConsentSubject,
    { fault, declared = fault !== undefined, seesViews = false }: Gap,
  ): Promise<Decision> {
    const button = seesViews ? buttons.offer(plan, call) : undefined;
    if (requireHuman === 'app' && button) return { answer: { outcome: 'needs_confirmation', note: PRESS }, button };
    if (requireHuman) {
      const cause = fault === undefined ? ' (it has no MCP elicitation)' : `: it ${fault}`;
      const views = requireHuman === 'app' && seesViews ? ` ${NO_PASSWORDS}` : '';
      throw new RefusedError(
        `A person has to agree to this, and this client cannot ask one${cause}. The operator of this server accepts no substitute (--require-human).${views}`,
      );
    }
    const purpose = declared ? 'token instead of an answer' : 'token';
    const again = (why?: string): Decision => ({
      answer: askForToken(plan, agreements.offer(purpose, call, plan), why),
      button: button && { ...button, note: why && `${NOTHING} ${why}` },
    });
    const { confirmationToken, confirmationName } = call;
    if (confirmationToken === undefined) return again(fault && `The client ${fault}, so nobody has agreed yet.`);
    const instead = await agreements.judge(confirmationToken, 'token instead of an answer', call, plan);
    const { verdict, agreement } =
      instead.verdict === 'other' ? await agreements.judge(confirmationToken, 'token', call, plan) : instead;
    if (verdict === 'other' && (await agreements.isSpent(confirmationToken))) return again(TOKEN_AGAIN.spent);
    if (verdict === 'other' && plan.arguments) return again(`${TOKEN_AGAIN.other} ${MAY_BE_OTHERS}`);
    if (verdict !== 'good') return again(TOKEN_AGAIN[verdict]);
    if (plan.typed === undefined || isName(plan.typed, confirmationName)) {
      return { go: true, agreed: 'token', agreement };
    }
    if (!confirmationName?.trim()) return again('confirmationName is missing: the name, as the person types it.');
    return {
      answer: declined(
        `The given name, ${quoted(confirmationName)}, does not match; it must be ${quoted(plan.typed)}.`,
      ),
    };
  }

  return async function decide(plan: Plan, call: ConsentSubject, person: Person): Promise<Decision> {
    const { canBeAsked, fault, reply, seesViews, press, wantsPlan } = person;
    // A no is a no even if no yes is needed any longer, and a button is for the plan that it was shown with.
    const isFree = !wantsPlan && press === undefined && !isNo(plan, reply);
    if (isFree && !isNeeded(plan, { confirm, confirmAbove })) return { go: true, agreed: 'never' };
    if (reply?.kind === 'silent') throw new RefusedError(`A person had to agree to this first, but ${reply.why}.`);
    if (reply?.kind === 'unasked') return withoutElicitation(plan, call, { fault: reply.why, seesViews });
    if (reply) return judge(plan, call, reply, seesViews);
    const earlier = await state.recall(declineKey(call));
    if (earlier !== undefined) return { answer: { outcome: 'declined', note: earlier } };
    // Who can be asked is asked: a button is for clients that cannot.
    if (press && !canBeAsked && requireHuman !== true) {
      return press.isDeclined ? decline(call, 'The person declined.') : buttons.judge(plan, call, press);
    }
    if (!canBeAsked) return withoutElicitation(plan, call, { fault, seesViews });
    const { confirmationToken = '' } = call;
    const { verdict } = await agreements.judge(confirmationToken, 'token instead of an answer', call, plan);
    const isInstead = verdict === 'good' && !requireHuman;
    return isInstead ? withoutElicitation(plan, call, { declared: true }) : ask(plan, call);
  };
}

type Answered = Extract<Reply, { kind: 'answered' }>;

const isNo = (plan: Plan, reply: Reply | undefined) =>
  reply?.kind === 'answered' && (reply.action !== 'accept' || answerIn(plan, reply.content) === false);

/** `declared`: the client said that it can ask. */
interface Gap {
  fault?: string;
  declared?: boolean;
  seesViews?: boolean;
}

const STRAY_ANSWER = `${NOTHING} The answer does not belong to this question: that was asked for other arguments, or this server was restarted. Call again for a new question.`;
const ASKED_ENOUGH = `${NOTHING} The person was asked ${MAX_ROUNDS + 1} times, and each time the answer came too late or the target had changed. Call again for a new question.`;

function declined(why: string) {
  return { outcome: 'declined' as const, note: `${why} ${FINAL}` };
}

function declinedBefore(why: string, at: Date): string {
  const time = `${at.toISOString().slice(11, 19)} UTC`;
  return `${why} That was at ${time}, and the same question is not asked again within a minute. ${FINAL}`;
}

function askForToken({ typed, arguments: settled }: Plan, confirmationToken: string, why?: string) {
  const name = typed === undefined ? '' : ', and with confirmationName, the name as the person types it';
  const how = `Show the plan to the person and ask. If they agree, call again within ${MINUTES} minutes with the same arguments${settled ? ', those of plan.arguments' : ''} and confirmationToken${name}.`;
  return {
    outcome: 'needs_confirmation' as const,
    confirmationToken,
    note: sentences(NOTHING, why, how),
  };
}
