import { InMemoryTransport, type JSONRPCMessage } from '@modelcontextprotocol/server';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Fetch } from '../../../src/api/client.ts';
import { connect } from '../../helpers/connect.ts';
import { host } from '../../helpers/in-process-host.ts';
import { createRecorder } from '../../helpers/recorder.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const traceparent = (spanId: string, flags = '01') => `00-${TRACE}-${spanId}-${flags}`;
const IN_MESSAGE = 'aaaaaaaaaaaaaaaa';
const IN_HEADER = 'bbbbbbbbbbbbbbbb';

const untilGivenUp: Fetch = (_, { signal }) =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

describe.each(['2025', '2026'] as const)('a client of %s over stdio', (era) => {
  const version = era === '2025' ? '2025-11-25' : '2026-07-28';

  test('has each of its requests recorded, with what it names', async () => {
    const { telemetry, operations } = createRecorder();
    const { client, call, sandbox } = await connect({ era, telemetry });
    const { id } = sandbox.addCluster();

    await client.listTools();
    await call('get_cluster', { clusterId: id });
    await client.listResources();
    await client.listPrompts();
    await client.getPrompt({ name: 'review_clusters' });
    await client.complete({
      ref: { type: 'ref/resource', uri: 'ionos-postgresql://clusters/{clusterId}' },
      argument: { name: 'clusterId', value: '' },
    });

    const shared = { transport: 'pipe', ended: { protocolVersion: version } };
    expect(operations.map(({ attempts: _, id, parent, carrier, ...rest }) => rest)).toEqual([
      { method: era === '2025' ? 'initialize' : 'server/discover', ...shared },
      { method: 'tools/list', ...shared },
      { method: 'tools/call', tool: 'get_cluster', ...shared },
      { method: 'resources/list', ...shared },
      { method: 'prompts/list', ...shared },
      { method: 'prompts/get', prompt: 'review_clusters', ...shared },
      { method: 'completion/complete', ...shared },
    ]);
    for (const { id } of operations.slice(1)) expect(id).toMatch(/^\d+$/);
  });

  test('has the requests to IONOS recorded with what they belong to', async () => {
    const { telemetry, of } = createRecorder();
    const { client, call, requests, sandbox } = await connect({ era, telemetry });
    const { id } = sandbox.addCluster();

    await call('get_cluster', { clusterId: id });
    await client.readResource({ uri: `ionos-postgresql://clusters/${id}` });
    await client.listResources();

    const [called] = of('tools/call');
    const [read] = of('resources/read');
    const [listed] = of('resources/list');
    expect(called?.attempts[0]).toEqual({
      method: 'GET',
      origin: 'https://api.ionos.com',
      template: '/databases/postgresql/clusters/{id}',
      resends: 0,
      ended: { status: 200 },
    });
    expect(read?.resourceUri).toBe('ionos-postgresql://clusters/{clusterId}');
    const all = [called, read, listed].flatMap((each) => each?.attempts ?? []);
    expect(all).toHaveLength(requests.length);
  });

  test('says in each message to which trace it belongs', async () => {
    const { telemetry, of } = createRecorder();
    const { client } = await connect({ era, telemetry });

    await client.callTool({
      name: 'list_clusters',
      _meta: { traceparent: traceparent(IN_MESSAGE, '00'), tracestate: 'vendor=1' },
    });
    await client.callTool({ name: 'list_clusters', _meta: { traceparent: `${traceparent(IN_MESSAGE)}-and-more` } });

    expect(of('tools/call').map(({ parent }) => parent)).toEqual([
      { traceId: TRACE, spanId: IN_MESSAGE, isSampled: false, tracestate: 'vendor=1' },
      undefined,
    ]);
  });

  test('finds the trace in the log', async () => {
    const { telemetry } = createRecorder();
    const { client, call, log } = await connect({ era, telemetry });

    await call('get_cluster', { clusterId: 'any' });
    await client.callTool({ name: 'no_such_tool' }).catch(() => {});

    expect(log.map(({ tool, traceId }) => [tool, traceId])).toEqual([
      ['get_cluster', 'the-trace'],
      ['unknown', 'the-trace'],
    ]);
  });

  test('sees failures by their kind, and never by a name that it made up', async () => {
    const { telemetry, of } = createRecorder();
    const { client, call } = await connect({ era, telemetry });

    await call('get_cluster', { clusterId: 'no such cluster' });
    await client.callTool({ name: 'a_password' }).catch(() => {});
    await client.getPrompt({ name: 'a-password' }).catch(() => {});
    await client.readResource({ uri: 'ionos-postgresql://a-password' }).catch(() => {});

    const [failed, unknown] = of('tools/call');
    expect(failed).toMatchObject({ tool: 'get_cluster', ended: { error: 'tool_error' } });
    expect(unknown?.ended).toMatchObject({ error: -32602 });
    expect(unknown).not.toHaveProperty('tool');
    expect(of('prompts/get')[0]?.ended).toMatchObject({ error: -32602 });
    expect(of('resources/read')[0]?.ended?.error).toBeLessThan(0);
    expect(JSON.stringify([unknown, of('prompts/get'), of('resources/read')])).not.toContain('password');
  });

  test('is asked a question without that being a failure', async () => {
    const { telemetry, of } = createRecorder();
    const onQuestion = () => ({ action: 'accept' as const, content: { confirm: true } });
    const { call, sandbox } = await connect({ era, telemetry, confirm: 'writes', onQuestion });
    const { id } = sandbox.addCluster();

    const { structuredContent } = await call('update_cluster', { clusterId: id, displayName: 'renamed' });

    expect(structuredContent).toMatchObject({ outcome: 'started' });

    const calls = of('tools/call');
    expect(calls.map(({ ended }) => ended?.error)).toEqual(calls.map(() => undefined));
    // The answer comes in a second request, where the question was the result of the first.
    expect(calls).toHaveLength(era === '2025' ? 1 : 2);
  });

  test('gives up a call, which ends that one alone', async () => {
    const { telemetry, of } = createRecorder();
    const { call, client } = await connect({ era, telemetry, fetch: untilGivenUp });
    const giveUp = new AbortController();
    const given = call('list_clusters', {}, { signal: giveUp.signal });
    await vi.waitUntil(() => of('tools/call')[0]?.attempts.length);

    giveUp.abort();
    await expect(given).rejects.toThrow();
    await client.listTools();

    await vi.waitUntil(() => of('tools/call')[0]?.ended);
    expect(of('tools/call')[0]?.ended).toMatchObject({ error: 'cancelled' });
    await vi.waitUntil(() => of('tools/call')[0]?.attempts[0]?.ended);
    // Giving up is no failure of the request to IONOS.
    expect(of('tools/call')[0]?.attempts[0]?.ended).toEqual({});
    expect(of('tools/list')[0]?.ended).not.toHaveProperty('error', expect.anything());
  });

  test('leaves, which ends what it waited for', async () => {
    const { telemetry, of } = createRecorder();
    const { call, client } = await connect({ era, telemetry, fetch: untilGivenUp });
    const unanswered = call('list_clusters').catch(() => {});
    await vi.waitUntil(() => of('tools/call')[0]?.attempts.length);

    await client.close();

    await unanswered;
    await vi.waitUntil(() => of('tools/call')[0]?.ended);
    expect(of('tools/call')[0]?.ended).toMatchObject({ error: 'cancelled' });
  });
});

test('what a client makes up is bounded: its methods, and the IDs of its requests', async () => {
  const { telemetry, operations } = createRecorder();
  const { servers } = await connect({ telemetry });
  operations.length = 0;
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  const server = await servers.create({ era: 'legacy' });
  onTestFinished(() => server.close());
  const answers: JSONRPCMessage[] = [];
  ours.onmessage = (message) => void answers.push(message);
  await server.connect(theirs);
  await ours.start();

  await ours.send({ jsonrpc: '2.0', id: 'x'.repeat(65), method: 'a/password' });
  await ours.send({ jsonrpc: '2.0', id: 'y'.repeat(64), method: 'ping' });
  await vi.waitUntil(() => answers.length === 2);

  expect(operations).toEqual([
    expect.objectContaining({ method: '_OTHER', id: undefined, ended: expect.objectContaining({ error: -32601 }) }),
    expect.objectContaining({ method: 'ping', id: 'y'.repeat(64) }),
  ]);
});

describe.each(['modern', 'legacy', 'sse'] as const)('a client over HTTP (%s)', (kind) => {
  test('is in the trace of its message, else of its HTTP request', async () => {
    const { telemetry, of } = createRecorder();
    const hosted = await host({ telemetry });
    const client = await hosted[kind]({ traceparent: traceparent(IN_HEADER), tracestate: 'of=header' });

    await client.callTool({ name: 'list_clusters' });
    await client.callTool({ name: 'list_clusters', _meta: { traceparent: traceparent(IN_MESSAGE) } });

    const ofHeader = { traceId: TRACE, spanId: IN_HEADER, isSampled: true, tracestate: 'of=header' };
    const ofMessage = { traceId: TRACE, spanId: IN_MESSAGE, isSampled: true };
    expect(of('tools/call').map(({ parent, carrier }) => ({ parent, carrier }))).toEqual([
      { parent: ofHeader, carrier: undefined },
      { parent: ofMessage, carrier: ofHeader },
    ]);
  });

  test('has its transport and version recorded', async () => {
    const { telemetry, of } = createRecorder();
    const hosted = await host({ telemetry });
    const client = await hosted[kind]();

    await client.callTool({ name: 'list_clusters' });

    expect(of('tools/call')).toEqual([
      expect.objectContaining({
        transport: 'tcp',
        ended: { protocolVersion: kind === 'modern' ? '2026-07-28' : '2025-11-25' },
      }),
    ]);
  });

  test('has what goes to IONOS in the trace of the request to IONOS', async () => {
    const ours = { traceparent: `00-${TRACE}-cccccccccccccccc-01` };
    const { telemetry } = createRecorder({ headers: ours });
    const hosted = await host({ telemetry });
    const client = await hosted[kind]({ traceparent: traceparent(IN_HEADER), tracestate: 'of=header' });

    await client.callTool({ name: 'list_clusters' });

    const [sent] = hosted.requests;
    expect(sent?.headers.get('traceparent')).toBe(ours.traceparent);
    expect(sent?.headers.get('tracestate')).toBeNull();
  });
});
