import { extractWWWAuthenticateParams } from '@modelcontextprotocol/client';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Caller } from '../../src/auth/caller.ts';
import { createGate, type Gate } from '../../src/auth/gate.ts';
import { describeResource } from '../../src/auth/protected-resource.ts';
import type { Refusal } from '../../src/auth/refusals.ts';
import { createTokenVerifier } from '../../src/auth/static-tokens.ts';
import { challengeOf, told } from '../helpers/refusals.ts';
import { createKey, RESOURCE, SCOPES, sign, startAuthorizationServer } from './provider.ts';
import { verifierOf } from './world.ts';

const ADDRESS = `${RESOURCE}?access_token=${'q'.repeat(64)}`;
const request = (authorization?: string) =>
  new Request(ADDRESS, { method: 'POST', headers: authorization === undefined ? {} : { authorization } });

/** The answer that refuses this header; fails where it lets somebody in. */
async function refusal(gate: Gate, authorization?: string) {
  const answer = await gate(request(authorization));
  if (!(answer instanceof Response)) throw new Error(`let in: ${answer.name}`);
  const { status, headers } = answer;
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('content-type')).toBe('application/json');
  return { status, headers, challenge: headers.get('www-authenticate'), body: await answer.text(), answer };
}

test('without a mode everybody on this machine may do everything', async () => {
  const gate = createGate({ mode: 'none' });
  expect(await gate(request())).toEqual({ name: 'local', access: 'full' });
  expect(await gate(request('Bearer x'))).toEqual({ name: 'local', access: 'full' });
});

const token = 'planted-token'.repeat(4);

function tokenWorld() {
  const refusals: Refusal[] = [];
  const text = `laptop:write:${token},query:full:${'q'.repeat(64)}`;
  const verify = createTokenVerifier({ name: 'MCP_TOKENS', text });
  return { refusals, gate: createGate({ mode: 'token', verify, onRefusal: (refusal) => refusals.push(refusal) }) };
}

describe('with static tokens', () => {
  test.each([`Bearer ${token}`, `bearer ${token}`, `BEARER   ${token} `])('%j lets its caller in', async (header) => {
    expect(await tokenWorld().gate(request(header))).toEqual({ name: 'laptop', access: 'write' });
  });

  test.each([undefined, '', 'Bearer', 'Bearer ', `Basic ${token}`, token, `Token ${token}`, `Bearer${token}`])(
    'for no bearer token (%j) the answer asks for one and tells of no error',
    async (header) => {
      const { gate, refusals } = tokenWorld();
      const { status, challenge, body } = await refusal(gate, header);
      expect({ status, challenge, body }).toEqual({
        status: 401,
        challenge: 'Bearer realm="ionos-postgres-mcp"',
        body: told('unauthorized'),
      });
      expect(refusals).toMatchObject([{ status: 401, message: 'no bearer token' }]);
    },
  );

  test.each([
    ['unknown', `Bearer ${token}x`],
    ['not in the form of a bearer token', `Bearer ${token} ${token}`],
    ['not in the form of a bearer token', `Bearer ${token}, Bearer ${token}`],
    ['not in the form of a bearer token', `Bearer "${token}"`],
  ])('a wrong token (%s) is refused', async (reason, header) => {
    const { gate, refusals } = tokenWorld();
    const { status, challenge, body } = await refusal(gate, header);
    expect({ status, challenge, body }).toEqual({
      status: 401,
      challenge: challengeOf('invalid_token', 'realm="ionos-postgres-mcp"'),
      body: told('invalid_token'),
    });
    expect(refusals).toMatchObject([{ status: 401, message: reason }]);
  });

  test('a token anywhere but in its header is not looked at', async () => {
    const { gate } = tokenWorld();
    const elsewhere = new Request(ADDRESS, {
      method: 'POST',
      headers: {
        'x-authorization': `Bearer ${token}`,
        'proxy-authorization': `Bearer ${token}`,
        'content-type': 'application/x-www-form-urlencoded',
        cookie: `access_token=${token}`,
      },
      body: `access_token=${token}`,
    });
    expect(await gate(elsewhere)).toMatchObject({ status: 401 });
    expect(elsewhere.bodyUsed).toBe(false);
  });
});

const ionosToken = [
  { alg: 'RS256', typ: 'JWT' },
  { iss: 'ionoscloud', identity: { contractNumber: 31_812_345 } },
]
  .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
  .concat('c2lnbmF0dXJl')
  .join('.');

test.each<[string, Record<string, string>]>([
  ['in the header Authorization: Bearer <token>', {}],
  ['X-IONOS-Token alone is not enough', { 'x-ionos-token': ionosToken }],
  ['X-IONOS-Token alone is not enough', { 'x-ionos-token': token }],
  ['a scheme other than Bearer', { authorization: 'Basic YWxpY2U6c2VjcmV0' }],
  ['the word Bearer before the token is missing', { authorization: ionosToken }],
  ['the token after Bearer is blank', { authorization: 'Bearer ' }],
  ['still contains a placeholder', { authorization: `Bearer ${['$', '{MCP_TOKEN}'].join('')}` }],
  ['still contains a placeholder', { authorization: 'Bearer YOUR_TOKEN_HERE' }],
  ['still contains a placeholder', { authorization: 'bearer <token>' }],
  ['still contains a placeholder, <...>', { authorization: 'Bearer <token>' }],
  [
    `still contains a placeholder, ${['$', '{...}'].join('')}`,
    { authorization: `Bearer ${['$', '{MCP_TOKEN}'].join('')}` },
  ],
  ['it contains an IONOS token, which belongs in the header X-IONOS-Token', { authorization: `Bearer ${ionosToken}` }],
])('who is refused reads why: %s', async (words, headers) => {
  for (const { gate } of [tokenWorld(), await oauthWorld()]) {
    const answer = await gate(new Request(ADDRESS, { method: 'POST', headers }));
    if (!(answer instanceof Response)) throw new Error(`let in: ${answer.name}`);
    const { error, error_description: description } = (await answer.json()) as Record<string, unknown>;
    expect({ status: answer.status, error }).toMatchObject({ status: 401, error: expect.any(String) });
    expect(description).toContain(words);
    for (const part of [...ionosToken.split('.'), token, 'YWxpY2U6c2VjcmV0', 'MCP_TOKEN']) {
      expect(JSON.stringify([description, ...answer.headers])).not.toContain(part);
    }
  }
});

test('a token for this server in X-IONOS-Token is flagged, whoever owns it', async () => {
  const { gate } = tokenWorld();
  for (const sent of [token, `Bearer ${token}`, 'q'.repeat(64)]) {
    const headers = { authorization: `Bearer ${token}`, 'x-ionos-token': sent };
    expect(await gate(new Request(ADDRESS, { headers }))).toMatchObject({ name: 'laptop', isTokenMisplaced: true });
  }
  const headers = { authorization: `Bearer ${token}`, 'x-ionos-token': ionosToken };
  expect(await gate(new Request(ADDRESS, { headers }))).toEqual({ name: 'laptop', access: 'write' });
});

test('a failure of the program is not answered as if the token were wrong', async () => {
  const verify = () => {
    throw new TypeError('a slip');
  };
  await expect(createGate({ mode: 'token', verify })(request(`Bearer ${token}`))).rejects.toThrow(TypeError);
});

async function oauthWorld() {
  const server = await startAuthorizationServer();
  const resource = describeResource({ publicUrl: RESOURCE, issuer: server.issuer, access: 'full' });
  const refusals: Refusal[] = [];
  const gate = createGate({
    mode: 'oauth',
    resource,
    verify: verifierOf({ issuer: server.issuer, audience: resource.audience }),
    onRefusal: (refusal) => refusals.push(refusal),
  });
  return { server, gate, refusals };
}

const METADATA_URL = 'https://mcp.example.com/.well-known/oauth-protected-resource/mcp';
const PLACES = `resource_metadata="${METADATA_URL}", scope="${SCOPES}"`;

describe('with an authorization server', () => {
  test('its token lets its caller in', async () => {
    const { server, gate } = await oauthWorld();
    expect(await gate(request(`Bearer ${await server.issue()}`))).toMatchObject({ name: 'team', access: 'full' });
  });

  test('for no token the answer says where to get one, and for which scopes', async () => {
    const { gate } = await oauthWorld();
    const { status, challenge, body, answer } = await refusal(gate);
    expect({ status, challenge, body }).toEqual({
      status: 401,
      challenge: `Bearer ${PLACES}`,
      body: told('unauthorized'),
    });
    const read = extractWWWAuthenticateParams(answer);
    expect({ ...read, resourceMetadataUrl: read.resourceMetadataUrl?.href }).toEqual({
      resourceMetadataUrl: METADATA_URL,
      scope: SCOPES,
    });
  });

  test.each(['host', 'x-forwarded-host', 'forwarded'])('the address is not taken from the header %s', async (name) => {
    const { gate } = await oauthWorld();
    const answer = await gate(new Request('http://evil.example/mcp', { headers: { [name]: 'evil.example' } }));
    expect(answer).toBeInstanceOf(Response);
    expect(JSON.stringify([...(answer as Response).headers])).not.toContain('evil');
  });

  test('a bad token is refused', async () => {
    const { gate, refusals } = await oauthWorld();
    const { status, challenge, body } = await refusal(gate, 'Bearer planted.token.x');
    expect({ status, challenge, body }).toEqual({
      status: 401,
      challenge: challengeOf('invalid_token', PLACES),
      body: told('invalid_token'),
    });
    expect(refusals).toHaveLength(1);
  });

  test('a valid token without a scope of this server gets the list of scopes', async () => {
    const { server, gate } = await oauthWorld();
    const { status, challenge, body } = await refusal(gate, `Bearer ${await server.issue({ scope: 'other:thing' })}`);
    expect({ status, challenge, body }).toEqual({
      status: 403,
      challenge: challengeOf('insufficient_scope', PLACES),
      body: told('insufficient_scope'),
    });
  });

  test('while the authorization server is down the answer says when to come back', async () => {
    const { server, gate, refusals } = await oauthWorld();
    const good = await server.issue();
    await server.stop();
    const { status, challenge, body, headers } = await refusal(gate, `Bearer ${good}`);
    expect({ status, challenge, body }).toEqual({
      status: 503,
      challenge: null,
      body: told('temporarily_unavailable'),
    });
    expect(headers.get('retry-after')).toMatch(/^[1-5]$/);
    expect(refusals).toMatchObject([{ message: expect.stringContaining('ECONNREFUSED') }]);
  });

  test('no answer repeats a part of the token, and the log only the claim that is wrong', async () => {
    const { server, gate, refusals } = await oauthWorld();
    const claims = {
      iss: server.issuer,
      aud: RESOURCE,
      sub: 'planted-sub',
      scope: SCOPES,
      exp: Math.floor(Date.now() / 1000) + 600,
      extra: 'planted-claim',
    };
    const tokens = await Promise.all([
      sign({ ...claims, aud: 'planted-aud' }, server.key),
      sign({ ...claims, iss: 'https://planted-iss.example' }, server.key),
      sign({ ...claims, exp: 1 }, server.key),
      sign({ ...claims, scope: 'planted-scope' }, server.key),
      sign(claims, server.key, { kid: 'planted-kid' }),
      sign(claims, await createKey('first')),
      sign(claims, await createKey('first', 'ES256')),
    ]);
    const parts = tokens.flatMap((each) => each.split('.'));

    for (const each of tokens) {
      const { body, headers } = await refusal(gate, `Bearer ${each}`);
      const said = JSON.stringify([body, ...headers, refusals.map(({ message, stack }) => [message, stack])]);
      expect(said).not.toContain('planted');
      const logged = JSON.stringify(refusals.map((each) => ({ ...each })));
      expect(logged).not.toMatch(/planted-(sub|claim)/);
      for (const part of parts) expect(said + logged).not.toContain(part);
    }
    expect(refusals.map(({ details }) => details.value)).toEqual([
      'aud: planted-aud',
      'iss: https://planted-iss.example',
      undefined,
      'scope: planted-scope',
      'kid: planted-kid',
      'kid: first',
      'kid: first',
    ]);
  });
});

/** Headers as a socket could deliver them. */
const header = fc.oneof(
  fc.stringMatching(/^[\t\x20-\x7e\x80-\xff]*$/),
  fc
    .tuple(fc.constantFrom('Bearer ', 'bearer  ', 'Basic ', 'DPoP '), fc.stringMatching(/^[\w.~+/=-]*$/))
    .map((each) => each.join('')),
  fc
    .tuple(fc.json(), fc.json(), fc.base64String())
    .map(([one, two, three]) => [one, two].map((each) => Buffer.from(each).toString('base64url')).concat(three))
    .map((parts) => `Bearer ${parts.join('.')}`),
  fc
    .record(
      {
        alg: fc.constantFrom('RS256', 'ES256', 'none', 'HS256', 7),
        kid: fc.constantFrom('one', 'two', null),
        crit: fc.constantFrom(['exp'], [], 'b64'),
        b64: fc.boolean(),
        zip: fc.string(),
      },
      { requiredKeys: ['alg'] },
    )
    .map((each) => `Bearer ${Buffer.from(JSON.stringify(each)).toString('base64url')}.e30.AAAA`),
);

test('whatever the header holds, the answer is a caller, 401, 403 or 503', async () => {
  const key = await createKey('one', 'ES256');
  const resource = describeResource({ publicUrl: RESOURCE, issuer: 'https://login.example.com', access: 'full' });
  const options = { issuer: 'https://login.example.com', audience: resource.audience };
  const reachable = verifierOf({
    ...options,
    jwksUrl: 'https://login.example.com/keys',
    fetch: async () => Response.json({ keys: [key.publicJwk] }),
  });
  const down = verifierOf({ ...options, fetch: async () => Promise.reject(new TypeError('fetch failed')) });
  const gates = [
    tokenWorld().gate,
    createGate({ mode: 'oauth', resource, verify: reachable }),
    createGate({ mode: 'oauth', resource, verify: down }),
  ];
  const isFair = (answer: Caller | Response) =>
    answer instanceof Response ? [401, 403, 503].includes(answer.status) : answer.name === 'laptop';

  await fc.assert(
    fc.asyncProperty(header, async (authorization) => {
      for (const gate of gates) expect(isFair(await gate(request(authorization)))).toBe(true);
    }),
    { numRuns: 500, examples: [[`Bearer ${token}`], [`Bearer ${'x'.repeat(16_000)}`]] },
  );
});
