import { RefusedError } from '../errors.ts';
import { type Hide, redactor } from '../text/secrets.ts';

/**
 * Secrets are redacted from whatever others say and from errors, but never from plans, questions and results: a caller
 * could otherwise blank out what a person has to read.
 */
export interface Redaction {
  hide: Hide;
  add(secret: string): void;
  /** Throws RefusedError if a secret of the caller occurs in these words, or in what the API has said so far. */
  refuseIn(words: unknown): void;
}

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
