import { CompactSign, exportSPKI, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { InsufficientScopeError, Refusal } from '../../src/auth/refusals.ts';
import { listen } from '../helpers/process.ts';
import { createKey, RESOURCE, SCOPES } from './provider.ts';
import { NO_KEY, refusal, verifierOf, type World, world } from './world.ts';

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a token of the authorization server', () => {
  test('lets its caller in, under his name and with his access', async () => {
    const { server, verify } = await world();
    expect(await verify(await server.issue())).toEqual({
      name: 'team',
      access: 'full',
      expiresAt: expect.closeTo(Date.now() / 1000 + 600, -2),
    });
    expect(await verify(await server.issue({ scope: 'clusters:read' }))).toMatchObject({ access: 'read' });
    expect(await verify(await server.issue({ scope: 'clusters:read clusters:write' }))).toMatchObject({
      access: 'write',
    });
  });

  test.each(['at+jwt', 'AT+JWT', 'application/at+jwt', 'JWT', 'jwt', 'Application/JWT', undefined])(
    'may say what it is, in any case: %s',
    async (typ) => {
      const { verify, make, server } = await world();
      expect(await verify(await make({}, server.key, { typ }))).toMatchObject({ name: 'alice' });
    },
  );

  test('may name the resource with a slash at the end', async () => {
    const { server, verify } = await world();
    expect(await verify(await server.issue({ resource: `${RESOURCE}/` }))).toMatchObject({ name: 'team' });
  });

  test('for another resource is refused', async () => {
    const { server, verify } = await world();
    const token = await server.issue({ resource: 'https://other.example.com/mcp' });
    expect(await refusal({ verify }, token)).toBe('its aud is missing or not the expected one');
  });

  test.each(['other:thing', ''])('with the scopes "%s" gives no access', async (scope) => {
    const { server, verify } = await world();
    await expect(verify(await server.issue({ scope }))).rejects.toThrow(InsufficientScopeError);
  });

  test('is checked with keys that are fetched once', async () => {
    const { server, verify, keyFetches } = await world();
    const token = await server.issue();
    await Promise.all([verify(token), verify(token)]);
    await verify(token);
    expect(keyFetches()).toBe(1);
  });

  test('is checked with the keys of a configured address, without a look-up', async () => {
    const { server } = await world();
    const verify = verifierOf({
      issuer: server.issuer,
      audience: [RESOURCE],
      jwksUrl: `${server.issuer}/jwks`,
    });
    expect(await verify(await server.issue())).toMatchObject({ name: 'team' });
    expect(server.requests.filter((path) => path !== '/token')).toEqual(['/jwks']);
  });
});

const wrong = (claim: string) => `its ${claim} is missing or not the expected one`;
const BAD_SIGNATURE = 'its signature is not valid';
const BAD_ALGORITHM = 'it is not signed with an accepted algorithm';

describe('a token is refused', () => {
  test.each<[string, string, Record<string, unknown>]>([
    ['for another resource', wrong('aud'), { aud: 'https://other.example.com/mcp' }],
    ['for the host of the resource', wrong('aud'), { aud: 'https://mcp.example.com' }],
    ['for a path below the resource', wrong('aud'), { aud: `${RESOURCE}/other` }],
    ['for two slashes at the end', wrong('aud'), { aud: `${RESOURCE}//` }],
    ['for several other resources', wrong('aud'), { aud: ['a', 'b'] }],
    ['for no resource', wrong('aud'), { aud: undefined }],
    ['of another issuer', wrong('iss'), { iss: 'https://other.example.com' }],
    ['of no issuer', wrong('iss'), { iss: undefined }],
    ['without an end', wrong('exp'), { exp: undefined }],
    ['with an end that is no number', wrong('exp'), { exp: '4000000000' }],
    ['with a beginning that is no number', wrong('nbf'), { nbf: 'now' }],
    ['that names nobody', 'it has neither sub nor client_id', { sub: undefined }],
    ['that names nobody but with an empty text', 'it has neither sub nor client_id', { sub: '' }],
    [
      'that is bound to a key',
      'it is bound to a key (cnf), so it is no bearer token',
      { cnf: { jkt: 'x'.repeat(43) } },
    ],
    ['that is bound to a certificate', 'it is bound to a key (cnf), so it is no bearer token', { cnf: {} }],
    ['longer than 8 KB', 'longer than 8192 characters', { padding: 'x'.repeat(8192) }],
  ])('%s', async (_, reason, claims) => {
    const it = await world();
    expect(await refusal(it, await it.make(claims))).toBe(reason);
  });

  test.each(['dpop+jwt', 'logout+jwt', 'secevent+jwt', 'JOSE', '', 'at+jwt;x', 'application/', 7])(
    'of another type: %j',
    async (typ) => {
      const it = await world();
      expect(await refusal(it, await it.make({}, it.server.key, { typ }))).toBe('its typ is not at+jwt');
    },
  );

  test.each<[string, Record<string, number>]>([
    ['its exp is more than 86400 seconds ahead, see --oauth-max-age', { exp: 1e308 }],
    ['its exp is more than 86400 seconds ahead, see --oauth-max-age', { exp: Number.MAX_SAFE_INTEGER }],
    ['its iat is in the future', { iat: 1e308 }],
    ['its iat is in the future', { iat: 9_999_999_999 }],
    [wrong('nbf'), { nbf: 1e308 }],
  ])('because %s: %j', async (reason, claims) => {
    const it = await world();
    expect(await refusal(it, await it.make(claims))).toBe(reason);
  });

  test('whose end or beginning is no number that JSON should hold', async () => {
    const it = await world();
    const { privateKey, kid } = it.server.key;
    const claims = { iss: it.server.issuer, aud: RESOURCE, sub: 'alice', scope: SCOPES };
    for (const [name, reason] of [
      ['exp', /exp/],
      ['iat', /iat/],
      ['nbf', /nbf/],
    ] as const) {
      const times = { exp: it.seconds(60), [name]: 0 };
      const text = JSON.stringify({ ...claims, ...times }).replace(`"${name}":0`, `"${name}":1e999`);
      const token = await new CompactSign(Buffer.from(text)).setProtectedHeader({ alg: 'RS256', kid }).sign(privateKey);
      expect(await refusal(it, token)).toMatch(reason);
    }
  });

  test('that is good for longer than the operator allows, by more than the skew', async () => {
    const it = await world({ maxAge: 600 });
    expect(await it.verify(await it.make({ exp: it.seconds(660), iat: it.seconds(60) }))).toMatchObject({
      name: 'alice',
    });
    expect(await refusal(it, await it.make({ exp: it.seconds(662) }))).toContain('more than 600 seconds ahead');
    expect(await refusal(it, await it.make({ exp: it.seconds(60), iat: it.seconds(62) }))).toContain('its iat');
    const week = await world({ maxAge: 604_800 });
    expect(await week.verify(await week.make({ exp: week.seconds(604_800) }))).toMatchObject({ name: 'alice' });
  });

  test('of the issuer with a slash more', async () => {
    const it = await world();
    expect(await refusal(it, await it.make({ iss: `${it.server.issuer}/` }))).toBe(wrong('iss'));
  });

  test('a minute after its end, and taken until then', async () => {
    const it = await world();
    const token = await it.make({ exp: it.seconds(-59) });
    expect(await it.verify(token)).toMatchObject({ name: 'alice' });
    it.pass(1000);
    expect(await refusal(it, token)).toBe('expired');
  });

  test('until a minute before its beginning, and taken from then on', async () => {
    const it = await world();
    const token = await it.make({ nbf: it.seconds(61) });
    expect(await refusal(it, token)).toBe(wrong('nbf'));
    it.pass(1000);
    expect(await it.verify(token)).toMatchObject({ name: 'alice' });
  });

  test('with a signature by another key of the same ID', async () => {
    const it = await world();
    expect(await refusal(it, await it.make({}, await createKey('first')))).toBe(BAD_SIGNATURE);
  });

  test('with claims that were changed, or a signature that was cut off', async () => {
    const it = await world();
    const [header, , signature] = (await it.make({ scope: 'clusters:read' })).split('.');
    const [, claims] = (await it.make()).split('.');
    expect(await refusal(it, `${header}.${claims}.${signature}`)).toBe(BAD_SIGNATURE);
    expect(await refusal(it, `${header}.${claims}.`)).toBe(BAD_SIGNATURE);
  });

  test('with a key ID that nobody knows', async () => {
    const it = await world();
    expect(await refusal(it, await it.make({}, await createKey('made-up')))).toBe(NO_KEY);
  });

  test.each(['none', 'None', 'HS256'])('with the algorithm %s and no signature', async (alg) => {
    const it = await world();
    const [, claims] = (await it.make()).split('.');
    expect(await refusal(it, `${encode({ alg, kid: 'first' })}.${claims}.`)).toBe(BAD_ALGORITHM);
    expect(it.keyFetches()).toBe(0);
  });

  test.each(['PEM', 'JWK'])('with the public key, as %s, for a shared secret', async (form) => {
    const it = await world();
    const { publicKey, publicJwk } = it.server.key;
    const secret = form === 'PEM' ? await exportSPKI(publicKey) : JSON.stringify(publicJwk);
    const token = await new SignJWT({ iss: it.server.issuer, aud: RESOURCE, sub: 'alice', scope: SCOPES })
      .setExpirationTime('1h')
      .setProtectedHeader({ alg: 'HS256', kid: 'first' })
      .sign(Buffer.from(secret));
    expect(await refusal(it, token)).toBe(BAD_ALGORITHM);
  });

  test.each(['jku', 'x5u'])('with a key that its %s points to, which is never fetched', async (name) => {
    const it = await world();
    const own = await createKey('own');
    const asked: unknown[] = [];
    const elsewhere = await listen((request, response) => {
      asked.push(request.url);
      response.end(JSON.stringify({ keys: [own.publicJwk] }));
    });
    const header = { [name]: `${elsewhere.url}/keys` };
    expect(await refusal(it, await it.make({}, own, header))).toBe(NO_KEY);
    expect(await refusal(it, await it.make({}, { ...own, kid: 'first' }, header))).toBe(BAD_SIGNATURE);
    expect(asked).toEqual([]);
  });

  test('with a key that it brings along', async () => {
    const it = await world();
    const own = await createKey('own');
    expect(await refusal(it, await it.make({}, own, { jwk: own.publicJwk }))).toBe(NO_KEY);
    expect(await refusal(it, await it.make({}, own, { jwk: own.publicJwk, kid: 'first' }))).toBe(BAD_SIGNATURE);
  });

  const OPAQUE = 'it is not a JWT; clients get one if they ask';
  test.each([
    ['', OPAQUE],
    ['x', OPAQUE],
    ['a.b', OPAQUE],
    ['a.b.c', 'it is not a valid JWT (ERR_JWS_INVALID)'],
    ['a.b.c.d.e', 'it is an encrypted JWT'],
    ['..', 'it is not a valid JWT (ERR_JWS_INVALID)'],
    [`${encode({ alg: 'RS256' })}.${encode([])}.AAAA`, BAD_SIGNATURE],
    [
      `${encode({ alg: 'RS256', crit: ['made-up'], 'made-up': 1 })}.${encode({})}.AAAA`,
      'it is not a valid JWT (ERR_JOSE_NOT_SUPPORTED)',
    ],
  ])('that is malformed: %j', async (token, reason) => {
    const it = await world();
    expect(await refusal(it, token)).toContain(reason);
  });
});

/** What the log gets beside the reason; the caller is told none of it. */
async function detailsOf({ verify }: Pick<World, 'verify'>, token: string) {
  const error = await verify(token).catch((error: unknown) => error);
  return error instanceof Refusal ? { reason: error.message, ...error.details } : error;
}

describe('the log shows of a refused token', () => {
  const WANTED = { expected: `${RESOURCE} or ${RESOURCE}/`, flag: '--oauth-audience' };

  test.each<[string, unknown, string]>([
    ['one audience', 'https://other.example.com', 'aud: https://other.example.com'],
    ['several', ['one', 'two'], 'aud: ["one","two"]'],
    ['none', undefined, 'aud: absent'],
    ['one that is no text', { a: 1 }, 'aud: {"a":1}'],
  ])('the audience that it has, %s, and the wanted one', async (_, aud, value) => {
    const it = await world();
    expect(await detailsOf(it, await it.make({ aud }))).toEqual({ reason: wrong('aud'), value, ...WANTED });
  });

  test('the issuer that it names, and whether its signature bears that out', async () => {
    const it = await world();
    const iss = 'https://sts.example.com/tenant/';
    const wanted = { expected: it.server.issuer, flag: '--oauth-issuer' };
    expect(await detailsOf(it, await it.make({ iss }))).toEqual({
      reason: wrong('iss'),
      value: `iss: ${iss}`,
      ...wanted,
    });
    expect(await detailsOf(it, await it.make({ iss }, await createKey('theirs')))).toEqual({
      reason: NO_KEY,
      value: `unverified iss: ${iss}`,
      ...wanted,
    });
    expect(await detailsOf(it, await it.make({ iss }, await createKey('first')))).toEqual({
      reason: BAD_SIGNATURE,
      value: `unverified iss: ${iss}`,
      ...wanted,
    });
    expect(await detailsOf(it, await it.make({}, await createKey('gone')))).toEqual({
      reason: NO_KEY,
      value: 'kid: gone',
    });
  });

  test.each<[string, readonly string[] | undefined, Record<string, unknown>, string]>([
    ['the default claims', undefined, { scope: 'openid profile' }, 'scope: openid profile'],
    ['both of them', undefined, { scope: '', scp: ['a', 'b'] }, 'scope: ; scp: ["a","b"]'],
    ['neither', undefined, { scope: undefined }, 'scope: absent; scp: absent'],
    ['the configured one', ['roles'], { roles: ['Reader'] }, 'roles: ["Reader"]'],
  ])('its scopes and the wanted ones: %s', async (_, scopesClaims, claims, value) => {
    const it = await world({ scopesClaims, scopePrefix: 'api://1234/' });
    expect(await detailsOf(it, await it.make(claims))).toEqual({
      reason: 'it holds none of the scopes of this server',
      value,
      expected: 'api://1234/clusters:read or api://1234/clusters:write or api://1234/clusters:delete',
      flag: '--oauth-scopes-claim',
    });
  });

  test('its algorithm or type', async () => {
    const it = await world();
    const [, claims] = (await it.make()).split('.');
    expect(await detailsOf(it, `${encode({ alg: 'HS256' })}.${claims}.`)).toEqual({
      reason: BAD_ALGORITHM,
      value: 'alg: HS256',
    });
    expect(await detailsOf(it, await it.make({}, it.server.key, { typ: 'dpop+jwt' }))).toEqual({
      reason: 'its typ is not at+jwt',
      value: 'typ: dpop+jwt',
    });
  });
});

describe('an ID token', () => {
  const ID_TOKEN = 'it is an ID token; clients have to send the access token';

  test.each<[string, Record<string, unknown>]>([
    ['by its token_use', { token_use: 'id' }],
    ['by its typ', { typ: 'ID' }],
    ['by the hash of an access token', { at_hash: 'MTIzNDU2Nzg5MDEyMzQ1Ng' }],
    ['by the hash of a code', { c_hash: 'MTIzNDU2Nzg5MDEyMzQ1Ng' }],
    ['by a nonce, where nothing names a client', { nonce: 'n', scope: undefined, roles: ['clusters:delete'] }],
  ])('is told %s and refused, for whichever audience', async (_, claims) => {
    const it = await world({ scopesClaims: ['scope', 'roles'] });
    expect(await refusal(it, await it.make(claims))).toBe(ID_TOKEN);
    expect(await refusal(it, await it.make({ ...claims, aud: 'the-client' }))).toBe(ID_TOKEN);
  });

  test.each<Record<string, unknown>>([
    { token_use: 'access' },
    { typ: 'Bearer' },
    { nonce: 'n', azp: 'the-client' },
    { nonce: 'n', client_id: 'the-client' },
  ])('is not what an access token with %j is', async (claims) => {
    const it = await world();
    expect(await it.verify(await it.make(claims))).toMatchObject({ name: 'alice' });
  });
});

describe('what is read from a token', () => {
  test.each<[string, Record<string, unknown>]>([
    ['read', { scope: 'openid clusters:read' }],
    ['write', { scope: undefined, scp: ['clusters:read', 'clusters:write'] }],
    ['write', { scope: undefined, scp: 'clusters:read clusters:write' }],
    ['full', { scope: 'clusters:delete' }],
  ])('the access %s comes of %j', async (access, claims) => {
    const { verify, make } = await world();
    expect(await verify(await make(claims))).toMatchObject({ access });
  });

  test.each([{ scope: undefined }, { scope: 7 }, { scope: { 'clusters:read': true } }, { scope: 'xclusters:read' }])(
    'no access comes of %j',
    async (claims) => {
      const { verify, make } = await world();
      await expect(verify(await make(claims))).rejects.toThrow(InsufficientScopeError);
    },
  );

  test.each<[string, Record<string, unknown>]>([
    ['read', { scope: 'api://1234/clusters:read' }],
    ['write', { scope: 'openid api://1234/clusters:write api://1234/clusters:read' }],
    ['full', { scope: undefined, scp: 'clusters:delete' }],
    ['full', { scope: undefined, scp: ['api://1234/clusters:delete'] }],
    ['write', { scope: 'clusters:read api://1234/clusters:write' }],
  ])('the access %s comes of the scopes with a prefix, and without: %j', async (access, claims) => {
    const { verify, make } = await world({ scopePrefix: 'api://1234/' });
    expect(await verify(await make(claims))).toMatchObject({ access, scopePrefix: 'api://1234/' });
  });

  test.each(['api://12345/clusters:read', 'api://1234/other', 'api://1234/', 'api://1234/api://1234/clusters:read'])(
    'no access comes of the scope %s of another prefix',
    async (scope) => {
      const { verify, make } = await world({ scopePrefix: 'api://1234/' });
      await expect(verify(await make({ scope }))).rejects.toThrow(InsufficientScopeError);
    },
  );

  test.each<[string, Record<string, unknown>]>([
    ['roles', { roles: ['clusters:write'] }],
    ['roles', { roles: 'clusters:read clusters:write' }],
    ['permissions', { permissions: ['other', 'clusters:write', 7, null] }],
    ['scp', { scp: 'clusters:write' }],
  ])('with --oauth-scopes-claim %s that claim counts alone: %j', async (claim, claims) => {
    const { verify, make } = await world({ scopesClaims: [claim] });
    expect(await verify(await make({ scope: 'clusters:delete', ...claims }))).toMatchObject({ access: 'write' });
    await expect(verify(await make({ [claim]: undefined }))).rejects.toThrow(InsufficientScopeError);
    await expect(verify(await make({ [claim]: { 'clusters:write': true } }))).rejects.toThrow(InsufficientScopeError);
  });

  test.each<[string, Record<string, unknown>]>([
    ['auth0|5f7c8ec7', { sub: 'auth0|5f7c8ec7' }],
    ['ci-job', { sub: undefined, client_id: 'ci-job' }],
    ['J%C3%B6rg%20%0A%25', { sub: 'Jörg \n%' }],
  ])('the name %s comes of %j', async (name, claims) => {
    const { verify, make } = await world();
    expect(await verify(await make(claims))).toMatchObject({ name });
  });

  test('names are short, and two subjects never share one', async () => {
    const { verify, make } = await world();
    const subjects = ['x'.repeat(128), 'x'.repeat(129), 'x'.repeat(130), 'ä'.repeat(99), 'ö'.repeat(99), '%C3', 'Ã'];
    const names = await Promise.all(subjects.map(async (sub) => (await verify(await make({ sub }))).name));
    expect(new Set(names).size).toBe(subjects.length);
    for (const name of names) expect(name).toMatch(/^[!-~]{1,128}$/);
  });

  test.each(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'])(
    'a signature with %s is checked',
    async (alg) => {
      const key = await createKey('one', alg);
      const fetch = async () => Response.json({ keys: [key.publicJwk] });
      const { verify, make } = await world({ fetch, jwksUrl: 'https://login.example.com/keys' });
      expect(await verify(await make({}, key))).toMatchObject({ name: 'alice' });
    },
  );
});
