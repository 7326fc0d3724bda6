import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { fewAtOnce, watchProgress } from '../../src/transports/sockets.ts';
import { host } from '../helpers/in-process-host.ts';

const STALLED_MS = 300;
const MB = 1_000_000;

async function serve(listener: RequestListener) {
  const server = createServer(fewAtOnce(listener));
  watchProgress(server, STALLED_MS);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  /** A connection on which so many requests are written at once; it reads when it is told to. */
  return (requests: number) => {
    const socket = connect(port, '127.0.0.1').pause();
    socket.on('error', () => {});
    onTestFinished(() => void socket.destroy());
    let received = 0;
    const closed = once(server, 'connection').then(([accepted]) => once(accepted, 'close'));
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(requests));
    return {
      closed: closed.then(() => 'closed'),
      received: () => received,
      read: () => socket.on('data', (chunk) => (received += chunk.length)).resume(),
      socket,
    };
  };
}

const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('a client that takes nothing of its answer is cut off', () => {
  test('where the answer is one large text', async () => {
    const open = await serve((_, response) => response.end('x'.repeat(20 * MB)));
    expect(await open(1).closed).toBe('closed');
  });

  test('where it pipelines', async () => {
    let begun = 0;
    const open = await serve((_, response) => {
      begun += 1;
      response.end('x'.repeat(20 * MB));
    });
    expect(await open(50).closed).toBe('closed');
    expect(begun).toBeLessThanOrEqual(4);
  });

  test('where more is added all the time, as to a stream that is kept alive', async () => {
    const open = await serve((_, response) => {
      response.write('x'.repeat(20 * MB));
      const heart = setInterval(() => response.write(': keep-alive\n\n'), STALLED_MS / 10);
      response.on('close', () => clearInterval(heart));
    });
    expect(await open(1).closed).toBe('closed');
  });

  test('where it stops in the middle', async () => {
    const open = await serve((_, response) => response.end('x'.repeat(40 * MB)));
    const { read, socket, received, closed } = open(1);
    read();
    await expect.poll(received, { interval: 1 }).toBeGreaterThan(0);
    socket.pause();
    expect(await closed).toBe('closed');
  });
});

describe('a client is not cut off', () => {
  test('while it waits for an answer that takes its time', async () => {
    const open = await serve(async (_, response) => {
      await later(STALLED_MS * 3);
      response.end('x');
    });
    const { read, received } = open(1);
    read();
    await expect.poll(received, { timeout: 5_000 }).toBeGreaterThan(0);
  });

  test('while it reads slowly', async () => {
    const open = await serve((_, response) => response.end('x'.repeat(20 * MB)));
    const { read, socket, received } = open(1);
    read();
    for (let n = 0; n < 8; n += 1) {
      socket.pause();
      await later(STALLED_MS / 3);
      const before = received();
      socket.resume();
      await expect.poll(received, { interval: 1, timeout: 5_000 }).toBeGreaterThan(before);
    }
    socket.resume();
    await expect.poll(received, { timeout: 10_000 }).toBeGreaterThan(20 * MB);
  });
});

test('pipelined requests are answered all, few at a time', async () => {
  let [now, most] = [0, 0];
  const open = await serve(async (_, response) => {
    now += 1;
    most = Math.max(most, now);
    await later(5);
    response.end('12345');
    now -= 1;
  });
  const { socket } = open(50);
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  socket.resume();

  await expect.poll(() => text.split('12345').length - 1, { timeout: 5_000 }).toBe(50);
  expect(most).toBeLessThanOrEqual(4);
});

test('one who pipelines without end is cut off', async () => {
  const open = await serve(() => {});
  expect(await open(500).closed).toBe('closed');
});

test('over the whole server a client that pipelines calls and never reads starts few of them', async () => {
  const { port, requests } = await host({
    fetch: (_, { signal }) => new Promise((_, no) => signal.addEventListener('abort', () => no(signal.reason))),
  });
  const body = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_clusters"}}';
  const head = `POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`;
  const socket = connect(port, '127.0.0.1').pause();
  onTestFinished(() => void socket.destroy());
  socket.write(`${head}\r\n\r\n${body}`.repeat(40));

  await expect.poll(() => requests.length, { timeout: 10_000 }).toBe(4);
  await later(200);
  expect(requests).toHaveLength(4);
}, 20_000);
