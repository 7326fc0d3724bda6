import { describe, expect, test } from 'vitest';
import { type Body, complaints, order, TOKEN, world } from './world.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const ORDERS = '/clusters/b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041';

describe('a credential', () => {
  test.each([
    'Bearer token',
    'bearer eyJhbGciOi.e30.x-_',
    `Basic ${btoa('user@example.com:pass:word')}`,
    `BASIC ${btoa('u:p')}`,
  ])('like %j is let in', async (authorization) => {
    const { fetch } = world();

    expect(await fetch('GET', '/clusters', { headers: { authorization } })).toMatchObject({ status: 200 });
  });

  test.each<Record<string, string>>([
    {},
    { authorization: '' },
    { authorization: 'Bearer' },
    { authorization: 'Bearer two words' },
    { authorization: 'token' },
    { authorization: 'Digest username="u"' },
    { authorization: 'Basic' },
    { authorization: 'Basic no-base-64!' },
    { authorization: `Basic ${btoa('no colon')}` },
    { authorization: `Basic ${btoa(':password')}` },
    { authorization: `Basic ${btoa('user:')}` },
  ])('must not be %j', async (headers) => {
    const { fetch } = world();

    const response = await fetch('GET', '/clusters', { headers });

    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({
      httpStatus: 401,
      messages: [{ errorCode: '315', message: 'Unauthorized' }],
    });
  });

  test('is asked for before anything else', async () => {
    const { fetch } = world();

    expect((await fetch('GET', '/nowhere', { headers: {} })).status).toBe(401);
    expect((await fetch('PUT', '/clusters', { headers: {} })).status).toBe(401);
    expect((await fetch('POST', '/clusters', { headers: {}, body: '{' })).status).toBe(401);
  });
});

describe.each([
  ['POST', '/clusters', order()],
  ['PATCH', ORDERS, { properties: { cores: 4 } }],
])('the body of %s', (method, path, body) => {
  test.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON'])('may be %s', async (type) => {
    const { fetch } = world();

    const response = await fetch(method, path, {
      headers: { ...TOKEN, 'content-type': type },
      body: JSON.stringify(body),
    });

    expect(response.status).toBe(200);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/merge-patch+json'])(
    'must not be %s',
    async (type) => {
      const { fetch } = world();

      const response = await fetch(method, path, {
        headers: { ...TOKEN, 'content-type': type },
        body: JSON.stringify(body),
      });

      expect(response.status).toBe(415);
      expect(complaints({ body: (await response.json()) as Body })).toEqual([
        'the Content-Type must be application/json',
      ]);
    },
  );

  test('must have a type', async () => {
    const { fetch } = world();

    const response = await fetch(method, path, { body: new TextEncoder().encode(JSON.stringify(body)) });

    expect(response.status).toBe(415);
  });

  test.each(['', '{', 'properties', "{'properties': {}}", '{"properties": {}} x'])(
    'must be JSON, not %j',
    async (text) => {
      const { fetch } = world();

      const response = await fetch(method, path, { headers: { ...TOKEN, ...JSON_TYPE }, body: text });

      expect(response.status).toBe(400);
      expect(await response.json()).toEqual({
        httpStatus: 400,
        messages: [{ errorCode: '400', message: 'the body is not JSON' }],
      });
    },
  );
});

test('answers are application/json, refusals too', async () => {
  const { send } = world();

  for (const path of ['/clusters', '/clusters/unknown', '/nowhere']) {
    expect((await send('GET', path)).headers.get('content-type')).toBe('application/json');
  }
});
