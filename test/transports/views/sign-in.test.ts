import { describe, expect, test } from 'vitest';
import { createGate } from '../../../src/auth/gate.ts';
import { createCodeFlow } from '../../../src/auth/issuer/code-flow.ts';
import { createDiscovery } from '../../../src/auth/issuer/discovery.ts';
import { createTokenVerifier } from '../../../src/auth/static-tokens.ts';
import { type Hosted, host } from '../../helpers/in-process-host.ts';
import { post, raw } from '../../helpers/raw-http.ts';

const ISSUER = 'https://login.example.com';
const DOCUMENT = {
  issuer: ISSUER,
  jwks_uri: `${ISSUER}/keys`,
  authorization_endpoint: `${ISSUER}/authorize`,
  token_endpoint: `${ISSUER}/token`,
};
const CODE = 'the-code-that-came-back';
const VERIFIER = 'v'.repeat(43);
const RETURNED = JSON.stringify({ code: CODE, verifier: VERIFIER });
const GRANTED = { access_token: 'the-access-token', token_type: 'Bearer', refresh_token: 'lasting', id_token: 'who' };
const pages = { page: async () => 'page', view: async () => 'view' };

interface Played extends Hosted {
  isDown?: boolean;
  /** What the token endpoint answers. */
  answer?(): Response | Promise<Response>;
}

/** A server with a page whose client an authorization server knows, which a test plays. */
async function world({ isDown = false, answer = () => Response.json(GRANTED), ...options }: Played = {}) {
  const asked: string[] = [];
  const fetch = async (url: string) => {
    asked.push(url);
    if (isDown) throw new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ECONNREFUSED' }) });
    return url === DOCUMENT.token_endpoint ? answer() : Response.json(DOCUMENT);
  };
  const codeFlow = createCodeFlow({
    discovery: createDiscovery(ISSUER, fetch),
    clientId: 'page',
    redirectUri: 'https://mcp.example.com/',
    resource: 'https://mcp.example.com/mcp',
    scopes: ['clusters:read'],
    fetch,
  });
  const hosted = await host({ pages, codeFlow, ...options });
  const refused = () => hosted.log.filter(({ msg }) => msg === 'refused');
  return {
    ...hosted,
    asked,
    refused,
    exchange: (body = RETURNED, headers = {}) => post(`${hosted.url}/page/token`, body, headers),
    /** Fails where a result, a log or an error repeats what nobody else may know. */
    checkSecrecy: (...told: unknown[]) =>
      expect(JSON.stringify([hosted.log, told])).not.toMatch(/the-code|vvvv|the-access|lasting/),
  };
}

describe('a page whose server names a client', () => {
  test('is told where people sign in', async () => {
    const { url } = await world();

    const { status, body, headers } = await raw(`${url}/page/sign-in`, { method: 'GET' });

    expect({ status, cache: headers['cache-control'] }).toEqual({ status: 200, cache: 'no-store' });
    expect(JSON.parse(body)).toMatchObject({ issuer: ISSUER, redirectUri: 'https://mcp.example.com/' });
    expect(body).not.toMatch(/secret|token"/);
  });

  test('gets the access token for a code, and nothing that lasts longer', async () => {
    const { exchange } = await world();

    const { status, body, headers } = await exchange();

    expect({ status, body }).toEqual({ status: 200, body: '{"token":"the-access-token"}' });
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    expect(headers).not.toHaveProperty('set-cookie');
  });

  test('is told why the authorization server refuses, and so is the log, without the code', async () => {
    const refusal = { error: 'invalid_grant', error_description: `the code ${CODE} was used\u{202E}` };
    const { exchange, refused, checkSecrecy } = await world({ answer: () => Response.json(refusal, { status: 400 }) });

    const { status, body } = await exchange();

    expect(status).toBe(400);
    expect(JSON.parse(body)).toEqual({
      error: 'access_denied',
      error_description:
        'The authorization server login.example.com refused the sign-in: invalid_grant. Sign in again.',
    });
    expect(refused()).toEqual([expect.objectContaining({ value: 'invalid_grant', flag: '--page-client-id' })]);
    checkSecrecy(body);
  });

  test.each<[string, Played, string]>([
    ['down', { isDown: true }, 'cannot be used to sign in: '],
    ['a page', { answer: () => new Response('<h1>Hello</h1>', { status: 502 }) }, 'gave no usable answer (status 502)'],
  ])('is told in words where the authorization server is %s', async (_, played, words) => {
    const { url, exchange, refused, checkSecrecy } = await world(played);

    const { status, body, headers } = await exchange();

    expect({ status, retryAfter: headers['retry-after'] }).toEqual({ status: 503, retryAfter: '5' });
    expect(JSON.parse(body)).toEqual({
      error: 'temporarily_unavailable',
      error_description: expect.stringMatching(/^The authorization server login\.example\.com .*\. Try again later\.$/),
    });
    expect(body).toContain(words);
    expect(refused()).toEqual([expect.objectContaining({ status: 503, reason: expect.stringContaining(words) })]);
    checkSecrecy(body);
    if (played.isDown) expect((await raw(`${url}/page/sign-in`, { method: 'GET' })).body).toContain(words);
  });
});

describe('a code is not sent on', () => {
  test.each<[string, string, Record<string, string>, number, string]>([
    ['with another type', RETURNED, { 'content-type': 'text/plain' }, 415, 'Content-Type must be application/json'],
    ['as a form', 'code=a', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'Content-Type must be'],
    ['compressed', RETURNED, { 'content-encoding': 'gzip' }, 415, 'Content-Encoding is not supported'],
    ['by a foreign page', RETURNED, { origin: 'https://evil.example' }, 403, 'This Origin is not allowed'],
    ['by a page without an origin', RETURNED, { origin: 'null' }, 403, 'This Origin is not allowed'],
    ['by another name', RETURNED, { host: 'evil.example' }, 403, 'This Host is not allowed'],
    ['in more than 16 KiB', JSON.stringify({ code: 'x'.repeat(20_000) }), {}, 413, 'larger than 16384 bytes'],
    [
      'in more than 16 KiB without a length',
      JSON.stringify({ code: 'x'.repeat(20_000) }),
      { 'transfer-encoding': 'chunked' },
      413,
      'larger than 16384 bytes',
    ],
    ['that is no JSON', 'code', {}, 400, 'The body must be'],
    ['that is none', '{}', {}, 400, 'The body must be'],
    ['that is blank', JSON.stringify({ code: '', verifier: VERIFIER }), {}, 400, 'The body must be'],
    ['that is a list', JSON.stringify({ code: [CODE], verifier: VERIFIER }), {}, 400, 'The body must be'],
    ['with a short verifier', JSON.stringify({ code: CODE, verifier: 'v' }), {}, 400, 'The body must be'],
    ['with a verifier of other characters', JSON.stringify({ code: CODE, verifier: '&'.repeat(43) }), {}, 400, 'The'],
  ])('%s', async (_, body, headers, status, words) => {
    const { exchange, asked } = await world();

    const answer = await exchange(body, headers);

    expect(answer).toMatchObject({ status, body: expect.stringContaining(words) });
    expect(asked).toEqual([]);
  });

  test.each(['GET', 'DELETE'])('with %s', async (method) => {
    const { url } = await world();
    expect(await raw(`${url}/page/token`, { method })).toMatchObject({ status: 405, headers: { allow: 'POST' } });
    expect((await raw(`${url}/page/sign-in`, { method: 'POST' })).status).toBe(405);
  });

  test('of an address that has tried 60 times in a minute, failed sign-ins with tokens among them', async () => {
    const verify = createTokenVerifier({ name: 'tokens', text: `a:read:${'x'.repeat(43)}` });
    const { exchange, asked, url } = await world({ gate: createGate({ mode: 'token', verify }) });
    const guess = () => post(`${url}/mcp`, '{}', { authorization: 'Bearer a-guess' });

    for (let times = 0; times < 30; times += 1) expect((await guess()).status).toBe(401);
    for (let times = 0; times < 30; times += 1) expect((await exchange()).status).toBe(200);
    const before = asked.length;

    expect(await exchange()).toMatchObject({
      status: 429,
      headers: { 'retry-after': expect.stringMatching(/^\d+$/) },
      body: expect.stringContaining('Too many failed authentications'),
    });
    expect((await guess()).status).toBe(429);
    expect(asked).toHaveLength(before);
  });

  test('beside twenty others', async () => {
    const waiting: (() => void)[] = [];
    const answer = () => new Promise<Response>((resolve) => waiting.push(() => resolve(Response.json(GRANTED))));
    const { exchange } = await world({ answer });
    const first = Array.from({ length: 20 }, () => exchange());
    await expect.poll(() => waiting.length).toBe(20);

    expect(await exchange()).toMatchObject({ status: 503, body: expect.stringContaining('Too many sign-ins at once') });

    for (const finish of waiting) finish();
    expect((await Promise.all(first)).map(({ status }) => status)).toEqual(Array(20).fill(200));
    const next = exchange();
    await expect.poll(() => waiting.length).toBe(21);
    waiting.at(-1)?.();
    expect((await next).status).toBe(200);
  });
});

test('without a client the page is told of none, and no code is taken', async () => {
  const { url } = await host({ pages });

  expect(await raw(`${url}/page/sign-in`, { method: 'GET' })).toMatchObject({ status: 200, body: '{}' });
  expect((await post(`${url}/page/token`, RETURNED)).status).toBe(404);
});

test('without a page there is neither', async () => {
  const { url } = await world({ pages: undefined });

  expect((await raw(`${url}/page/sign-in`, { method: 'GET' })).status).toBe(404);
  expect((await post(`${url}/page/token`, RETURNED)).status).toBe(404);
});
