import { describe, expect, test } from 'vitest';
import { complaints, connection, order, world } from './world.ts';

const UUID = 'b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041';
const BACKUP = `${UUID}-q7m2x9a-16`;

describe('an order', () => {
  test.each([
    { displayName: 'x' },
    { displayName: 'Bestellungen (Österreich) 🛒' },
    { instances: 5 },
    { cores: 1 },
    { cores: 500 },
    { ram: 5120 },
    { storageSize: 2048 },
    { storageSize: 2_097_152 },
    { storageSize: 5000 },
    { storageType: 'HDD' },
    { storageType: 'SSD' },
    { storageType: 'SSD Standard' },
    { postgresVersion: '14' },
    { postgresVersion: '17' },
    { location: 'xx/new' },
    { synchronizationMode: 'STRICTLY_SYNCHRONOUS' },
    { credentials: { username: 'reporting-user', password: '1234567890' } },
    { credentials: { username: 'u'.repeat(63), password: '!#$%&*()-_=+[]{}<>:?' } },
    { maintenanceWindow: { time: '23:59:59', dayOfTheWeek: 'Saturday' } },
    { connectionPooler: {} },
    { connectionPooler: { poolMode: 'session' } },
    { connections: [connection({ cidr: '192.168.1.1/24' })] },
    { connections: [connection({ cidr: '10.233.128.1/24' })] },
    { connections: [connection({ cidr: '10.232.255.254/16' })] },
    { connections: [connection({ cidr: '10.208.0.5/24' })] },
    { fromBackup: { backupId: BACKUP } },
    { fromBackup: { backupId: 'e41a7f08-36d9-4c85-9f2b-d8c05b6a1e97-t6v3n5c-14' }, storageSize: 20_480 },
    { fromBackup: { backupId: BACKUP, recoveryTargetTime: '2026-11-01T12:00:00Z' } },
    { fromBackup: { backupId: BACKUP, recoveryTargetTime: '2026-10-25T13:00:00+01:00' } },
  ])('may say %j', async (properties) => {
    const { send } = world();

    expect(await send('POST', '/clusters', order(properties))).toMatchObject({ status: 200 });
  });

  test.each([
    [{ displayName: '' }, 'displayName must have at least 1 character'],
    [{ displayName: 7 }, 'displayName must be a string'],
    [{ postgresVersion: '13' }, 'postgresVersion must be one of 14, 15, 16, 17'],
    [{ postgresVersion: 16 }, 'postgresVersion must be one of 14, 15, 16, 17'],
    [{ instances: 0 }, 'instances must be at least 1'],
    [{ instances: 6 }, 'instances must be at most 5'],
    [{ instances: 1.5 }, 'instances must be a whole number'],
    [{ instances: '3' }, 'instances must be a whole number'],
    [{ cores: 0 }, 'cores must be at least 1'],
    [{ ram: 3072 }, 'ram must be at least 4096'],
    [{ ram: 4097 }, 'ram must be a multiple of 1024'],
    [{ storageSize: 2047 }, 'storageSize must be at least 2048'],
    [{ storageSize: 2_097_153 }, 'storageSize must be at most 2097152'],
    [{ storageType: 'SSD_PREMIUM' }, 'storageType must be one of HDD, SSD, SSD Standard, SSD Premium'],
    [{ location: '' }, 'location must have at least 1 character'],
    [{ backupLocation: '' }, 'backupLocation must have at least 1 character'],
    [{ synchronizationMode: 'SYNCHRONOUS' }, 'synchronizationMode must be one of ASYNCHRONOUS, STRICTLY_SYNCHRONOUS'],
    [{ connections: [] }, 'connections must have exactly 1 entry'],
    [{ connections: [connection(), connection()] }, 'connections must have exactly 1 entry'],
    [{ connections: null }, 'connections must be a list'],
    [{ connections: [connection({ datacenterId: '' })] }, 'connections[0].datacenterId must have at least 1 character'],
    [{ connections: [connection({ lanId: 2 })] }, 'connections[0].lanId must be a string'],
    [{ connections: [connection({ lanId: 'two' })] }, 'connections[0].lanId must be the number of a LAN, as a string'],
    [{ connections: [connection({ lanName: 'x' })] }, 'connections[0].lanName is not a known field'],
    [{ credentials: { username: '', password: '1234567890' } }, 'credentials.username must have at least 1 character'],
    [
      { credentials: { username: 'u'.repeat(64), password: '1234567890' } },
      'credentials.username must have at most 63 characters',
    ],
    [
      { credentials: { username: 'u', password: '123456789' } },
      'credentials.password must have at least 10 characters',
    ],
    [{ credentials: { username: 'u' } }, 'credentials.password is required'],
    [{ maintenanceWindow: null }, 'maintenanceWindow must be an object'],
    [{ maintenanceWindow: { time: '12:00:00' } }, 'maintenanceWindow.dayOfTheWeek is required'],
    [
      { maintenanceWindow: { time: '12:00:00', dayOfTheWeek: 'monday' } },
      'maintenanceWindow.dayOfTheWeek must be one of Sunday, Monday, Tuesday, Wednesday, Thursday, Friday, Saturday',
    ],
    [{ connectionPooler: { enabled: 'yes' } }, 'connectionPooler.enabled must be true or false'],
    [{ connectionPooler: { poolMode: '' } }, 'connectionPooler.poolMode must be one of transaction, session'],
    [{ connectionPooler: { poolMode: 'statement' } }, 'connectionPooler.poolMode must be one of transaction, session'],
    [{ fromBackup: {} }, 'fromBackup.backupId is required'],
    [{ fromBackup: { backupId: 'latest' } }, 'fromBackup.backupId must be the ID of a backup'],
    [{ fromBackup: { backupId: UUID } }, 'fromBackup.backupId must be the ID of a backup'],
    [
      { fromBackup: { backupId: BACKUP }, postgresVersion: '15' },
      'fromBackup.backupId must be a backup of the same or an older version of PostgreSQL',
    ],
    [
      { fromBackup: { backupId: BACKUP }, storageSize: 2048 },
      'fromBackup.backupId must be a backup that fits into the storageSize of the cluster',
    ],
    [
      { fromBackup: { backupId: BACKUP, recoveryTargetTime: '2026-10-25T11:59:59Z' } },
      'fromBackup.recoveryTargetTime must not be before the earliestRecoveryTargetTime of the backup',
    ],
    [
      { fromBackup: { backupId: UUID, recoveryTargetTime: '2026-11-01T12:00:01Z' } },
      'fromBackup.recoveryTargetTime must not be in the future',
    ],
    [
      { fromBackup: { backupId: UUID, recoveryTargetTime: 'yesterday' } },
      'fromBackup.recoveryTargetTime must be a time as in ISO 8601, such as 2026-03-04T05:06:07Z',
    ],
    [{ dnsName: 'pg.example.com' }, 'dnsName is not a known field'],
    [{ storagesize: 10_240 }, 'storagesize is not a known field'],
  ])('must not say %j', async (properties, complaint) => {
    const { send } = world();

    const answer = await send('POST', '/clusters', order(properties));

    expect(answer.status).toBe(422);
    expect(complaints(answer)).toEqual([complaint]);
    expect((await send('GET', '/clusters')).body.items).toHaveLength(3);
  });

  test.each(['postgres', 'admin', 'standby', 'ionos_cloud_admin'])('must not name its user %s', async (username) => {
    const { send } = world();

    const answer = await send('POST', '/clusters', order({ credentials: { username, password: '1234567890' } }));

    expect(complaints(answer)).toEqual(['credentials.username must not be the name of a system user']);
  });

  test.each(['12:00', '24:00:00', '12:60:00', '12:00:00Z', '9:00:00', '59459'])(
    'must not have a maintenance window at %s',
    async (time) => {
      const { send } = world();

      const answer = await send('POST', '/clusters', order({ maintenanceWindow: { time, dayOfTheWeek: 'Monday' } }));

      expect(complaints(answer)).toEqual(['maintenanceWindow.time must be a time of day as HH:MM:SS']);
    },
  );

  test('must say all that is required', async () => {
    const { send } = world();

    const answer = await send('POST', '/clusters', { properties: {} });

    expect(answer.status).toBe(422);
    expect(complaints(answer).sort()).toEqual(
      Object.keys(order().properties)
        .map((name) => `${name} is required`)
        .sort(),
    );
  });

  test('gets all broken rules at once', async () => {
    const { send } = world();

    const answer = await send('POST', '/clusters', { id: 'x', ...order({ ram: 3000, cores: 0, size: 'XL' }) });

    expect(answer.status).toBe(422);
    expect(complaints(answer)).toEqual([
      'cores must be at least 1',
      'ram must be at least 4096',
      'ram must be a multiple of 1024',
      'size is not a known field',
      'id is not a known field',
    ]);
  });

  test.each([
    [{}, 'properties is required'],
    [{ properties: null }, 'properties must be an object'],
    [[], 'the body must be an object'],
    [null, 'the body must be an object'],
    ['text', 'the body must be an object'],
  ])('must not be %j', async (body, complaint) => {
    const { send } = world();

    const answer = await send('POST', '/clusters', body);

    expect(answer.status).toBe(422);
    expect(complaints(answer)).toEqual([complaint]);
  });
});

describe('an address', () => {
  test.each(['192.168.1.100', '192.168.1.100/33', '192.168.1.256/24', '192.168.01.1/24', 'fd00::1/64', 'pg/24', ''])(
    'must not be written as %j',
    async (cidr) => {
      const { send } = world();

      const answer = await send('POST', '/clusters', order({ connections: [connection({ cidr })] }));

      expect(complaints(answer)).toEqual([
        'connections[0].cidr must be an IPv4 address with a prefix length, such as 192.168.1.100/24',
      ]);
    },
  );

  test.each(['192.168.1.0/24', '192.168.1.255/24', '10.0.0.0/8', '10.1.2.3/32', '10.1.2.2/31'])(
    'must be that of a host, and %s is not',
    async (cidr) => {
      const { send } = world();

      const answer = await send('POST', '/clusters', order({ connections: [connection({ cidr })] }));

      expect(complaints(answer)).toEqual([
        'connections[0].cidr must be the address of a host, neither of the network nor its broadcast address',
      ]);
    },
  );

  test.each(['10.233.0.1/24', '10.233.63.254/16', '10.233.64.1/24', '10.233.114.9/24', '10.233.127.1/18'])(
    'must not be in a network of the service, as %s is',
    async (cidr) => {
      const { send } = world();

      const answer = await send('POST', '/clusters', order({ connections: [connection({ cidr })] }));

      expect(complaints(answer)).toEqual([
        'connections[0].cidr must not be in 10.233.0.0/18, 10.233.64.0/18 or 10.233.114.0/24, which the service needs itself',
      ]);
    },
  );
});

describe('a change', () => {
  test.each([
    { displayName: 'shop-prod' },
    { cores: 1, ram: 16_384 },
    { instances: 5 },
    { storageSize: 20_481 },
    { postgresVersion: '16' },
    { postgresVersion: '17' },
    { synchronizationMode: 'STRICTLY_SYNCHRONOUS' },
    { maintenanceWindow: { time: '00:00:00', dayOfTheWeek: 'Tuesday' } },
    { connectionPooler: { enabled: true, poolMode: 'session' } },
  ])('may say %j', async (properties) => {
    const { sandbox, send } = world();
    const { id } = sandbox.addCluster({ postgresVersion: '15', cores: 2, storageSize: 20_480 });

    const { status, body } = await send('PATCH', `/clusters/${id}`, { properties });

    expect(status).toBe(200);
    expect(body).toMatchObject({ metadata: { state: 'BUSY' }, properties });
  });

  test.each([
    [{ storageSize: 20_479 }, ['storageSize cannot be lowered']],
    [{ storageSize: 1024 }, ['storageSize must be at least 2048', 'storageSize cannot be lowered']],
    [{ postgresVersion: '14' }, ['postgresVersion cannot be lowered']],
    [{ postgresVersion: '18' }, ['postgresVersion must be one of 14, 15, 16, 17']],
    [{ instances: 0 }, ['instances must be at least 1']],
    [{ instances: 6 }, ['instances must be at most 5']],
    [{ ram: 2048 }, ['ram must be at least 4096']],
    [{ displayName: '' }, ['displayName must have at least 1 character']],
    [{ displayName: null }, ['displayName must be a string']],
    [{ synchronizationMode: 'SYNCHRONOUS' }, ['synchronizationMode must be one of ASYNCHRONOUS, STRICTLY_SYNCHRONOUS']],
    [{ connections: [connection(), connection()] }, ['connections must have at most 1 entry']],
    [{ connections: [{ lanId: '3' }] }, ['connections[0].datacenterId is required', 'connections[0].cidr is required']],
    [{ maintenanceWindow: { dayOfTheWeek: 'Monday' } }, ['maintenanceWindow.time is required']],
    [{ location: 'de/fra' }, ['location cannot be changed']],
    [{ location: 'de/txl' }, ['location cannot be changed']],
    [{ backupLocation: 'de' }, ['backupLocation cannot be changed']],
    [{ storageType: 'HDD' }, ['storageType cannot be changed']],
    [{ credentials: { username: 'u', password: '1234567890' } }, ['credentials cannot be changed']],
    [{ fromBackup: { backupId: UUID } }, ['fromBackup cannot be changed']],
    [{ dnsName: 'pg.example.com' }, ['dnsName cannot be changed']],
    [{ colour: 'blue', cores: 0 }, ['cores must be at least 1', 'colour is not a known field']],
  ])('must not say %j', async (properties, expected) => {
    const { sandbox, send } = world();
    const before = sandbox.addCluster({ postgresVersion: '15', storageSize: 20_480, location: 'de/txl' });

    const answer = await send('PATCH', `/clusters/${before.id}`, { properties });

    expect(answer.status).toBe(422);
    expect(complaints(answer)).toEqual(expected);
    expect(sandbox.cluster(before.id)).toEqual(before);
  });

  test.each([
    [{ properties: null }, 'properties must be an object'],
    [{ properties: [] }, 'properties must be an object'],
    [{ cores: 4 }, 'cores is not a known field'],
    [[], 'the body must be an object'],
    [false, 'the body must be an object'],
  ])('must not be %j', async (body, complaint) => {
    const { send } = world();

    const answer = await send('PATCH', `/clusters/${UUID}`, body);

    expect(answer.status).toBe(422);
    expect(complaints(answer)).toEqual([complaint]);
  });
});
