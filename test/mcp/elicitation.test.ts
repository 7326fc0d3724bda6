import type { ServerContext } from '@modelcontextprotocol/server';
import { ProtocolError, SdkError, SdkErrorCode } from '@modelcontextprotocol/server';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { askNow } from '../../src/mcp/elicitation.ts';
import { drain } from '../../src/transports/listen.ts';
import { connect, errorOf } from '../helpers/connect.ts';
import { hurried } from '../helpers/fake-clock.ts';
import { host } from '../helpers/in-process-host.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const question = {
  lines: ['Delete it?'],
  field: { name: 'confirm', schema: { type: 'boolean', title: 'Yes' } },
  state: 's',
};

interface Fake {
  /** Undefined where the client does not answer. */
  ping(at: number): unknown;
  answerAfter?: number;
  /** Whether the question ends with something else than its call. */
  isWithServer?: boolean;
}

/** A client on the clock: when it was asked and pinged, and with what the question was withdrawn. */
function clientThat({ ping, answerAfter = Number.POSITIVE_INFINITY, isWithServer = false }: Fake) {
  const started = Date.now();
  const seconds = () => (Date.now() - started) / 1000;
  const pings: number[] = [];
  let withdrawn: unknown;
  const call = new AbortController();
  const late = (ms: number) =>
    new Promise<never>((_, reject) => {
      setTimeout(() => reject(new SdkError(SdkErrorCode.RequestTimeout, 'late')), ms);
    });
  async function send({ method }: { method: string }, ...rest: { timeout?: number; signal?: AbortSignal }[]) {
    const { timeout = 0, signal } = rest.at(-1) ?? {};
    if (method === 'ping') {
      pings.push(seconds());
      const answer = ping(seconds());
      if (answer instanceof Error) throw answer;
      return answer ?? late(timeout);
    }
    return new Promise((resolve, reject) => {
      signal?.addEventListener('abort', () => {
        withdrawn = [seconds(), signal.reason];
        reject(new SdkError(SdkErrorCode.RequestTimeout, String(signal.reason)));
      });
      if (answerAfter < 1e6) setTimeout(() => resolve({ action: 'accept', content: { confirm: true } }), answerAfter);
    });
  }
  const ctx = { mcpReq: { send, signal: call.signal } } as unknown as ServerContext;
  const ended = new AbortController();
  const asked = askNow(question as never, ctx, isWithServer ? ended.signal : undefined);
  return { asked, pings, withdrawn: () => withdrawn, call, ended };
}

describe('a question to a client of 2025', () => {
  test('stands for five minutes while the client answers pings', async () => {
    const { asked, pings, withdrawn } = clientThat({ ping: () => ({}) });
    await vi.advanceTimersByTimeAsync(301_000);

    expect(await asked).toEqual({ kind: 'silent', why: 'nobody answered within 5 minutes' });
    expect(withdrawn()).toEqual([300, 'nobody answered within 5 minutes']);
    expect(pings.slice(0, 3)).toEqual([10, 20, 30]);
    const { length } = pings;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(pings).toHaveLength(length);
  });

  test.each([
    ['does not know ping', new ProtocolError(-32_601, 'unknown')],
    ['fails at ping', new ProtocolError(-32_603, 'broken')],
  ])('stands where the client %s, which is an answer', async (_, error) => {
    const { asked } = clientThat({ ping: () => error, answerAfter: 200_000 });
    await vi.advanceTimersByTimeAsync(200_000);

    expect(await asked).toMatchObject({ kind: 'answered', action: 'accept', state: 's' });
  });

  test.each([
    [0, 20],
    [15, 30],
    [100, 110],
    [250, 260],
  ])('is withdrawn when the client is silent from second %i on', async (from, end) => {
    const { asked, withdrawn } = clientThat({ ping: (at) => (at < from ? {} : undefined) });
    await vi.advanceTimersByTimeAsync(300_000);

    expect(await asked).toMatchObject({ kind: 'silent', why: expect.stringContaining('stopped responding') });
    expect(withdrawn()).toEqual([end, expect.stringContaining('stopped responding')]);
  });

  test('ends with its call', async () => {
    const { asked, call } = clientThat({ ping: () => ({}) });
    call.abort();

    expect(await asked).toEqual({ kind: 'silent', why: 'the call was cancelled' });
  });

  test('ends with what else ends it, and says why', async () => {
    const { asked, withdrawn, ended } = clientThat({ ping: () => ({}), isWithServer: true });
    await vi.advanceTimersByTimeAsync(15_000);
    ended.abort(new Error('this server is shutting down'));

    expect(await asked).toEqual({ kind: 'silent', why: 'this server is shutting down' });
    expect(withdrawn()).toEqual([15, 'this server is shutting down']);
  });
});

test('a client that stops responding learns that the question is withdrawn, and its late answer has no effect', async () => {
  vi.useRealTimers();
  let answer = () => {};
  const { client, call, sandbox, sent } = await connect({
    era: '2025',
    confirm: 'destructive',
    onQuestion: () =>
      new Promise((resolve) => {
        answer = () => resolve({ action: 'accept', content: { name: 'x' } });
      }),
  });
  const { id } = sandbox.addCluster({ displayName: 'x' });
  const received: string[] = [];
  const { transport } = client;
  const receive = transport?.onmessage;
  if (!transport || !receive) throw new Error('not connected');
  transport.onmessage = (message, extra) => {
    const { method } = Object(message);
    received.push(method);
    if (method !== 'ping') receive(message, extra);
  };

  const result = await hurried(() => call('delete_cluster', { clusterId: id }, { timeout: 900_000 }));
  answer();
  await new Promise((resolve) => setTimeout(resolve, 50));

  expect(errorOf(result)).toMatch(/the client stopped responding while the question was open, which was withdrawn/);
  expect(received).toContain('notifications/cancelled');
  expect(sent()).toEqual([]);
  expect(sandbox.cluster(id).metadata.state).toBe('AVAILABLE');
});

describe('a question that is open when the server stops', () => {
  const never = () => new Promise<never>(() => {});

  test('over stdio is withdrawn, and its call is answered', async () => {
    vi.useRealTimers();
    const asked = vi.fn(never);
    const { client, call, servers, sandbox, sent } = await connect({
      era: '2025',
      confirm: 'destructive',
      onQuestion: asked,
    });
    const { id } = sandbox.addCluster({ displayName: 'x' });
    const received: unknown[] = [];
    const { transport } = client;
    const receive = transport?.onmessage;
    if (!transport || !receive) throw new Error('not connected');
    transport.onmessage = (message, extra) => {
      received.push(Object(message).method);
      receive(message, extra);
    };
    const answer = call('delete_cluster', { clusterId: id });
    await vi.waitUntil(() => asked.mock.calls.length === 1);
    expect(servers.inFlight()).toBe(1);

    await servers.drain(0);

    expect(servers.inFlight()).toBe(0);
    expect(errorOf(await answer)).toContain('this server is shutting down');
    expect(received).toContain('notifications/cancelled');
    expect(sent()).toEqual([]);
    expect(sandbox.cluster(id).metadata.state).toBe('AVAILABLE');
  });

  test('over SSE counts against no limit that its answer has to pass', async () => {
    vi.useRealTimers();
    const world = await host({ confirm: 'destructive', maxCalls: 1, callerMaxCalls: 1 });
    const { id } = world.sandbox.addCluster({ displayName: 'x' });
    const client = await world.sse({}, async () => ({ action: 'accept' as const, content: { name: 'x' } }));

    const answer = await client.callTool({ name: 'delete_cluster', arguments: { clusterId: id } });

    expect(answer.structuredContent).toMatchObject({ outcome: 'started' });
    expect(world.sent()).toHaveLength(1);
  });

  test('over SSE is withdrawn, and its call is answered', async () => {
    vi.useRealTimers();
    const world = await host({ confirm: 'destructive' });
    const asked = vi.fn(never);
    const client = await world.sse({}, asked);
    const { id } = world.sandbox.addCluster({ displayName: 'x' });
    const answer = client.callTool({ name: 'delete_cluster', arguments: { clusterId: id } });
    await vi.waitUntil(() => asked.mock.calls.length === 1);

    const drained = drain({ ...world, delayMs: 0, timeoutMs: 50 });

    expect(JSON.stringify(await answer)).toContain('this server is shutting down');
    await drained;
    expect(world.sent()).toEqual([]);
    expect(world.sandbox.cluster(id).metadata.state).toBe('AVAILABLE');
  });
});
