import { describe, expect, test } from 'vitest';
import { NOON, TOKEN } from '../world.ts';
import { credentials, INVENTORY, order, PASSWORD, properties, type V2Body, v2World } from './world.ts';

const DAY = 86_400_000;
const NOBODY = '00000000-0000-4000-8000-000000000000';
const at = (ms: number) => new Date(NOON + ms).toISOString();

const complaints = ({ body }: { body: V2Body }) => body.messages.map(({ message }) => message);

/** The cluster of order(), AVAILABLE, and what changes it. */
async function ordered(changes: object = {}) {
  const { send, pass, ...rest } = v2World({ settleMs: 5000 });
  const { id } = (await send('POST', '/clusters', order(changes))).body;
  pass(10_000);
  return {
    ...rest,
    id,
    send,
    pass,
    read: async () => (await send('GET', `/clusters/${id}`)).body,
    put: (changed: object = {}) => send('PUT', `/clusters/${id}`, { id, properties: properties(changed) }),
    backups: async () => (await send('GET', `/backups?filter.clusterId=${id}`)).body.items,
  };
}

describe('an order', () => {
  test('is PROVISIONING without a host name, then AVAILABLE with one', async () => {
    const { send, pass } = v2World({ settleMs: 5000 });

    const { status, body } = await send('POST', '/clusters', order());

    expect(status).toBe(201);
    expect(body.metadata).toMatchObject({ state: 'PROVISIONING' });
    expect(body.metadata).not.toHaveProperty('dnsName');
    expect((await send('GET', `/clusters/${body.id}`)).body).toEqual(body);
    pass(5000);
    expect((await send('GET', `/clusters/${body.id}`)).body.metadata).toMatchObject({
      state: 'AVAILABLE',
      dnsName: expect.stringMatching(/^pg-.*\.postgresql\.de-fra\.ionos\.com$/),
    });
  });

  test('gets the defaults, and is shown without its password', async () => {
    const { read } = await ordered();

    const { username, database } = credentials;
    expect((await read()).properties).toEqual({
      ...properties(),
      credentials: { username, database },
      connectionPooler: 'DISABLED',
      logsEnabled: false,
      metricsEnabled: false,
    });
  });

  test('keeps everything else that it says', async () => {
    const given = {
      description: 'Invoices',
      instances: { count: 5, cores: 62, ram: 240, storageSize: 4096 },
      replicationMode: 'STRICTLY_SYNCHRONOUS',
      connectionPooler: 'SESSION',
      ...{ logsEnabled: true, metricsEnabled: true },
      backup: { location: 'us-central-1', retentionDays: 365 },
    };
    const { read } = await ordered(given);

    expect((await read()).properties).toMatchObject(given);
  });

  test('is filled in the region of its host, or of its data center', async () => {
    const { send } = v2World();
    const urn = async (host: string) => (await send('POST', `${host}/clusters`, order())).body.metadata.resourceURN;

    expect(await urn('https://postgresql.es-vit.ionos.com')).toContain(':es-vit:');
    expect(await urn('http://localhost:8080')).toContain(':de-fra:');
  });

  test('protects its LAN', async () => {
    const { sandbox, send } = v2World();
    const url = 'https://api.ionos.com/cloudapi/v6/datacenters/3c95b7d2-6a40-4f18-b2e7-91d8c0f4a563/lans/1';
    const remove = async () => (await sandbox.fetch(new Request(url, { method: 'DELETE', headers: TOKEN }))).status;
    expect(await remove()).toBe(422);

    await send('POST', '/clusters', order());

    expect(await remove()).toBe(403);
  });
});

const instances = (changes: object) => ({ instances: { ...properties().instances, ...changes } });
const address = (primaryInstanceAddress: string) => ({
  connection: { ...properties().connection, primaryInstanceAddress },
});
const login = (changes: object) => ({ credentials: { ...credentials, ...changes } });
const backup = (changes: object) => ({ backup: { ...properties().backup, ...changes } });

/** Each breaks one rule of `field`. */
const BROKEN: [field: string, changes: object][] = [
  ...['name', 'version', 'instances', 'connection', 'maintenanceWindow', 'replicationMode', 'backup'].map(
    (field): [string, object] => [field, { [field]: undefined }],
  ),
  ...['', 'a'.repeat(64), 'two words', '-a', 'a.', '_'].map((name): [string, object] => ['name', { name }]),
  ['version', { version: '9' }],
  ...[0, 6, 1.5, '2'].map((count): [string, object] => ['instances.count', instances({ count })]),
  ...[0, 63].map((cores): [string, object] => ['instances.cores', instances({ cores })]),
  ...[3, 241].map((ram): [string, object] => ['instances.ram', instances({ ram })]),
  ...[9, 4097].map((storageSize): [string, object] => ['instances.storageSize', instances({ storageSize })]),
  ...['10.12.30.0/24', '10.12.30.255/24', '10.12.30.10', '10.208.0.1/24', '10.223.255.1/24', '10.233.5.5/24'].map(
    (given): [string, object] => ['connection.primaryInstanceAddress', address(given)],
  ),
  ['connection.primaryInstanceAddress', address('192.168.230.9/24')],
  ['connection.lanId', { connection: { ...properties().connection, lanId: 'one' } }],
  ['connection.datacenterId', { connection: { ...properties().connection, datacenterId: 'shop' } }],
  ['maintenanceWindow.time', { maintenanceWindow: { dayOfTheWeek: 'Sunday', time: '2:30' } }],
  ['maintenanceWindow.dayOfTheWeek', { maintenanceWindow: { dayOfTheWeek: 'Sun', time: '02:30:00' } }],
  ['replicationMode', { replicationMode: 'SYNCHRONOUS' }],
  ['replicationMode', { replicationMode: 'STRICTLY_SYNCHRONOUS', ...instances({ count: 2 }) }],
  ['connectionPooler', { connectionPooler: 'transaction' }],
  ['logsEnabled', { logsEnabled: 'yes' }],
  ...[0, 366].map((retentionDays): [string, object] => ['backup.retentionDays', backup({ retentionDays })]),
  ['backup.location', backup({ location: 'eu-central-9' })],
  ...['a'.repeat(17), 'a-b', 'postgres', 'admin', 'standby', ''].map((username): [string, object] => [
    'credentials.username',
    login({ username }),
  ]),
  ...['Sh0rt!x', 'no-capital-1!', 'NO-SMALL-1!', 'No-digit!', 'No-special-1'].map((password): [string, object] => [
    'credentials.password',
    login({ password }),
  ]),
  ...['a'.repeat(64), 'a-b', ''].map((database): [string, object] => ['credentials.database', login({ database })]),
  ['backupLocation', { backupLocation: 'eu-central-3' }],
  ['description', { description: null }],
];

test.each(BROKEN)(
  'an order and a change whose %s breaks a rule are refused with its name: %j',
  async (field, changes) => {
    const { send, put, read, id } = await ordered();
    const before = await read();

    for (const answer of [await send('POST', '/clusters', order(changes)), await put(changes)]) {
      expect(answer).toMatchObject({ status: 422, body: { httpStatus: 422 } });
      expect(complaints(answer)).toContainEqual(expect.stringMatching(new RegExp(`^${field.replaceAll('.', '\\.')} `)));
    }
    expect(await read()).toEqual(before);
    expect((await send('GET', '/clusters')).body.items.map((item) => item.id)).toEqual([INVENTORY, id]);
  },
);

test('an order without credentials is refused', async () => {
  const answer = await v2World().send('POST', '/clusters', { properties: properties() });

  expect(complaints(answer)).toEqual(['credentials is required']);
});

describe('a PUT', () => {
  test('is UPDATING, then AVAILABLE, with all that it says and nothing of before', async () => {
    const { put, read, pass } = await ordered({
      description: 'Invoices',
      connectionPooler: 'SESSION',
      logsEnabled: true,
    });

    const { status, body } = await put({ name: 'invoices', ...instances({ count: 3, storageSize: 30 }) });

    expect(status).toBe(200);
    expect(body.metadata).toMatchObject({ state: 'UPDATING', lastModifiedDate: at(10_000).replace('.000', '') });
    expect(body.properties).toMatchObject({
      name: 'invoices',
      instances: { count: 3, storageSize: 30 },
      ...{ connectionPooler: 'DISABLED', logsEnabled: false },
    });
    expect(body.properties).not.toHaveProperty('description');
    pass(4999);
    expect((await read()).metadata.state).toBe('UPDATING');
    pass(1);
    expect(await read()).toMatchObject({ metadata: { state: 'AVAILABLE' }, properties: body.properties });
  });

  test('keeps the user and the database without credentials, and takes over those that it has', async () => {
    const { put, pass, read } = await ordered();
    const { username, database } = credentials;

    expect((await put()).body.properties.credentials).toEqual({ username, database });
    pass(5000);
    await put(login({ username: 'other', password: `${PASSWORD}2` }));
    expect((await read()).properties.credentials).toEqual({ username: 'other', database });
  });

  test('needs the ID of the path', async () => {
    const { send, id } = await ordered();

    for (const [wrong, rule] of [
      [INVENTORY, 'id must be the ID in the path'],
      ['x', 'id must be a UUID'],
      [undefined, 'id is required'],
    ]) {
      const answer = await send('PUT', `/clusters/${id}`, { id: wrong, properties: properties() });
      expect(answer.status).toBe(422);
      expect(complaints(answer)).toEqual([rule]);
    }
  });

  test.each([
    ['a smaller disk', instances({ storageSize: 19 }), 'instances.storageSize cannot be lowered'],
    ['another place for backups', backup({ location: 'eu-central-4' }), 'backup.location cannot be changed'],
    ['an older version', { version: '15' }, 'version must be one of 16, 17'],
  ])('cannot have %s', async (_, changes, complaint) => {
    const { put } = await ordered();

    const answer = await put(changes);

    expect(answer.status).toBe(422);
    expect(complaints(answer)).toEqual([expect.stringContaining(complaint)]);
  });

  test('is refused while the cluster is not AVAILABLE', async () => {
    const { put, send, id, pass, sandbox } = await ordered();
    const status = async () => (await put()).status;

    expect([await status(), await status()]).toEqual([200, 409]);
    pass(5000);
    await send('DELETE', `/clusters/${id}`);
    expect(await status()).toBe(409);
    for (const state of ['PROVISIONING', 'FAILED'] as const) {
      const { id } = sandbox.addV2Cluster({}, { region: 'de-fra', state });
      expect((await send('PUT', `/clusters/${id}`, { id, properties: properties() })).status).toBe(409);
    }
  });

  test('of an unknown ID makes a cluster under it, with credentials alone', async () => {
    const { send } = v2World();
    const put = (changes: object) =>
      send('PUT', `/clusters/${NOBODY}`, { id: NOBODY, properties: properties(changes) });

    expect(complaints(await put({}))).toEqual(['credentials is required']);
    expect(await put({ credentials })).toMatchObject({
      status: 201,
      body: { id: NOBODY, metadata: { state: 'PROVISIONING' } },
    });
    expect((await send('GET', `/clusters/${NOBODY}`)).status).toBe(200);
  });

  test('of the ID of another region makes a second cluster', async () => {
    const { send } = v2World();
    const there = `https://postgresql.us-las.ionos.com/clusters/${INVENTORY}`;

    const { status } = await send('PUT', there, { id: INVENTORY, properties: properties({ credentials }) });

    expect(status).toBe(201);
    expect((await send('GET', there)).body.properties.name).toBe('billing');
    expect((await send('GET', `/clusters/${INVENTORY}`)).body.properties.name).toBe('inventory');
  });

  test('of a cluster that came from version 1 keeps its place for backups', async () => {
    const { sandbox, send, pass } = v2World();
    const { id, properties: old } = sandbox.addCluster({
      location: 'de/fra',
      backupLocation: 'de',
      postgresVersion: '14',
    });
    sandbox.migrate(id);
    pass(5000);
    const put = (location: string) =>
      send('PUT', `/clusters/${id}`, {
        id,
        properties: properties({ version: old.postgresVersion, backup: { location, retentionDays: 7 } }),
      });

    expect((await put('eu-central-3')).status).toBe(422);
    expect((await put('de')).status).toBe(200);
    expect((await send('GET', `/clusters/${id}`)).body.properties).not.toHaveProperty('credentials');
  });
});

describe('a DELETE', () => {
  test('is answered without a body; the cluster is DESTROYING, then gone', async () => {
    const { send, read, pass, id } = await ordered();
    const remove = () => send('DELETE', `/clusters/${id}`);

    expect(await remove()).toMatchObject({ status: 202, body: undefined });
    expect((await read()).metadata.state).toBe('DESTROYING');
    pass(2500);
    expect((await remove()).status).toBe(202);
    pass(2500);
    expect([(await remove()).status, (await send('GET', `/clusters/${id}`)).status]).toEqual([404, 404]);
  });

  test('leaves a cluster of another region alone', async () => {
    const { send } = v2World();

    expect((await send('DELETE', `https://postgresql.us-las.ionos.com/clusters/${INVENTORY}`)).status).toBe(404);
    expect((await send('GET', `/clusters/${INVENTORY}`)).body.metadata.state).toBe('AVAILABLE');
  });

  test('works on a cluster that FAILED', async () => {
    const { sandbox, send, pass } = v2World();
    const { id } = sandbox.addV2Cluster({}, { region: 'de-fra', state: 'FAILED', statusMessage: 'no room' });

    expect((await send('DELETE', `/clusters/${id}`)).status).toBe(202);
    expect((await send('GET', `/clusters/${id}`)).body.metadata.state).toBe('DESTROYING');
    pass(5000);
    expect((await send('GET', `/clusters/${id}`)).status).toBe(404);
  });

  test('ends the backup, which stays for as long as the cluster kept its backups', async () => {
    const { send, backups, pass, id } = await ordered();
    pass(3 * DAY);
    await send('DELETE', `/clusters/${id}`);

    pass(14 * DAY - 1);
    expect(await backups()).toMatchObject([
      { properties: { isActive: false, latestRecoveryTargetTime: at(3 * DAY + 10_000).replace('.000', '') } },
    ]);
    pass(1);
    expect(await backups()).toEqual([]);
  });
});
