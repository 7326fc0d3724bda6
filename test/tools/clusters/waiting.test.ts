import type { Progress } from '@modelcontextprotocol/client';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import type { Fetch } from '../../../src/api/client.ts';
import { ORDERS } from '../../helpers/backups.ts';
import { writtenIn } from '../../helpers/client-kinds.ts';
import { connect, errorOf, type World } from '../../helpers/connect.ts';
import { readable } from '../../helpers/examples.ts';
import { hurried } from '../../helpers/fake-clock.ts';
import { host } from '../../helpers/in-process-host.ts';
import { order, unplaced } from '../../helpers/orders.ts';
import { SOME_CLUSTER } from '../../helpers/some-cluster.ts';

/** What the API answers to one look. */
type Sight = string | number | 'drop' | 'hang';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const ERAS = ['2025', '2026'] as const;

function answerTo(sight: Sight, signal: AbortSignal, dates: object = {}): Promise<Response> {
  if (sight === 'hang') {
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  }
  if (sight === 'drop') {
    const cause = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    return Promise.reject(new TypeError('fetch failed', { cause }));
  }
  if (typeof sight === 'number') return Promise.resolve(Response.json({ messages: [] }, { status: sight }));
  const properties = { displayName: 'shop', dnsName: sight === 'AVAILABLE' ? 'pg-1.ionos.com' : null };
  return Promise.resolve(Response.json({ id: SOME_CLUSTER, metadata: { state: sight, ...dates }, properties }));
}

interface Shown extends World {
  dates?: () => object;
  /** How long the API takes for each look. */
  lookMs?: number;
}

/** A cluster that shows one sight after the other, the last one for good; times are seconds since the first look. */
async function showing(sights: Sight[], { dates, lookMs = 0, ...world }: Shown = {}) {
  const left = [...sights];
  const looks: number[] = [];
  const started = Date.now();
  const fetch: Fetch = async (_, { signal }) => {
    looks.push((Date.now() - started) / 1000);
    const sight = left.length > 1 ? left.shift() : left[0];
    if (lookMs > 0) await pause(lookMs);
    return answerTo(sight ?? 'AVAILABLE', signal, dates?.());
  };
  return { looks, ...(await connect({ fetch, ...world })) };
}

/** Waits on a clock of the test's own. */
async function wait(
  sights: Sight[],
  args: object = {},
  { follow = false, ...world }: Shown & { follow?: boolean } = {},
) {
  const progress: Progress[] = [];
  return hurried(async () => {
    const started = Date.now();
    const { call, looks, log } = await showing(sights, world);
    const onprogress = follow ? (step: Progress) => void progress.push(step) : undefined;
    const options = { onprogress, timeout: 900_000 };
    const result = await call('wait_for_cluster', { clusterId: SOME_CLUSTER, ...args }, options);
    return {
      result,
      looks,
      log,
      progress,
      took: (Date.now() - started) / 1000,
      answer: Object(result.structuredContent),
    };
  });
}

describe('wait_for_cluster', () => {
  test("polls until the cluster is AVAILABLE, at the pace of IONOS's tools, and returns its host name", async () => {
    const { answer, looks } = await wait(['BUSY', 'BUSY', 'BUSY', 'BUSY', 'BUSY', 'BUSY', 'BUSY', 'AVAILABLE']);

    expect(answer).toEqual({
      outcome: 'reached',
      state: 'AVAILABLE',
      seconds: 36,
      displayName: 'shop',
      dnsName: 'pg-1.ionos.com',
      connection: expect.stringContaining('@pg-1.ionos.com:5432/'),
      note: 'AVAILABLE after 36 s.',
    });
    expect(looks.map(Math.round)).toEqual([0, 1, 2, 4, 8, 16, 26, 36]);
  });

  test('takes an AVAILABLE that nothing puts in doubt for the end', async () => {
    for (const seconds of [0, 1, 45]) {
      const { answer, looks } = await wait(['AVAILABLE'], { wait: seconds });
      expect(answer).toMatchObject({ outcome: 'reached', state: 'AVAILABLE', seconds: 0 });
      expect(looks).toHaveLength(1);
    }
  });

  const lately = () => new Date(Date.now() - 30_000).toISOString();
  const longAgo = () => new Date(Date.now() - 90_000).toISOString();

  test.each<[string, () => object]>([
    ['changed', () => ({ createdDate: longAgo(), lastModifiedDate: lately() })],
    ['created', () => ({ createdDate: lately() })],
  ])('does not take the first AVAILABLE of a cluster that was just %s for the end', async (_, dates) => {
    const late = await wait(['AVAILABLE', 'AVAILABLE', 'BUSY', 'BUSY', 'AVAILABLE'], {}, { dates });
    expect(late.answer).toMatchObject({ outcome: 'reached', state: 'AVAILABLE' });
    expect(late.looks).toHaveLength(5);

    const { answer } = await wait(['AVAILABLE'], {}, { dates });
    expect(answer).toMatchObject({ outcome: 'reached', seconds: 5 });
  });

  test.each([0, 1, 3])('never waits longer than requested: %i s', async (seconds) => {
    const doubted = await wait(['AVAILABLE'], { wait: seconds }, { dates: () => ({ createdDate: lately() }) });
    expect(doubted.took).toBeLessThanOrEqual(seconds + 0.2);
    expect(doubted.answer).toMatchObject({ outcome: 'waiting', note: expect.stringMatching(/may not have begun/) });

    const busy = await wait(['BUSY'], { wait: seconds });
    expect(busy.took).toBeLessThanOrEqual(seconds + 0.2);
    const settled = await wait(['AVAILABLE'], { wait: seconds }, { dates: () => ({ createdDate: longAgo() }) });
    expect(settled.answer).toMatchObject({ outcome: 'reached', seconds: 0 });
  });

  test.each([300, 900, 2_200, 3_000, 5_500, 12_000])(
    'keeps its time where the API takes %i ms for each look',
    async (lookMs) => {
      for (const seconds of [3, 6, 10, 20, 43]) {
        const { answer, took } = await wait(['BUSY'], { wait: seconds }, { lookMs });

        expect(took, `of ${seconds} s`).toBeLessThanOrEqual(seconds + 0.02);
        const isSeen = lookMs < seconds * 1000;
        expect(answer).toMatchObject({ outcome: 'waiting', state: isSeen ? 'BUSY' : undefined });
      }
    },
  );

  test('gives the first look a second, however short the wait', async () => {
    const seen = await wait(['BUSY'], { wait: 0 }, { lookMs: 900 });
    expect(seen.answer).toMatchObject({ outcome: 'waiting', state: 'BUSY' });

    const late = await wait(['BUSY'], { wait: 0 }, { lookMs: 5_000 });
    expect(late.took).toBeCloseTo(1, 1);
  });

  test('says that nothing is known where no look was answered', async () => {
    const { answer } = await wait(['hang'], { wait: 4 });

    expect(answer).toEqual({
      outcome: 'waiting',
      seconds: 4,
      note: 'Nothing is known about the cluster after 4 s. Call wait_for_cluster again. The last check failed: no answer came in time.',
    });
  });

  test('says what was wrong before, where the last look is cut short', async () => {
    const { answer } = await wait(['drop', 'drop', 'drop', 'hang'], { wait: 15 });

    expect(answer.note).toBe(
      'Nothing is known about the cluster after 15 s. Call wait_for_cluster again. The last check failed: the connection failed (ECONNRESET).',
    );
  });

  test('tells no address of a cluster that is gone', async () => {
    const { answer } = await wait(['AVAILABLE', 'AVAILABLE', 404], { until: 'GONE' });

    expect(answer).toEqual({
      outcome: 'reached',
      state: 'GONE',
      seconds: 2,
      displayName: 'shop',
      note: expect.stringContaining('404'),
    });
  });

  test('doubts AVAILABLE after a write of its own, for a minute', async () => {
    await hurried(async () => {
      const { call, sandbox, pass } = await connect();
      const { id } = sandbox.addCluster();
      const { fetch } = sandbox;
      // As where neither a restore nor a user changes the date of the cluster.
      sandbox.fetch = async (request) => {
        if (request.method === 'POST') return new Response(null, { status: 202 });
        return fetch(request);
      };
      pass(120_000);
      await call('create_user', { clusterId: id, username: 'app', password: 'long-enough' });

      const doubted = Object((await call('wait_for_cluster', { clusterId: id, wait: 0 })).structuredContent);
      expect(doubted).toMatchObject({ outcome: 'waiting', state: 'AVAILABLE' });

      await new Promise((resolve) => setTimeout(resolve, 61_000));
      const trusted = Object((await call('wait_for_cluster', { clusterId: id, wait: 0 })).structuredContent);
      expect(trusted).toMatchObject({ outcome: 'reached' });
    });
  });

  test('goes on looking at a FAILED cluster, since that can pass', async () => {
    const { answer } = await wait(['BUSY', 'FAILED', 'FAILED', 'UNKNOWN', 'DEGRADED', 'AVAILABLE']);

    expect(answer).toMatchObject({ outcome: 'reached', state: 'AVAILABLE' });
  });

  test.each([
    ['BUSY', /^Still BUSY after 4[345] s; changes take minutes\. Call wait_for_cluster again\.$/],
    ['DEGRADED', /^DEGRADED after 4[345] s: a part of it has failed, and waiting may not help\. .*contact IONOS\.$/],
    ['FAILED', /^FAILED after 4[345] s\. This may be temporary: call wait_for_cluster again/],
  ])('answers within 45 seconds with the state so far: %s', async (state, note) => {
    const { answer, took, result } = await wait([state]);

    expect(result.isError).toBeFalsy();
    expect(answer).toMatchObject({ outcome: 'waiting', state, note: expect.stringMatching(note) });
    expect(took).toBeGreaterThan(42);
    expect(took).toBeLessThan(45.3);
  });

  test.each([
    [600, true, 600],
    [45, true, 43],
    [120, true, 120],
    [10, true, 10],
    [600, false, 43],
    [10, false, 10],
    [0, false, 0],
  ])('asked for %i seconds, followed: %s, it waits for about %i', async (seconds, follow, expected) => {
    const { answer, took } = await wait(['BUSY'], { wait: seconds }, { follow });

    expect(answer).toMatchObject({ outcome: 'waiting', state: 'BUSY' });
    expect(Math.abs(took - expected)).toBeLessThan(2.5);
  });

  test('reports the state and the time as progress, at once and with each check', async () => {
    for (const era of ERAS) {
      const { progress } = await wait(['BUSY', 'BUSY', 'AVAILABLE'], {}, { follow: true, era });

      expect(progress.map(({ message }) => message)).toEqual([
        `${SOME_CLUSTER}: not seen yet, 0 s`,
        `"shop" (${SOME_CLUSTER}): BUSY, 0 s`,
        expect.stringMatching(/^"shop" \(.{36}\): BUSY, 1 s$/),
        expect.stringMatching(/^"shop" \(.{36}\): AVAILABLE, 2 s$/),
      ]);
      const steps = progress.map((step) => step.progress);
      for (const [n, step] of steps.entries()) expect(step).toBeGreaterThan(steps[n - 1] ?? 0);
    }
  });

  test('tolerates checks that fail in between', async () => {
    const { answer, log } = await wait(['BUSY', 503, 503, 503, 'drop', 'drop', 'drop', 'BUSY', 500, 'AVAILABLE']);

    expect(answer).toMatchObject({ outcome: 'reached', state: 'AVAILABLE' });
    expect(log).toMatchObject([{ outcome: 'done', attempts: 10 }]);
  });

  test('says that the checks fail where they keep failing', async () => {
    const { answer } = await wait(['BUSY', 'drop']);

    expect(answer).toMatchObject({
      outcome: 'waiting',
      state: 'BUSY',
      note: expect.stringContaining('The last check failed: the connection failed (ECONNRESET).'),
    });
  });

  test('ends in time even if the API does not answer', async () => {
    const { answer, took } = await wait(['BUSY', 'hang'], { wait: 10 });

    expect(answer).toMatchObject({ outcome: 'waiting', state: 'BUSY' });
    expect(took).toBeLessThan(11.5);

    const atLast = await wait(['BUSY', 'BUSY', 'BUSY', 'hang'], { wait: 3 });
    expect(atLast.looks).toHaveLength(4);
    expect(atLast.took).toBeLessThan(3.5);
  });

  test('fails where the API refuses for good', async () => {
    const { result, looks } = await wait(['BUSY', 401]);

    expect(errorOf(result)).toMatch(/^The API answered 401/);
    expect(looks).toHaveLength(2);
  });

  test('fails where there is no such cluster, after a while in which a new one may not be known yet', async () => {
    const unknown = await wait([404]);
    expect(errorOf(unknown.result)).toMatch(/^The API answered 404/);
    expect(unknown.took).toBeGreaterThan(14);

    const late = await wait([404, 404, 'BUSY', 'AVAILABLE']);
    expect(late.answer).toMatchObject({ outcome: 'reached' });
  });

  test.each(['GONE', 'gone'])('waits until a cluster is %s', async (until) => {
    const { answer } = await wait(['DESTROYING', 'DESTROYING', 404], { until });
    expect(answer).toMatchObject({ outcome: 'reached', state: 'GONE' });

    const already = await wait([404], { until });
    expect(already.answer).toMatchObject({ outcome: 'reached', state: 'GONE', seconds: 0 });
  });

  test('fails for an ID that does not exist, however short the wait', async () => {
    for (const seconds of [0, 5]) {
      const { result } = await wait([404], { wait: seconds });
      expect(errorOf(result)).toMatch(/^The API answered 404/);
    }
  });

  test('says that an ID can be wrong where it was to be gone', async () => {
    const { answer } = await wait([404], { until: 'GONE' });

    expect(answer.note).toBe('The API has no cluster with this ID (404): it was deleted, or the ID is wrong.');
  });

  test('says which names are similar to one that nobody has seen, and that it reached nothing', async () => {
    const { call } = await connect();

    const mistyped = writtenIn(await call('wait_for_cluster', { clusterId: 'order', until: 'GONE', wait: 1 }));
    const unlike = writtenIn(await call('wait_for_cluster', { clusterId: 'zzzzzzzz', until: 'GONE', wait: 1 }));

    expect(mistyped).toMatchObject({ outcome: 'gone', state: 'GONE' });
    expect(mistyped.note).toMatch(
      /^No cluster has this name: it was deleted, or the name is wrong\. Similar: "orders"/,
    );
    expect(unlike.note).toBe('No cluster has this name: it was deleted, or the name is wrong.');
  });

  test.each(['ready', ' ', 5])('takes no state that the API does not have: %j', async (until) => {
    const { result, looks } = await wait(['AVAILABLE'], { until });

    expect(errorOf(result)).toMatch(/until.*must be one of: AVAILABLE, GONE, BUSY/);
    expect(looks).toEqual([]);
  });

  test('leaves no listener behind, however often it checks', async () => {
    const warnings: Error[] = [];
    const listen = (warning: Error) => void warnings.push(warning);
    process.on('warning', listen);
    await wait(['BUSY'], { wait: 300 }, { follow: true });
    await new Promise((resolve) => setTimeout(resolve, 10));
    process.off('warning', listen);

    expect(warnings).toEqual([]);
  });

  test('says that a cluster is gone that was to become AVAILABLE', async () => {
    const { answer } = await wait(['BUSY', 'DESTROYING', 404]);

    expect(answer).toMatchObject({ outcome: 'gone', state: 'GONE', note: expect.stringContaining('404') });
  });

  test('waits for any other state', async () => {
    const { answer } = await wait(['AVAILABLE', 'AVAILABLE', 'BUSY'], { until: 'busy' });

    expect(answer).toMatchObject({ outcome: 'reached', state: 'BUSY' });
  });

  test('shows whatever states come, and never ends early', async () => {
    const state = fc.constantFrom<Sight>(
      'AVAILABLE',
      'BUSY',
      'FAILED',
      'UNKNOWN',
      'DEGRADED',
      'PROVISIONING',
      503,
      'drop',
      404,
    );
    await fc.assert(
      fc.asyncProperty(fc.array(state, { minLength: 1, maxLength: 12 }), async (sights) => {
        const dates = () => ({ createdDate: new Date(Date.now() - 1_000).toISOString() });
        const { answer, result, looks, took } = await wait(sights, {}, { dates });

        expect(took).toBeLessThan(45.5);
        if (result.isError) {
          expect(errorOf(result)).toMatch(/^The API answered 404/);
          return;
        }
        const seen = sights.filter((sight) => typeof sight === 'string' && sight !== 'drop');
        if (answer.outcome === 'gone') expect(sights).toContain(404);
        else if (answer.state !== undefined) expect(seen).toContain(answer.state);
        if (answer.outcome !== 'reached') return;
        expect(answer.state).toBe('AVAILABLE');
        const changed = seen.slice(0, looks.length).some((sight) => sight !== 'AVAILABLE');
        expect(changed || took >= 5).toBe(true);
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});

describe('a wait that is cancelled', () => {
  test.each(ERAS)('stops at once, during a check or between two (%s)', async (era) => {
    for (const [sights, before] of [
      [['hang'], 1] as const,
      [['BUSY'], 1] as const,
      [['BUSY', 'BUSY', 'hang'], 3] as const,
    ]) {
      const signals: AbortSignal[] = [];
      const left: Sight[] = [...sights];
      let sayThatItLooked = () => {};
      const looked = new Promise<void>((resolve) => {
        sayThatItLooked = resolve;
      });
      const { call, log } = await connect({
        era,
        fetch(_, { signal }) {
          signals.push(signal);
          if (signals.length === before) sayThatItLooked();
          return answerTo((left.length > 1 ? left.shift() : left[0]) ?? 'BUSY', signal);
        },
      });
      const controller = new AbortController();

      await hurried(async () => {
        const waiting = call('wait_for_cluster', { clusterId: SOME_CLUSTER }, { signal: controller.signal });
        waiting.catch(() => {});
        await looked;
        await new Promise((resolve) => setTimeout(resolve, 100));
        controller.abort();
        await expect(waiting).rejects.toThrow();
        await new Promise((resolve) => setTimeout(resolve, 20_000));
      });

      expect(log).toMatchObject([{ tool: 'wait_for_cluster', outcome: 'cancelled' }]);
      expect(signals).toHaveLength(before);
      if (sights.at(-1) === 'hang') expect(signals.at(-1)?.aborted).toBe(true);
    }
  });
});

describe.each(['modern', 'legacy', 'sse'] as const)('over HTTP (%s)', (kind) => {
  test('progress reaches the client, the first of it within five seconds', async () => {
    const world = await host({ fetch: async () => answerTo('AVAILABLE', new AbortController().signal) });
    const client = await world[kind]();
    const messages: [number, string | undefined][] = [];
    const started = performance.now();
    const onprogress = ({ message }: Progress) => void messages.push([performance.now() - started, message]);

    // The older client takes a schema in second place.
    const params = { name: 'wait_for_cluster', arguments: { clusterId: SOME_CLUSTER, until: 'BUSY', wait: 2 } };
    if (kind === 'modern') await (await world.modern()).callTool(params, { onprogress });
    else await (await world[kind]()).callTool(params, undefined, { onprogress });

    expect(messages[0]?.[0]).toBeLessThan(5_000);
    expect(messages[0]?.[1]).toBe(`${SOME_CLUSTER}: not seen yet, 0 s`);
    expect(messages.length).toBeGreaterThan(3);
    await client.close();
  });
});

describe('create_cluster and update_cluster with wait', () => {
  test('answer with the cluster as it is then', async () => {
    const { call, sandbox } = await connect();

    const created = await hurried(() => call('create_cluster', { ...order, wait: 20 }));
    expect(created.structuredContent).toMatchObject({
      outcome: 'done',
      cluster: { metadata: { state: 'AVAILABLE' }, properties: { dnsName: expect.stringMatching(/^pg-/) } },
      note: expect.stringMatching(/AVAILABLE after \d+ s\.$/),
    });

    const { id } = sandbox.addCluster();
    const updated = await hurried(() => call('update_cluster', { clusterId: id, cores: 4, wait: 'true' }));
    expect(updated.structuredContent).toMatchObject({ outcome: 'done', cluster: { metadata: { state: 'AVAILABLE' } } });
  });

  test('do not take what the API said of before for the end', async () => {
    const reads: Sight[] = ['AVAILABLE', 'AVAILABLE', 'AVAILABLE', 'AVAILABLE', 'BUSY', 'BUSY', 'AVAILABLE'];
    const { result } = await hurried(async () => {
      const { call } = await connect({
        async fetch(request, { signal }) {
          if (request.method === 'PATCH') return answerTo('BUSY', signal);
          return answerTo((reads.length > 1 ? reads.shift() : reads[0]) ?? 'AVAILABLE', signal);
        },
      });
      return { result: await call('update_cluster', { clusterId: SOME_CLUSTER, cores: 4, wait: 30 }) };
    });

    expect(reads).toHaveLength(1);
    expect(result.structuredContent).toMatchObject({ outcome: 'done', cluster: { metadata: { state: 'AVAILABLE' } } });
  });

  test('wait for a change that is under way already', async () => {
    const { call, sandbox, sent } = await connect();
    const { id } = sandbox.addCluster();
    await call('update_cluster', { clusterId: id, cores: 4 });

    const again = await hurried(() => call('update_cluster', { clusterId: id, cores: 4, wait: 20 }));

    expect(again.structuredContent).toMatchObject({ outcome: 'done', cluster: { metadata: { state: 'AVAILABLE' } } });
    expect(sent()).toHaveLength(1);
  });

  test('are logged when they are done, and not when the wait is', async () => {
    const { call, sandbox, log } = await connect();
    const { id } = sandbox.addCluster();

    const waiting = call('update_cluster', { clusterId: id, cores: 4, wait: 1 });
    await expect.poll(() => log.length, { timeout: 2_000 }).toBe(1);

    expect(log).toMatchObject([{ tool: 'update_cluster', target: id, outcome: 'started', audit: true, attempts: 4 }]);
    await waiting;
    expect(log).toHaveLength(1);
  });

  test('report progress within five seconds', async () => {
    const messages: [seconds: number, message?: string][] = [];
    await hurried(async () => {
      const started = Date.now();
      const { call } = await connect({
        fetch: readable(async (_, { signal }) => {
          await new Promise((resolve) => setTimeout(resolve, 19_800));
          return answerTo('BUSY', signal);
        }),
      });
      const onprogress = ({ message }: Progress) => void messages.push([(Date.now() - started) / 1000, message]);
      await call('update_cluster', { clusterId: SOME_CLUSTER, cores: 4 }, { onprogress });
    });

    expect(messages).toEqual([
      [expect.closeTo(4, 0), 'working for 4 s'],
      [expect.closeTo(19, 0), 'working for 19 s'],
    ]);
  });

  test('do not wait by default', async () => {
    const { call, requests } = await connect();

    for (const wait of [undefined, 0, false, 'false']) {
      const { structuredContent } = await call('create_cluster', { ...unplaced, allowDuplicate: true, wait });
      expect(structuredContent).toMatchObject({ cluster: { metadata: { state: 'BUSY' } } });
    }
    expect(
      requests.filter(({ method, path }) => method === 'POST' || /^clusters\/[\da-f-]{36}/.test(path)),
    ).toHaveLength(4);
  });

  test('are done whatever becomes of the wait', async () => {
    const { call, sandbox, log } = await connect();
    const whole = sandbox.fetch;
    let ordered = false;
    sandbox.fetch = async (request) => {
      if (ordered && request.method === 'GET') return Response.json({ messages: [] }, { status: 401 });
      ordered ||= request.method === 'POST';
      return whole(request);
    };

    const { structuredContent } = await call('create_cluster', { ...order, wait: 20 });

    expect(structuredContent).toMatchObject({ outcome: 'started', cluster: { metadata: { state: 'BUSY' } } });
    expect(log).toMatchObject([{ outcome: 'started' }]);
  });

  test('that are cancelled while they wait still count as done, and the log says so', async () => {
    const { call, sent, log } = await connect();
    const controller = new AbortController();

    const creating = call('create_cluster', { ...order, wait: 45 }, { signal: controller.signal });
    creating.catch(() => {});
    await vi.waitUntil(() => sent().length === 1);
    await new Promise((resolve) => setTimeout(resolve, 200));
    controller.abort();

    await expect(creating).rejects.toThrow();
    await expect.poll(() => log).toMatchObject([{ tool: 'create_cluster', outcome: 'started', audit: true }]);
  });

  test.each([601, -1, 1.5, 'soon', []])('take no wait of %j', async (seconds) => {
    const { call, requests } = await connect();

    expect(errorOf(await call('create_cluster', { ...order, wait: seconds }))).toMatch(/wait.*must be/);
    expect(requests).toEqual([]);
  });
});

test.each(['GONE', 'BUSY'])(
  'a wait for %s of a cluster to which nothing was sent does not speak of a change',
  async (until) => {
    const { call } = await connect();

    const { structuredContent } = await call('wait_for_cluster', { clusterId: ORDERS, until, wait: 0 });

    expect(structuredContent).toMatchObject({
      outcome: 'waiting',
      note: 'Still AVAILABLE after 0 s: no change is known to be in progress.',
    });
  },
);
