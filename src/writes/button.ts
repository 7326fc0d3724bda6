import { RefusedError } from '../errors.ts';
import type { Plan } from '../tools/plans/plan.ts';
import type { Agreements, ConsentSubject, Judged } from './agreements.ts';
import { type Button, type Decision, isName } from './question.ts';
import { SIGNED_MINUTES as MINUTES } from './signing.ts';

/** A person has pressed the button in a view that the client renders. */
export interface Press {
  token: string;
  /** As the person typed it. */
  name?: string;
  /** Whether it was the button that says no. */
  isDeclined?: boolean;
}

export const NOTHING = 'Nothing was sent.';
export const MISTYPED = 'The typed name did not match; it can be typed again.';

export const PRESS = `${NOTHING} The person can agree in the view of this result, which shows the plan and a button. Nothing else counts as their consent (--require-human).`;
export const NO_PASSWORDS = 'A view never gets a password: leave it out, or name it with passwordEnv.';

const PRESS_AGAIN: Record<Exclude<Judged['verdict'], 'good'>, string> = {
  late: `The plan was shown more than ${MINUTES} minutes ago; this is the present one.`,
  changed: 'The target or its price has changed since the plan was shown; this is the present one.',
  other: 'This button is not for this write, or this server was restarted; this is the plan of this call.',
  spent: 'This button has already been used; each is good for one write. Check the result first.',
};

/** A yes of a person by a button in a view: the host keeps the model from it, as it keeps it from a question. */
export function createButtons(agreements: Agreements) {
  const buttonFor = (plan: Plan, call: ConsentSubject): Button => ({
    token: agreements.offer('app', call, plan),
    isTyped: plan.typed !== undefined,
  });

  return {
    /** None for a call with a password, which the view would have to send back. */
    offer: (plan: Plan, call: ConsentSubject) => (holdsPassword(call.args) ? undefined : buttonFor(plan, call)),

    /** Another button is only for whoever had one for this very write. */
    async judge(plan: Plan, call: ConsentSubject, { token, name }: Press): Promise<Decision> {
      if (holdsPassword(call.args)) throw new RefusedError(NO_PASSWORDS);
      const { verdict, agreement } = await agreements.judge(token, 'app', call, plan);
      const isGood = verdict === 'good';
      if (isGood && (plan.typed === undefined || isName(plan.typed, name))) {
        return { go: true, agreed: 'app', agreement };
      }
      const isSpent = verdict === 'other' && (await agreements.isSpent(token));
      const why = isGood ? MISTYPED : PRESS_AGAIN[isSpent ? 'spent' : verdict];
      const note = `${NOTHING} ${why}`;
      const button = verdict === 'other' ? undefined : { ...buttonFor(plan, call), note };
      return { answer: { outcome: 'needs_confirmation', note }, button };
    },
  };
}

/** A view would have to send it back. */
function holdsPassword(args: unknown): boolean {
  if (typeof args !== 'object' || args === null) return false;
  return Object.entries(args).some(([name, value]) => name === 'password' || holdsPassword(value));
}
