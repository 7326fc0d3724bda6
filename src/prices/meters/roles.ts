import { isNumber, type Word } from './text.ts';
import { GIGABYTES, isByGigabyte, isTime } from './units.ts';
import {
  BACKUP,
  BESIDE,
  OF_BACKUP_OR_TRAFFIC,
  OTHER_ENGINES,
  OTHER_PRODUCTS,
  PART_WORDS,
  POSTGRES,
  THINGS,
  TRAFFIC,
} from './vocabulary.ts';

/** What a meter may be to a cluster: `none` certainly is not charged for, or left out of every estimate. */
export type Role = 'part' | 'beside' | 'none';

export function roleOf(words: readonly Word[], unit: string, isKnown: (n: number) => boolean): Role {
  const has = (some: ReadonlySet<string>) => words.some(({ text }) => some.has(text));
  if (has(OTHER_PRODUCTS)) return 'none';
  if (has(OTHER_ENGINES)) return isShared(words) ? 'beside' : 'none';
  if (has(BACKUP) || has(TRAFFIC)) return isLeftOut(words, unit, isKnown) ? 'none' : 'beside';
  return has(BESIDE) ? 'beside' : 'part';
}

/** "MariaDB and PostgreSQL", not "MongoDB (as PostgreSQL)": it may be a price of both. */
const isShared = (words: readonly Word[]) =>
  words.some(({ text }, n) => POSTGRES.has(text) && !COMPARING.has(words[n - 1]?.text ?? ''));

const COMPARING = new Set(['as', 'like', 'not', 'wie', 'nicht']);

const JOINING = new Set(['and', 'und', 'or', 'oder', 'mit']);

/** Backup storage or traffic and nothing else: "storage incl. backup" and "cluster + traffic" are more. */
function isLeftOut(words: readonly Word[], unit: string, isKnown: (n: number) => boolean): boolean {
  const has = (isIt: (word: string) => boolean) => words.some(({ text }) => isIt(text));
  if (has((word) => ['cores', 'memory'].includes(PART_WORDS.get(word) ?? ''))) return false;
  const isTraffic = !has((word) => BACKUP.has(word));
  if (!isByGigabyte(unit) && (!isTraffic || has((word) => THINGS.has(word)))) return false;
  return words.every((word, n) => {
    const { text } = word;
    if (JOINING.has(text)) return isMeasure(words[n + 1]);
    if (/[&+]/.test(word.gap) || (word.gap.includes('/') && !isMeasure(word))) return false;
    return isNumber(text) || BACKUP.has(text) || TRAFFIC.has(text) || OF_BACKUP_OR_TRAFFIC.has(text) || isKnown(n);
  });
}

/** As in "je GB und Stunde". */
const isMeasure = ({ text }: Word = { text: '', gap: '' }) => isNumber(text) || GIGABYTES.has(text) || isTime(text);
