import { Amount } from '../amount.ts';

/** What one unit of a meter measures. */
export interface Measure {
  hours: Amount;
  /** Set for memory and storage. */
  gigabytes?: Amount;
  /** Set where things are counted, such as cores. */
  count?: Amount;
}

const of = (value: number) => Amount.of(value) ?? Amount.zero;
const words = (value: number, ...names: string[]) => names.map((name) => [name, of(value)] as const);

/** IONOS bills a month as 30 days, and counts 1024 MB as one gigabyte. */
export const HOURS = new Map([
  ...words(1, 'h', 'hr', 'hrs', 'hour', 'hours', 'stunde', 'stunden'),
  ...words(24, 'd', 'day', 'days', 'tag', 'tage', 'tagen'),
  ...words(720, 'month', 'months', 'monat', 'monate'),
]);
export const GIGABYTES = new Map([
  ...words(1, 'g', 'gb', 'gib', 'gigabyte', 'gigabytes'),
  ...words(1024, 't', 'tb', 'tib', 'terabyte', 'terabytes'),
]);
const COUNTED = new Map(
  words(1, 'core', 'cores', 'vcpu', 'vcpus', 'cpu', 'cpus', 'vcore', 'vcores', 'kern', 'kerne', 'piece', 'pieces'),
);

const FACTOR = /^(?:([\d.]{1,20}) ?)?([a-zé]{1,12})$/;

/** Reads a unit such as `1hour`, `30Days`, `1G*30Days` or `1 GB * 30 days`; undefined for any other. */
export function readUnit(text: string): Measure | undefined {
  if (text.length > LONGEST) return undefined;
  const measure: Partial<Record<keyof Measure, Amount>> = {};
  for (const factor of text.toLowerCase().split('*')) {
    const [, number = '1', word = ''] = FACTOR.exec(factor.trim()) ?? [];
    const amount = Amount.of(number);
    const [dimension, size] = dimensionOf(word);
    if (!dimension || !size || !amount || amount.sign === 0 || measure[dimension]) return undefined;
    measure[dimension] = amount.times(size);
  }
  const { hours, gigabytes, count } = measure;
  return hours && !(gigabytes && count) ? { hours, gigabytes, count } : undefined;
}

const LONGEST = 60;

function dimensionOf(word: string): [keyof Measure, Amount | undefined] | [] {
  if (HOURS.has(word)) return ['hours', HOURS.get(word)];
  if (GIGABYTES.has(word)) return ['gigabytes', GIGABYTES.get(word)];
  return COUNTED.has(word) ? ['count', COUNTED.get(word)] : [];
}

export const isTime = (word: string) => HOURS.has(word);

/** Whether gigabytes are counted, even where no time is said, as for traffic. */
export function isByGigabyte(text: string): boolean {
  if (text.length > LONGEST) return false;
  const factors = text.toLowerCase().split('*');
  return factors.some((factor) => GIGABYTES.has(FACTOR.exec(factor.trim())?.[2] ?? ''));
}
