import fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { type ClusterProperties, createSandbox } from '../../../src/sandbox/index.ts';
import type { ChangeFacts } from '../../../src/tools/plans/facts.ts';
import { ANALYTICS, BACKUP, OF_ANALYTICS, ORDERS } from '../../helpers/backups.ts';
import { connect, errorOf } from '../../helpers/connect.ts';
import { order, unplaced } from '../../helpers/orders.ts';
import { changeOutside } from '../../helpers/outside-change.ts';
import { factsOf, planOf } from '../../helpers/plans.ts';
import { SOME_CLUSTER } from '../../helpers/some-cluster.ts';

const planIn = ({ structuredContent }: { structuredContent?: unknown }) => Object(structuredContent).plan;

test.each([
  [ANALYTICS, { instances: 1 }, 'needs_confirmation'],
  [ANALYTICS, { instances: 1, synchronizationMode: 'ASYNCHRONOUS' }, 'started'],
  [ORDERS, { synchronizationMode: 'STRICTLY_SYNCHRONOUS' }, 'needs_confirmation'],
  [ORDERS, { displayName: 'other' }, 'started'],
])(
  'a change of %s asks before strict replication is left with too few instances: %j',
  async (clusterId, values, outcome) => {
    const { call } = await connect({ confirm: 'destructive' });

    const { structuredContent } = await call('update_cluster', { clusterId, ...values });

    expect(structuredContent).toMatchObject({ outcome });
  },
);

describe('a preview', () => {
  const shop = { clusterId: ORDERS, name: 'shop' };
  const reporting = { clusterId: ORDERS, username: 'reporting' };
  const password = 'correct-horse-battery';

  test.each<[tool: string, args: Record<string, unknown>]>([
    ['create_cluster', order],
    ['update_cluster', { clusterId: ORDERS, cores: 4, storageSize: 30_720 }],
    ['delete_cluster', { clusterId: ORDERS }],
    ['restore_cluster', { clusterId: ORDERS, backupId: BACKUP }],
    ['create_database', { ...shop, name: 'stock', owner: 'reporting' }],
    ['delete_database', shop],
    ['create_user', { ...reporting, username: 'app', password }],
    ['update_user', { ...reporting, password }],
    ['delete_user', reporting],
  ])('of %s shows the words of the plan and no more, asks nobody and sends nothing', async (tool, args) => {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const world = { confirm: 'destructive', requireHuman: true, seesNetworks: false } as const;
    const { call, sandbox, sent, log } = await connect(world);
    const before = sandbox.cluster(ORDERS);

    const { structuredContent } = await call(tool, { ...args, dryRun: 'true' });

    const { summary, changes, effects } = await planOf(tool, args, sandbox);
    const plan = { summary, effects, ...(changes && { changes }) };
    expect(structuredContent).toEqual({ outcome: 'preview', plan, note: 'Nothing was sent.' });
    expect(sent()).toEqual([]);
    expect(sandbox.cluster(ORDERS)).toEqual(before);
    expect(log).toMatchObject([{ outcome: 'preview', audit: true }]);
  });

  test('stays within what a model can take, whatever the names', async () => {
    const { call, sandbox } = await connect();
    const { id } = sandbox.addCluster({ displayName: 'x'.repeat(400_000) });
    const calls = [
      call('delete_cluster', { clusterId: id, dryRun: true }),
      call('update_cluster', { clusterId: id, displayName: 'y'.repeat(400_000), dryRun: true }),
      call('create_cluster', { ...order, displayName: 'z'.repeat(400_000), dryRun: true }),
      call('wait_for_cluster', { clusterId: id, until: 'BUSY', wait: 0 }),
    ];

    for (const result of await Promise.all(calls)) expect(JSON.stringify(result).length).toBeLessThan(12_000);
  });

  test('says that nothing would be done where nothing has to be', async () => {
    const { call, sandbox, sent } = await connect();
    const { id } = sandbox.addCluster({ cores: 2 });

    for (const [dryRun, outcome] of [
      [true, 'preview'],
      [false, 'done'],
    ] as const) {
      const { structuredContent } = await call('update_cluster', { clusterId: id, cores: 2, dryRun });
      expect(structuredContent).toMatchObject({
        outcome,
        note: expect.stringContaining('already has these values. Nothing was sent'),
      });
    }
    expect(sent()).toEqual([]);
  });
});

describe('the plan of a change', () => {
  /** What an update would do to a cluster with these properties. */
  async function changeOf(present: Partial<ClusterProperties>, change: object) {
    const sandbox = createSandbox();
    const { id } = sandbox.addCluster(present);
    const facts = await factsOf('change', 'update_cluster', { clusterId: id, ...change }, sandbox);
    expect(facts.cluster).toEqual({ id, displayName: sandbox.cluster(id).properties.displayName });
    return facts;
  }

  const [{ datacenterId, lanId }] = unplaced.connections;
  const connection = { datacenterId, lanId, cidr: '192.168.1.100/24' };
  const elsewhere = { ...connection, lanId: '5' };
  const both = [connection, elsewhere];
  const readdressed = { ...connection, cidr: '192.168.1.9/24' };
  const pooler = { enabled: false, poolMode: 'transaction' };
  const session = { enabled: true, poolMode: 'session' as const };

  test.each<[present: Partial<ClusterProperties>, values: ChangeFacts['values'], facts: Partial<ChangeFacts>]>([
    [
      { instances: 2, cores: 2 },
      [{ property: 'cores', from: 2, to: 4 }],
      { effects: ['replace-nodes'], interruption: 'switchover' },
    ],
    [
      { instances: 1, ram: 4096 },
      [{ property: 'ram', from: 4096, to: 8192 }],
      { effects: ['replace-only-node'], interruption: 'unknown' },
    ],
    [{ instances: 1 }, [{ property: 'instances', from: 1, to: 3 }], { effects: [], interruption: 'unknown' }],
    [
      { instances: 3 },
      [{ property: 'instances', from: 3, to: 1 }],
      { effects: ['remove-standbys', 'last-standby'], interruption: 'possible-switchover' },
    ],
    [
      { storageSize: 20_480 },
      [{ property: 'storageSize', from: 20_480, to: 30_720 }],
      { effects: ['grow-storage'], interruption: 'none' },
    ],
    [
      { postgresVersion: '15' },
      [{ property: 'postgresVersion', from: '15', to: '17' }],
      { effects: ['upgrade'], interruption: 'unknown' },
    ],
    [
      {},
      [{ property: 'connections', from: [connection], to: [] }],
      { effects: ['detach'], interruption: 'unreachable' },
    ],
    [
      { connections: [] },
      [{ property: 'connections', from: [], to: [readdressed] }],
      { effects: ['attach'], interruption: 'none' },
    ],
    [
      {},
      [{ property: 'connections', from: [connection], to: [elsewhere] }],
      { effects: ['move'], interruption: 'connections-break' },
    ],
    [
      {},
      [{ property: 'connections', from: [connection], to: [readdressed] }],
      { effects: ['readdress'], interruption: 'connections-break' },
    ],
    [
      { connections: both },
      [{ property: 'connections', from: both, to: [connection] }],
      { effects: ['move'], interruption: 'connections-break' },
    ],
    [
      { displayName: 'a' },
      [{ property: 'displayName', from: 'a', to: 'b' }],
      { effects: ['rename'], interruption: 'unknown' },
    ],
    [
      { connectionPooler: session },
      [{ property: 'connectionPooler', from: session, to: { enabled: false } }],
      { effects: ['pooler-off'], interruption: 'connections-break' },
    ],
    [
      { connectionPooler: session },
      [{ property: 'connectionPooler', from: session, to: { poolMode: 'transaction' } }],
      { effects: ['pooler-mode'], interruption: 'unknown' },
    ],
    [
      {},
      [{ property: 'connectionPooler', from: pooler, to: { enabled: true } }],
      { effects: [], interruption: 'unknown' },
    ],
    [
      { instances: 3 },
      [{ property: 'synchronizationMode', from: 'ASYNCHRONOUS', to: 'STRICTLY_SYNCHRONOUS' }],
      { effects: [], interruption: 'unknown' },
    ],
    [
      { instances: 1 },
      [
        { property: 'instances', from: 1, to: 3 },
        { property: 'synchronizationMode', from: 'ASYNCHRONOUS', to: 'STRICTLY_SYNCHRONOUS' },
      ],
      { effects: ['scale-before-mode'], interruption: 'unknown' },
    ],
    [
      { instances: 3, synchronizationMode: 'STRICTLY_SYNCHRONOUS' },
      [{ property: 'instances', from: 3, to: 2 }],
      { effects: ['remove-standbys'], warnings: [{ about: 'synchronizationMode', instances: 2 }] },
    ],
    [
      { instances: 3, ram: 4096 },
      [
        { property: 'instances', from: 3, to: 2 },
        { property: 'ram', from: 4096, to: 2048 },
        { property: 'connections', from: [connection], to: [] },
      ],
      {
        effects: ['detach', 'replace-nodes', 'remove-standbys'],
        interruption: 'unreachable',
        warnings: [{ about: 'ram' }],
      },
    ],
  ])('of %j: %j', async (present, values, { warnings = [], ...facts }) => {
    const change = Object.fromEntries(values.map(({ property, to }) => [property, to]));

    const planned = await changeOf(present, change);

    expect(planned).toMatchObject({ ...facts, values, warnings });
    const { instances, cores, ram, storageSize } = {
      instances: 1,
      cores: 2,
      ram: 4096,
      storageSize: 20_480,
      ...present,
      ...change,
    };
    const isSized = values.some(({ property }) => ['instances', 'cores', 'ram', 'storageSize'].includes(property));
    const total = { instances, cores: cores * instances, ram: ram * instances, storageSize: storageSize * instances };
    expect(planned.size).toEqual(isSized ? { each: { instances, cores, ram, storageSize }, total } : undefined);
  });

  test('has each property that changes, and none that is so already', async () => {
    const { values } = await changeOf(
      { cores: 2, ram: 4096, displayName: 'a' },
      {
        cores: 2,
        ram: 8192,
        displayName: 'a',
        instances: 2,
        maintenanceWindow: { time: '12:15:19', dayOfTheWeek: 'Monday' },
      },
    );

    expect(values.map(({ property }) => property)).toEqual(['instances', 'ram']);
  });

  test('that takes one of two connections away needs a yes', async () => {
    const { call, sandbox, sent } = await connect({ confirm: 'destructive', requireHuman: true });
    const { id } = sandbox.addCluster({ connections: both });

    const asked = await call('update_cluster', { clusterId: id, connections: [connection] });

    expect(errorOf(asked)).toMatch(/^Nothing was sent/);
    expect(sent()).toEqual([]);
  });

  test('that attaches a detached cluster needs no yes', async () => {
    const { call, sandbox } = await connect({ confirm: 'destructive', requireHuman: true });
    const { id } = sandbox.addCluster({ connections: [] });

    const done = await call('update_cluster', { clusterId: id, connections: unplaced.connections });

    expect(done.structuredContent).toMatchObject({ outcome: 'started' });
  });
});

describe('the plan of an order', () => {
  const { credentials, ...ordered } = order;
  const window = { time: '03:30:00', dayOfTheWeek: 'Sunday' };

  test('has all that is ordered but the password, over all instances, and what is left to the service', async () => {
    const large = { instances: 3, cores: 4, ram: 8192, storageSize: 51_200 };

    const facts = await factsOf('order', 'create_cluster', { ...order, ...large });

    expect(facts).toEqual({
      kind: 'order',
      order: { ...ordered, ...large },
      size: { each: large, total: { instances: 3, cores: 12, ram: 24_576, storageSize: 153_600 } },
      defaults: ['backupLocation', 'maintenanceWindow', 'connectionPooler'],
      cost: { afterwards: expect.objectContaining({ complete: true, currency: 'EUR' }) },
      preset: [],
      doubts: [{ about: 'place-unread', reason: '403' }],
      silent: [],
      username: credentials.username,
      warnings: [],
    });
    expect(JSON.stringify(facts)).not.toContain(credentials.password);
  });

  test('leaves nothing to the service that is given, and has what IONOS may refuse', async () => {
    const chosen = { backupLocation: 'de', maintenanceWindow: window, connectionPooler: { enabled: true } };
    const connections = [{ ...order.connections[0], cidr: '10.210.0.3/24' }];
    const odd = { ram: 2048, storageSize: 3_000_000, connections };

    const facts = await factsOf('order', 'create_cluster', { ...order, ...chosen, ...odd });

    expect(facts).toMatchObject({ order: chosen, defaults: [] });
    expect(facts.warnings).toEqual([
      { about: 'ram' },
      { about: 'storageSize' },
      { about: 'cidr', cidr: '10.210.0.3/24' },
    ]);
  });

  test('says where a password will be that is made', async () => {
    const args = { ...order, credentials: { username: 'owner' } };

    expect(await factsOf('order', 'create_cluster', args, { credentialsDir: '/keys' })).toMatchObject({
      newPassword: { folder: '/keys' },
    });
  });

  test('is refused for a version that is not offered, and names a cluster that it could be mistaken for', async () => {
    const { call, sandbox } = await connect({ seesNetworks: false });
    const text = errorOf(await call('create_cluster', { ...order, postgresVersion: '99', dryRun: true }));
    expect(text).toMatch(/postgresVersion \("99"\): is not offered; IONOS offers: 14, 15, 16, 17/);

    const first = Object((await call('create_cluster', order)).structuredContent).cluster;
    const next = { ...order, connections: [{ ...order.connections[0], cidr: '192.168.1.8/24' }] };
    const result = await call('create_cluster', { ...next, dryRun: true });
    const { lookalike } = await factsOf('order', 'create_cluster', { ...next, dryRun: true }, sandbox);
    const twice = { ...next, allowDuplicate: true };

    expect(result.structuredContent).toMatchObject({ outcome: 'preview' });
    expect(lookalike).toEqual({ id: first.id, displayName: 'shop', createdDate: first.metadata.createdDate });
    expect((await factsOf('order', 'create_cluster', twice, sandbox)).lookalike).toBeUndefined();
  });
});

test('the plan of a deletion has what is lost, and what could bring it back until when', async () => {
  const facts = await factsOf('deletion', 'delete_cluster', { clusterId: ANALYTICS });

  const day = 86_400_000;
  const each = { instances: 3, cores: 8, ram: 32_768, storageSize: 512_000 };
  expect(facts).toMatchObject({
    cluster: { id: ANALYTICS, displayName: 'analytics-prod' },
    postgresVersion: '15',
    location: 'de/fra',
    size: { each, total: { instances: 3, cores: 24, ram: 98_304, storageSize: 1_536_000 } },
    wayBack: { by: 'backup', backups: [{ id: OF_ANALYTICS, postgresVersion: '15', reach: { goesOn: true } }] },
  });
  expect(Math.floor((Date.parse(facts.at) - Date.parse(facts.createdDate ?? '')) / day)).toBe(410);
});

describe('an update is held against the live cluster, and refused where that cannot take it', () => {
  test.each<[present: Partial<ClusterProperties>, change: object, words: RegExp]>([
    [
      { storageSize: 40_960 },
      { storageSize: 20_480 },
      /storageSize \(20480\): can only grow; the cluster has 40960 MB/,
    ],
    [{ postgresVersion: '16' }, { postgresVersion: '15' }, /postgresVersion \("15"\): is older than the cluster's 16/],
    [
      { postgresVersion: '16' },
      { postgresVersion: '18' },
      /postgresVersion \("18"\): is not offered; IONOS offers: 17/,
    ],
    [{ postgresVersion: '17' }, { postgresVersion: 'new' }, /"new"\): is not offered; IONOS offers: none/],
    [
      { storageSize: 40_960, postgresVersion: '16' },
      { storageSize: 2048, postgresVersion: '14' },
      /storageSize.*\n.*postgresVersion/,
    ],
  ])('%j with %j', async (present, change, words) => {
    for (const how of [{}, { dryRun: true }]) {
      const { call, sandbox, sent, log } = await connect();
      const { id } = sandbox.addCluster(present);

      const text = errorOf(await call('update_cluster', { clusterId: id, ...change, ...how }));

      expect(text).toMatch(/^Nothing was sent\. Correct this and call again:\n/);
      expect(text).toMatch(words);
      expect(sent()).toEqual([]);
      expect(log).toMatchObject([{ outcome: 'refused', audit: true }]);
    }
  });

  test('that is BUSY', async () => {
    const { call, sandbox, sent, pass } = await connect();
    const { id } = sandbox.addCluster({ displayName: 'shop' });
    await changeOutside(sandbox, id, { cores: 8 });

    const text = errorOf(await call('update_cluster', { clusterId: id, ram: 8192 }));

    expect(text).toBe(
      `Nothing was sent. The cluster "shop" (${id}) is BUSY with another change. Call wait_for_cluster until it is AVAILABLE, then call again.`,
    );
    expect(sent()).toEqual([]);
    pass(10_000);
    expect((await call('update_cluster', { clusterId: id, ram: 8192 })).isError).toBeFalsy();
  });

  test('that is being deleted, which a second deletion leaves alone', async () => {
    const { call, sandbox, sent } = await connect();
    const { id } = sandbox.addCluster();
    await call('delete_cluster', { clusterId: id });

    expect(errorOf(await call('update_cluster', { clusterId: id, ram: 8192 }))).toMatch(/is being deleted/);
    const again = await call('delete_cluster', { clusterId: id });

    expect(again.structuredContent).toMatchObject({ outcome: 'started', note: expect.stringContaining('already') });
    expect(sent()).toHaveLength(1);
  });

  test.each(['DEGRADED', 'FAILED', 'UNKNOWN'])(
    'but not one that is %s: whether that takes changes, the service says',
    async (state) => {
      const cluster = { id: SOME_CLUSTER, metadata: { state }, properties: { cores: 2 } };
      const { call, sent } = await connect({ fetch: async () => Response.json(cluster) });

      expect((await call('update_cluster', { clusterId: SOME_CLUSTER, cores: 4 })).structuredContent).toMatchObject({
        outcome: 'started',
      });
      expect(sent()).toHaveLength(1);
    },
  );
});

test('what a preview says of a change is what the API makes of it, and what it refuses the API refuses', async () => {
  const sizing = {
    instances: fc.integer({ min: 1, max: 5 }),
    cores: fc.integer({ min: 1, max: 8 }),
    ram: fc.integer({ min: 4, max: 16 }).map((gigabytes) => gigabytes * 1024),
    storageSize: fc.integer({ min: 20, max: 24 }).map((gigabytes) => gigabytes * 1024),
  };
  const versions = fc.constantFrom('14', '15', '16', '17', '18');
  const connection = fc.record({
    datacenterId: fc.constantFrom('6e1f4b0d-93a7-4c28-8d15-70b2f9ce3a46', 'd41f7a90-2e6b-4c35-97d8-0b5a1c3e8f27'),
    lanId: fc.constantFrom('1', '2'),
    cidr: fc.constantFrom('192.168.1.17/24', '192.168.1.7/24'),
  });
  const properties = {
    displayName: fc.constantFrom('a', 'b'),
    ...sizing,
    synchronizationMode: fc.constantFrom('ASYNCHRONOUS' as const, 'STRICTLY_SYNCHRONOUS' as const),
    connections: fc.array(connection, { maxLength: 1 }),
    connectionPooler: fc.record({
      enabled: fc.boolean(),
      poolMode: fc.constantFrom('transaction' as const, 'session' as const),
    }),
  };
  const present = fc.record({ ...properties, postgresVersion: fc.constantFrom('14', '15', '16', '17') });
  const change = fc.record({ ...properties, postgresVersion: versions }, { requiredKeys: [] });
  const tooFew = ({ synchronizationMode, instances = 5 }: { synchronizationMode?: string; instances?: number }) =>
    synchronizationMode === 'STRICTLY_SYNCHRONOUS' && instances < 3;
  let [accepted, refused] = [0, 0];

  await fc.assert(
    fc.asyncProperty(present, change, fc.boolean(), async (present, change, busy) => {
      fc.pre(Object.keys(change).length > 0 && !tooFew(change));
      const { call, sandbox } = await connect({ seesNetworks: false });
      const { id } = sandbox.addCluster(present);
      if (busy) await changeOutside(sandbox, id, { displayName: 'c' });

      const preview = await call('update_cluster', { clusterId: id, ...change, dryRun: true });
      const made = await changeOutside(sandbox, id, change).then(
        () => true,
        () => false,
      );

      expect(!preview.isError, JSON.stringify(preview.content)).toBe(made);
      if (!made) {
        refused += 1;
        return;
      }
      accepted += 1;
      const after: Record<string, unknown> = { ...sandbox.cluster(id).properties };
      const changes: { property: string; to?: unknown }[] = planIn(preview)?.changes ?? [];
      for (const { property, to } of changes) {
        expect(after[property]).toEqual(to);
      }
      const before: Record<string, unknown> = { ...present };
      const named = Object.keys(change).filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
      expect(changes.map(({ property }) => property).sort()).toEqual(named.sort());
    }),
    { numRuns: 300 },
  );
  expect(Math.min(accepted, refused)).toBeGreaterThan(40);
}, 60_000);
