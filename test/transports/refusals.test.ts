import { expect, test } from 'vitest';
import { createGate } from '../../src/auth/gate.ts';
import { createTokenVerifier } from '../../src/auth/static-tokens.ts';
import { host } from '../helpers/in-process-host.ts';
import { post, raw } from '../helpers/raw-http.ts';

const LIST = '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}';
type Host = Awaited<ReturnType<typeof host>>;

const refused = ({ log }: Host) => log.filter(({ msg }) => msg === 'refused');

test.each<[string, (url: string) => Promise<unknown>, object]>([
  [
    'a foreign Host',
    (url) => post(`${url}/mcp`, LIST, { host: 'evil.example' }),
    { status: 403, value: 'evil.example', flag: '--allowed-hosts' },
  ],
  [
    'a foreign Origin',
    (url) => post(`${url}/mcp`, LIST, { origin: 'https://evil.example' }),
    { status: 403, value: 'https://evil.example', flag: '--allowed-origins' },
  ],
  ['a method', (url) => raw(`${url}/mcp`, { method: 'PUT' }), { status: 405 }],
  ['a method on a path', (url) => raw(`${url}/sse`, { method: 'DELETE' }), { status: 405, value: 'DELETE /sse' }],
  ['a form', (url) => post(`${url}/mcp`, LIST, { 'content-type': 'text/plain' }), { status: 415, value: 'text/plain' }],
  ['an encoding', (url) => post(`${url}/mcp`, LIST, { 'content-encoding': 'br' }), { status: 415, value: 'br' }],
  [
    'a body that is too large',
    (url) => post(`${url}/mcp`, '{}', { 'content-length': '10000000' }).catch(() => {}),
    { status: 413, value: '10000000' },
  ],
  [
    'a stream, which the SDK refuses,',
    (url) => raw(`${url}/mcp`, { method: 'GET', headers: { accept: 'text/event-stream' } }),
    { status: 405, reason: 'The request violates the MCP protocol', value: expect.stringMatching(/method/i) },
  ],
  [
    'the end of a session, which the SDK refuses,',
    (url) => raw(`${url}/mcp`, { method: 'DELETE' }),
    { status: 405, reason: 'The request violates the MCP protocol' },
  ],
  [
    'a protocol version, which the SDK refuses,',
    (url) => post(`${url}/mcp`, LIST, { 'mcp-protocol-version': '1999-01-01' }),
    { status: 400, reason: 'The request violates the MCP protocol', value: expect.stringMatching(/version/i) },
  ],
  ['an empty body', (url) => post(`${url}/mcp`, ' '), { status: 400 }],
  ['a path', (url) => raw(`${url}/admin?token=secret`, { method: 'GET' }), { status: 404, value: '/admin' }],
])('%s leaves a line that says what was refused', async (_, send, line) => {
  const world = await host();

  await send(world.url);

  await expect.poll(() => refused(world)).toHaveLength(1);
  expect(refused(world)).toMatchObject([{ level: 40, reason: expect.any(String), address: '127.0.0.1', ...line }]);
});

test('what was sent is cut, and hides nothing', async () => {
  const world = await host();

  await post(`${world.url}/mcp`, LIST, { origin: `https://x\u00ad${'y'.repeat(1000)}` });

  const [{ value } = {}] = refused(world);
  expect(value).toMatch(/^https:\/\/x.\\u\{AD\}y{100,}…$/);
});

test('a kind has ten lines a minute, however many are refused', async () => {
  const world = await host();

  for (let n = 0; n < 30; n += 1) await post(`${world.url}/mcp`, LIST, { host: `evil-${n}.example` });
  await raw(`${world.url}/admin`, { method: 'GET' });

  expect(refused(world).map(({ status }) => status)).toEqual([...Array(10).fill(403), 404]);
});

test.each([
  [{ callerMaxCalls: 3 }, '--caller-max-calls'],
  [{ maxCalls: 3 }, '--max-calls'],
  [{ rateLimit: 3 }, '--rate-limit'],
])('a batch beyond a limit leaves a line with its flag: %j', async (limits, flag) => {
  const world = await host(limits);
  const batch = JSON.stringify(Array.from({ length: 5 }, (_, id) => ({ jsonrpc: '2.0', id, method: 'ping' })));

  await post(`${world.url}/mcp`, batch, { 'mcp-protocol-version': '2025-03-26' });

  await expect.poll(() => refused(world)).toMatchObject([{ status: 429, flag }]);
});

test('a caller beyond the limit has one line a minute', async () => {
  const text = ['alice', 'bob'].map((name) => `${name}:read:${name.padEnd(48, 'x')}`).join();
  const gate = createGate({ mode: 'token', verify: createTokenVerifier({ name: 'tokens', text }) });
  const world = await host({ rateLimit: 2, gate });

  for (const name of ['alice', 'bob']) {
    const headers = { authorization: `Bearer ${name.padEnd(48, 'x')}` };
    for (let n = 0; n < 6; n += 1) await post(`${world.url}/mcp`, LIST, headers);
  }

  expect(refused(world)).toMatchObject([
    { status: 429, caller: 'alice', flag: '--rate-limit' },
    { status: 429, caller: 'bob' },
  ]);
});

test('writes beyond their limit, and the calls of a batch, have one line a minute and caller', async () => {
  const { url, log, modern, sandbox } = await host({ writesPerMinute: 1 });
  const client = await modern();
  const { id } = sandbox.addCluster();
  for (let n = 0; n < 5; n += 1) {
    await client.callTool({ name: 'update_cluster', arguments: { clusterId: id, displayName: 'x' } });
  }
  const call = (n: number) => ({
    ...{ jsonrpc: '2.0', id: n, method: 'tools/call' },
    params: { name: 'list_clusters', arguments: {} },
  });
  const batch = JSON.stringify(Array.from({ length: 20 }, (_, n) => call(n)));

  await post(`${url}/mcp`, batch, { 'mcp-protocol-version': '2025-03-26' });

  const lines = log.filter(({ outcome }) => outcome === 'refused');
  expect(lines.filter(({ tool }) => tool === 'update_cluster')).toHaveLength(1);
  expect(lines.filter(({ tool }) => tool === 'list_clusters')).toHaveLength(1);
});

test('what comes after the server has closed is told to come again, and is no failure', async () => {
  const world = await host();
  world.http.retire();
  await world.http.close();

  const answer = await post(`${world.url}/mcp`, LIST);

  expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '1', connection: 'close' } });
  expect(JSON.parse(answer.body)).toMatchObject({ error: { message: 'This server is shutting down' } });
  expect(world.log).toEqual([]);
});
