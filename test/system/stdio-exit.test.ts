import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFailed, test, vi } from 'vitest';
import { listen, PROGRAM, start, startNode } from '../helpers/process.ts';
import { SOME_CLUSTER } from '../helpers/some-cluster.ts';

// A process starts slowly on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

describe('without serving', () => {
  test('no credentials and no --sandbox: the ways in are named, with exit code 2', async () => {
    const { code, stdout, stderr } = await start([]).ended;

    expect(code).toBe(2);
    expect(stdout).toBe('');
    for (const way of ['IONOS_TOKEN', 'IONOS_USERNAME', '--sandbox']) expect(stderr).toContain(way);
  });

  test('an unknown flag is named, with exit code 2', async () => {
    const { code, stdout, stderr } = await start(['--sandbox', '--no-such-flag']).ended;

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain("unknown option '--no-such-flag'");
  });

  test.each([
    [['--help'], /Usage: ionos-postgres-mcp .*--sandbox.*IONOS_TOKEN/s],
    [['sandbox', '--help'], /Usage: ionos-postgres-mcp sandbox .*--port/s],
    [['--version'], /^\d+\.\d+\.\d+\n$/],
  ])('%j prints on stdout, with exit code 0', async (args, words) => {
    const { code, stdout, stderr } = await start(args).ended;

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(words);
  });
});

describe('when the client hangs up', () => {
  test('the server ends with 0', async () => {
    const { initialize, child, ended } = start(['--sandbox']);
    await initialize();

    child.stdin.end();

    expect(await ended).toMatchObject({ code: 0 });
  });

  test('before it has said a word, the server ends with 0', async () => {
    const { child, ended } = start(['--sandbox']);

    child.stdin.end();

    expect(await ended).toMatchObject({ code: 0, stdout: '' });
  });

  test.each([['--fail=hang:1'], ['--latency=60000']])('with a call in flight under %s, the same', async (slow) => {
    const { initialize, call, request, child, ended } = start(['--sandbox', slow]);
    await initialize();
    const unanswered = expect(call('list_clusters')).rejects.toThrow('ended with 0');
    await request('ping');

    child.stdin.end();

    expect(await ended).toMatchObject({ code: 0, stderr: expect.stringContaining('"outcome":"cancelled"') });
    await unanswered;
  });

  test('with a request to the API under way, that is broken off too', async () => {
    const { child, ended, response } = await withCallInFlight();

    child.stdin.end();

    await once(response, 'close');
    expect(await ended).toMatchObject({ code: 0 });
  });

  test('by no longer reading, the server ends at its next answer', async () => {
    const { initialize, call, child, ended } = start(['--sandbox']);
    await initialize();
    child.stdout.destroy();

    call('list_clusters');

    expect(await ended).toMatchObject({ code: 0 });
  });

  test('by being killed in the middle of a call, no server is left', async () => {
    const { child, output, ended } = startNode(['--input-type=module', '--eval', CLIENT]);
    const serverPid = await vi.waitUntil(() => Number(output.stdout), 20_000);
    onTestFailed(() => void process.kill(serverPid, 'SIGKILL'));

    child.kill('SIGKILL');

    // Both hold the pipe for the client's stderr, which says more than a process ID: that may stay, for a zombie.
    expect(await ended).toMatchObject({ signal: 'SIGKILL', stderr: expect.stringContaining('"outcome":"cancelled"') });
  });
});

const CLIENT = `
  import { Client } from '@modelcontextprotocol/client';
  import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
  const args = [${JSON.stringify(PROGRAM)}, '--sandbox', '--fail', 'hang:1'];
  const client = new Client({ name: 'test', version: '0.0.0' });
  const transport = new StdioClientTransport({ command: process.execPath, args });
  await client.connect(transport);
  client.callTool({ name: 'list_clusters' });
  await client.ping();
  console.log(transport.pid);
`;

describe('told to stop', () => {
  test('while idle, the server ends with 0', async () => {
    const { initialize, child, ended } = start(['--sandbox']);
    await initialize();

    child.kill('SIGTERM');

    expect(await ended).toMatchObject({ code: 0, signal: null });
  });

  test('with a call in flight, it waits for its result', async () => {
    const { answer, stop, ended, response } = await withCallInFlight();

    await stop();
    response.end(JSON.stringify({ id: SOME_CLUSTER }));

    expect((await answer).result).toMatchObject({ structuredContent: { id: SOME_CLUSTER } });
    expect(await ended).toMatchObject({ code: 0, signal: null });
  });

  test('with a call in flight that takes too long, it says that it is shutting down', async () => {
    const { answer, stop, ended } = await withCallInFlight();

    await stop();

    const { result } = await answer;
    expect(result.isError).toBe(true);
    expect(result.content?.[0]?.text).toContain('this server is shutting down');
    expect(await ended).toMatchObject({ code: 0, signal: null });
  });

  test('with a question open, it withdraws that and says that it is shutting down', async () => {
    const { server, url } = await listen((request, response) => {
      if (request.method === 'GET') response.end(JSON.stringify({ id: SOME_CLUSTER, metadata: {}, properties: {} }));
    });
    const asked: unknown[] = [];
    server.on('request', ({ method }) => asked.push(method));
    const { request, call, child, output, ended } = start([], { IONOS_API_URL: url, IONOS_TOKEN: 'any' });
    const clientInfo = { name: 'test', version: '0.0.0' };
    await request('initialize', { protocolVersion: '2025-11-25', capabilities: { elicitation: {} }, clientInfo });
    const answer = call('delete_cluster', { clusterId: SOME_CLUSTER });
    await vi.waitUntil(() => output.stdout.includes('elicitation/create'), 20_000);

    child.kill('SIGTERM');

    expect((await answer).result.content?.[0]?.text).toContain('this server is shutting down');
    expect(await ended).toMatchObject({
      code: 0,
      signal: null,
      stdout: expect.stringContaining('notifications/cancelled'),
    });
    expect(asked).not.toContain('DELETE');
  });

  test('it answers the calls that still come in', async () => {
    const { answer, call, request, stop, ended, response } = await withCallInFlight();

    await stop();
    const late = call('get_cluster', { clusterId: SOME_CLUSTER });
    await request('ping');
    response.end(JSON.stringify({ id: SOME_CLUSTER }));

    expect((await answer).result).toMatchObject({ structuredContent: { id: SOME_CLUSTER } });
    expect((await late).result.content?.[0]?.text).toContain('this server is shutting down');
    expect(await ended).toMatchObject({ code: 0, signal: null });
  });

  test('twice, it ends at once with 1', async () => {
    const { answer, child } = await withCallInFlight();
    const unanswered = expect(answer).rejects.toThrow('ended with 1');

    // Two that come at the same time count as one.
    await vi.waitFor(() => {
      child.kill('SIGTERM');
      expect(child.exitCode).toBe(1);
    });

    await unanswered;
  });
});

test.skipIf(process.platform === 'win32').each([
  [['--sandbox'], /"msg":"start"/],
  [['--sandbox', '--transport', 'http', '--port', '0'], /"msg":"listening"/],
  [['sandbox', '--port', '0'], /Sandbox of the IONOS PostgreSQL API/],
])('%j opens no debugger on SIGUSR1', async (args, ready) => {
  const { child, output, request, ended } = start(args);
  if (args.length === 1) request('tools/call', { name: 'list_clusters', arguments: {} });
  await vi.waitUntil(() => ready.test(output.stdout + output.stderr), 20_000);

  child.kill('SIGUSR1');
  await sleep(300);
  child.kill('SIGTERM');
  child.kill('SIGTERM');

  expect((await ended).stderr).not.toMatch(/debugger/i);
});

/** A server that has a request under way, to an API that answers when the test does. */
async function withCallInFlight() {
  const { server, url } = await listen();
  const arrived = once(server, 'request');
  const program = start([], { IONOS_API_URL: url, IONOS_TOKEN: 'any' });
  await program.initialize();
  const answer = program.call('get_cluster', { clusterId: SOME_CLUSTER });
  const [, response] = await Promise.race([arrived, program.ended.then(() => [])]);
  async function stop() {
    program.child.kill('SIGTERM');
    // It may look at what came in before it looks at signals, but only once.
    await program.request('ping');
    await program.request('ping');
  }
  return { ...program, answer, response, stop };
}
