import { describe, expect, test } from 'vitest';
import { call, listOf, product, profileOf, refusal, world } from './world.ts';

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

  expect(plain(await prices.forCall(call()).estimate(SIZE))).toMatchObject({
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
  const { estimate } = prices.forCall(call());

  await Promise.all([SIZE, SIZE, {}].map(estimate));

  expect(paths()).toHaveLength(2);
});

describe('that there are no prices', () => {
  test('is an estimate without a total', async () => {
    const { prices } = world({ ...profile, [PRODUCTS]: refusal(403) });

    expect(await prices.forCall(call()).estimate(SIZE)).toEqual({
      complete: false,
      noList: { reason: 'not-permitted', details: ['403 no rights'] },
      missing: [],
      components: [],
      leftOut: ['traffic', 'backup storage', 'VAT'],
      unassigned: [],
    });
  });

  test('ends no call, but its own end does', async () => {
    const { prices } = world(profile);
    const cancelled = AbortSignal.abort(new Error('cancelled'));

    await expect(prices.forCall(call({ signal: cancelled })).estimate(SIZE)).rejects.toThrow('cancelled');
  });
});
