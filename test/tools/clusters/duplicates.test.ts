import { describe, expect, test, vi } from 'vitest';
import type { Sandbox } from '../../../src/sandbox/index.ts';
import { createMemoryState } from '../../../src/state/memory.ts';
import { ago, BACKUP, DAY } from '../../helpers/backups.ts';
import { connect, errorOf } from '../../helpers/connect.ts';
import { hurried } from '../../helpers/fake-clock.ts';
import { order, unplaced } from '../../helpers/orders.ts';
import { isIn, played, refused } from '../../helpers/regions.ts';

const answerIn = ({ structuredContent }: { structuredContent?: unknown }) =>
  Object(structuredContent) as { outcome?: string; note?: string; cluster?: { id: string } };

/** The API carries orders out, or not, and the answer to them is lost in this way. */
function losing(sandbox: Sandbox, { carriedOut, answer }: { carriedOut: boolean; answer?: number }) {
  const whole = sandbox.fetch;
  sandbox.fetch = async (request) => {
    if (request.method !== 'POST') return whole(request);
    if (carriedOut) await whole(request);
    if (answer) return Response.json({ messages: [{ message: 'a fault' }] }, { status: answer });
    throw new TypeError('fetch failed', { cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }) });
  };
}

const WAYS = [
  ['a broken connection', undefined, /^The request was sent, but the connection failed \(ECONNRESET\)\.\n/],
  ['500', 500, /^The API answered 500: a fault\n/],
  ['504', 504, /^The API answered 504: a fault\n/],
] as const;

describe('an order whose answer is lost', () => {
  test.each(WAYS)('is found where it was carried out: %s', async (_, answer, words) => {
    const { call, sandbox, sent, log } = await connect();
    losing(sandbox, { carriedOut: true, answer });

    const text = errorOf(await call('create_cluster', unplaced));

    const { structuredContent } = await call('list_clusters', { name: 'shop' });
    const [{ id }] = Object(structuredContent).clusters;
    expect(text).toMatch(words);
    expect(text).toContain(`A check of the API found: "shop" (${id}), BUSY, created `);
    expect(text).toMatch(/do not order again; continue with wait_for_cluster\.$/);
    expect(sent()).toHaveLength(1);
    expect(log[0]).toMatchObject({ tool: 'create_cluster', outcome: 'failed', audit: true });
  });

  test.each(WAYS)('is reported as unknown where none is found: %s', async (_, answer, words) => {
    const { call, sandbox, sent, requests } = await connect();
    sandbox.addCluster({ displayName: 'shop-2' });
    losing(sandbox, { carriedOut: false, answer });

    const text = errorOf(await hurried(() => call('create_cluster', unplaced)));

    expect(text).toMatch(words);
    expect(text).toMatch(/found no new cluster of this name\. The cluster may exist anyway/);
    expect(sent()).toHaveLength(1);
    // The plan's own list, and two looks after it.
    const lists = requests
      .filter(({ path }) => /^clusters\?/.test(path))
      .map(({ path }) => path.includes('filter.name'));
    expect(lists).toEqual([false, true, true]);
  });

  test('is found by a second check where the API does not list it at once', async () => {
    const { call, sandbox } = await connect();
    losing(sandbox, { carriedOut: true });
    const whole = sandbox.fetch;
    let looks = 0;
    sandbox.fetch = async (request) => {
      if (!request.url.includes('filter.name')) return whole(request);
      looks += 1;
      return looks === 1 ? Response.json({ items: [] }) : whole(request);
    };

    const text = errorOf(await hurried(() => call('create_cluster', unplaced)));

    expect(text).toContain('A check of the API found: "shop" (');
    expect(looks).toBe(2);
  });

  test.each([true, false])('is not taken for one of before, carried out: %s', async (carriedOut) => {
    const { call, sandbox } = await connect();
    const { cluster } = answerIn(await call('create_cluster', unplaced));
    losing(sandbox, { carriedOut });

    const text = errorOf(await hurried(() => call('create_cluster', { ...unplaced, allowDuplicate: true })));

    expect(text).not.toContain(cluster?.id);
    expect(text).toMatch(carriedOut ? /found: "shop" \([\da-f-]{36}\), BUSY/ : /found no new cluster of this name\./);
  });

  test.each([408, 499, 460])('by a gateway that answers %i may have been carried out', async (answer) => {
    const { call, sandbox, sent } = await connect();
    losing(sandbox, { carriedOut: true, answer });

    const text = errorOf(await call('create_cluster', unplaced));

    expect(text).toMatch(/A check of the API found: "shop"/);
    expect(answerIn(await call('create_cluster', unplaced))).toMatchObject({ outcome: 'duplicate' });
    expect(sent()).toHaveLength(1);
  });

  test('when the server shuts down is reported with what is known', async () => {
    const { call, sandbox, servers, sent } = await connect();
    const whole = sandbox.fetch;
    sandbox.fetch = async (request) => {
      if (request.method !== 'POST') return whole(request);
      await whole(request);
      return new Promise((_, reject) => request.signal.addEventListener('abort', () => reject(request.signal.reason)));
    };

    const ordering = call('create_cluster', unplaced);
    await expect.poll(() => sent().length).toBe(1);
    await servers.drain(0);

    expect(errorOf(await ordering)).toMatch(
      /^The request was sent, but this server is shutting down\.\nThe cluster may exist/,
    );
  });

  test('is not begun where no time would be left for it', async () => {
    const { call, sandbox, sent } = await connect();
    const whole = sandbox.fetch;
    let looks = 0;
    sandbox.fetch = async (request) => {
      if (!/\/clusters\?/.test(request.url)) return whole(request);
      await new Promise((resolve) => setTimeout(resolve, 15_000));
      looks += 1;
      return looks === 1 ? Response.json({}, { status: 503 }) : whole(request);
    };

    const text = errorOf(await hurried(() => call('create_cluster', unplaced)));

    expect(text).toMatch(/^Nothing was sent\. The API answers so slowly that no time is left/);
    expect(sent()).toEqual([]);
  });

  test('does not blame the API where another write had to end first', async () => {
    const state = createMemoryState();
    const firstAt = 15_000;
    let since: number | undefined;
    const held: typeof state = {
      ...state,
      async lease(...given) {
        since ??= Date.now();
        return Date.now() - since >= firstAt && state.lease(...given);
      },
    };
    const { call, sandbox, sent } = await connect({ state: held });
    const { id } = sandbox.addCluster({ displayName: 'shop' });
    const whole = sandbox.fetch;
    sandbox.fetch = async (request) => {
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      return whole(request);
    };

    const text = errorOf(await hurried(() => call('update_cluster', { clusterId: id, cores: 8 })));

    expect(text).toMatch(/^Nothing was sent\. Another write to this cluster had to end first, and no time is left/);
    expect(sent()).toEqual([]);
  });

  test('is not sent again by the next call either', async () => {
    const { call, sandbox, sent } = await connect();
    losing(sandbox, { carriedOut: true });
    await call('create_cluster', unplaced);

    const again = answerIn(await call('create_cluster', unplaced));

    expect(again).toMatchObject({ outcome: 'duplicate' });
    expect(sent()).toHaveLength(1);
  });

  test('that cannot be checked either keeps the earlier message', async () => {
    const { call, sandbox, sent } = await connect();
    losing(sandbox, { carriedOut: true });
    const whole = sandbox.fetch;
    sandbox.fetch = async (request) => {
      if (request.method === 'GET' && sent().length > 0) return Response.json({}, { status: 503 });
      return whole(request);
    };

    const text = errorOf(await hurried(() => call('create_cluster', unplaced)));

    expect(text).toMatch(/The cluster may exist anyway: check list_clusters before ordering again/);
  });
});

const inFrankfurt = { datacenterId: '3c95b7d2-6a40-4f18-b2e7-91d8c0f4a563', lanId: '1' };

describe('an order like one before', () => {
  test('is answered with the first, and a question', async () => {
    const { call, sent, log } = await connect();
    const first = answerIn(await call('create_cluster', unplaced));

    const second = answerIn(await call('create_cluster', { ...unplaced, cores: 8 }));

    expect(second).toMatchObject({
      outcome: 'duplicate',
      cluster: { id: first.cluster?.id, metadata: { state: 'BUSY' } },
      note: expect.stringMatching(/Nothing was sent.*less than 10 minutes ago.*allowDuplicate: true/),
    });
    expect(sent()).toHaveLength(1);
    expect(log).toMatchObject([{ outcome: 'started' }, { outcome: 'duplicate', audit: true }]);
  });

  test.each([
    ['names a backup that is gone', { fromBackup: { backupId: `${BACKUP}x` } }],
    ['names a moment before any backup', { fromBackup: { backupId: BACKUP, recoveryTargetTime: ago(400 * DAY) } }],
    ['has a version that is not offered any more', { postgresVersion: '9' }],
    ['has the address of the first', { connections: order.connections }],
  ])('is answered with the first even if it %s', async (_, change) => {
    const { call, sent } = await connect();
    const first = answerIn(await call('create_cluster', order));
    const second = { ...unplaced, ...change };

    expect(answerIn(await call('create_cluster', second))).toMatchObject({
      outcome: 'duplicate',
      cluster: { id: first.cluster?.id },
    });
    expect(errorOf(await call('create_cluster', { ...second, allowDuplicate: true }))).toMatch(/^Nothing was sent\./);
    expect(sent()).toHaveLength(1);
  });

  test('is sent with allowDuplicate, as often as that is said', async () => {
    const { call, sent } = await connect();
    for (let n = 0; n < 3; n += 1) {
      expect(answerIn(await call('create_cluster', { ...unplaced, allowDuplicate: true }))).toMatchObject({
        outcome: 'started',
      });
    }

    expect(sent()).toHaveLength(3);
    for (const { body } of sent()) expect(body).not.toHaveProperty('properties.allowDuplicate');
  });

  test.each([
    ['another name', { displayName: 'shop-2' }],
    ['the name in capitals', { displayName: 'Shop' }],
    ['another place', { location: 'de/fra', connections: [inFrankfurt] }],
  ])('but for %s is another one', async (_, change) => {
    const { call, sent } = await connect();
    await call('create_cluster', unplaced);

    expect(answerIn(await call('create_cluster', { ...unplaced, ...change }))).toMatchObject({ outcome: 'started' });
    expect(sent()).toHaveLength(2);
  });

  test('is the same in de/fra/2, which the API reports as de/fra', async () => {
    const { call, sent } = await connect();
    const there = { ...unplaced, location: 'de/fra/2', connections: [inFrankfurt] };
    await call('create_cluster', there);

    expect(answerIn(await call('create_cluster', there))).toMatchObject({ outcome: 'duplicate' });
    expect(sent()).toHaveLength(1);
  });

  test('is another one after ten minutes', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      const { call, sent } = await connect();
      await call('create_cluster', unplaced);
      vi.setSystemTime(Date.now() + 598_000);
      expect(answerIn(await call('create_cluster', unplaced))).toMatchObject({ outcome: 'duplicate' });

      vi.setSystemTime(Date.now() + 3_000);
      expect(answerIn(await call('create_cluster', unplaced))).toMatchObject({ outcome: 'started' });
      expect(sent()).toHaveLength(2);
    } finally {
      vi.useRealTimers();
    }
  });

  test('that comes at the same time is one order', async () => {
    const { call, sent } = await connect();

    const results = await Promise.all(Array.from({ length: 5 }, () => call('create_cluster', unplaced)));

    const outcomes = results.map((result) => answerIn(result).outcome).sort();
    expect(outcomes).toEqual(['duplicate', 'duplicate', 'duplicate', 'duplicate', 'started']);
    expect(sent()).toHaveLength(1);
  });

  test('is another one once the first is being deleted', async () => {
    const { call, sent } = await connect();
    const { cluster } = answerIn(await call('create_cluster', unplaced));
    await call('delete_cluster', { clusterId: cluster?.id });

    expect(answerIn(await call('create_cluster', unplaced))).toMatchObject({ outcome: 'started' });
    expect(sent()).toHaveLength(3);
  });

  test('can be sent at once where the API refused the first', async () => {
    const { call } = await connect();

    expect(errorOf(await call('create_cluster', { ...unplaced, ram: 2048 }))).toMatch(/^The API answered 422/);
    expect(answerIn(await call('create_cluster', unplaced))).toMatchObject({ outcome: 'started' });
  });

  test.each([
    ['answers 403', () => refused(403)],
    ['answers 503', () => refused(503)],
    ['cannot be reached', () => Promise.reject(new TypeError('reset'))],
  ])('may be in a region that %s, and the plan says so', async (_, instead) => {
    const { fetch } = played((host) => (isIn(host, 'us-las') ? instead() : undefined));
    const { call } = await connect({ api: 'auto', fetch });

    // Then the region is left alone.
    for (let n = 0; n < 2; n += 1) {
      const { structuredContent } = await call('create_cluster', { ...unplaced, dryRun: true });
      expect(Object(structuredContent).plan.effects).toContain(
        'A cluster of this name may exist in a region of API v2 that does not answer (us-las).',
      );
    }
  });

  test.each([
    ['all have answered', { api: 'auto' }],
    ['others are left out', { api: 'auto', regions: ['de-txl'] }],
    ['v1 alone is asked', { api: 'v1' }],
  ] as const)('is not said to be in a region where %s', async (_, world) => {
    const { call } = await connect(world);
    const { structuredContent } = await call('create_cluster', { ...unplaced, dryRun: true });

    expect(Object(structuredContent).plan.effects.join('\n')).not.toContain('of this name');
  });

  test('counts for one account alone', async () => {
    // What callers of one account order is no business of another's.
    const { createClaims } = await import('../../../src/writes/claims.ts');
    const claims = createClaims(createMemoryState());
    expect(await claims.place('one', { once: ['shop'] })).toBeDefined();

    expect(await claims.place('one', { once: ['shop'] })).toBeUndefined();
    expect(await claims.place('other', { once: ['shop'] })).toBeDefined();
  });
});
