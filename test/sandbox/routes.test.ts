import { expect, test } from 'vitest';
import { world } from './world.ts';

test.each([
  '/nowhere',
  '',
  '/',
  '/clusters/',
  '/Clusters',
  '/clusters/b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041/nothing',
  '/clusters/b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041/users/reporting/nothing',
  '/infos',
  'https://api.ionos.com/clusters',
  'https://api.ionos.com/',
])('there is nothing at %j', async (path) => {
  const { send } = world();

  expect(await send('GET', path)).toMatchObject({ status: 404, body: { httpStatus: 404 } });
});

test('a backup is no cluster, even where its ID is the name of a list', async () => {
  const { send } = world();

  expect((await send('GET', '/clusters/backups')).body).toMatchObject({ type: 'collection', id: 'backups' });
  for (const id of ['users', 'databases', 'logs', 'backups', 'versions']) {
    expect(await send('GET', `/clusters/backups/${id}`)).toMatchObject({
      status: 404,
      body: { messages: [{ message: 'the backup does not exist' }] },
    });
  }
});

test('any origin is accepted', async () => {
  const { send } = world();

  expect((await send('GET', 'http://sandbox.test:8080/databases/postgresql/clusters')).status).toBe(200);
});

test.each([
  ['PUT', '/clusters', 'GET, POST'],
  ['DELETE', '/clusters', 'GET, POST'],
  ['OPTIONS', '/clusters', 'GET, POST'],
  ['POST', '/clusters/b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041', 'GET, PATCH, DELETE'],
  ['PUT', '/clusters/unknown', 'GET, PATCH, DELETE'],
  ['POST', '/clusters/unknown/versions', 'GET'],
  ['POST', '/clusters/unknown/postgresversions', 'GET'],
  ['POST', '/versions', 'GET'],
  ['DELETE', '/clusters/postgresversions', 'GET'],
  ['PATCH', '/clusters/postgresversions', 'GET'],
  ['DELETE', '/clusters/backups', 'GET'],
  ['PATCH', '/clusters/backups/unknown', 'GET'],
  ['POST', '/clusters/backups/restore', 'GET'],
  ['POST', '/clusters/unknown/backups', 'GET'],
  ['GET', '/clusters/unknown/restore', 'POST'],
  ['DELETE', '/clusters/unknown/users', 'GET, POST'],
  ['POST', '/clusters/unknown/users/u', 'GET, PATCH, DELETE'],
  ['PATCH', '/clusters/unknown/databases', 'GET, POST'],
  ['PATCH', '/clusters/unknown/databases/d', 'GET, DELETE'],
  ['POST', '/clusters/unknown/logs', 'GET'],
  ['POST', '/infos/version', 'GET'],
  ['DELETE', '/infos/versions', 'GET'],
])('%s %s is refused with 405 and the methods that are allowed', async (method, path, allowed) => {
  const { send } = world();

  const { status, headers, body } = await send(method, path);

  expect(status).toBe(405);
  expect(headers.get('allow')).toBe(allowed);
  expect(body).toEqual({ httpStatus: 405, messages: [{ errorCode: '405', message: 'Method Not Allowed' }] });
});
