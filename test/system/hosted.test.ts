import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { get, type IncomingMessage, type ServerResponse } from 'node:http';
import path from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as Client2025 } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPClientTransport as Http2025 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { serveSandbox } from '../../src/sandbox/serve.ts';
import { startAuthorizationServer } from '../auth/provider.ts';
import { balance, connectTo, KINDS, startHost } from '../helpers/child-process-host.ts';
import { unplaced } from '../helpers/orders.ts';
import { listen, start } from '../helpers/process.ts';
import { raw } from '../helpers/raw-http.ts';
import { SOME_CLUSTER } from '../helpers/some-cluster.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

// A process starts slowly on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const token = (name: string) => `sign-in-of-${name}-`.padEnd(48, 'x');
const bearer = (name: string) => ({ authorization: `Bearer ${token(name)}` });
const TOKENS = { MCP_AUTH_TOKENS: `reader:read:${token('reader')},admin:full:${token('admin')}` };

describe('it prints', () => {
  test('where it listens, and each address works with the official clients', async () => {
    const { output } = await startHost(['--sandbox']);
    const words = output.stdout;
    const [, mcp = ''] = /^Streamable HTTP +(\S+)$/m.exec(words) ?? [];
    const [, sse = ''] = /^HTTP\+SSE +(\S+)$/m.exec(words) ?? [];
    const [, healthz = '', readyz = ''] = /^Health +(\S+), (\S+)$/m.exec(words) ?? [];

    const modern = new Client({ name: 'test', version: '0' }, { versionNegotiation: { mode: 'auto' } });
    await modern.connect(new StreamableHTTPClientTransport(new URL(mcp)));
    const legacy = new Client2025({ name: 'test', version: '0' });
    await legacy.connect(new Http2025(new URL(mcp)));
    const older = new Client2025({ name: 'test', version: '0' });
    await older.connect(new SSEClientTransport(new URL(sse)));

    for (const client of [modern, legacy, older]) {
      expect((await client.callTool({ name: 'list_clusters' })).structuredContent).toHaveProperty('clusters.length', 5);
      await client.close();
    }
    for (const url of [healthz, readyz]) expect(await raw(url, { method: 'GET' })).toMatchObject({ status: 200 });
  });

  test('lines to paste into clients, with the headers that they have to send', async () => {
    const args = ['--sandbox', '--auth', 'token', '--ionos-credentials', 'caller', '--no-sse'];
    const { output, url } = await startHost(args, TOKENS);

    expect(output.stdout).not.toContain('/sse');
    expect(output.stdout).toContain(
      `claude mcp add --transport http ionos-postgres ${url}/mcp --header "Authorization: Bearer <token>" --header "X-IONOS-Token: <IONOS token>"\n`,
    );
    const [json = ''] = /\{"type.*\}/.exec(output.stdout) ?? [];
    expect(JSON.parse(json)).toEqual({
      type: 'http',
      url: `${url}/mcp`,
      headers: { Authorization: 'Bearer <token>', 'X-IONOS-Token': '<IONOS token>' },
    });
  });

  test('a name that clients may use, where it listens on every address', async () => {
    const open = ['--host', '0.0.0.0', '--allowed-hosts', '127.0.0.1', '--auth', 'token'];
    const { output } = await startHost(['--sandbox', ...open], TOKENS);
    const [, url = ''] = /^Streamable HTTP +(\S+)\/mcp$/m.exec(output.stdout) ?? [];

    const client = await connectTo('modern', url, { headers: bearer('reader') });

    expect((await client.listTools()).tools.length).toBeGreaterThan(0);
  });
});

describe('it does not start', () => {
  test.each([
    ['for anybody on the network', ['--host', '0.0.0.0'], 'needs --auth token or --auth oauth'],
    [
      'on the network without a name',
      ['--host', '0.0.0.0', '--auth', 'token'],
      'needs --allowed-hosts or --public-url',
    ],
    [
      'for IONOS tokens that cross the network in clear',
      ['--host', '::', '--auth', 'token', '--allowed-hosts', 'a.example', '--ionos-credentials', 'caller'],
      'need a --public-url with https://',
    ],
  ])('%s', async (_, args, words) => {
    const { code, stdout, stderr } = await start(['--sandbox', '--transport', 'http', '--port', '0', ...args], TOKENS)
      .ended;

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(words);
    expect(stderr).not.toContain(token('admin'));
  });

  test.each(['--port', '--metrics-port'])('where %s is in use', async (flag) => {
    const { port } = await listen();
    const ports = { '--port': '0', '--metrics-port': '0', [flag]: String(port) };

    const { code, stderr } = await start(['--sandbox', '--transport', 'http', ...Object.entries(ports).flat()]).ended;

    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`^ionos-postgres-mcp: .*in use.*127.0.0.1:${port}$`, 'm'));
    expect(stderr).not.toContain('    at ');
  });
});

describe('on the network', () => {
  const WAYS_IN = ['/mcp', '/sse', '/messages?sessionId=any'];
  const OTHERS = ['/', '/healthz', '/readyz', '/metrics', '/mcp/', '/admin', '/..%2fmcp', '/.well-known/any'];
  const DOCUMENTS = ['/.well-known/oauth-protected-resource', '/.well-known/oauth-protected-resource/mcp'];
  const CALL = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'list_clusters' } });
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

  test.each([
    ['token', ['--allowed-hosts', 'mcp.example.com'], TOKENS],
    ['oauth', ['--public-url', 'https://mcp.example.com', '--oauth-issuer', 'https://login.example.com'], {}],
  ])('nobody gets data without a token, whatever he asks for (--auth %s)', async (mode, args, env) => {
    const { url } = await startHost(['--sandbox', '--host', '0.0.0.0', '--auth', mode, ...args], env);
    const ask = (method: string, path: string, host: string) =>
      raw(url + path, { method, headers: { ...headers, host }, body: method === 'POST' ? CALL : undefined });

    for (const method of ['GET', 'POST', 'DELETE', 'PUT', 'OPTIONS']) {
      for (const path of [...WAYS_IN, ...OTHERS, ...DOCUMENTS]) {
        const named = await ask(method, path, 'mcp.example.com');
        const unnamed = await ask(method, path, '127.0.0.1');
        for (const { body } of [named, unnamed]) expect(body).not.toMatch(/orders|list_clusters|sandbox|"result"/);
        if (WAYS_IN.includes(path)) {
          expect(unnamed.status).toBeGreaterThanOrEqual(400);
          if (method !== 'OPTIONS') expect(named.status).toBeGreaterThanOrEqual(401);
        }
      }
    }
  });
});

test('metrics are on the port of their own, without anything of a caller, and on no other', async () => {
  const args = ['--sandbox', '--api', 'v1', '--auth', 'token', '--metrics-port', '0'];
  const { url, metricsAddress } = await startHost(args, TOKENS);
  const client = await connectTo('sse', url, { headers: bearer('admin') });
  await client.callTool({ name: 'list_clusters' });
  await client.callTool({ name: 'get_cluster', arguments: { clusterId: 'planted-id' } });

  const { status, body, headers } = await raw(metricsAddress, { method: 'GET' });

  expect(status).toBe(200);
  expect(headers['content-type']).toContain('text/plain; version=0.0.4');
  for (const line of [
    'mcp_calls_total{name="list_clusters",outcome="done"} 1',
    'mcp_calls_total{name="get_cluster",outcome="failed"} 1',
    'mcp_call_duration_seconds_count{name="list_clusters"} 1',
    // What is there was listed for the words on what is not.
    'ionos_requests_total{method="GET",status="200"} 2',
    'ionos_requests_total{method="GET",status="404"} 1',
    'mcp_sse_sessions 1',
  ]) {
    expect(body).toContain(`${line}\n`);
  }
  expect(body).not.toMatch(/planted-id|admin|sign-in/);
  expect(await raw(`${url}/metrics`, { method: 'GET', headers: bearer('admin') })).toMatchObject({ status: 404 });
  expect(await raw(new URL('/mcp', metricsAddress).href, { method: 'GET' })).toMatchObject({ status: 404 });
});

test('whom the authorization server vouches for is let in, and the log tells names alone', async () => {
  const server = await startAuthorizationServer();
  const flags = ['--auth', 'oauth', '--oauth-issuer', server.issuer, '--public-url', 'https://mcp.example.com'];
  const { url, output } = await startHost(['--sandbox', '--log-level', 'trace', ...flags]);
  const good = await server.issue({ scope: 'clusters:read' });
  const foreign = await server.issue({ resource: 'https://other.example.com/mcp' });

  for (const kind of KINDS) {
    const client = await connectTo(kind, url, { headers: { authorization: `Bearer ${good}` } });
    expect((await client.callTool({ name: 'list_clusters' })).isError).toBeUndefined();
    const stranger = connectTo(kind, url, { headers: { authorization: `Bearer ${foreign}` } });
    await expect(stranger).rejects.toThrow(/401|invalid_token|Unauthorized/);
  }

  expect(output.stderr.match(/"caller":"team".*"msg":"call"/g)).toHaveLength(3);
  expect(output.stderr).toContain('its aud is missing or not the expected one');
  for (const part of `${good}.${foreign}`.split('.')) expect(output.stdout + output.stderr).not.toContain(part);
});

describe("with each caller's own IONOS token", () => {
  const ionosToken = (name: string) => `ionos-token-of-${name}-`.padEnd(48, 'y');
  const own = (name: string) => ({ 'x-ionos-token': ionosToken(name) });

  /** What the API calls the cluster of a token: its own words would be cut out of the answer. */
  const clusterOf = (authorization = '') => createHash('sha256').update(authorization).digest('hex');

  /** The API, which shows each token a cluster of its own, and a host that could have credentials of its own. */
  async function withApi(env: Record<string, string> = {}) {
    const authorizations: (string | undefined)[] = [];
    const { url } = await listen(({ url = '', headers: { authorization } }, response) => {
      authorizations.push(authorization);
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({ id: url.split('/').at(-1), properties: { displayName: clusterOf(authorization) } }),
      );
    });
    const flags = ['--auth', 'token', '--ionos-credentials', 'caller', '--log-level', 'trace', '--access', 'full'];
    const unused = { IONOS_TOKEN: 'operators-token', IONOS_USERNAME: 'operator', IONOS_PASSWORD: 'operators-token' };
    return { authorizations, ...(await startHost(flags, { ...TOKENS, ...unused, IONOS_API_URL: url, ...env })) };
  }

  test("the host's own is never used, and nobody's is told in its log", async () => {
    const { url, authorizations, output } = await withApi();
    for (const kind of KINDS) {
      const headers: Record<string, string> = bearer('admin');
      const client = await connectTo(kind, url, { headers });
      const get = () => client.callTool({ name: 'get_cluster', arguments: { clusterId: SOME_CLUSTER } });

      expect(await get()).toMatchObject({
        isError: true,
        content: [{ text: expect.stringContaining('X-IONOS-Token') }],
      });
      Object.assign(headers, own('alice'));
      expect((await get()).isError).toBeUndefined();
      headers.authorization = `Bearer ${token('nobody')}`;
      await expect(get()).rejects.toThrow();
    }

    expect(authorizations).toEqual(KINDS.map(() => `Bearer ${ionosToken('alice')}`));
    expect(output.stderr.match(/"msg":"call"/g)).toHaveLength(6);
    expect(output.stdout + output.stderr).not.toMatch(/ionos-token-of|operators-token|sign-in-of/);
  });

  test('nothing of it stays in the process, whose sessions and connections go on', async () => {
    const folder = temporaryFolder('hosted');
    const file = path.join(folder, 'all.heapsnapshot');
    const hook = `import v8 from 'node:v8';
      process.on('SIGUSR2', () => {
        v8.writeHeapSnapshot(${JSON.stringify(file)});
        console.error('{"msg":"written"}');
      });`;
    const { url, child, log } = await withApi({
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(hook)}`,
    });
    for (const kind of KINDS) {
      const headers: Record<string, string> = bearer('admin');
      const client = await connectTo(kind, url, { headers });
      Object.assign(headers, own(`short-lived-${kind}`));
      const update = () =>
        client.callTool({ name: 'update_cluster', arguments: { clusterId: SOME_CLUSTER, cores: 2 } });
      expect((await update()).isError).toBeUndefined();
      // A connection keeps its last request.
      delete headers['x-ionos-token'];
      expect((await update()).isError).toBe(true);
    }

    child.kill('SIGUSR2');
    await vi.waitUntil(() => log().some(({ msg }) => msg === 'written'), { timeout: 20_000 });

    const held = readFileSync(file, 'utf8').match(/[\w ]*ionos-token-of-short-lived-\w+/g);
    expect(held).toBeNull();
  });

  test('callers who share connections to IONOS act there each with his own', async () => {
    const { url, authorizations } = await withApi();
    const names = Array.from({ length: 12 }, (_, n) => `caller-${n}`);

    await Promise.all(
      names.map(async (name, n) => {
        const kind = KINDS[n % 3] ?? 'modern';
        const client = await connectTo(kind, url, { headers: { ...bearer('admin'), ...own(name) } });
        for (let call = 0; call < 10; call += 1) {
          const { structuredContent } = await client.callTool({
            name: 'get_cluster',
            arguments: { clusterId: SOME_CLUSTER },
          });
          expect(structuredContent).toMatchObject({
            properties: { displayName: clusterOf(`Bearer ${ionosToken(name)}`) },
          });
        }
      }),
    );

    expect(authorizations).toHaveLength(120);
  });
});

test('a confirmation of one replica counts at another with the same key, and at none without', async () => {
  const api = await serveSandbox({ port: 0 });
  onTestFinished(api.close);
  const env = { IONOS_API_URL: api.url, IONOS_TOKEN: 'any' };
  const key = { MCP_SIGNING_KEY: 'the-same-for-all-replicas-of-this-test' };
  const replicas = await Promise.all(
    [key, key, {}].map((more) => startHost(['--access', 'full'], { ...env, ...more })),
  );
  const remove = async ({ url } = replicas[0] ?? { url: '' }, agreed = {}) => {
    const client = await connectTo('legacy', url);
    const clusterId = 'e41a7f08-36d9-4c85-9f2b-d8c05b6a1e97';
    return Object(await client.callTool({ name: 'delete_cluster', arguments: { clusterId, ...agreed } }));
  };

  const { structuredContent } = await remove();
  const agreed = { confirmationToken: structuredContent.confirmationToken, confirmationName: 'legacy-crm' };

  expect(await remove(replicas[2], agreed)).toMatchObject({ structuredContent: { outcome: 'needs_confirmation' } });
  expect(await remove(replicas[1], agreed)).toMatchObject({ structuredContent: { outcome: 'started' } });
});

describe('told to stop', () => {
  /** A host in front of an API that answers when it is let. */
  async function withSlowApi(...args: string[]) {
    const asked: ServerResponse[] = [];
    const { url } = await listen((_, response) => void asked.push(response));
    const running = await startHost(args, { IONOS_API_URL: url, IONOS_TOKEN: 'any' });
    return {
      ...running,
      asked,
      answer() {
        for (const each of asked) each.setHeader('content-type', 'application/json').end(`{"id":"${SOME_CLUSTER}"}`);
      },
    };
  }

  const getCluster = (client: Awaited<ReturnType<typeof connectTo>>) =>
    client.callTool({ name: 'get_cluster', arguments: { clusterId: SOME_CLUSTER } });

  test('it is not ready at once, still takes calls until that is known, and finishes what it has', async () => {
    const { url, asked, answer, stop, ready, ended } = await withSlowApi('--drain-delay', '1');
    const clients = await Promise.all(KINDS.map((kind) => connectTo(kind, url)));
    const before = clients.map(getCluster);
    await vi.waitUntil(() => asked.length === 3);

    stop();
    await vi.waitUntil(async () => (await ready()) === 503);
    const { headers } = await fetch(`${url}/healthz`);
    const after = clients.map(getCluster);
    await vi.waitUntil(() => asked.length === 6);
    await vi.waitUntil(async () => (await ready()) === undefined, { timeout: 5_000 });
    answer();

    for (const { structuredContent } of await Promise.all([...before, ...after])) {
      expect(structuredContent).toEqual({ id: SOME_CLUSTER });
    }
    expect(headers.get('connection')).toBe('close');
    expect(await ended).toMatchObject({ code: 0, signal: null });
  });

  test('under load it loses nothing', async () => {
    const { url, ready, stop, ended } = await startHost(['--sandbox', '--latency', '50', '--drain-delay', '4']);
    const clients = await Promise.all(Array.from({ length: 24 }, (_, n) => connectTo(KINDS[n % 3] ?? 'modern', url)));
    let calls = 0;
    let working = true;
    const work = clients.map(async (client) => {
      while (working) {
        expect((await client.callTool({ name: 'list_clusters' })).isError).toBeUndefined();
        calls += 1;
      }
    });
    const done = Promise.all(work);
    await Promise.race([done, vi.waitUntil(() => calls > 100, { timeout: 20_000 })]);

    stop();
    await vi.waitUntil(async () => (await ready()) === 503, { timeout: 3_500 });
    working = false;

    await done;
    expect(await ended).toMatchObject({ code: 0, signal: null });
  });

  test('it waits no longer than it was told, and then says why', async () => {
    const { url, asked, stop, ended } = await withSlowApi('--drain-delay', '0', '--drain-timeout', '0.2');
    const clients = await Promise.all(KINDS.map((kind) => connectTo(kind, url)));
    const calls = clients.map(getCluster);
    await vi.waitUntil(() => asked.length === 3);

    stop();

    for (const result of await Promise.all(calls)) {
      expect(result).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('shutting down') }] });
    }
    expect(await ended).toMatchObject({ code: 0, signal: null });
  });

  test('sessions that wait for nothing are ended', async () => {
    const { url, stop, ended } = await startHost(['--sandbox', '--drain-delay', '0']);
    const stream = await new Promise<IncomingMessage>((resolve) => get(`${url}/sse`, { agent: false }, resolve));

    stop();

    await once(stream.resume(), 'end');
    expect(await ended).toMatchObject({ code: 0, signal: null });
  });

  test('a second time it ends now, whatever it has in flight', async () => {
    const { url, asked, stop, ready, ended } = await withSlowApi('--drain-delay', '60');
    const call = getCluster(await connectTo('modern', url)).catch(() => 'lost');
    await vi.waitUntil(() => asked.length === 1);

    stop();
    await vi.waitUntil(async () => (await ready()) === 503);
    stop();

    expect(await ended).toMatchObject({ code: 1, signal: null });
    expect(await call).toBe('lost');
  });
});

describe('three replicas behind a load balancer without affinity', () => {
  const names = Array.from({ length: 50 }, (_, n) => `caller-${n}`);
  const flags = [
    '--auth',
    'token',
    '--rate-limit',
    '0',
    '--write-rate-limit',
    '0',
    '--drain-delay',
    '1',
    '--confirm',
    'destructive',
  ];

  /** Replicas have nothing in common but their configuration and the API. */
  async function withReplicas() {
    const api = await serveSandbox({ port: 0, settleMs: 0, latencyMs: 250 });
    onTestFinished(() => api.close());
    const env = {
      IONOS_API_URL: api.url,
      IONOS_TOKEN: 'any',
      MCP_AUTH_TOKENS: names.map((name) => `${name}:write:${token(name)}`).join('\n'),
    };
    const balancer = await balance();
    const startReplica = async () => {
      const replica = await startHost(flags, env);
      await balancer.add(replica.url);
      return replica;
    };
    return { api, balancer, startReplica };
  }

  test('are replaced one by one while fifty callers work, and not one call fails', async () => {
    const { api, balancer, startReplica } = await withReplicas();
    const { url, answeredBy } = balancer;
    const old = await Promise.all([startReplica(), startReplica(), startReplica()]);
    let calls = 0;
    let working = true;
    const failures: unknown[] = [];

    /** A caller and his cluster: what he writes through one replica he reads through the next. */
    async function work(name: string, n: number) {
      const headers = { ...bearer(name), 'x-client': name };
      const client = await connectTo(n % 2 ? 'legacy' : 'modern', url, { headers });
      async function call(tool: string, args: Record<string, unknown>): Promise<unknown> {
        const { isError, structuredContent, content } = await client.callTool({ name: tool, arguments: args });
        if (isError) throw new Error(JSON.stringify(content));
        calls += 1;
        return structuredContent;
      }
      const ordered = await call('create_cluster', { ...unplaced, displayName: name });
      const { id: clusterId } = z.object({ cluster: z.object({ id: z.string() }) }).parse(ordered).cluster;
      for (let cores = 1; working; cores += 1) {
        await call('update_cluster', { clusterId, cores });
        expect(await call('get_cluster', { clusterId })).toMatchObject({ properties: { displayName: name, cores } });
        await call('list_postgres_versions', {});
      }
    }

    const callers = names.map((name, n) => work(name, n).catch((error: unknown) => failures.push({ name, error })));
    await vi.waitUntil(() => calls > 100 || failures.length > 0, { timeout: 20_000 });
    const ends = [];
    for (const replica of old) {
      await startReplica();
      replica.stop();
      ends.push(await replica.ended);
    }
    const enough = Math.max(500, calls + 100);
    await vi.waitUntil(() => calls > enough || failures.length > 0, { timeout: 20_000 });
    working = false;
    await Promise.all(callers);

    expect(failures).toEqual([]);
    for (const { code, signal } of ends) expect({ code, signal }).toEqual({ code: 0, signal: null });
    expect(calls).toBeGreaterThan(500);
    for (const name of names) expect(answeredBy.get(name)?.size).toBeGreaterThanOrEqual(3);
    // A request sent twice would have made a second one.
    const list = await fetch(`${api.url}/clusters?limit=100`, { headers: { authorization: 'Bearer any' } });
    expect(await list.json()).toHaveProperty('items.length', 3 + names.length);
  }, 90_000);
});

test('the page calls its own server by the name that a browser opened it by, and no other site does', async () => {
  const token = 'x'.repeat(43);
  const flags = ['--auth', 'token', '--page', '--public-url', 'https://pg.example/pg', '--trust-proxy', '1'];
  const { url } = await startHost(['--sandbox', ...flags], { MCP_AUTH_TOKENS: `alice:read:${token}` });
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} });
  const statusFrom = async (origin: string) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', origin };
    const accept = 'application/json, text/event-stream';
    return (await fetch(`${url}/mcp`, { method: 'POST', headers: { ...headers, accept }, body })).status;
  };

  expect(await statusFrom('https://pg.example')).toBe(200);
  expect(await statusFrom('https://evil.example')).toBe(403);
  expect(await (await fetch(`${url}/`)).text()).toContain('<title>PostgreSQL clusters</title>');
});
