import { afterEach, describe, expect, test, vi } from 'vitest';
import { BASE, order, TOKEN, world } from './world.ts';

afterEach(() => {
  vi.useRealTimers();
});

describe('the next requests', () => {
  test.each([
    [400, '400', 'Bad Request'],
    [401, '315', 'Unauthorized'],
    [402, '402', 'Payment Required'],
    [403, '403', 'Forbidden'],
    [429, '429', 'Too Many Requests'],
    [500, '500', 'Internal Server Error'],
    [503, '503', 'Service Unavailable'],
  ])("can fail with %i and the API's error body", async (status, errorCode, message) => {
    const { sandbox, send } = world();
    sandbox.failNext({ kind: status });

    const answer = await send('GET', '/clusters');

    expect(answer.status).toBe(status);
    expect(answer.body).toEqual({ httpStatus: status, messages: [{ errorCode, message }] });
    expect((await send('GET', '/clusters')).status).toBe(200);
  });

  test('can fail several times, one fault after the other', async () => {
    const { sandbox, send } = world();
    sandbox.failNext({ kind: 503 }, 2);
    sandbox.failNext({ kind: 429 });

    const answers = [];
    for (let request = 1; request <= 4; request++) answers.push((await send('GET', '/versions')).status);

    expect(answers).toEqual([503, 503, 429, 200]);
  });

  test('fail whatever they ask for', async () => {
    const { sandbox, fetch } = world();
    sandbox.failNext({ kind: 503 }, 2);

    expect((await fetch('GET', '/nowhere', { headers: {} })).status).toBe(503);
    expect((await fetch('POST', '/clusters', { body: '{' })).status).toBe(503);
  });

  test('can say when to come again, and in which words', async () => {
    const { sandbox, send } = world();
    const messages = [{ errorCode: 'paas-limit-1', message: 'too fast' }];
    sandbox.failNext({ kind: 429, retryAfter: 7, messages });

    const { status, headers, body } = await send('GET', '/clusters');

    expect(status).toBe(429);
    expect(headers.get('retry-after')).toBe('7');
    expect(body.messages).toEqual(messages);
  });

  test('send no Retry-After by default', async () => {
    const { sandbox, send } = world();
    sandbox.failNext({ kind: 503 });

    expect((await send('GET', '/clusters')).headers.has('retry-after')).toBe(false);
  });

  test("can get a gateway's page", async () => {
    const { sandbox } = world();
    sandbox.failNext({ kind: 'html' });

    const response = await sandbox.fetch(new Request(`${BASE}/clusters`, { headers: TOKEN }));

    expect(response.status).toBe(502);
    expect(response.headers.get('content-type')).toBe('text/html');
    expect(await response.text()).toMatch(/^<html>/);
  });

  test.each([
    ['drop', 3],
    ['lost', 4],
  ] as const)('can break: after %s of an order there are %i clusters', async (kind, count) => {
    const { sandbox, send } = world();
    sandbox.failNext({ kind });

    const error = await send('POST', '/clusters', order()).catch((error: unknown) => error);

    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ message: 'fetch failed', cause: { code: 'ECONNRESET' } });
    expect((await send('GET', '/clusters')).body.items).toHaveLength(count);
  });

  test('can hang until the client gives up', async () => {
    const { sandbox } = world();
    sandbox.failNext({ kind: 'hang' });
    const client = new AbortController();
    const reason = new Error('enough');

    const answer = sandbox.fetch(new Request(BASE, { signal: client.signal }));
    client.abort(reason);

    await expect(answer).rejects.toBe(reason);
  });
});

describe('a fault with a chance', () => {
  test('strikes when the dice say so', async () => {
    let dice = 0;
    const { send } = world({ faults: [{ kind: 503, chance: 0.25 }], random: () => dice });
    const statusAt = async (value: number) => {
      dice = value;
      return (await send('GET', '/versions')).status;
    };

    expect(await statusAt(0)).toBe(503);
    expect(await statusAt(0.24)).toBe(503);
    expect(await statusAt(0.25)).toBe(200);
    expect(await statusAt(0.99)).toBe(200);
  });

  test('leaves a chance to the ones after it', async () => {
    const rolls = [0.9, 0.4];
    const { send } = world({
      faults: [
        { kind: 503, chance: 0.5 },
        { kind: 429, chance: 0.5 },
      ],
      random: () => rolls.shift() ?? 1,
    });

    expect((await send('GET', '/versions')).status).toBe(429);
    expect((await send('GET', '/versions')).status).toBe(200);
  });

  test('waits behind the planned ones', async () => {
    const { sandbox, send } = world({ faults: [{ kind: 503 }] });
    sandbox.failNext({ kind: 429 });

    expect((await send('GET', '/versions')).status).toBe(429);
    expect((await send('GET', '/versions')).status).toBe(503);
  });
});

describe('latency', () => {
  test('delays each answer', async () => {
    vi.useFakeTimers();
    const { sandbox } = world({ latencyMs: 300 });
    const answered = vi.fn();

    const answer = sandbox.fetch(new Request(`${BASE}/versions`, { headers: TOKEN })).then(answered);
    await vi.advanceTimersByTimeAsync(299);
    expect(answered).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    await answer;

    expect(answered).toHaveBeenCalledOnce();
  });

  test('ends when the client gives up, and nothing is done', async () => {
    const { sandbox } = world({ latencyMs: 60_000 });
    const client = new AbortController();
    const { id } = sandbox.addCluster();

    const { signal } = client;
    const answer = sandbox.fetch(new Request(`${BASE}/clusters/${id}`, { method: 'DELETE', headers: TOKEN, signal }));
    client.abort();

    await expect(answer).rejects.toThrow('aborted');
    expect(sandbox.cluster(id).metadata.state).toBe('AVAILABLE');
  });
});

test('a request that was given up before it began is not carried out', async () => {
  const { sandbox } = world();
  const { id } = sandbox.addCluster();
  const request = new Request(`${BASE}/clusters/${id}`, {
    method: 'DELETE',
    headers: TOKEN,
    signal: AbortSignal.abort(),
  });

  await expect(sandbox.fetch(request)).rejects.toThrow('aborted');
  expect(sandbox.cluster(id).metadata.state).toBe('AVAILABLE');
});
