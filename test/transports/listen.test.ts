import { once } from 'node:events';
import { Agent, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Hono } from 'hono';
import { expect, onTestFinished, test } from 'vitest';
import type { Env } from '../../src/transports/guards.ts';
import { listen } from '../../src/transports/listen.ts';

/** A server, and a client with one connection that stays open as long as the server lets it. */
async function world(keepAliveMs?: number) {
  const app = new Hono<Env>().get('/', (c) => c.text('here'));
  const server = await listen(app, '127.0.0.1', 0, { keepAliveTimeout: keepAliveMs });
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => {
    agent.destroy();
    server.close();
    server.closeAllConnections();
  });
  const ask = async () => {
    const [answer] = await once(get(`http://127.0.0.1:${port}`, { agent }), 'response');
    const { localPort } = answer.socket;
    await once(answer.resume(), 'end');
    return { headers: answer.headers, localPort };
  };
  return { server, ask };
}

test('tells why it cannot listen, and what to do', async () => {
  const { server } = await world();
  const { port } = server.address() as AddressInfo;

  await expect(listen(new Hono<Env>(), '127.0.0.1', port)).rejects.toThrow(
    `Cannot listen: another port is needed (--port, --metrics-port), since this one is in use: 127.0.0.1:${port}`,
  );
});

test.each([
  [undefined, 65],
  [1_000, 1],
  [600_000, 600],
  [3_600_000, 3600],
])('an idle connection stays open for what the operator says: %s', async (ms, seconds) => {
  const { server, ask } = await world(ms);
  expect(server.keepAliveTimeout).toBe(seconds * 1000);
  expect((await ask()).headers['keep-alive']).toMatch(new RegExp(`^timeout=${seconds}\\b`));
});

test('the time for headers does not cut off a connection that is idle for longer', async () => {
  const { server, ask } = await world(60_000);
  server.headersTimeout = 200;
  server.requestTimeout = 400;

  const first = await ask();
  // Node looks once a second.
  await sleep(2_500);
  const second = await ask();

  expect(second.localPort).toBe(first.localPort);
});
