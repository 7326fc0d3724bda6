import {
  ClientCredentialsProvider,
  type OAuthClientProvider,
  StreamableHTTPClientTransport,
  UnauthorizedError,
} from '@modelcontextprotocol/client';
import { describe, expect, test } from 'vitest';
import type { Access } from '../../src/access.ts';
import { createGate } from '../../src/auth/gate.ts';
import { describeResource } from '../../src/auth/protected-resource.ts';
import { createTokenVerifier } from '../../src/auth/static-tokens.ts';
import { tools as ourTools, tools } from '../../src/tools/index.ts';
import { createKey, RESOURCE, SCOPES, sign, startAuthorizationServer } from '../auth/provider.ts';
import { verifierOf } from '../auth/world.ts';
import {
  connectTo,
  KINDS,
  modernClient,
  person,
  startLoginServer,
  watchedFetch,
} from '../helpers/child-process-host.ts';
import { example, examples } from '../helpers/examples.ts';
import { type Hosted, host } from '../helpers/in-process-host.ts';
import { raw } from '../helpers/raw-http.ts';
import { challengeOf, told } from '../helpers/refusals.ts';

const CLASSES: readonly Access[] = ['read', 'write', 'full'];
const namesFor = (access: Access) =>
  tools.filter((tool) => CLASSES.indexOf(tool.access) <= CLASSES.indexOf(access)).map(({ name }) => name);

/** Every way in, of which none shows anything to strangers. */
const PLACES = ['POST /mcp', 'GET /mcp', 'DELETE /mcp', 'GET /sse', 'POST /messages?sessionId=any'];

/** What each of them answers to who brings these. */
async function knock(origin: string, authorization?: string, query: Record<string, string> = {}) {
  const common = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' };
  const headers = { ...common, ...(authorization !== undefined && { authorization }) };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'list_clusters' } });
  const answers = PLACES.map((place) => {
    const [method = '', path = ''] = place.split(' ');
    const url = new URL(path, origin);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return raw(url.href, { method, headers, ...(method === 'POST' && { body }) });
  });
  return (await Promise.all(answers)).map(({ status, headers, body }) => ({
    status,
    body,
    ...('www-authenticate' in headers && { challenge: headers['www-authenticate'] }),
    ...('retry-after' in headers && { retryAfter: headers['retry-after'] }),
  }));
}

const everywhere = (answer: unknown) => PLACES.map(() => answer);

const staticToken = (name: string) => `static-token-of-${name}-`.padEnd(48, 'x');

async function withTokens(options: Hosted = {}) {
  const clock = { now: Date.now() };
  const file = { text: CLASSES.map((access) => `${access}-caller:${access}:${staticToken(access)}`).join('\n') };
  const verify = createTokenVerifier({
    name: 'tokens',
    path: 'tokens',
    readFile: () => file.text,
    now: () => clock.now,
    onProblem: () => {},
  });
  return {
    ...(await host({ gate: createGate({ mode: 'token', verify }), ...options })),
    nameOf: (access: Access) => `${access}-caller`,
    tokenOf: async (access: Access) => staticToken(access),
    /** Puts another text in the place of each of its kind, which counts from now on. */
    edit(from: string, to: string) {
      file.text = file.text.replaceAll(from, to);
      clock.now += 1_000;
    },
  };
}

const PUBLIC_URL = 'https://mcp.example.com';
const METADATA_URL = `${PUBLIC_URL}/.well-known/oauth-protected-resource/mcp`;
const SCOPE_OF = { read: 'clusters:read', write: 'clusters:read clusters:write', full: SCOPES };

async function withOAuth({ scopePrefix, ...options }: Hosted & { scopePrefix?: string } = {}) {
  const server = await startAuthorizationServer();
  const clock = { now: Date.now() };
  const { issuer } = server;
  const resource = describeResource({ publicUrl: RESOURCE, issuer, access: options.access ?? 'full', scopePrefix });
  const verify = verifierOf({ issuer, audience: resource.audience, scopePrefix, now: () => clock.now });
  const gate = createGate({ mode: 'oauth', resource, verify });
  return {
    ...(await host({ gate, resource, publicUrl: PUBLIC_URL, ...options })),
    server,
    nameOf: () => 'team',
    tokenOf: (access: Access) => server.issue({ scope: SCOPE_OF[access] }),
    pass(ms: number) {
      clock.now += ms;
    },
  };
}

const MODES = { token: withTokens, oauth: withOAuth };

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** The error of a call that no tool has taken. */
async function refusalOf(client: Awaited<ReturnType<typeof connectTo>>, name: string): Promise<Error> {
  const { args } = examples.find(({ tool }) => tool === name) ?? { args: {} };
  return client.callTool({ name, arguments: args }).then(
    (result) => new Error(`${name} answered ${JSON.stringify(result)}`),
    (error: Error) => error,
  );
}

test('without sign-in everybody on this machine is one caller, and an Authorization header counts for nothing', async () => {
  const { url, log, requests } = await host({ access: 'write' });
  const client = await connectTo('modern', url, { headers: bearer(staticToken('read')) });

  const { tools: listed } = await client.listTools();
  await client.callTool({ name: 'list_clusters' });

  expect(listed.map(({ name }) => name)).toEqual(namesFor('write'));
  expect(log.at(-1)).toMatchObject({ msg: 'call', caller: 'local' });
  expect(requests.map(({ headers }) => headers.get('authorization'))).toEqual(['Bearer operators-token']);
});

describe('with static tokens', () => {
  test.each([
    ['no token', undefined, ''],
    ['a password', 'Basic YWxpY2U6c2VjcmV0', ''],
    ['a malformed token', `Bearer ${staticToken('full')} ${staticToken('full')}`, 'invalid_token'],
    ['a wrong token', `Bearer ${staticToken('nobody')}`, 'invalid_token'],
  ])('%s opens no way in', async (_, authorization, error) => {
    const { url, requests } = await withTokens();

    expect(await knock(url, authorization)).toEqual(
      everywhere({
        status: 401,
        challenge: challengeOf(error, 'realm="ionos-postgres-mcp"'),
        body: error ? told('invalid_token') : told('unauthorized'),
      }),
    );
    expect(requests).toEqual([]);
  });

  test('a token in the address opens no way in', async () => {
    const { url } = await withTokens();
    const token = staticToken('full');

    const answers = await knock(url, undefined, { access_token: token, token, authorization: `Bearer ${token}` });

    expect(answers.map(({ status }) => status)).toEqual(everywhere(401));
  });

  test.each(KINDS)('a token that is taken out of the file ends, in the middle of a connection (%s)', async (kind) => {
    const { url, requests, edit } = await withTokens();
    const client = await connectTo(kind, url, { headers: bearer(staticToken('read')) });
    expect((await client.callTool({ name: 'list_clusters' })).isError).toBeUndefined();

    edit(staticToken('read'), staticToken('next'));

    await expect(client.callTool({ name: 'list_clusters' })).rejects.toThrow(/401|Unauthorized|invalid_token/);
    const next = await connectTo(kind, url, { headers: bearer(staticToken('next')) });
    expect((await next.callTool({ name: 'list_clusters' })).isError).toBeUndefined();
    expect(requests).toHaveLength(2);
  });

  test.each(KINDS)('to a caller who may only read the other tools do not exist (%s)', async (kind) => {
    const { url, requests, log } = await withTokens();
    const client = await connectTo(kind, url, { headers: bearer(staticToken('read')) });

    const unknown = await refusalOf(client, 'no_such_tool');

    expect(unknown.message).toContain('no_such_tool not found');
    for (const { tool } of examples.filter(({ writes }) => writes)) {
      expect((await refusalOf(client, tool)).message).toBe(unknown.message.replace('no_such_tool', tool));
    }
    const [first, ...others] = log.filter(({ msg }) => msg === 'call');
    expect(first).toMatchObject({ tool: 'unknown', outcome: 'refused' });
    expect(others.map(({ tool }) => tool)).toEqual(examples.filter(({ writes }) => writes).map(({ tool }) => tool));
    expect(new Set(others.map(({ outcome, audit }) => `${outcome} ${audit}`))).toEqual(new Set(['refused true']));
    expect(requests).toEqual([]);
  });

  test('a class that is lowered counts at once, also where a session has seen more', async () => {
    const { url, requests, edit } = await withTokens();
    const client = await connectTo('sse', url, { headers: bearer(staticToken('full')) });

    edit('full-caller:full', 'full-caller:read');

    const { args } = example('delete_cluster');
    expect(await client.callTool({ name: 'delete_cluster', arguments: args })).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('may not use delete_cluster') }],
    });
    expect(requests).toEqual([]);
  });
});

describe.each(['token', 'oauth'] as const)('with --auth %s', (mode) => {
  test.each(KINDS.flatMap((kind) => CLASSES.map((access) => [access, kind] as const)))(
    'a caller of the class %s is shown what he may call (%s)',
    async (access, kind) => {
      const { url, tokenOf } = await MODES[mode]();
      const client = await connectTo(kind, url, { headers: bearer(await tokenOf(access)) });

      const { tools: listed } = await client.listTools();

      expect(listed.map(({ name }) => name)).toEqual(namesFor(access));
      const readOnly = listed.every(({ annotations }) => annotations?.readOnlyHint);
      expect(readOnly).toBe(access === 'read');
      expect((await client.callTool({ name: 'list_clusters' })).isError).toBeUndefined();
    },
  );

  test.each(KINDS)('what the operator left out is there for nobody (%s)', async (kind) => {
    const { url, tokenOf, requests } = await MODES[mode]({ access: 'write' });
    const shown = async (access: Access) => {
      const client = await connectTo(kind, url, { headers: bearer(await tokenOf(access)) });
      const { tools: listed } = await client.listTools();
      return { client, names: listed.map(({ name }) => name) };
    };

    const full = await shown('full');

    expect(full.names).toEqual(namesFor('write'));
    expect((await shown('write')).names).toEqual(namesFor('write'));
    expect((await shown('read')).names).toEqual(namesFor('read'));
    expect((await refusalOf(full.client, 'delete_cluster')).message).toContain('delete_cluster not found');
    expect(requests).toEqual([]);
  });

  test.each(KINDS)('the line of a call names its caller and the answer it belongs to (%s)', async (kind) => {
    const { url, log, tokenOf, nameOf } = await MODES[mode]();
    const { answers, fetch } = watchedFetch();
    const token = await tokenOf('write');
    const client = await connectTo(kind, url, { headers: bearer(token), fetch });

    await client.callTool({ name: 'list_clusters' });
    await client.callTool({ name: 'get_cluster', arguments: { clusterId: 'gone' } });

    const lines = log.filter(({ msg }) => msg === 'call');
    expect(lines).toMatchObject([
      { caller: nameOf('write'), tool: 'list_clusters', outcome: 'done' },
      { caller: nameOf('write'), tool: 'get_cluster', target: 'gone', outcome: 'failed' },
    ]);
    const requestIds = answers.map(({ headers }) => headers.get('x-request-id'));
    for (const { requestId } of lines) expect(requestIds.filter((id) => id === requestId)).toHaveLength(1);
    expect(JSON.stringify(log)).not.toContain(token);
  });

  test('what callers sign in with never goes to IONOS', async () => {
    const { url, requests, tokenOf } = await MODES[mode]();
    const token = await tokenOf('full');

    for (const kind of KINDS) {
      const client = await connectTo(kind, url, { headers: bearer(token) });
      await client.callTool({ name: 'list_clusters' });
      await client.listResources();
    }

    expect(requests).toHaveLength(6);
    for (const { headers } of requests) {
      expect(headers.get('authorization')).toBe('Bearer operators-token');
      expect(JSON.stringify([...headers])).not.toContain(token);
    }
  });
});

describe('with an authorization server', () => {
  const challenge = (error: string) =>
    challengeOf(error, `resource_metadata="${METADATA_URL}", scope="clusters:read clusters:write clusters:delete"`);

  test.each([
    ['no token', undefined],
    ['a password', 'Basic YWxpY2U6c2VjcmV0'],
  ])('%s opens no way in, and the answer says where to get a token', async (_, authorization) => {
    const { url, requests } = await withOAuth();

    expect(await knock(url, authorization)).toEqual(
      everywhere({ status: 401, challenge: challenge(''), body: told('unauthorized') }),
    );
    expect(requests).toEqual([]);
  });

  const unsigned = (token: string) => token.replace(/^[^.]*/, Buffer.from('{"alg":"none"}').toString('base64url'));
  const cutShort = (token: string) => token.slice(0, token.lastIndexOf('.'));

  test.each<[string, { claims?: object; change?(token: string): string; forged?: boolean }]>([
    ['an expired', { claims: { exp: 1 } }],
    ['a not yet valid', { claims: { nbf: 9_999_999_999 } }],
    ["another resource's", { claims: { aud: 'https://other.example.com/mcp' } }],
    ["another issuer's", { claims: { iss: 'https://other.example.com' } }],
    ['a forged', { forged: true }],
    ['an unsigned', { change: unsigned }],
    ['a malformed', { change: cutShort }],
  ])('%s token opens no way in', async (_, { claims, change = (token) => token, forged }) => {
    const { server, url, requests, log } = await withOAuth();
    const exp = Math.floor(Date.now() / 1000) + 600;
    const good = { iss: server.issuer, aud: RESOURCE, sub: 'alice', scope: SCOPES, exp };
    const key = forged ? await createKey(server.key.kid) : server.key;
    const token = change(await sign({ ...good, ...claims }, key));

    const answers = await knock(url, `Bearer ${token}`);

    expect(answers).toEqual(
      everywhere({ status: 401, challenge: challenge('invalid_token'), body: told('invalid_token') }),
    );
    expect(requests).toEqual([]);
    for (const part of token.split('.').filter(Boolean)) expect(JSON.stringify(log)).not.toContain(part);
  });

  test('a good token without a scope of this server opens no way in', async () => {
    const { server, url, requests } = await withOAuth();

    expect(await knock(url, `Bearer ${await server.issue({ scope: 'other:thing' })}`)).toEqual(
      everywhere({
        status: 403,
        challenge: challenge('insufficient_scope'),
        body: told('insufficient_scope'),
      }),
    );
    expect(requests).toEqual([]);
  });

  test.each(['modern', 'legacy'] as const)(
    'a tool beyond the scopes of a token answers 403 and which scope it takes (%s)',
    async (kind) => {
      const { url, tokenOf, requests } = await withOAuth();
      const { answers, fetch } = watchedFetch();
      const client = await connectTo(kind, url, { headers: bearer(await tokenOf('read')), fetch });

      for (const { tool } of examples.filter(({ writes }) => writes)) {
        const error = await refusalOf(client, tool);
        const isFull = ourTools.find(({ name }) => name === tool)?.access === 'full';
        const scope = isFull ? 'clusters:delete' : 'clusters:write';

        expect(error.message).toMatch(/insufficient.scope/i);
        const { status, headers } = answers.findLast(({ status }) => status !== 405) ?? new Response();
        const words = headers.get('www-authenticate');
        expect(status).toBe(403);
        expect(words).toMatch(/^Bearer error="insufficient_scope"/);
        expect(words).toContain(`scope="${scope}"`);
        expect(words).toContain(`resource_metadata="${METADATA_URL}"`);
      }
      expect(requests).toEqual([]);
    },
  );

  test('what a tool takes beyond the scopes of a token is named as the authorization server qualifies it', async () => {
    const { url, tokenOf } = await withOAuth({ scopePrefix: 'api://1234/' });
    const { answers, fetch } = watchedFetch();
    const client = await connectTo('modern', url, { headers: bearer(await tokenOf('read')), fetch });

    await refusalOf(client, 'delete_cluster');
    const [first] = await knock(url);

    const { headers } = answers.findLast(({ status }) => status === 403) ?? new Response();
    expect(headers.get('www-authenticate')).toContain('scope="api://1234/clusters:delete"');
    expect(first?.challenge).toContain('scope="api://1234/clusters:read api://1234/clusters:write');
  });

  test.each(['modern', 'legacy'] as const)(
    'a call beyond the scopes of a token leaves its line in the log (%s)',
    async (kind) => {
      const { url, tokenOf, log } = await withOAuth();
      const { answers, fetch } = watchedFetch();
      const client = await connectTo(kind, url, { headers: bearer(await tokenOf('read')), fetch });

      await refusalOf(client, 'delete_cluster');

      const requestId = answers.find(({ status }) => status === 403)?.headers.get('x-request-id');
      expect(log.filter(({ msg }) => msg === 'call')).toMatchObject([
        { caller: 'team', requestId, tool: 'delete_cluster', outcome: 'refused' },
      ]);
    },
  );

  test('over SSE a tool beyond the scopes of a token answers an error', async () => {
    const { url, tokenOf, requests } = await withOAuth();
    const client = await connectTo('sse', url, { headers: bearer(await tokenOf('read')) });

    for (const { tool } of examples.filter(({ writes }) => writes)) {
      expect((await refusalOf(client, tool)).message).toContain(`${tool} not found`);
    }
    expect(requests).toEqual([]);
  });

  test('each message of an SSE session has the rights of its own token', async () => {
    const { url, tokenOf, requests } = await withOAuth();
    // The transport reads them anew for each message.
    const headers = bearer(await tokenOf('full'));
    const client = await connectTo('sse', url, { headers });

    headers.authorization = `Bearer ${await tokenOf('read')}`;
    const { args } = example('delete_cluster');
    const result = await client.callTool({ name: 'delete_cluster', arguments: args });

    expect(result).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('it requires the scope clusters:delete') }],
    });
    expect(requests).toEqual([]);
  });

  test('while it is down nobody is admitted, and Retry-After says when to retry', async () => {
    const { url, server, tokenOf, requests, log, pass } = await withOAuth();
    const token = await tokenOf('full');
    await server.stop();

    const answers = await knock(url, `Bearer ${token}`);

    expect(log.filter(({ msg }) => msg === 'http')).toEqual([]);
    expect(answers).toEqual(
      everywhere({
        status: 503,
        retryAfter: expect.stringMatching(/^[1-5]$/),
        body: told('temporarily_unavailable'),
      }),
    );
    expect(requests).toEqual([]);
    expect(log.filter(({ msg }) => msg === 'http')).toEqual([]);

    await server.start();
    pass(5_000);
    const client = await connectTo('modern', url, { headers: bearer(token) });
    expect((await client.callTool({ name: 'list_clusters' })).isError).toBeUndefined();
  });

  test.each(KINDS)('its next signing key counts, and the one before no more, under way (%s)', async (kind) => {
    const { url, server, tokenOf, pass } = await withOAuth();
    // The transport reads them anew for each request.
    const headers = bearer(await tokenOf('full'));
    const before = { ...headers };
    const client = await connectTo(kind, url, { headers });
    await client.callTool({ name: 'list_clusters' });

    server.useKey(await createKey('second'));
    pass(61_000);
    headers.authorization = `Bearer ${await tokenOf('full')}`;
    const { isError } = await client.callTool({ name: 'list_clusters' });

    expect(isError).toBeUndefined();
    await expect(connectTo(kind, url, { headers: before })).rejects.toThrow(/401|Unauthorized|invalid_token/);
  });

  test.each(['/.well-known/oauth-protected-resource/mcp', '/.well-known/oauth-protected-resource'])(
    '%s tells everybody how to sign in, by the public name whatever the request says',
    async (path) => {
      const { url, server } = await withOAuth({ allowedHosts: ['other.example'] });
      const names: Record<string, string>[] = [
        {},
        { host: 'other.example' },
        { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http', 'x-forwarded-port': '1' },
        { forwarded: 'host=evil.example;proto=http', 'x-original-host': 'evil.example' },
      ];

      for (const headers of names) {
        const { status, body, ...rest } = await raw(url + path, { method: 'GET', headers });
        expect(status).toBe(200);
        expect(rest.headers['content-type']).toBe('application/json');
        expect(JSON.parse(body)).toEqual({
          resource: 'https://mcp.example.com/mcp',
          authorization_servers: [server.issuer],
          scopes_supported: ['clusters:read', 'clusters:write', 'clusters:delete'],
          bearer_methods_supported: ['header'],
        });
      }
      expect(await raw(url + path, { method: 'GET', headers: { host: 'evil.example' } })).toMatchObject({
        status: 403,
      });
    },
  );

  test('what it asks for is no more than the operator offers, and never a lasting token', async () => {
    const { url } = await withOAuth({ access: 'read' });

    const { body } = await raw(`${url}/.well-known/oauth-protected-resource/mcp`, { method: 'GET' });
    const [first] = await knock(url);

    expect(JSON.parse(body)).toMatchObject({ scopes_supported: ['clusters:read'] });
    expect(first?.challenge).toContain('scope="clusters:read"');
  });
});

describe("with the client's own OAuth flow", () => {
  /** The server behind its public name, for callers whom this authorization server knows. */
  async function behindItsName(issuer: string) {
    const resource = describeResource({ publicUrl: RESOURCE, issuer, access: 'full' });
    const verify = verifierOf({ issuer, audience: resource.audience });
    const gate = createGate({ mode: 'oauth', resource, verify });
    const world = await host({ gate, resource, publicUrl: PUBLIC_URL });
    const transport = (authProvider: OAuthClientProvider) =>
      new StreamableHTTPClientTransport(new URL(RESOURCE), {
        authProvider,
        // In the place of the proxy that has the public name.
        fetch: (input, init) => fetch(String(input).replace(PUBLIC_URL, world.url), init),
      });
    return { ...world, transport };
  }

  test('a person signs in, with nothing set up before, and calls under his own name', async () => {
    const { transport, log } = await behindItsName((await startLoginServer()).issuer);
    const { authProvider, approve, asked } = person('alice');
    const first = transport(authProvider);
    await expect(modernClient().connect(first)).rejects.toThrow(UnauthorizedError);

    await first.finishAuth(await approve());
    const client = modernClient();
    await client.connect(transport(authProvider));
    const { tools: listed } = await client.listTools();
    const { isError } = await client.callTool({ name: 'list_clusters' });

    expect(asked()).toBe(SCOPES);
    expect(listed.map(({ name }) => name)).toEqual(namesFor('full'));
    expect(isError).toBeUndefined();
    expect(log.findLast(({ msg }) => msg === 'call')).toMatchObject({ caller: 'alice', outcome: 'done' });
  });

  test('a person who granted less is asked for more when a tool takes it', async () => {
    const { transport, sandbox } = await behindItsName((await startLoginServer()).issuer);
    const { authProvider, approve, asked } = person('alice');
    const { id } = sandbox.addCluster();
    const first = transport(authProvider);
    await expect(modernClient().connect(first)).rejects.toThrow(UnauthorizedError);
    await first.finishAuth(await approve({ scope: 'clusters:read' }));
    const remove = async () => {
      const client = modernClient();
      const connection = transport(authProvider);
      await client.connect(connection);
      const { tools: listed } = await client.listTools();
      const call = () => client.callTool({ name: 'delete_cluster', arguments: { clusterId: id } });
      return { connection, call, names: listed.map(({ name }) => name) };
    };

    const before = await remove();
    await expect(before.call()).rejects.toThrow(UnauthorizedError);
    const wanted = asked();
    await before.connection.finishAuth(await approve());
    const after = await remove();
    const { isError } = await after.call();

    expect(before.names).toEqual(namesFor('read'));
    expect(wanted?.split(' ').sort()).toEqual(['clusters:delete', 'clusters:read']);
    expect(after.names).toEqual(namesFor('full'));
    expect(isError).toBeUndefined();
    expect(sandbox.cluster(id).metadata.state).toBe('DESTROYING');
  });

  test('a program signs in with its own credentials', async () => {
    const { transport, log } = await behindItsName((await startAuthorizationServer()).issuer);
    const client = modernClient();

    await client.connect(transport(new ClientCredentialsProvider({ clientId: 'team', clientSecret: 'secret' })));
    const { isError } = await client.callTool({ name: 'list_clusters' });

    expect(isError).toBeUndefined();
    expect(log.findLast(({ msg }) => msg === 'call')).toMatchObject({ caller: 'team', outcome: 'done' });
  });
});
