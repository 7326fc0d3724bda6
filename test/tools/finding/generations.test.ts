import { describe, expect, test } from 'vitest';
import type { Fetch } from '../../../src/api/client.ts';
import { pause } from '../../../src/signals.ts';
import { connect, errorOf, TOKEN } from '../../helpers/connect.ts';
import { hurried } from '../../helpers/fake-clock.ts';
import { isIn, played, refused, V1_HOST } from '../../helpers/regions.ts';

const ORDERS = 'b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041';
const INVENTORY = '5d7f1c28-9e4a-4b63-a1d0-8c2e6f4b7a15';
const TELEMETRY = 'c2a8e6b4-3f15-4d79-8b0c-d9e1f7a35c62';

interface Fields {
  [name: string]: unknown;
}

type Connected = Awaited<ReturnType<typeof connect>>;

async function listed({ call }: Pick<Connected, 'call'>, args: Fields = {}) {
  const { structuredContent } = await call('list_clusters', args);
  return structuredContent as { clusters: Fields[]; nextOffset?: number; note?: string };
}

const namesIn = ({ clusters }: { clusters: Fields[] }) => clusters.map(({ displayName }) => displayName);

const never = (signal: AbortSignal) =>
  new Promise<Response>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));

describe('a mixed account', () => {
  test('is one list, by name, and says which clusters are on v2', async () => {
    const host = await connect({ api: 'auto' });
    const { clusters, ...rest } = await listed(host);

    expect(clusters.map(({ displayName, api }) => [displayName, api])).toEqual([
      ['analytics-prod', undefined],
      ['inventory', 'v2'],
      ['legacy-crm', undefined],
      ['orders', undefined],
      ['telemetry', 'v2'],
    ]);
    expect(rest).toEqual({});
    expect(host.requests.map(({ path }) => path)[0]).toBe('clusters?limit=100&offset=0');
  });

  test('is paged over all of it', async () => {
    const host = await connect({ api: 'auto' });
    const first = await listed(host, { limit: 2 });
    const second = await listed(host, { limit: 2, offset: first.nextOffset });
    const third = await listed(host, { limit: 2, offset: second.nextOffset });

    expect([first, second, third].map(namesIn)).toEqual([
      ['analytics-prod', 'inventory'],
      ['legacy-crm', 'orders'],
      ['telemetry'],
    ]);
    expect(third.nextOffset).toBeUndefined();
  });

  test('is filtered by name in upper and lower case', async () => {
    const host = await connect({ api: 'auto' });

    expect(namesIn(await listed(host, { name: 'TELE' }))).toEqual(['telemetry']);
    expect((await listed(host, { name: 'inventry' })).note).toContain('Similar: "inventory"');
  });

  test('a cluster of v2 reads like one of v1, in its units', async () => {
    const { call } = await connect({ api: 'auto' });
    const { structuredContent } = await call('get_cluster', { clusterId: INVENTORY });

    expect(structuredContent).toMatchObject({
      id: INVENTORY,
      api: 'v2',
      metadata: { state: 'AVAILABLE' },
      properties: {
        displayName: 'inventory',
        description: 'Stock of the warehouses',
        postgresVersion: '17',
        location: 'de/fra',
        instances: 2,
        cores: 4,
        ram: 8192,
        storageSize: 102_400,
        connections: [{ lanId: '3', cidr: '10.20.30.10/24' }],
        connectionPooler: { enabled: true, poolMode: 'transaction' },
        synchronizationMode: 'ASYNCHRONOUS',
        backupLocation: 'eu-central-3',
        maintenanceWindow: { dayOfTheWeek: 'Monday' },
        dnsName: expect.stringContaining('.postgresql.de-fra.ionos.com'),
      },
      connection: expect.stringContaining('postgresql://'),
    });
  });

  test.each([
    ['list_clusters', {}, { clusters: expect.objectContaining({ length: 5 }) }],
    ['list_backups', {}, { backups: expect.arrayContaining([expect.objectContaining({ clusterId: TELEMETRY })]) }],
    [
      'list_cluster_backups',
      { clusterId: INVENTORY },
      { backups: [{ api: 'v2', clusterId: INVENTORY, isActive: true }] },
    ],
    ['list_cluster_backups', { clusterId: ORDERS }, { backups: [{ clusterId: ORDERS }] }],
    [
      'list_cluster_versions',
      { clusterId: TELEMETRY },
      {
        versions: ['17'],
        api: 'v2',
        supportStatus: { '17': 'RECOMMENDED' },
        source: expect.stringMatching(/2026-10-05$/),
      },
    ],
    ['list_cluster_postgres_versions', { clusterId: TELEMETRY }, { versions: ['16', '17'] }],
    ['list_cluster_versions', { clusterId: ORDERS }, { versions: ['17'] }],
    ['list_postgres_versions', {}, { versions: ['14', '15', '16', '17'] }],
    ['list_versions', {}, { versions: ['14', '15', '16', '17'] }],
    [
      'wait_for_cluster',
      { clusterId: TELEMETRY, wait: 0 },
      { outcome: 'reached', state: 'AVAILABLE', displayName: 'telemetry' },
    ],
  ])('%s takes %j', async (tool, args, answer) => {
    const { call } = await connect({ api: 'auto' });

    expect(await call(tool, args)).toMatchObject({ structuredContent: answer });
  });

  test('a backup of v2 is found by its ID', async () => {
    const { call } = await connect({ api: 'auto' });
    const { structuredContent } = await call('list_cluster_backups', { clusterId: INVENTORY });
    const { backups } = structuredContent as { backups: { id: string }[] };
    const [{ id: backupId } = { id: '' }] = backups;

    expect(await call('get_backup', { backupId })).toMatchObject({
      structuredContent: { id: backupId, api: 'v2', version: '17', location: 'eu-central-3' },
    });
  });

  test.each([
    ['clusters', INVENTORY, '', 'inventory'],
    ['clusters', INVENTORY, '/versions', '"versions":[]'],
    ['clusters', INVENTORY, '/backups', INVENTORY],
  ])('the resource %s/%s%s has it', async (kind, id, part, text) => {
    const { client } = await connect({ api: 'auto' });
    const { contents } = await client.readResource({ uri: `ionos-postgresql://${kind}/${id}${part}` });

    expect(JSON.stringify(contents)).toContain(text.replaceAll('"', '\\"'));
  });

  test('resources and completions offer its clusters', async () => {
    const { client } = await connect({ api: 'auto' });
    const { resources } = await client.listResources();
    const ref = { type: 'ref/resource' as const, uri: 'ionos-postgresql://clusters/{clusterId}' };
    const { completion } = await client.complete({ ref, argument: { name: 'clusterId', value: 'tele' } });

    expect(resources.map(({ title }) => title)).toContain('telemetry');
    expect(completion.values).toEqual([TELEMETRY]);
  });
});

describe('where a cluster lives', () => {
  test('is remembered, and looked up again once it has moved', async () => {
    const { call, sandbox, requests } = await connect({ api: 'auto' });
    await call('get_cluster', { clusterId: ORDERS });
    await call('get_cluster', { clusterId: ORDERS });
    expect(requests).toHaveLength(2);

    sandbox.migrate(ORDERS);

    expect(await call('get_cluster', { clusterId: ORDERS })).toMatchObject({ structuredContent: { api: 'v2' } });
    const before = requests.length;
    await call('get_cluster', { clusterId: ORDERS });
    expect(requests.slice(before).map(({ path }) => path)).toEqual([`de-txl:/clusters/${ORDERS}`]);
  });

  test.each([
    ['list_cluster_backups', { backups: [{ api: 'v2' }] }],
    ['list_cluster_versions', { versions: ['17'], api: 'v2' }],
    ['wait_for_cluster', { outcome: 'reached' }],
  ])('is looked up again by %s', async (tool, answer) => {
    const { call, sandbox } = await connect({ api: 'auto' });
    await call('get_cluster', { clusterId: ORDERS });
    sandbox.migrate(ORDERS);

    expect(await call(tool, { clusterId: ORDERS })).toMatchObject({ structuredContent: answer });
  });

  test('is told to who reads its users just after it moved', async () => {
    const { call, sandbox } = await connect({ api: 'auto' });
    await call('list_users', { clusterId: ORDERS });
    sandbox.migrate(ORDERS);

    expect(errorOf(await call('list_users', { clusterId: ORDERS }))).toContain('has just moved to version 2');
    expect(errorOf(await call('list_users', { clusterId: ORDERS }))).toContain('by SQL');
  });

  test('a list tells it, so that nothing is looked up', async () => {
    const host = await connect({ api: 'auto' });
    await listed(host);
    const before = host.requests.length;
    await host.call('get_cluster', { clusterId: TELEMETRY });

    expect(host.requests.slice(before).map(({ path }) => path)).toEqual([`us-las:/clusters/${TELEMETRY}`]);
  });

  test('one that answers on both is on v1', async () => {
    const { sandbox, fetch } = played(() => undefined);
    sandbox.addV2Cluster({ name: 'orders' }, { id: ORDERS });
    const host = await connect({ api: 'auto', fetch });

    expect(namesIn(await listed(host)).filter((name) => name === 'orders')).toHaveLength(1);
    expect((await host.call('get_cluster', { clusterId: ORDERS })).structuredContent).not.toHaveProperty('api');
  });

  test('nowhere is a 404 that names what was not asked', async () => {
    const { fetch } = played((host) => (isIn(host, 'fr-par') ? refused(403) : undefined));
    const { call } = await connect({ api: 'auto', fetch });
    const clusterId = '00000000-0000-4000-8000-000000000000';

    expect(errorOf(await call('get_cluster', { clusterId }))).toMatch(/404.*in a region of API v2 .*\(fr-par\)/s);
    const everywhere = await connect({ api: 'auto' });
    expect(errorOf(await everywhere.call('get_cluster', { clusterId }))).not.toContain('v2');
  });

  test('what is no UUID is asked of v1 alone', async () => {
    const { call, requests } = await connect({ api: 'auto' });
    await call('get_backup', { backupId: 'no-such-backup' });

    expect(requests.filter(({ path }) => path.includes('backups/no-such-backup'))).toHaveLength(1);
  });
});

describe('a region', () => {
  test.each([
    ['refuses', 403, 'refused (403)'],
    ['refuses the credentials', 401, 'refused the credentials (401)'],
    ['is down', 503, 'answered 503'],
    ['has another path', 404, 'answered 404'],
  ])('that %s is named, and left alone', async (_, status, reason) => {
    const { fetch } = played((host) => (isIn(host, 'us-las') ? refused(status) : undefined));
    const host = await connect({ api: 'auto', fetch });
    const first = await listed(host);
    const asked = () => host.requests.filter(({ path }) => path.startsWith('us-las:')).length;
    expect(namesIn(first)).toEqual(['analytics-prod', 'inventory', 'legacy-crm', 'orders']);
    expect(first.note).toContain(`us-las (${reason}`);
    expect(asked()).toBe(1);

    expect((await listed(host)).note).toContain(`us-las (${reason}`);
    expect(asked()).toBe(1);
  });

  test('that gives no answer holds nothing up for more than 3 s', async () => {
    const { fetch } = played((host, _, signal) => (isIn(host, 'gb-lhr') ? never(signal) : undefined));
    const host = await connect({ api: 'auto', fetch });
    let took = 0;
    await hurried(async () => {
      const started = Date.now();
      expect((await listed(host)).note).toContain('gb-lhr (no answer within 3 s)');
      took = Date.now() - started;
    });

    expect(took).toBeLessThanOrEqual(3_100);
  });

  test('that ignores the end of its request holds nothing up either', async () => {
    const { fetch } = played((host) => (isIn(host, 'gb-lhr') ? new Promise<Response>(() => {}) : undefined));
    const host = await connect({ api: 'auto', fetch });

    await hurried(async () => expect(namesIn(await listed(host))).toHaveLength(5));
  });

  test('is asked at the same time as the others: a list takes as long as its slowest', async () => {
    const { sandbox } = played(() => undefined);
    const fetch: Fetch = async (request, init) => {
      await pause(new URL(request.url).hostname === V1_HOST ? 100 : 900, init.signal);
      return sandbox.fetch(new Request(request, init));
    };
    const host = await connect({ api: 'auto', fetch });
    let took = 0;
    await hurried(async () => {
      const started = Date.now();
      expect(namesIn(await listed(host))).toHaveLength(5);
      took = Date.now() - started;
    });

    expect(took).toBeLessThan(1_100);
  });

  test('whose answer has another form is named', async () => {
    const { fetch } = played((host) => (isIn(host, 'de-fra') ? Response.json({ items: [{ name: 'x' }] }) : undefined));
    const host = await connect({ api: 'auto', fetch });

    expect((await listed(host)).note).toContain(
      'de-fra (gave no usable answer: the answer does not have the form that the API documents, at items.0.id)',
    );
  });

  test.each([
    ['nothing but an ID', {}, {}],
    [
      'fields of other types',
      { name: 7, instances: 'two', connection: [], connectionPooler: {}, backup: 'x' },
      { state: 5 },
    ],
    ['fields that nobody knows', { name: 'odd', shape: { deep: [1] } }, { mood: 'fine' }],
  ])('may answer %s', async (_, properties, metadata) => {
    const items = [{ id: INVENTORY, properties, metadata }];
    const { fetch } = played((host, { pathname }) => {
      if (!isIn(host, 'de-fra')) return undefined;
      return Response.json(pathname === '/clusters' ? { items } : items[0]);
    });
    const host = await connect({ api: 'auto', fetch });

    expect((await listed(host)).clusters.find(({ id }) => id === INVENTORY)).toMatchObject({ api: 'v2' });
    expect((await host.call('get_cluster', { clusterId: INVENTORY })).isError).toBeFalsy();
  });

  test('that gives the same page for every offset ends', async () => {
    const items = Array.from({ length: 100 }, (_, n) => ({ id: `cluster-${n}` }));
    const { fetch } = played((host) => (isIn(host, 'de-fra') ? Response.json({ items }) : undefined));
    const host = await connect({ api: 'auto', fetch });
    await listed(host);

    expect(host.requests.filter(({ path }) => path.startsWith('de-fra:'))).toHaveLength(2);
  });
});

test('1,000 clusters over nine regions are listed page by page, each once', async () => {
  const { sandbox, fetch } = played(() => undefined);
  const regions = ['de-txl', 'de-fra', 'fr-par', 'es-vit', 'gb-lhr', 'gb-bhx', 'us-las', 'us-mci', 'us-ewr'];
  for (let n = 0; n < 1_000; n += 1) sandbox.addV2Cluster({ name: `c-${n}` }, { region: regions[n % 9] });
  const host = await connect({ api: 'auto', fetch });
  const seen: unknown[] = [];
  for (let offset: number | undefined = 0; offset !== undefined; ) {
    const page: Awaited<ReturnType<typeof listed>> = await listed(host, { limit: 200, offset });
    seen.push(...page.clusters.map(({ id }) => id));
    offset = page.nextOffset;
  }

  expect(seen).toHaveLength(1_005);
  expect(new Set(seen).size).toBe(1_005);
});

test('with no region to be reached it is v1 as it is, and pages on', async () => {
  const { sandbox, fetch } = played((host) => (host === V1_HOST ? undefined : refused(403)));
  for (let n = 0; n < 120; n += 1) sandbox.addCluster({ displayName: `c-${n}` });
  const host = await connect({ api: 'auto', fetch });
  const first = await listed(host);
  expect(first.note).toContain('de-txl, de-fra');
  const second = await listed(host, { offset: first.nextOffset });

  expect([...first.clusters, ...second.clusters]).toHaveLength(123);
  expect(host.requests.at(-1)?.path).toBe('clusters?limit=100&offset=100');
});

test('an offset is not given where it would count other rows next time', async () => {
  const { fetch } = played((host) => (isIn(host, 'us-las') ? refused(403) : undefined));
  const host = await connect({ api: 'auto', fetch });
  const { clusters, nextOffset, note } = await listed(host, { limit: 2 });

  expect([clusters.length, nextOffset]).toEqual([2, undefined]);
  expect(note).toContain('a larger limit (at most 1000) shows them');
});

describe('an empty list', () => {
  const empty = (host: string, url: URL) =>
    url.pathname.endsWith('/clusters') ? Response.json({ type: 'collection', items: [] }) : host && undefined;

  test('of v1 alone says what is not shown', async () => {
    const { fetch } = played(empty as never);

    expect((await listed(await connect({ fetch }))).note).toContain('moved to version 2');
  });

  test('of all says nothing more', async () => {
    const { fetch } = played(empty as never);

    expect(await listed(await connect({ api: 'auto', fetch }))).toEqual({ clusters: [] });
  });
});

test('a version that the region does not list has unknown upgrades', async () => {
  const { fetch } = played((_, { pathname }) =>
    pathname === '/versions' ? Response.json({ items: [{ properties: { version: '17' } }] }) : undefined,
  );
  const { call } = await connect({ api: 'auto', fetch });

  expect(await call('list_cluster_versions', { clusterId: TELEMETRY })).toMatchObject({
    structuredContent: { versions: [], note: expect.stringContaining('does not say') },
  });
});

describe('what v2 has not', () => {
  const databaseTools: [string, Fields][] = [
    ['list_users', {}],
    ['get_user', { username: 'app' }],
    ['create_user', { username: 'app', password: 'long enough 1' }],
    ['update_user', { username: 'app', password: 'long enough 1' }],
    ['delete_user', { username: 'app' }],
    ['list_databases', {}],
    ['get_database', { name: 'shop' }],
    ['create_database', { name: 'shop', owner: 'app' }],
    ['delete_database', { name: 'shop' }],
  ];
  test.each([
    ...databaseTools.map(([tool, args]) => [tool, args, 'by SQL'] as const),
    ['get_cluster_logs', {}, 'Logging Service'] as const,
  ])('%s says so, and what to do instead', async (tool, args, words) => {
    const { call, requests, sent } = await connect({ api: 'auto' });
    const text = errorOf(await call(tool, { clusterId: INVENTORY, ...args }));

    expect(text).toMatch(/Nothing was sent\. The cluster "?inventory"? .*is on version 2/);
    expect(text).toContain(words);
    expect(sent()).toEqual([]);
    expect(requests.filter(({ path }) => /users|databases|logs|backups/.test(path))).toEqual([]);
  });
});

describe('the policy', () => {
  const policy = JSON.stringify({ inTotal: { clusters: 5 } });
  const order = {
    displayName: 'billing',
    postgresVersion: '16',
    location: 'de/txl',
    instances: 1,
    cores: 2,
    ram: 4096,
    storageSize: 20_480,
    storageType: 'SSD Premium',
    synchronizationMode: 'ASYNCHRONOUS',
    connections: [{ datacenterId: '6e1f4b0d-93a7-4c28-8d15-70b2f9ce3a46', lanId: '2' }],
    credentials: { username: 'billing', password: 'long enough 1' },
  };

  test('counts the clusters of both', async () => {
    const { call } = await connect({ api: 'auto', policy });

    expect(errorOf(await call('create_cluster', order))).toContain('inTotal.clusters: at most 5; there are 5');
  });

  test('admits nothing where a region cannot be counted', async () => {
    const { fetch } = played((host) => (isIn(host, 'us-las') ? refused(403) : undefined));
    const { call, sent } = await connect({ api: 'auto', policy, fetch });

    expect(errorOf(await call('create_cluster', order))).toContain('us-las (refused (403))');
    expect(sent()).toEqual([]);
  });
});

describe('v2 alone', () => {
  test('asks nothing of v1', async () => {
    const host = await connect({ api: 'v2' });
    expect(namesIn(await listed(host))).toEqual(['inventory', 'telemetry']);
    const { call, requests } = host;
    await call('get_cluster', { clusterId: INVENTORY });
    await call('get_cluster', { clusterId: ORDERS });
    await call('list_users', { clusterId: ORDERS });
    await call('list_backups');
    await call('list_postgres_versions');
    expect(errorOf(await call('get_api_version'))).toContain('--api v2');

    expect(requests.filter(({ path }) => !path.includes(':'))).toEqual([]);
  });

  test('fails where no region answers', async () => {
    const { fetch } = played(() => refused(401));
    const { call } = await connect({ api: 'v2', fetch });

    expect(errorOf(await call('list_clusters'))).toContain('401');
  });
});

test('no token is in an answer, an error or the log', async () => {
  const echo = Response.json({ messages: [{ message: `bad token ${TOKEN}` }] }, { status: 400 });
  const { fetch } = played((host) => (host === V1_HOST ? undefined : echo.clone()));
  const { call, log } = await connect({ api: 'auto', fetch });
  const answers = [await call('list_clusters'), await call('get_cluster', { clusterId: INVENTORY })];

  expect(JSON.stringify([answers, log])).not.toContain(TOKEN);
});

test('a FAILED cluster says why', async () => {
  const { sandbox, call } = await connect({ api: 'auto' });
  const { id } = sandbox.addV2Cluster({ name: 'broken' }, { state: 'FAILED', statusMessage: 'no room in the LAN' });

  expect(await call('get_cluster', { clusterId: id })).toMatchObject({
    structuredContent: { metadata: { state: 'FAILED', statusMessage: 'no room in the LAN' } },
  });
  expect(await call('wait_for_cluster', { clusterId: id, wait: 0 })).toMatchObject({
    structuredContent: { outcome: 'waiting', note: expect.stringContaining('The API says: "no room in the LAN".') },
  });
});
