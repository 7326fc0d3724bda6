import { describe, expect, test } from 'vitest';
import { openapi } from '../helpers/openapi.ts';
import { address, BODIES, bodyFor, EXAMPLE, PASSWORD, success } from './operations.ts';
import { BASE, order, TOKEN, world } from './world.ts';

const JSON_HEADERS = { ...TOKEN, 'content-type': 'application/json' };

const withBody = openapi.operations.filter(bodyFor);

test('all operations are here', () => {
  expect(openapi.operations).toHaveLength(25);
  expect(withBody).toHaveLength(Object.keys(BODIES).length);
});

// Every answer of world() is held against the contract. What is left to say is that each status occurs.
describe.each(openapi.operations)('$method $path answers as documented', (operation) => {
  const { method } = operation;

  test(`with ${success(operation)}`, async () => {
    const { send } = world();

    expect((await send(method, address(operation), bodyFor(operation))).status).toBe(success(operation));
  });

  test('with 401', async () => {
    const { fetch } = world();

    expect((await fetch(method, address(operation), { headers: {} })).status).toBe(401);
  });

  test('with 405', async () => {
    const { send } = world();

    expect((await send('PUT', address(operation))).status).toBe(405);
  });

  test.each([400, 402, 403, 429, 500, 503])('with %i, by a fault', async (status) => {
    const { sandbox, send } = world();
    sandbox.failNext({ kind: status, retryAfter: 1 });

    expect((await send(method, address(operation), bodyFor(operation))).status).toBe(status);
  });
});

const parameters = openapi.operations.flatMap((operation) =>
  [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, parameter = '']) => ({ ...operation, parameter })),
);

test.each(parameters)('$method $path answers with 404 where the $parameter is unknown', async (operation) => {
  const { send } = world();
  const path = address(operation, { [operation.parameter]: 'unknown' });

  expect((await send(operation.method, path, bodyFor(operation))).status).toBe(404);
});

test.each([
  ...withBody.map((operation) => [operation.method, address(operation), { properties: { cores: 0 } }] as const),
  ['GET', '/clusters?limit=0', undefined] as const,
  ['GET', '/clusters/backups?limit=0', undefined] as const,
  ['GET', `/clusters/${EXAMPLE}/backups?offset=-1`, undefined] as const,
  ['GET', `/clusters/${EXAMPLE}/users?system=yes`, undefined] as const,
  ['GET', `/clusters/${EXAMPLE}/databases?limit=0`, undefined] as const,
  ['GET', `/clusters/${EXAMPLE}/logs?limit=0`, undefined] as const,
  ['DELETE', `/clusters/${EXAMPLE}/users/postgres`, undefined] as const,
])('%s %s answers with 422', async (method, path, body) => {
  const { send } = world();

  expect((await send(method, path, body)).status).toBe(422);
});

test.each(withBody)('$method $path answers with 400 and 415', async (operation) => {
  const { fetch } = world();
  const path = address(operation);

  expect((await fetch(operation.method, path, { headers: JSON_HEADERS, body: '{' })).status).toBe(400);
  expect((await fetch(operation.method, path, { headers: TOKEN, body: '{}' })).status).toBe(415);
});

test.each(openapi.requestExamples)('the example "$name" of $method $path is taken', async (example) => {
  // The examples know the backup of March 2026, and make the user and the database that the example cluster has.
  const { sandbox, send } = world({ clock: () => Date.parse('2026-03-05T12:00:00Z'), settleMs: 0 });
  const { method, value } = example;
  const { id } = sandbox.addCluster();
  const makes = method === 'POST' && /users$|databases$/.test(example.path);
  const path = address(example, makes ? { clusterId: id } : {});
  if (path.endsWith('databases')) {
    await send('POST', `/clusters/${id}/users`, { properties: { username: 'reporting', password: PASSWORD } });
  }

  await openapi.checkRequest(new Request(BASE + path, { method, headers: JSON_HEADERS }), JSON.stringify(value));

  expect((await send(method, path, value)).status).toBe(success(example));
});

describe('a request that the contract does not know is found out', () => {
  const request = (method: string, path: string, headers: Record<string, string> = JSON_HEADERS) =>
    new Request(path.startsWith('http') ? path : BASE + path, { method, headers });
  const body = JSON.stringify;

  test.each([
    ['another base path', request('GET', 'https://api.ionos.com/clusters', TOKEN), '', 'no such operation'],
    ['a wrong method', request('PUT', `/clusters/${EXAMPLE}`), '{}', 'no such operation'],
    ['no credential', request('GET', '/clusters', {}), '', 'Authorization: not Basic or Bearer'],
    ['an unknown parameter', request('GET', '/clusters?name=x', TOKEN), '', 'name: not documented'],
    ['a parameter given twice', request('GET', '/clusters?limit=1&limit=2', TOKEN), '', 'limit: given 2 times'],
    ['a wrong limit', request('GET', '/clusters?limit=0', TOKEN), '', 'limit must be >= 1'],
    ['text for a number', request('GET', '/clusters?offset=first', TOKEN), '', 'offset must be integer'],
    [
      'a wrong contract number',
      request('GET', '/versions', { ...TOKEN, 'x-contract-number': 'mine' }),
      '',
      'X-Contract-Number must be integer',
    ],
    ['a needless body', request('DELETE', `/clusters/${EXAMPLE}`), '{}', 'body: not documented'],
    ['no type of body', request('PATCH', `/clusters/${EXAMPLE}`, TOKEN), '{}', 'Content-Type: none'],
    [
      'an unknown field',
      request('PATCH', `/clusters/${EXAMPLE}`),
      body({ properties: { storagesize: 1 } }),
      'body/properties must NOT have unevaluated properties',
    ],
    [
      'a fixed field',
      request('PATCH', `/clusters/${EXAMPLE}`),
      body({ properties: { location: 'de/txl' } }),
      'body/properties must NOT have unevaluated properties',
    ],
    [
      'a field of the service',
      request('PATCH', `/clusters/${EXAMPLE}`),
      body({ metadata: { state: 'BUSY' } }),
      'body/metadata/state is readOnly',
    ],
    [
      'a missing field',
      request('POST', '/clusters'),
      body({ properties: order({ cores: undefined }).properties }),
      "must have required property 'cores'",
    ],
    ['a wrong type', request('POST', '/clusters'), body(order({ ram: '4096' })), 'body/properties/ram must be integer'],
    [
      'a wrong bound',
      request('POST', '/clusters'),
      body(order({ instances: 6 })),
      'body/properties/instances must be <= 5',
    ],
  ])('%s', async (_, wrong, text, reason) => {
    await expect(openapi.checkRequest(wrong, text)).rejects.toThrow(reason);
  });
});

describe('an answer that the contract does not know is found out', () => {
  test.each([
    ['a shown password', Response.json({ properties: { credentials: { password: 'x' } } }), 'unevaluated properties'],
    ['an unknown state', Response.json({ metadata: { state: 'READY' } }), 'body/metadata/state must be equal'],
    [
      'a date without time',
      Response.json({ metadata: { createdDate: '2026-03-02' } }),
      'must match format "date-time"',
    ],
    ['an error without list', Response.json({ messages: 'no' }, { status: 404 }), 'body/messages must be array'],
    [
      'a page of HTML',
      new Response('<html>', { status: 502, headers: { 'content-type': 'text/html' } }),
      'Content-Type: text/html',
    ],
  ])('%s', async (_, response, reason) => {
    await expect(openapi.checkResponse('GET', `${BASE}/clusters/${EXAMPLE}`, response)).rejects.toThrow(reason);
  });
});
