import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { costWords } from '../../src/prices/words.ts';
import { call, listOf, product, profileOf, refusal, world } from './world.ts';

const CONTRACT = { contractNumber: '31812345' };
const PRODUCTS = '/billing/31812345/products';
const profile = { '/billing/profile': profileOf('31812345') };
const LIST = listOf(
  product('1h per core PostgreSQL', '1hour', '0.05'),
  product('1h per GB RAM PostgreSQL', '1G*1hour', '0.007'),
  product('30d per 1GB SSD Premium Storage PostgreSQL', '1G*30Days', '0.19'),
);
const SIZE = { instances: 1, cores: 2, ram: 4096, storageSize: 20_480, storageType: 'SSD', location: 'de/txl' };
const plain = (value: unknown) => JSON.parse(JSON.stringify(value));

test('an estimate is made of the list of the contract', async () => {
  const { prices } = world({ ...profile, [PRODUCTS]: LIST });

  expect(plain((await prices.forCall(call()).estimator())(SIZE))).toMatchObject({
    complete: true,
    per30Days: '95.96',
    currency: 'EUR',
    source: 'list',
    date: '2026-11-27',
    liability: 'without liability',
  });
});

test('one call reads the list once, however many estimates it makes', async () => {
  const { prices, paths } = world({ ...profile, [PRODUCTS]: refusal(403) });
  const { estimator } = prices.forCall(call());

  await Promise.all([SIZE, SIZE, {}].map(async (size) => (await estimator())(size)));

  expect(paths()).toHaveLength(2);
});

describe('that there are no prices', () => {
  test('is an estimate without a total', async () => {
    const { prices } = world({ ...profile, [PRODUCTS]: refusal(403) });

    expect((await prices.forCall(call()).estimator())(SIZE)).toEqual({
      complete: false,
      noList: { reason: 'not-permitted', details: ['403 no rights'] },
      missing: [],
      components: [],
      leftOut: ['traffic', 'backup storage', 'VAT'],
      beside: [],
    });
  });

  test('ends no call, but its own end does', async () => {
    const { prices } = world(profile);
    const cancelled = AbortSignal.abort(new Error('cancelled'));

    await expect(prices.forCall(call({ signal: cancelled })).estimator()).rejects.toThrow('cancelled');
  });
});

describe('whatever IONOS answers,', () => {
  const json = fc.jsonValue({ maxDepth: 3 });
  const words = fc.constantFrom(
    'PostgreSQL',
    'core',
    'RAM',
    'storage',
    'SSD',
    'HDD',
    'Premium',
    '1',
    'GB',
    'x',
    '- US',
  );
  const orOdd = (usual: fc.Arbitrary<unknown>) => fc.oneof({ weight: 6, arbitrary: usual }, json);
  const someProduct = fc.record(
    {
      meterDesc: orOdd(fc.array(words, { maxLength: 6 }).map((some) => `PostgreSQL ${some.join(' ')}`)),
      deprecated: orOdd(fc.boolean()),
      unit: orOdd(fc.constantFrom('1hour', '1G*1hour', '1G*30Days')),
      type: orOdd(fc.constantFrom('consumption-based', 'commitment-based')),
      term: orOdd(fc.constantFrom(null, 12)),
      unitCost: orOdd(fc.record({ quantity: orOdd(fc.nat().map(String)), unit: orOdd(fc.constantFrom('EUR', 'USD')) })),
    },
    { requiredKeys: [] },
  );
  const products = orOdd(fc.array(orOdd(someProduct)).map((some) => listOf(...some)));

  test('an estimate is made, and is complete with three parts of one currency alone', async () => {
    await fc.assert(
      fc.asyncProperty(products, async (answer) => {
        const { prices } = world({ [PRODUCTS]: () => Promise.resolve(Response.json(answer)) }, CONTRACT);
        const found = (await prices.forCall(call()).estimator())(SIZE);
        const currencies = new Set(found.components.map(({ currency }) => currency));
        expect(found.complete).toBe(found.components.length === 3 && currencies.size === 1);
        expect(() => plain(found)).not.toThrow();
        expect(costWords({ afterwards: found }).length).toBeGreaterThan(0);
      }),
    );
  });

  test('no contract is taken from what is no profile', async () => {
    await fc.assert(
      fc.asyncProperty(json, json, async (billing, compute) => {
        const answers = { '/billing/profile': billing, '/cloudapi/v6/contracts': compute };
        const played = Object.entries(answers).map(([path, answer]) => [path, async () => Response.json(answer)]);
        const { prices, paths } = world(Object.fromEntries(played));
        expect((await prices.forCall(call()).estimator())(SIZE)).toMatchObject({ complete: false, noList: {} });
        expect(paths().filter((path) => path.includes('products'))).toEqual([]);
      }),
    );
  });
});
