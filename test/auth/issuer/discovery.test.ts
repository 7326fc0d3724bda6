import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDiscovery } from '../../../src/auth/issuer/discovery.ts';
import { shortcomingsOf } from '../../../src/auth/issuer/shortcomings.ts';
import { hurried } from '../../helpers/fake-clock.ts';

const ISSUER = 'https://login.example.com';
const OAUTH = `${ISSUER}/.well-known/oauth-authorization-server`;
const OPENID = `${ISSUER}/.well-known/openid-configuration`;
const DOCUMENT = {
  issuer: ISSUER,
  jwks_uri: `${ISSUER}/keys`,
  authorization_endpoint: `${ISSUER}/authorize`,
  token_endpoint: `${ISSUER}/token`,
  registration_endpoint: `${ISSUER}/register`,
  client_id_metadata_document_supported: true,
  authorization_response_iss_parameter_supported: true,
  code_challenge_methods_supported: ['S256'],
  token_endpoint_auth_methods_supported: ['none'],
  scopes_supported: ['openid'],
};

/** An authorization server with these documents, which may change. */
function discover(pages: Record<string, unknown>) {
  const asked: string[] = [];
  const discovery = createDiscovery(ISSUER, async (url) => {
    asked.push(url);
    return pages[url] === undefined ? new Response('', { status: 404 }) : Response.json(pages[url]);
  });
  return { ...discovery, asked };
}

test('the metadata are what the document says', async () => {
  const { read } = discover({ [OAUTH]: DOCUMENT });
  expect(await read()).toEqual({
    url: OAUTH,
    jwksUri: `${ISSUER}/keys`,
    authorizationEndpoint: `${ISSUER}/authorize`,
    tokenEndpoint: `${ISSUER}/token`,
    registrationEndpoint: `${ISSUER}/register`,
    takesClientIdDocuments: true,
    namesItself: true,
    codeChallengeMethods: ['S256'],
    tokenAuthMethods: ['none'],
    scopes: ['openid'],
    claims: [],
  });
});

test.each<unknown>([
  'http://login.example.com/token',
  'https://localhost/token',
  'http://127.0.0.1:8080/token',
  'javascript:alert(1)',
  '/token',
  '',
  7,
  null,
  ['https://login.example.com/token'],
])('an address that nobody should be sent to is none: %j', async (address) => {
  const { read } = discover({
    [OAUTH]: { ...DOCUMENT, authorization_endpoint: address, token_endpoint: address, registration_endpoint: address },
  });
  const metadata = await read();
  expect(metadata.jwksUri).toBe(`${ISSUER}/keys`);
  for (const name of ['authorizationEndpoint', 'tokenEndpoint', 'registrationEndpoint'] as const) {
    expect(metadata[name]).toBeUndefined();
  }
});

test('keys that only the later document names are found, and the first still counts', async () => {
  const { jwks_uri: _, ...withoutKeys } = DOCUMENT;
  const { read, asked } = discover({ [OAUTH]: withoutKeys, [OPENID]: { issuer: ISSUER, jwks_uri: `${ISSUER}/jwks` } });
  expect(await read()).toMatchObject({ url: OAUTH, jwksUri: `${ISSUER}/jwks`, tokenEndpoint: `${ISSUER}/token` });
  expect(asked).toEqual([OAUTH, OPENID]);
});

const silentAt = (silent: string, pages: Record<string, unknown>) =>
  createDiscovery(ISSUER, (url, { signal }) => {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (url !== silent) return Promise.resolve(Response.json(pages[url] ?? {}, { status: pages[url] ? 200 : 404 }));
    return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
  });

test('an address that is silent does not keep from what another says', async () => {
  const { read } = silentAt(OAUTH, { [OPENID]: DOCUMENT });
  expect(await hurried(read)).toMatchObject({ url: OPENID, tokenEndpoint: `${ISSUER}/token` });
});

test('only the address that is silent is said to be', async () => {
  const { read } = silentAt(OAUTH, {});
  const error = await hurried(() => read().catch(({ message }: Error) => message));
  expect(error).toBe(`${OAUTH} gave no answer within 5 s; ${OPENID} answered 404`);
});

test('all who want to know share one look-up', async () => {
  const { read, first, asked } = discover({ [OAUTH]: DOCUMENT });
  const [one, two] = await Promise.all([read(), read()]);
  expect(await first).toBe(one);
  expect(await read()).toBe(two);
  expect(asked).toEqual([OAUTH]);
});

test('a look-up that failed is tried anew, and one that was forgotten too', async () => {
  const pages: Record<string, unknown> = {};
  const { read, first, forget, asked } = discover(pages);
  await expect(read()).rejects.toThrow(`${OAUTH} answered 404; ${OPENID} answered 404`);
  pages[OAUTH] = DOCUMENT;
  const found = await read();
  forget();
  pages[OAUTH] = { ...DOCUMENT, token_endpoint: `${ISSUER}/moved` };
  expect(await read()).toMatchObject({ tokenEndpoint: `${ISSUER}/moved` });
  expect(await first).toBe(found);
  expect(asked).toEqual([OAUTH, OPENID, OAUTH, OAUTH]);
});

test('the issuer of a foreign document is shown cut and without what hides', async () => {
  const { read } = discover({ [OAUTH]: { ...DOCUMENT, issuer: `https://\u202eevil.example/${'x'.repeat(500)}` } });
  const error = await read().catch(({ message }: Error) => message);
  expect(error).toContain('is the document of another issuer, "https://\\u{202E}evil.example/xxx');
  expect(String(error).length).toBeLessThan(400);
});

test('whatever a document holds, reading it and telling what is missing does no harm', async () => {
  const value = fc.oneof(fc.jsonValue(), fc.array(fc.string()), fc.constant(DOCUMENT.token_endpoint));
  const document = fc.record(
    Object.fromEntries(
      [...Object.keys(DOCUMENT), 'claims_supported'].filter((name) => name !== 'issuer').map((name) => [name, value]),
    ),
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(document, async (fields) => {
      const { read } = discover({ [OAUTH]: { ...fields, issuer: ISSUER } });
      const words = shortcomingsOf(await read(), { scopes: ['clusters:read'], hasKeysUrl: false }) ?? '';
      expect(words).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(words.length).toBeLessThan(4000);
    }),
    { numRuns: 200 },
  );
});
