import { createMemory } from '../memory.ts';
import type { Plan } from '../tools/plans/plan.ts';
import { SIGNED_SECONDS, type Signer, type Verdict } from './signing.ts';

export interface ConsentSubject {
  tool: string;
  caller: string;
  account: string;
  /** Without the arguments that control the call, such as dryRun. */
  args: unknown;
  confirmationToken?: string;
  confirmationName?: string;
}

/**
 * A token issued after a client failed to ask counts for a client that declares elicitation; any other token does not.
 * That for an app is for a button in its view, and counts for nothing else.
 */
type Purpose = 'question' | 'token' | 'token instead of an answer' | 'app';

export interface Judged {
  verdict: Verdict | 'spent';
  round: number;
  /** Identifies the consent, however its token is spelled. */
  agreement: string;
}

export interface Agreements {
  offer(purpose: Purpose, call: ConsentSubject, plan: Plan, round?: number): string;
  judge(token: string, purpose: Purpose, call: ConsentSubject, plan: Plan): Judged;
  /** Whatever it was for: once its order is sent, the same call can be planned otherwise. */
  isSpent(token: string): boolean;
  /** Right before the write is sent; false if already used. */
  spend(agreement: string): boolean;
}

export const subjectOf = ({ tool, caller, account, args }: ConsentSubject) => [caller, account, tool, args];

export function createAgreements(signer: Signer): Agreements {
  /** As long as a signature is valid, whatever became of the write. */
  const spent = createMemory<true>(SIGNED_SECONDS * 1000);

  // Nobody agreed to another price than the one they saw.
  const signed = (purpose: Purpose, call: ConsentSubject, { basis, demand, rise }: Plan) => ({
    subject: [purpose, ...subjectOf(call)],
    basis: [basis, demand.cluster?.displayName, rise],
  });

  return {
    offer: (purpose, call, plan, round) => signer.sign(signed(purpose, call, plan), round),

    judge(token, purpose, call, plan) {
      const { verdict, round } = signer.check(token, signed(purpose, call, plan));
      const agreement = signer.nameOf(token);
      return { verdict: verdict === 'good' && spent.get(agreement) ? 'spent' : verdict, round, agreement };
    },

    isSpent: (token) => spent.get(signer.nameOf(token)) === true,

    spend(agreement) {
      if (spent.get(agreement)) return false;
      spent.set(agreement, true);
      return true;
    },
  };
}
