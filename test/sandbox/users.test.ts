import { expect, test } from 'vitest';
import { BASE, type Body, complaints, order, world } from './world.ts';

interface User {
  type: string;
  id: string;
  href: string;
  metadata: Record<string, string>;
  properties: { username: string; system: boolean };
}

interface UserPage extends Omit<Body, 'items'> {
  href: string;
  items: User[];
  _links: Body['links'];
}

const ORDERS = 'b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041';
const USERS = `/clusters/${ORDERS}/users`;
const PASSWORD = 'planted-password-1';

const user = (username: unknown, password: unknown = PASSWORD) => ({ properties: { username, password } });
const names = ({ body }: { body: UserPage }) => body.items.map(({ properties }) => properties.username);

function userWorld(options = {}) {
  const { send, ...rest } = world({ settleMs: 5000, ...options });
  return {
    ...rest,
    send,
    list: (query = '') => send<UserPage>('GET', `${USERS}${query}`),
    get: (name: string) => send<User>('GET', `${USERS}/${encodeURIComponent(name)}`),
  };
}

test('the users of a cluster are listed by name, without those of the service', async () => {
  const { list } = userWorld();

  const { status, body } = await list();

  expect(status).toBe(200);
  expect(body).toEqual({
    type: 'collection',
    id: expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-5[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/),
    href: BASE + USERS,
    items: expect.any(Array),
    offset: 0,
    limit: 100,
    _links: { self: `${BASE}${USERS}?offset=0&limit=100` },
  });
  expect(names({ body })).toEqual(['audit', 'orders_owner', 'reporting']);
});

test('system=true adds those of the service, system=false does not', async () => {
  const { list } = userWorld();

  const answer = await list('?system=true');

  expect(names(answer)).toEqual(['audit', 'ionos_cloud_admin', 'orders_owner', 'postgres', 'reporting', 'standby']);
  expect(answer.body.items[3]).toMatchObject({
    properties: { username: 'postgres', system: true },
    metadata: { createdBy: expect.stringMatching(/_system_$/) },
  });
  expect(names(await list('?system=false'))).toEqual(names(await list()));
});

test.each(['yes', '1', 'TRUE', ''])('system=%s is refused', async (system) => {
  const { send } = userWorld();

  const answer = await send('GET', `${USERS}?system=${system}`);

  expect(answer.status).toBe(422);
  expect(complaints(answer)).toEqual(['system must be one of true, false']);
});

test('pages of users are linked with _links', async () => {
  const { send, list } = userWorld();

  const first = await list('?system=true&limit=4');
  const second = await send<UserPage>('GET', first.body._links.next);

  expect([...names(first), ...names(second)]).toEqual(names(await list('?system=true')));
  expect(second.body._links.prev).toBe(first.body._links.self);
});

test('a user has an address, an ID that follows from its name, and says who made it', async () => {
  const { get } = userWorld();

  const { body } = await get('reporting');

  expect(body).toEqual({
    type: 'user',
    id: expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-5[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/),
    href: `${BASE}${USERS}/reporting`,
    metadata: {
      createdBy: 'ionos:iam:cloud::users/1f0c8f0a-3a41-4f0e-9a55-6f1f5b0f7f10',
      createdByUserId: '1f0c8f0a-3a41-4f0e-9a55-6f1f5b0f7f10',
      createdDate: '2026-09-17T12:00:00Z',
      resourceURN: `ionos:postgresql:de-txl:31234567:clusters/${ORDERS}/users/reporting`,
    },
    properties: { username: 'reporting', system: false },
  });
  expect((await userWorld().get('reporting')).body.id).toBe(body.id);
  expect((await get('orders_owner')).body.id).not.toBe(body.id);
});

test('a user created by SQL says so', async () => {
  const { get } = userWorld();

  expect((await get('audit')).body.metadata.createdBy).toMatch(/_unmanaged_$/);
});

test('addresses stay on the host that the client used', async () => {
  const { send } = userWorld();

  const { body } = await send<UserPage>('GET', `http://localhost:8080/databases/postgresql${USERS}`);

  expect(body.href).toBe(`http://localhost:8080/databases/postgresql${USERS}`);
  expect(body.items[0]?.href).toBe(`${body.href}/audit`);
});

test('a new user is answered at once, and the cluster is BUSY until it has settled', async () => {
  const { sandbox, send, get, pass } = userWorld();

  const { status, body } = await send<User>('POST', USERS, user('Shop-Reader'));

  expect(status).toBe(200);
  expect(body).toMatchObject({
    type: 'user',
    href: `${BASE}${USERS}/Shop-Reader`,
    metadata: { createdDate: '2026-11-01T12:00:00Z' },
    properties: { username: 'Shop-Reader', system: false },
  });
  expect((await get('Shop-Reader')).body).toEqual(body);
  expect(sandbox.cluster(ORDERS).metadata.state).toBe('BUSY');
  pass(5000);
  expect(sandbox.cluster(ORDERS).metadata.state).toBe('AVAILABLE');
});

test('a new password shows in the dates alone and makes the cluster BUSY', async () => {
  const { sandbox, send, get, pass } = userWorld();
  const before = (await get('reporting')).body;
  pass(60_000);

  const { status, body } = await send('PATCH', `${USERS}/reporting`, { properties: { password: PASSWORD } });

  expect(status).toBe(200);
  expect(body).toEqual({
    ...before,
    metadata: {
      ...before.metadata,
      lastModifiedBy: before.metadata.createdBy,
      lastModifiedByUserId: before.metadata.createdByUserId,
      lastModifiedDate: '2026-11-01T12:01:00Z',
    },
  });
  expect(sandbox.cluster(ORDERS).metadata.state).toBe('BUSY');
});

test('a user can be removed, and the cluster stays AVAILABLE', async () => {
  const { sandbox, send, get, list } = userWorld();

  expect(await send('DELETE', `${USERS}/reporting`)).toMatchObject({ status: 204, body: undefined });

  expect((await get('reporting')).status).toBe(404);
  expect(names(await list())).toEqual(['audit', 'orders_owner']);
  expect(sandbox.cluster(ORDERS).metadata.state).toBe('AVAILABLE');
});

test('no password ever comes back', async () => {
  const { send, list, pass, fetch } = userWorld();
  const answers = [await send('POST', USERS, user('reader'))];
  pass(5000);
  answers.push(await send('PATCH', `${USERS}/reader`, { properties: { password: PASSWORD } }));
  pass(5000);
  const texts = [JSON.stringify(answers), JSON.stringify(await list())];
  texts.push(await (await fetch('GET', `/clusters/${ORDERS}/logs`)).text());

  for (const text of texts) expect(text).not.toMatch(/planted|password/i);
});

test('the credentials of an order are the first user of the cluster', async () => {
  const { send } = userWorld();
  const { id } = (await send('POST', '/clusters', order())).body;

  expect(names(await send<UserPage>('GET', `/clusters/${id}/users`))).toEqual(['billing_owner']);
});

test.each(['a b', 'ä/ö', '100%', '%41', 'x?y#z', '😀', 'n"q', "o'k", '-', 'u'.repeat(63)])(
  'the name %j is taken, and found again by its encoded form',
  async (username) => {
    const { send, get } = userWorld({ settleMs: 0 });

    const { status, body } = await send<User>('POST', USERS, user(username));

    expect(status).toBe(200);
    expect((await get(username)).body.properties.username).toBe(username);
    expect((await send<User>('GET', body.href)).body).toEqual(body);
    expect((await send('DELETE', body.href)).status).toBe(204);
  },
);

test.each<[unknown, string]>([
  [user(''), 'username must have at least 1 character'],
  [user('u'.repeat(64)), 'username must have at most 63 characters'],
  [user(7), 'username must be a string'],
  [user('a\u0000b'), 'username must not have control characters'],
  [user('\ud800'), 'username must not have control characters'],
  [user('u', '123456789'), 'password must have at least 10 characters'],
  [user('u', 'p'.repeat(64)), 'password must have at most 63 characters'],
  [{ properties: { username: 'u' } }, 'password is required'],
  [{ properties: { password: PASSWORD } }, 'username is required'],
  [{ properties: { ...user('u').properties, system: true } }, 'system is not a known field'],
  [{ ...user('u'), metadata: {} }, 'metadata is not a known field'],
  [{}, 'properties is required'],
  [[], 'the body must be an object'],
  [user('reporting'), 'username is that of an existing user'],
  ...['postgres', 'standby', 'ionos_cloud_admin', 'admin'].map((name): [unknown, string] => [
    user(name),
    'username must not be the name of a system user',
  ]),
])('a new user must not be %j', async (body, complaint) => {
  const { sandbox, send, list } = userWorld();

  const answer = await send('POST', USERS, body);

  expect(answer.status).toBe(422);
  expect(complaints(answer)).toEqual([complaint]);
  expect(names(await list())).toHaveLength(3);
  expect(sandbox.cluster(ORDERS).metadata.state).toBe('AVAILABLE');
});

test.each([
  [{}, 'properties is required'],
  [{ properties: {} }, 'password is required'],
  [{ properties: { password: 'short' } }, 'password must have at least 10 characters'],
  [user('other'), 'username is not a known field'],
])('a user must not be changed by %j', async (body, complaint) => {
  const { send } = userWorld();

  const answer = await send('PATCH', `${USERS}/reporting`, body);

  expect(answer.status).toBe(422);
  expect(complaints(answer)).toEqual([complaint]);
});

test.each(['postgres', 'standby', 'ionos_cloud_admin'])('%s can be read, not changed or removed', async (name) => {
  const { send, get } = userWorld();

  expect((await get(name)).body.properties).toEqual({ username: name, system: true });
  for (const method of ['PATCH', 'DELETE']) {
    const body = method === 'PATCH' ? { properties: { password: PASSWORD } } : undefined;
    const answer = await send(method, `${USERS}/${name}`, body);
    expect(answer.status).toBe(422);
    expect(complaints(answer)).toEqual(['a system user cannot be changed or removed']);
  }
});

test('a user who owns a database cannot be removed', async () => {
  const { send, get } = userWorld();

  const answer = await send('DELETE', `${USERS}/orders_owner`);

  expect(answer.status).toBe(422);
  expect(complaints(answer)).toEqual(['the user owns shop, shop_staging and cannot be removed until these are']);
  expect((await get('orders_owner')).status).toBe(200);
});

const writes = [
  ['POST', USERS, user('another')],
  ['PATCH', `${USERS}/reporting`, { properties: { password: PASSWORD } }],
  ['DELETE', `${USERS}/reporting`, undefined],
] as const;

test.each(writes)('%s %s is refused while the cluster is BUSY', async (method, path, body) => {
  const { send, list } = userWorld();
  await send('PATCH', `/clusters/${ORDERS}`, { properties: { cores: 4 } });

  const answer = await send(method, path, body);

  expect(answer.status).toBe(422);
  expect(complaints(answer)).toEqual(['the cluster is BUSY; it can be changed only while it is AVAILABLE']);
  expect(names(await list())).toEqual(['audit', 'orders_owner', 'reporting']);
});

test.each(writes)('%s %s is refused with 404 where the cluster is unknown', async (method, path, body) => {
  const { send } = userWorld();

  expect((await send(method, path.replace(ORDERS, 'unknown'), body)).status).toBe(404);
});

test.each(['GET', 'PATCH', 'DELETE'])('%s of an unknown user is refused with 404, even while BUSY', async (method) => {
  const { send } = userWorld();
  await send('PATCH', `/clusters/${ORDERS}`, { properties: { cores: 4 } });

  const answer = await send(method, `${USERS}/nobody`, method === 'PATCH' ? {} : undefined);

  expect(answer.status).toBe(404);
  expect(complaints(answer)).toEqual(['the user does not exist']);
});
