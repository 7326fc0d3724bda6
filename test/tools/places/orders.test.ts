import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Fetch } from '../../../src/api/client.ts';
import { createSandbox } from '../../../src/sandbox/index.ts';
import { connect, errorOf } from '../../helpers/connect.ts';
import { hurried } from '../../helpers/fake-clock.ts';
import { order, unplaced } from '../../helpers/orders.ts';

const ORDERS = 'b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041';
const SETTLED_MS = 120_000;
const STAGING = { datacenterId: '3c95b7d2-6a40-4f18-b2e7-91d8c0f4a563', lanId: '1' };
const SHOP = unplaced.connections[0];

type Fields = Record<string, unknown>;
type Connected = Awaited<ReturnType<typeof connect>>;

const outcomeOf = (result: unknown) => (result as { structuredContent: Fields }).structuredContent;
const planOf = (result: unknown) => outcomeOf(result).plan as { arguments?: Fields; effects: string[] };
const sentBy = ({ sent }: Connected) =>
  sent().map(({ body }) => (body as { properties: Fields }).properties) as (Fields & {
    connections: { cidr: string }[];
  })[];

/** No more than this has to be said. */
const few = { displayName: 'shop', connections: [SHOP], credentials: order.credentials };

/** The sandbox, but for what `instead` answers of the Compute API. */
function withCompute(instead: (url: URL, signal: AbortSignal) => Response | Promise<Response> | undefined): Fetch {
  const sandbox = createSandbox();
  return async (request, init) => {
    const url = new URL(request.url);
    const other = url.pathname.startsWith('/cloudapi/') ? instead(url, init.signal) : undefined;
    return (await other) ?? sandbox.fetch(new Request(request, init));
  };
}

describe('what an order leaves open', () => {
  test('is chosen here, shown, and sent whole', async () => {
    const host = await connect();

    const plan = planOf(await host.call('create_cluster', few));

    expect(sentBy(host)).toEqual([
      {
        displayName: 'shop',
        postgresVersion: '17',
        location: 'de/txl',
        instances: 1,
        cores: 2,
        ram: 4096,
        storageSize: 20_480,
        storageType: 'SSD Standard',
        synchronizationMode: 'ASYNCHRONOUS',
        connections: [{ ...SHOP, cidr: '192.168.1.4/24' }],
        credentials: order.credentials,
      },
    ]);
    expect(plan.arguments).toMatchObject({ location: 'de/txl', connections: [{ cidr: '192.168.1.4/24' }] });
    expect(plan.effects.join(' ')).toMatch(/Chosen by this server, because nothing else was said: .*cores/);
  });

  test('is part of what a person agrees to, with the same call or with the values of the plan', async () => {
    const host = await connect({ confirm: 'writes' });
    const { confirmationToken, plan } = outcomeOf(await host.call('create_cluster', few)) as Fields & {
      plan: { arguments: Fields };
    };

    const again = { ...few, ...plan.arguments, confirmationToken };
    expect(outcomeOf(await host.call('create_cluster', again))).toMatchObject({ outcome: 'started' });

    const second = { ...few, displayName: 'blog' };
    const { confirmationToken: token } = outcomeOf(await host.call('create_cluster', second));
    expect(outcomeOf(await host.call('create_cluster', { ...second, confirmationToken: token }))).toMatchObject({
      outcome: 'started',
    });
    expect(sentBy(host).map(({ connections }) => connections[0]?.cidr)).toEqual(['192.168.1.4/24', '192.168.1.5/24']);
  });

  test('is planned anew where the address is taken in between, and said so', async () => {
    const host = await connect({ confirm: 'writes' });
    const { confirmationToken } = outcomeOf(await host.call('create_cluster', few));
    host.sandbox.addCluster({ connections: [{ ...SHOP, cidr: '192.168.1.4/24' }] });

    const next = outcomeOf(await host.call('create_cluster', { ...few, confirmationToken }));

    expect(next).toMatchObject({
      outcome: 'needs_confirmation',
      note: expect.stringMatching(
        /not valid for this call.*may have changed, for example because an address is now in use/,
      ),
    });
    expect(planOf({ structuredContent: next }).arguments).toMatchObject({ connections: [{ cidr: '192.168.1.5/24' }] });
    expect(host.sent()).toEqual([]);
  });

  test('is another address for each of several orders at once', async () => {
    const host = await connect();

    const results = await Promise.all(
      [1, 2, 3, 4, 5].map((n) => host.call('create_cluster', { ...few, displayName: `shop-${n}` })),
    );

    expect(results.map((result) => outcomeOf(result).outcome)).toEqual(Array(5).fill('started'));
    expect(new Set(sentBy(host).map(({ connections }) => connections[0]?.cidr)).size).toBe(5);
  });

  test('is another address for orders at once that name the data center in other words', async () => {
    const host = await connect();
    const places = ['shop', 'SHOP', SHOP.datacenterId, SHOP.datacenterId.toUpperCase()];

    await Promise.all(
      places.map((datacenterId, n) =>
        host.call('create_cluster', { ...few, displayName: `shop-${n}`, connections: [{ datacenterId, lanId: '2' }] }),
      ),
    );

    expect(new Set(sentBy(host).map(({ connections }) => connections[0]?.cidr)).size).toBe(4);
  });

  test('takes the name of a data center', async () => {
    const host = await connect();

    await host.call('create_cluster', { ...few, connections: [{ datacenterId: 'SHOP', lanId: '2' }] });

    expect(sentBy(host)[0]?.connections).toEqual([{ ...SHOP, cidr: '192.168.1.4/24' }]);
  });
});

describe('a place that cannot be one', () => {
  const inLan = (more: object) => ({ connections: [{ ...SHOP, ...more }] });
  test.each<[change: Fields, words: RegExp]>([
    [inLan({ lanId: '1' }), /lanId \("1"\): is public/],
    [inLan({ lanId: '9' }), /lanId \("9"\): the data center "shop" has no such LAN/],
    [inLan({ cidr: '192.168.1.0/24' }), /the address of the network itself.*Free: 192\.168\.1\.4\/24/],
    [inLan({ cidr: '192.168.1.255/24' }), /the broadcast address/],
    [inLan({ cidr: '192.168.1.100/24' }), /in use by the cluster "orders"/],
    [inLan({ cidr: '192.168.1.11/24' }), /in use \(NICs\)/],
    [inLan({ datacenterId: 'nowhere' }), /connections\[0\]\.datacenterId \("nowhere"\): there is no such data center/],
    [inLan({ datacenterId: ORDERS }), /there is no such data center/],
    [{ location: 'us/las' }, /location \("us\/las"\): the data center lies in "de\/txl"/],
    [{ connections: undefined }, /connections: is needed/],
  ])('%j is refused, and nothing is sent', async (change, words) => {
    const { call, sent } = await connect();

    expect(errorOf(await call('create_cluster', { ...few, ...change }))).toMatch(words);
    expect(sent()).toEqual([]);
  });

  test('is refused for a change as well, but for the own address', async () => {
    const host = await connect();
    const move = (cidr?: string) =>
      host.call('update_cluster', { clusterId: ORDERS, connections: [{ ...SHOP, cidr }] });

    expect(errorOf(await move('192.168.1.12/24'))).toMatch(/in use \(NICs\)/);
    expect(outcomeOf(await move('192.168.1.100/24'))).toMatchObject({ outcome: 'done' });
    expect(outcomeOf(await move())).toMatchObject({ outcome: 'done' });
    expect(outcomeOf(await move('192.168.1.7/24'))).toMatchObject({ outcome: 'started' });
    host.pass(SETTLED_MS);
  });
});

test.each([
  ['its name', 'Shop'],
  ['its ID in capitals', SHOP.datacenterId.toUpperCase()],
])('a cluster keeps its address in its own LAN, whose data center is given by %s', async (_, datacenterId) => {
  const host = await connect();

  const answer = await host.call('update_cluster', { clusterId: ORDERS, connections: [{ datacenterId, lanId: '2' }] });

  expect(outcomeOf(answer)).toMatchObject({ outcome: 'done' });
  expect(host.sent()).toEqual([]);
});

test('the address of an order that no list shows yet is refused, and others are named', async () => {
  const { call, sandbox } = await connect();
  const connections = [{ ...SHOP, cidr: '192.168.1.6/24' }];
  await call('create_cluster', { ...few, connections });
  const whole = sandbox.fetch;
  sandbox.fetch = async (request) =>
    /\/clusters(\?|$)/.test(request.url) ? Response.json({ items: [] }) : whole(request);

  const text = errorOf(await call('create_cluster', { ...few, displayName: 'blog', connections, dryRun: true }));

  expect(text).toMatch(/192\.168\.1\.6\/24"\): goes to an order that is under way .*Free: 192\.168\.1\.4\/24/);
});

describe('a cluster that moves', () => {
  const move = (host: Connected, connections: object[], more: object = {}) =>
    host.call('update_cluster', { clusterId: ORDERS, connections, ...more });

  test('is not kept from its own LAN by what it was sent there with', async () => {
    const host = await connect();

    for (const cores of [5, 6]) {
      const answer = await move(host, [{ datacenterId: 'shop', lanId: '2' }], { cores });
      expect(outcomeOf(answer), String(cores)).toMatchObject({ outcome: 'started' });
      host.pass(SETTLED_MS);
    }
    const own = [{ ...SHOP, cidr: '192.168.1.100/24' }];
    expect(sentBy(host).map(({ connections }) => connections)).toEqual([own, own]);
  });

  test('may go back to an address that it had', async () => {
    const host = await connect();

    for (const last of ['7', '8', '7']) {
      const answer = await move(host, [{ ...SHOP, cidr: `192.168.1.${last}/24` }]);
      expect(outcomeOf(answer), last).toMatchObject({ outcome: 'started' });
      host.pass(SETTLED_MS);
    }
  });

  test('has its address for itself before any list shows it', async () => {
    const host = await connect();
    await move(host, [{ ...SHOP, cidr: '192.168.1.4/24' }]);
    const whole = host.sandbox.fetch;
    host.sandbox.fetch = async (request) =>
      /\/clusters(\?|$)/.test(request.url) && request.method === 'GET' ? Response.json({ items: [] }) : whole(request);

    await host.call('create_cluster', few);

    expect(sentBy(host).at(-1)?.connections).toEqual([{ ...SHOP, cidr: '192.168.1.5/24' }]);
  });
});

test('an order is checked for enough instances with those that were left out', async () => {
  const { call, sent } = await connect();
  const synchronizationMode = 'STRICTLY_SYNCHRONOUS';

  expect(errorOf(await call('create_cluster', { ...few, synchronizationMode }))).toMatch(/needs at least 3 instances/);
  expect(sent()).toEqual([]);
  const three = { ...few, synchronizationMode, instances: 3 };
  expect(outcomeOf(await call('create_cluster', three))).toMatchObject({ outcome: 'started' });
});

test('what a person said is not called chosen', async () => {
  const { call } = await connect();
  const named = { ...few, connections: [{ datacenterId: 'shop', lanId: '2', cidr: '192.168.1.6/24' }], dryRun: true };
  const copy = { displayName: 'x', credentials: few.credentials, copyOf: 'orders', fromBackup: {}, dryRun: true };

  const chosen = async (args: Record<string, unknown>) => planOf(await call('create_cluster', args)).effects.join('\n');

  expect(await chosen(named)).not.toMatch(/Chosen by this server[^\n]*connections/);
  expect(await chosen({ ...few, dryRun: true })).toMatch(/Chosen by this server[^\n]*connections\[0\]\.cidr/);
  expect(await chosen(copy)).toMatch(/Chosen by this server[^\n]*fromBackup\.backupId/);
  expect(await chosen(copy)).toMatch(/Taken from "orders"[^\n]*connections/);
});

test('the location of an order may be in other letters, and goes out in those of IONOS', async () => {
  const { call, sandbox } = await connect();

  const answer = Object((await call('create_cluster', { ...few, location: 'DE/TXL' })).structuredContent);

  expect(sandbox.cluster(answer.cluster.id)?.properties.location).toBe('de/txl');
});

test('a move to a data center elsewhere names it, and where the cluster stays', async () => {
  const { call } = await connect();

  const text = errorOf(await call('update_cluster', { clusterId: ORDERS, connections: [STAGING] }));

  expect(text).toMatch(
    /connections\[0\]\.datacenterId \(.*\): the data center lies in "de\/fra", and the cluster stays in "de\/txl"/,
  );
});

test('a place that is wrong is not called full as well', async () => {
  const { call } = await connect();

  const text = errorOf(await call('create_cluster', { ...few, location: 'de/txl', connections: [STAGING] }));

  expect(text).toMatch(/the data center lies in "de\/fra"/);
  expect(text).not.toMatch(/free|cannot be read/);
});

test("another cluster's address is refused where networks cannot be read too", async () => {
  const { call, sent } = await connect({ seesNetworks: false });

  const connections = [{ ...SHOP, cidr: '192.168.1.100/24' }];
  expect(errorOf(await call('create_cluster', { ...order, connections }))).toMatch(/in use by the cluster "orders"/);
  expect(sent()).toEqual([]);
});

describe('what the service may take', () => {
  test.each<[cidr: string, words: RegExp]>([
    ['192.168.1.1/24', /first address of the LAN, which a gateway often has/],
    ['192.168.1.77/24', /DHCP may hand 192\.168\.1\.77\/24 out/],
    ['10.9.9.5/24', /outside 192\.168\.1\.0\/24/],
  ])('%s is planned with a warning', async (cidr, words) => {
    const { call } = await connect({ api: 'auto' });

    const plan = planOf(await call('create_cluster', { ...few, connections: [{ ...SHOP, cidr }], dryRun: true }));

    expect(plan.effects.join('\n')).toMatch(words);
  });

  test('has no warning where nothing is in doubt', async () => {
    const { call } = await connect({ api: 'auto' });

    const plan = planOf(await call('create_cluster', { ...few, dryRun: true }));

    expect(plan.effects.join('\n')).not.toMatch(/not checked|Could not be read|DHCP|outside/);
  });
});

describe('where the Compute API', () => {
  const failures: [string, Parameters<typeof withCompute>[0], RegExp][] = [
    ...[401, 403, 404, 500].map((status): [string, Parameters<typeof withCompute>[0], RegExp] => [
      `answers ${status}`,
      () => Response.json({ messages: [] }, { status }),
      new RegExp(`could not be read \\(${status}\\)`),
    ]),
    ['answers with something else', () => Response.json({ hello: 'world' }), /see no data centers|usable/],
    ['shows nothing', () => Response.json({ items: [] }), /see no data centers/],
  ];
  test.each(failures)('%s, an order goes on unchecked and says so', async (_, instead, words) => {
    const { call, sent } = await connect({ fetch: withCompute(instead) });

    const result = await hurried(() => call('create_cluster', { ...order, dryRun: true }));
    const ordered = await hurried(() => call('create_cluster', order));
    const unplaced = await hurried(() => call('create_cluster', { ...few, displayName: 'x' }));

    expect(planOf(result).effects.join('\n')).toMatch(words);
    expect(outcomeOf(ordered)).toMatchObject({ outcome: 'started' });
    expect(errorOf(unplaced)).toMatch(/no address can be chosen/);
    expect(sent()).toHaveLength(1);
  });
});

describe('a copy', () => {
  test('has the size, version, network and settings of the other cluster, and an address of its own', async () => {
    const host = await connect();
    const { displayName, credentials } = few;

    const plan = planOf(await host.call('create_cluster', { displayName, credentials, copyOf: 'Orders', cores: 1 }));

    const { properties } = host.sandbox.cluster(ORDERS);
    const { instances, ram, storageSize, storageType, postgresVersion, location } = properties;
    expect(sentBy(host)[0]).toMatchObject({
      ...{ displayName: 'shop', instances, ram, storageSize, storageType, postgresVersion, location, cores: 1 },
      connections: [{ ...SHOP, cidr: '192.168.1.4/24' }],
    });
    expect(sentBy(host)[0]).not.toHaveProperty('copyOf');
    expect(plan.effects.join('\n')).toMatch(/Taken from "orders" \(.*\): .*ram/);
  });

  test('has the content too, from the backup that the other writes to', async () => {
    const host = await connect();
    const { backups } = outcomeOf(await host.call('list_cluster_backups', { clusterId: ORDERS })) as {
      backups: { id: string }[];
    };
    const { displayName, credentials } = few;

    await host.call('create_cluster', { displayName, credentials, copyOf: ORDERS, fromBackup: {} });

    expect(sentBy(host)[0]?.fromBackup).toEqual({ backupId: backups[0]?.id });
  });

  test('from a backup alone has the version of that, and says what becomes of it in a newer one', async () => {
    const { call } = await connect();
    const { backups } = outcomeOf(await call('list_cluster_backups', { clusterId: 'legacy-crm' })) as {
      backups: { id: string }[];
    };
    const filled = { ...few, fromBackup: { backupId: backups[0]?.id }, dryRun: true };

    const same = planOf(await call('create_cluster', filled));
    const newer = planOf(await call('create_cluster', { ...filled, postgresVersion: '17' }));

    expect(same.arguments).toMatchObject({ postgresVersion: '14' });
    expect(same.effects.join('\n')).toContain('storageSize is only the default');
    expect(same.effects.join('\n')).not.toContain('major upgrade');
    expect(newer.effects.join('\n')).toContain('The content becomes one of PostgreSQL 17: a major upgrade');
  });

  test('of nothing has no backup of its own accord', async () => {
    const { call } = await connect();

    expect(errorOf(await call('create_cluster', { ...few, fromBackup: {} }))).toMatch(
      /fromBackup\.backupId: is needed/,
    );
  });

  test('of a cluster on v2 with its content is ordered there', async () => {
    const host = await connect({ api: 'auto' });
    const credentials = { username: 'stock', password: 'planted-Password-1*' };
    const copyOf = '5d7f1c28-9e4a-4b63-a1d0-8c2e6f4b7a15';

    const result = await host.call('create_cluster', { displayName: 'rehearsal', credentials, copyOf, fromBackup: {} });

    expect(outcomeOf(result)).toMatchObject({ outcome: 'started', cluster: { api: 'v2' } });
    expect(sentBy(host)[0]).toMatchObject({
      name: 'rehearsal',
      instances: { count: 2, cores: 4, ram: 8, storageSize: 100 },
      restoreFromBackup: { sourceBackupId: expect.any(String) },
    });
  });
});

describe('a value that no order can have', () => {
  const INVENTORY = '5d7f1c28-9e4a-4b63-a1d0-8c2e6f4b7a15';
  const { displayName } = few;
  const copy = {
    displayName,
    credentials: { username: 'shop_owner', password: 'planted-Password-1*' },
    dryRun: true,
  };

  /** The sandbox, but for these properties of what is copied. */
  function withProperties(id: string, properties: () => Fields): Fetch {
    const sandbox = createSandbox();
    return async (request, init) => {
      const response = await sandbox.fetch(new Request(request, init));
      if (!new URL(request.url).pathname.endsWith(`/clusters/${id}`) || !response.ok) return response;
      const cluster = Object(await response.json());
      return Response.json({ ...cluster, properties: { ...cluster.properties, ...properties() } });
    };
  }

  const copying = async (id: string, properties: Fields, more: Fields = {}) => {
    const { call } = await connect({ api: 'auto', fetch: withProperties(id, () => properties) });
    return planOf(await call('create_cluster', { ...copy, copyOf: id, ...more }));
  };

  const LONG = 'word '.repeat(1_000);

  test.each<[name: string, id: string, properties: Fields, instead: unknown]>([
    ['description', INVENTORY, { description: LONG }, undefined],
    ['backupLocation', INVENTORY, { backup: { location: LONG, retentionDays: 7 } }, 'eu-central-3'],
    ['postgresVersion', ORDERS, { postgresVersion: '1'.repeat(501) }, '17'],
    ['location', ORDERS, { location: LONG }, 'de/txl'],
    ['storageType', ORDERS, { storageType: 'Tape' }, 'SSD Standard'],
    ['synchronizationMode', ORDERS, { synchronizationMode: 'SOMEHOW' }, 'ASYNCHRONOUS'],
    ['maintenanceWindow', ORDERS, { maintenanceWindow: { time: 'noon', dayOfTheWeek: 'Monday' } }, undefined],
    ['connectionPooler', ORDERS, { connectionPooler: { enabled: true, poolMode: LONG } }, undefined],
    ['ram', ORDERS, { ram: 4_500 }, 4_096],
  ])('is not copied, and the plan says so: %s', async (name, id, properties, instead) => {
    const plan = await copying(id, properties);

    expect(plan.effects).toContain(`Not copied, because this server takes no such value, or none so long: ${name}.`);
    expect(plan.arguments?.[name]).toEqual(instead);
    expect(JSON.stringify(plan).length).toBeLessThan(5_000);
  });

  test('is no matter where the call has another', async () => {
    const plan = await copying(INVENTORY, { description: 'x'.repeat(5_000) }, { description: 'short' });

    expect(plan.effects.join('\n')).not.toContain('Not copied');
  });

  test('is copied as the argument that it becomes', async () => {
    const plan = await copying(ORDERS, { maintenanceWindow: { time: '16:30:59Z', dayOfTheWeek: 'Monday' } });

    expect(plan.arguments?.maintenanceWindow).toEqual({ time: '16:30:59', dayOfTheWeek: 'Monday' });
  });

  test('of a data center is not taken either', async () => {
    const compute = withCompute((url) =>
      url.pathname.endsWith('/datacenters')
        ? Response.json({ items: [{ id: SHOP?.datacenterId, properties: { location: 'x'.repeat(1_000) } }] })
        : undefined,
    );
    const { call } = await connect({ fetch: compute });

    expect(errorOf(await call('create_cluster', few))).toMatch(/location: is needed/);
  });

  test('leaves a plan whose arguments can be sent back, whatever the API says of the cluster', async () => {
    let properties: Fields = {};
    const { call } = await connect({ fetch: withProperties(ORDERS, () => properties) });
    const long = fc.string({ unit: 'grapheme', maxLength: 2_000, size: 'max' });
    const odd = fc.oneof(long, fc.integer(), fc.constant(null), fc.constant({}));
    const oddOr = (...values: unknown[]) => fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...values) }, odd);
    const any = fc.record(
      {
        location: oddOr('de/txl', 'DE/TXL'),
        instances: oddOr(1, 2, 9),
        cores: oddOr(1, 0),
        ram: oddOr(4096, 5000),
        storageSize: oddOr(20_480, 1),
        storageType: oddOr('HDD', 'hdd'),
        synchronizationMode: oddOr('ASYNCHRONOUS'),
        maintenanceWindow: oddOr({ time: '03:30:00 UTC', dayOfTheWeek: 'Monday' }, { time: '03:30' }),
        connectionPooler: oddOr({ enabled: true }, { enabled: 'yes', poolMode: 'session' }),
        backupLocation: oddOr('de'),
      },
      { requiredKeys: [], noNullPrototype: true },
    );

    await fc.assert(
      fc.asyncProperty(any, async (some) => {
        properties = some;
        const first = planOf(await call('create_cluster', { ...copy, copyOf: ORDERS }));
        const again = planOf(await call('create_cluster', { ...copy, copyOf: ORDERS, ...first.arguments }));

        expect(again.arguments).toBeUndefined();
        expect(JSON.stringify(first.arguments).length).toBeLessThan(6_000);
      }),
      { numRuns: 50 },
    );
  });
});

test('the staging data center has room for a cluster', async () => {
  const host = await connect();

  await host.call('create_cluster', { ...few, connections: [STAGING] });

  expect(sentBy(host)[0]).toMatchObject({ location: 'de/fra', connections: [{ cidr: '10.12.30.3/24' }] });
});
