import { describe, expect, test } from 'vitest';
import { createApiClient } from '../../../src/api/client.ts';
import { createApis } from '../../../src/api/generations/index.ts';
import type { ClusterReads } from '../../../src/api/generations/port.ts';
import { hurried } from '../../helpers/fake-clock.ts';
import {
  type Answer,
  all,
  ID,
  idsOf,
  item,
  listing,
  missing,
  never,
  nothing,
  status,
  unreachable,
  world,
} from './world.ts';

const OTHER = '7b1f7a52-0c61-4f4e-8d0a-93d1f5c3a6e2';
const ids = (count: number, prefix: string) => Array.from({ length: count }, (_, n) => `${prefix}-${n}`);

describe('v1 that is down', () => {
  const down: [string, Answer][] = [
    ['fails', status(500)],
    ['is in maintenance', status(503)],
    ['cannot be reached', unreachable],
    ['gives a page of a gateway', () => new Response('<html></html>')],
    ['does not answer', never],
  ];
  test.each(down)('because it %s is named, and the regions are listed', (_, v1) =>
    hurried(async () => {
      const { reads } = world({ v1, one: () => listing(ID), two: nothing });
      const { absent, ...rows } = await all(reads());

      expect(idsOf(rows)).toEqual([ID]);
      expect(absent).toEqual([{ reason: expect.any(String), isBrief: true }]);
      expect(rows.isPageable).toBe(false);
    }),
  );

  test('because it does not answer takes no more time than the call has', () =>
    hurried(async () => {
      const { reads } = world({ v1: never, one: () => listing(ID) });
      const started = Date.now();
      expect(idsOf(await all(reads({ left: 3_500 })))).toEqual([ID]);

      expect(Date.now() - started).toBeLessThan(3_500);
    }));

  test('is the reason where no region answers either', () =>
    hurried(async () => {
      const failing = world({ v1: status(503), one: status(500), two: unreachable });
      await expect(all(failing.reads())).rejects.toMatchObject({ status: 503 });
      await expect(all(failing.reads())).rejects.toMatchObject({ status: 503 });

      const silent = world({ v1: never, one: never });
      await expect(all(silent.reads())).rejects.toMatchObject({ reason: expect.stringContaining('no answer within') });
    }));

  test('in the middle leaves what it has listed, and is named', () =>
    hurried(async () => {
      const v1: Answer = ({ searchParams }) =>
        searchParams.get('offset') === '0' ? listing(...ids(10, 'a')) : Response.json({}, { status: 502 });
      const { reads } = world({ v1, one: () => listing('b') });
      const { items, absent } = await all(reads(), { limit: 10 });

      expect(items).toHaveLength(10);
      expect(absent).toMatchObject([{ reason: 'answered 502' }]);
    }));

  test('does not move a cluster that answers on both', async () => {
    const answers: Record<string, Answer> = { v1: status(503), one: () => listing(ID) };
    const { reads } = world(answers);
    await hurried(() => all(reads()));
    answers.v1 = () => Response.json({ id: ID, metadata: {} });

    expect(await reads().home(ID)).toBe('v1');
  });

  test.each([401, 403, 422])('is not meant by a %i, which is that of the call', async (code) => {
    const { reads } = world({ v1: status(code), one: nothing });

    await expect(all(reads())).rejects.toMatchObject({ status: code });
    expect(reads().unseen()).toBeUndefined();
  });

  test('refuses to count', () =>
    hurried(async () => {
      const { reads } = world({ v1: status(503), one: () => listing(ID) });

      await expect(reads().every({ of: 'clusters' }, item)).rejects.toMatchObject({ status: 503 });
      await expect(reads().everySeen({ of: 'clusters' }, item)).rejects.toMatchObject({ status: 503 });
    }));
});

describe('an offset', () => {
  const paged: Answer = ({ searchParams }) => {
    const [limit, offset] = ['limit', 'offset'].map((name) => Number(searchParams.get(name)));
    return listing(...ids(30, 'a').slice(offset, Number(offset) + Number(limit)));
  };

  test.each<[boolean, string, Answer]>([
    [true, 'stay out of reach', status(403)],
    [true, 'cannot be reached', unreachable],
    [false, 'are down', status(503)],
    [false, 'are asked too often', status(429)],
  ])('leads on in the order of v1: %s, where all regions %s', async (isPageable, _, answer) => {
    const { reads } = world({ v1: paged, one: answer });

    for (let n = 0; n < 2; n += 1) {
      expect(await all(reads())).toMatchObject({ isPageable, hasMore: true, absent: [{ region: 'one' }] });
    }
  });

  test.each([status(403), status(503)])('leads on nowhere where one of the regions is missing', async (answer) => {
    const { reads } = world({ v1: paged, one: answer, two: () => listing('b') });

    expect(await all(reads())).toMatchObject({ isPageable: false, hasMore: true });
  });
});

describe('backups of one cluster', () => {
  const backup = (id: string, clusterId?: string) => ({ id, properties: { clusterId } });
  /** A service that ignores its filter. */
  const everyBackup = () =>
    Response.json({ items: [backup('b1', ID), backup('b2', OTHER), backup('b3', ID.toUpperCase())] });
  const region: Answer = ({ pathname }) => (pathname === '/backups' ? everyBackup() : Response.json({ id: ID }));
  const own = { of: 'backups', clusterId: ID } as const;

  test('are never mixed with those of others', async () => {
    const v1: Answer = ({ pathname }) => (pathname === '/clusters/backups' ? nothing() : missing());
    const { reads } = world({ v1, one: region });

    expect(idsOf(await reads().rows(own, item, {}))).toEqual(['b1', 'b3']);
    expect((await reads().every(own, item)).map(({ id }) => id)).toEqual(['b1', 'b3']);
    expect(idsOf(await reads().rows({ of: 'backups' }, item, {}))).toHaveLength(3);
  });

  test('are looked for in every region where nobody has the cluster', async () => {
    const { reads } = world({ one: ({ pathname }) => (pathname === '/backups' ? everyBackup() : missing()) });

    expect(idsOf(await reads().rows(own, item, {})).sort()).toEqual(['b1', 'b3']);
  });

  test('say that v1 was not asked, where it may have others', async () => {
    expect(await world({ v1: missing, one: region }).reads().rows(own, item, {})).toMatchObject({ isOfV2Alone: true });
    expect(await world({ one: region }).reads().rows(own, item, {})).toMatchObject({ isOfV2Alone: false });
  });

  test('are paged by the rows that belong to it', async () => {
    const { reads } = world({ v1: missing, one: region });

    expect(await reads().rows(own, item, { limit: 1 })).toMatchObject({ items: [{ id: 'b1' }], hasMore: true });
    expect(await reads().rows(own, item, { limit: 1, offset: 1 })).toMatchObject({
      items: [{ id: 'b3' }],
      hasMore: false,
    });
  });
});

test('a list of 0 rows may be a null', async () => {
  const { reads } = world({ v1: nothing, one: () => Response.json({ type: 'collection', items: null }) });

  expect((await all(reads())).absent).toEqual([]);
});

describe('a list of what is seen', () => {
  const seen = (reads: ClusterReads) => reads.everySeen({ of: 'clusters' }, item);

  test('says which regions are missing in it, also while they are left alone', async () => {
    const { reads, times } = world({ v1: nothing, one: () => listing(ID), two: status(403) });
    const first = await seen(reads());
    const second = await seen(reads());

    expect(first).toEqual({
      items: [{ id: ID }],
      unseen: 'in a region of API v2 that does not answer (two)',
      absent: [{ region: 'two', reason: 'refused (403)', isBrief: false }],
    });
    expect(second).toEqual(first);
    expect(times('two')).toBe(1);
  });

  test('says nothing where all have answered', async () => {
    const { reads } = world({ v1: nothing, one: nothing });

    expect(await seen(reads())).toEqual({ items: [], unseen: undefined, absent: [] });
  });

  test.each([
    ['v1 is left out', { isAlone: true, newClusters: 'v1' as const, regions: [] }, 'on API v1, which is not asked'],
    [
      'regions are left out',
      { isAlone: false, leavesOutRegions: true, newClusters: 'v1' as const, regions: [] },
      'in a region of API v2 that --regions leaves out',
    ],
    ['v2 is left out', undefined, 'moved to version 2 of the API, which this server does not reach'],
  ])('says so where %s', async (_, v2, unseen) => {
    const fetch = async () => nothing();
    const v1 = createApiClient({ apiUrl: 'https://a.example', authorization: 'Bearer x', userAgent: 'test', fetch });
    const { clusters } = createApis({ v1, v2 }).forCall({ signal: new AbortController().signal, deadline: Date.now() });

    expect(await seen(clusters)).toEqual({ items: [], unseen, absent: [] });
  });
});
