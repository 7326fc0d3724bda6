import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as Client2025 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as StdioClientTransport2025 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { resources } from '../../src/resources/index.ts';
import { tools } from '../../src/tools/index.ts';
import type { Tool } from '../../src/tools/tool.ts';
import { agreeing } from '../helpers/agreeing.ts';
import { order } from '../helpers/orders.ts';
import { listen, PROGRAM, start } from '../helpers/process.ts';

// A process starts slowly on a busy machine.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

/** A cluster and a data center of the sandbox's examples. */
const ORDERS = 'b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041';
const SHOP = '6e1f4b0d-93a7-4c28-8d15-70b2f9ce3a46';

const isTemplate = (uri: string) => uri.includes('{');
const templates = resources.map(({ uri }) => uri).filter(isTemplate);
const fixed = resources.map(({ uri }) => uri).filter((uri) => !isTemplate(uri));

/** What a tool that reads takes, where an ID is all it needs. */
const argumentsFor = ({ input }: Tool) => ({
  ...('clusterId' in input.shape && { clusterId: ORDERS }),
  // To be sure that a cluster is AVAILABLE it would look for five seconds.
  ...('until' in input.shape && { until: 'BUSY', wait: 0 }),
  ...('username' in input.shape && { username: 'orders_owner' }),
  ...('name' in input.shape && 'clusterId' in input.shape && { name: 'shop' }),
  ...('backupId' in input.shape && { backupId: `${ORDERS}-q7m2x9a-16` }),
});
const readers = tools.filter((tool) => tool.access === 'read' && tool.input.safeParse(argumentsFor(tool)).success);

const info = { name: 'test', version: '0.0.0' };
const program = {
  command: process.execPath,
  args: [PROGRAM, '--sandbox', '--settle', '0.05'],
  stderr: 'ignore' as const,
};

/** The official client of now, with the protocol it negotiates. */
function client2026(mode: 'auto' | 'legacy' | { pin: string }) {
  const client = new Client(info, { versionNegotiation: { mode } });
  return {
    client,
    connect: () => client.connect(new StdioClientTransport(program)),
    version: () => client.getNegotiatedProtocolVersion(),
  };
}

/** The one of before, which knows nothing of 2026-07-28. */
function client2025() {
  const client = new Client2025(info);
  let version: string | undefined;
  const setProtocolVersion = (negotiated: string) => {
    version = negotiated;
  };
  return {
    client,
    connect: () => client.connect(Object.assign(new StdioClientTransport2025(program), { setProtocolVersion })),
    version: () => version,
  };
}

describe.each([
  ['of the 2025 SDK', '2025-11-25', client2025],
  ['pinned to 2026-07-28', '2026-07-28', () => client2026({ pin: '2026-07-28' })],
  ['that negotiates', '2026-07-28', () => client2026('auto')],
  ['that does not negotiate', '2025-11-25', () => client2026('legacy')],
])('a client %s', (_, expectedVersion, create) => {
  const { client, connect, version } = create();
  beforeAll(connect);
  afterAll(() => client.close());

  const call = async (name: string, args: Record<string, unknown> = {}) => {
    const { isError, structuredContent } = await client.callTool({ name, arguments: args });
    return { isError, structuredContent };
  };
  const state = (state: string) => ({ metadata: { state } });
  const until = (clusterId: string, outcome: object) =>
    vi.waitFor(async () => expect(await call('get_cluster', { clusterId })).toMatchObject(outcome), 20_000);

  test(`speaks ${expectedVersion} and sees every tool, resource and template`, async () => {
    expect(version()).toBe(expectedVersion);
    expect(client.getInstructions()).toContain('This is a sandbox');
    const listed = await client.listTools();
    expect(listed.tools.map(({ name }) => name)).toEqual(tools.map(({ name }) => name));
    const uris = (await client.listResources()).resources.map(({ uri }) => uri);
    expect(uris).toEqual(expect.arrayContaining([...fixed, `ionos-postgresql://clusters/${ORDERS}`]));
    const { resourceTemplates } = await client.listResourceTemplates();
    expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual(templates);
  });

  test.each(readers)('calls $name', async (tool) => {
    const result = await call(tool.name, argumentsFor(tool));

    expect(result.isError).toBeFalsy();
    expect(result.structuredContent).toBeTypeOf('object');
  });

  test('takes a cluster through its life', async () => {
    const created = await agreeing(call, 'create_cluster', order);
    expect(created.structuredContent).toMatchObject({ outcome: 'started', cluster: state('BUSY') });
    const { cluster } = created.structuredContent as { cluster: { id: string } };
    await until(cluster.id, { structuredContent: state('AVAILABLE') });

    const change = { clusterId: cluster.id, displayName: 'renamed', ram: 8192 };
    const updated = await agreeing(call, 'update_cluster', change);
    expect(updated.structuredContent).toMatchObject({
      outcome: 'started',
      cluster: { properties: { displayName: 'renamed', ram: 8192 } },
    });
    await until(cluster.id, { structuredContent: { ...state('AVAILABLE'), properties: { ram: 8192 } } });

    const asked = await call('delete_cluster', { clusterId: cluster.id });
    const { confirmationToken } = asked.structuredContent as { confirmationToken: string };
    const agreed = { confirmationToken, confirmationName: 'renamed' };
    const deleted = await call('delete_cluster', { clusterId: cluster.id, ...agreed });
    expect(deleted.structuredContent).toMatchObject({ outcome: 'started', cluster: state('DESTROYING') });
    await until(cluster.id, { isError: true });
    await expect(call('list_clusters', { name: 'renamed' })).resolves.toMatchObject({
      structuredContent: { clusters: [] },
    });
  });

  test.each([...fixed, ...templates])('reads %s', async (template) => {
    const values = { clusterId: ORDERS, username: 'orders_owner', name: 'shop', datacenterId: SHOP };
    const uri = Object.entries(values).reduce((uri, [name, value]) => uri.replace(`{${name}}`, value), template);

    const { contents } = await client.readResource({ uri });

    expect(contents).toEqual([{ uri, mimeType: 'application/json', text: expect.stringMatching(/^\{.*\}$/) }]);
  });

  test.each(templates)('completes the ID in %s', async (uri) => {
    const [name, id] = uri.includes('{clusterId}') ? ['clusterId', ORDERS] : ['datacenterId', SHOP];
    const argument = { name, value: id.slice(0, 4) };

    const { completion } = await client.complete({ ref: { type: 'ref/resource', uri }, argument });

    expect(completion.values).toEqual([id]);
  });
});

test.each(['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'])(
  'a handshake for %s is answered with it',
  async (version) => {
    const { initialize } = start(['--sandbox']);

    const { result } = await initialize(version);

    expect(result.protocolVersion).toBe(version);
  },
);

describe('stdout carries nothing but JSON-RPC, and stderr nothing but JSON logs', () => {
  const parsed = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));

  test('at the log level trace, whatever comes in', async () => {
    const { initialize, send, call, request, child, ended } = start(['--sandbox', '--log-level', 'trace']);
    await initialize();
    for (const line of BAD_LINES) send(line);

    const { result } = await call('list_clusters', { name: 'x'.repeat(1_000_000) });
    expect(result.structuredContent).toMatchObject({ clusters: [] });
    await request('ping');
    child.stdin.end();

    const { code, stdout, stderr } = await ended;
    expect(code).toBe(0);
    for (const message of parsed(stdout)) expect(message).toMatchObject({ jsonrpc: '2.0' });
    for (const entry of parsed(stderr)) expect(entry).toMatchObject({ level: expect.any(String) });
  });

  test('when a line is longer than can be taken, after which it goes on', async () => {
    const { initialize, send, request, child, ended } = start(['--sandbox']);
    await initialize();
    send(`{"jsonrpc":"2.0","id":"long","method":"${'x'.repeat(11_000_000)}"}`);
    await request('ping');
    child.stdin.end();

    const { code, stdout, stderr } = await ended;
    expect(code).toBe(0);
    expect(parsed(stdout)).toContainEqual({
      jsonrpc: '2.0',
      id: 'long',
      error: { code: -32600, message: 'The message is longer than 10485760 bytes' },
    });
    expect(parsed(stderr).at(-1)).toMatchObject({ level: 'warn', msg: 'stdio' });
  });
});

test('each line that is no message and has an ID is answered with it', async () => {
  const { initialize, send, request, output } = start(['--sandbox']);
  await initialize();
  for (const line of BAD_LINES) send(line);
  await request('ping');
  for (const id of [1000, 1001, 1003, 1004, 1005]) {
    await expect.poll(() => output.stdout, { timeout: 10_000 }).toContain(`"id":${id},"error"`);
  }
});

const BAD_LINES = [
  'garbage',
  '',
  '{"jsonrpc":"2.0","id":',
  'null',
  '[]',
  '{}',
  '{"jsonrpc":"1.0","id":1000,"method":"ping"}',
  '{"jsonrpc":"2.0","id":1001}',
  '{"jsonrpc":"2.0","id":1002,"result":{}}',
  '{"jsonrpc":"2.0","id":1003,"method":"no/such/method"}',
  '{"jsonrpc":"2.0","id":1004,"method":"tools/call","params":{"name":"no_such_tool"}}',
  '{"jsonrpc":"2.0","id":1005,"method":"tools/call","params":7}',
  '\u0000\u0007\ud800',
  'x'.repeat(1_000_000),
];

test('200 calls in flight at once are answered each with its own result', async () => {
  // Answers only when all have arrived, and then the last one first.
  const waiting: (() => void)[] = [];
  const { url } = await listen(({ url = '' }, response) => {
    const id = url.slice(url.lastIndexOf('/') + 1);
    waiting.push(() => response.end(JSON.stringify({ id, properties: { displayName: `name of ${id}` } })));
    if (waiting.length === 200) for (const answer of waiting.reverse()) answer();
  });
  const { initialize, call, output } = start([], { IONOS_API_URL: url, IONOS_TOKEN: 'any' });
  await initialize();
  const ids = Array.from({ length: 200 }, (_, n) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`);

  const answers = await Promise.all(ids.map((clusterId) => call('get_cluster', { clusterId })));

  expect(answers.map(({ result }) => result.structuredContent)).toEqual(
    ids.map((id) => ({ id, properties: { displayName: `name of ${id}` } })),
  );
  expect(output.stderr).not.toContain('Warning');
});
