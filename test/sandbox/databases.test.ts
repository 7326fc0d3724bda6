import { expect, test } from 'vitest';
import { BASE, type Body, complaints, order, world } from './world.ts';

interface Database {
  type: string;
  id: string;
  href: string;
  metadata: Record<string, string>;
  properties: { name: string; owner: string };
}

interface DatabasePage extends Omit<Body, 'items'> {
  href: string;
  items: Database[];
  _links: Body['links'];
}

const ORDERS = 'b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041';
const DATABASES = `/clusters/${ORDERS}/databases`;

const database = (name: unknown, owner: unknown = 'orders_owner') => ({ properties: { name, owner } });
const names = ({ body }: { body: DatabasePage }) => body.items.map(({ properties }) => properties.name);

function databaseWorld(options = {}) {
  const { send, ...rest } = world({ settleMs: 5000, ...options });
  return {
    ...rest,
    send,
    list: (query = '') => send<DatabasePage>('GET', `${DATABASES}${query}`),
    get: (name: string) => send<Database>('GET', `${DATABASES}/${encodeURIComponent(name)}`),
  };
}

test('the databases of a cluster are listed by name, on pages with _links', async () => {
  const { list } = databaseWorld();

  const { status, body } = await list('?limit=1');

  expect(status).toBe(200);
  expect(body).toEqual({
    type: 'collection',
    id: expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-5[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/),
    href: BASE + DATABASES,
    items: expect.any(Array),
    offset: 0,
    limit: 1,
    _links: { self: `${BASE}${DATABASES}?limit=1&offset=0`, next: `${BASE}${DATABASES}?limit=1&offset=1` },
  });
  expect(names(await list())).toEqual(['shop', 'shop_staging']);
});

test('a database says where it is, who owns it and who made it', async () => {
  const { send, get } = databaseWorld();

  expect((await get('shop')).body).toEqual({
    type: 'database',
    id: expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-5/),
    href: `${BASE}${DATABASES}/shop`,
    metadata: {
      createdBy: 'ionos:iam:cloud::users/1f0c8f0a-3a41-4f0e-9a55-6f1f5b0f7f10',
      createdByUserId: '1f0c8f0a-3a41-4f0e-9a55-6f1f5b0f7f10',
      createdDate: '2026-07-05T12:00:00Z',
      resourceURN: `ionos:postgresql:de-txl:31234567:clusters/${ORDERS}/databases/shop`,
    },
    properties: { name: 'shop', owner: 'orders_owner' },
  });
  const bySql = await send<Database>('GET', '/clusters/e41a7f08-36d9-4c85-9f2b-d8c05b6a1e97/databases/tickets');
  expect(bySql.body.metadata.createdBy).toMatch(/_unmanaged_$/);
});

test('a new database is there at once, and the cluster stays AVAILABLE', async () => {
  const { sandbox, send, get, list } = databaseWorld();

  const { status, body } = await send<Database>('POST', DATABASES, database('shop-archive', 'reporting'));

  expect(status).toBe(200);
  expect(body).toMatchObject({ type: 'database', properties: { name: 'shop-archive', owner: 'reporting' } });
  expect((await get('shop-archive')).body).toEqual(body);
  expect(names(await list())).toEqual(['shop', 'shop-archive', 'shop_staging']);
  expect(sandbox.cluster(ORDERS).metadata.state).toBe('AVAILABLE');
});

test('a new cluster has no database until one is made', async () => {
  const { send, pass } = databaseWorld();
  const { id } = (await send('POST', '/clusters', order())).body;
  pass(5000);

  expect(names(await send<DatabasePage>('GET', `/clusters/${id}/databases`))).toEqual([]);
  expect((await send('POST', `/clusters/${id}/databases`, database('billing', 'billing_owner'))).status).toBe(200);
});

test('a database can be removed, after it its owner', async () => {
  const { sandbox, send, get } = databaseWorld();

  for (const name of ['shop', 'shop_staging']) {
    expect(await send('DELETE', `${DATABASES}/${name}`)).toMatchObject({ status: 204, body: undefined });
  }

  expect((await get('shop')).status).toBe(404);
  expect((await send('DELETE', `/clusters/${ORDERS}/users/orders_owner`)).status).toBe(204);
  expect(sandbox.cluster(ORDERS).metadata.state).toBe('AVAILABLE');
});

test.each(['a b', 'ä/ö', '100%', '%41', '😀', 'd'.repeat(63)])('the name %j is taken and found again', async (name) => {
  const { send, get } = databaseWorld();

  const { body } = await send<Database>('POST', DATABASES, database(name));

  expect((await get(name)).body).toEqual(body);
  expect((await send('DELETE', body.href)).status).toBe(204);
});

test.each<[unknown, string[]]>([
  [database(''), ['name must have at least 1 character']],
  [database('d'.repeat(64)), ['name must have at most 63 characters']],
  [database('d', ''), ['owner must have at least 1 character']],
  [database('d', 'o'.repeat(64)), ['owner must have at most 63 characters']],
  [database('d\n'), ['name must not have control characters']],
  [{ properties: {} }, ['name is required', 'owner is required']],
  [{ properties: { ...database('d').properties, encoding: 'UTF8' } }, ['encoding is not a known field']],
  [{}, ['properties is required']],
  [null, ['the body must be an object']],
  [database('shop'), ['name is that of an existing database']],
  [database('d', 'nobody'), ['owner must be a user of the cluster, not of the service']],
  [database('d', 'postgres'), ['owner must be a user of the cluster, not of the service']],
  [
    database('shop', 'nobody'),
    ['name is that of an existing database', 'owner must be a user of the cluster, not of the service'],
  ],
  [database('postgres'), ['name must not be the name of a system database']],
  [database('template0'), ['name must not be the name of a system database']],
  [database('template1'), ['name must not be the name of a system database']],
])('a new database must not be %j', async (body, expected) => {
  const { send, list } = databaseWorld();

  const answer = await send('POST', DATABASES, body);

  expect(answer.status).toBe(422);
  expect(complaints(answer)).toEqual(expected);
  expect(names(await list())).toEqual(['shop', 'shop_staging']);
});

const writes = [
  ['POST', DATABASES, database('another')],
  ['DELETE', `${DATABASES}/shop`, undefined],
] as const;

test.each(writes)('%s %s is refused while the cluster is BUSY', async (method, path, body) => {
  const { send, list } = databaseWorld();
  await send('POST', `/clusters/${ORDERS}/users`, { properties: { username: 'u', password: 'planted-password' } });

  const answer = await send(method, path, body);

  expect(answer.status).toBe(422);
  expect(complaints(answer)).toEqual(['the cluster is BUSY; it can be changed only while it is AVAILABLE']);
  expect(names(await list())).toEqual(['shop', 'shop_staging']);
});

test.each(writes)('%s %s is refused with 404 where the cluster is unknown', async (method, path, body) => {
  const { send } = databaseWorld();

  expect((await send(method, path.replace(ORDERS, 'unknown'), body)).status).toBe(404);
});

test.each([
  ['GET', 'nothing'],
  ['DELETE', 'nothing'],
  ['GET', 'postgres'],
  ['DELETE', 'template1'],
])('%s of %s is refused with 404', async (method, name) => {
  const { send } = databaseWorld();

  const answer = await send(method, `${DATABASES}/${name}`);

  expect(answer.status).toBe(404);
  expect(complaints(answer)).toEqual(['the database does not exist']);
});

test('a database cannot be changed', async () => {
  const { send } = databaseWorld();

  const { status, headers } = await send('PATCH', `${DATABASES}/shop`, database('shop', 'reporting'));

  expect(status).toBe(405);
  expect(headers.get('allow')).toBe('GET, DELETE');
});
