import { describe, expect, test, vi } from 'vitest';
import { hurried } from '../../helpers/fake-clock.ts';
import {
  type Answer,
  all,
  ID,
  idsOf,
  item,
  listing,
  missing,
  never,
  nothing,
  slowly,
  status,
  unreachable,
  world,
} from './world.ts';

const MINUTE = 60_000;

/** Runs on a clock that only moves where the test sets it. */
async function frozen(work: (pass: (ms: number) => void) => Promise<void>) {
  vi.useFakeTimers({ toFake: ['Date'] });
  try {
    await work((ms) => void vi.setSystemTime(Date.now() + ms));
  } finally {
    vi.useRealTimers();
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  let took = 0;
  await hurried(async () => {
    const started = Date.now();
    await work();
    took = Date.now() - started;
  });
  return took;
}

describe('what is remembered', () => {
  const found = () => Response.json({ id: ID });

  test('is of one account alone', async () => {
    const { reads, asked } = world({ v1: missing, one: found, two: missing });
    await reads({ account: 'a' }).cluster(ID, item);
    const before = asked.length;
    await reads({ account: 'b' }).cluster(ID, item);
    expect(asked.slice(before)).toEqual(['v1', 'one', 'two']);

    await reads({ account: 'b' }).cluster(ID, item);
    expect(asked.slice(before + 3)).toEqual(['one']);
  });

  test('ends after ten minutes', () =>
    frozen(async (pass) => {
      const { reads, asked } = world({ v1: missing, one: found });
      await reads().cluster(ID, item);
      pass(10 * MINUTE + 1);
      await reads().cluster(ID.toUpperCase(), item);

      expect(asked).toEqual(['v1', 'one', 'v1', 'one']);
    }));
});

describe('a region is left alone', () => {
  const brief: [string, Answer, RegExp][] = [
    ['fails', status(500), /answered 500/],
    ['is down', status(503), /answered 503/],
    ['is asked too often', status(429), /answered 429/],
    ['breaks off', () => Promise.reject(new Error('read ECONNRESET')), /gave no usable answer/],
    ['answers without a list', () => Response.json({}), /gave no usable answer/],
    ['answers with null', () => Response.json(null), /gave no usable answer/],
    ['has no list for items', () => Response.json({ items: {} }), /gave no usable answer/],
    ['has a text for items', () => Response.json({ items: 'none' }), /gave no usable answer/],
    ['has a page of a gateway', () => new Response('<html><title>Sign in</title></html>'), /gave no usable answer/],
  ];
  test.each(brief)('for a minute where it %s', (_, answer, reason) =>
    frozen(async (pass) => {
      const { reads, times } = world({ v1: nothing, one: answer });
      expect((await all(reads())).absent).toEqual([
        { region: 'one', reason: expect.stringMatching(reason), isBrief: true },
      ]);

      pass(MINUTE - 1);
      expect((await all(reads())).absent).toHaveLength(1);
      expect(times('one')).toBe(1);

      pass(1);
      await all(reads());
      expect(times('one')).toBe(2);
    }),
  );

  const lasting: [string, Answer, RegExp][] = [
    ['refuses', status(403), /refused \(403\)/],
    ['refuses the credentials', status(401), /refused the credentials/],
    ['has another path', status(404), /answered 404/],
    ['cannot be reached', unreachable, /could not be reached/],
  ];
  test.each(lasting)('for ten minutes where it %s', (_, answer, reason) =>
    frozen(async (pass) => {
      const { reads, times } = world({ v1: nothing, one: answer });
      expect((await all(reads())).absent).toEqual([
        { region: 'one', reason: expect.stringMatching(reason), isBrief: false },
      ]);

      pass(10 * MINUTE - 1);
      await all(reads());
      expect(times('one')).toBe(1);

      pass(1);
      await all(reads());
      expect(times('one')).toBe(2);
    }),
  );

  test('by its account alone', async () => {
    const { reads, times } = world({ v1: nothing, one: status(503) });
    await all(reads({ account: 'a' }));
    await all(reads({ account: 'b' }));

    expect(times('one')).toBe(2);
  });

  test.each([401, 403])('after a %i by the refused credential alone', async (code) => {
    const refusesOld: Record<string, Answer> = { v1: nothing, one: status(code) };
    const { reads, times } = world(refusesOld);
    const [old, fresh] = [
      { account: 'a', token: 'old' },
      { account: 'a', token: 'new' },
    ];
    await all(reads(old));
    await all(reads(old));
    expect(times('one')).toBe(1);

    refusesOld.one = () => listing(ID);
    expect(idsOf(await all(reads(fresh)))).toEqual([ID]);
    expect((await all(reads(old))).absent).toHaveLength(1);
  });

  test('by every credential of the account where it cannot be reached', async () => {
    const { reads, times } = world({ v1: nothing, one: unreachable });
    await all(reads({ account: 'a', token: 'old' }));
    await all(reads({ account: 'a', token: 'new' }));

    expect(times('one')).toBe(1);
  });

  test('where it was late with the full time, not where the call had little left', async () => {
    await hurried(async () => {
      const { reads, times } = world({ v1: nothing, one: never });
      for (const left of [800, 3_000]) {
        expect((await all(reads({ left }))).absent).toMatchObject([{ region: 'one', isBrief: true }]);
      }
      expect((await all(reads())).absent).toMatchObject([{ reason: 'no answer within 3 s', isBrief: false }]);
      expect(times('one')).toBe(3);

      await all(reads());
      expect(times('one')).toBe(3);
    });
  });

  test('by no one who gives it less time', () =>
    hurried(async () => {
      const { reads, times } = world({ v1: nothing, one: never });
      for (let n = 0; n < 2; n += 1) await reads().everySeen({ of: 'clusters' }, item, { longestMs: 1_000 });

      expect(times('one')).toBe(2);
    }));

  test('by no search that had little time left', () =>
    hurried(async () => {
      const { reads } = world({ v1: missing, one: never });
      await expect(reads({ left: 1_500 }).cluster(ID, item)).rejects.toMatchObject({ name: 'UnseenError' });

      expect(reads().unseen()).toBeUndefined();
    }));
});

describe('time', () => {
  test('of a list ends 3 s after v1 has answered, and 6 s after it began', async () => {
    const early = world({ v1: slowly(1_000, nothing), one: never });
    expect(await timed(() => all(early.reads()))).toBeCloseTo(4_000, -2);

    const late = world({ v1: slowly(10_000, nothing), one: never });
    const took = await timed(async () => {
      expect((await all(late.reads())).absent).toMatchObject([{ region: 'one', reason: 'no answer within 6 s' }]);
    });
    expect(took).toBeCloseTo(10_000, -2);
  });

  test('of a list over nine regions is that of one', async () => {
    const regions = Object.fromEntries(
      Array.from({ length: 9 }, (_, n) => [`r${n}`, slowly(100, () => listing(`c${n}`))]),
    );
    const { reads } = world({ v1: slowly(100, nothing), ...regions });

    expect(await timed(async () => expect((await all(reads())).items).toHaveLength(9))).toBeLessThanOrEqual(150);
  });

  test('of a search ends with the first region that has it', async () => {
    const { reads } = world({ v1: missing, one: never, two: () => Response.json({ id: ID }) });

    expect(await timed(() => reads().cluster(ID, item))).toBeLessThan(100);
    // Nothing is said against one that was not waited for.
    expect(reads().unseen()).toBeUndefined();
  });

  test('of a search that finds nothing ends after 3 s', async () => {
    const { reads } = world({ v1: missing, one: never });

    expect(await timed(() => expect(reads().cluster(ID, item)).rejects.toMatchObject({ status: 404 }))).toBeCloseTo(
      3_000,
      -2,
    );
    expect(reads().unseen()).toContain('one');
  });
});
