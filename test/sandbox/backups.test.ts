import { describe, expect, test } from 'vitest';
import { BASE, order, world } from './world.ts';

interface Backup {
  id: string;
  metadata: { createdDate: string; state: string };
  properties: {
    clusterId: string;
    version: string;
    isActive: boolean;
    earliestRecoveryTargetTime?: string;
    size: number;
    location: string;
  };
}

const ORDERS = 'b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041';
const DAY = 86_400_000;

function backupWorld(options = { settleMs: 5000 }) {
  const { send, ...rest } = world(options);
  const list = async (path: string) => (await send<{ items: Backup[] }>('GET', path)).body.items;
  return {
    ...rest,
    send,
    ordered: async (properties = {}) => (await send('POST', '/clusters', order(properties))).body.id,
    all: () => list('/clusters/backups'),
    of: (id: string) => list(`/clusters/${id}/backups`),
  };
}

test('each example cluster has a backup with a fixed ID and the window of 7 days', async () => {
  const { send, all } = backupWorld();

  expect((await all()).map(({ id }) => id)).toEqual([
    `${ORDERS}-q7m2x9a-16`,
    '7c9e2d54-8b1f-4a63-b0d7-5e3f19a8c462-d4k8w1z-15',
    'e41a7f08-36d9-4c85-9f2b-d8c05b6a1e97-t6v3n5c-14',
  ]);
  expect((await send('GET', `/clusters/backups/${ORDERS}-q7m2x9a-16`)).body).toEqual({
    type: 'backup',
    id: `${ORDERS}-q7m2x9a-16`,
    metadata: { createdDate: '2026-07-04T12:00:00Z', state: 'AVAILABLE' },
    properties: {
      clusterId: ORDERS,
      version: '16',
      isActive: true,
      earliestRecoveryTargetTime: '2026-10-25T12:00:00Z',
      size: 3008,
      location: 'eu-central-2',
    },
  });
});

test('both lists are pages with links, named after what they list', async () => {
  const { send } = backupWorld();

  const { body } = await send('GET', '/clusters/backups?limit=2');

  expect(body).toMatchObject({ type: 'collection', id: 'backups', offset: 0, limit: 2 });
  expect(body.links.next).toBe(`${BASE}/clusters/backups?limit=2&offset=2`);
  expect((await send('GET', body.links.next)).body.items).toHaveLength(1);
  expect((await send('GET', `/clusters/${ORDERS}/backups`)).body).toMatchObject({
    type: 'collection',
    id: `${ORDERS}/backups`,
    items: [{ id: `${ORDERS}-q7m2x9a-16` }],
  });
});

test('a new cluster has a backup once it is AVAILABLE, and a base to recover from some time later', async () => {
  const { ordered, of, send, pass } = backupWorld();
  const id = await ordered({ backupLocation: 'de' });

  pass(4999);
  expect(await of(id)).toEqual([]);
  pass(1);
  const [backup] = await of(id);
  expect(backup?.id).toMatch(new RegExp(`^${id}-[a-z\\d]{7}-16$`));
  expect(backup?.properties).toMatchObject({ isActive: true, location: 'de' });
  expect(backup?.properties).not.toHaveProperty('earliestRecoveryTargetTime');
  pass(5000);
  expect((await send('GET', `/clusters/backups/${backup?.id}`)).body.properties).toMatchObject({
    earliestRecoveryTargetTime: '2026-11-01T12:00:10Z',
  });
});

test('the first base comes within a minute, however long a cluster takes', async () => {
  const { ordered, of, pass } = backupWorld({ settleMs: 600_000 });
  const id = await ordered();

  pass(660_000);

  expect((await of(id))[0]?.properties.earliestRecoveryTargetTime).toBe('2026-11-01T12:11:00Z');
});

test('the window begins with the first base and is 7 days at most', async () => {
  const { ordered, of, pass } = backupWorld();
  const id = await ordered();
  const earliest = async () => (await of(id))[0]?.properties.earliestRecoveryTargetTime;

  pass(7 * DAY);
  expect(await earliest()).toBe('2026-11-01T12:00:10Z');
  pass(DAY);
  expect(await earliest()).toBe('2026-11-02T12:00:00Z');
});

test('a backup grows slowly and stays smaller than the disk', async () => {
  const { ordered, of, pass } = backupWorld();
  const id = await ordered({ storageSize: 10_240 });
  const sizes: (number | undefined)[] = [];
  for (const days of [1, 29, 2000]) {
    pass(days * DAY);
    sizes.push((await of(id))[0]?.properties.size);
  }

  expect(sizes).toEqual([1032, 1264, 5120]);
});

test('a new version begins a new backup; the old one is kept for 7 days', async () => {
  const { of, send, pass } = backupWorld();
  const old = `${ORDERS}-q7m2x9a-16`;
  await send('PATCH', `/clusters/${ORDERS}`, { properties: { postgresVersion: '17' } });
  const known = async () => (await of(ORDERS)).map(({ properties }) => [properties.version, properties.isActive]);

  expect(await known()).toEqual([['16', false]]);
  pass(5000);
  expect(await known()).toEqual([
    ['16', false],
    ['17', true],
  ]);
  pass(7 * DAY - 5001);
  expect(await known()).toHaveLength(2);
  pass(1);
  expect(await known()).toEqual([['17', true]]);
  expect((await send('GET', `/clusters/backups/${old}`)).status).toBe(404);
});

test.each([{ cores: 4 }, { storageSize: 40_960 }, { displayName: 'x' }])(
  'a change of %j begins none',
  async (properties) => {
    const { of, send, pass } = backupWorld();
    await send('PATCH', `/clusters/${ORDERS}`, { properties });
    pass(60_000);

    expect(await of(ORDERS)).toMatchObject([{ properties: { isActive: true } }]);
  },
);

describe('the backup of a removed cluster', () => {
  test('outlives it by 7 days from the DELETE, but not in the list of the cluster', async () => {
    const { all, of, send, pass } = backupWorld();
    await send('DELETE', `/clusters/${ORDERS}`);
    const known = async () => (await all()).filter(({ properties }) => properties.clusterId === ORDERS);

    expect(await of(ORDERS)).toMatchObject([{ properties: { isActive: false } }]);
    pass(5000);
    expect((await send('GET', `/clusters/${ORDERS}/backups`)).status).toBe(404);
    expect(await known()).toMatchObject([{ properties: { isActive: false } }]);
    pass(7 * DAY - 5001);
    expect(await known()).toMatchObject([{ properties: { earliestRecoveryTargetTime: '2026-11-01T11:59:59Z' } }]);
    pass(1);
    expect(await known()).toEqual([]);
  });

  test('never gets a base if it had none', async () => {
    const { all, ordered, send, pass } = backupWorld();
    const id = await ordered();
    pass(6000);
    await send('DELETE', `/clusters/${id}`);
    pass(60_000);

    const backup = (await all()).find(({ properties }) => properties.clusterId === id);

    expect(backup?.properties).toMatchObject({ isActive: false });
    expect(backup?.properties).not.toHaveProperty('earliestRecoveryTargetTime');
  });

  test('never shows if the cluster was never AVAILABLE', async () => {
    const { all, ordered, send, pass } = backupWorld();
    const id = await ordered();
    pass(1000);
    await send('DELETE', `/clusters/${id}`);
    pass(60_000);

    expect(await all()).toHaveLength(3);
  });
});

test.each(['/clusters/backups/unknown', '/clusters/unknown/backups', '/clusters/backups/versions'])(
  'there is nothing at %s',
  async (path) => {
    const { send } = backupWorld();

    expect((await send('GET', path)).status).toBe(404);
  },
);

test('a cluster that is put there has a backup like any other', async () => {
  const { sandbox, of, pass } = backupWorld();
  const { id } = sandbox.addCluster({ postgresVersion: '14' });

  expect(await of(id)).toMatchObject([{ properties: { version: '14', isActive: true } }]);
  pass(5000);
  expect((await of(id))[0]?.properties.earliestRecoveryTargetTime).toBe('2026-11-01T12:00:05Z');
});
