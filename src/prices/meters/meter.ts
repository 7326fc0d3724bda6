import { LONGEST_TEXT, type PriceRow } from '../price-list.ts';
import { agrees } from './claims.ts';
import { type Places, placesIn, type Siblings, siblingsIn } from './places.ts';
import { roleOf } from './roles.ts';
import { hasOddSigns, isNumber, type Word, wordsIn } from './text.ts';
import {
  AREA_WORDS,
  DAYS,
  EITHER_MEMORY_OR_STORAGE,
  HALF_NAMES,
  PART_WORDS,
  type Part,
  PLAIN_WORDS,
} from './vocabulary.ts';

/** SSD alone where the words do not say which. */
export type StorageKind = 'HDD' | 'SSD' | 'SSD Standard' | 'SSD Premium';

/** What a row of the price list is, as far as its words say. */
export interface Meter {
  row: PriceRow;
  /** Several where the words name several. */
  parts: ReadonlySet<Part>;
  /** Whether it may be charged beside the parts: a licence, an instance, or whatever the words do not say. */
  isBeside: boolean;
  kind?: StorageKind;
  places: Places;
  /** Why it gives no price, even alone. */
  doubt?: Doubt;
}

const DOUBTS = [
  'long-text',
  'several-parts',
  'unclear-kind',
  'unclear-row',
  'unclear-place',
  'contradiction',
  'unclear-type',
] as const;
export type Doubt = (typeof DOUBTS)[number];

/** Without what is not offered by the hour any more, is another product, or is left out of every estimate. */
export function metersIn(rows: readonly PriceRow[]): Meter[] {
  const texts = rows.map(({ text }) => wordsIn(text));
  const siblings = siblingsIn(texts);
  return rows.flatMap((row, n) => meterOf(row, texts[n] ?? [], siblings) ?? []);
}

function meterOf(row: PriceRow, words: readonly Word[], siblings: Siblings): Meter | undefined {
  if (row.deprecated || row.term || /^commitment/i.test(row.type ?? '')) return undefined;
  const texts = words.map(({ text }) => text);
  const isKnownAt = (n: number) => isKnown(texts[n] ?? '', texts[n + 1]);
  const role = roleOf(words, row.unit, isKnownAt);
  if (role === 'none') return undefined;
  const parts = partsIn(texts);
  const { kind, isCertain } = kindIn(texts);
  const places = placesIn(words, siblings);
  return {
    row,
    parts,
    isBeside: role === 'beside' || parts.size === 0,
    kind,
    places,
    doubt: doubtIn({
      'long-text': row.text.length > LONGEST_TEXT,
      'several-parts': parts.size > 1,
      'unclear-kind': !isCertain,
      'unclear-row': hasOddSigns(row.text) || !texts.every((_, n) => isKnownAt(n)),
      'unclear-place': !places.isCertain,
      contradiction: !agrees(words, row.unit, places.isAmount),
      'unclear-type': !/^consumption/i.test(row.type ?? '') || row.deprecated === undefined || Number.isNaN(row.term),
    }),
  };
}

/** The first that applies. */
const doubtIn = (applies: Readonly<Record<Doubt, boolean>>) => DOUBTS.find((doubt) => applies[doubt]);

function partsIn(words: readonly string[]): Set<Part> {
  const parts = new Set(words.flatMap((word) => PART_WORDS.get(word) ?? []));
  if (words.includes(EITHER_MEMORY_OR_STORAGE) && !parts.has('memory')) parts.add('storage');
  return parts;
}

function kindIn(words: readonly string[]): { kind?: StorageKind; isCertain: boolean } {
  const has = (word: string) => words.includes(word);
  const [isSsd, isDisk, isStandard, isPremium] = [has('ssd'), DISKS.some(has), has('standard'), has('premium')];
  const grades = [isStandard, isPremium].filter(Boolean).length;
  if (isSsd === isDisk) return { isCertain: !isSsd && grades === 0 };
  if (isDisk) return { kind: 'HDD', isCertain: grades === 0 };
  if (grades !== 1) return { kind: 'SSD', isCertain: grades === 0 };
  return { kind: isStandard ? 'SSD Standard' : 'SSD Premium', isCertain: true };
}

const DISKS = ['hdd', 'festplatte', 'festplatten', 'festplattenspeicher'];

function isKnown(word: string, next = ''): boolean {
  if (isNumber(word)) return (word === '1' && next !== '') || (word === '30' && DAYS.has(next));
  if (HALF_NAMES.has(word)) return AREA_WORDS.has(next);
  return PART_WORDS.has(word) || PLAIN_WORDS.has(word) || AREA_WORDS.has(word) || word === EITHER_MEMORY_OR_STORAGE;
}
