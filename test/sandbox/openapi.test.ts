import { describe, expect, test } from 'vitest';
import { openapi } from '../helpers/openapi.ts';
import { BASE, order, TOKEN, world } from './world.ts';

const EXAMPLE = 'b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041';
const JSON_HEADERS = { ...TOKEN, 'content-type': 'application/json' };

const built = ({ path }: { path: string }) => /^\/versions$|^\/clusters(\/\{clusterId\})?(\/\w*versions)?$/.test(path);
const operations = openapi.operations.filter(built);
const address = (path: string, id = EXAMPLE) => path.replace('{clusterId}', id);
const bodyFor = (method: string) => ({ POST: order(), PATCH: { properties: { cores: 4 } } })[method];

test('all eight operations on clusters and the list of versions are here', () => {
  expect(operations).toHaveLength(9);
});

// Every answer of world() is held against the contract. What is left to say is that each status occurs.
describe.each(operations)('$method $path answers as documented', ({ method, path }) => {
  test('with 200', async () => {
    const { send } = world();

    expect((await send(method, address(path), bodyFor(method))).status).toBe(200);
  });

  test('with 401', async () => {
    const { fetch } = world();

    expect((await fetch(method, address(path), { headers: {} })).status).toBe(401);
  });

  test('with 405', async () => {
    const { send } = world();

    expect((await send('PUT', address(path))).status).toBe(405);
  });

  test.each([400, 402, 403, 429, 500, 503])('with %i, by a fault', async (status) => {
    const { sandbox, send } = world();
    sandbox.failNext({ kind: status, retryAfter: 1 });

    expect((await send(method, address(path), bodyFor(method))).status).toBe(status);
  });
});

test.each(operations.filter(({ path }) => path.includes('{')))(
  '$method $path answers with 404',
  async ({ method, path }) => {
    const { send } = world();

    expect((await send(method, address(path, 'unknown'), bodyFor(method))).status).toBe(404);
  },
);

test.each([
  ['GET', '/clusters?limit=0', undefined],
  ['POST', '/clusters', {}],
  ['PATCH', `/clusters/${EXAMPLE}`, { properties: { cores: 0 } }],
])('%s %s answers with 422', async (method, path, body) => {
  const { send } = world();

  expect((await send(method, path, body)).status).toBe(422);
});

test.each([
  ['POST', '/clusters'],
  ['PATCH', `/clusters/${EXAMPLE}`],
])('%s %s answers with 400 and 415', async (method, path) => {
  const { fetch } = world();

  expect((await fetch(method, path, { headers: JSON_HEADERS, body: '{' })).status).toBe(400);
  expect((await fetch(method, path, { headers: TOKEN, body: '{}' })).status).toBe(415);
});

test.each(openapi.requestExamples.filter(built))('the example "$name" of $method $path is taken', async (example) => {
  // One of them names a time in March 2026.
  const { send } = world({ clock: () => Date.parse('2026-03-05T12:00:00Z') });
  const { method, value } = example;
  const path = address(example.path);

  await openapi.checkRequest(new Request(BASE + path, { method, headers: JSON_HEADERS }), JSON.stringify(value));
  const { status, body } = await send(method, path, value);

  expect(status).toBe(200);
  expect(body.metadata.state).toBe('BUSY');
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
