import type { State } from '../state/state.ts';
import type { Plan } from '../tools/plans/plan.ts';
import { SIGNED_SECONDS, type Signer, type Verdict } from './signing.ts';

export interface ConsentSubject {
  tool: string;
  caller: string;
  accountKey: string;
  /** Without the arguments that control the call, such as dryRun. */
  args: unknown;
  confirmationToken?: string;
  confirmationName?: string;
}

/**
 * A token issued after a client failed to ask counts for a client that declares elicitation; any other token does not.
 * That for an app is for a button in its view, and counts for nothing else.
 */
const PURPOSES = ['question', 'token', 'token instead of an answer', 'app'] as const;
type Purpose = (typeof PURPOSES)[number];

export interface Judged {
  verdict: Verdict | 'spent';
  round: number;
  /** Identifies the consent, however its token is spelled. */
  agreement: string;
}

export interface Agreements {
  offer(purpose: Purpose, call: ConsentSubject, plan: Plan, round?: number): string;
  judge(token: string, purpose: Purpose, call: ConsentSubject, plan: Plan): Promise<Judged>;
  /** Whatever it was for: once its order is sent, the same call can be planned otherwise. */
  isSpent(token: string): Promise<boolean>;
  /** The same, if it was for this very call. */
  isSpentFor(token: string, call: ConsentSubject): Promise<boolean>;
}

export const subjectOf = ({ tool, caller, accountKey, args }: ConsentSubject) => [caller, accountKey, tool, args];

/**
 * What the state keeps of a consent that is used up, whatever became of the write: for as long as its signature can be
 * valid, which is twice as long as usual where the replica that signed was ahead, also by the clock of a replica that is
 * behind by as much again.
 */
export const spendingOf = (agreement: string) => ({ key: `spent ${agreement}`, ms: 3 * SIGNED_SECONDS * 1000 });

export function createAgreements(signer: Signer, state: State): Agreements {
  const isKept = async (agreement: string) => (await state.recall(spendingOf(agreement).key)) !== undefined;

  // Nobody agreed to another price than the one they saw.
  const signed = (purpose: Purpose, call: ConsentSubject, { basis, demand, rise }: Plan) => ({
    subject: [purpose, ...subjectOf(call)],
    basis: [basis, demand.cluster?.displayName, rise],
  });

  return {
    offer: (purpose, call, plan, round) => signer.sign(signed(purpose, call, plan), round),

    async judge(token, purpose, call, plan) {
      const { verdict, round } = signer.check(token, signed(purpose, call, plan));
      const agreement = signer.nameOf(token);
      // What it was used for has changed the target.
      const isSpent = verdict !== 'other' && (await isKept(agreement));
      return { verdict: isSpent ? 'spent' : verdict, round, agreement };
    },

    isSpent: (token) => isKept(signer.nameOf(token)),

    async isSpentFor(token, call) {
      const isFor = (purpose: Purpose) =>
        signer.check(token, { subject: [purpose, ...subjectOf(call)], basis: undefined }).verdict !== 'other';
      return PURPOSES.some(isFor) && isKept(signer.nameOf(token));
    },
  };
}
