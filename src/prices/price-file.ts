import * as z from 'zod';
import { readSettingsFile } from '../settings/file.ts';
import { Amount } from './amount.ts';
import { LOCATION, locationIn, withParent } from './locations.ts';
import type { Part } from './meters/vocabulary.ts';
import type { NoUnitPrice, PricedAt, PriceTable } from './table.ts';

/** A decimal number of zero or more, as text. */
export const amount = (rule: string) =>
  z
    .union([z.string(), z.number()], rule)
    .transform(String)
    .refine((text) => Amount.of(text) !== undefined, rule);

const RULE = 'must be a price of zero or more, as in 0.0125';

function isDay(text: string): boolean {
  const time = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : Number.NaN;
  // February 31 would be taken for a day in March.
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** Created on demand: most servers are started without such a file. */
function fileSchema() {
  const price = amount(RULE).optional();
  const byKind = z.strictObject({ HDD: price, 'SSD Standard': price, 'SSD Premium': price, v2: price });
  const prices = z.strictObject({
    core: price,
    ramGB: price,
    storageGB: z
      .union([amount(RULE), byKind], `${RULE}, or an object with some of ${Object.keys(byKind.shape).join(', ')}`)
      .optional(),
  });
  return z
    .strictObject({
      currency: z.string().regex(/^[A-Z]{3}$/, 'must be a currency, as in EUR'),
      /** On which the prices were valid. */
      date: z.string().refine(isDay, 'must be a day, as in 2026-11-27').optional(),
      perHour: prices.default({}),
      byLocation: z
        .record(z.string(), prices)
        .refine((all) => Object.keys(all).every((name) => LOCATION.test(name)), 'must name locations, as in de/fra')
        .default({}),
    })
    .refine(
      ({ perHour, byLocation }) => [perHour, ...Object.values(byLocation)].some((each) => Object.keys(each).length > 0),
      { error: 'must have a price, in perHour or byLocation', when: ({ issues }) => issues.length === 0 },
    );
}

/** An operator's own prices, per hour, of one core or one gigabyte of 1024 MB. */
export type PriceFile = z.output<ReturnType<typeof fileSchema>>;
type Prices = PriceFile['perHour'];

/** Throws a ConfigError that lists all problems. */
export function readPriceFile(path: string, readFile: (path: string, flag: string) => string): PriceFile {
  return readSettingsFile(fileSchema(), { path, flag: '--prices', entries: 'entries', readFile });
}

/** A location's own price goes before that of all. */
export function tableOfFile({ currency, date, perHour, byLocation }: PriceFile): PriceTable {
  const special = new Map(Object.entries(byLocation));
  const levelsAt = (location: string) => [
    ...withParent(locationIn(location)).map((each) => special.get(each)),
    perHour,
  ];
  return {
    source: 'file',
    date,
    beside: () => [],
    find(part, place) {
      const isByLocation = [...special.values()].some((prices) => prices[KEYS[part]] !== undefined);
      if (place.location === undefined && isByLocation) return none('unknown-location');
      const levels = place.location === undefined ? [perHour] : levelsAt(place.location);
      const found = levels.map((prices) => prices && priceIn(prices, part, place));
      const text = found.find((each) => each !== undefined);
      if (typeof text === 'object') return text;
      const price = Amount.of(text ?? '');
      return price ? { perHour: price, currency } : { ...none('not-in-file'), entry: entryFor(part, place, perHour) };
    },
  };
}

const KEYS = { cores: 'core', memory: 'ramGB', storage: 'storageGB' } as const satisfies Record<Part, keyof Prices>;

const none = (reason: NoUnitPrice['reason']): NoUnitPrice => ({ reason, candidates: [] });

/** The entry that would give the price, as a person would write it. */
function entryFor(part: Part, place: PricedAt, { storageGB }: Prices): string {
  const name = `perHour.${KEYS[part]}`;
  const kind = kindOf(place);
  if (part !== 'storage' || typeof storageGB !== 'object') return name;
  return KINDS.includes(kind ?? '') ? `${name}.${JSON.stringify(kind)}` : `${name} as one price for every storage type`;
}

const KINDS = ['HDD', 'SSD Standard', 'SSD Premium', 'v2'];

function kindOf({ storageType, api }: PricedAt): string | undefined {
  if (storageType === undefined) return api === 'v2' ? 'v2' : undefined;
  return storageType === 'SSD' ? 'SSD Premium' : storageType;
}

function priceIn(prices: Prices, part: Part, place: PricedAt): string | NoUnitPrice | undefined {
  const price = prices[KEYS[part]];
  if (typeof price !== 'object') return price;
  const kind = kindOf(place);
  return kind === undefined ? none('unknown-storage') : new Map(Object.entries(price)).get(kind);
}
