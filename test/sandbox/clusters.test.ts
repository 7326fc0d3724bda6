import { expect, test } from 'vitest';
import { BASE, type Body, complaints, NOON, order, world } from './world.ts';

const EXAMPLES = {
  orders: 'b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041',
  analytics: '7c9e2d54-8b1f-4a63-b0d7-5e3f19a8c462',
  crm: 'e41a7f08-36d9-4c85-9f2b-d8c05b6a1e97',
};

test('a new sandbox holds three different clusters with fixed IDs', async () => {
  const { send } = world();

  const { status, body } = await send('GET', '/clusters');

  expect(status).toBe(200);
  expect(body).toMatchObject({ type: 'collection', id: 'clusters', offset: 0, limit: 100 });
  expect(body.items).toMatchObject([
    {
      id: EXAMPLES.orders,
      metadata: { state: 'AVAILABLE', createdDate: '2026-07-04T12:00:00Z' },
      properties: { displayName: 'orders', postgresVersion: '16', location: 'de/txl', instances: 1 },
    },
    {
      id: EXAMPLES.analytics,
      metadata: { state: 'AVAILABLE' },
      properties: { displayName: 'analytics-prod', postgresVersion: '15', location: 'de/fra', instances: 3 },
    },
    {
      id: EXAMPLES.crm,
      metadata: { state: 'AVAILABLE' },
      properties: {
        displayName: 'legacy-crm',
        postgresVersion: '14',
        connectionPooler: { enabled: false, poolMode: 'transaction' },
      },
    },
  ]);
});

test('two sandboxes share nothing', async () => {
  const [one, other] = [world(), world({ settleMs: 0 })];

  await other.send('DELETE', `/clusters/${EXAMPLES.orders}`);

  expect((await one.send('GET', '/clusters')).body.items).toHaveLength(3);
  expect((await other.send('GET', '/clusters')).body.items).toHaveLength(2);
});

test('an order is answered with the cluster, BUSY and not yet with a DNS name', async () => {
  const { send } = world();

  const { status, body } = await send('POST', '/clusters', order());

  expect(status).toBe(200);
  const { credentials, ...properties } = order().properties;
  expect(body).toEqual({
    type: 'cluster',
    id: expect.stringMatching(/^[\da-f-]{36}$/),
    metadata: {
      createdDate: '2026-11-01T12:00:00Z',
      createdBy: expect.any(String),
      createdByUserId: expect.any(String),
      state: 'BUSY',
    },
    properties: {
      ...properties,
      backupLocation: 'eu-central-2',
      maintenanceWindow: { time: '12:15:19', dayOfTheWeek: 'Monday' },
      connectionPooler: { enabled: false, poolMode: 'transaction' },
    },
  });
});

test('an ordered cluster is BUSY until it has settled, then AVAILABLE with a DNS name', async () => {
  const { send, pass } = world({ settleMs: 5000 });
  const { id } = (await send('POST', '/clusters', order())).body;

  pass(4999);
  expect((await send('GET', `/clusters/${id}`)).body.metadata.state).toBe('BUSY');
  pass(1);
  const { body } = await send('GET', `/clusters/${id}`);

  expect(body.metadata.state).toBe('AVAILABLE');
  expect(body.metadata).not.toHaveProperty('lastModifiedDate');
  expect(body.properties.dnsName).toMatch(/^pg-[\da-z]{16}\.postgresql\.de-txl\.ionos\.com$/);
});

test('a cluster settles after 5 seconds by default', async () => {
  const { send, pass } = world();
  const { id } = (await send('POST', '/clusters', order())).body;

  pass(4999);
  expect((await send('GET', `/clusters/${id}`)).body.metadata.state).toBe('BUSY');
  pass(1);
  expect((await send('GET', `/clusters/${id}`)).body.metadata.state).toBe('AVAILABLE');
});

test('an order keeps all that it says, except what no reply ever shows', async () => {
  const { send } = world();
  const said = {
    backupLocation: 'de',
    maintenanceWindow: { time: '03:30:00', dayOfTheWeek: 'Sunday' },
    connectionPooler: { enabled: true, poolMode: 'session' },
  };
  const fromBackup = {
    backupId: `${EXAMPLES.orders}-q7m2x9a-16`,
    recoveryTargetTime: '2026-10-31T05:06:07+01:00',
  };

  const { body } = await send('POST', '/clusters', order({ ...said, fromBackup }));
  const { id } = body;

  expect(body.properties).toMatchObject(said);
  for (const answer of [body, (await send('GET', `/clusters/${id}`)).body, (await send('GET', '/clusters')).body]) {
    expect(JSON.stringify(answer)).not.toMatch(/credentials|billing_owner|correct-horse|fromBackup|backupId/);
  }
});

test('an enabled pooler uses transaction mode by default', async () => {
  const { send } = world();

  const { body } = await send('POST', '/clusters', order({ connectionPooler: { enabled: true } }));

  expect(body.properties.connectionPooler).toEqual({ enabled: true, poolMode: 'transaction' });
});

test('de/fra/2 is reported as de/fra', async () => {
  const { send } = world();

  const { body } = await send('POST', '/clusters', order({ location: 'de/fra/2' }));

  expect(body.properties.location).toBe('de/fra');
});

test('metadata of an order means nothing', async () => {
  const { send } = world();

  const { body } = await send('POST', '/clusters', { metadata: { state: 'FAILED', anything: [] }, ...order() });

  expect(body.metadata.state).toBe('BUSY');
});

test('the same order twice makes two clusters', async () => {
  const { send } = world();

  const first = await send('POST', '/clusters', order());
  const second = await send('POST', '/clusters', order());

  expect(first.body.id).not.toBe(second.body.id);
  expect((await send('GET', '/clusters?filter.name=billing')).body.items).toHaveLength(2);
});

test('a change makes the cluster BUSY, shows the new values at once and leaves the others', async () => {
  const { sandbox, send, pass } = world({ settleMs: 1000 });
  const { id, properties } = sandbox.addCluster({ displayName: 'shop' });
  pass(60_000);

  const { status, body } = await send('PATCH', `/clusters/${id}`, { properties: { instances: 3, ram: 8192 } });

  expect(status).toBe(200);
  expect(body.metadata).toMatchObject({ state: 'BUSY', lastModifiedDate: '2026-11-01T12:01:00Z' });
  expect(body.properties).toEqual({ ...properties, instances: 3, ram: 8192 });
  pass(1000);
  expect(sandbox.cluster(id).metadata.state).toBe('AVAILABLE');
});

test('one connection replaces the old one whole, none detaches, null and absence leave it', async () => {
  const { sandbox, send } = world({ settleMs: 0 });
  const { id, properties } = sandbox.addCluster();
  const other = { datacenterId: 'd41f7a90-2e6b-4c35-97d8-0b5a1c3e8f27', lanId: '7', cidr: '10.1.2.3/16' };
  const connectionsAfter = async (change: object) =>
    (await send('PATCH', `/clusters/${id}`, { properties: change })).body.properties.connections;

  expect(await connectionsAfter({ connections: null })).toEqual(properties.connections);
  expect(await connectionsAfter({ cores: 3 })).toEqual(properties.connections);
  expect(await connectionsAfter({ connections: [other] })).toEqual([other]);
  expect(await connectionsAfter({ connections: [] })).toEqual([]);
  expect(await connectionsAfter({ connections: null })).toEqual([]);
});

test('half a pooler leaves its other half', async () => {
  const { sandbox, send } = world({ settleMs: 0 });
  const { id } = sandbox.addCluster({ connectionPooler: { enabled: true, poolMode: 'session' } });
  const change = (connectionPooler: object) => send('PATCH', `/clusters/${id}`, { properties: { connectionPooler } });

  await change({ enabled: false });
  expect(sandbox.cluster(id).properties.connectionPooler).toEqual({ enabled: false, poolMode: 'session' });
  await change({ poolMode: 'transaction' });
  expect(sandbox.cluster(id).properties.connectionPooler).toEqual({ enabled: false, poolMode: 'transaction' });
});

test('a pooler switched on without a mode keeps the usual one, by transaction', async () => {
  const { send } = world();

  const { body } = await send('PATCH', `/clusters/${EXAMPLES.crm}`, {
    properties: { connectionPooler: { enabled: true } },
  });

  expect(body.properties.connectionPooler).toEqual({ enabled: true, poolMode: 'transaction' });
});

test.each(Object.values(EXAMPLES))('sending back the present values of %s changes nothing', async (id) => {
  const { sandbox, send } = world();
  const before = sandbox.cluster(id);
  const { location, backupLocation, storageType, dnsName, ...changeable } = before.properties;

  const { status, body } = await send('PATCH', `/clusters/${id}`, { properties: changeable });

  expect(status).toBe(200);
  expect(body).toEqual(before);
});

test('present values are no change even where a new order could not have them', async () => {
  const { sandbox, send } = world();
  const old = { postgresVersion: '12', ram: 2048, synchronizationMode: 'SYNCHRONOUS' } as const;
  const { id } = sandbox.addCluster(old);

  const { body } = await send('PATCH', `/clusters/${id}`, { properties: { ...old, cores: 6 } });

  expect(body.properties).toMatchObject({ ...old, cores: 6 });
});

test.each([{}, { metadata: {} }, { properties: {} }])('a change of nothing, %j, is taken', async (body) => {
  const { send } = world();

  const answer = await send('PATCH', `/clusters/${EXAMPLES.orders}`, body);

  expect(answer).toMatchObject({ status: 200, body: { metadata: { state: 'AVAILABLE' } } });
});

test('a removed cluster is DESTROYING until it is gone', async () => {
  const { send, pass } = world({ settleMs: 5000 });

  const { status, body } = await send('DELETE', `/clusters/${EXAMPLES.orders}`);

  expect(status).toBe(200);
  expect(body).toMatchObject({ id: EXAMPLES.orders, metadata: { state: 'DESTROYING' } });
  pass(4999);
  expect((await send('GET', `/clusters/${EXAMPLES.orders}`)).body.metadata.state).toBe('DESTROYING');
  expect((await send('GET', '/clusters')).body.items).toHaveLength(3);
  pass(1);
  expect((await send('GET', `/clusters/${EXAMPLES.orders}`)).status).toBe(404);
  expect((await send('DELETE', `/clusters/${EXAMPLES.orders}`)).status).toBe(404);
  expect((await send('GET', '/clusters')).body.items).toHaveLength(2);
});

test('removing twice does not move the end', async () => {
  const { send, pass } = world({ settleMs: 5000 });
  await send('DELETE', `/clusters/${EXAMPLES.orders}`);
  pass(4000);

  const { status, body } = await send('DELETE', `/clusters/${EXAMPLES.orders}`);

  expect(status).toBe(200);
  expect(body.metadata.state).toBe('DESTROYING');
  pass(1000);
  expect((await send('GET', `/clusters/${EXAMPLES.orders}`)).status).toBe(404);
});

test('a BUSY cluster takes no change', async () => {
  const { send, sandbox } = world();
  const { id } = (await send('POST', '/clusters', order())).body;

  const answer = await send('PATCH', `/clusters/${id}`, { properties: { cores: 4 } });

  expect(answer.status).toBe(422);
  expect(complaints(answer)).toEqual(['the cluster is BUSY; it can be changed only while it is AVAILABLE']);
  expect(sandbox.cluster(id).properties.cores).toBe(2);
});

test('a DESTROYING cluster takes no change', async () => {
  const { send } = world();
  await send('DELETE', `/clusters/${EXAMPLES.orders}`);

  const answer = await send('PATCH', `/clusters/${EXAMPLES.orders}`, { properties: { cores: 4 } });

  expect(answer.status).toBe(422);
  expect(complaints(answer)).toEqual(['the cluster is DESTROYING; it can be changed only while it is AVAILABLE']);
});

test('a BUSY cluster can be removed', async () => {
  const { send, pass } = world({ settleMs: 5000 });
  const { id } = (await send('POST', '/clusters', order())).body;
  pass(1000);

  const { status, body } = await send('DELETE', `/clusters/${id}`);

  expect(status).toBe(200);
  expect(body.metadata.state).toBe('DESTROYING');
  pass(5000);
  expect((await send('GET', `/clusters/${id}`)).status).toBe(404);
});

test('without a time to settle, a write says BUSY or DESTROYING and is over', async () => {
  const { send } = world({ settleMs: 0 });
  const { body } = await send('POST', '/clusters', order());

  expect(body.metadata.state).toBe('BUSY');
  expect((await send('GET', `/clusters/${body.id}`)).body.metadata.state).toBe('AVAILABLE');
  expect((await send('DELETE', `/clusters/${body.id}`)).body.metadata.state).toBe('DESTROYING');
  expect((await send('GET', `/clusters/${body.id}`)).status).toBe(404);
});

test.each(['GET', 'PATCH', 'DELETE'])('%s of an unknown cluster is refused with 404', async (method) => {
  const { send } = world();

  const answer = await send(
    method,
    '/clusters/00000000-0000-4000-8000-000000000000',
    method === 'PATCH' ? {} : undefined,
  );

  expect(answer.status).toBe(404);
  expect(answer.body).toEqual({
    httpStatus: 404,
    messages: [{ errorCode: '404', message: 'the cluster does not exist' }],
  });
});

test('filter.name finds a part of the name and ignores case', async () => {
  const { sandbox, send } = world();
  sandbox.addCluster({ displayName: 'Orders archive' });
  const names = async (query: string) =>
    (await send('GET', `/clusters?${query}`)).body.items.map((item) => item.properties.displayName);

  expect(await names('filter.name=ORDER')).toEqual(['orders', 'Orders archive']);
  expect(await names('filter.name=s+a')).toEqual(['Orders archive']);
  expect(await names('filter.name=nothing')).toEqual([]);
  expect(await names('filter.name=')).toHaveLength(4);
});

test('links lead through the pages of a filtered list, forth and back', async () => {
  const { sandbox, send } = world();
  for (let number = 1; number <= 5; number++) sandbox.addCluster({ displayName: `tenant & ${number}` });
  const names = ({ body }: { body: Body }) => body.items.map((item) => item.properties.displayName);

  const first = await send('GET', '/clusters?filter.name=tenant+%26&limit=2');
  const second = await send('GET', first.body.links.next);
  const third = await send('GET', second.body.links.next);

  expect([first, second, third].flatMap(names)).toEqual([1, 2, 3, 4, 5].map((number) => `tenant & ${number}`));
  expect(first.body.links).not.toHaveProperty('prev');
  expect(third.body.links).not.toHaveProperty('next');
  expect((await send('GET', third.body.links.prev)).body).toEqual(second.body);
  expect((await send('GET', second.body.links.self)).body).toEqual(second.body);
});

test('the self link of a plain list says its offset and limit', async () => {
  const { send } = world();

  expect((await send('GET', '/clusters')).body.links).toEqual({ self: `${BASE}/clusters?offset=0&limit=100` });
});

test('links stay on the address that the client used', async () => {
  const { send } = world();

  const { body } = await send('GET', 'http://localhost:8080/databases/postgresql/clusters?limit=1');

  expect(body.links.next).toBe('http://localhost:8080/databases/postgresql/clusters?limit=1&offset=1');
});

test('a page that starts within the first has its prev at the start', async () => {
  const { send } = world();

  const { body } = await send('GET', '/clusters?offset=1&limit=2');

  expect(body.items).toHaveLength(2);
  expect(body.links.prev).toBe(`${BASE}/clusters?offset=0&limit=2`);
  expect(body.links).not.toHaveProperty('next');
});

test('a page past the end is empty and has no next', async () => {
  const { send } = world();

  const { status, body } = await send('GET', '/clusters?offset=1000');

  expect(status).toBe(200);
  expect(body).toMatchObject({ items: [], offset: 1000, limit: 100 });
  expect(body.links).not.toHaveProperty('next');
});

test.each(['0', '1001', '-1', '1.5', 'ten', '', '1e2', '99999999999999999999'])(
  'limit=%s is refused',
  async (limit) => {
    const { send } = world();

    const answer = await send('GET', `/clusters?limit=${limit}`);

    expect(answer.status).toBe(422);
    expect(complaints(answer)).toEqual(['limit must be a whole number from 1 to 1000']);
  },
);

test.each(['-1', '0.5', 'x', '', '99999999999999999999'])('offset=%s is refused', async (offset) => {
  const { send } = world();

  const answer = await send('GET', `/clusters?offset=${offset}`);

  expect(answer.status).toBe(422);
  expect(complaints(answer)).toEqual(['offset must be a whole number, 0 or more']);
});

test('unknown parameters are ignored everywhere', async () => {
  const { send } = world();

  expect((await send('GET', '/clusters?depth=1&order-by=name')).body.items).toHaveLength(3);
  expect((await send('GET', `/clusters/${EXAMPLES.orders}?limit=0&offset=-1&depth=1`)).status).toBe(200);
});

test('an added cluster is settled and takes what it is given', async () => {
  const { sandbox } = world();

  const added = sandbox.addCluster({ displayName: 'mine', cores: 7 });

  expect(added.metadata).toMatchObject({
    state: 'AVAILABLE',
    createdDate: new Date(NOON).toISOString().replace('.000', ''),
  });
  expect(added.properties).toMatchObject({ displayName: 'mine', cores: 7, postgresVersion: '16' });
  expect(sandbox.cluster(added.id)).toEqual(added);
});

test('an added cluster can have a past, with an ID and a backup that are known beforehand', async () => {
  const { sandbox, send } = world();
  const id = '4b7e1a90-c3d5-4628-9f0e-7a2b8d6c1e35';

  const added = sandbox.addCluster(
    { displayName: 'mine' },
    { id, createdAt: NOON - 86_400_000, backupWord: 'r9t2m6w' },
  );

  expect(added).toMatchObject({ id, metadata: { createdDate: '2026-10-31T12:00:00Z' } });
  const { body } = await send('GET', `/clusters/${id}/backups`);
  expect(body.items.map((backup) => backup.id)).toEqual([`${id}-r9t2m6w-16`]);
});

test('what a caller does to a cluster in hand stays with the caller', () => {
  const { sandbox } = world();
  const { id, properties } = sandbox.addCluster();

  properties.connections.pop();

  expect(sandbox.cluster(id).properties.connections).toHaveLength(1);
});

test('asking the sandbox for an unknown cluster throws', () => {
  const { sandbox } = world();

  expect(() => sandbox.cluster('nothing')).toThrow('the cluster does not exist');
});
