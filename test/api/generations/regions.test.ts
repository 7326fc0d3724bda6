import { describe, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { createApiClient, type Fetch } from '../../../src/api/client.ts';
import { createApis } from '../../../src/api/generations/index.ts';
import type { ClusterReads } from '../../../src/api/generations/port.ts';
import { hurried } from '../../helpers/fake-clock.ts';

const ID = '5d7f1c28-9e4a-4b63-a1d0-8c2e6f4b7a15';
const item = z.object({ id: z.string() });
const missing = () => Response.json({}, { status: 404 });
const nothing = () => Response.json({ type: 'collection', items: [] });

type Answers = Record<string, (path: string, signal: AbortSignal) => Response | Promise<Response>>;

/** v1 and the named regions of v2, as they answer. */
function world(answers: Answers) {
  const asked: string[] = [];
  const fetch: Fetch = async ({ url }, { signal }) => {
    const { hostname, pathname } = new URL(url);
    const name = hostname.split('.')[1] ?? '';
    asked.push(name);
    return (answers[name] ?? missing)(pathname, signal);
  };
  const clientAt = (apiUrl: string) => createApiClient({ apiUrl, authorization: 'Bearer x', userAgent: 'test', fetch });
  const regions = Object.keys(answers)
    .filter((name) => name !== 'v1')
    .map((name) => ({ name, client: clientAt(`https://a.${name}.example`) }));
  const apis = createApis({ v1: clientAt('https://a.v1.example'), v2: { isAlone: false, newClusters: 'v1', regions } });
  return {
    asked,
    reads: (account?: string): ClusterReads =>
      apis.forCall({ signal: new AbortController().signal, deadline: Date.now() + 45_000 }, account).clusters,
  };
}

const all = (reads: ClusterReads) => reads.rows({ of: 'clusters' }, item, { limit: 10, offset: 0 });

describe('what is remembered', () => {
  test('is of one account alone', async () => {
    const { reads, asked } = world({ v1: missing, one: () => Response.json({ id: ID }), two: missing });
    await reads('a').cluster(ID, item);
    const before = asked.length;
    await reads('b').cluster(ID, item);
    expect(asked.slice(before)).toEqual(['v1', 'one', 'two']);

    await reads('b').cluster(ID, item);
    expect(asked.slice(before + 3)).toEqual(['one']);
  });

  test('ends after ten minutes', async () => {
    vi.useFakeTimers();
    try {
      const { reads, asked } = world({ v1: missing, one: () => Response.json({ id: ID }) });
      await reads().cluster(ID, item);
      vi.setSystemTime(Date.now() + 600_001);
      await reads().cluster(ID.toUpperCase(), item);

      expect(asked).toEqual(['v1', 'one', 'v1', 'one']);
    } finally {
      vi.useRealTimers();
    }
  });

  test.each([
    [403, 599_000, 600_001],
    [503, 59_000, 60_001],
  ])('of a region that answered %i ends in time, for its account alone', async (status, still, over) => {
    vi.useFakeTimers();
    try {
      const refusing = () => Response.json({}, { status });
      const { reads, asked } = world({ v1: nothing, one: refusing });
      const start = Date.now();
      const times = () => asked.filter((name) => name === 'one').length;
      expect((await all(reads('a'))).absent).toEqual([{ region: 'one', reason: expect.stringContaining(`${status}`) }]);
      await all(reads('b'));
      expect(times()).toBe(2);

      vi.setSystemTime(start + still);
      expect((await all(reads('a'))).absent).toHaveLength(1);
      expect(times()).toBe(2);

      vi.setSystemTime(start + over);
      await all(reads('a'));
      expect(times()).toBe(3);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('time', () => {
  const never = (_: string, signal: AbortSignal) =>
    new Promise<Response>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

  async function timed(work: () => Promise<unknown>): Promise<number> {
    let took = 0;
    await hurried(async () => {
      const started = Date.now();
      await work();
      took = Date.now() - started;
    });
    return took;
  }

  test('of a list ends 3 s after v1 has answered, and 6 s after it began', async () => {
    const answering = (ms: number) => () => new Promise<Response>((done) => setTimeout(() => done(nothing()), ms));
    const early = world({ v1: answering(1_000), one: never });
    expect(await timed(() => all(early.reads()))).toBeCloseTo(4_000, -2);

    const late = world({ v1: answering(10_000), one: never });
    const took = await timed(async () => {
      expect((await all(late.reads())).absent).toEqual([{ region: 'one', reason: 'no answer within 6 s' }]);
    });
    expect(took).toBeCloseTo(10_000, -2);
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

test('a failure of v1 is the failure of a list, and says nothing against a region', async () => {
  const { reads } = world({ v1: () => Response.json({}, { status: 401 }), one: nothing });

  await expect(all(reads())).rejects.toMatchObject({ status: 401 });
  expect(reads().unseen()).toBeUndefined();
});

test('a region that answers about another cluster has not found it', async () => {
  const { reads } = world({ v1: missing, one: () => Response.json({ id: 'another' }) });

  await expect(reads().cluster(ID, item)).rejects.toMatchObject({ status: 404 });
});

describe('a list of what is seen', () => {
  const seen = (reads: ClusterReads) => reads.everySeen({ of: 'clusters' }, item);
  const refusing = () => Response.json({}, { status: 403 });

  test('says which regions are missing in it, also while they are left alone', async () => {
    const rows = () => Response.json({ items: [{ id: ID }] });
    const { reads, asked } = world({ v1: nothing, one: rows, two: refusing });
    const first = await seen(reads());
    const second = await seen(reads());

    expect(first).toEqual({ items: [{ id: ID }], unseen: 'in a region of API v2 that does not answer (two)' });
    expect(second).toEqual(first);
    expect(asked.filter((name) => name === 'two')).toHaveLength(1);
  });

  test('says nothing where all have answered', async () => {
    const { reads } = world({ v1: nothing, one: nothing });

    expect(await seen(reads())).toEqual({ items: [], unseen: undefined });
  });

  test.each([
    ['v1 is left out', { isAlone: true, newClusters: 'v1' as const, regions: [] }, 'on API v1, which is not asked'],
    ['v2 is left out', undefined, 'moved to version 2 of the API, which this server does not reach'],
  ])('says so where %s', async (_, v2, unseen) => {
    const fetch = async () => nothing();
    const v1 = createApiClient({ apiUrl: 'https://a.example', authorization: 'Bearer x', userAgent: 'test', fetch });
    const { clusters } = createApis({ v1, v2 }).forCall({ signal: new AbortController().signal, deadline: Date.now() });

    expect(await seen(clusters)).toEqual({ items: [], unseen });
  });
});
