import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { drain } from '../../src/transports/listen.ts';
import { host } from '../helpers/in-process-host.ts';
import { post } from '../helpers/raw-http.ts';

const CALL = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name: 'list_clusters', arguments: {} },
});

test('a request that is still arriving when draining begins is answered', async () => {
  let knocked = false;
  const world = await host({
    gate: async () => {
      knocked = true;
      return { name: 'slow', access: 'full' as const };
    },
  });
  const socket = connect(world.port, '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk;
  });
  const ended = new Promise((resolve) => socket.on('close', resolve));
  const head = [
    'POST /mcp HTTP/1.1',
    `Host: 127.0.0.1:${world.port}`,
    'Content-Type: application/json',
    'Accept: application/json, text/event-stream',
    `Content-Length: ${CALL.length}`,
  ].join('\r\n');
  socket.write(`${head}\r\n\r\n${CALL.slice(0, 20)}`);
  await expect.poll(() => knocked).toBe(true);

  const drained = drain({ ...world, delayMs: 0, timeoutMs: 10_000 });
  await expect.poll(() => world.server.listening).toBe(false);
  socket.write(CALL.slice(20));

  await drained;
  await ended;
  expect(answer).toContain('HTTP/1.1 200');
  expect(answer).toContain('analytics-prod');
});

test('calls that outlast the drain learn why, and none is accepted afterwards', async () => {
  const world = await host({
    fetch: (_, { signal }) => new Promise((_, no) => signal.addEventListener('abort', () => no(signal.reason))),
  });
  const answer = post(`${world.url}/mcp`, CALL);
  await expect.poll(() => world.requests.length).toBe(1);

  await drain({ ...world, delayMs: 0, timeoutMs: 50 });

  expect((await answer).body).toContain('this server is shutting down');
  await expect(post(`${world.url}/mcp`, CALL)).rejects.toThrow('ECONNREFUSED');
});
