import { RefusedError } from '../errors.ts';
import { type Hide, redactor } from '../text/secrets.ts';

/**
 * The secrets of one call: the server's own, and what the caller brought, its token and the passwords among the arguments.
 * They are taken out of what others say as it comes in, and out of errors, but never out of plans, questions and results:
 * what a caller sends could take away what a person has to read.
 */
export interface Redaction {
  hide: Hide;
  /** Hides a password of the call from now on. */
  add(secret: string): void;
  /** Throws RefusedError where what the caller brought stands in these words, or in what the API said so far. */
  refuseIn(words: unknown): void;
}

/** `own` are the secrets that never change. */
export function createRedaction(own: readonly string[]): (brought?: readonly string[]) => Redaction {
  const hideOwn = redactor(own);

  return (brought = []) => {
    const all = [...brought];
    let hideBrought = redactor(all);
    let isRepeated = false;
    return {
      hide(text) {
        const shown = hideBrought(text);
        isRepeated ||= shown !== text;
        return hideOwn(shown);
      },
      add(secret) {
        if (all.includes(secret)) return;
        all.push(secret);
        hideBrought = redactor(all);
      },
      refuseIn(words) {
        const text = JSON.stringify(words) ?? '';
        if (isRepeated || hideBrought(text) !== text) throw new RefusedError(UNUSABLE);
      },
    };
  };
}

const UNUSABLE =
  'The password or token of this call also occurs in a name, in another argument or in the text of the plan, so it could not be kept secret. Use a different one.';
