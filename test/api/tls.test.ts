import { type AddressInfo, connect, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { createApiClient, type Fetch } from '../../src/api/client.ts';
import { createFetch } from '../../src/api/fetch.ts';
import { createApis } from '../../src/api/generations/index.ts';
import { createProxyFetch } from '../../src/api/proxy.ts';
import { type TlsConfig, TrustingAgent } from '../../src/api/tls.ts';
import { explain } from '../../src/calls/failures.ts';
import { listen } from '../helpers/process.ts';
import { certificatesIn, createTlsServer, ISSUED_PEM, PEM } from '../helpers/tls.ts';

const [selfSigned] = certificatesIn(PEM);
const [leaf, authority] = certificatesIn(ISSUED_PEM);
const pinOf = (certificate = selfSigned) => certificate?.fingerprint256 ?? '';
const textOf = (certificate = selfSigned) => certificate?.toString() ?? '';

const ALL = { '': `${textOf(selfSigned)}${textOf(authority)}` };

/** A server behind TLS, and what reached it. */
async function startApi(file = PEM) {
  const asked: (string | undefined)[] = [];
  let connections = 0;
  const server = createTlsServer((request, response) => {
    asked.push(request.method);
    response.end('{}');
  }, file);
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { asked, port, connections: () => connections };
}

async function startProxy(to: number) {
  const { server, url } = await listen();
  server.on('connect', (_, socket: Socket) => {
    const onward = connect({ port: to, host: '127.0.0.1' }, () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
    for (const side of [socket, onward]) side.on('error', () => {});
    socket.pipe(onward).pipe(socket);
  });
  return url;
}

const directly = (tls: TlsConfig) => createFetch((options) => new TrustingAgent(options, tls));

/** `done`, or why it failed. */
async function ask(method: 'get' | 'post', host: string, fetch = directly({ pins: [], authorities: {} })) {
  const client = createApiClient({ apiUrl: `https://${host}`, authorization: 'Bearer any', userAgent: 'test', fetch });
  try {
    await client[method]('clusters', { response: z.unknown() });
    return 'done';
  } catch (error) {
    return explain(error);
  }
}

/** The same, with and without a proxy. */
const ways = [
  [
    'directly',
    async (method: 'get' | 'post', port: number, tls: TlsConfig) => ask(method, `localhost:${port}`, directly(tls)),
    'localhost',
  ],
  [
    'through a proxy',
    async (method: 'get' | 'post', port: number, tls: TlsConfig) =>
      ask(method, 'api.example.invalid', createProxyFetch({ httpsProxy: await startProxy(port), noProxy: '' }, tls)),
    'api.example.invalid',
  ],
] as const;

describe.each(ways)('a pinned certificate, %s,', (_, call, host) => {
  const pinned = (...pins: string[]) => ({ pins, authorities: ALL });

  test('is accepted where it is one of those that are named', async () => {
    const { port, asked } = await startApi();
    for (const tls of [pinned(pinOf()), pinned(pinOf(leaf), pinOf()), pinned()]) {
      expect(await call('get', port, tls)).toBe('done');
    }
    expect(await call('post', port, pinned(pinOf()))).toBe('done');
    expect(asked).toEqual(['GET', 'GET', 'GET', 'POST']);
  });

  test('is refused where it is another, once, with host and fingerprint and before anything is sent', async () => {
    const { port, asked, connections } = await startApi();
    const words = `Nothing was sent: ${host} has a TLS certificate that IONOS_PINNED_CERT does not name: ${pinOf()} (SHA-256).`;
    expect(await call('get', port, pinned(pinOf(leaf)))).toContain(words);
    expect(connections()).toBe(1);
    expect(await call('post', port, pinned(pinOf(leaf)))).toContain(words);
    expect(asked).toEqual([]);
  });

  test('needs a CA that is trusted all the same', async () => {
    const { port, asked } = await startApi();
    expect(await call('get', port, { pins: [pinOf()], authorities: {} })).toContain('(DEPTH_ZERO_SELF_SIGNED_CERT)');
    expect(asked).toEqual([]);
  });
});

describe('a pinned certificate', () => {
  test('has to be for the host all the same', async () => {
    const { port, asked } = await startApi();
    const fetch = directly({ pins: [pinOf()], authorities: ALL });
    expect(await ask('get', `127.0.0.1:${port}`, fetch)).toContain('(ERR_TLS_CERT_ALTNAME_INVALID)');
    expect(asked).toEqual([]);
  });

  test("is the server's own, not that of its CA", async () => {
    const { port } = await startApi(ISSUED_PEM);
    const host = `localhost:${port}`;
    expect(await ask('get', host, directly({ pins: [pinOf(leaf)], authorities: ALL }))).toBe('done');
    expect(await ask('get', host, directly({ pins: [pinOf(authority)], authorities: ALL }))).toContain(pinOf(leaf));
  });

  test('is checked on every connection, also one that could resume a session', async () => {
    const { port, asked } = await startApi();
    const pins = [pinOf()];
    const fetch = directly({ pins, authorities: ALL });
    for (let n = 0; n < 3; n += 1) expect(await ask('post', `localhost:${port}`, fetch)).toBe('done');
    pins[0] = pinOf(leaf);
    expect(await ask('post', `localhost:${port}`, fetch)).toContain('IONOS_PINNED_CERT');
    expect(asked).toHaveLength(3);
  });
});

describe('a CA of the configuration', () => {
  test('counts for the host and port that it is given for', async () => {
    const [one, other] = [await startApi(), await startApi()];
    const fetch = directly({ pins: [], authorities: { [`localhost:${one.port}`]: textOf() } });
    expect(await ask('get', `localhost:${one.port}`, fetch)).toBe('done');
    expect(await ask('get', `localhost:${other.port}`, fetch)).toContain('(DEPTH_ZERO_SELF_SIGNED_CERT)');
  });

  test('counts for all other hosts where it is given for all', async () => {
    const [one, other] = [await startApi(), await startApi(ISSUED_PEM)];
    const fetch = directly({ pins: [], authorities: { [`localhost:${one.port}`]: textOf(), '': textOf(authority) } });
    expect(await ask('get', `localhost:${one.port}`, fetch)).toBe('done');
    expect(await ask('get', `localhost:${other.port}`, fetch)).toBe('done');
  });
});

test('a list says which region has a certificate that is not pinned, and which', async () => {
  const { port } = await startApi();
  const client = (apiUrl: string, fetch: Fetch) =>
    createApiClient({ apiUrl, authorization: 'Bearer any', userAgent: 'test', fetch });
  const region = client(`https://localhost:${port}`, directly({ pins: [pinOf(leaf)], authorities: ALL }));
  const { clusters } = createApis({
    v1: client('https://api.example.invalid', async () => Response.json({ items: [] })),
    v2: { isAlone: false, leavesOutRegions: false, newClusters: 'v1', regions: [{ name: 'de-txl', client: region }] },
  }).forCall({ signal: new AbortController().signal, deadline: Date.now() + 10_000 });

  const { absent } = await clusters.rows({ of: 'clusters' }, z.object({ id: z.string() }), {});

  expect(absent).toMatchObject([
    { region: 'de-txl', reason: expect.stringContaining(`localhost has a TLS certificate that IONOS_PINNED_CERT`) },
  ]);
  expect(absent[0]?.reason).toContain(pinOf());
});
