import { expect, test } from 'vitest';
import { CodeRefusedError, createCodeFlow } from '../../../src/auth/issuer/code-flow.ts';
import { createDiscovery } from '../../../src/auth/issuer/discovery.ts';
import { AuthorizationServerDownError } from '../../../src/auth/refusals.ts';
import { hurried } from '../../helpers/fake-clock.ts';

const ISSUER = 'https://login.example.com';
const METADATA = `${ISSUER}/.well-known/oauth-authorization-server`;
const TOKEN = `${ISSUER}/token?tenant=one`;
const DOCUMENT = {
  issuer: ISSUER,
  jwks_uri: `${ISSUER}/keys`,
  authorization_endpoint: `${ISSUER}/authorize?tenant=one`,
  token_endpoint: TOKEN,
  authorization_response_iss_parameter_supported: true,
};
const CODE = 'the-code-that-came-back';
const VERIFIER = 'v'.repeat(43);
const GRANTED = { access_token: 'the-access-token', token_type: 'Bearer', expires_in: 600, refresh_token: 'lasting' };

interface Played {
  document?: object;
  /** What the token endpoint answers. */
  answer?(init: RequestInit): Response | Promise<Response>;
}

/** The flow of a page's client, with an authorization server that a test plays. */
function play({ document = DOCUMENT, answer = () => Response.json(GRANTED) }: Played = {}) {
  const asked: { url: string; init: RequestInit }[] = [];
  const clock = { now: 0 };
  const state = { document: document as object | undefined };
  const fetch = async (url: string, init: RequestInit) => {
    asked.push({ url, init });
    if (url === TOKEN) return answer(init);
    return url === METADATA && state.document ? Response.json(state.document) : new Response('', { status: 404 });
  };
  const flow = createCodeFlow({
    discovery: createDiscovery(ISSUER, fetch),
    clientId: 'page',
    redirectUri: 'https://mcp.example.com/postgres/',
    resource: 'https://mcp.example.com/postgres/mcp',
    scopes: ['api://1/clusters:read', 'api://1/clusters:write'],
    fetch,
    now: () => clock.now,
  });
  const exchange = () => flow.exchange(CODE, VERIFIER);
  return { ...flow, exchange, asked, clock, state, failure: () => exchange().then(() => undefined, errorOf) };
}

/** Fails where it repeats what nobody else may know. */
function errorOf(error: unknown): { name: string; message: string; code?: string } {
  if (!(error instanceof AuthorizationServerDownError || error instanceof CodeRefusedError)) throw error;
  expect(JSON.stringify([error, error.message])).not.toMatch(/the-code|vvvv|the-access/);
  return error;
}

test('the page is sent to the authorization endpoint, whose own parameters stay', async () => {
  const { authorizationUrl, ...offer } = await play().offer();

  expect(offer).toEqual({ issuer: ISSUER, redirectUri: 'https://mcp.example.com/postgres/', namesIssuer: true });
  const { origin, pathname, searchParams } = new URL(authorizationUrl);
  expect(origin + pathname).toBe(`${ISSUER}/authorize`);
  expect(Object.fromEntries(searchParams)).toEqual({
    tenant: 'one',
    response_type: 'code',
    client_id: 'page',
    redirect_uri: 'https://mcp.example.com/postgres/',
    scope: 'api://1/clusters:read api://1/clusters:write',
    resource: 'https://mcp.example.com/postgres/mcp',
    code_challenge_method: 'S256',
  });
});

test('a code is exchanged for the access token alone, without a secret', async () => {
  const { exchange, asked } = play();

  expect(await exchange()).toBe('the-access-token');

  const { url, init } = asked.at(-1) ?? {};
  expect({ url, ...init }).toMatchObject({ url: TOKEN, method: 'POST', redirect: 'manual' });
  expect(init?.headers).toEqual({ accept: 'application/json' });
  expect(Object.fromEntries(new URLSearchParams(String(init?.body)))).toEqual({
    grant_type: 'authorization_code',
    code: CODE,
    code_verifier: VERIFIER,
    client_id: 'page',
    redirect_uri: 'https://mcp.example.com/postgres/',
    resource: 'https://mcp.example.com/postgres/mcp',
  });
});

test('the reason of a refusal is told, cut and without what hides', async () => {
  const description = `\u202egrant ${'x'.repeat(1000)}`;
  const { failure } = play({
    answer: () => Response.json({ error: 'invalid_grant', error_description: description }, { status: 400 }),
  });

  const error = await failure();

  expect(error).toMatchObject({ name: 'CodeRefusedError', code: 'invalid_grant' });
  expect(error?.message).toMatch(
    /^The authorization server login\.example\.com refused the sign-in: invalid_grant, \\u/,
  );
  expect(error?.message.length).toBeLessThan(400);
});

test('a refusal that repeats the code or the verifier is told without them', async () => {
  for (const answer of [
    { error: 'invalid_grant', error_description: `no such code: ${CODE}` },
    { error: VERIFIER, error_description: 'no' },
  ]) {
    const { failure } = play({ answer: () => Response.json(answer, { status: 400 }) });
    expect((await failure())?.message).toMatch(/refused the sign-in: (invalid_grant|no)$/);
  }
});

test.each<[string, () => Response, string]>([
  ['a page', () => new Response('<!doctype html><h1>Log in</h1>'), 'no usable answer (status 200)'],
  ['an error page', () => new Response('<h1>Bad gateway</h1>', { status: 502 }), 'no usable answer (status 502)'],
  ['nothing', () => new Response(null, { status: 204 }), 'no usable answer (status 204)'],
  [
    'a redirect',
    () => new Response(null, { status: 302, headers: { location: 'https://evil.example' } }),
    'status 302',
  ],
  ['no token', () => Response.json({ token_type: 'Bearer' }), 'no usable answer (status 200)'],
  ['an empty token', () => Response.json({ ...GRANTED, access_token: '' }), 'no usable answer'],
  ['a token that needs a proof', () => Response.json({ ...GRANTED, token_type: 'DPoP' }), 'no usable answer'],
  ['a token with an error', () => Response.json(GRANTED, { status: 500 }), 'no usable answer (status 500)'],
  ['more than 256 KB', () => new Response('x'.repeat(300_000)), 'is longer than 262144 bytes'],
])('%s is no token', async (_, answer, words) => {
  const { failure, asked } = play({ answer });

  expect(await failure()).toMatchObject({
    name: 'AuthorizationServerDownError',
    message: expect.stringContaining(words),
  });
  expect(asked.map(({ url }) => url)).toEqual([METADATA, TOKEN]);
});

test('an authorization server that cannot be reached is named, with the reason', async () => {
  const { failure } = play({
    answer: () => {
      throw new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ECONNREFUSED' }) });
    },
  });
  expect((await failure())?.message).toBe(
    'The authorization server login.example.com cannot be reached (ECONNREFUSED)',
  );
});

test.each(['before it answers', 'in the middle of its answer'])(
  'one that falls silent %s is given up',
  async (when) => {
    const { failure } = play({
      answer({ signal }) {
        const silent = () =>
          new Promise<never>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
        return when === 'before it answers' ? silent() : new Response(new ReadableStream({ pull: silent }));
      },
    });
    expect((await hurried(failure))?.message).toContain('gave no answer within 10 s');
  },
);

test.each<[string, object, string]>([
  ['has no token endpoint', { token_endpoint: undefined }, 'lack an authorization_endpoint or a token_endpoint'],
  ['has no authorization endpoint', { authorization_endpoint: undefined }, 'lack an authorization_endpoint'],
  ['has one over http', { token_endpoint: 'http://login.example.com/token' }, 'with https'],
  ['lists PKCE without S256', { code_challenge_methods_supported: ['plain'] }, 'list PKCE without S256'],
])('nobody is sent to one that %s', async (_, changes, words) => {
  const { offer, failure, asked } = play({ document: { ...DOCUMENT, ...changes } });

  const error = await offer().catch(errorOf);

  expect(error).toMatchObject({ name: 'AuthorizationServerDownError', message: expect.stringContaining(words) });
  expect(await failure()).toMatchObject({ message: expect.stringContaining(words) });
  expect(asked.map(({ url }) => url)).not.toContain(TOKEN);
});

test('one that lists S256 is as good as one that lists nothing', async () => {
  const document = { ...DOCUMENT, code_challenge_methods_supported: ['plain', 'S256'] };
  expect(await play({ document }).exchange()).toBe('the-access-token');
});

test('one that is down is asked again after five seconds at the earliest', async () => {
  const { offer, asked, clock, state } = play();
  state.document = undefined;

  for (let times = 0; times < 10; times += 1) await expect(offer()).rejects.toThrow('answered 404');
  const before = asked.length;
  clock.now += 5_000;
  state.document = DOCUMENT;

  expect(await offer()).toMatchObject({ issuer: ISSUER });
  expect(before).toBe(2);
  expect(asked).toHaveLength(3);
});

test('an endpoint that was missing is looked for again', async () => {
  const { offer, clock, state } = play({ document: { ...DOCUMENT, token_endpoint: undefined } });
  await expect(offer()).rejects.toThrow('lack an authorization_endpoint or a token_endpoint');
  state.document = DOCUMENT;
  clock.now += 5_000;

  expect(await offer()).toMatchObject({ issuer: ISSUER });
});

test('a token endpoint that has moved is found again', async () => {
  const { failure, offer, state } = play({ answer: () => new Response('', { status: 404 }) });
  await failure();
  state.document = { ...DOCUMENT, authorization_endpoint: `${ISSUER}/moved` };

  expect((await offer()).authorizationUrl).toContain('/moved?');
});
