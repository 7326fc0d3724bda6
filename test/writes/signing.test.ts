import { expect, onTestFinished, test, vi } from 'vitest';
import { spendingOf } from '../../src/writes/agreements.ts';
import { createSigner, SIGNED_SECONDS } from '../../src/writes/signing.ts';

const KEY = 'k'.repeat(32);
const signed = { subject: ['a'], basis: 'b' };
const MINUTE_MS = 60_000;

/** By the clock that is right. */
function at(ms: number) {
  vi.setSystemTime(ms);
}

test.each([0, 5, 10, 11, 120])(
  'signed by a replica %d minutes ahead, consent is not valid after its use is forgotten',
  (ahead) => {
    vi.useFakeTimers({ now: ahead * MINUTE_MS });
    onTestFinished(() => void vi.useRealTimers());
    const token = createSigner(KEY).sign(signed);
    const verdictAt = (minute: number) => {
      at(minute * MINUTE_MS);
      return createSigner(KEY).check(token, signed).verdict;
    };
    const valid = Array.from({ length: 200 }, (_, minute) => minute).filter((minute) => verdictAt(minute) === 'good');

    const [first = 0, last = 0] = [valid.at(0), valid.at(-1)];
    const forgottenAfter = spendingOf('any').ms / MINUTE_MS;
    // Another replica can be behind by as much as a signature usually lasts.
    expect(last - first + SIGNED_SECONDS / 60).toBeLessThanOrEqual(forgottenAfter);
    expect(verdictAt(0) === 'good').toBe(ahead <= 10);
  },
);
