import { describe, expect, test } from 'vitest';
import { connect, errorOf } from '../../helpers/connect.ts';
import { readable } from '../../helpers/examples.ts';
import { order } from '../../helpers/orders.ts';
import { LOOK_UP, SOME_CLUSTER } from '../../helpers/some-cluster.ts';

describe('list_clusters', () => {
  test('lists short rows, without anything more', async () => {
    const { call } = await connect();

    const { structuredContent } = await call('list_clusters');

    expect(structuredContent).toMatchObject({ clusters: [{ displayName: 'orders' }, {}, {}] });
    const [first] = (structuredContent as { clusters: object[] }).clusters;
    const keys = ['id', 'state', 'displayName', 'postgresVersion', 'location', 'instances'];
    expect(Object.keys(first ?? {})).toEqual(keys);
    expect(JSON.stringify(structuredContent)).not.toContain('nextOffset');
  });

  test('adds the rest in full', async () => {
    const { call } = await connect();

    const { structuredContent } = await call('list_clusters', { name: 'ORDERS', detail: 'full' });

    expect(structuredContent).toMatchObject({
      clusters: [{ displayName: 'orders', dnsName: expect.stringMatching(/^pg-/), connections: [{ lanId: '2' }] }],
    });
  });

  test('says where the next page begins, until there is none', async () => {
    const { call } = await connect();

    const first = await call('list_clusters', { limit: 2 });
    const second = await call('list_clusters', { limit: 2, offset: 2 });
    const exact = await call('list_clusters', { limit: 3 });

    expect(first.structuredContent).toMatchObject({ clusters: [{}, {}], nextOffset: 2 });
    expect(second.structuredContent).toEqual({ clusters: [expect.objectContaining({})] });
    expect(JSON.stringify(exact)).not.toContain('nextOffset');
  });

  test('says that there is no more where the offset is beyond the end', async () => {
    const { call } = await connect();

    const past = await call('list_clusters', { offset: 3 });
    const far = await call('list_clusters', { offset: 1_000, detail: 'full' });

    expect(past.structuredContent).toEqual({ clusters: [], note: 'No more clusters from offset 3 on.' });
    expect(far.structuredContent).toEqual({ clusters: [], note: 'No more clusters from offset 1000 on.' });
  });

  test('has nothing to say of a list that is empty', async () => {
    const { call } = await connect({ fetch: async () => Response.json({ type: 'collection', items: [] }) });

    expect((await call('list_clusters')).structuredContent).toEqual({
      clusters: [],
      note: expect.not.stringContaining('No more'),
    });
  });

  test('stops at what a model can take, and goes on from there without a gap', async () => {
    const { call, sandbox } = await connect();
    for (let n = 0; n < 400; n += 1) sandbox.addCluster({ displayName: `cluster ${n} ${'x'.repeat(50)}` });

    const names: string[] = [];
    for (let offset: number | undefined = 0; offset !== undefined; ) {
      const { structuredContent, content } = await call('list_clusters', { limit: 1000, offset });
      const page = structuredContent as { clusters: { displayName: string }[]; nextOffset?: number };
      expect(JSON.stringify(content).length).toBeLessThan(60_000);
      names.push(...page.clusters.map(({ displayName }) => displayName));
      offset = page.nextOffset;
    }

    expect(new Set(names).size).toBe(403);
    expect(names).toHaveLength(403);
  });

  test('requests 100 rows, 25 with detail full, or as many as asked for', async () => {
    const { call, requests } = await connect();

    await call('list_clusters');
    await call('list_clusters', { detail: 'full' });
    await call('list_clusters', { name: 'a b&c', limit: '7', offset: 1 });

    expect(requests.map(({ path }) => path)).toEqual([
      'clusters?limit=100&offset=0',
      'clusters?limit=25&offset=0',
      'clusters?filter.name=a+b%26c&limit=7&offset=1',
    ]);
  });
});

test('get_cluster reads one cluster with all that is known of it', async () => {
  const { call, sandbox } = await connect();
  const { id } = sandbox.addCluster({ displayName: 'billing', cores: 3 });

  const { structuredContent, content } = await call('get_cluster', { clusterId: id });

  expect(structuredContent).toMatchObject({
    id,
    metadata: { state: 'AVAILABLE' },
    properties: { displayName: 'billing', cores: 3 },
  });
  expect(content).toEqual([{ type: 'text', text: JSON.stringify(structuredContent) }]);
});

describe('create_cluster', () => {
  test('orders what was asked for and says how to continue', async () => {
    const { call, sent, pass } = await connect();

    const { structuredContent } = await call('create_cluster', {
      ...order,
      maintenanceWindow: { time: '03:30', dayOfTheWeek: 'Sunday' },
      connectionPooler: { enabled: true, poolMode: 'session' },
      backupLocation: 'de',
    });

    expect(structuredContent).toMatchObject({
      outcome: 'started',
      cluster: {
        metadata: { state: 'BUSY' },
        properties: { displayName: 'shop', maintenanceWindow: { time: '03:30:00 UTC' } },
      },
      note: 'Being created: call wait_for_cluster until it is AVAILABLE.',
    });
    expect(sent()).toMatchObject([{ method: 'POST', path: 'clusters', body: { properties: order } }]);

    pass(10_000);
    const { id } = (structuredContent as { cluster: { id: string } }).cluster;
    const later = await call('get_cluster', { clusterId: id });
    expect(later.structuredContent).toMatchObject({ metadata: { state: 'AVAILABLE' } });
  });

  test('takes numbers, booleans and digits in either type', async () => {
    const { call, sent } = await connect();
    const [connection] = order.connections;

    const { structuredContent } = await call('create_cluster', {
      ...order,
      postgresVersion: 16,
      ram: '4096',
      connections: [{ ...connection, lanId: 2 }],
      connectionPooler: { enabled: 'false' },
    });

    expect(structuredContent).toMatchObject({ outcome: 'started' });
    expect(sent()[0]?.body).toEqual({ properties: { ...order, connectionPooler: { enabled: false } } });
  });

  test('never shows the password again', async () => {
    const { call, log } = await connect();

    const result = await call('create_cluster', order);
    const refused = await call('create_cluster', { ...order, ram: 1 });

    expect(JSON.stringify([result, refused, log])).not.toContain(order.credentials.password);
  });

  test('warns of what only some sources allow, and orders it', async () => {
    const { call } = await connect({
      fetch: readable(async () => Response.json({ id: 'x', metadata: { state: 'BUSY' }, properties: {} })),
    });
    const [connection] = order.connections;

    const { structuredContent } = await call('create_cluster', {
      ...order,
      ram: 2048,
      connections: [{ ...connection, cidr: '10.210.0.3/24' }],
    });

    expect(structuredContent).toMatchObject({
      outcome: 'started',
      plan: {
        effects: expect.arrayContaining([expect.stringContaining('4096'), expect.stringContaining('10.208.0.0/12')]),
      },
    });
  });

  test('fills the cluster from a backup at a point in time', async () => {
    const { call, sent } = await connect();
    const fromBackup = {
      backupId: 'b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041-q7m2x9a-16',
      recoveryTargetTime: new Date(Date.now() - 86_400_000).toISOString(),
    };

    const { structuredContent } = await call('create_cluster', { ...order, fromBackup });

    expect(sent()[0]?.body).toMatchObject({ properties: { fromBackup } });
    expect(structuredContent).toMatchObject({
      outcome: 'started',
      note: expect.stringMatching(/not documented which users of the backup the new cluster has.*list_users/),
    });
  });

  test('speaks of no other users where the cluster begins empty', async () => {
    const { call } = await connect();

    const { structuredContent } = await call('create_cluster', order);

    expect(JSON.stringify(structuredContent)).not.toMatch(/users of the backup/);
  });
});

describe('update_cluster', () => {
  test('sends only what changes', async () => {
    const { call, sandbox, sent } = await connect();
    const { id } = sandbox.addCluster({ cores: 2 });

    const { structuredContent } = await call('update_cluster', { clusterId: id, cores: 4, displayName: 'renamed' });

    expect(sent()).toMatchObject([
      { method: 'PATCH', path: `clusters/${id}`, body: { properties: { cores: 4, displayName: 'renamed' } } },
    ]);
    expect(structuredContent).toMatchObject({
      outcome: 'started',
      plan: {
        changes: [
          { property: 'displayName', to: 'renamed' },
          { property: 'cores', from: 2, to: 4 },
        ],
      },
      note: expect.stringContaining('wait_for_cluster'),
    });
  });

  test('warns when the change leaves too few instances for the mode', async () => {
    const { call, sandbox } = await connect();
    const { id } = sandbox.addCluster({ instances: 3, synchronizationMode: 'STRICTLY_SYNCHRONOUS' });

    const { structuredContent } = await call('update_cluster', { clusterId: id, instances: 1 });

    expect(structuredContent).toMatchObject({
      plan: { effects: expect.arrayContaining([expect.stringMatching(/STRICTLY_SYNCHRONOUS with 1 instances/)]) },
    });
  });

  test('detaches a cluster by an empty list of connections', async () => {
    const { call, sandbox, pass } = await connect();
    const { id } = sandbox.addCluster();

    await call('update_cluster', { clusterId: id, connections: [] });
    pass(10_000);

    expect(sandbox.cluster(id).properties.connections ?? []).toEqual([]);
  });
});

test('delete_cluster deletes the cluster it is given and no other', async () => {
  const { call, sandbox } = await connect();
  const orders = sandbox.addCluster({ displayName: 'orders' });
  const billing = sandbox.addCluster({ displayName: 'billing' });

  const { structuredContent } = await call('delete_cluster', { clusterId: orders.id });

  expect(structuredContent).toMatchObject({
    outcome: 'started',
    cluster: { id: orders.id, metadata: { state: 'DESTROYING' } },
  });
  expect(sandbox.cluster(billing.id).metadata.state).toBe('AVAILABLE');
});

describe('versions', () => {
  test('list_postgres_versions lists what a new cluster can have', async () => {
    const { call, requests } = await connect();

    const { structuredContent } = await call('list_postgres_versions');

    expect(structuredContent).toMatchObject({ versions: ['14', '15', '16', '17'] });
    expect(requests).toMatchObject([{ path: 'clusters/postgresversions' }]);
  });

  test('list_postgres_versions falls back once the deprecated route is gone', async () => {
    const { call, sandbox, requests } = await connect();
    sandbox.failNext({ kind: 404 });

    const { structuredContent } = await call('list_postgres_versions');

    expect(structuredContent).toMatchObject({ versions: ['14', '15', '16', '17'] });
    expect(requests.map(({ path }) => path)).toEqual(['clusters/postgresversions', 'versions']);
  });

  test('list_cluster_versions and its deprecated sister list those of one cluster', async () => {
    const { call, sandbox, requests } = await connect();
    const { id } = sandbox.addCluster({ postgresVersion: '15' });

    const now = await call('list_cluster_versions', { clusterId: id });
    const deprecated = await call('list_cluster_postgres_versions', { clusterId: id });

    expect(now.structuredContent).toMatchObject({ versions: expect.arrayContaining(['16', '17']) });
    expect(deprecated.structuredContent).toMatchObject({ versions: expect.arrayContaining(['15', '16', '17']) });
    expect(requests.map(({ path }) => path)).toEqual([`clusters/${id}/versions`, `clusters/${id}/postgresversions`]);
  });
});

test('a rename to the name of another cluster says what that leads to', async () => {
  const { call } = await connect();
  const rename = (displayName: string) => call('update_cluster', { clusterId: 'orders', displayName, dryRun: true });
  const { structuredContent } = await call('list_clusters', { name: 'legacy-crm' });
  const [{ id }] = (structuredContent as { clusters: [{ id: string }] }).clusters;

  expect(JSON.stringify((await rename('legacy-crm')).structuredContent)).toContain(
    `The name is also that of ${id}: no call finds any of them by it, until only one has it.`,
  );
  expect(JSON.stringify((await rename(' LEGACY-CRM')).structuredContent)).toContain('also that of');
  expect(JSON.stringify((await rename('legacy')).structuredContent)).not.toContain('also that of');
});

describe('under the sandbox', () => {
  test('every write says that no real cluster was touched', async () => {
    const { call, sandbox } = await connect({ isSandbox: true });
    const { id } = sandbox.addCluster();
    const note = { note: expect.stringMatching(/^Sandbox: /) };

    expect((await call('create_cluster', order)).structuredContent).toMatchObject(note);
    expect((await call('update_cluster', { clusterId: id, displayName: 'x' })).structuredContent).toMatchObject(note);
    expect((await call('delete_cluster', { clusterId: id })).structuredContent).toMatchObject(note);
  });
});

describe('arguments that break a rule are named, and nothing is sent', () => {
  const [connection] = order.connections;
  const cidr = (value: unknown) => ({ connections: [{ ...connection, cidr: value }] });
  const user = (username: string) => ({ credentials: { ...order.credentials, username } });
  const window = (time: string, dayOfTheWeek = 'Monday') => ({ maintenanceWindow: { time, dayOfTheWeek } });

  test.each<[change: Record<string, unknown>, words: RegExp]>([
    [{ ram: 4 }, /ram \(4\): must be at least 2048.*4 GB is 4096/],
    [{ ram: 5000 }, /ram \(5000\): must be a multiple of 1024/],
    [{ ram: [] }, /ram: must be a number/],
    [{ ram: '4GB' }, /ram \("4GB"\): must be a number\. The unit is MB: "4GB" is 4096$/m],
    [{ ram: '8 gib' }, /"8 gib" is 8192$/m],
    [{ storageSize: '2 TB' }, /storageSize \("2 TB"\): must be a number\. The unit is MB: "2 TB" is 2097152$/m],
    [{ storageSize: '20480 MB' }, /"20480 MB" is 20480$/m],
    [{ storageSize: 'a lot' }, /storageSize \("a lot"\): must be a number$/m],
    [{ cores: 0 }, /cores \(0\): must be at least 1/],
    [{ cores: 1.5 }, /cores \(1.5\): must be a whole number/],
    [{ instances: 0 }, /instances \(0\): must be at least 1/],
    [{ instances: 6 }, /instances \(6\): must be at most 5/],
    [{ storageSize: 20 }, /storageSize \(20\): must be at least 2048.*20 GB is 20480/],
    [
      { storageType: 'SSD_PREMIUM' },
      /storageType \("SSD_PREMIUM"\): must be one of: HDD, SSD, SSD Standard, SSD Premium/,
    ],
    [{ synchronizationMode: 'SYNCHRONOUS' }, /synchronizationMode \("SYNCHRONOUS"\): must be one of: ASYNC/],
    [
      { synchronizationMode: 'STRICTLY_SYNCHRONOUS', instances: 2 },
      /synchronizationMode \("STRICTLY_SYNCHRONOUS"\): needs at least 3 instances/,
    ],
    [{ displayName: '' }, /displayName \(""\): must not be empty/],
    [{ connections: [] }, /connections: must have exactly one entry/],
    [{ connections: [connection, connection] }, /connections: must have exactly one entry/],
    [
      { connections: [{ ...connection, lanid: '2' }] },
      /connections\[0\]\.lanid: is not a known argument; did you mean lanId/,
    ],
    [cidr('192.168.1.100'), /cidr \("192.168.1.100"\): needs the prefix length.*192.168.1.100\/24/],
    [cidr('192.168.1.300/24'), /must be an IPv4 address/],
    [cidr('192.168.1.100/33'), /must end in a prefix length/],
    [cidr('192.168.1.100/24/1'), /must end in a prefix length/],
    [cidr('2001:db8::1/64'), /must be an IPv4 address/],
    [cidr('10.233.0.1/24'), /which IONOS reserves/],
    [cidr('10.233.114.9/24'), /which IONOS reserves/],
    [
      user('postgres'),
      /credentials.username \("postgres"\): must not be a name that IONOS reserves: postgres, admin, standby/,
    ],
    [user('admin'), /must not be a name that IONOS reserves/],
    [user('standby'), /must not be a name that IONOS reserves/],
    [user(''), /username \(""\): must not be empty/],
    [
      { credentials: { username: 'x', password: 'short-pw!' } },
      /credentials.password: must have at least 10 characters/,
    ],
    [{ credentials: 'planted-secret' }, /credentials: must be an object/],
    [window('25:00:00'), /time \("25:00:00"\): must be a UTC time HH:MM:SS/],
    [window('03:30:00', 'mon'), /dayOfTheWeek \("mon"\): must be one of: Sunday/],
    [{ connectionPooler: { enabled: 'no' } }, /enabled \("no"\): must be true or false/],
    [{ connectionPooler: { enabled: true, poolMode: 'statement' } }, /poolMode.*must be one of: transaction, session/],
    [{ fromBackup: { backupId: 'a/b' } }, /backupId \("a\/b"\): must be 1 to 128/],
    [{ fromBackup: { backupId: 'a', recoveryTargetTime: 'yesterday' } }, /recoveryTargetTime.*ISO 8601/],
    [{ fromBackup: { backupId: 'a', recoveryTargetTime: '2026-03-04T05:06:07' } }, /recoveryTargetTime.*with its zone/],
    [{ colour: 'blue' }, /colour: is not a known argument\. Known: displayName/],
  ])('create_cluster with %j', async (change, words) => {
    const { call, requests, log } = await connect();

    const text = errorOf(await call('create_cluster', { ...order, ...change }));

    expect(text).toMatch(words);
    expect(text).toMatch(/^Nothing was sent\./);
    expect(text).not.toMatch(/short-pw!|planted/);
    expect(requests).toEqual([]);
    expect(log).toMatchObject([{ tool: 'create_cluster', outcome: 'refused', audit: true }]);
  });

  test.each<[change: Record<string, unknown>, words: RegExp]>([
    [{}, /Give at least one property to change/],
    [{ location: 'de/fra' }, /location: cannot be changed after creation/],
    [{ storageType: 'HDD' }, /storageType: cannot be changed/],
    [{ backupLocation: 'de' }, /backupLocation: cannot be changed/],
    [{ fromBackup: {} }, /fromBackup: cannot be changed/],
    [{ connections: [connection, connection] }, /connections: must have one entry, or none/],
    [{ connections: null }, /Give at least one property to change/],
    [{ connections: '[' }, /connections \("\["\): must be an array$/],
    [{ instances: 2, synchronizationMode: 'STRICTLY_SYNCHRONOUS' }, /needs at least 3 instances/],
    [{ ram: 4 }, /4 GB is 4096/],
  ])('update_cluster with %j', async (change, words) => {
    const { call, requests } = await connect();

    expect(errorOf(await call('update_cluster', { clusterId: SOME_CLUSTER, ...change }))).toMatch(words);
    expect(requests).toEqual([]);
  });

  test.each(['..', '.', '', 'a/b', 'a%2Fb', 'a?x=1', 'a#x', '../versions', 'a b', 'ä', 'x'.repeat(129), null, {}])(
    'an ID like %j cannot leave its place',
    async (clusterId) => {
      const { call, requests } = await connect();
      const tools = ['get_cluster', 'delete_cluster', 'list_cluster_versions', 'list_cluster_postgres_versions'];

      for (const tool of tools) expect(errorOf(await call(tool, { clusterId }))).toMatch(/clusterId/);
      expect(errorOf(await call('update_cluster', { clusterId, cores: 1 }))).toMatch(/clusterId/);

      expect(requests.filter(({ path }) => path !== LOOK_UP)).toEqual([]);
    },
  );

  test('what no single property shows is named beside what one does', async () => {
    const { call } = await connect();

    const text = errorOf(
      await call('create_cluster', { ...order, synchronizationMode: 'STRICTLY_SYNCHRONOUS', ram: 4 }),
    );

    expect(text).toMatch(/needs at least 3 instances/);
    expect(text).toMatch(/4 GB is 4096/);
  });

  test('a null is an argument left out, as some clients mean it', async () => {
    const { call, sent } = await connect();

    await call('create_cluster', {
      ...order,
      backupLocation: null,
      connectionPooler: { enabled: true, poolMode: null },
    });

    expect(sent()[0]?.body).toEqual({ properties: { ...order, connectionPooler: { enabled: true } } });
  });

  test.each(['backups', 'postgresversions'])('%s is no ID, but another place of the API', async (clusterId) => {
    const { call, requests } = await connect();

    expect(errorOf(await call('get_cluster', { clusterId }))).toContain('is not the name of a cluster');
    expect(requests.map(({ path }) => path)).toEqual([LOOK_UP]);
  });

  test('keys that some clients put in are dropped', async () => {
    const { call } = await connect();
    const injected = { toolCallId: '1', sessionId: '2', action: '3', chatInput: '4', _sessionID: '5' };

    const { structuredContent } = await call('list_postgres_versions', injected);

    expect(structuredContent).toMatchObject({ versions: expect.any(Array) });
  });
});
