import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createFetch } from '../../src/api/fetch.ts';
import { listen } from '../helpers/process.ts';

const fetch = createFetch();
const { signal } = new AbortController();

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += chunk;
  return body;
}

test('sends what it is given, and answers with status, headers and body', async () => {
  const { url } = await listen(async (request, response) => {
    const { method, url: path, headers } = request;
    response.writeHead(201, { 'content-type': 'application/json', 'retry-after': '3' });
    response.end(JSON.stringify({ method, path, type: headers['content-type'], body: await bodyOf(request) }));
  });
  const headers = { 'content-type': 'application/json' };

  const response = await fetch(new Request(`${url}/clusters?limit=1`, { method: 'POST', headers, body: '"größer"' }), {
    signal,
  });

  expect([response.status, response.ok, response.headers.get('retry-after')]).toEqual([201, true, '3']);
  expect(JSON.parse(await response.text())).toEqual({
    method: 'POST',
    path: '/clusters?limit=1',
    type: 'application/json',
    body: '"größer"',
  });
});

test('keeps its connections', async () => {
  const { server, url } = await listen((_, response) => void response.end('{}'));
  let connections = 0;
  server.on('connection', () => {
    connections += 1;
  });

  for (let n = 0; n < 5; n += 1) await fetch(new Request(url), { signal });

  expect(connections).toBe(1);
});

test('follows no redirect', async () => {
  const { url } = await listen(
    (_, response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
  );
  expect((await fetch(new Request(url), { signal })).status).toBe(302);
});

test('fails where the answer breaks half-way', async () => {
  const { url } = await listen((_, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('half', () => response.destroy());
  });
  await expect(fetch(new Request(url), { signal })).rejects.toMatchObject({ code: 'ECONNRESET' });
});

test('fails where nothing listens', async () => {
  const { server, url } = await listen();
  server.close();
  await once(server, 'close');
  await expect(fetch(new Request(url), { signal })).rejects.toMatchObject({
    name: 'UnreachedError',
    cause: { code: 'ECONNREFUSED' },
  });
});

describe('before its connection stands', () => {
  /** Takes connections and says nothing. */
  async function listenMutely() {
    const server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => void server.close());
    return { server, url: `https://127.0.0.1:${(server.address() as AddressInfo).port}` };
  }

  test('a request waits no longer than 10 s, and closes what it began', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const { server, url } = await listenMutely();
    const arrived = once(server, 'connection');

    const answer = fetch(new Request(url, { method: 'POST', body: '{}' }), { signal });
    const [socket] = await arrived;
    const closed = once(socket.on('error', () => {}).resume(), 'close');
    vi.advanceTimersByTime(10_000);

    await expect(answer).rejects.toMatchObject({ name: 'UnreachedError', cause: { code: 'ETIMEDOUT' } });
    await closed;
  });

  test('whatever fails has let nothing out', async () => {
    const { server, url } = await listenMutely();
    server.on('connection', (socket) => socket.destroy());

    const answer = fetch(new Request(url, { method: 'POST', body: '{}' }), { signal });

    await expect(answer).rejects.toMatchObject({ name: 'UnreachedError', cause: { code: 'ECONNRESET' } });
  });
});

test('once connected, it waits until its signal aborts', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const { server, url } = await listen();
  const arrived = once(server, 'request');

  const answer = fetch(new Request(url), { signal });
  const [, response] = await arrived;
  vi.advanceTimersByTime(19_000);
  response.end('late');

  expect(await (await answer).text()).toBe('late');
});

test('fails where the other side changes to another protocol, or closes without a word', async () => {
  const { server, url } = await listen((_, response) => void response.destroy());
  await expect(fetch(new Request(url), { signal })).rejects.toMatchObject({ code: 'ECONNRESET' });
  server.removeAllListeners('request').on('request', ({ socket }) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n');
  });
  await expect(fetch(new Request(url), { signal })).rejects.toThrow('the connection was closed without an answer');
});

test('fails in words where the status is none', async () => {
  const { url } = await listen((_, response) => response.writeHead(999).end());

  await expect(fetch(new Request(url), { signal })).rejects.toThrow('an invalid HTTP status (999)');
});

describe('an answer that is compressed', () => {
  const answered = async (body: Buffer, encoding = 'gzip') => {
    const asked: (string | undefined)[] = [];
    const { url } = await listen(({ headers }, response) => {
      asked.push(headers['accept-encoding']);
      response.writeHead(200, { 'content-encoding': encoding, 'content-length': body.length }).end(body);
    });
    const response = await fetch(new Request(url), { signal });
    expect(asked).toEqual(['gzip']);
    return response.text();
  };

  test.each(['gzip', 'x-gzip', ' GZIP '])('is read: %j', async (encoding) => {
    expect(await answered(gzipSync('größer'), encoding)).toBe('größer');
  });

  test('may be empty, whether or not it says so', async () => {
    expect(await answered(Buffer.alloc(0))).toBe('');
    const { url } = await listen((_, response) => {
      response.writeHead(202, { 'content-encoding': 'gzip' }).flushHeaders();
      response.end();
    });
    const response = await fetch(new Request(url, { method: 'POST' }), { signal });
    expect([response.status, await response.text()]).toEqual([202, '']);
  });

  test('counts with what it becomes', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    expect(bomb.length).toBeLessThan(100_000);
    await expect(answered(bomb)).rejects.toThrow('the answer is larger than 5 MB');
  });

  test.each([
    ['cut off', gzipSync('x'.repeat(1_000)).subarray(0, 20), 'Z_BUF_ERROR'],
    ['none at all', Buffer.from('hello'), 'Z_DATA_ERROR'],
  ])('fails where it is %s', async (_, body, code) => {
    await expect(answered(body)).rejects.toMatchObject({ code });
  });

  test('fails in words where nobody asked for it that way', async () => {
    await expect(answered(Buffer.from('x'), 'br')).rejects.toThrow('an encoding that was not requested (br)');
  });

  test('is still a refusal, whatever its body is', async () => {
    const { url } = await listen((_, response) => response.writeHead(400, { 'content-encoding': 'br' }).end('x'));

    const response = await fetch(new Request(url), { signal });

    expect([response.status, await response.text()]).toEqual([400, '']);
  });
});

describe('connections', () => {
  /** Breaks off whatever comes second over a connection, as one does that is closed just then. */
  async function listenOnce() {
    const used = new Set<Socket>();
    return listen(({ socket }, response) => {
      if (used.has(socket)) socket.destroy();
      else response.end('{}');
      used.add(socket);
    });
  }

  test.each(['POST', 'PATCH', 'DELETE'])('a %s gets one of its own', async (method) => {
    const { url } = await listenOnce();
    await fetch(new Request(url), { signal });

    for (let n = 0; n < 2; n += 1) {
      expect((await fetch(new Request(url, { method }), { signal })).status).toBe(200);
    }
  });

  test('are given up when the other side said that it would', async () => {
    const { server, url } = await listen((_, response) => void response.setHeader('keep-alive', 'timeout=2').end());
    server.keepAliveTimeout = 60_000;
    const connected = once(server, 'connection');

    for (let n = 0; n < 3; n += 1) await fetch(new Request(url), { signal });

    const [socket] = await connected;
    await once(socket, 'end');
  });
});

test('gives an answer up that is larger than 5 MB, and its connection with it', async () => {
  const { server, url } = await listen((_, response) => {
    const more = () => {
      while (response.write('x'.repeat(100_000)));
    };
    response.on('drain', more);
    more();
  });
  const closed = new Promise((resolve) => server.on('connection', (socket) => socket.on('close', resolve)));

  await expect(fetch(new Request(url), { signal })).rejects.toThrow('the answer is larger than 5 MB');
  await closed;
});

test('ends with the reason of its signal, before and after the request is sent', async () => {
  const { server, url } = await listen();
  const controller = new AbortController();
  const arrived = once(server, 'request');

  const answer = fetch(new Request(url), { signal: controller.signal });
  const [, response] = await arrived;
  controller.abort(new Error('no more'));

  await expect(answer).rejects.toThrow('no more');
  await once(response, 'close');
  await expect(fetch(new Request(url), { signal: controller.signal })).rejects.toThrow('no more');
});
