import { describe, expect, test } from 'vitest';
import type { Fetch } from '../../src/api/client.ts';
import { connect, errorOf } from '../helpers/connect.ts';
import { order } from '../helpers/orders.ts';

type Row = Record<string, unknown>;
type Page = (rows: readonly Row[], query: URLSearchParams, url: string) => object;

const numberIn = (query: URLSearchParams, name: string, otherwise: number) => Number(query.get(name) ?? otherwise);
const sliceOf = (rows: readonly Row[], query: URLSearchParams, most = 1_000) => {
  const offset = numberIn(query, 'offset', 0);
  return rows.slice(offset, offset + Math.min(most, numberIn(query, 'limit', 100)));
};

/** Ways in which an API cuts a list into pages. */
const APIS: Record<string, Page> = {
  'that allows 1,000 rows': (rows, query) => ({ items: sliceOf(rows, query), links: {} }),
  'that caps pages at 100 and says nothing': (rows, query) => ({ items: sliceOf(rows, query, 100) }),
  'that caps pages at 100 and claims the limit': (rows, query) => ({ items: sliceOf(rows, query, 100), limit: 1_000 }),
  'that caps pages at 100 and has links without a next one': (rows, query) => ({
    items: sliceOf(rows, query, 100),
    links: { self: 'x' },
  }),
  'that caps pages at 25 and says the limit': (rows, query) => ({
    items: sliceOf(rows, query, 25),
    limit: 25,
    links: {},
  }),
  'that caps pages at 37 and has next links': (rows, query, url) => {
    const items = sliceOf(rows, query, 37);
    const next = numberIn(query, 'offset', 0) + items.length;
    return { items, _links: next < rows.length ? { next: `${url}?offset=${next}` } : {} };
  },
  'that always has a next link': (rows, query, url) => ({ items: sliceOf(rows, query, 50), links: { next: url } }),
  'that caps pages at 37 and has HAL links': (rows, query, url) => {
    const items = sliceOf(rows, query, 37);
    const next = numberIn(query, 'offset', 0) + items.length;
    const self = { href: url };
    return { items, _links: next < rows.length ? { self, next: { href: `${url}?offset=${next}` } } : { self } };
  },
  'that caps pages at 37 and has a list of links': (rows, query, url) => {
    const items = sliceOf(rows, query, 37);
    const next = numberIn(query, 'offset', 0) + items.length;
    const self = { rel: 'self', href: url };
    return { items, links: next < rows.length ? [self, { rel: 'next', href: `${url}?offset=${next}` }] : [self] };
  },
  'that caps pages at 37 and says the total': (rows, query) => ({
    items: sliceOf(rows, query, 37),
    links: {},
    total: rows.length,
  }),
  'that caps pages at 37 and says the total as totalCount': (rows, query) => ({
    items: sliceOf(rows, query, 37),
    links: { self: 'x' },
    totalCount: rows.length,
  }),
  'that knows no pages': (rows) => ({ items: rows }),
};

const rowsOf = (count: number, row: (n: number) => Row) => Array.from({ length: count }, (_, n) => row(n));
const clusterRow = (n: number) => ({
  id: `c-${n}`,
  metadata: { state: 'AVAILABLE' },
  properties: { displayName: `x${n}`, instances: 1, cores: 1, ram: 4096, storageSize: 2048 },
});

/** An API that lists these clusters, users and databases in such pages. */
function listing(page: Page, { clusters = 0, databases = 0 }: { clusters?: number; databases?: number }): Fetch {
  return async ({ url, method }) => {
    const { pathname, searchParams, origin } = new URL(url);
    const of = (rows: readonly Row[]) =>
      Response.json({ type: 'collection', ...page(rows, searchParams, origin + pathname) });
    if (method !== 'GET') return Response.json({ ...clusterRow(0), id: 'c-new' }, { status: 202 });
    if (pathname.endsWith('versions')) return Response.json({ data: [{ name: order.postgresVersion }] });
    if (pathname.endsWith('/databases')) {
      return of(
        rowsOf(databases, (n) => ({ properties: { name: `d${n}`, owner: n === databases - 1 ? 'app' : 'b' } })),
      );
    }
    if (pathname.endsWith('/clusters')) return of(searchParams.has('filter.name') ? [] : rowsOf(clusters, clusterRow));
    if (pathname.endsWith('/app')) return Response.json({ properties: { username: 'app' } });
    return Response.json(clusterRow(0));
  };
}

describe.each(Object.entries(APIS))('an API %s', (_, page) => {
  test.each([0, 1, 99, 100, 101, 250, 300])('is counted whole: %i clusters', async (clusters) => {
    const policy = JSON.stringify({ inTotal: { clusters: clusters + 1, cores: clusters + 100 } });
    const tight = JSON.stringify({ inTotal: { clusters } });
    const fits = await connect({ fetch: listing(page, { clusters }), policy });
    const full = await connect({ fetch: listing(page, { clusters }), policy: tight });

    expect((await fits.call('create_cluster', order)).isError).toBeFalsy();
    expect(errorOf(await full.call('create_cluster', order))).toContain(`at most ${clusters}; there are ${clusters}`);
    expect(full.sent()).toEqual([]);
  });

  test('is read to its end for a plan', async () => {
    const { call } = await connect({ fetch: listing(page, { databases: 230 }) });

    const { structuredContent } = await call('delete_user', { clusterId: 'c-0', username: 'app', dryRun: true });

    expect(Object(structuredContent).plan.effects.join()).toContain('It owns d229');
  });
});

test.each<[string, Page]>([
  [
    'says that there is more and shows the same again',
    (rows, _, url) => ({ items: rows.slice(0, 40), links: { next: url } }),
  ],
  [
    'says by a HAL link that there is more and shows the same again',
    (rows, _, url) => ({ items: rows.slice(0, 40), _links: { next: { href: url } } }),
  ],
  [
    'says in a list of links that there is more and shows the same again',
    (rows, _, url) => ({ items: rows.slice(0, 40), links: [{ rel: 'next', href: url }] }),
  ],
  [
    'says a total and ends before it',
    (rows, query) => ({ items: sliceOf(rows.slice(0, 60), query), total: rows.length }),
  ],
  [
    'says a totalCount and ends before it',
    (rows, query) => ({ items: sliceOf(rows.slice(0, 57), query), links: {}, totalCount: rows.length }),
  ],
  ['says a total and shows the same again', (rows) => ({ items: rows.slice(0, 60), total: rows.length })],
  [
    'says a total and no links and shows the same again',
    (rows) => ({ items: rows.slice(0, 63), links: {}, total: rows.length }),
  ],
  ['leads on by a cursor', (rows, _, url) => ({ items: rows.slice(0, 60), links: { next: `${url}?cursor=60` } })],
  ['has no end', (_, query) => ({ items: rowsOf(100, (n) => clusterRow(n + numberIn(query, 'offset', 0))) })],
])('where an API %s, nothing is guessed', async (_, page) => {
  const fetch = listing(page, { clusters: 120 });
  const { call, sent } = await connect({ fetch, policy: '{"inTotal": {"clusters": 100000}}' });

  expect(errorOf(await call('create_cluster', order))).toMatch(/cannot be counted, and this server does not guess/);
  expect(sent()).toEqual([]);
});
