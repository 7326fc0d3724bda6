import { expect, test } from 'vitest';
import { complaints, order, world } from './world.ts';

const ORDERS = 'b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041';
const BACKUP = `${ORDERS}-q7m2x9a-16`;
const DAY = 86_400_000;

interface Named {
  items: { properties: { username: string; name: string } }[];
}

function restoreWorld() {
  const { send, ...rest } = world({ settleMs: 5000 });
  return {
    ...rest,
    send,
    restore: (body: unknown, id = ORDERS) => send('POST', `/clusters/${id}/restore`, body),
    backups: async (id = ORDERS) => (await send('GET', `/clusters/${id}/backups`)).body.items.map((item) => item.id),
    users: async (id = ORDERS) =>
      (await send<Named>('GET', `/clusters/${id}/users`)).body.items.map(({ properties }) => properties.username),
    databases: async (id = ORDERS) =>
      (await send<Named>('GET', `/clusters/${id}/databases`)).body.items.map(({ properties }) => properties.name),
  };
}

test('a restore is answered without a body, and the cluster is BUSY until it is over', async () => {
  const { sandbox, restore, pass } = restoreWorld();
  const { properties } = sandbox.cluster(ORDERS);

  expect(await restore({ backupId: BACKUP })).toMatchObject({ status: 202, body: undefined });

  expect(sandbox.cluster(ORDERS).metadata.state).toBe('BUSY');
  pass(5000);
  expect(sandbox.cluster(ORDERS)).toMatchObject({ metadata: { state: 'AVAILABLE' }, properties });
});

test('a restore brings back what there was just before a time', async () => {
  const { restore, users, databases } = restoreWorld();
  expect(await databases()).toEqual(['shop', 'shop_staging']);

  await restore({ backupId: BACKUP, recoveryTargetTime: '2026-10-29T12:00:00Z' });

  expect(await databases()).toEqual(['shop']);
  expect(await users()).toEqual(['audit', 'orders_owner', 'reporting']);
});

test('the time is exclusive, and may be written with an offset', async () => {
  const { restore, databases } = restoreWorld();

  await restore({ backupId: BACKUP, recoveryTargetTime: '2026-10-29T13:00:00.001+01:00' });

  expect(await databases()).toEqual(['shop', 'shop_staging']);
});

test('without a time all comes back that the backup holds, even after an upgrade', async () => {
  const { send, restore, pass, databases } = restoreWorld();
  await send('PATCH', `/clusters/${ORDERS}`, { properties: { postgresVersion: '17' } });
  pass(5000);
  await send('DELETE', `/clusters/${ORDERS}/databases/shop`);

  expect((await restore({ backupId: BACKUP })).status).toBe(202);

  expect(await databases()).toEqual(['shop', 'shop_staging']);
  expect((await send('GET', `/clusters/${ORDERS}`)).body.properties.postgresVersion).toBe('17');
});

test('a restore ends the backup, and its successor begins with what was restored', async () => {
  const { send, restore, pass, backups, databases } = restoreWorld();
  await restore({ backupId: BACKUP, recoveryTargetTime: '2026-10-29T12:00:00Z' });
  pass(10_000);

  const [old, fresh] = await backups();

  expect(old).toBe(BACKUP);
  expect((await send('GET', `/clusters/backups/${BACKUP}`)).body.properties).toMatchObject({ isActive: false });
  expect((await send('GET', `/clusters/backups/${fresh}`)).body.properties).toMatchObject({
    isActive: true,
    version: '16',
    earliestRecoveryTargetTime: '2026-11-01T12:00:10Z',
  });
  await send('DELETE', `/clusters/${ORDERS}/databases/shop`);
  await restore({ backupId: fresh });
  expect(await databases()).toEqual([]);
  pass(5000);
  await restore({ backupId: fresh, recoveryTargetTime: '2026-11-01T12:00:10Z' });
  expect(await databases()).toEqual(['shop']);
});

test('what a backup held remains known for its whole window', async () => {
  const { send, restore, pass, databases } = restoreWorld();
  for (const name of ['one', 'two', 'three']) {
    pass(4 * DAY);
    await send('POST', `/clusters/${ORDERS}/databases`, { properties: { name, owner: 'reporting' } });
  }

  await restore({ backupId: BACKUP, recoveryTargetTime: '2026-11-06T12:00:00Z' });

  expect(await databases()).toEqual(['one', 'shop', 'shop_staging']);
});

test('the backup of another cluster serves as well, of a removed one too', async () => {
  const { sandbox, send, restore, pass, users, databases } = restoreWorld();
  const { id } = sandbox.addCluster({ postgresVersion: '17' });
  await send('DELETE', `/clusters/${ORDERS}`);
  pass(DAY);

  expect((await restore({ backupId: BACKUP }, id)).status).toBe(202);

  expect(await users(id)).toEqual(['audit', 'orders_owner', 'reporting']);
  expect(await databases(id)).toEqual(['shop', 'shop_staging']);
});

test('an order from a backup begins with its content and its own user', async () => {
  const { send, users, databases } = restoreWorld();
  const fromBackup = { backupId: BACKUP, recoveryTargetTime: '2026-10-29T12:00:00Z' };

  const { id } = (await send('POST', '/clusters', order({ fromBackup }))).body;

  expect(await users(id)).toEqual(['audit', 'billing_owner', 'orders_owner', 'reporting']);
  expect(await databases(id)).toEqual(['shop']);
  expect(await databases()).toEqual(['shop', 'shop_staging']);
});

test('a user of the backup whom the order names as well gets the new password', async () => {
  const { send, users } = restoreWorld();
  const credentials = { username: 'orders_owner', password: 'correct-horse-battery' };

  const { id } = (await send('POST', '/clusters', order({ fromBackup: { backupId: BACKUP }, credentials }))).body;

  expect(await users(id)).toEqual(['audit', 'orders_owner', 'reporting']);
  expect((await send('GET', `/clusters/${id}/users/orders_owner`)).body.metadata).toMatchObject({
    createdDate: '2026-07-04T12:00:00Z',
    lastModifiedDate: '2026-11-01T12:00:00Z',
  });
});

test.each<[unknown, string]>([
  [{}, 'backupId is required'],
  [null, 'the body must be an object'],
  [{ properties: { backupId: BACKUP } }, 'backupId is required'],
  [{ backupId: 'unknown' }, 'backupId must be the ID of a backup'],
  [{ backupId: ORDERS }, 'backupId must be the ID of a backup'],
  [
    { backupId: BACKUP, recoveryTargetTime: 'yesterday' },
    'recoveryTargetTime must be a time as in ISO 8601, such as 2026-03-04T05:06:07Z',
  ],
  [{ backupId: BACKUP, recoveryTargetTime: '2026-11-01T12:00:01Z' }, 'recoveryTargetTime must not be in the future'],
  [
    { backupId: BACKUP, recoveryTargetTime: '2026-10-25T11:59:59Z' },
    'recoveryTargetTime must not be before the earliestRecoveryTargetTime of the backup',
  ],
  [
    { backupId: '7c9e2d54-8b1f-4a63-b0d7-5e3f19a8c462-d4k8w1z-15' },
    'backupId must be a backup that fits into the storageSize of the cluster',
  ],
  [{ backupId: BACKUP, force: true }, 'force is not a known field'],
])('a restore must not say %j', async (body, complaint) => {
  const { sandbox, restore, backups } = restoreWorld();

  const answer = await restore(body);

  expect(answer.status).toBe(422);
  expect(complaints(answer)).toContain(complaint);
  expect(sandbox.cluster(ORDERS).metadata.state).toBe('AVAILABLE');
  expect(await backups()).toEqual([BACKUP]);
});

test.each([
  [{ postgresVersion: '15' }, 'backupId must be a backup of the same or an older version of PostgreSQL'],
  [{ ram: 2048 }, 'backupId can be restored only into a cluster with a ram of at least 4096'],
  [{ storageSize: 2048 }, 'backupId must be a backup that fits into the storageSize of the cluster'],
])('a cluster with %j does not take the backup', async (properties, complaint) => {
  const { sandbox, restore } = restoreWorld();
  const { id } = sandbox.addCluster(properties);

  expect(complaints(await restore({ backupId: BACKUP }, id))).toEqual([complaint]);
});

test('a backup without a base cannot be restored yet', async () => {
  const { sandbox, restore, backups, pass } = restoreWorld();
  const { id } = sandbox.addCluster();
  const [backupId] = await backups(id);

  const answer = await restore({ backupId }, id);

  expect(complaints(answer)).toEqual(['backupId must be a backup whose first base backup is complete']);
  pass(5000);
  expect((await restore({ backupId }, id)).status).toBe(202);
});

test('the earliest time that a backup shows is taken', async () => {
  const { send, restore, pass } = restoreWorld();
  pass(999);
  const { body } = await send<{ properties: { earliestRecoveryTargetTime: string } }>(
    'GET',
    `/clusters/backups/${BACKUP}`,
  );

  const recoveryTargetTime = body.properties.earliestRecoveryTargetTime;

  expect((await restore({ backupId: BACKUP, recoveryTargetTime })).status).toBe(202);
});

test('a BUSY cluster takes no restore, an unknown one is refused with 404', async () => {
  const { restore } = restoreWorld();
  await restore({ backupId: BACKUP });

  expect(complaints(await restore({ backupId: BACKUP }))).toEqual([
    'the cluster is BUSY; it can be changed only while it is AVAILABLE',
  ]);
  expect((await restore({ backupId: BACKUP }, 'unknown')).status).toBe(404);
});
