import { locationIn } from '../locations.ts';
import { isCounted, isPer } from './claims.ts';
import type { Word } from './text.ts';
import { isTime } from './units.ts';
import {
  AREA_WORDS,
  type Area,
  GREAT_BRITAIN,
  HALF_NAMES,
  LIKE_COUNTRIES,
  LIKE_WORDS,
  PART_WORDS,
} from './vocabulary.ts';

const GB = 'gb';

/** The words of other rows with a mark for their places, so that rows that differ only by a place are found. */
export type Siblings = ReadonlyMap<string, number>;

/** More places than a row can be for. */
const MOST_PLACES = 8;

export function siblingsIn(texts: readonly (readonly Word[])[]): Siblings {
  const counts = new Map<string, number>();
  for (const key of texts.flatMap(keysOf)) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/** With its places marked, and with what could be one. */
function keysOf(words: readonly Word[]): string[] {
  if (words.filter(isPlace).length > MOST_PLACES) return [];
  const couldBe = (word: Word, n: number) =>
    isPlace(word) || (word.text === GB && !isCounted(words, n) && !isAfterPer(words, n));
  return [...new Set([keyOf(words, isPlace), keyOf(words, couldBe)])];
}

/** The same for "DE", "Las Vegas" and "DE/FR", with a mark; without one for no place at all. */
function keyOf(words: readonly Word[], isMarked: (word: Word, n: number) => boolean, mark = '*'): string {
  const marked = words.map((word, n) => (isMarked(word, n) ? mark : word.text));
  return marked.filter((text, n) => text !== '' && (text !== '*' || marked[n - 1] !== '*')).join(' ');
}

export const isPlace = ({ text }: Word) => AREA_WORDS.has(text) || HALF_NAMES.has(text);

export interface Places {
  /** None: everywhere. */
  areas: readonly Area[];
  /** Whether no word could be a place as well as something else. */
  isCertain: boolean;
  /** Whether a word for gigabytes is one, and not the United Kingdom. */
  isAmount(n: number): boolean;
}

export function placesIn(words: readonly Word[], siblings: Siblings): Places {
  const readings = words.map((_, n) => readingOf(words, n, siblings));
  const areas = words.flatMap(({ text }, n) => {
    if (readings[n] === 'either') return [];
    if (readings[n] === 'place' && text === GB) return [GREAT_BRITAIN];
    return AREA_WORDS.get(text) ?? [];
  });
  if (areas.length > MOST_PLACES) return { areas: [], isCertain: false, isAmount: () => true };
  const narrowest = areas.filter((area) => !areas.some((other) => other !== area && contains(area, other)));
  return { areas: narrowest, isCertain: !readings.includes('either'), isAmount: (n) => readings[n] !== 'place' };
}

const contains = (area: Area, other: Area) =>
  other.prefixes.every((inner) => area.prefixes.some((outer) => inner.startsWith(outer)));

/** A word of two letters can be a country's code: GB is also a gigabyte, AT is Austria and D is Germany. */
function readingOf(words: readonly Word[], n: number, siblings: Siblings): 'usual' | 'place' | 'either' {
  const text = words[n]?.text ?? '';
  if (LIKE_WORDS.has(text)) return isName(words, n) || standsForPlace(words, n, siblings) ? 'place' : 'either';
  if (text !== GB && !LIKE_COUNTRIES.has(text)) return 'usual';
  if (isCounted(words, n) || isAfterPer(words, n)) return 'usual';
  const [before, next, gap = ''] = [words[n - 1], words[n + 1], words[n]?.gap];
  if (text !== GB) {
    const isNoName = (next && isPlace(next)) || gap === '-' || /[*×·]/.test(gap);
    return !isNoName && (standsAlone(words, n) || standsForPlace(words, n, siblings)) ? 'either' : 'usual';
  }
  if (next && isTime(next.text) && /[/*×·-]/.test(next.gap)) return 'usual';
  const isOfCores = words.some((word) => PART_WORDS.get(word.text) === 'cores');
  if (isOfCores || standsForPlace(words, n, siblings)) return 'place';
  if (next && isTime(next.text) && !/[-–—(]/.test(gap)) return 'usual';
  const isBesidePlace = [before, next].some((word) => word && isPlace(word));
  const saysGigabyte = words.some((word, m) => word.text === GB && (isCounted(words, m) || isAfterPer(words, m)));
  const isAlone = standsAlone(words, n) && (saysGigabyte || /\s[-–—]|[–—]/.test(gap));
  return isAlone || isBesidePlace ? 'place' : 'either';
}

/** Whether a name stands there: "in DE", "- DE", "(DE)", "DE, FR" or at the end. */
function isName(words: readonly Word[], n: number): boolean {
  const [before, next, gap = ''] = [words[n - 1], words[n + 1], words[n]?.gap];
  const isBesidePlace = [before, next].some((word) => word && isPlace(word));
  return isBesidePlace || next === undefined || /\S/.test(next.gap) || /\S/.test(gap) || before?.text === 'in';
}

/** "per GB", "je GB und Stunde", "per hour and GB" and "hour/GB", not "DE/GB". */
function isAfterPer(words: readonly Word[], n: number): boolean {
  const [before, gap = ''] = [words[n - 1], words[n]?.gap];
  if (gap.trim() === '/')
    return before !== undefined && !isPlace(before) && (isTime(before.text) || !LIKE_COUNTRIES.has(before.text));
  if (before && JOINING.has(before.text)) return isPer(words, n - 2) || isTime(words[n - 2]?.text ?? '');
  return /^\s*$/.test(gap) && isPer(words, n);
}

const JOINING = new Set(['and', 'und']);

/** Whether it ends a text or a phrase where a name would stand. */
function standsAlone(words: readonly Word[], n: number): boolean {
  const next = words[n + 1];
  const endsPhrase = next === undefined || /[^\s]/.test(next.gap);
  return endsPhrase && (next === undefined || /[^\s]/.test(words[n]?.gap ?? ''));
}

/** Whether there are other rows with the same words and another place, or none. */
function standsForPlace(words: readonly Word[], n: number, siblings: Siblings): boolean {
  const isMarked = (word: Word, m: number) => m === n || isPlace(word);
  const [marked, without] = [keyOf(words, isMarked), keyOf(words, isMarked, '')];
  const isItself = keysOf(words).includes(marked);
  return (siblings.get(marked) ?? 0) > (isItself ? 1 : 0) || siblings.has(without);
}

/** How exactly a meter is about a location: 0 where it is about all, undefined where it is about others. */
export function levelAt(location: string, { areas, isCertain }: Pick<Places, 'areas' | 'isCertain'>) {
  const wanted = `${locationIn(location)}/`;
  const isThere = (prefix: string) => wanted.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`);
  const levels = areas.filter(({ prefixes }) => prefixes.some(isThere)).map(({ level }) => level);
  if (levels.length > 0) return Math.max(...levels);
  return areas.length === 0 || !isCertain ? 0 : undefined;
}
