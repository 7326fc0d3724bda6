import { Amount } from '../amount.ts';
import { isNumber, type Word } from './text.ts';
import { GIGABYTES, HOURS, readUnit } from './units.ts';
import { PART_WORDS, PER, THINGS } from './vocabulary.ts';

const HOURS_OF_ADVERBS = new Map([
  ...['hourly', 'stündlich'].map((word) => [word, 1] as const),
  ...['monthly', 'monatlich'].map((word) => [word, 720] as const),
]);

const ONE = Amount.of(1) ?? Amount.zero;

/** Whether a number belongs to the next word, as in 1h, 1 GB and 30-day. */
export const isCounted = (words: readonly Word[], n: number) =>
  isNumber(words[n - 1]?.text) && /^(?:\s*|-)$/.test(words[n]?.gap ?? '');

/** Whether it follows "per", as in "per GB" and "per 1 GB". */
export function isPer(words: readonly Word[], n: number): boolean {
  const before = isCounted(words, n) ? n - 2 : n - 1;
  return PER.has(words[before]?.text ?? '');
}

/**
 * Whether what the words say of time and amount is what the unit says. `isAmount` tells whether a word for gigabytes
 * is one. A unit that cannot be read contradicts nothing.
 */
export function agrees(words: readonly Word[], unit: string, isAmount: (n: number) => boolean): boolean {
  const measure = readUnit(unit);
  if (!measure) return true;
  const numberBefore = (n: number) => (isCounted(words, n) ? Amount.of(words[n - 1]?.text ?? '') : ONE);
  const times = (n: number, size: Amount) => numberBefore(n)?.times(size);
  const isSame = (one: Amount | undefined, other: Amount | undefined) => one && other && one.compare(other) === 0;
  let isPerPart = false;
  let isPerThing = false;
  const isEach = words.every(({ text }, n) => {
    const hours = HOURS.get(text) ?? Amount.of(HOURS_OF_ADVERBS.get(text) ?? '');
    if (hours) return isSame(times(n, hours), measure.hours);
    const gigabytes = GIGABYTES.get(text);
    if (gigabytes && isAmount(n)) {
      isPerPart = true;
      return isSame(times(n, gigabytes), measure.gigabytes);
    }
    if (PART_WORDS.get(text) === 'cores' && (isCounted(words, n) || isPer(words, n))) {
      isPerPart = true;
      return isSame(numberBefore(n), measure.count ?? ONE);
    }
    if (THINGS.has(text) && isPer(words, n)) isPerThing = true;
    return true;
  });
  // Per core and instance is a price of a core; per instance alone is one whatever the cores are.
  return isEach && (isPerPart || !isPerThing);
}
