import { describe, expect, test } from 'vitest';
import { BACKUP, EXAMPLE, PASSWORD } from './operations.ts';
import { type Body, NOON, world } from './world.ts';

/**
 * Requests as IONOS's command line sends them: ionosctl of July 2026, which ran against the sandbox once with each of its
 * commands for PostgreSQL, with a recorder between. It puts a line feed after each JSON body, names `connections` in every
 * change, adds `depth` when it waits, then without an Accept header, and the contract number where it is set.
 */
const READS = { authorization: 'Bearer any', accept: 'application/json' };
const WRITES = { ...READS, 'content-type': 'application/json' };
const WAITS = { authorization: 'Bearer any', 'x-contract-number': '31234567' };

const DATACENTER = '6e1f4b0d-93a7-4c28-8d15-70b2f9ce3a46';
const CLUSTER = `/clusters/${EXAMPLE}`;

function commandLine() {
  const { fetch, pass } = world({ settleMs: 5000 });
  const request = async (method: string, path: string, init: RequestInit) => {
    const response = await fetch(method, path, init);
    const text = await response.text();
    return { status: response.status, body: (text ? JSON.parse(text) : undefined) as Body & { href: string } };
  };
  const write = (method: string, path: string, body?: unknown) =>
    request(
      method,
      path,
      body === undefined ? { headers: READS } : { headers: WRITES, body: `${JSON.stringify(body)}\n` },
    );
  return {
    read: (path: string) => request('GET', path, { headers: READS }),
    write,
    /** What it does every 5 seconds until the state says AVAILABLE or, after a removal, 404 */
    wait: async (path: string) => {
      const states: (number | string)[] = [];
      for (const ms of [0, 5000]) {
        pass(ms);
        const { status, body } = await request('GET', `${path}?depth=1`, { headers: WAITS });
        states.push(status === 200 ? body.metadata.state : status);
      }
      return states;
    },
  };
}

const CREATE = {
  connections: [{ cidr: '192.168.1.127/24', datacenterId: DATACENTER, lanId: '2' }],
  cores: 2,
  credentials: { password: PASSWORD, username: 'testuser1234' },
  displayName: 'UnnamedCluster',
  instances: 1,
  location: 'de/fra',
  postgresVersion: '15',
  ram: 4096,
  storageSize: 20_480,
  storageType: 'HDD',
  synchronizationMode: 'ASYNCHRONOUS',
};

test.each([
  ['with its defaults', {}],
  [
    'with all it can say',
    {
      backupLocation: 'de',
      storageType: 'SSD Standard',
      maintenanceWindow: { dayOfTheWeek: 'Sunday', time: '16:30:59' },
      postgresVersion: '16',
      fromBackup: { backupId: BACKUP, recoveryTargetTime: '2026-10-31T05:06:07.5+02:00' },
    },
  ],
])('an order %s settles while it waits', async (_, more) => {
  const { write, wait } = commandLine();

  const { status, body } = await write('POST', '/clusters', { properties: { ...CREATE, ...more } });

  expect(status).toBe(200);
  expect(await wait(`/clusters/${body.id}`)).toEqual(['BUSY', 'AVAILABLE']);
});

test.each([
  ['its size', { connections: null, cores: 4, ram: 8192, storageSize: 40_960 }],
  ['its address', { connections: [{ cidr: '192.168.1.111/24', datacenterId: DATACENTER, lanId: '7' }] }],
  ['its network, which is removed', { connections: [] }],
  ['its name', { connections: null, displayName: 'renamed' }],
  ['its maintenance window', { connections: null, maintenanceWindow: { dayOfTheWeek: 'Monday', time: '12:00:00' } }],
  ['its version', { connections: null, postgresVersion: '17' }],
  ['its instances', { connections: null, instances: 2 }],
])('a change of %s settles while it waits', async (_, properties) => {
  const { write, wait } = commandLine();

  expect((await write('PATCH', CLUSTER, { properties })).status).toBe(200);

  expect(await wait(CLUSTER)).toEqual(['BUSY', 'AVAILABLE']);
});

test.each([
  ['users', { username: 'CLI-User-x', password: PASSWORD }, 'CLI-User-x'],
  ['users', { username: 'a b/c%ü', password: PASSWORD }, 'a%20b%2Fc%25%C3%BC'],
  ['databases', { name: 'test-dbname-x', owner: 'reporting' }, 'test-dbname-x'],
])(
  'it waits for new %s at their href, then for the cluster above, and removes them',
  async (kind, properties, name) => {
    const { write, read, wait } = commandLine();

    const { status, body } = await write('POST', `${CLUSTER}/${kind}`, { properties });

    expect(status).toBe(200);
    expect(body.href).toMatch(new RegExp(`${CLUSTER}/${kind}/${name}$`));
    expect(await wait(body.href)).toEqual([undefined, undefined]);
    expect((await wait(CLUSTER)).at(-1)).toBe('AVAILABLE');
    expect((await read(`${CLUSTER}/${kind}/${name}`)).body.href).toBe(body.href);
    expect((await write('DELETE', `${CLUSTER}/${kind}/${name}`)).status).toBe(204);
  },
);

test('a restore is taken, and a removal is over when the cluster is not found', async () => {
  const { write, wait } = commandLine();
  const recoveryTargetTime = '2026-10-31T13:56:28.5Z';

  expect((await write('POST', `${CLUSTER}/restore`, { backupId: BACKUP, recoveryTargetTime })).status).toBe(202);
  expect(await wait(CLUSTER)).toEqual(['BUSY', 'AVAILABLE']);
  expect((await write('DELETE', CLUSTER)).status).toBe(200);
  expect(await wait(CLUSTER)).toEqual(['DESTROYING', 404]);
});

describe('what it reads is there:', () => {
  const hoursAgo = (hours: number) => encodeURIComponent(new Date(NOON - hours * 3_600_000).toISOString());

  test.each([
    '/clusters',
    '/clusters?filter.name=ORDERS',
    // The SDK's other parameters, which the API does not know
    '/clusters?depth=1&limit=50&offset=0&order-by=name&filter.state=BUSY',
    `${CLUSTER}?depth=1`,
    '/clusters/postgresversions',
    `${CLUSTER}/postgresversions`,
    '/clusters/backups',
    `/clusters/backups/${BACKUP}`,
    `${CLUSTER}/backups`,
    '/infos/version',
    '/infos/versions',
    `${CLUSTER}/users?system=true`,
    `${CLUSTER}/users?system=false`,
    `${CLUSTER}/users/reporting`,
    `${CLUSTER}/databases`,
    `${CLUSTER}/databases/shop`,
    `${CLUSTER}/logs?direction=BACKWARD&limit=100&start=${hoursAgo(20)}`,
    `${CLUSTER}/logs?direction=FORWARD&end=${hoursAgo(1)}&limit=3&start=${hoursAgo(20)}`,
  ])('%s', async (path) => {
    const { read } = commandLine();

    expect((await read(path)).status).toBe(200);
  });
});
