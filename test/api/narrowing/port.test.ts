import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { createApiClient } from '../../../src/api/client.ts';
import { createApis } from '../../../src/api/generations/index.ts';
import type { ClusterPort } from '../../../src/api/generations/writing/port.ts';
import { narrowedTo } from '../../../src/api/narrowing/index.ts';

const SHOP = 'b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041';
const OTHER = '7c9e2d54-8b1f-4a63-b0d7-5e3f19a8c462';
const any = z.unknown();
const last = { schema: any, isAsPlanned: () => true };

/** What a call is given for clusters of these patterns, with an API of two clusters, each with a backup of its name. */
function narrowed(patterns: readonly string[], { pageSize = 100 } = {}) {
  const names = new Map([
    [SHOP, 'shop'],
    [OTHER, 'other'],
  ]);
  const requests: string[] = [];
  const cluster = (id: string) => ({ id, properties: { displayName: names.get(id) } });
  const fetch = async ({ method, url }: Request) => {
    const { pathname, searchParams } = new URL(url);
    const [root, id = '', kind] = pathname.split('/').slice(1);
    if (method !== 'GET' || kind !== undefined) requests.push(`${method} ${pathname}`);
    if (method !== 'GET') return Response.json({ ...cluster(id), id: id || 'new' });
    if (root !== 'clusters') return Response.json({ name: 'v1' });
    if (id === '') {
      const offset = Number(searchParams.get('offset'));
      requests.push(`list from ${offset}`);
      return Response.json({ items: [...names.keys()].slice(offset, offset + pageSize).map(cluster), limit: pageSize });
    }
    if (id === 'backups' && kind !== undefined) {
      return Response.json({ id: kind, properties: { clusterId: kind.replace('backup-', '') } });
    }
    if (id === 'backups') return Response.json({ items: [] });
    if (names.has(id)) return Response.json(cluster(id));
    return Response.json({ messages: [{ message: 'The API has words of its own' }] }, { status: 404 });
  };
  const v1 = createApiClient({ apiUrl: 'https://api.example', authorization: 'Bearer x', userAgent: 'test', fetch });
  const scope = { signal: new AbortController().signal, deadline: Date.now() + 45_000, onlyClusters: patterns };
  const call = createApis({ v1 }).forCall(scope);
  const rename = (id: string, name: string) => void names.set(id, name);
  const add = (id: string, name: string) => void names.set(id, name);
  return { ...call, scope, requests, rename, add };
}

const path = (rest: string) => `clusters/${SHOP}/${rest}`;

describe('a write', () => {
  const WRITES: Readonly<Record<string, (world: ReturnType<typeof narrowed>) => Promise<unknown>>> = {
    post: ({ v1 }) => v1.post(path('users'), { response: any }),
    put: ({ v1 }) => v1.put(path('users/x'), { response: any }),
    patch: ({ v1 }) => v1.patch(path('users/x'), { response: any }),
    delete: ({ v1 }) => v1.delete(path('users/x'), { response: any }),
    'one of a client that is bound again': ({ v1, scope }) => v1.forCall(scope).post(path('users'), { response: any }),
  };
  const CHANGES: Readonly<
    Record<string, (changing: Awaited<ReturnType<ClusterPort['changing']>>) => Promise<unknown>>
  > = {
    change: (changing) => changing.change(SHOP, { cores: 4 }, { last, response: any }),
    delete: (changing) => changing.delete(SHOP, any),
    restore: (changing) => changing.restore(SHOP, { backupId: `backup-${SHOP}` }, last),
  };

  test.each(Object.entries(WRITES))('reads the cluster once more: %s', async (_, write) => {
    const world = narrowed(['shop']);
    await world.v1.get(path('users'), { response: any });
    await write(world);
    world.requests.length = 0;

    world.rename(SHOP, 'hidden');

    await expect(write(world)).rejects.toMatchObject({ status: 404, path: `clusters/${SHOP}` });
    expect(world.requests).toEqual([]);
  });

  test.each(Object.entries(CHANGES))('reads the cluster once more: to %s it', async (_, change) => {
    const world = narrowed(['shop']);
    const changing = await world.clusters.changing(SHOP);
    await change(changing);
    expect(world.requests.filter((each) => !each.startsWith('GET'))).toHaveLength(1);

    world.rename(SHOP, 'hidden');

    await expect(change(changing)).rejects.toMatchObject({ status: 404 });
    expect(world.requests.filter((each) => !each.startsWith('GET'))).toHaveLength(1);
  });

  test('takes no name that does not match, whatever was planned', async () => {
    const { clusters, requests } = narrowed(['sho*']);
    const changing = await clusters.changing(SHOP);
    const ordering = clusters.ordering({ location: 'de/fra' });
    const renamed = (displayName: string) => changing.change(SHOP, { displayName }, { last, response: any });

    for (const displayName of ['other', '', undefined]) {
      await expect(ordering.create({ displayName }, any)).rejects.toThrow('must match "sho*"');
    }
    await expect(renamed('other')).rejects.toThrow('displayName ("other"): must match "sho*"');
    expect(requests).toEqual([]);
    await ordering.create({ displayName: 'SHOP 2' }, any);
    await renamed('shop 3');
    expect(requests).toEqual(['POST /clusters', `PATCH /clusters/${SHOP}`]);
  });

  test('from the backup of another that matches still reads the cluster once more', async () => {
    const { clusters, requests, rename } = narrowed(['shop', 'other']);
    const changing = await clusters.changing(SHOP);
    rename(SHOP, 'hidden');

    await expect(changing.restore(SHOP, { backupId: `backup-${OTHER}` }, last)).rejects.toMatchObject({ status: 404 });
    expect(requests.filter((each) => !each.startsWith('GET'))).toEqual([]);
  });

  test('fills a cluster from no backup of another', async () => {
    const { clusters, requests } = narrowed(['shop']);
    const changing = await clusters.changing(SHOP);
    const ordering = clusters.ordering({ location: 'de/fra' });
    const fromBackup = { backupId: `backup-${OTHER}` };

    await expect(changing.restore(SHOP, fromBackup, last)).rejects.toMatchObject({ status: 404 });
    await expect(ordering.create({ displayName: 'shop', fromBackup }, any)).rejects.toMatchObject({ status: 404 });
    await expect(clusters.changing(OTHER)).rejects.toMatchObject({ status: 404 });
    expect(requests.filter((each) => !each.startsWith('GET'))).toEqual([]);
  });
});

describe('a read', () => {
  test('of what the URL leaves out is the same as of what there is not', async () => {
    const { clusters, v1 } = narrowed(['shop']);
    const messages = async (read: (id: string) => Promise<unknown>) => {
      const said = [OTHER, 'c1d5e8a2-7b40-4f93-8e16-0a9b3c7d2f54'].map((id) =>
        read(id).then(
          () => 'found',
          (error: Error & { path: string }) =>
            JSON.stringify({ ...error, message: error.message }).replaceAll(id, '<id>'),
        ),
      );
      const [outside, missing] = await Promise.all(said);
      expect(outside).toBe(missing);
      return outside;
    };

    for (const read of [
      (id: string) => clusters.cluster(id, any),
      (id: string) => clusters.following(id)(any),
      (id: string) => clusters.backup(`backup-${id}`, any),
      (id: string) => clusters.upgrades(id, 'newer'),
      (id: string) => clusters.rows({ of: 'backups', clusterId: id }, z.object({ id: z.string() }), {}),
      (id: string) => clusters.every({ of: 'backups', clusterId: id }, z.object({ id: z.string() })),
      (id: string) => clusters.everySeen({ of: 'backups', clusterId: id }, z.object({ id: z.string() })),
      (id: string) => v1.get(`clusters/${id}/users`, { response: any }),
    ]) {
      expect(await messages(read)).toContain('"status":404');
    }
    expect(await clusters.home(OTHER)).toBeUndefined();
    expect(await clusters.home(SHOP)).toBe('v1');
  });

  test('of several things in a cluster looks at it once per call', async () => {
    const { v1, requests } = narrowed(['shop']);

    await Promise.all([v1.get(path('users'), { response: any }), v1.get(path('databases'), { response: any })]);
    await v1.get(path('logs'), { response: any });

    expect(requests).toEqual([`GET /${path('users')}`, `GET /${path('databases')}`, `GET /${path('logs')}`]);
  });

  test('of a cluster that is meant by its ID needs no look at its name', async () => {
    const { v1, clusters, rename } = narrowed([SHOP.toUpperCase()]);
    rename(SHOP, 'anything');

    await v1.get(path('users'), { response: any });

    expect(await clusters.cluster(SHOP, z.object({ id: z.string() }))).toEqual({ id: SHOP });
  });

  test('of v1 goes nowhere that nobody has thought of', async () => {
    const { v1, requests } = narrowed(['shop']);

    for (const place of ['clusters', 'clusters/backups', 'clusters/backups/x', 'users', `quota/${SHOP}`]) {
      await expect(v1.get(place, { response: any })).rejects.toThrow(`${place} is not narrowed`);
    }
    await expect(v1.post('infos/version', { response: any })).rejects.toThrow('is not narrowed');
    expect(requests).toEqual([]);
    await expect(v1.get('infos/version', { response: any })).resolves.toEqual({ name: 'v1' });
  });

  test('of backups tells where the clusters they are of could not be read', async () => {
    const real = narrowed(['*']);
    const silent = { region: 'de-fra', reason: 'answered 503', isBrief: true };
    const everySeen = async ({ of }: { of: string }) =>
      of === 'backups' ? { items: [], absent: [] } : { items: [], absent: [silent], unseen: 'somewhere' };
    const backups = async () => ({ items: [], hasMore: false, isPageable: true, absent: [] });
    const { clusters } = narrowedTo(['shop'], {
      v1: real.v1,
      clusters: { ...real.clusters, everySeen, rows: backups },
    });
    const item = z.object({ id: z.string() });

    expect(await clusters.rows({ of: 'backups' }, item, {})).toMatchObject({ absent: [silent], isPageable: false });
    expect(await clusters.everySeen({ of: 'backups' }, item)).toMatchObject({ absent: [silent], unseen: 'somewhere' });
  });

  test('of a list asks for no more pages than it needs', async () => {
    const { clusters, requests, add } = narrowed(['shop*'], { pageSize: 4 });
    for (let n = 0; n < 20; n += 1) add(`id-${n}`, n % 2 === 0 ? `shop-${n}` : `other-${n}`);
    const pageOf = async (offset: number, limit: number) => {
      requests.length = 0;
      const item = z.object({ properties: z.object({ displayName: z.string() }), id: z.string() });
      const { items, hasMore } = await clusters.rows({ of: 'clusters' }, item, { offset, limit });
      return { names: items.map(({ properties }) => properties.displayName), hasMore, asked: requests.length };
    };

    expect(await pageOf(0, 2)).toEqual({ names: ['shop', 'shop-0'], hasMore: true, asked: 2 });
    expect(await pageOf(2, 2)).toEqual({ names: ['shop-2', 'shop-4'], hasMore: true, asked: 3 });
    expect(await pageOf(9, 2)).toEqual({ names: ['shop-16', 'shop-18'], hasMore: false, asked: 6 });
  });
});
