import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createGate } from '../../src/auth/gate.ts';
import { createTokenVerifier } from '../../src/auth/static-tokens.ts';
import { host } from '../helpers/in-process-host.ts';
import { post, raw, rpc } from '../helpers/raw-http.ts';
import { LOOK_UP } from '../helpers/some-cluster.ts';

const LIST = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} });

const SECURED = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'content-security-policy': expect.stringContaining("default-src 'none'"),
};

describe('names', () => {
  const places = ['/mcp', '/sse', '/messages?sessionId=x'];

  test.each(places)('a foreign Host is refused on %s', async (path) => {
    const { url, port } = await host();
    const method = path === '/sse' ? 'GET' : 'POST';
    for (const name of ['evil.example', `evil.example:${port}`, 'localhost.evil.example', '127.0.0.1.evil.example']) {
      const { status } = await raw(url + path, { method, headers: { host: name } });
      expect(status, name).toBe(403);
    }
  });

  test.each(places)('a foreign Origin is refused on %s, whatever the Host', async (path) => {
    const { url } = await host();
    const method = path === '/sse' ? 'GET' : 'POST';
    for (const origin of ['https://evil.example', 'null', 'http://localhost.evil.example', 'file://']) {
      expect((await raw(url + path, { method, headers: { origin } })).status, origin).toBe(403);
      expect((await raw(url + path, { method: 'OPTIONS', headers: { origin } })).status, origin).toBe(403);
    }
  });

  test('loopback has its own names, with any port', async () => {
    const { url, port } = await host();
    for (const name of [`localhost:${port}`, '127.0.0.1', '[::1]:1', 'LOCALHOST']) {
      expect((await post(`${url}/mcp`, LIST, { host: name })).status, name).toBe(200);
    }
    expect((await post(`${url}/mcp`, LIST, { origin: 'http://localhost:5173' })).status).toBe(200);
  });

  test('elsewhere only the names that the operator gave count', async () => {
    const { url } = await host({ loopback: false, allowedHosts: ['mcp.example.com'] });

    expect((await post(`${url}/mcp`, LIST, { host: 'mcp.example.com' })).status).toBe(200);
    expect((await post(`${url}/mcp`, LIST, { host: 'mcp.example.com:8443' })).status).toBe(200);
    expect((await post(`${url}/mcp`, LIST, { host: 'localhost' })).status).toBe(403);
    expect((await post(`${url}/mcp`, LIST)).status).toBe(403);
  });

  test('CORS is for the origins that the operator named, and never for all', async () => {
    const { url } = await host({ allowedOrigins: ['https://app.example'] });
    const ask = (origin: string) =>
      raw(`${url}/mcp`, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } });

    const named = await ask('https://app.example');
    const local = await ask('http://localhost:5173');

    expect(named.headers['access-control-allow-origin']).toBe('https://app.example');
    expect(local.headers).not.toHaveProperty('access-control-allow-origin');
    expect((await ask('https://other.example')).status).toBe(403);
  });

  test('probes ask for no name and no token, and say nothing of the server', async () => {
    const { url, requests } = await host({ gate: async () => new Response(null, { status: 401 }) });

    for (const [path, body] of [
      ['/healthz', '{"status":"alive"}'],
      ['/readyz', '{"status":"ready"}'],
    ]) {
      const answer = await raw(url + path, { method: 'GET', headers: { host: '10.1.2.3:3000' } });
      expect(answer).toMatchObject({ status: 200, body, headers: { 'cache-control': 'no-store' } });
    }
    expect(requests).toEqual([]);
  });
});

describe('what comes in', () => {
  test('10 MB are refused by their declared length, or while they arrive without one', async () => {
    const { url, port } = await host();

    expect(
      (await post(`${url}/mcp`, '{}', { 'content-length': '10000000' }).catch(() => ({ status: 413 }))).status,
    ).toBe(413);
    const big = Buffer.alloc(10_000_000, ' ');
    const chunked = await post(`${url}/mcp`, big, { 'transfer-encoding': 'chunked' }).catch(({ code }) => ({
      status: code,
    }));
    expect([413, 'EPIPE', 'ECONNRESET']).toContain(chunked.status);
    expect((await post(`http://127.0.0.1:${port}/mcp`, LIST)).status).toBe(200);
  });

  test.each(['GET', 'DELETE'])('a %s that brings one is no fault of the server', async (method) => {
    const { url } = await host();

    for (const body of ['', 'x', LIST]) {
      const headers = { 'content-type': 'application/json', 'content-length': String(body.length) };
      expect((await raw(`${url}/mcp`, { method, headers, body })).status, body).toBe(405);
    }
  });

  test('a chunked body is read like one with a declared length', async () => {
    const { url } = await host();

    expect((await post(`${url}/mcp`, LIST, { 'transfer-encoding': 'chunked' })).status).toBe(200);
  });

  test.each(['GET', 'DELETE'])('%s without a body is answered as the stateless server it is', async (method) => {
    const { url } = await host();

    expect((await raw(`${url}/mcp`, { method })).status).toBe(405);
  });

  test.each([
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['text', { 'content-type': 'text/plain' }],
    ['an encoding', { 'content-encoding': 'gzip' }],
  ])('%s is refused with 415', async (_, headers) => {
    const { url } = await host();

    expect((await post(`${url}/mcp`, LIST, headers)).status).toBe(415);
    expect((await post(`${url}/messages?sessionId=x`, LIST, headers)).status).toBe(415);
  });

  test.each(['TRACE', 'PUT', 'PATCH', 'PROPFIND'])('the method %s is refused with 405', async (method) => {
    const { url } = await host();

    expect(await raw(`${url}/mcp`, { method })).toMatchObject({ status: 405, headers: SECURED });
  });

  test('a client that hangs up within its body is no fault of the server', async () => {
    const { port, server, log } = await host();
    const socket = connect(port, '127.0.0.1');
    const arrived = once(server, 'request');
    const headers = 'Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n';

    socket.write(`POST /mcp HTTP/1.1\r\nHost: localhost\r\n${headers}Content-Length: 500\r\n\r\n{"jsonrpc":`);
    await arrived;
    socket.destroy();

    await expect.poll(() => log).toMatchObject([{ level: 20, msg: 'http' }]);
  });

  test.each([
    ['no JSON', 'hello'],
    ['nothing', ''],
    ['a number', '1'],
    ['null', 'null'],
    ['100,000 levels', '['.repeat(100_000) + ']'.repeat(100_000)],
    [
      '100,000 levels in an argument',
      `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_clusters","arguments":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}}`,
    ],
    ['an empty batch', '[]'],
    ['a batch of 1000', `[${Array(1000).fill(LIST).join(',')}]`],
    ['an unknown method', '{"jsonrpc":"2.0","id":1,"method":"no/such","params":{}}'],
    ['no version', '{"id":1,"method":"tools/list"}'],
    [
      'prototype keys',
      '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"__proto__":{"x":1}},"__proto__":{"y":1}}',
    ],
    [
      'prototype keys in arguments',
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_clusters","arguments":{"__proto__":{"limit":1},"constructor":{"prototype":{"x":1}}}}}',
    ],
    [
      'a tool named __proto__',
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"__proto__","arguments":{}}}',
    ],
  ])('%s gets an answer that is no fault of the server', async (_, body) => {
    const { url } = await host();

    const answer = await post(`${url}/mcp`, body);

    expect(answer.status).toBeLessThan(500);
    expect(answer.body).not.toMatch(/node_modules|\.ts:|\\n\s+at .*\(/);
    expect(Object.prototype).not.toHaveProperty('x');
    expect((await post(`${url}/mcp`, LIST)).status).toBe(200);
  });

  test('an unknown version, mismatched headers and an unknown session are no fault of the server', async () => {
    const { url } = await host();
    const empty = await rpc(url, 'tools/list', {}, { 'mcp-protocol-version': '' });
    expect(empty.status).toBe(200);
    const version = await rpc(url, 'tools/list', {}, { 'mcp-protocol-version': '1999-01-01' });
    const session = await rpc(url, 'tools/list', {}, { 'mcp-session-id': 'gone' });
    const mismatch = await rpc(url, 'tools/list', {}, { 'mcp-method': 'tools/call' });

    expect(version.status).toBe(400);
    expect(session.status).toBe(200);
    expect(mismatch.status).toBeLessThan(500);
  });

  test.each(['..', '../x', 'a%2F..', 'a/b', '', 'a?x'])(
    'a cluster ID like %j reaches no other path',
    async (clusterId) => {
      const { url, requests } = await host();

      const answer = await rpc(url, 'tools/call', { name: 'get_cluster', arguments: { clusterId } });

      expect(answer.body).toContain('Nothing was sent');
      expect(requests.filter(({ path }) => path !== LOOK_UP)).toEqual([]);
    },
  );

  test('headers that never end close the connection in time', async () => {
    const { server } = await host();

    expect(server.headersTimeout).toBeLessThanOrEqual(15_000);
    expect(server.requestTimeout).toBeLessThanOrEqual(60_000);
  });

  test('a slow sender of headers is cut off', async () => {
    const { port, server } = await host();
    server.headersTimeout = 50;
    const socket = connect(port, '127.0.0.1');
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.on('error', () => {}).resume();
    socket.write('POST /mcp HTTP/1.1\r\nHost: localhost\r\n');

    await closed;
  }, 10_000);

  test('unknown paths are 404, and no response reveals what serves it', async () => {
    const { url } = await host();

    for (const path of ['/', '/admin', '/mcp//', '/metrics', '/.well-known/oauth-protected-resource/mcp']) {
      const { status, headers } = await raw(url + path, { method: 'GET' });
      expect(status, path).toBe(404);
      expect(headers, path).not.toHaveProperty('server');
      expect(headers, path).not.toHaveProperty('x-powered-by');
      expect(headers, path).toMatchObject(SECURED);
    }
  });

  test('without SSE its paths are unknown', async () => {
    const { url } = await host({ sse: false });

    expect((await raw(`${url}/sse`, { method: 'GET' })).status).toBe(404);
    expect((await post(`${url}/messages?sessionId=x`, LIST)).status).toBe(404);
  });
});

test('of a batch one call is made: more would be many for the limits of one', async () => {
  const { url, requests } = await host();
  const call = (id: number) => ({
    jsonrpc: '2.0',
    id,
    method: 'tools/call',
    params: { name: 'list_clusters', arguments: {} },
  });
  const batch = JSON.stringify(Array.from({ length: 50 }, (_, id) => call(id)));

  const answer = await post(`${url}/mcp`, batch, { 'mcp-protocol-version': '2025-03-26' });

  expect(answer.body).toContain('batches of calls are not supported');
  expect(requests).toHaveLength(1);
});

test('arguments that are deep or many are answered in words, and soon', async () => {
  const { url, log } = await host();
  const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
  const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`token${n}`, `secret-${n}`]));

  const first = await post(
    `${url}/mcp`,
    `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_clusters","arguments":{"name":${deep}}}}`,
  );
  const started = performance.now();
  const second = await rpc(url, 'tools/call', { name: 'list_clusters', arguments: many });

  expect(first.body).toContain('name: must be a string');
  expect(second.body).toContain('token4 and 19995 more');
  expect(second.body).not.toContain('secret-0');
  expect(performance.now() - started).toBeLessThan(5_000);
  expect(log.filter(({ msg }) => msg === 'call')).toMatchObject([{ outcome: 'refused' }, { outcome: 'done' }]);
});

describe('limits', () => {
  test('a caller who asks too often learns how long to wait, before the protocol', async () => {
    const { url } = await host({ rateLimit: 3 });

    const answers = [];
    for (let n = 0; n < 4; n += 1) answers.push(await post(`${url}/mcp`, LIST));

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
    expect(Number(answers[3]?.headers['retry-after'])).toBeGreaterThan(0);
  });

  test('writes have a tighter limit, in the words of a tool', async () => {
    const { modern, sandbox, requests } = await host({ writesPerMinute: 1 });
    const client = await modern();
    const { id } = sandbox.addCluster();
    const rename = () => client.callTool({ name: 'update_cluster', arguments: { clusterId: id, displayName: 'x' } });

    const first = await rename();
    const second = await rename();
    const read = await client.callTool({ name: 'get_cluster', arguments: { clusterId: id } });

    expect(first.isError).toBeUndefined();
    expect(second).toMatchObject({
      isError: true,
      content: [{ text: expect.stringMatching(/Too many writes.*Wait \d+ s/) }],
    });
    expect(read.isError).toBeUndefined();
    // The cluster, others of the new name, and the cluster once more right before the write; then the read.
    expect(requests.map(({ method }) => method)).toEqual(['GET', 'GET', 'GET', 'PATCH', 'GET']);
  });

  test('calls in flight are bounded for each caller, so that none keeps out the others', async () => {
    const text = ['alice', 'bob'].map((name) => `${name}:read:${name.padEnd(48, 'x')}`).join();
    const { modern, requests } = await host({
      gate: createGate({ mode: 'token', verify: createTokenVerifier({ name: 'tokens', text }) }),
      callerMaxCalls: 2,
      fetch: (_, { signal }) => new Promise((_, no) => signal.addEventListener('abort', () => no(signal.reason))),
    });
    const as = (name: string) => modern({ authorization: `Bearer ${name.padEnd(48, 'x')}` });
    const [alice, bob] = await Promise.all([as('alice'), as('bob')]);
    const call = (client: typeof alice) => client.callTool({ name: 'list_clusters' });

    for (const each of [alice, alice]) call(each).catch(() => {});
    await expect.poll(() => requests.length).toBe(2);
    await expect(call(alice)).rejects.toThrow(/429|Too many of your calls/);
    call(bob).catch(() => {});

    await expect.poll(() => requests.length).toBe(3);
  });

  test.each(['callerMaxCalls', 'maxCalls'])('nor do calls pass %s whose bodies come late', async (limit) => {
    const { port, servers } = await host({
      [limit]: 3,
      fetch: (_, { signal }) => new Promise((_, no) => signal.addEventListener('abort', () => no(signal.reason))),
    });
    const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'list_clusters', arguments: {} } };
    const body = JSON.stringify(call);
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const statuses: (number | undefined)[] = [];
    const late = Array.from({ length: 20 }, () =>
      request({ port, method: 'POST', path: '/mcp', headers, agent: false }, (response) => {
        statuses.push(response.statusCode);
        response.resume();
      }),
    );
    onTestFinished(() => late.forEach((each) => void each.destroy()));
    for (const each of late) {
      each.on('error', () => {});
      each.flushHeaders();
    }
    await new Promise((resolve) => setTimeout(resolve, 300));

    for (const each of late) each.end(body);

    await expect.poll(() => statuses.filter((status) => status === 429)).toHaveLength(17);
    expect(servers.inFlight()).toBe(3);
  });

  test('calls in flight are bounded', async () => {
    const { url, requests } = await host({
      maxCalls: 1,
      fetch: (_, { signal }) => new Promise((_, no) => signal.addEventListener('abort', () => no(signal.reason))),
    });
    const abort = new AbortController();
    const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'list_clusters', arguments: {} } };
    const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
    const hanging = fetch(`${url}/mcp`, { method: 'POST', headers, body: JSON.stringify(body), signal: abort.signal });
    hanging.catch(() => {});
    await expect.poll(() => requests.length).toBe(1);

    const refused = await post(`${url}/mcp`, LIST);
    abort.abort();

    expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
    await expect.poll(async () => (await post(`${url}/mcp`, LIST)).status).toBe(200);
  });

  test('refused tokens are counted by address, as the trusted proxy saw it, and missing ones are not', async () => {
    const { url } = await host({ gate: async () => new Response(null, { status: 401 }), trustProxy: 1 });
    const from = (address: string, token = 'Bearer guess') =>
      post(`${url}/mcp`, LIST, { 'x-forwarded-for': `6.6.6.6, ${address}`, ...(token && { authorization: token }) });

    for (let n = 0; n < 61; n += 1) expect((await from('192.0.2.1', '')).status).toBe(401);
    const statuses = new Set<number>();
    for (let n = 0; n < 61; n += 1) statuses.add((await from('192.0.2.1')).status);

    expect([...statuses]).toEqual([401, 429]);
    expect((await from('192.0.2.2')).status).toBe(401);
  });
});

test.each([
  ['a port', (n: number) => `192.0.2.1:${20_000 + n}`],
  ['the host part of IPv6', (n: number) => `2001:db8::${n.toString(16)}`],
  ['IPv6 with a port', (n: number) => `[2001:db8::1]:${n + 1}`],
  ['a spelling', (n: number) => (n % 2 ? '::ffff:192.0.2.1' : '192.0.2.1')],
  ['made-up names', (n: number) => `client-${n}`],
])('refused tokens are not counted anew by %s', async (_, address) => {
  const { url } = await host({ gate: async () => new Response(null, { status: 401 }), trustProxy: 1 });
  const statuses = new Set<number>();
  for (let n = 0; n < 61; n += 1) {
    const headers = { 'x-forwarded-for': `10.9.8.${n}, ${address(n)}`, forwarded: `for=10.0.0.${n}` };
    statuses.add((await post(`${url}/mcp`, LIST, { ...headers, authorization: 'Bearer guess' })).status);
  }
  expect([...statuses]).toEqual([401, 429]);
});

test('W3C trace context goes on to the API, and nothing else of the request', async () => {
  const { url, requests } = await host();
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

  await rpc(
    url,
    'tools/call',
    { name: 'list_clusters', arguments: {} },
    {
      traceparent,
      tracestate: 'vendor=1',
      authorization: 'Bearer inbound-token',
      cookie: 'a=b',
      'x-ionos-token': 'not-asked-for',
      'x-custom': 'y',
    },
  );

  const sent = Object.fromEntries(requests[0]?.headers ?? []);
  expect(sent).toMatchObject({ traceparent, tracestate: 'vendor=1', authorization: 'Bearer operators-token' });
  expect(JSON.stringify(sent)).not.toMatch(/inbound-token|a=b|not-asked-for|x-custom/);
});
