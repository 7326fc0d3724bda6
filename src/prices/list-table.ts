import { Amount } from './amount.ts';
import { type Meter, metersIn } from './meters/meter.ts';
import { levelAt } from './meters/places.ts';
import { readUnit } from './meters/units.ts';
import type { Part } from './meters/vocabulary.ts';
import type { PriceList, PriceRow } from './price-list.ts';
import type { NoUnitPrice, PricedAt, PriceTable, UnitPrice } from './table.ts';

/** Tells the meters of a contract's price list by their words. What is not certain is no price. */
export function tableOf(list: PriceList): PriceTable {
  const meters = metersIn(list.rows);
  const ofParts = meters.filter(({ isBeside }) => !isBeside);
  const guessesFor = new Map<Part, readonly PriceRow[]>();
  const guessed = (part: Part) => {
    const rows = guessesFor.get(part) ?? guesses(part, list);
    guessesFor.set(part, rows);
    return rows;
  };
  const beside = meters.filter(({ isBeside, row }) => isBeside && !isFree(row));
  return {
    source: 'list',
    date: list.date,
    liability: list.liability,
    beside({ location }) {
      if (list.isCut) return [];
      const there = beside.filter((meter) => location === undefined || levelAt(location, meter.places) !== undefined);
      return there.map(({ row }) => row);
    },
    find(part, place) {
      if (list.isCut) return { reason: 'list-cut', candidates: [] };
      const found = theOne(
        part,
        place,
        ofParts.filter(({ parts }) => parts.has(part)),
      );
      if (!('row' in found)) return found.candidates.length > 0 ? found : { ...found, candidates: guessed(part) };
      return priceOf(part, found.row);
    },
  };
}

/** What costs nothing changes no total. */
const isFree = ({ price }: PriceRow) => Amount.of(price?.quantity ?? '')?.sign === 0;

/** Rows that a person may recognize: those with a word for the part, deprecated ones included, or else all. */
function guesses(part: Part, { rows }: PriceList): readonly PriceRow[] {
  const near = rows.filter((row) => metersIn([{ ...row, ...OFFERED }]).some(({ parts }) => parts.has(part)));
  return near.length > 0 ? near : rows;
}

const OFFERED = { deprecated: false, term: undefined, type: undefined };

function theOne(part: Part, place: PricedAt, meters: readonly Meter[]): Meter | NoUnitPrice {
  const { location } = place;
  const rowsOf = (some: readonly Meter[]) => some.map(({ row }) => row);
  if (location === undefined && meters.some(({ places }) => places.areas.length > 0)) {
    return { reason: 'unknown-location', candidates: rowsOf(meters) };
  }
  const there = location === undefined ? meters : closest(location, meters);
  const fitting = part === 'storage' ? ofKind(place, there) : there;
  if (!fitting) return { reason: 'unknown-storage', candidates: rowsOf(there) };
  const [one, ...others] = fitting;
  if (!one) return { reason: 'no-row', candidates: [] };
  if (others.length > 0) return { reason: 'several-rows', candidates: rowsOf(fitting) };
  return one.doubt ? { reason: one.doubt, candidates: [one.row] } : one;
}

/** A meter for the location goes before one for its country, and that before one for everywhere. */
function closest(location: string, meters: readonly Meter[]): Meter[] {
  const levelled = meters.flatMap((meter) => {
    const level = levelAt(location, meter.places);
    return level === undefined ? [] : [{ meter, level }];
  });
  const highest = Math.max(0, ...levelled.map(({ level }) => level));
  return levelled.filter(({ meter, level }) => meter.doubt || level === highest).map(({ meter }) => meter);
}

/** With whatever may be charged for any kind, such as "per volume". Undefined where the kind would have to be known. */
function ofKind(place: PricedAt, meters: readonly Meter[]): readonly Meter[] | undefined {
  const found = fittingKind(place, meters);
  const isDoubtful = ({ kind, doubt, row }: Meter) => {
    if (kind === undefined) return doubt !== undefined || !readUnit(row.unit)?.gigabytes;
    return doubt !== undefined && kind === 'SSD' && place.storageType !== 'HDD';
  };
  return found && meters.filter((meter) => found.includes(meter) || isDoubtful(meter));
}

function fittingKind({ storageType, api }: PricedAt, meters: readonly Meter[]): readonly Meter[] | undefined {
  const ofNoKind = meters.filter(({ kind }) => kind === undefined);
  const named = meters.filter(({ kind }) => kind !== undefined);
  if (storageType === undefined) {
    if (named.length === 0 || (api === 'v2' && ofNoKind.length > 0)) return ofNoKind;
    return api === 'v2' ? named : undefined;
  }
  if (named.length === 0) return ofNoKind;
  const wanted = storageType === 'SSD' ? 'SSD Premium' : storageType;
  const exact = named.filter(({ kind }) => kind === wanted);
  if (exact.length > 0 || !wanted.startsWith('SSD')) return exact;
  const tellsApart = named.some(({ kind }) => kind === 'SSD Standard' || kind === 'SSD Premium');
  return tellsApart ? [] : named.filter(({ kind }) => kind === 'SSD');
}

const CURRENCY = /^[a-z]{3}$/i;

function priceOf(part: Part, row: PriceRow): UnitPrice | NoUnitPrice {
  const { hours, gigabytes, count } = readUnit(row.unit) ?? {};
  const isRight = part === 'cores' ? gigabytes === undefined : gigabytes !== undefined;
  if (!hours || !isRight) return { reason: 'foreign-unit', candidates: [row] };
  const price = Amount.of(row.price?.quantity ?? '');
  if (!price || !row.price || !CURRENCY.test(row.price.currency)) return { reason: 'no-price', candidates: [row] };
  const measured = hours.times(gigabytes ?? count ?? ONE);
  const perHour = price.dividedBy(measured);
  if (perHour.compare(HIGHEST) > 0) return { reason: 'no-price', candidates: [row] };
  return { perHour, currency: row.price.currency.toUpperCase(), text: row.text };
}

/** Of a core or a gigabyte, in any currency: what is more was not meant as a price. */
const HIGHEST = Amount.of(1_000_000) ?? Amount.zero;
const ONE = Amount.of(1) ?? Amount.zero;
