import { describe, expect, test } from 'vitest';
import { BACKUP, OF_ANALYTICS, ORDERS } from '../../helpers/backups.ts';
import { fieldsIn, namesIn, narrowedTo, textIn } from './world.ts';

describe('lists', () => {
  test.each([
    ['on API v1', []],
    ['on both', ['de-fra']],
  ])('have every cluster that matches once, whatever lies between them, page by page (%s)', async (_, regions) => {
    const { call, sandbox } = await narrowedTo('?clusters=shop-*', { regions });
    const wanted = Array.from({ length: 23 }, (_, n) => `shop-${n}`);
    for (const [n, displayName] of wanted.entries()) {
      sandbox.addCluster({ displayName });
      for (let m = 0; m < n % 4; m += 1) sandbox.addCluster({ displayName: `other-${n}-${m}` });
    }
    const found: string[] = [];
    const pages: number[] = [];

    for (let offset: number | undefined = 0; offset !== undefined; ) {
      const answer = await call('list_clusters', { limit: 5, offset });
      expect(fieldsIn(answer).note).toContain('Only clusters that match "shop-*" are shown');
      pages.push(namesIn(answer).length);
      found.push(...namesIn(answer));
      ({ nextOffset: offset } = fieldsIn(answer));
    }

    expect(found.toSorted()).toEqual(wanted.toSorted());
    expect(pages).toEqual([5, 5, 5, 5, 3]);
    expect(fieldsIn(await call('list_clusters', { limit: 5, offset: 100 })).note).toContain('No more clusters');
    expect(namesIn(await call('list_clusters', { name: 'SHOP-2' })).toSorted()).toEqual([
      'shop-2',
      'shop-20',
      'shop-21',
      'shop-22',
    ]);
  });

  test('read only as much of the API as a page needs, in requests as large as it takes', async () => {
    const { call, sandbox, requests } = await narrowedTo('?clusters=shop-*', { regions: [] });
    for (let n = 0; n < 40; n += 1) sandbox.addCluster({ displayName: `shop-${n}` });
    requests.length = 0;

    await call('list_clusters', { limit: 10, offset: 10 });

    expect(requests.map(({ path }) => path)).toEqual(['clusters?limit=1000&offset=0']);
  });

  test('have no end that the API does not have', async () => {
    const rows = (n: number) => ({ id: `id-${n}`, properties: { displayName: `other-${n}` } });
    let asked = 0;
    const endless = async () => {
      asked += 1;
      return Response.json({ type: 'collection', items: [rows(asked)], limit: 1, links: { next: 'https://api' } });
    };
    const { call } = await narrowedTo('?clusters=shop-*', { regions: [], fetch: endless });
    const same = async () =>
      Response.json({ type: 'collection', items: [rows(1)], limit: 1, links: { next: 'https://api' } });
    const repeating = await narrowedTo('?clusters=shop-*', { regions: [], fetch: same });

    expect(textIn(await call('list_clusters'))).toContain('the list has no end within 50 pages');
    expect(asked).toBe(50);
    expect(namesIn(await repeating.call('list_clusters'))).toEqual([]);
  });

  test('say where something is missing, as they do without a pattern', async () => {
    const world = await narrowedTo('?clusters=*-prod');
    const { sandbox } = world;
    const whole = sandbox.fetch;
    sandbox.fetch = async (request) =>
      request.url.includes('postgresql.de-fra') ? Response.json({}, { status: 503 }) : whole(request);

    for (const tool of ['list_clusters', 'list_backups']) {
      expect(fieldsIn(await world.call(tool)).note, tool).toMatch(
        /Not shown: what is in these regions of API v2: de-fra/,
      );
    }
    expect(fieldsIn(await world.call('estimate_cost')).totals).toMatchObject([
      { clusters: 1, unknown: expect.stringContaining('de-fra') },
    ]);
  });

  test('of backups say so where a region shows them and not their clusters', async () => {
    const { call, sandbox } = await narrowedTo('?clusters=inv*');
    const whole = sandbox.fetch;
    sandbox.fetch = async (request) =>
      request.url.includes('postgresql.de-fra.ionos.com/clusters')
        ? Response.json({}, { status: 503 })
        : whole(request);

    const { backups, note } = fieldsIn(await call('list_backups'));

    expect(backups).toEqual([]);
    expect(note).toMatch(/Not shown: what is in these regions of API v2: de-fra/);
  });

  test('of backups have those of the clusters that match, and of a deleted one by its ID alone', async () => {
    const world = await narrowedTo('?clusters=analytics-*,ord*');
    const backupsAt = async (query: string) => {
      const client = await world.modern({}, undefined, query);
      const { structuredContent } = await client.callTool({ name: 'list_backups' });
      return Object(structuredContent)
        .backups.map(({ id }: { id: string }) => id)
        .toSorted();
    };
    expect(await backupsAt('?clusters=analytics-*,ord*')).toEqual([OF_ANALYTICS, BACKUP].toSorted());

    await world.call('delete_cluster', { clusterId: ORDERS });
    await expect.poll(async () => (await world.call('get_cluster', { clusterId: ORDERS })).isError).toBe(true);

    expect(await backupsAt('')).toContain(BACKUP);
    expect(await backupsAt('?clusters=analytics-*,ord*')).toEqual([OF_ANALYTICS]);
    expect(await backupsAt(`?clusters=analytics-*,${ORDERS.replaceAll('-', '').toUpperCase()}`)).toContain(BACKUP);
    const byId = await world.clientAt(`?clusters=${ORDERS}`);
    expect((await byId.call('get_backup', { backupId: BACKUP })).isError).toBeFalsy();
    expect((await world.call('get_backup', { backupId: BACKUP })).isError).toBe(true);
  });

  test('count what matches in costs, and say so', async () => {
    const { call } = await narrowedTo('?clusters=analytics-*');

    expect(fieldsIn(await call('estimate_cost'))).toMatchObject({
      estimates: [{ displayName: 'analytics-prod' }],
      totals: [{ clusters: 1 }],
      note: expect.stringMatching(
        /Only clusters that match "analytics-\*" are counted; the URL .* leaves out all others/,
      ),
    });
  });

  test('say nothing of a URL where there is nothing to say', async () => {
    const { call } = await narrowedTo('');

    for (const tool of ['list_clusters', 'list_backups', 'estimate_cost', 'get_account']) {
      expect(fieldsIn(await call(tool)).note ?? '', tool).not.toContain('URL');
    }
  });
});
