import { describe, expect, test } from 'vitest';
import type { Fetch } from '../../src/api/client.ts';
import { connect, errorOf } from '../helpers/connect.ts';
import { cluster, clusterId, direct, example, forTool, replied, resourceExamples } from '../helpers/examples.ts';
import { computeApi, openapi } from '../helpers/openapi.ts';
import { order } from '../helpers/orders.ts';
import { outputChecks } from '../helpers/outputs.ts';

const ERAS = ['2025', '2026'] as const;

/** A client of an API that answers what the test tells it, and a check of what becomes of it. */
async function reader(era?: '2025' | '2026') {
  let answer: unknown;
  let reads = 0;
  const answering: Fetch = async () => replied(answer);
  let api = answering;
  const world = await connect({
    era,
    fetch: (request, init) => api(request, init),
  });
  const check = await outputChecks(world.client);
  return {
    ...world,
    answer: (reply: unknown) => {
      answer = reply;
    },
    /** What the tool makes of the reply. */
    async read(tool: string, reply: unknown, args = example(tool).args) {
      answer = reply;
      api = forTool(example(tool), answering);
      reads += 1;
      // No order is sent with the address of another.
      const cidr = `10.9.${reads >> 8}.${reads & 255}/24`;
      const place = tool === 'create_cluster' && { connections: [{ ...order.connections[0], cidr }] };
      const result = await world.call(tool, { ...args, ...place });
      check(tool, result);
      const { structuredContent = {} } = result;
      return steady(JSON.parse(JSON.stringify(structuredContent).replaceAll(cidr, 'ADDRESS')));
    },
  };
}

/** Without what is another each time. */
const steady = (value: unknown) =>
  value &&
  JSON.parse(
    JSON.stringify(value)
      .replace(/log-[\da-f]{12}/g, 'log-x')
      .replace(/"now":"[^"]+"/, '"now":"now"'),
  );

/** The answer to list_clusters, with these in place of what the API sends. */
const pageWith = (changes: object) => ({ ...Object(example('list_clusters').reply), ...changes });
const rows = (count: number) => Array.from({ length: count }, (_, n) => ({ ...cluster, id: `c-${n}` }));

type Place = (string | number)[];

/** Every place in a value, from the outside in; the first is the value itself. */
function* placesIn(value: unknown, at: Place = []): Generator<Place> {
  yield at;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value))
    yield* placesIn(item, [...at, Array.isArray(value) ? Number(key) : key]);
}

/** The value with another one in that place, or with nothing where that is undefined. */
function changed(value: unknown, [key, ...rest]: Place, change: (before: unknown) => unknown): unknown {
  if (key === undefined) return change(value);
  if (typeof value !== 'object' || value === null) throw new Error(`No place ${key} in ${value}`);
  const copy = structuredClone(value);
  const after = changed(Reflect.get(copy, key), rest, change);
  if (after === undefined) Reflect.deleteProperty(copy, key);
  else Reflect.set(copy, key, after);
  return copy;
}

const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Without these no reader would know what the answer is about. */
const CERTAIN =
  /^(|id|name|properties\.(username|name)|items|items\.0|items\.0\.id|data|data\.\d|data\.\d\.name|instances(\.0(\.messages(\.0)?)?)?)$/;

test('the replies that are bent here are straight before', async () => {
  for (const { tool, method, path, reply } of direct) {
    const empty = new Response(null, { status: method === 'POST' ? 202 : 204 });
    const response = reply === undefined ? empty : Response.json(reply);
    if (tool === 'list_network_options') await computeApi.checkResponse(method, `/cloudapi/v6/${path}`, response);
    else await openapi.checkResponse(method, `/databases/postgresql/${path}`, response);
  }
});

describe.each(ERAS)('for a client of %s', (era) => {
  describe.each(direct.map(({ tool, reply }) => [tool, reply] as const))('%s', (tool, reply) => {
    test('answers what its schema promises, and the same as text', async () => {
      const { read } = await reader(era);

      expect(await read(tool, reply)).toBeDefined();
    });
  });

  test.each(['PROVISIONING', 'UPDATING', '', 'available', 'ä'])(
    'the unknown state %j is shown as it is',
    async (state) => {
      const { read } = await reader(era);
      const odd = { ...cluster, metadata: { ...cluster.metadata, state } };

      expect(await read('get_cluster', odd)).toMatchObject({ metadata: { state } });
      expect(await read('update_cluster', odd)).toMatchObject({ cluster: { metadata: { state } } });
      expect(await read('list_clusters', pageWith({ items: [odd] }))).toMatchObject({ clusters: [{ state }] });
    },
  );

  test.each([
    ['without metadata', { id: clusterId, properties: cluster.properties }],
    ['without properties', { id: clusterId, metadata: cluster.metadata }],
    ['with nothing but an ID', { id: clusterId }],
    ['with empty metadata and properties', { id: clusterId, metadata: {}, properties: {} }],
    ['without connections', changed(cluster, ['properties', 'connections'], () => undefined)],
    ['that is detached', changed(cluster, ['properties', 'connections'], () => [])],
    ['of two connections', changed(cluster, ['properties', 'connections'], () => [{}, {}])],
    ['of an unknown type of storage', changed(cluster, ['properties', 'storageType'], () => 'NVMe')],
    ['of a size beyond all bounds', changed(cluster, ['properties', 'cores'], () => 1e9)],
  ])('a cluster %s is still shown', async (_, odd) => {
    const { read } = await reader(era);

    expect(await read('get_cluster', odd)).toMatchObject({ id: clusterId });
    for (const tool of ['create_cluster', 'update_cluster', 'delete_cluster']) {
      expect(await read(tool, odd)).toMatchObject({ cluster: { id: clusterId } });
    }
    for (const detail of ['summary', 'full']) {
      expect(await read('list_clusters', pageWith({ items: [cluster, odd] }), { detail })).toMatchObject({
        clusters: [{ displayName: 'orders' }, { id: clusterId }],
      });
    }
  });

  test('an empty pool mode, which clusters older than the pooler have, is shown as it is', async () => {
    const { read } = await reader(era);
    const connectionPooler = { enabled: false, poolMode: '' };
    const old = { ...cluster, properties: { ...cluster.properties, connectionPooler } };

    expect(await read('get_cluster', old)).toMatchObject({ properties: { connectionPooler } });
    expect(await read('update_cluster', old)).toMatchObject({ cluster: { properties: { connectionPooler } } });
    expect(await read('list_clusters', pageWith({ items: [old] }), { detail: 'full' })).toMatchObject({
      clusters: [{ displayName: 'orders' }],
    });
  });

  // Of data centers that are none there are no LANs.
  const withContent = resourceExamples.filter(({ resource }) => resource !== 'lans');

  test.each(withContent.map(({ resource, uri }) => [resource, uri]))(
    'the resource %s is as tolerant',
    async (_, uri) => {
      const { client, answer } = await reader(era);
      const properties = { username: 'shop_owner', name: 'shop' };
      answer({ id: clusterId, 'x-new': 1, metadata: null, data: [{ name: '18', 'x-new': 1 }], items: [], properties });

      const { contents } = await client.readResource({ uri });

      const known =
        /^\{("id":"[^"]+","properties":\{"username":"shop_owner"\}|"versions":\["18"\],"endOfCommunitySupport":\{"18":"2030-11-14"\},"source":"[^"]+"|"(users|databases)":\[\]|"backups":\[\],"now":"[^"]+"|"datacenters":\[\],"note":"[^"]+"|"(username|name)":"shop(_owner)?")\}$/;
      expect(contents).toMatchObject([{ text: expect.stringMatching(known) }]);
    },
  );
});

/** What the API answers with a body. */
const told = direct.filter(({ reply }) => reply !== undefined);

describe.each(told.map(({ tool, reply }) => [tool, reply] as const))('%s', (tool, reply) => {
  test('takes null in every place that can be missing as if it were', async () => {
    const { read } = await reader();
    const optional = [...placesIn(reply)].filter((place) => !CERTAIN.test(place.join('.')));

    for (const place of optional) {
      const missing = changed(reply, place, () => undefined);
      const isNull = changed(reply, place, () => null);
      expect(await read(tool, isNull), place.join('.')).toEqual(await read(tool, missing));
    }
  });

  test('takes a value of another type in such a place, and shows the rest', async () => {
    const { read } = await reader();
    const optional = [...placesIn(reply)].filter((place) => !CERTAIN.test(place.join('.')));

    for (const place of optional) {
      for (const odd of [5, 'text', [[5]], { next: 5 }]) {
        const result = await read(
          tool,
          changed(reply, place, () => odd),
        );
        expect(JSON.stringify(result), place.join('.')).toMatch(
          /"(id|versions?|username|name|users|databases|createdDate|lines)":/,
        );
      }
    }
  });

  test('passes over fields that it does not know', async () => {
    const { read } = await reader();
    const withNew = (value: unknown) => (isObject(value) ? { ...Object(value), 'x-new': { deep: [1, null] } } : value);
    const grown = [...placesIn(reply)].reduce((value, place) => changed(value, place, withNew), reply);

    expect(JSON.stringify(grown)).toContain('x-new');
    expect(await read(tool, grown)).toEqual(await read(tool, reply));
  });
});

describe('an empty answer', () => {
  test.each([200, 202, 204])('of status %i to a write means that it is done', async (status) => {
    for (const each of direct.filter(({ writes }) => writes)) {
      const { tool, args } = each;
      const { client, call } = await connect({ fetch: forTool(each, async () => new Response(null, { status })) });
      const check = await outputChecks(client);
      const result = await call(tool, args);
      check(tool, result);
      expect(result.structuredContent).toMatchObject({
        outcome: expect.stringMatching(/^(started|done)$/),
        note: expect.any(String),
      });
    }
  });

  test('to a reading is none that can be used', async () => {
    const { call } = await connect({ fetch: async () => new Response(null, { status: 200 }) });

    for (const { tool, args } of direct.filter(({ writes }) => !writes)) {
      expect(errorOf(await call(tool, args))).toMatch(/the form that the API documents.*Nothing was changed/);
    }
  });
});

test('what was ordered never shows its credentials, even if the API sends them back', async () => {
  const { read, log } = await reader();
  const telling = { ...cluster, properties: { ...cluster.properties, ...order } };

  expect(JSON.stringify([await read('create_cluster', telling), log])).not.toMatch(/"credentials|planted/);
});

describe('a page of clusters', () => {
  const next = 'https://api.ionos.com/databases/postgresql/clusters?limit=100&offset=100';

  async function nextOffset(changes: object, args = {}) {
    const { read } = await reader();
    const list: { nextOffset?: number } = Object(await read('list_clusters', pageWith(changes), args));
    return list.nextOffset;
  }

  test.each<[kind: string, links: object, nextOffset: number | undefined]>([
    ['links to a next page', { links: { next } }, 100],
    ['_links to a next page', { links: undefined, _links: { next } }, 100],
    ['links without a next page', { links: { self: next } }, undefined],
    ['_links without a next page', { links: undefined, _links: { self: next } }, undefined],
    ['a next page that is null', { links: { next: null } }, undefined],
    ['no links at all', { links: undefined }, 100],
    ['links that are null', { links: null, _links: null }, 100],
    ['links of another form', { links: { next: { href: next } } }, 100],
  ])('that is full, with %s, goes on or not accordingly', async (_, links, expected) => {
    expect(await nextOffset({ items: rows(100), ...links })).toBe(expected);
  });

  test.each([{ links: { next } }, { links: undefined, _links: { next } }, { links: undefined }])(
    'that is short is the last one in spite of %j',
    async (links) => {
      expect(await nextOffset({ items: rows(99), ...links })).toBeUndefined();
      expect(await nextOffset({ items: [], ...links })).toBeUndefined();
      expect(await nextOffset({ items: [], limit: 0, ...links })).toBeUndefined();
    },
  );

  test('that is shorter than asked, since the API allows no more, goes on where it ends', async () => {
    const links = { next };

    expect(await nextOffset({ items: rows(50), limit: 50, links })).toBe(50);
    expect(await nextOffset({ items: rows(50), limit: 50, links }, { limit: 500, offset: 200 })).toBe(250);
    expect(await nextOffset({ items: rows(50), limit: 50, links: undefined })).toBe(50);
    expect(await nextOffset({ items: rows(49), limit: 50, links })).toBeUndefined();
  });

  test.each([0, '100', {}])('that names %j as its limit is read all the same', async (limit) => {
    expect(await nextOffset({ items: rows(3), limit, links: undefined })).toBeUndefined();
  });

  test('with a name of 100,000 characters does not flood the reader', async () => {
    const { read } = await reader();
    const flood = { ...cluster, properties: { ...cluster.properties, displayName: 'ä'.repeat(100_000) } };

    for (const detail of ['summary', 'full']) {
      const list = await read('list_clusters', pageWith({ items: [flood, ...rows(3)] }), { detail });
      expect(list).toMatchObject({
        clusters: [{ id: clusterId, displayName: expect.stringMatching(/^ä+…$/) }, {}, {}, {}],
      });
      expect(Buffer.byteLength(JSON.stringify(list))).toBeLessThan(60_000);
    }
  });

  test('of null is one without rows', async () => {
    const { read } = await reader();

    expect(await read('list_clusters', pageWith({ items: null }))).toEqual({
      clusters: [],
      note: expect.stringContaining('--api v1'),
    });
  });

  test('of null versions is one without versions', async () => {
    const { read } = await reader();

    expect(await read('list_cluster_versions', { data: null })).toEqual({ versions: [] });
  });

  test.each([{}, { message: 'moved' }, { data: [] }, [], null, 'text', 5])(
    '%j is none, since it would read as if there were no cluster',
    async (reply) => {
      const { call } = await connect({ fetch: async () => replied(reply) });

      expect(errorOf(await call('list_clusters'))).toMatch(/the form that the API documents/);
    },
  );
});
