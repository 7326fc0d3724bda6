import { describe, expect, test } from 'vitest';
import type { Fetch } from '../../src/api/client.ts';
import { host } from '../helpers/in-process-host.ts';

const INVENTORY = '5d7f1c28-9e4a-4b63-a1d0-8c2e6f4b7a15';
const REGIONS = ['de-fra', 'us-las'];
const KINDS = ['modern', 'legacy', 'sse'] as const;

/** An unsigned token, as one of a contract looks; `serial` tells apart those of one contract. */
function tokenOf(contractNumber: number, serial = 1): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part({ iss: 'ionoscloud', serial, identity: { contractNumber } })}.x`;
}

const [ALICE, ALICES_NEXT, BOB] = [tokenOf(1), tokenOf(1, 2), tokenOf(2)];

async function world(fetch?: Fetch) {
  const { requests, ...clients } = await host({ callersOwnToken: true, regions: REGIONS, contractNumber: '31', fetch });
  const as = async (token: string, kind: (typeof KINDS)[number] = 'modern') => {
    const client = await clients[kind]({ 'x-ionos-token': token });
    return async (name: string, args = {}) => {
      const before = requests.length;
      const { structuredContent } = await client.callTool({ name, arguments: args });
      return { content: Object(structuredContent), asked: requests.slice(before).map(({ path }) => path) };
    };
  };
  return { requests, as };
}

/** Every source has nothing, but for the region us-las. */
const troubled =
  (trouble: (token: string | null) => number): Fetch =>
  async ({ url, headers }) => {
    const status = new URL(url).hostname.includes('us-las') ? trouble(headers.get('authorization')) : 200;
    return Response.json(status === 200 ? { type: 'collection', items: [] } : {}, { status });
  };

const regionsIn = (paths: readonly string[]) =>
  paths.filter((path) => path.includes(':')).map((path) => path.split(':')[0]);

describe('two callers with IONOS tokens of their own', () => {
  test.each(KINDS)('do not share where clusters are (%s)', async (kind) => {
    const { as } = await world();
    const [alice, bob] = [await as(ALICE, kind), await as(BOB, kind)];
    await alice('get_cluster', { clusterId: INVENTORY });

    expect((await alice('get_cluster', { clusterId: INVENTORY })).asked).toEqual([`de-fra:/clusters/${INVENTORY}`]);
    expect((await bob('get_cluster', { clusterId: INVENTORY })).asked[0]).toBe(`clusters/${INVENTORY}`);
  });

  test('do not share where clusters are once one has listed them', async () => {
    const { as } = await world();
    const [alice, bob] = [await as(ALICE), await as(BOB)];
    await alice('list_clusters');

    expect((await alice('get_cluster', { clusterId: INVENTORY })).asked).toHaveLength(1);
    expect((await bob('get_cluster', { clusterId: INVENTORY })).asked.length).toBeGreaterThan(1);
  });

  test.each([401, 403, 404, 503])('do not share what a %i says about a region', async (status) => {
    const { as } = await world(troubled(() => status));
    const [alice, bob] = [await as(ALICE), await as(BOB)];
    await alice('list_clusters');

    expect(regionsIn((await alice('list_clusters')).asked)).toEqual(['de-fra']);
    expect(regionsIn((await bob('list_clusters')).asked)).toEqual(REGIONS);
  });
});

test.each([401, 403])('the next token of a contract does not inherit a %i of the last one', async (status) => {
  const { as } = await world(troubled((token) => (token === `Bearer ${ALICE}` ? status : 200)));
  const [last, next] = [await as(ALICE), await as(ALICES_NEXT)];
  expect((await last('list_clusters')).content.note).toContain('us-las');

  const { asked, content } = await next('list_clusters');
  expect(regionsIn(asked)).toEqual(REGIONS);
  expect(content.note).toBeUndefined();
  expect((await last('list_clusters')).content.note).toContain('us-las');
});

test('the contract number goes to v1 alone', async () => {
  const { as, requests } = await world();
  const alice = await as(ALICE);
  await alice('list_clusters');
  await alice('get_cluster', { clusterId: INVENTORY });
  await alice('list_cluster_versions', { clusterId: INVENTORY });
  await alice('list_backups');

  const [ofV2, ofV1] = [true, false].map((isOfV2) => requests.filter(({ path }) => path.includes(':') === isOfV2));
  expect(ofV2?.length).toBeGreaterThan(4);
  expect(ofV2?.filter(({ headers }) => headers.has('x-contract-number'))).toEqual([]);
  expect(ofV1?.every(({ headers }) => headers.get('x-contract-number') === '31')).toBe(true);
});
