import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Amount } from '../../src/prices/amount.ts';
import { type Cost, differenceOf, type Estimate, estimate, sumOf } from '../../src/prices/estimate.ts';
import { tableOf } from '../../src/prices/list-table.ts';
import type { PriceRow } from '../../src/prices/price-list.ts';
import type { ClusterSize } from '../../src/prices/table.ts';

const row = (text: string, unit: string, quantity: string, over: Partial<PriceRow> = {}): PriceRow => ({
  text,
  unit,
  deprecated: false,
  type: 'consumption-based',
  price: { quantity, currency: 'EUR' },
  ...over,
});

const CORE = row('1h per core PostgreSQL', '1hour', '0.05');
const RAM = row('1h per GB RAM PostgreSQL', '1G*1hour', '0.007');
const HDD = row('30d per 1GB HDD Storage PostgreSQL', '1G*30Days', '0.04');
const SSD = row('30d per 1GB SSD Premium Storage PostgreSQL', '1G*30Days', '0.19');
const ROWS = [CORE, RAM, HDD, SSD];

const of = (size: ClusterSize, rows: readonly PriceRow[] = ROWS) =>
  estimate(size, tableOf({ date: '2026-11-27', contract: '1', liability: 'without liability', rows, isCut: false }));

const ORDERS: ClusterSize = {
  instances: 3,
  cores: 4,
  ram: 8192,
  storageSize: 102_400,
  storageType: 'SSD Premium',
  location: 'de/txl',
};

function complete(found: Estimate) {
  if (!found.complete) throw new Error(`incomplete: ${JSON.stringify(found.missing)}`);
  return found;
}

const plain = (value: unknown) => JSON.parse(JSON.stringify(value));
const isSame = (one: Cost, other: Cost) => one.currency === other.currency && one.perHour.compare(other.perHour) === 0;
const total = (amounts: readonly Amount[]) => amounts.reduce((sum, each) => sum.plus(each), Amount.zero);

test('a cluster costs what its cores, memory and storage cost, on every instance', () => {
  expect(plain(of(ORDERS))).toEqual({
    complete: true,
    perHour: '0.847166666667',
    per30Days: '609.96',
    currency: 'EUR',
    components: [
      { part: 'cores', amount: '12', perHour: '0.05', cost: '0.6', currency: 'EUR', text: CORE.text },
      { part: 'memory', amount: '24', perHour: '0.007', cost: '0.168', currency: 'EUR', text: RAM.text },
      {
        part: 'storage',
        amount: '300',
        perHour: '0.000263888889',
        cost: '0.079166666667',
        currency: 'EUR',
        text: SSD.text,
      },
    ],
    source: 'list',
    date: '2026-11-27',
    liability: 'without liability',
    leftOut: ['traffic', 'backup storage', 'VAT'],
  });
});

const sizes: fc.Arbitrary<ClusterSize> = fc.record({
  instances: fc.integer({ min: 1, max: 5 }),
  cores: fc.integer({ min: 1, max: 62 }),
  ram: fc.integer({ min: 2, max: 512 }).map((gb) => gb * 1024),
  storageSize: fc.integer({ min: 2048, max: 4_194_304 }),
  storageType: fc.constantFrom('HDD', 'SSD Premium', 'SSD'),
  location: fc.constantFrom('de/txl', 'us/las'),
});
const prices = fc.tuple(fc.nat(10 ** 9), fc.integer({ min: 3, max: 12 })).map(
  ([digits, scale]) =>
    `${String(digits)
      .padStart(scale + 1, '0')
      .slice(0, -scale)}.${String(digits)
      .padStart(scale + 1, '0')
      .slice(-scale)}`,
);
const lists = fc
  .tuple(prices, prices, prices, prices)
  .map((quantities) =>
    ROWS.map((each, n): PriceRow => ({ ...each, price: { quantity: quantities[n] ?? '', currency: 'EUR' } })),
  );

describe('whatever the prices and sizes,', () => {
  test('a total equals its parts, and a month is 720 hours', () => {
    fc.assert(
      fc.property(sizes, lists, (size, list) => {
        const { components, perHour, per30Days } = complete(of(size, list));
        expect(components.map(({ part }) => part)).toEqual(['cores', 'memory', 'storage']);
        expect(total(components.map(({ cost }) => cost)).compare(perHour)).toBe(0);
        expect(perHour.times(Amount.of(720) ?? Amount.zero).compare(per30Days)).toBe(0);
      }),
    );
  });

  test('more of anything never costs less', () => {
    const more = fc.record({ instances: fc.nat(3), cores: fc.nat(9), ram: fc.nat(9999), storageSize: fc.nat(9999) });
    fc.assert(
      fc.property(sizes, lists, more, (size, list, added) => {
        const grown = { ...size };
        for (const key of ['instances', 'cores', 'ram', 'storageSize'] as const) {
          grown[key] = (size[key] ?? 0) + added[key];
        }
        const [before, after] = [of(size, list), of(grown, list)];
        expect(complete(after).perHour.compare(complete(before).perHour)).toBeGreaterThanOrEqual(0);
        expect(differenceOf(before, after)?.perHour.sign).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  test('a sum equals its parts, in any order', () => {
    fc.assert(
      fc.property(fc.array(sizes, { minLength: 1, maxLength: 20 }), lists, (all, list) => {
        const estimates = all.map((size) => complete(of(size, list)));
        const sum = sumOf(estimates);
        const expected = total(estimates.map(({ perHour }) => perHour));
        expect(sum.complete && sum.perHour.compare(expected)).toBe(0);
        expect(plain(sumOf(estimates.toReversed()))).toEqual(plain(sum));
      }),
    );
  });

  test('a difference leads from one to the other', () => {
    fc.assert(
      fc.property(sizes, sizes, lists, (one, other, list) => {
        const [now, afterwards] = [complete(of(one, list)), complete(of(other, list))];
        const difference = differenceOf(now, afterwards);
        expect(difference && now.perHour.plus(difference.perHour).compare(afterwards.perHour)).toBe(0);
        const [ordered, deleted] = [differenceOf(undefined, now), differenceOf(now, undefined)];
        expect(ordered && isSame(ordered, now)).toBe(true);
        expect(ordered && deleted && ordered.perHour.plus(deleted.perHour).sign).toBe(0);
      }),
    );
  });

  test('the unit that a price is for makes no difference', () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 10 ** 6 }), (size, n) => {
        const by = (unit: string, factor: number) =>
          complete(of(size, [row('PostgreSQL core', unit, String(n * factor)), RAM, HDD, SSD])).perHour;
        const hourly = by('1hour', 1);
        for (const [unit, hours] of [
          ['1Day', 24],
          ['24hours', 24],
          ['30Days', 720],
          ['1month', 720],
        ] as const) {
          expect(by(unit, hours).compare(hourly), unit).toBe(0);
        }
      }),
    );
  });
});

describe('a row that spoils', () => {
  const spoilers: Record<string, (each: PriceRow) => PriceRow[]> = {
    'is missing': () => [],
    'is there twice': (each) => [each, each],
    'is there in other words as well': (each) => [each, { ...each, text: each.text.toUpperCase(), unit: 'x' }],
    'is deprecated': (each) => [{ ...each, deprecated: true }],
    'is a commitment': (each) => [{ ...each, type: 'commitment-based', term: 12 }],
    'has a foreign unit': (each) => [{ ...each, unit: '1piece' }],
    'has no price': (each) => [{ ...each, price: undefined }],
    'has another currency': (each) => [{ ...each, price: { quantity: '1', currency: 'USD' } }],
    'is for elsewhere': (each) => [{ ...each, text: `${each.text} - fr/par` }],
    'has unknown words': (each) => [{ ...each, text: `${each.text} Turbo` }],
  };

  test.each(Object.keys(spoilers))('because it %s leaves no total, whichever it is', (name) => {
    fc.assert(
      fc.property(sizes, lists, fc.subarray([0, 1, 2, 3], { minLength: 1 }), fc.nat(), (size, list, spoilt, seed) => {
        const rows = list.flatMap((each, n) => (spoilt.includes(n) ? (spoilers[name]?.(each) ?? []) : [each]));
        const shuffled = rows.toSorted((a, b) => ((a.text.length * seed) % 7) - ((b.text.length * seed) % 7));
        const used = [0, 1, size.storageType === 'HDD' ? 2 : 3];
        const hit = used.filter((n) => spoilt.includes(n));
        const found = of(size, shuffled);

        const isHarmless = hit.length === 0 || (name === 'has another currency' && hit.length === used.length);
        expect(found.complete).toBe(isHarmless);
        if (found.complete) return;
        expect(found).not.toHaveProperty('perHour');
        if (name === 'has another currency') return;
        expect(found.missing.map(({ part }) => part)).toEqual(
          hit.map((n) => ['cores', 'memory', 'storage', 'storage'][n]),
        );
        expect(found.components).toHaveLength(3 - hit.length);
      }),
    );
  });

  test('of another product changes nothing', () => {
    const others = [
      row('1h of MongoDB Playground first instance, PostgreSQL', '1hour', '1'),
      row('PostgreSQL backup storage', '1G*30Days', '1'),
      row('PostgreSQL Enterprise core', '1hour', '1'),
      { ...CORE, type: 'commitment-based', term: 36 },
      { ...RAM, deprecated: true },
    ];
    fc.assert(
      fc.property(sizes, fc.shuffledSubarray(others), (size, some) => {
        expect(plain(of(size, [...some, ...ROWS]))).toEqual(plain(of(size)));
      }),
    );
  });
});

describe('a size that is not known', () => {
  test.each<Partial<ClusterSize>>([
    { instances: undefined },
    { instances: -1 },
    { instances: 1.5 },
    { instances: Number.NaN },
    { instances: Number.MAX_VALUE },
  ])('leaves nothing known: %j', (over) => {
    const found = of({ ...ORDERS, ...over });
    expect(found).toMatchObject({ complete: false, components: [] });
    expect(plain(found).missing.map((each: { reason: string }) => each.reason)).toEqual(Array(3).fill('unknown-size'));
  });

  test.each<[keyof ClusterSize, string]>([
    ['cores', 'unknown-size'],
    ['ram', 'unknown-size'],
    ['storageSize', 'unknown-size'],
    ['storageType', 'unknown-storage'],
  ])('leaves that part open: %s', (key, reason) => {
    expect(of({ ...ORDERS, [key]: undefined })).toMatchObject({ complete: false, missing: [{ reason }] });
  });
});

describe('sums of what is not known', () => {
  const unknown = of({});

  test('say how many are missing, and are no total', () => {
    const sum = sumOf([of(ORDERS), unknown, of(ORDERS)]);
    expect(plain(sum)).toEqual({
      complete: false,
      unknown: 1,
      currencies: ['EUR'],
      known: { perHour: '1.694333333333', per30Days: '1219.92', currency: 'EUR' },
    });
    expect(plain(sumOf([unknown]))).toEqual({ complete: false, unknown: 1, currencies: [] });
    expect(plain(sumOf([]))).toEqual({ complete: false, unknown: 0, currencies: [] });
  });

  test('do not mix currencies', () => {
    const inDollars = of(
      ORDERS,
      ROWS.map((each) => ({ ...each, price: { quantity: '1', currency: 'USD' } })),
    );
    expect(plain(sumOf([of(ORDERS), inDollars]))).toEqual({ complete: false, unknown: 0, currencies: ['EUR', 'USD'] });
    expect(differenceOf(of(ORDERS), inDollars)).toBeUndefined();
  });

  test('neither do differences hide it', () => {
    expect(differenceOf(unknown, of(ORDERS))).toBeUndefined();
    expect(differenceOf(of(ORDERS), unknown)).toBeUndefined();
    expect(differenceOf(undefined, unknown)).toBeUndefined();
    expect(differenceOf(undefined, undefined)).toBeUndefined();
  });
});

describe('a row that may be charged as well', () => {
  const texts = [
    '1h PostgreSQL instance',
    '1h PostgreSQL license per core',
    'PostgreSQL Lizenz je Kern und Stunde',
    '1h PostgreSQL support per core',
    '1h PostgreSQL IP address',
    '1h PostgreSQL',
    '30d PostgreSQL log storage per GB',
    'PostgreSQL snapshot storage',
    'PostgreSQL storage incl. backup',
    'PostgreSQL storage + backup',
    'PostgreSQL cluster and traffic',
    'PostgreSQL backup service',
    'PostgreSQL cores with backup',
    'PostgreSQL bandwidth',
    'PostgreSQL free tier',
    'MariaDB and PostgreSQL cores',
    'Instances of PostgreSQL, MongoDB, MariaDB',
    'DBaaS instances (MongoDB/PostgreSQL)',
    'MongoDB instance, PostgreSQL instance',
    '1h par instance PostgreSQL',
    'PostgreSQL las instancias',
    'PostgreSQL copia de seguridad',
    '1h PostgreSQL surcharge',
    '1h per volume PostgreSQL',
    'PostgreSQL SSD Turbo storage',
  ];

  test.each(texts)('leaves no total: %s', (text) => {
    fc.assert(
      fc.property(
        sizes.filter(({ storageType }) => storageType !== 'HDD' || !text.includes('SSD')),
        fc.constantFrom('consumption-based', 'unknown', undefined, 'verbrauchsbasiert'),
        fc.constantFrom({ quantity: '9', currency: 'EUR' }, { quantity: '0,1', currency: 'EUR' }, undefined),
        fc.nat(4),
        (size, type, price, at) => {
          const found = of(size, ROWS.toSpliced(at, 0, row(text, '1hour', '9', { type, price })));
          expect(found.complete).toBe(false);
          expect(found).not.toHaveProperty('perHour');
          expect(sumOf([found])).toMatchObject({ complete: false });
          const candidates = found.complete
            ? []
            : [found.beside, ...found.missing.map((each) => each.candidates)].flat();
          expect(candidates.map((each) => each.text)).toContain(text);
        },
      ),
      { numRuns: 30 },
    );
  });

  test.each<[string, Partial<PriceRow>]>([
    ['costs nothing', { price: { quantity: '0.00', currency: 'EUR' } }],
    ['is deprecated', { deprecated: true }],
    ['is a commitment', { type: 'commitment-based' }],
    ['has a term', { term: 12 }],
    ['is for elsewhere', { text: '1h PostgreSQL instance - fr/par' }],
  ])('does not where it %s', (_, over) => {
    fc.assert(
      fc.property(sizes, (size) => {
        expect(of(size, [...ROWS, row('1h PostgreSQL instance', '1hour', '9', over)]).complete).toBe(true);
      }),
    );
  });
});

test('whatever a row of PostgreSQL says, a total either stays or is none', () => {
  const words = fc.constantFrom(
    ...'1h 30d per 1GB GB core cores instance cluster license support backup traffic storage SSD Premium RAM and + / , ( )'.split(
      ' ',
    ),
    ...'incl. Turbo - US DE MongoDB Playground Lizenz'.split(' '),
  );
  const units = fc.constantFrom('1hour', '1G*1hour', '1G*30Days', '30Days', '1G', '1piece', '');
  const text = fc.array(words, { maxLength: 7 }).map((some) => `PostgreSQL ${some.join(' ')}`);
  fc.assert(
    fc.property(sizes, text, units, (size, said, unit) => {
      const found = of(size, [...ROWS, row(said, unit, '9')]);
      if (!found.complete) return;
      const before = complete(of(size));
      // A row of a place goes before one of all places; whatever else is left out was another product.
      if (/\b(US|DE|GB)\b/.test(said)) return;
      expect(plain(found)).toEqual(plain(before));
      expect(said).toMatch(/backup|traffic|Playground|MongoDB|SSD|storage/);
    }),
    { numRuns: 1000 },
  );
});
