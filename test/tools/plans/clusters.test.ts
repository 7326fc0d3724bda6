import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ClusterProperties } from '../../../src/sandbox/index.ts';
import { connect, errorOf } from '../../helpers/connect.ts';
import { order } from '../../helpers/orders.ts';
import { changeOutside } from '../../helpers/outside-change.ts';

interface Plan {
  summary: string;
  changes?: { property: string; from?: string; to: string }[];
  effects: string[];
}

const planIn = ({ structuredContent }: { structuredContent?: unknown }): Plan => Object(structuredContent).plan;

describe('a preview', () => {
  /** What an update would do to a cluster with these properties. */
  async function previewOf(present: Partial<ClusterProperties>, change: object) {
    const { call, sandbox, sent, log } = await connect({ confirm: 'destructive', requireHuman: true });
    const { id } = sandbox.addCluster(present);
    const before = sandbox.cluster(id);

    const result = await call('update_cluster', { clusterId: id, ...change, dryRun: true });

    expect(result.structuredContent).toMatchObject({ outcome: 'preview', note: 'Nothing was sent.' });
    expect(sent()).toEqual([]);
    expect(sandbox.cluster(id)).toEqual(before);
    expect(log).toMatchObject([{ outcome: 'preview', audit: true }]);
    return planIn(result);
  }

  const [connection] = order.connections;

  test.each<[present: Partial<ClusterProperties>, change: object, changes: Plan['changes'], effects: RegExp]>([
    [
      { cores: 2 },
      { cores: 4 },
      [{ property: 'cores', from: '2', to: '4' }],
      /nodes are replaced, with one switchover/,
    ],
    [
      { ram: 4096 },
      { ram: 8192 },
      [{ property: 'ram', from: '4096', to: '8192' }],
      /one switchover.*8192 MB of memory/,
    ],
    [
      { instances: 1 },
      { instances: 3 },
      [{ property: 'instances', from: '1', to: '3' }],
      /^Size: 3 × 2 cores.*in all 6 cores, 12288 MB/,
    ],
    [
      { instances: 3 },
      { instances: 1 },
      [{ property: 'instances', from: '3', to: '1' }],
      /Standbys are removed.*switchover/,
    ],
    [
      { storageSize: 20480 },
      { storageSize: 30720 },
      [{ property: 'storageSize', from: '20480', to: '30720' }],
      /without a stop, and never shrinks/,
    ],
    [
      { postgresVersion: '15' },
      { postgresVersion: 17 },
      [{ property: 'postgresVersion', from: '15', to: '17' }],
      /for good, there is no way back.*new backup/,
    ],
    [
      {},
      { connections: [] },
      [{ property: 'connections', from: expect.stringContaining('"lanId":"2"'), to: '[]' }],
      /detached from its network: nobody reaches/,
    ],
    [
      {},
      { connections: [{ ...connection, lanId: 5 }] },
      [expect.objectContaining({ to: expect.stringContaining('"lanId":"5"') })],
      /leaves its present LAN/,
    ],
    [
      {},
      { connections: [{ ...connection, cidr: '192.168.1.9/24' }] },
      [expect.objectContaining({ property: 'connections' })],
      /address changes: open connections break/,
    ],
    [{ displayName: 'a' }, { displayName: 'b' }, [{ property: 'displayName', from: 'a', to: 'b' }], /^$/],
    [
      {},
      { connectionPooler: { enabled: true } },
      [{ property: 'connectionPooler', from: '{"enabled":false,"poolMode":"transaction"}', to: '{"enabled":true}' }],
      /^$/,
    ],
    [
      { instances: 3 },
      { synchronizationMode: 'STRICTLY_SYNCHRONOUS' },
      [{ property: 'synchronizationMode', from: 'ASYNCHRONOUS', to: 'STRICTLY_SYNCHRONOUS' }],
      /^$/,
    ],
    [
      { instances: 3, synchronizationMode: 'STRICTLY_SYNCHRONOUS' },
      { instances: 2 },
      [{ property: 'instances', from: '3', to: '2' }],
      /STRICTLY_SYNCHRONOUS with 2 instances: it needs 3.*read-only/,
    ],
  ])('of %j with %j', async (present, change, changes, effects) => {
    const plan = await previewOf(present, change);

    expect(plan.summary).toMatch(/^Change the PostgreSQL cluster .*\(.*\)\.$/);
    expect(plan.changes).toEqual(changes);
    expect(plan.effects.join(' ')).toMatch(effects);
  });

  test('of attaching a detached cluster speaks of no LAN that it leaves, and asks nobody', async () => {
    const plan = await previewOf({ connections: [] }, { connections: [connection] });
    expect(plan.effects).toEqual(['The cluster is attached to this LAN.']);

    const { call, sandbox } = await connect({ confirm: 'destructive', requireHuman: true });
    const { id } = sandbox.addCluster({ connections: [] });
    const done = await call('update_cluster', { clusterId: id, connections: [connection] });
    expect(done.structuredContent).toMatchObject({ outcome: 'done' });
  });

  test('of scaling and switching the mode at once advises to do one after the other', async () => {
    const both = { instances: 3, synchronizationMode: 'STRICTLY_SYNCHRONOUS' };

    expect((await previewOf({ instances: 1 }, both)).effects.join(' ')).toMatch(
      /advises to scale to 3 instances first/,
    );
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

  test('of an order names a version that is not offered, and a cluster that it could be mistaken for', async () => {
    const { call } = await connect();
    const text = errorOf(await call('create_cluster', { ...order, postgresVersion: '99', dryRun: true }));
    expect(text).toMatch(/postgresVersion \("99"\): is not offered; offered are: 14, 15, 16, 17/);

    await call('create_cluster', order);
    const result = await call('create_cluster', { ...order, dryRun: true });
    expect(result.structuredContent).toMatchObject({ outcome: 'preview' });
    expect(planIn(result).effects.join()).toMatch(
      /Without allowDuplicate it would not be sent: shop \(.*\) was ordered/,
    );
  });

  test('names each property that changes, and none that is so already', async () => {
    const plan = await previewOf(
      { cores: 2, ram: 4096, displayName: 'a' },
      {
        cores: 2,
        ram: 8192,
        displayName: 'a',
        instances: 2,
        maintenanceWindow: { time: '12:15:19', dayOfTheWeek: 'Monday' },
      },
    );

    expect(plan.changes?.map(({ property }) => property)).toEqual(['instances', 'ram']);
  });

  test('of an order tells all that it takes, over all instances', async () => {
    const { call, sent } = await connect();

    const result = await call('create_cluster', {
      ...order,
      instances: 3,
      cores: 4,
      ram: 8192,
      storageSize: 51200,
      dryRun: 'true',
    });

    expect(result.structuredContent).toMatchObject({ outcome: 'preview' });
    const { summary, effects } = planIn(result);
    expect(summary).toBe('Order the PostgreSQL 16 cluster shop in de/txl, which costs money until it is deleted.');
    expect(effects).toEqual([
      'Size: 3 × 4 cores, 8192 MB of memory and 51200 MB of storage; in all 12 cores, 24576 MB of memory and 153600 MB of storage.',
    ]);
    expect(sent()).toEqual([]);
  });

  test('of a deletion tells what is lost', async () => {
    const { call, sent } = await connect();

    const result = await call('delete_cluster', { clusterId: '7c9e2d54-8b1f-4a63-b0d7-5e3f19a8c462', dryRun: true });

    const { summary, effects } = planIn(result);
    expect(summary).toContain('analytics-prod (7c9e2d54-8b1f-4a63-b0d7-5e3f19a8c462) with all its databases');
    expect(effects[0]).toMatch(/^PostgreSQL 15 in de\/fra, since \d{4}-\d\d-\d\dT\S+, 410 days ago\.$/);
    expect(effects[1]).toMatch(/^Size: 3 × 8 cores, 32768 MB of memory and 512000 MB of storage; in all 24 cores/);
    expect(sent()).toEqual([]);
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
        note: expect.stringContaining('like that already. Nothing was sent'),
      });
    }
    expect(sent()).toEqual([]);
  });
});

describe('an update is held against the live cluster, and refused where that cannot take it', () => {
  test.each<[present: Partial<ClusterProperties>, change: object, words: RegExp]>([
    [
      { storageSize: 40_960 },
      { storageSize: 20_480 },
      /storageSize \(20480\): can only grow, and the cluster has 40960 MB/,
    ],
    [{ postgresVersion: '16' }, { postgresVersion: '15' }, /postgresVersion \("15"\): is older than 16/],
    [{ postgresVersion: '16' }, { postgresVersion: '18' }, /postgresVersion \("18"\): is not offered; offered are: 17/],
    [{ postgresVersion: '17' }, { postgresVersion: 'new' }, /"new"\): is not offered; offered are: none/],
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
      `Nothing was sent. The cluster shop (${id}) is BUSY with another change. Call wait_for_cluster until it is AVAILABLE, then call again.`,
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

    expect(again.structuredContent).toMatchObject({ outcome: 'done', note: expect.stringContaining('already') });
    expect(sent()).toHaveLength(1);
  });

  test.each(['DEGRADED', 'FAILED', 'UNKNOWN'])(
    'but not one that is %s: whether that takes changes, the service says',
    async (state) => {
      const cluster = { id: 'c-1', metadata: { state }, properties: { cores: 2 } };
      const { call, sent } = await connect({ fetch: async () => Response.json(cluster) });

      expect((await call('update_cluster', { clusterId: 'c-1', cores: 4 })).structuredContent).toMatchObject({
        outcome: 'done',
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
    cidr: fc.constantFrom('192.168.1.100/24', '192.168.1.7/24'),
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
      const { call, sandbox } = await connect();
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
      const changes = planIn(preview)?.changes ?? [];
      for (const { property, to } of changes) {
        const value = after[property];
        expect(typeof value === 'string' ? value : JSON.stringify(value)).toBe(to);
      }
      const before: Record<string, unknown> = { ...present };
      const named = Object.keys(change).filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
      expect(changes.map(({ property }) => property).sort()).toEqual(named.sort());
    }),
    { numRuns: 300 },
  );
  expect(Math.min(accepted, refused)).toBeGreaterThan(40);
}, 60_000);
