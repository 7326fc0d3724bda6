import { ClientCredentialsProvider, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { describe, expect, test } from 'vitest';
import { createGate } from '../../src/auth/gate.ts';
import { describeResource } from '../../src/auth/protected-resource.ts';
import { createTokenVerifier } from '../../src/auth/static-tokens.ts';
import { tools } from '../../src/tools/index.ts';
import { TOOLSETS } from '../../src/tools/toolsets.ts';
import { RESOURCE, startAuthorizationServer } from '../auth/provider.ts';
import { verifierOf } from '../auth/world.ts';
import { ORDERS } from '../helpers/backups.ts';
import { modernClient } from '../helpers/child-process-host.ts';
import { VIEWS } from '../helpers/connect.ts';
import { host } from '../helpers/in-process-host.ts';
import { post, raw, rpc } from '../helpers/raw-http.ts';

const KINDS = ['modern', 'legacy', 'sse'] as const;
const LIST = '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}';
const TAKEN = 'read_only, toolsets, clusters';

type Host = Awaited<ReturnType<typeof host>>;

/** What each way in that can be narrowed answers. */
async function knock(url: string, query: string) {
  const headers = { accept: 'text/event-stream' };
  return Promise.all([
    post(`${url}/mcp${query}`, LIST),
    post(`${url}/mcp/${query}`, LIST),
    raw(`${url}/mcp${query}`, { method: 'GET', headers }),
    raw(`${url}/mcp${query}`, { method: 'DELETE' }),
    raw(`${url}/sse${query}`, { method: 'GET', headers }),
  ]);
}

const toolsAt = async (url: string, query: string): Promise<string[]> => {
  const { body } = await post(`${url}/mcp${query}`, LIST, { accept: 'application/json' });
  const { result } = JSON.parse(body);
  return result.tools.map(({ name }: { name: string }) => name);
};

const all = tools.map(({ name }) => name);
const reading = tools.filter(({ access }) => access === 'read').map(({ name }) => name);
const refused = ({ log }: Host) => log.filter(({ msg }) => msg === 'refused');

describe('a query that is not for this URL', () => {
  const long = 'x'.repeat(10_000);

  test.each<[query: string, words: string]>([
    ['?read_only', 'read_only has no value: must be true or false'],
    ['?read_only=', 'read_only has no value: must be true or false'],
    ['?read_only=maybe', 'read_only ("maybe"): must be true or false'],
    ['?read_only=True', 'read_only ("True"): must be true or false'],
    ['?read_only=1', 'read_only ("1"): must be true or false'],
    ['?read_only=true,true', 'read_only ("true,true"): must be true or false'],
    [`?read_only=${long}`, `read_only ("${'x'.repeat(40)}…"): must be true or false`],
    ['?READ_ONLY=true', `"READ_ONLY": is no parameter of this URL, which takes ${TAKEN} (did you mean read_only?)`],
    ['?readOnly=true', `${TAKEN} (did you mean read_only?)`],
    ['?cluster=shop', `${TAKEN} (did you mean clusters?)`],
    ['?project=shop', `"project": is no parameter of this URL, which takes ${TAKEN}`],
    ['?sessionId=x', '"sessionId": is no parameter'],
    ['?__proto__=x', '"__proto__": is no parameter'],
    ['?constructor=x', '"constructor": is no parameter'],
    ['?=true', '"": is no parameter'],
    ['?read_only=true&nope', '"nope": is no parameter'],
    ['?%00=x', '"\\u0000": is no parameter'],
    ['?read_only=true&read_only=true', 'read_only: is given more than once'],
    ['?read_only=true&read%5Fonly=false', 'read_only: is given more than once'],
    ['?toolsets=clusters&toolsets=logs', 'toolsets: is given more than once; several values of one parameter are'],
    ['?clusters=a&read_only=false&clusters=a', 'clusters: is given more than once'],
    ['?toolsets=', `toolsets has no value: must be some of ${TOOLSETS.join(', ')}`],
    ['?toolsets', 'toolsets has no value: must be some of'],
    ['?toolsets=clustrs', 'toolsets ("clustrs"; did you mean clusters?): must be some of'],
    ['?toolsets=clusters,Logs', 'toolsets ("Logs"; did you mean logs?): must be some of'],
    ['?toolsets=clusters,', 'toolsets has no value: must be some of'],
    ['?toolsets=all', 'toolsets ("all"): must be some of'],
    ['?toolsets=__proto__', 'toolsets ("__proto__"): must be some of'],
    ['?clusters=', 'clusters has no value: must be IDs or names of clusters'],
    ['?clusters', 'clusters has no value: must be IDs or names of clusters'],
    ['?clusters=%20', 'clusters has no value: must be IDs or names of clusters'],
    ['?clusters=shop-*,,orders', 'clusters has no value: must be IDs or names of clusters'],
    ['?clusters=%E0%A4', 'clusters: is not UTF-8 in percent encoding'],
    ['?clusters=%', 'clusters: is not UTF-8 in percent encoding'],
    [`?clusters=${long}`, `clusters ("${'x'.repeat(40)}…"): at most 100 characters each, this one has 10000`],
    [`?clusters=${Array.from({ length: 21 }, (_, n) => n)}`, 'clusters has 21 values: at most 20 are possible'],
  ])('is a 400 that names what is wrong and what is taken: %s', async (query, words) => {
    const world = await host();

    for (const { status, body } of await knock(world.url, query)) {
      expect(status).toBe(400);
      const { error, ...rest } = JSON.parse(body);
      expect(rest).toEqual({ jsonrpc: '2.0', id: null });
      expect(error).toEqual({ code: -32000, message: expect.stringContaining(words) });
      expect(body.length).toBeLessThan(1_000);
    }
    expect(world.requests).toEqual([]);
    expect(world.http.sseSessions()).toBe(0);
  });

  test('is told all that is wrong at once, but no more than five times', async () => {
    const { url } = await host();
    const messageFor = async (query: string) => JSON.parse((await post(`${url}/mcp${query}`, LIST)).body).error.message;

    const both = await messageFor('?toolsets=nope&read_only=maybe&who=me');
    for (const name of ['toolsets ("nope")', 'read_only ("maybe")', '"who"']) expect(both).toContain(name);
    const many = await messageFor(`?${Array.from({ length: 1_000 }, (_, n) => `p${n}`).join('&')}`);
    expect(many.match(/is no parameter/g)).toHaveLength(5);
  });

  test('leaves a line with the names alone, of which none can be a token', async () => {
    const world = await host();
    const secret = 'planted-secret-'.padEnd(64, 'x');

    await post(`${world.url}/mcp?access_token=${secret}`, LIST);
    await post(`${world.url}/mcp?${secret}`, LIST);
    await post(`${world.url}/mcp?read_only=${secret}`, LIST);

    expect(refused(world)).toMatchObject([
      { status: 400, reason: 'The query of this URL is not accepted', value: 'access_token', caller: 'local' },
      { status: 400, value: 'a long name' },
      { status: 400, value: 'read_only' },
    ]);
    expect(JSON.stringify(world.log)).not.toContain('planted');
  });

  test('counts towards the limit, and to a stranger it is a matter of signing in', async () => {
    const text = `team:full:${'team-token-'.padEnd(48, 'x')}`;
    const gate = createGate({ mode: 'token', verify: createTokenVerifier({ name: 'tokens', text }) });
    const { url } = await host({ gate, rateLimit: 2 });
    const headers = { authorization: `Bearer ${'team-token-'.padEnd(48, 'x')}` };
    const statusOf = async (given: Record<string, string>) => (await post(`${url}/mcp?nope`, LIST, given)).status;

    expect(await statusOf({})).toBe(401);
    expect([await statusOf(headers), await statusOf(headers), await statusOf(headers)]).toEqual([400, 400, 429]);
  });

  test('is none of /messages, which a session narrows by the URL that opened it', async () => {
    const { url } = await host();

    for (const query of ['?sessionId=x&read_only=true', '?clusters=*', '?sessionId=x&sessionId=y']) {
      const { status, body } = await post(`${url}/messages${query}`, LIST);
      expect(status).toBe(400);
      expect(JSON.parse(body).error.message).toMatch(/which takes sessionId$|sessionId: is given more than once/);
    }
    expect((await post(`${url}/messages?sessionId=x`, LIST)).status).toBe(404);
  });
});

describe('a query', () => {
  test.each([
    ['', all],
    ['?', all],
    ['?&&', all],
    ['?read_only=false', all],
    ['?clusters=*', all],
    ['?clusters=shop,**', all],
    [`?toolsets=${TOOLSETS}`, all],
    ['?read_only=true', reading],
    ['?read%5Fonly=%74rue', reading],
    ['?&read_only=true&', reading],
    ['?clusters=orders&read_only=true', reading],
  ])('leaves what it says: %s', async (query, names) => {
    const { url } = await host();

    expect(await toolsAt(url, query)).toEqual(names);
    expect(await toolsAt(url, query)).toEqual(names);
  });

  test('takes values in any encoding, with blanks around them', async () => {
    const { url, sandbox, modern } = await host();
    sandbox.addCluster({ displayName: 'Größe 1+1' });
    const namesAt = async (query: string) => {
      const client = await modern({}, undefined, query);
      const { structuredContent } = await client.callTool({ name: 'list_clusters' });
      return Object(structuredContent).clusters.map(({ displayName }: { displayName: string }) => displayName);
    };

    for (const query of ['gr%C3%B6%C3%9Fe+1%2B1', 'Gr%C3%B6%C3%9Fe%201%2B1', '%2A%C3%9Fe*', 'nobody%2C+gr*1']) {
      expect(await namesAt(`?clusters=${query}`), query).toEqual(['Größe 1+1']);
    }
    expect(await toolsAt(url, '?toolsets=users%2C+logs')).toEqual(await toolsAt(url, '?toolsets=logs,users'));
  });

  test('changes nothing of Host, Origin and CORS', async () => {
    const { url } = await host({ allowedOrigins: ['https://app.example.com'] });
    const place = `${url}/mcp?read_only=true`;
    const preflight = { origin: 'https://app.example.com', 'access-control-request-method': 'POST' };

    expect((await post(place, LIST, { host: 'evil.example' })).status).toBe(403);
    expect((await post(place, LIST, { origin: 'https://evil.example' })).status).toBe(403);
    expect(await raw(place, { method: 'OPTIONS', headers: preflight })).toMatchObject({
      status: 204,
      headers: { 'access-control-allow-origin': 'https://app.example.com' },
    });
    expect(await post(place, LIST, { origin: 'https://app.example.com' })).toMatchObject({
      status: 200,
      headers: { 'access-control-allow-origin': 'https://app.example.com' },
    });
  });

  test('changes nothing of the page', async () => {
    const page = async () => 'the page';
    const { url } = await host({ pages: { page, view: page } });

    expect(await raw(`${url}/?read_only=maybe`, { method: 'GET' })).toMatchObject({ status: 200, body: 'the page' });
  });
});

describe('the log', () => {
  test.each(KINDS)('tells what the URL leaves in each line of a call and its write (%s)', async (kind) => {
    const { log, begun, ...rest } = await host();
    const client = await rest[kind]({}, undefined, '?toolsets=clusters,users&clusters=ord*,x%E2%80%8By');
    const narrowed = { toolsets: ['clusters', 'users'], clusters: ['ord*', 'x\\u{200B}y'] };

    await client.callTool({ name: 'list_clusters' });
    await client.callTool({ name: 'update_cluster', arguments: { clusterId: ORDERS, cores: 4 } });
    await client.callTool({ name: 'list_backups' }).catch(() => {});
    await client.readResource({ uri: `ionos-postgresql://clusters/${ORDERS}` });

    const lines = log.filter(({ msg }) => msg === 'call');
    expect(lines.map(({ outcome }) => outcome)).toEqual(['done', 'started', 'refused', 'done']);
    for (const line of [...lines, ...begun]) expect(line).toMatchObject({ narrowed });
    expect(begun).toHaveLength(1);
  });

  test('says nothing of it where the URL leaves everything', async () => {
    const { log, modern } = await host();
    const client = await modern({}, undefined, '?read_only=false&clusters=*');

    await client.callTool({ name: 'list_clusters' });

    expect(log.at(-1)).toMatchObject({ msg: 'call' });
    expect(log.at(-1)).not.toHaveProperty('narrowed');
  });

  test('tells it of a request that is refused', async () => {
    const world = await host({ rateLimit: 1 });

    await post(`${world.url}/mcp?read_only=true`, LIST);
    await post(`${world.url}/mcp?read_only=true`, LIST);

    expect(refused(world)).toMatchObject([{ status: 429, narrowed: { access: 'read' } }]);
  });

  test('shows no secret of the caller that is written into a pattern', async () => {
    const token = 'ionos-token-of-somebody-'.padEnd(48, 'y');
    const { url, log } = await host({ callersOwnToken: true });

    await rpc(url, 'tools/call', { name: 'list_clusters' }, { 'x-ionos-token': token });
    const body = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_clusters"}}';
    await post(`${url}/mcp?clusters=${token}`, body, { 'x-ionos-token': token });

    expect(log.findLast(({ msg }) => msg === 'call')).toHaveProperty('narrowed.clusters');
    expect(JSON.stringify(log)).not.toContain(token);
  });
});

describe('with OAuth', () => {
  async function behindItsName() {
    const server = await startAuthorizationServer();
    const { issuer } = server;
    const resource = describeResource({ publicUrl: RESOURCE, issuer, access: 'full' });
    const verify = verifierOf({ issuer, audience: resource.audience });
    const gate = createGate({ mode: 'oauth', resource, verify });
    return { ...(await host({ gate, resource, publicUrl: new URL(RESOURCE).origin })), server };
  }

  test('the metadata, the challenge and the audience are those of the URL without a query', async () => {
    const { url, server } = await behindItsName();
    const metadata = await raw(`${url}/.well-known/oauth-protected-resource/mcp?read_only=true`, { method: 'GET' });
    const challenge = await post(`${url}/mcp?read_only=true`, LIST);
    const headers = { authorization: `Bearer ${await server.issue()}` };

    expect(JSON.parse(metadata.body)).toMatchObject({ resource: RESOURCE, authorization_servers: [server.issuer] });
    expect(challenge.headers['www-authenticate']).toBe((await post(`${url}/mcp`, LIST)).headers['www-authenticate']);
    expect((await post(`${url}/mcp?read_only=true`, LIST, headers)).status).toBe(200);
  });

  test('an official client signs in at a URL with a query by itself', async () => {
    const { url } = await behindItsName();
    const client = modernClient();
    const authProvider = new ClientCredentialsProvider({ clientId: 'team', clientSecret: 'secret' });
    const fetchBehind: typeof fetch = (input, init) =>
      fetch(String(input).replace(new URL(RESOURCE).origin, url), init);
    await client.connect(
      new StreamableHTTPClientTransport(new URL(`${RESOURCE}?read_only=true&clusters=orders`), {
        authProvider,
        fetch: fetchBehind,
      }),
    );

    const { tools: listed } = await client.listTools();
    await client.close();

    expect(listed.map(({ name }) => name)).toEqual(reading);
  });

  test('a tool that the URL leaves out is beyond every scope, so that none is asked for', async () => {
    const { url, server } = await behindItsName();
    const headers = { authorization: `Bearer ${await server.issue({ scope: 'clusters:read' })}` };
    const callAt = (query: string, name: string) => {
      const params = { name, arguments: { clusterId: ORDERS } };
      return post(
        `${url}/mcp${query}`,
        JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
        headers,
      );
    };

    expect(await callAt('', 'delete_cluster')).toMatchObject({ status: 403 });
    expect(await callAt('?toolsets=clusters', 'delete_cluster')).toMatchObject({ status: 403 });
    for (const query of ['?read_only=true', '?toolsets=users']) {
      const answer = await callAt(query, 'delete_cluster');
      expect(answer.body).toContain('Tool delete_cluster not found');
      expect(answer.headers).not.toHaveProperty('www-authenticate');
      expect(answer.status).toBe(200);
    }
  });
});

test('a session ID is of its caller, whatever the URL it was issued at, and brings back nothing', async () => {
  const { url } = await host();
  const initialize = JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: {
      protocolVersion: '2025-11-25',
      clientInfo: { name: 'test', version: '0' },
      capabilities: { extensions: VIEWS },
    },
  });
  const { headers } = await post(`${url}/mcp`, initialize);
  const session = { 'mcp-session-id': String(headers['mcp-session-id']), accept: 'application/json' };
  const listedAt = async (query: string) => {
    const { body } = await post(`${url}/mcp${query}`, LIST, session);
    return JSON.parse(body).result.tools.map(({ name }: { name: string }) => name);
  };

  expect(await listedAt('')).toEqual([...all, 'confirm_write']);
  expect(await listedAt('?read_only=true')).toEqual(reading);
  expect(await listedAt('?clusters=orders')).toEqual([...all, 'confirm_write']);
});
