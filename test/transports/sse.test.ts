import { get } from 'node:http';
import { connect } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test, vi } from 'vitest';
import { host } from '../helpers/in-process-host.ts';
import { post, raw } from '../helpers/raw-http.ts';

const PING = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });

/** An open stream and the first event on it, which names the place to post to. */
function open(url: string, headers: Record<string, string> = {}) {
  return new Promise<{ endpoint: string; received: () => string; drop: () => void }>((resolve, reject) => {
    const request = get(`${url}/sse`, { headers, agent: false }, (response) => {
      let text = '';
      response.on('error', () => {});
      response.on('data', (chunk) => {
        text += chunk;
        const endpoint = /data: (\S+)/.exec(text)?.[1];
        if (endpoint) resolve({ endpoint: url + endpoint, received: () => text, drop: () => request.destroy() });
      });
      if (response.statusCode !== 200) reject(new Error(String(response.statusCode)));
    });
    request.on('error', reject);
  });
}

const asCaller = async (request: Request) => ({
  name: request.headers.get('authorization') ?? 'nobody',
  access: 'full' as const,
});

test('a session belongs to the caller who opened it', async () => {
  const { url } = await host({ gate: asCaller });
  const { endpoint, received } = await open(url, { authorization: 'alice' });

  expect(await post(endpoint, PING, { authorization: 'mallory' })).toMatchObject({ status: 404 });
  expect(await post(endpoint, PING, { authorization: 'alice' })).toMatchObject({ status: 202 });
  await expect.poll(received).toContain('"result":{}');
  expect(received()).not.toContain('error');
});

test('a stream has the security headers of every answer', async () => {
  const { url } = await host();

  const abort = new AbortController();
  const { headers } = await fetch(`${url}/sse`, { signal: abort.signal });
  abort.abort();

  expect(Object.fromEntries(headers)).toMatchObject({
    'content-type': 'text/event-stream',
    'x-content-type-options': 'nosniff',
    'content-security-policy': expect.stringContaining("default-src 'none'"),
  });
});

test('an unknown session is 404, and what is no message 400 without an echo', async () => {
  const { url } = await host();
  const { endpoint } = await open(url);

  expect(await post(`${url}/messages?sessionId=gone`, PING)).toMatchObject({ status: 404 });
  expect(await post(`${url}/messages`, PING)).toMatchObject({ status: 404 });
  for (const body of ['planted', '{"planted":1}', '']) {
    const answer = await post(endpoint, body);
    expect(answer.status).toBe(400);
    expect(answer.body).not.toContain('planted');
  }
});

test('a session goes on with a renewed token, and ends with one that has expired', async () => {
  const { url, http } = await host({
    gate: async (request) => ({
      name: 'alice',
      access: 'full' as const,
      expiresAt: Number(request.headers.get('authorization')),
    }),
  });
  const { endpoint } = await open(url, { authorization: '1' });

  expect(await post(endpoint, PING, { authorization: '99999999999' })).toMatchObject({ status: 202 });
  expect(http.sseSessions()).toBe(1);
  expect(await post(endpoint, PING, { authorization: '1' })).toMatchObject({ status: 404 });
  expect(http.sseSessions()).toBe(0);
});

test('a message in chunks is taken, unless it is too large', async () => {
  const { url } = await host();
  const { endpoint } = await open(url);
  const chunked = { 'transfer-encoding': 'chunked' };

  expect(await post(endpoint, PING, chunked)).toMatchObject({ status: 202 });
  const large = await post(endpoint, Buffer.alloc(2_000_000, ' '), chunked).catch(({ code }) => ({ status: code }));
  expect([413, 'EPIPE', 'ECONNRESET']).toContain(large.status);
});

test('a session ends with its connection', async () => {
  const { url, http } = await host();
  const { endpoint, drop } = await open(url);
  expect(http.sseSessions()).toBe(1);

  drop();

  await expect.poll(() => http.sseSessions()).toBe(0);
  expect(await post(endpoint, PING)).toMatchObject({ status: 404 });
});

test('streams that wait behind each other on one connection leave no session', async () => {
  const { url, port, http } = await host();
  const socket = connect(port, '127.0.0.1').resume();
  const request = `GET /sse HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`;
  const closed = new Promise((resolve) => socket.on('close', resolve));

  socket.write(request.repeat(50));
  await expect.poll(() => http.sseSessions()).toBe(1);
  socket.destroy();
  await closed;

  await expect.poll(() => http.sseSessions()).toBe(0);
  await open(url);
});

test('a client that leaves while it is still being let in leaves no session', async () => {
  let letIn = () => {};
  const opened = new Promise<void>((resolve) => {
    letIn = resolve;
  });
  let knocked = false;
  const { port, http, server } = await host({
    gate: async () => {
      knocked = true;
      await opened;
      return { name: 'late', access: 'full' as const };
    },
  });
  const socket = connect(port, '127.0.0.1');
  socket.write(`GET /sse HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
  await expect.poll(() => knocked).toBe(true);

  socket.destroy();
  await expect.poll(() => new Promise((resolve) => server.getConnections((_, count) => resolve(count)))).toBe(0);
  letIn();

  await http.idle(5_000);
  expect(http.sseSessions()).toBe(0);
});

test('an origin that may call may read the stream', async () => {
  const { url } = await host({ allowedOrigins: ['https://app.example'] });
  const abort = new AbortController();

  const { headers } = await fetch(`${url}/sse`, { headers: { origin: 'https://app.example' }, signal: abort.signal });
  abort.abort();

  expect(headers.get('access-control-allow-origin')).toBe('https://app.example');
  expect(headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/);
});

test('sessions are bounded in number', async () => {
  const { url, http } = await host({ maxSessions: 2 });
  await open(url);
  const { drop } = await open(url);

  const refused = await raw(`${url}/sse`, { method: 'GET' });
  expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': expect.any(String) } });

  drop();
  await expect.poll(() => http.sseSessions()).toBe(1);
  await open(url);
});

describe('with a clock that is moved', () => {
  test('comments keep a session alive, and an idle one is closed', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] });
    try {
      const { url, http } = await host();
      const { received } = await open(url);

      vi.advanceTimersByTime(15_000);
      await expect.poll(received, { interval: 1 }).toContain(': keep-alive');
      expect(http.sseSessions()).toBe(1);

      vi.advanceTimersByTime(31 * 60_000);
      await expect.poll(() => http.sseSessions(), { interval: 1 }).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});

test('a thousand connections opened and dropped leave nothing behind', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const { url, http } = await host({ maxSessions: 200 });
  const round = async (times: number) => {
    const opened = await Promise.all(Array.from({ length: times }, () => open(url)));
    for (const { drop } of opened) drop();
    await expect.poll(() => http.sseSessions(), { timeout: 10_000 }).toBe(0);
  };
  await round(100);
  collect();
  const before = process.memoryUsage().heapUsed;

  for (let n = 0; n < 10; n += 1) await round(100);

  await expect
    .poll(
      () => {
        collect();
        return process.memoryUsage().heapUsed - before;
      },
      { timeout: 10_000 },
    )
    .toBeLessThan(10_000_000);
}, 60_000);

describe('what is posted', () => {
  const MEMBERS: [string, string | object, number, object][] = [
    ['null for params', { jsonrpc: '2.0', id: 5, method: 'tools/list', params: null }, 202, { id: 5, result: {} }],
    ['a byte order mark', `\ufeff${PING}`, 202, { id: 1, result: {} }],
    [
      'wrong parameters',
      { jsonrpc: '2.0', id: 5, method: 'tools/call', params: 7 },
      202,
      { id: 5, error: { code: -32602, message: 'tools/call: params must be an object' } },
    ],
    [
      'null for arguments',
      { jsonrpc: '2.0', id: 5, method: 'tools/call', params: { name: 'list_clusters', arguments: null } },
      202,
      { id: 5, result: { structuredContent: {} } },
    ],
  ];

  test.each(MEMBERS)('with %s is answered on the stream', async (_, body, status, answer) => {
    const { url } = await host();
    const { endpoint, received } = await open(url);

    expect(await post(endpoint, typeof body === 'string' ? body : JSON.stringify(body))).toMatchObject({ status });

    const events = () =>
      received()
        .split('\n')
        .filter((line) => line.startsWith('data: {'));
    await expect.poll(events).toHaveLength(1);
    expect(JSON.parse(events()[0]?.slice(6) ?? '')).toMatchObject(answer);
  });

  test.each([
    ['{"jsonrpc":"2.0","id":5,"method":"ping"', 5, -32700],
    ['{"jsonrpc":"2.0","id":5}', 5, -32600],
    ['', null, -32600],
    [`[${PING}]`, 1, -32600],
  ])('%j is no message, which the answer says', async (body, id, code) => {
    const { url } = await host();
    const { endpoint } = await open(url);

    const answer = await post(endpoint, body);

    expect(answer.status).toBe(400);
    expect([JSON.parse(answer.body)].flat()).toMatchObject([{ id, error: { code } }]);
  });

  test('cancels a call whatever the form of its ID and reason', async () => {
    const { url, requests } = await host({
      fetch: (_, { signal }) => new Promise((_, no) => signal.addEventListener('abort', () => no(signal.reason))),
    });
    const { endpoint } = await open(url);
    await post(endpoint, '{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"list_clusters"}}');
    await expect.poll(() => requests.length).toBe(1);

    const params = { requestId: '5', reason: { code: 1 } };
    await post(endpoint, JSON.stringify({ jsonrpc: '2.0', method: 'notifications/cancelled', params }));

    await expect.poll(() => requests[0]?.signal.aborted).toBe(true);
  });
});
