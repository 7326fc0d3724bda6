import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/errors.ts';
import { estimate } from '../../src/prices/estimate.ts';
import type { Part } from '../../src/prices/meters/vocabulary.ts';
import { readPriceFile, tableOfFile } from '../../src/prices/price-file.ts';
import type { ClusterSize, PricedAt } from '../../src/prices/table.ts';
import { call, world } from './world.ts';

const read = (file: object | string) =>
  readPriceFile('prices.json', () => (typeof file === 'string' ? file : JSON.stringify(file)));

function problemsOf(file: object | string): readonly string[] {
  try {
    read(file);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

const EURO = { currency: 'EUR' };

describe('the file', () => {
  test.each<[object | string, RegExp]>([
    ['', /^--prices: the file is not JSON; only whole lines/],
    ['[]', /^--prices: the file must be an object$/],
    ['{"currency": "EUR", "currency": "USD", "perHour": {"core": 1}}', /^--prices: currency is given more than once$/],
    [{ perHour: { core: 1 } }, /^--prices: currency must be a string$/],
    [{ currency: 'euro', perHour: { core: 1 } }, /^--prices: currency must be a currency, as in EUR$/],
    [EURO, /^--prices: the file must have a price, in perHour or byLocation$/],
    [{ ...EURO, byLocation: { 'de/fra': {} } }, /^--prices: the file must have a price/],
    [{ ...EURO, perHour: 5 }, /^--prices: perHour must be an object$/],
    [{ ...EURO, perHour: { core: -1 } }, /^--prices: perHour\.core must be a price of zero or more, as in 0\.0125$/],
    [{ ...EURO, perHour: { ramGB: '0,05' } }, /^--prices: perHour\.ramGB must be a price of zero or more/],
    [{ ...EURO, perHour: { core: null } }, /^--prices: perHour\.core must be a price of zero or more/],
    [{ ...EURO, perHour: { cores: 1 } }, /^--prices: perHour has unknown entries: cores$/],
    [{ ...EURO, perHour: { core: 1 }, perMonth: {} }, /^--prices: the file has unknown entries: perMonth$/],
    [{ ...EURO, perHour: { storageGB: { NVMe: 1 } } }, /^--prices: perHour\.storageGB has unknown entries: NVMe$/],
    [{ ...EURO, perHour: { storageGB: { HDD: 'x' } } }, /^--prices: perHour\.storageGB\.HDD must be a price/],
    [{ ...EURO, perHour: { storageGB: [1] } }, /^--prices: perHour\.storageGB must be a price .* HDD, SSD Standard/],
    [{ ...EURO, byLocation: { Frankfurt: { core: 1 } } }, /^--prices: byLocation must name locations, as in de\/fra$/],
    [{ ...EURO, byLocation: { 'de/fra': { core: 'x' } } }, /^--prices: byLocation\.de\/fra\.core must be a price/],
    [{ ...EURO, date: 'today', perHour: { core: 1 } }, /^--prices: date must be a day, as in 2026-11-27$/],
    ...['2026-13-01', '2026-02-31', '2027-02-29', '2026-04-31', '2026-00-01', '2026-01-00'].map(
      (date): [object, RegExp] => [{ ...EURO, date, perHour: { core: 1 } }, /^--prices: date must be a day/],
    ),
  ])('%j is refused with its reason', (file, problem) => {
    expect(problemsOf(file)).toEqual([expect.stringMatching(problem)]);
  });

  test('names all its problems at once', () => {
    expect(problemsOf({ currency: 5, perHour: { core: -1, ram: 1 } })).toHaveLength(3);
  });

  test('can have comments, and keeps the digits of a price', () => {
    const text = '{\n  // ours\n  "currency": "EUR", "perHour": {"core": 5.56e-05, "ramGB": "0.10"}\n}';
    expect(read(text).perHour).toEqual({ core: '0.0000556', ramGB: '0.10' });
  });
});

const prices = read({
  ...EURO,
  date: '2026-11-01',
  perHour: { core: 1, ramGB: 2, storageGB: { HDD: 3, 'SSD Premium': 4, v2: 5 } },
  byLocation: { 'us/las': { core: 10, storageGB: { HDD: 30 } }, 'gb/lhr': { storageGB: 60 } },
});

describe('a price', () => {
  const find = (part: Part, place: PricedAt, file = prices) => {
    const price = tableOfFile(file).find(part, place);
    return 'reason' in price ? price.reason : price.perHour.toJSON();
  };
  const HDD = { storageType: 'HDD' };

  test.each<[Part, PricedAt, string]>([
    ['cores', { location: 'de/fra' }, '1'],
    ['cores', { location: 'us/las' }, '10'],
    ['cores', { location: 'US-LAS' }, '10'],
    ['cores', {}, 'unknown-location'],
    ['memory', { location: 'us/las' }, '2'],
    ['memory', {}, '2'],
    ['memory', { location: 'constructor' }, '2'],
    ['storage', { location: 'de/fra', ...HDD }, '3'],
    ['storage', { location: 'us/las', ...HDD }, '30'],
    ['storage', { location: 'us/las', storageType: 'SSD Premium' }, '4'],
    ['storage', { location: 'gb/lhr', ...HDD }, '60'],
    ['storage', { location: 'gb/lhr' }, '60'],
    ['storage', { location: 'de/fra', storageType: 'SSD' }, '4'],
    ['storage', { location: 'de/fra', storageType: 'SSD Standard' }, 'not-in-file'],
    ['storage', { location: 'de/fra', storageType: 'constructor' }, 'not-in-file'],
    ['storage', { location: 'de/fra', api: 'v2' }, '5'],
    ['storage', { location: 'de/fra' }, 'unknown-storage'],
    ['storage', HDD, 'unknown-location'],
  ])('of %s at %j is %s', (part, place, expected) => {
    expect(find(part, place)).toBe(expected);
  });

  test('of a location is that of its parts, unless they have their own', () => {
    const file = read({
      ...EURO,
      perHour: { core: 1, ramGB: 2 },
      byLocation: { 'de/fra': { core: 3, ramGB: 4 }, 'de/fra/2': { core: 5 } },
    });
    for (const location of ['de/fra/2', 'de-fra-2', ' DE/FRA/2 ']) {
      expect([find('cores', { location }, file), find('memory', { location }, file)]).toEqual(['5', '4']);
    }
    expect([find('cores', { location: 'de/fra/1' }, file), find('cores', { location: 'de/txl/2' }, file)]).toEqual([
      '3',
      '1',
    ]);
  });

  test('that the file lacks is none', () => {
    const file = read({ ...EURO, byLocation: { 'de/fra': { core: 1 } } });
    expect(find('cores', { location: 'de/txl' }, file)).toBe('not-in-file');
    expect(find('memory', { location: 'de/fra' }, file)).toBe('not-in-file');
  });
});

const SIZE: ClusterSize = {
  instances: 2,
  cores: 3,
  ram: 2048,
  storageSize: 5120,
  storageType: 'HDD',
  location: 'de/fra',
};

test('an estimate of it says where it is from', async () => {
  const { requests, prices: port } = world({}, { file: prices });

  const found = (await port.forCall(call()).estimator())(SIZE);

  expect(JSON.parse(JSON.stringify(found))).toMatchObject({
    complete: true,
    perHour: '44',
    per30Days: '31680',
    currency: 'EUR',
    source: 'file',
    date: '2026-11-01',
  });
  expect(found).not.toMatchObject({ liability: expect.anything() });
  expect(requests).toEqual([]);
});

test('every day of the calendar is one', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date('2020-01-01'), max: new Date('2040-12-31'), noInvalidDate: true }), (day) => {
      const date = day.toISOString().slice(0, 10);
      expect(read({ ...EURO, date, perHour: { core: 1 } }).date).toBe(date);
    }),
  );
});

test('more of anything never costs less', () => {
  const more = fc.record({ instances: fc.nat(9), cores: fc.nat(9), ram: fc.nat(9999), storageSize: fc.nat(9999) });
  fc.assert(
    fc.property(more, fc.double({ min: 1e-12, max: 1, noNaN: true }), (added, core) => {
      const table = tableOfFile({ ...prices, perHour: { ...prices.perHour, core: String(core) } });
      const grown = { ...SIZE };
      for (const key of ['instances', 'cores', 'ram', 'storageSize'] as const)
        grown[key] = Number(SIZE[key]) + added[key];
      const [before, after] = [estimate(SIZE, table), estimate(grown, table)];
      expect(before.complete && after.complete && after.perHour.compare(before.perHour)).toBeGreaterThanOrEqual(0);
    }),
  );
});
