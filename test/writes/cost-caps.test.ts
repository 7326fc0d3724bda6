import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readPriceFile } from '../../src/prices/price-file.ts';
import { connect, errorOf, type World } from '../helpers/connect.ts';
import { hurried } from '../helpers/fake-clock.ts';
import { unplaced as order } from '../helpers/orders.ts';

const ORDERS = 'b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041';
const refused = async () => Response.json({ message: 'no rights' }, { status: 403 });
const withRules = (rules: object, more: World = {}) => connect({ policy: JSON.stringify(rules), ...more });
const outcomeIn = ({ structuredContent }: { structuredContent?: unknown }) => Object(structuredContent).outcome;

/** By the prices of the tests; `orders` costs 103.68 EUR for 30 days, as does the order, and the three together 2,238.48. */
const monthly = ({ instances = 1, cores = 2, ram = 4096, storageSize = 20_480 }) =>
  (instances * 720 * (cores * 500 + (ram / 1024) * 100 + (storageSize / 1024) * 2)) / 10_000;

describe('perCluster.monthlyCost', () => {
  test.each([
    ['103.68', 'started'],
    [103.68, 'started'],
    ['103.67', undefined],
  ])('of %s lets an order of 103.68 through: %s', async (monthlyCost, outcome) => {
    const { call, sent } = await withRules({ perCluster: { monthlyCost }, currency: 'EUR' });

    const result = await call('create_cluster', order);

    expect(outcomeIn(result)).toBe(outcome);
    expect(sent()).toHaveLength(outcome === undefined ? 0 : 1);
    if (outcome === undefined) {
      expect(errorOf(result)).toContain(
        'perCluster.monthlyCost: at most 103.67 EUR per 30 days for one cluster; this would be 103.68 EUR',
      );
    }
  });

  test('holds for what a cluster would cost after a change, and lets it get cheaper', async () => {
    const { call, sandbox, sent, pass } = await withRules({ perCluster: { monthlyCost: 50 } });
    const { id: clusterId } = sandbox.addCluster({ cores: 4, ram: 8192 });

    expect(errorOf(await call('update_cluster', { clusterId, cores: 5 }))).toContain(
      'perCluster.monthlyCost: at most 50',
    );
    expect(sent()).toEqual([]);
    expect(outcomeIn(await call('update_cluster', { clusterId, displayName: 'renamed' }))).toBe('started');
    pass(60_000);
    expect(outcomeIn(await call('update_cluster', { clusterId, cores: 3 }))).toBe('started');
  });

  test('holds for what grows back within two minutes of becoming smaller', async () => {
    const { call, sandbox, sent, pass } = await withRules({ perCluster: { monthlyCost: 150 } });
    const { id: clusterId } = sandbox.addCluster({ ram: 16_384 });
    for (const change of [{ displayName: 'renamed' }, { ram: 4096 }]) {
      expect(outcomeIn(await call('update_cluster', { clusterId, ...change }))).toBe('started');
      pass(10_000);
    }

    expect(errorOf(await call('update_cluster', { clusterId, ram: 12_288 }))).toContain('this would be 161.28 EUR');
    expect(outcomeIn(await call('update_cluster', { clusterId, ram: 8192 }))).toBe('started');
    expect(sent()).toHaveLength(3);
  });

  test('holds where fewer instances would save enough only of what there was before', async () => {
    const { call, sandbox, sent } = await withRules({ perCluster: { monthlyCost: 500 } });
    const { id: clusterId } = sandbox.addCluster({ instances: 3, cores: 1, ram: 81_920 });
    const earlier = structuredClone(sandbox.cluster(clusterId));
    const whole = sandbox.fetch;
    sandbox.fetch = async (request) => {
      const isOfCluster = request.method === 'GET' && request.url.endsWith(clusterId);
      return isOfCluster ? Response.json(earlier) : whole(request);
    };
    expect(outcomeIn(await call('update_cluster', { clusterId, ram: 4096 }))).toBe('started');

    expect(errorOf(await call('update_cluster', { clusterId, instances: 2, cores: 8 }))).toContain('at most 500');
    expect(sent()).toHaveLength(1);
  });

  test.each([
    ['is not known', { billing: refused }, "the cost is not known: only the contract's owner and its administrators"],
    ['is in another currency', { billing: undefined }, 'the prices are in EUR'],
  ])('refuses what grows where the price %s, and nothing else', async (_, world, words) => {
    const { call, sandbox } = await withRules(
      { perCluster: { monthlyCost: 100_000 }, currency: world.billing ? 'EUR' : 'USD' },
      world,
    );
    const { id: clusterId } = sandbox.addCluster({ cores: 4 });

    expect(errorOf(await call('create_cluster', order))).toContain(words);
    expect(errorOf(await call('update_cluster', { clusterId, cores: 5 }))).toContain(words);
    expect(outcomeIn(await call('update_cluster', { clusterId, cores: 3 }))).toBe('started');
  });

  test('of a size that the API does not report, refuses it as well', async () => {
    const { call, sandbox } = await withRules({ perCluster: { monthlyCost: 100_000 } });
    const whole = sandbox.fetch;
    sandbox.fetch = async (request) => {
      const response = await whole(request);
      if (request.method !== 'GET' || !request.url.endsWith(ORDERS)) return response;
      const cluster = (await response.json()) as { properties: object };
      return Response.json({ ...cluster, properties: { ...cluster.properties, storageSize: undefined } });
    };

    expect(errorOf(await call('update_cluster', { clusterId: ORDERS, cores: 3 }))).toContain(
      'the cost is not known: for storage, the size of the cluster is not known',
    );
  });
});

describe('inTotal.monthlyCost', () => {
  test.each([
    ['2342.16', 'started'],
    ['2342.15', undefined],
  ])('of %s lets an order of 103.68 through beside the 2238.48 of the others: %s', async (monthlyCost, outcome) => {
    const { call } = await withRules({ inTotal: { monthlyCost }, currency: 'EUR' });

    const result = await call('create_cluster', order);

    expect(outcomeIn(result)).toBe(outcome);
    if (outcome === undefined) {
      expect(errorOf(result)).toContain(
        'inTotal.monthlyCost: at most 2342.15 EUR per 30 days for all clusters together; this would be 2342.16 EUR',
      );
    }
  });

  test('counts those on both versions of the API', async () => {
    const { call } = await withRules({ inTotal: { monthlyCost: '2343' } }, { api: 'auto' });

    expect(errorOf(await call('create_cluster', order))).toMatch(
      /inTotal\.monthlyCost: .*this would be \d{4}\.\d\d EUR/,
    );
  });

  test('counts an order that the list does not show yet', async () => {
    const { call, sandbox } = await withRules({ inTotal: { monthlyCost: '2343' } });
    const whole = sandbox.fetch;
    let hidden: string | undefined;
    sandbox.fetch = async (request) => {
      const response = await whole(request);
      if (request.method === 'POST') hidden = ((await response.clone().json()) as { id: string }).id;
      if (!/\/clusters(\?|$)/.test(request.url) || request.method !== 'GET') return response;
      const list = (await response.json()) as { items: { id: string }[] };
      return Response.json({ ...list, items: list.items.filter(({ id }) => id !== hidden) });
    };

    expect(outcomeIn(await call('create_cluster', order))).toBe('started');
    expect(errorOf(await call('create_cluster', { ...order, displayName: 'second' }))).toContain(
      'this would be 2445.84 EUR',
    );
  });

  test('knows where a cluster is that the list does not show, whatever else was written to it', async () => {
    const { call, sandbox, pass } = await withRules({ inTotal: { monthlyCost: '100000' } });
    const { id: clusterId } = sandbox.addCluster();
    const whole = sandbox.fetch;
    sandbox.fetch = async (request) => {
      const response = await whole(request);
      if (!/\/clusters(\?|$)/.test(request.url) || request.method !== 'GET') return response;
      const list = (await response.json()) as { items: { id: string }[] };
      return Response.json({ ...list, items: list.items.filter(({ id }) => id !== clusterId) });
    };

    const user = { clusterId, username: 'app', password: 'correct-horse' };
    expect(outcomeIn(await call('create_user', user))).toBe('started');
    pass(60_000);
    expect(outcomeIn(await call('update_cluster', { clusterId, cores: 3 }))).toBe('started');
    expect(outcomeIn(await call('create_cluster', order))).toBe('started');
  });

  test('counts two orders at once, so that only one is sent', async () => {
    const { call, sent } = await withRules({ inTotal: { monthlyCost: '2343' } });

    const results = await Promise.all(
      ['one', 'two'].map((displayName) => call('create_cluster', { ...order, displayName })),
    );

    expect(results.filter(({ isError }) => isError)).toHaveLength(1);
    expect(sent()).toHaveLength(1);
  });

  test('does not count the same order twice', async () => {
    const { call, sandbox, sent } = await withRules({ inTotal: { monthlyCost: '2342.16' } });
    const whole = sandbox.fetch;
    sandbox.fetch = async (request) => {
      if (request.method === 'POST') return Response.json({}, { status: 503 });
      return whole(request);
    };

    expect(errorOf(await hurried(() => call('create_cluster', order)))).toMatch(/^The API answered 503/);
    expect(outcomeIn(await call('create_cluster', order))).toBe('duplicate');
    expect(sent()).toHaveLength(1);
  });

  test('refuses what grows where the cost of one cluster is not known', async () => {
    const prices = readPriceFile('prices.json', () =>
      JSON.stringify({
        currency: 'EUR',
        perHour: { core: '0', ramGB: '0', storageGB: { 'SSD Premium': '0', HDD: '0' } },
      }),
    );
    const { call } = await withRules({ inTotal: { monthlyCost: 100_000 } }, { prices });

    expect(errorOf(await call('create_cluster', order))).toContain(
      'the cost is not known: for storage, the file of --prices has no price',
    );
  });
});

test('no order gets past a cap, whatever its size', async () => {
  const size = fc.record({
    instances: fc.integer({ min: 1, max: 5 }),
    cores: fc.integer({ min: 1, max: 16 }),
    ram: fc.integer({ min: 2, max: 32 }).map((gb) => gb * 1024),
    storageSize: fc.integer({ min: 10, max: 500 }).map((gb) => gb * 1024),
  });
  await fc.assert(
    fc.asyncProperty(size, fc.integer({ min: 0, max: 3000 }), async (wanted, monthlyCost) => {
      const { call } = await withRules({ perCluster: { monthlyCost } });
      const result = await call('create_cluster', { ...order, ...wanted, dryRun: true });
      expect(outcomeIn(result)).toBe(monthly(wanted) > monthlyCost ? undefined : 'preview');
    }),
    { numRuns: 40 },
  );
});

test('a policy without such a rule reads no prices', async () => {
  const { call, billed } = await withRules({ perCluster: { cores: 100 } }, { prices: 'of the contract' });

  await call('update_cluster', { clusterId: ORDERS, displayName: 'renamed' });

  expect(billed).toEqual([]);
});
