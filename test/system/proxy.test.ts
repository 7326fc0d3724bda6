import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createKey, RESOURCE, SCOPES, sign } from '../auth/provider.ts';
import { connectTo, startHost } from '../helpers/child-process-host.ts';
import { order } from '../helpers/orders.ts';
import { listen, start } from '../helpers/process.ts';
import { createTlsServer, listenWithTls, PEM } from '../helpers/tls.ts';

// A process starts slowly on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const SECRET = 'planted-secret-eyJhbGciOiJub25lIn0';
const API = { IONOS_API_URL: 'https://api.example.invalid', IONOS_TOKEN: 'any', NODE_EXTRA_CA_CERTS: PEM };

async function listenOn(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as { port: number };
  return port;
}

/** Leads every CONNECT to that port, or answers with the words. */
function leads({ to, says = 'HTTP/1.1 200 OK\r\n\r\n' }: { to?: number; says?: string }) {
  const asked: { authority?: string; headers: IncomingHttpHeaders }[] = [];
  return {
    asked,
    onConnect({ url, headers }: { url?: string; headers: IncomingHttpHeaders }, socket: Socket) {
      asked.push({ authority: url, headers });
      if (to === undefined) return void socket.end(says);
      const onward = connect({ port: to, host: '127.0.0.1' }, () => socket.write(says));
      for (const side of [socket, onward]) side.on('error', () => {});
      socket.pipe(onward).pipe(socket);
    },
  };
}

async function startProxy(way: Parameters<typeof leads>[0]) {
  const { asked, onConnect } = leads(way);
  const { server, port } = await listen();
  server.on('connect', onConnect);
  return { asked, port, url: `http://127.0.0.1:${port}` };
}

/** A SOCKS5 proxy that wants this password and leads to that port. */
async function startSocksProxy(to: number, password: string) {
  const hosts: string[] = [];
  const server = createServer(async (socket) => {
    socket.on('error', () => {});
    await once(socket, 'data');
    socket.write(Buffer.from([5, 2]));
    const [signIn]: Buffer[] = await once(socket, 'data');
    const isRight = signIn?.toString().endsWith(password) ?? false;
    socket.write(Buffer.from([1, isRight ? 0 : 1]));
    if (!isRight) return;
    const [request]: Buffer[] = await once(socket, 'data');
    hosts.push(request?.subarray(5, -2).toString() ?? '');
    const onward = connect({ port: to, host: '127.0.0.1' }, () => {
      socket.write(Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 0]));
      socket.pipe(onward).pipe(socket);
    });
  });
  return { hosts, port: await listenOn(server) };
}

/** What comes of a list of clusters by way of that proxy, and all that was written meanwhile. */
async function listThrough(proxy: string, more: Record<string, string> = {}) {
  const { initialize, call, child, ended } = start(['--log-level', 'trace'], { ...API, HTTPS_PROXY: proxy, ...more });
  await initialize();
  const { result } = await call('list_clusters');
  child.stdin.end();
  const { stdout, stderr } = await ended;
  return { isError: result.isError, text: result.content?.[0]?.text, output: stdout + stderr };
}

describe('a proxy', () => {
  test("carries the API's answers, over one connection for those that follow each other", async () => {
    const { asked, url } = await startProxy({ to: await listenWithTls() });
    const { initialize, call } = start([], { ...API, HTTPS_PROXY: url });
    await initialize();

    for (let n = 0; n < 3; n += 1) {
      const { result } = await call('list_clusters');
      expect(result.isError).toBeUndefined();
      expect(result.content?.[0]?.text).toContain('analytics-prod');
    }

    expect(asked).toMatchObject([{ authority: 'api.example.invalid:443' }]);
  });

  test('is signed in to, sees no credentials of the API, and its password comes out nowhere', async () => {
    const { asked, port } = await startProxy({ to: await listenWithTls() });

    const { text, output } = await listThrough(`http://some%40one:${SECRET}@127.0.0.1:${port}`);

    expect(text).toContain('analytics-prod');
    const credentials = Buffer.from(`some@one:${SECRET}`).toString('base64');
    expect(asked).toMatchObject([{ headers: { 'proxy-authorization': `Basic ${credentials}` } }]);
    expect(asked[0]?.headers).not.toHaveProperty('authorization');
    for (const secret of [SECRET, credentials]) expect(output).not.toContain(secret);
  });

  test('that refuses is named as the one who did', async () => {
    await Promise.all(
      [407, 502].map(async (status) => {
        const { asked, port } = await startProxy({ says: `HTTP/1.1 ${status} No\r\n\r\n` });

        const { isError, text, output } = await listThrough(`http://someone:${SECRET}@127.0.0.1:${port}`);

        expect(isError).toBe(true);
        expect(text).toContain(`the proxy refused to pass it on (${status})`);
        expect(asked.map(({ authority }) => authority)).toEqual(Array(3).fill('api.example.invalid:443'));
        expect(output).not.toContain(SECRET);
      }),
    );
  });

  const hangUps: Record<string, (socket: Socket) => void> = {
    'at once': (socket) => socket.destroy(),
    'with a reset': (socket) => socket.resetAndDestroy(),
    'after it agreed': (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n'),
    'with a reset after it agreed': (socket) =>
      socket.write('HTTP/1.1 200 OK\r\n\r\n', () => setImmediate(() => socket.resetAndDestroy())),
  };

  test('that hangs up, however it does, has let nothing out', async () => {
    await Promise.all(
      Object.entries(hangUps).map(async ([when, hangUp]) => {
        const { server, url } = await listen();
        server.on('connect', (_, socket: Socket) => hangUp(socket));

        const { text } = await listThrough(url);

        expect(text, when).toMatch(/the API could not be reached \(E\w+\)/);
      }),
    );
  });

  test('that cannot be reached has let nothing out', async () => {
    const { server, url } = await listen();
    server.close();
    await once(server, 'close');

    expect((await listThrough(url)).text).toContain('the API could not be reached (ECONNREFUSED)');
  });

  test('is itself reached over TLS where its address says so', async () => {
    const { asked, onConnect } = leads({ to: await listenWithTls() });
    const port = await listenOn(createTlsServer().on('connect', onConnect));

    const { text } = await listThrough(`https://localhost:${port}`);

    expect(text).toContain('analytics-prod');
    expect(asked).toHaveLength(1);
  });

  test('may be one of SOCKS, which looks up the name; its password comes out nowhere', async () => {
    const { hosts, port } = await startSocksProxy(await listenWithTls(), SECRET);

    const [carried, refused] = await Promise.all([
      listThrough(`socks5://someone:${SECRET}@127.0.0.1:${port}`),
      listThrough(`socks5://someone:${SECRET}-not@127.0.0.1:${port}`),
    ]);

    expect(carried.text).toContain('analytics-prod');
    expect(hosts).toEqual(['api.example.invalid']);
    expect(refused.text).toMatch(/the API could not be reached \(.*[Aa]uthentication failed/);
    expect(carried.output + refused.output).not.toContain(SECRET);
  });

  test('is left alone for a host that NO_PROXY names', async () => {
    const { asked, url } = await startProxy({});
    // This machine, by an address that does not pass for it.
    const api = createServer((socket) => socket.destroy());
    const port = await listenOn(api);
    const reached = once(api, 'connection');
    const env = { ...API, IONOS_API_URL: `https://0.0.0.0:${port}`, HTTPS_PROXY: url };
    const { initialize, call } = start(['--confirm', 'destructive'], { ...env, NO_PROXY: 'example.com,0.0.0.0' });
    await initialize();

    await call('create_cluster', order);

    await reached;
    expect(asked).toEqual([]);
  });

  test("is the way to the authorization server's keys too", async () => {
    const key = await createKey('one');
    const issuer = 'https://api.example.invalid';
    const documents: Record<string, object> = {
      '/.well-known/oauth-authorization-server': { issuer, jwks_uri: `${issuer}/keys` },
      '/keys': { keys: [key.publicJwk] },
    };
    const to = await listenWithTls(({ url = '' }, response) => void response.end(JSON.stringify(documents[url])));
    const { asked, url: HTTPS_PROXY } = await startProxy({ to });
    const flags = ['--auth', 'oauth', '--oauth-issuer', issuer, '--public-url', 'https://mcp.example.com'];
    const { url } = await startHost(flags, { ...API, HTTPS_PROXY });
    const exp = Math.floor(Date.now() / 1000) + 600;
    const token = await sign({ iss: issuer, aud: RESOURCE, sub: 'alice', scope: SCOPES, exp }, key);

    const client = await connectTo('modern', url, { headers: { authorization: `Bearer ${token}` } });

    expect((await client.listTools()).tools.length).toBeGreaterThan(0);
    expect(asked).toMatchObject([{ authority: 'api.example.invalid:443' }]);
  });
});
