import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createApiClient, type Fetch } from '../../../src/api/client.ts';
import { createSandbox } from '../../../src/sandbox/index.ts';
import { parseQuantity } from '../../../src/tools/writing/quota.ts';
import { hang } from '../../helpers/compute.ts';
import { connect } from '../../helpers/connect.ts';
import { hurried } from '../../helpers/fake-clock.ts';
import { order } from '../../helpers/orders.ts';

const COUNT = 'count/postgresclusters.dbaas.ionos.com';
const QUOTA = {
  quotaLimits: { cpu: '100', memory: '200Gi', storage: '2Ti', [COUNT]: '10' },
  quotaUsage: { cpu: '12', memory: '20Gi', storage: '100Gi', [COUNT]: '3' },
};

/** The sandbox, but for its quota. */
function worldWith(quota: unknown, status = 200): Fetch {
  const sandbox = createSandbox();
  return async (request, init) =>
    request.url.endsWith('/databases/quota')
      ? Response.json(quota, { status })
      : sandbox.fetch(new Request(request, init));
}

describe('a quantity', () => {
  test.each([
    ['100', 100],
    ['0', 0],
    ['20Gi', 20 * 1024 ** 3],
    ['1.5Gi', 1.5 * 1024 ** 3],
    ['2Ti', 2 * 1024 ** 4],
    ['512Ki', 512 * 1024],
    ['64Mi', 64 * 1024 ** 2],
    ['1Pi', 1024 ** 5],
    ['1Ei', 1024 ** 6],
    ['1500M', 1.5e9],
    ['3G', 3e9],
    ['1E', 1e18],
    ['7k', 7_000],
    ['500m', 0.5],
    ['1e3', 1_000],
    ['1E3', 1_000],
    ['12e-1', 1.2],
    [' 20 Gi ', 20 * 1024 ** 3],
    ['20GiB', 20 * 1024 ** 3],
  ])('%j is %d', (text, expected) => expect(parseQuantity(text)).toBeCloseTo(expected));

  test.each([
    '',
    'unlimited',
    '-1',
    '1.2.3',
    '20Xi',
    '20mi',
    '1e',
    '0x10',
    'Gi',
    '1 0',
    '1,5Gi',
    '٣',
    `${'9'.repeat(30)}`,
  ])('%j is none', (text) => expect(parseQuantity(text)).toBeUndefined());

  test('of any text is a number of zero or more, or none', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[\d.eE+-]{1,6}[a-zA-Z]{0,3}$/)), (text) => {
        const found = parseQuantity(text);
        expect(found === undefined || (Number.isFinite(found) && found >= 0)).toBe(true);
      }),
    );
  });
});

describe('list_network_options says what is left', () => {
  const noteOf = async (fetch: Fetch, args = {}) => {
    const { call } = await connect({ fetch });
    return Object((await call('list_network_options', args)).structuredContent).note;
  };

  test('of cores, memory, storage and clusters', async () => {
    expect(await noteOf(worldWith(QUOTA))).toBe(
      "Left of the contract's quota, which all its managed databases share: 88 of 100 cores, 180 of 200 GB of memory, 1948 of 2048 GB of storage, 7 of 10 PostgreSQL clusters. A GB is 1024 MB; each instance of a cluster counts.",
    );
  });

  test('as IONOS words it, where that is not understood', async () => {
    const quota = {
      quotaLimits: { cpu: 'plenty', memory: '200Gi', storage: 7, [COUNT]: '10', 'count/mongoclusters': '5' },
      quotaUsage: { memory: { odd: true }, storage: '9', [COUNT]: '12' },
    };

    const note = await noteOf(worldWith(quota));

    expect(note).toContain('cores (limit "plenty", in use not told), GB of memory (limit "200Gi", in use not told)');
    expect(note).toContain('0 of 0 GB of storage, 0 of 10 PostgreSQL clusters.');
    expect(note).not.toContain('mongo');
  });

  test('is bounded, whatever IONOS sends', async () => {
    const quotaLimits = {
      cpu: 'x'.repeat(100_000),
      ...Object.fromEntries(Array.from({ length: 999 }, (_, n) => [`k${n}`, '1'])),
    };

    expect((await noteOf(worldWith({ quotaLimits }))).length).toBeLessThan(400);
  });

  test('nothing for one data center, or a later page', async () => {
    const { call, requests } = await connect();
    await call('list_network_options', { datacenterId: 'shop' });
    await call('list_network_options', { offset: 1 });

    expect(requests.filter(({ path }) => path.includes('quota'))).toEqual([]);
  });

  test.each<[string, unknown, number]>([
    ['refused', {}, 401],
    ['refused', {}, 403],
    ['not there', {}, 404],
    ['broken', {}, 500],
    ['of another form', { quota: 1 }, 200],
    ['a list', [], 200],
    ['about nothing of a cluster', { quotaLimits: { x: '1' } }, 200],
  ])('nothing where the quota is %s', async (_, quota, status) => {
    const { call } = await connect({ fetch: worldWith(quota, status) });
    const { structuredContent, isError } = await call('list_network_options');

    expect(isError).toBeFalsy();
    expect(structuredContent).toMatchObject({ datacenters: { length: 6 } });
    expect(Object(structuredContent).note).toBeUndefined();
  });
});

describe('a plan beyond the quota', () => {
  async function effectsOf(fetch: Fetch, tool: string, args: object): Promise<string[]> {
    const { call } = await connect({ fetch });
    const { structuredContent, isError, content } = await call(tool, { ...args, dryRun: true });
    expect(isError, JSON.stringify(content)).toBeFalsy();
    return Object(structuredContent).plan.effects;
  }

  const warnings = async (...args: Parameters<typeof effectsOf>) =>
    (await effectsOf(...args)).filter((effect) => effect.startsWith('WARNING'));

  const usage = (given: object) => worldWith({ ...QUOTA, quotaUsage: { ...QUOTA.quotaUsage, ...given } });
  const sized = { ...order, instances: 2, cores: 4, ram: 8192, storageSize: 20_480 };
  const CLUSTER = { clusterId: 'b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041' };

  test.each<[string, object, string | undefined]>([
    ['cores that are just enough', { cpu: '92' }, undefined],
    ['cores', { cpu: '93' }, "this takes 8 more cores, and by the contract's quota 7 of 100 are left"],
    ['memory', { memory: '190Gi' }, "this takes 16 more GB of memory, and by the contract's quota 10 of 200 are left"],
    ['storage', { storage: '2047Gi' }, "40 more GB of storage, and by the contract's quota 1 of 2048 are left"],
    [
      'clusters',
      { [COUNT]: '10' },
      "this takes 1 more PostgreSQL clusters, and by the contract's quota 0 of 10 are left",
    ],
    ['use that is not understood', { cpu: 'many' }, undefined],
  ])('of an order warns: %s', async (_, given, expected) => {
    const found = await warnings(usage(given), 'create_cluster', sized);

    expect(found).toEqual(expected === undefined ? [] : [expect.stringContaining(expected)]);
  });

  test('of an order warns where it is beyond the whole limit, though the use is not told', async () => {
    const quota = { quotaLimits: { cpu: '7' } };

    expect(await warnings(worldWith(quota), 'create_cluster', sized)).toEqual([
      expect.stringContaining('all databases together can have 7'),
    ]);
  });

  test.each<[string, object, number]>([
    ['more cores', { cores: 8 }, 1],
    ['more instances', { instances: 3 }, 1],
    ['fewer cores', { cores: 1 }, 0],
    ['another name', { displayName: 'x' }, 0],
  ])('of a change warns of growth alone: %s', async (_, change, count) => {
    const found = await warnings(usage({ cpu: '99' }), 'update_cluster', { ...CLUSTER, ...change });

    expect(found).toHaveLength(count);
  });

  test('counts by what a change grows', async () => {
    // orders has one instance with 2 cores.
    expect(await warnings(usage({ cpu: '95' }), 'update_cluster', { ...CLUSTER, cores: 7 })).toEqual([]);
    expect(await warnings(usage({ cpu: '95' }), 'update_cluster', { ...CLUSTER, cores: 8 })).toEqual([
      expect.stringContaining('this takes 6 more cores'),
    ]);
  });

  test('is ordered all the same', async () => {
    const { call } = await connect({ fetch: usage({ cpu: '100' }) });

    expect((await call('create_cluster', order)).structuredContent).toMatchObject({ outcome: 'started' });
  });

  test.each([401, 403, 404, 500, 503])('is planned without a warning where the quota answers %i', async (status) => {
    let asked = 0;
    const known = worldWith({}, status);
    const counting: Fetch = (request, init) => {
      asked += Number(request.url.endsWith('/quota'));
      return known(request, init);
    };

    expect(await warnings(counting, 'create_cluster', sized)).toEqual([]);
    expect(asked).toBe(1);
  });

  test('waits for it no longer than 2 s, and fails nothing', async () => {
    const known = worldWith(QUOTA);
    const fetch: Fetch = (request, init) => (request.url.endsWith('/quota') ? hang(init.signal) : known(request, init));
    const took = await hurried(async () => {
      const started = Date.now();
      expect(await warnings(fetch, 'create_cluster', sized)).toEqual([]);
      expect(await warnings(fetch, 'update_cluster', { ...CLUSTER, cores: 8 })).toEqual([]);
      return Date.now() - started;
    });

    expect(took).toBeLessThan(4_500);
  });
});

test.each([
  ['https://api.ionos.com/databases/postgresql', 'https://api.ionos.com/databases/quota'],
  ['https://gateway.example/ionos/databases/postgresql', 'https://gateway.example/ionos/databases/quota'],
  ['http://127.0.0.1:8080', 'http://127.0.0.1:8080/databases/quota'],
])('below %s the quota is at %s', async (apiUrl, expected) => {
  const asked: string[] = [];
  const fetch: Fetch = async ({ url }) => {
    asked.push(url);
    return Response.json({});
  };
  const client = createApiClient({ apiUrl, authorization: 'Bearer x', userAgent: 'test', fetch });
  const { unknown } = await import('zod');
  await client.databases.get('quota', { response: unknown() });

  expect(asked).toEqual([expected]);
});
