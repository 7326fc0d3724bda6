import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createBudget } from '../../src/api/budget.ts';
import { createApiClient, type Fetch } from '../../src/api/client.ts';
import { createFetch } from '../../src/api/fetch.ts';
import { connect } from '../helpers/connect.ts';
import { CLUSTER } from '../helpers/logs.ts';
import { listen } from '../helpers/process.ts';

const { signal } = new AbortController();
const CHUNK = 16_000;

/** A body that counts what has been taken of it. */
function counted(text: string, onTaken: (bytes: number) => void): Response {
  const bytes = Buffer.from(text);
  let at = 0;
  const body = new ReadableStream(
    {
      async pull(controller) {
        // As over a network: other answers arrive meanwhile.
        await sleep(0);
        const chunk = bytes.subarray(at, at + CHUNK);
        at += chunk.length;
        if (chunk.length === 0) return controller.close();
        onTaken(chunk.length);
        controller.enqueue(new Uint8Array(chunk));
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { headers: { 'content-type': 'application/json' } });
}

const clientOf = (fetch: Fetch, apiUrl = 'https://api.example/databases/postgresql') =>
  createApiClient({ apiUrl, authorization: 'Bearer x', userAgent: 'test', fetch });

describe('answers that arrive together', () => {
  test('wait for each other where they are large: 3 callers with 100 reads of 1 MB each', async () => {
    const text = JSON.stringify({ text: 'x'.repeat(1_000_000) });
    let held = 0;
    let most = 0;
    const read = async () => {
      let own = 0;
      const take = (bytes: number) => {
        own += bytes;
        held += bytes;
        most = Math.max(most, held);
      };
      await clientOf(async () => counted(text, take)).get('clusters', { response: z.unknown() });
      held -= own;
    };

    await Promise.all(Array.from({ length: 300 }, read));

    // Ten of them, and the first pieces of those that wait.
    expect(most).toBeLessThan(10 * 1_100_000 + 300 * 3 * CHUNK);
    expect(held).toBe(0);
  });

  test('go by each other where they are small', async () => {
    let running = 0;
    let most = 0;
    const api = clientOf(async () => {
      running += 1;
      most = Math.max(most, running);
      await sleep(20);
      running -= 1;
      return Response.json({ text: 'x'.repeat(10_000) });
    });

    await Promise.all(Array.from({ length: 100 }, () => api.get('clusters', { response: z.unknown() })));

    expect(most).toBe(100);
  });

  test('are all read, as logs, and over a real connection, packed', async () => {
    const messages = Array.from({ length: 50 }, (_, n) => ({
      time: new Date(Date.now() - n).toISOString(),
      message: 'x'.repeat(10_000),
    }));
    const text = JSON.stringify({ instances: [{ name: 'i-1', messages }] });
    const { call } = await connect({ fetch: async () => counted(text, () => {}) });
    const { url } = await listen((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(gzipSync(text));
    });
    const api = clientOf(createFetch(), `${url}/databases/postgresql`);

    const results = await Promise.all(
      Array.from({ length: 40 }, () => call('get_cluster_logs', { clusterId: CLUSTER })),
    );
    const packed = await Promise.all(Array.from({ length: 40 }, () => api.get('clusters', { response: z.unknown() })));

    expect(results.filter(({ isError }) => isError)).toEqual([]);
    expect(packed).toHaveLength(40);
  });

  test('that fail, or are given up, leave their place to others', async () => {
    const { signal: given } = new AbortController();
    for (let n = 0; n < 12; n += 1) {
      const broken = clientOf(async () => counted('x'.repeat(100_000), () => {}));
      await broken.get('clusters', { response: z.unknown() }).catch(() => {});
    }
    const stops: AbortController[] = [];
    const endless = () => new ReadableStream({ pull: (body) => body.enqueue(new Uint8Array(CHUNK * 2)) });
    const stuck: Fetch = async (_, { signal }) => {
      const body = endless();
      signal.addEventListener('abort', () => void body.cancel().catch(() => {}));
      return new Response(body);
    };
    const calls = Array.from({ length: 12 }, () => {
      const own = new AbortController();
      stops.push(own);
      const scope = { signal: own.signal, deadline: Date.now() + 45_000 };
      return clientOf(stuck)
        .forCall(scope)
        .get('clusters', { response: z.unknown() })
        .catch(() => {});
    });
    await sleep(10);
    for (const each of stops) each.abort();
    await Promise.all(calls);

    const after = clientOf(async () => counted(JSON.stringify('x'.repeat(100_000)), () => {}));
    expect(
      await after.forCall({ signal: given, deadline: Infinity }).get('clusters', { response: z.string() }),
    ).toHaveLength(100_000);
  });
});

describe('a share', () => {
  test('waits for its turn, in the order in which they came', async () => {
    const budget = createBudget(1);
    const [first, second, third] = [budget.share(signal), budget.share(signal), budget.share(signal)];
    const order: string[] = [];
    await first.hold(1_000_000);
    const others = [
      second.hold(1_000_000).then(() => order.push('second')),
      third.hold(20_000).then(() => order.push('third')),
    ];
    await sleep(1);
    expect(order).toEqual([]);

    first.release();
    await others[0];
    expect(order).toEqual(['second']);
    second.release();
    await others[1];

    expect(order).toEqual(['second', 'third']);
  });

  test('that gives up takes no turn', async () => {
    const budget = createBudget(1);
    const stop = new AbortController();
    const [first, second, third] = [budget.share(signal), budget.share(stop.signal), budget.share(signal)];
    await first.hold(1_000_000);
    const given = second.hold(1_000_000);
    const last = third.hold(1_000_000);

    stop.abort(new Error('over'));
    await expect(given).rejects.toThrow('over');
    second.release();
    first.release();

    await last;
  });
});
