import { expect, test } from 'vitest';
import { ConfigError } from '../../src/errors.ts';
import { hurried } from '../helpers/fake-clock.ts';
import { listen } from '../helpers/process.ts';
import { createKey, RESOURCE, SCOPES, sign } from './provider.ts';
import { verifierOf } from './world.ts';

const ISSUER = 'https://login.example.com';
const KEYS = `${ISSUER}/keys`;
const METADATA = `${ISSUER}/.well-known/oauth-authorization-server`;
const OPENID = `${ISSUER}/.well-known/openid-configuration`;

const key = await createKey('one', 'ES256');
const keys = { keys: [key.publicJwk] };
const metadata = (changes = {}) => ({ issuer: ISSUER, jwks_uri: KEYS, ...changes });

interface Site {
  /** What each address answers: a document, or a whole answer. */
  pages: Record<string, unknown>;
  issuer?: string;
  jwksUrl?: string;
}

/** Whether a good token is taken, what was asked for on the way, and what was amiss. */
async function look({ pages, issuer = ISSUER, jwksUrl }: Site) {
  const asked: string[] = [];
  const problems: string[] = [];
  const verify = verifierOf({
    issuer,
    jwksUrl,
    audience: [RESOURCE],
    onProblem: (problem) => problems.push(problem),
    async fetch(url) {
      asked.push(url);
      const page = pages[url];
      if (page instanceof Response) return page;
      return page === undefined ? new Response('', { status: 404 }) : Response.json(page);
    },
  });
  const exp = Math.floor(Date.now() / 1000) + 600;
  const token = await sign({ iss: issuer, aud: RESOURCE, sub: 'alice', scope: SCOPES, exp }, key);
  const caller = await verify(token).catch(() => undefined);
  return { taken: caller?.name === 'alice', asked, problem: problems.join() };
}

test.each([
  ['the OAuth document', ISSUER, METADATA],
  ['the OpenID document', ISSUER, OPENID],
  ['an issuer that ends in a slash', `${ISSUER}/`, OPENID],
  ['the OAuth document, for an issuer with a path', `${ISSUER}/team`, `${METADATA}/team`],
  ['the OpenID document, for an issuer with a path', `${ISSUER}/team`, `${OPENID}/team`],
  ['the OpenID document below the path', `${ISSUER}/team`, `${ISSUER}/team/.well-known/openid-configuration`],
  ['a path that ends in a slash', `${ISSUER}/team/`, `${METADATA}/team`],
])('the keys are found by %s', async (_, issuer, url) => {
  const { taken, asked } = await look({ issuer, pages: { [url]: metadata({ issuer }), [KEYS]: keys } });
  expect(taken).toBe(true);
  expect(asked.slice(-2)).toEqual([url, KEYS]);
});

test.each<[string, Record<string, unknown>, string]>([
  ['names another issuer', { issuer: 'https://other.example.com' }, 'another issuer, "https://other.example.com"'],
  ['names the issuer with a slash more', { issuer: `${ISSUER}/` }, `another issuer, "${ISSUER}/"`],
  ['names no issuer', { issuer: undefined }, 'is not the document that belongs there'],
  ['names no keys', { jwks_uri: undefined }, 'has no jwks_uri, or an unsafe one'],
  ['names keys that are no text', { jwks_uri: [KEYS] }, 'has no jwks_uri, or an unsafe one'],
  ['has its keys over http', { jwks_uri: 'http://login.example.com/keys' }, 'has no jwks_uri, or an unsafe one'],
  ['has its keys on this machine', { jwks_uri: 'http://127.0.0.1/keys' }, 'has no jwks_uri, or an unsafe one'],
  [
    'has its keys on this machine, over https',
    { jwks_uri: 'https://localhost/keys' },
    'has no jwks_uri, or an unsafe one',
  ],
  ['has its keys in a file', { jwks_uri: 'file:///etc/keys' }, 'has no jwks_uri, or an unsafe one'],
  ['has its keys nowhere', { jwks_uri: 'keys' }, 'has no jwks_uri, or an unsafe one'],
])('a document that %s is not followed', async (_, changes, problem) => {
  const pages = { [METADATA]: metadata(changes), [KEYS]: keys };
  const { taken, asked, problem: told } = await look({ pages });
  expect(taken).toBe(false);
  expect(asked).toEqual([METADATA, OPENID]);
  expect(told).toContain(problem);
});

test('a page that stands in for a missing document does not hide the other', async () => {
  const page = new Response('<!doctype html>', { headers: { 'content-type': 'text/html' } });
  expect(await look({ pages: { [METADATA]: page, [OPENID]: metadata(), [KEYS]: keys } })).toMatchObject({
    taken: true,
  });
});

test.each<[string, unknown, string]>([
  ['an error', new Response('', { status: 500 }), 'answered 500'],
  ['no JSON', new Response('keys'), 'is not the document that belongs there'],
  ['no set of keys', { keys: 'none' }, 'is not the document that belongs there'],
  ['nothing', new Response(null), 'is not the document that belongs there'],
  ['more than 256 KB', { ...keys, padding: 'x'.repeat(256 * 1024) }, 'is longer than 262144 bytes'],
])('keys that are %s are none', async (_, page, problem) => {
  const { taken, problem: told } = await look({ jwksUrl: KEYS, pages: { [KEYS]: page } });
  expect(taken).toBe(false);
  expect(told).toBe(`no keys from the authorization server: ${KEYS} ${problem}`);
});

test('one unusable key does not spoil the others', async () => {
  const page = { keys: [{ kty: 'made-up', kid: 'two' }, { kty: 'oct', k: 'AAAA' }, ...keys.keys] };
  expect(await look({ jwksUrl: KEYS, pages: { [KEYS]: page } })).toMatchObject({ taken: true });
});

test('an endless answer is not read to its end', async () => {
  let sent = 0;
  const body = new ReadableStream({
    pull(controller) {
      sent += 1;
      controller.enqueue(new Uint8Array(64 * 1024));
    },
  });
  const { problem } = await look({ jwksUrl: KEYS, pages: { [KEYS]: new Response(body) } });
  expect(problem).toContain('is longer than 262144 bytes');
  expect(sent).toBeLessThan(8);
});

test('a redirect is not followed', async () => {
  const asked: string[] = [];
  const elsewhere = await listen((request, response) => {
    asked.push(request.url ?? '');
    response.end(JSON.stringify(keys));
  });
  const server = await listen((_, response) => response.writeHead(302, { location: `${elsewhere.url}/keys` }).end());
  const problems: string[] = [];
  const verify = verifierOf({
    issuer: server.url,
    jwksUrl: `${server.url}/keys`,
    audience: [RESOURCE],
    onProblem: (problem) => problems.push(problem),
  });

  await expect(verify(await sign({}, key))).rejects.toThrow('answered 302');
  expect(asked).toEqual([]);
});

test.each(['before it answers', 'in the middle of its answer'])(
  'a server that falls silent %s is given up after 5 s',
  async (when) => {
    const token = await sign({}, key);
    const silent = (signal: AbortSignal) =>
      new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    const verify = verifierOf({
      issuer: ISSUER,
      jwksUrl: KEYS,
      audience: [RESOURCE],
      async fetch(_, { signal }) {
        if (!signal) throw new Error('no signal');
        if (when === 'before it answers') return silent(signal);
        return new Response(new ReadableStream({ pull: () => silent(signal) }));
      },
    });
    await expect(hurried(() => verify(token))).rejects.toThrow('gave no answer within 5 s');
  },
);

test('keys that have moved are looked for again', async () => {
  const pages: Record<string, unknown> = { [METADATA]: metadata(), [KEYS]: undefined };
  const clock = { now: 0 };
  const verify = verifierOf({
    issuer: ISSUER,
    audience: [RESOURCE],
    now: () => clock.now,
    fetch: async (url) => (pages[url] ? Response.json(pages[url]) : new Response('', { status: 404 })),
  });
  const token = await sign({ iss: ISSUER, aud: RESOURCE, sub: 'alice', scope: SCOPES, exp: 600 }, key);
  await expect(verify(token)).rejects.toThrow('answered 404');

  pages[METADATA] = metadata({ jwks_uri: `${ISSUER}/new` });
  pages[`${ISSUER}/new`] = keys;
  clock.now += 5000;

  expect(await verify(token)).toMatchObject({ name: 'alice' });
});

test('keys that no document named are looked for again', async () => {
  const pages: Record<string, unknown> = { [METADATA]: metadata({ jwks_uri: undefined }), [KEYS]: keys };
  const clock = { now: 0 };
  const verify = verifierOf({
    issuer: ISSUER,
    audience: [RESOURCE],
    now: () => clock.now,
    fetch: async (url) => (pages[url] ? Response.json(pages[url]) : new Response('', { status: 404 })),
  });
  const token = await sign({ iss: ISSUER, aud: RESOURCE, sub: 'alice', scope: SCOPES, exp: 600 }, key);
  await expect(verify(token)).rejects.toThrow(`${METADATA} has no jwks_uri, or an unsafe one`);

  pages[METADATA] = metadata();
  clock.now += 5000;

  expect(await verify(token)).toMatchObject({ name: 'alice' });
});

test.each([
  [{ issuer: 'login.example.com' }, 'the issuer must be a URL that begins with https://'],
  [{ issuer: 'http://login.example.com' }, 'the issuer must be a URL that begins with https://'],
  [{ issuer: `${ISSUER}/#x` }, 'the issuer must not contain a user, password or fragment'],
  [{ issuer: 'https://me:secret@login.example.com' }, 'the issuer must not contain a user, password or fragment'],
  [{ issuer: `${ISSUER}/?x=1` }, 'the issuer must not contain a query'],
  [{ issuer: ISSUER, jwksUrl: 'http://login.example.com/keys' }, 'the URL of the keys must be a URL that begins with'],
])('a verifier is not made with %j', ({ issuer, jwksUrl }: { issuer: string; jwksUrl?: string }, problem) => {
  const make = () => verifierOf({ issuer, jwksUrl, audience: [RESOURCE] });
  expect(make).toThrow(ConfigError);
  expect(make).toThrow(problem);
});
