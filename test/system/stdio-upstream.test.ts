import { once } from 'node:events';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { agreeing } from '../helpers/agreeing.ts';
import { order } from '../helpers/orders.ts';
import { listen, PROGRAM, start } from '../helpers/process.ts';
import { listenWithTls, PEM } from '../helpers/tls.ts';

// A process starts slowly on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const TOKEN = 'planted-token-eyJhbGciOiJub25lIn0';
const ORDERS = 'b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041';

/** The official client, joined to the built program. */
async function connect(env: Record<string, string>, mode: 'legacy' | { pin: string } = { pin: '2026-07-28' }) {
  const client = new Client({ name: 'test', version: '0.0.0' }, { versionNegotiation: { mode } });
  onTestFinished(() => client.close());
  const args = [PROGRAM, '--log-level', 'silent'];
  await client.connect(new StdioClientTransport({ command: process.execPath, args, env }));
  return client;
}

describe('the API over a real connection', () => {
  test.each([
    ['2026-07-28', { pin: '2026-07-28' }],
    ['2025-11-25', 'legacy' as const],
  ])('a call that a client of %s cancels is broken off', async (_, mode) => {
    const { server, url } = await listen();
    const client = await connect({ IONOS_API_URL: url, IONOS_TOKEN: 'any' }, mode);
    const arrived = once(server, 'request');
    const cancel = new AbortController();

    const result = client.callTool({ name: 'list_clusters' }, { signal: cancel.signal });
    const [, response] = await arrived;
    cancel.abort();

    await expect(result).rejects.toThrow();
    await once(response, 'close');
    await expect(client.listTools()).resolves.toMatchObject({ tools: expect.any(Array) });
  });

  test.each([
    ['a token', { IONOS_TOKEN: TOKEN }, `Bearer ${TOKEN}`],
    [
      'a user and password',
      { IONOS_USERNAME: 'me@example.com', IONOS_PASSWORD: TOKEN },
      `Basic ${Buffer.from(`me@example.com:${TOKEN}`).toString('base64')}`,
    ],
  ])('%s is sent, and comes out nowhere', async (_, env, authorization) => {
    const requests: { method?: string; url?: string; headers: object; body: string }[] = [];
    const { url } = await listen(async (request, response) => {
      const { method, url, headers } = request;
      const body = (await request.toArray()).join('');
      requests.push({ method, url, headers, body });
      if (url?.includes('limit=1000')) return void response.end('{"items":[]}');
      if (url?.endsWith('versions')) return void response.end('{"data":[{"name":"16"}]}');
      const message = `no right for ${headers.authorization}, ${TOKEN}, with ${body}`;
      response.writeHead(403).end(JSON.stringify({ httpStatus: 403, messages: [{ errorCode: '403', message }] }));
    });
    const settings = { IONOS_API_URL: url, IONOS_CONTRACT_NUMBER: '31812345', ...env };
    const { initialize, call, child, ended } = start(['--log-level', 'trace', '--confirm', 'destructive'], settings);
    await initialize();

    const listed = await call('list_clusters');
    const created = await call('create_cluster', order);
    child.stdin.end();

    expect(listed.result.content?.[0]?.text).toContain('The API answered 403: [403] no right for');
    expect(created.result.isError).toBe(true);
    const headers = {
      authorization,
      accept: 'application/json',
      'user-agent': expect.stringMatching(/^ionos-postgres-mcp\/\d/),
      'x-contract-number': '31812345',
    };
    const ofDatabases = requests.filter(({ url }) => url?.startsWith('/databases/postgresql/'));
    expect(ofDatabases).toMatchObject([
      { method: 'GET', url: '/databases/postgresql/clusters?limit=100&offset=0', headers },
      { method: 'GET', url: '/databases/postgresql/clusters?limit=1000', headers },
      { method: 'GET', url: '/databases/postgresql/clusters/postgresversions', headers },
      { method: 'POST', url: '/databases/postgresql/clusters', headers },
    ]);
    for (const request of requests) expect(request).toMatchObject({ headers });
    expect(JSON.parse(ofDatabases[3]?.body ?? '')).toEqual({ properties: order });
    const { stdout, stderr } = await ended;
    for (const secret of [TOKEN, authorization.replace(/^\w+ /, ''), order.credentials.password]) {
      expect(stdout + stderr).not.toContain(secret);
    }
  });
});

describe('the sandbox served by itself', () => {
  /** With its address, as printed. */
  async function startSandbox() {
    const program = start(['sandbox', '--port', '0', '--settle', '0.05']);
    const printed = () => /http:\/\/127\.0\.0\.1:\d+\/databases\/postgresql/.exec(program.output.stdout);
    const [url] = await vi.waitUntil(printed, 20_000);
    return { ...program, url };
  }

  async function send(method: string, url: string, properties?: object) {
    const headers = { authorization: 'Bearer any', 'content-type': 'application/json' };
    const body = properties && JSON.stringify({ properties });
    const response = await fetch(url, { method, headers, body });
    return { status: response.status, body: (await response.json()) as { id: string; links: { next: string } } };
  }

  const until = (url: string, outcome: object) =>
    vi.waitFor(async () => expect(await send('GET', url)).toMatchObject(outcome), 20_000);

  test('wants credentials, and links its pages', async () => {
    const { url } = await startSandbox();

    expect((await fetch(`${url}/clusters`)).status).toBe(401);
    const first = await send('GET', `${url}/clusters?limit=2`);
    expect(first).toMatchObject({ status: 200, body: { items: [{ id: ORDERS }, {}] } });
    expect(await send('GET', first.body.links.next)).toMatchObject({ status: 200, body: { items: [{}], offset: 2 } });
  });

  test('takes a cluster through its life', async () => {
    const { url } = await startSandbox();

    const created = await send('POST', `${url}/clusters`, order);
    expect(created).toMatchObject({ status: 200, body: { metadata: { state: 'BUSY' } } });
    const cluster = `${url}/clusters/${created.body.id}`;
    await until(cluster, { body: { metadata: { state: 'AVAILABLE' } } });

    const changed = await send('PATCH', cluster, { cores: 4 });
    expect(changed).toMatchObject({ status: 200, body: { metadata: { state: 'BUSY' }, properties: { cores: 4 } } });
    await until(cluster, { body: { metadata: { state: 'AVAILABLE' }, properties: { cores: 4 } } });

    expect(await send('DELETE', cluster)).toMatchObject({ status: 200, body: { metadata: { state: 'DESTROYING' } } });
    await until(cluster, { status: 404 });
  });

  test('ends with 0 when told to stop', async () => {
    const { url, child, ended } = await startSandbox();
    await send('GET', `${url}/clusters`);

    child.kill('SIGTERM');

    expect(await ended).toMatchObject({ code: 0, signal: null, stderr: '' });
  });

  test('is an API to the server like the real one', async () => {
    const { url } = await startSandbox();
    const client = await connect({ IONOS_API_URL: url, IONOS_TOKEN: 'any' });
    const call = (name: string, args: Record<string, unknown> = {}) => client.callTool({ name, arguments: args });

    expect(client.getInstructions()).not.toContain('sandbox');
    const { structuredContent } = await agreeing(call, 'create_cluster', order);
    const { cluster } = structuredContent as { cluster: { id: string } };
    const path = `${url}/clusters/${cluster.id}`;
    await until(path, { body: { metadata: { state: 'AVAILABLE' } } });
    await agreeing(call, 'update_cluster', { clusterId: cluster.id, ram: 8192 });
    await until(path, { body: { metadata: { state: 'AVAILABLE' }, properties: { ram: 8192 } } });
    const asked = await call('delete_cluster', { clusterId: cluster.id });
    const { confirmationToken } = asked.structuredContent as { confirmationToken: string };
    const agreed = { confirmationToken, confirmationName: order.displayName };
    await call('delete_cluster', { clusterId: cluster.id, ...agreed });
    await until(path, { status: 404 });
    expect(await call('get_cluster', { clusterId: cluster.id })).toMatchObject({ isError: true });
  });
});

describe('TLS', () => {
  test('carries the answers of a server whose certificate is trusted, and of no other', async () => {
    const port = await listenWithTls();
    const env = { IONOS_API_URL: `https://localhost:${port}`, IONOS_TOKEN: 'any' };
    const trusting = start([], { ...env, NODE_EXTRA_CA_CERTS: PEM });
    const strict = start([], env);
    await Promise.all([trusting.initialize(), strict.initialize()]);

    const [trusted, refused] = await Promise.all([trusting.call('list_clusters'), strict.call('list_clusters')]);

    expect(trusted.result.content?.[0]?.text).toContain('analytics-prod');
    expect(refused.result).toMatchObject({ isError: true });
    expect(refused.result.content?.[0]?.text).toContain(
      'cannot be trusted: self-signed certificate (DEPTH_ZERO_SELF_SIGNED_CERT)',
    );
  });
});
