import { expect, test } from 'vitest';
import { NOON } from '../world.ts';
import { credentials, INVENTORY, order, properties, v2World } from './world.ts';

const DAY = 86_400_000;
const LAS_VEGAS = 'https://postgresql.us-las.ionos.com';
const TELEMETRY = 'c2a8e6b4-3f15-4d79-8b0c-d9e1f7a35c62';
const date = (ms: number) => new Date(NOON + ms).toISOString().replace('.000', '');

const TOO_FAR = 'must be from the earliestRecoveryTargetTime to the latestRecoveryTargetTime';

/** An order of day 0, on day 3, and what reads and changes it. */
async function thirdDay() {
  const world = v2World({ settleMs: 5000 });
  const { send, pass } = world;
  const { id } = (await send('POST', '/clusters', order())).body;
  pass(3 * DAY);
  const backups = async () => (await send('GET', `/backups?filter.clusterId=${id}`)).body.items;
  return {
    ...world,
    id,
    backups,
    read: async () => (await send('GET', `/clusters/${id}`)).body,
    put: (changes: object) => send('PUT', `/clusters/${id}`, { id, properties: properties(changes) }),
    restore: (recoveryTargetDatetime: unknown) =>
      send('PUT', `/clusters/${id}`, { id, properties: properties({ restoreFromBackup: { recoveryTargetDatetime } }) }),
    spans: async () =>
      (await backups()).map(({ properties }) => [
        properties.postgresClusterVersion,
        properties.earliestRecoveryTargetTime,
        properties.latestRecoveryTargetTime,
        properties.isActive,
      ]),
  };
}

test('a cluster writes to one backup from its first base on', async () => {
  const { spans, backups, id, send } = await thirdDay();

  expect(await spans()).toEqual([['16', date(10_000), null, true]]);
  const [backup] = await backups();
  expect(backup?.properties).toMatchObject({ clusterId: id, location: 'eu-central-3' });
  expect((await send('GET', `/backups/${backup?.id}`)).body).toEqual(backup);
});

test('it is in the list once the cluster was AVAILABLE', async () => {
  const { send, pass } = v2World({ settleMs: 5000 });
  const { id } = (await send('POST', '/clusters', order())).body;
  const count = async () => (await send('GET', `/backups?filter.clusterId=${id}`)).body.items.length;

  expect(await count()).toBe(0);
  pass(5000);
  expect(await count()).toBe(1);
});

test('its reach moves with the days that the cluster keeps backups', async () => {
  const { spans, put, pass } = await thirdDay();
  pass(30 * DAY);
  expect(await spans()).toEqual([['16', date(19 * DAY), null, true]]);

  await put({ backup: { location: 'eu-central-3', retentionDays: 2 } });

  expect(await spans()).toEqual([['16', date(31 * DAY), null, true]]);
});

test('an upgrade ends the backup and begins another; other changes do not', async () => {
  const { spans, put, pass } = await thirdDay();
  await put({ name: 'renamed' });
  pass(DAY);
  expect(await spans()).toHaveLength(1);

  await put({ version: '17' });
  pass(10_000);

  expect(await spans()).toEqual([
    ['16', date(10_000), date(4 * DAY), false],
    ['17', date(4 * DAY + 10_000), null, true],
  ]);
});

test('a restore in place is UPDATING, is shown, and begins another backup each time it is sent', async () => {
  const { restore, read, pass, backups, spans } = await thirdDay();

  expect(await restore(date(DAY))).toMatchObject({ status: 200, body: { metadata: { state: 'UPDATING' } } });
  expect((await read()).properties.restoreFromBackup).toEqual({ recoveryTargetDatetime: date(DAY) });
  pass(10_000);
  expect((await read()).metadata.state).toBe('AVAILABLE');
  expect(await spans()).toEqual([
    ['16', date(10_000), date(3 * DAY), false],
    ['16', date(3 * DAY + 10_000), null, true],
  ]);

  await restore(date(DAY));
  pass(10_000);

  expect(await backups()).toHaveLength(3);
});

test('a change without it restores nothing, and it is no longer shown', async () => {
  const { restore, put, read, pass, backups } = await thirdDay();
  await restore(date(DAY));
  pass(10_000);

  expect((await put({ name: 'renamed' })).status).toBe(200);

  expect((await read()).properties).not.toHaveProperty('restoreFromBackup');
  expect(await backups()).toHaveLength(2);
});

test.each([
  ['before the first base', date(9_999), TOO_FAR],
  ['in the future', date(3 * DAY + 1), 'must not be in the future'],
  ['that is no time', 'yesterday', 'must be a time as in ISO 8601'],
  ['that is missing', undefined, 'is required'],
])('a moment %s is refused', async (_, moment, complaint) => {
  const { restore, read } = await thirdDay();

  const { status, body } = await restore(moment);

  expect(status).toBe(422);
  expect(body.messages[0]?.message).toContain(`restoreFromBackup.recoveryTargetDatetime ${complaint}`);
  expect((await read()).metadata.state).toBe('AVAILABLE');
});

test('a moment between two backups is refused', async () => {
  const { restore, pass } = await thirdDay();
  await restore(date(DAY));
  pass(DAY);

  expect((await restore(date(3 * DAY + 5000))).status).toBe(422);
  expect((await restore(date(3 * DAY))).status).toBe(200);
});

test('a restore in place cannot name a backup', async () => {
  const { put, backups } = await thirdDay();
  const [backup] = await backups();

  for (const more of [{}, { recoveryTargetDatetime: date(DAY) }]) {
    const { status, body } = await put({ restoreFromBackup: { sourceBackupId: backup?.id, ...more } });
    expect(status).toBe(422);
    expect(body.messages.map(({ message }) => message)).toContain(
      'restoreFromBackup.sourceBackupId is not a known field',
    );
  }
});

test('an order is filled from a backup of its region, wholly or up to a moment', async () => {
  const { send, backups, id } = await thirdDay();
  const [backup] = await backups();

  for (const more of [{}, { recoveryTargetDatetime: date(DAY) }]) {
    const restoreFromBackup = { sourceBackupId: backup?.id, ...more };
    const { status, body } = await send('POST', '/clusters', order({ restoreFromBackup }));
    expect(status).toBe(201);
    expect(body.id).not.toBe(id);
    expect(body.properties.restoreFromBackup).toEqual(restoreFromBackup);
  }
});

test('an order is filled from the backup of a cluster that is gone', async () => {
  const { send, backups, id, pass } = await thirdDay();
  await send('DELETE', `/clusters/${id}`);
  pass(DAY);
  const [backup] = await backups();
  const from = (recoveryTargetDatetime: string) =>
    send('POST', '/clusters', order({ restoreFromBackup: { sourceBackupId: backup?.id, recoveryTargetDatetime } }));

  expect((await from(date(3 * DAY))).status).toBe(201);
  expect((await from(date(3 * DAY + 1))).status).toBe(422);
});

test.each([
  ['no backup', async () => ({ sourceBackupId: INVENTORY }), 'sourceBackupId must be the ID of a backup'],
  ['no UUID', async () => ({ sourceBackupId: 'x' }), 'sourceBackupId must be a UUID'],
  ['nothing', async () => ({ recoveryTargetDatetime: date(DAY) }), 'sourceBackupId is required'],
  ['a backup of another region', backupIn(LAS_VEGAS), 'sourceBackupId must be the ID of a backup of this region'],
  ['a backup of a newer version', backupIn(''), 'sourceBackupId must be a backup of the same or an older version'],
  [
    'a moment before the backup',
    async ({ backups }: Awaited<ReturnType<typeof thirdDay>>) => ({
      sourceBackupId: (await backups())[0]?.id,
      recoveryTargetDatetime: date(0),
    }),
    `recoveryTargetDatetime ${TOO_FAR}`,
  ],
])('an order from %s is refused', async (_, source, complaint) => {
  const world = await thirdDay();

  const { status, body } = await world.send('POST', '/clusters', order({ restoreFromBackup: await source(world) }));

  expect(status).toBe(422);
  expect(body.messages[0]?.message).toContain(`restoreFromBackup.${complaint}`);
});

/** The backup of the example cluster of a region. */
function backupIn(host: string) {
  const id = host ? TELEMETRY : INVENTORY;
  return async ({ send }: Awaited<ReturnType<typeof thirdDay>>) => {
    const { body } = await send('GET', `${host}/backups?filter.clusterId=${id}`);
    return { sourceBackupId: body.items[0]?.id };
  };
}

test('a cluster that is made again under its ID has a backup of its own', async () => {
  const { send, backups, put, id, pass } = await thirdDay();
  await send('DELETE', `/clusters/${id}`);
  pass(DAY);

  expect((await put({ credentials })).status).toBe(201);
  pass(10_000);

  expect(new Set((await backups()).map((backup) => backup.id)).size).toBe(2);
});
