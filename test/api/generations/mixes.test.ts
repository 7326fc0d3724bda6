import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hurried } from '../../helpers/fake-clock.ts';
import { type Answer, all, idsOf, never, slowly, status, world } from './world.ts';

const PAGE = 100;
const TOLERATED_MS = 20;

/** How a source behaves; `ms` is what each of its pages takes. */
interface Source {
  kind: 'sound' | 'repeating' | 'failing' | 'forbidding' | 'listless' | 'silent';
  ms: number;
  ids: readonly string[];
}

interface Mix {
  v1: Source;
  regions: Record<string, Source>;
}

const pageOf = (ids: readonly string[], url: URL, isOffsetHeeded = true) => {
  const [limit, offset] = ['limit', 'offset'].map((name) => Number(url.searchParams.get(name)));
  const from = isOffsetHeeded ? Number(offset) : 0;
  return Response.json({ type: 'collection', items: ids.slice(from, from + Number(limit)).map((id) => ({ id })) });
};

function answerOf({ kind, ms, ids }: Source): Answer {
  if (kind === 'silent') return never;
  if (kind === 'failing') return slowly(ms, status(500));
  if (kind === 'forbidding') return slowly(ms, status(403));
  if (kind === 'listless') return slowly(ms, () => Response.json({}));
  return slowly(ms, (url) => pageOf(ids, url, kind === 'sound'));
}

/** What a region has said by the end of its time, and whether that was all. */
function saidBy({ kind, ms, ids }: Source, limitMs: number): { ids: readonly string[]; isWhole: boolean } {
  if (kind === 'repeating') {
    const pages = ids.length < PAGE ? 1 : 2;
    return { ids: ms < limitMs ? ids.slice(0, PAGE) : [], isWhole: pages * ms < limitMs };
  }
  if (kind !== 'sound') return { ids: [], isWhole: false };
  const pages = Math.floor(ids.length / PAGE) + 1;
  const inTime = ms === 0 ? pages : Math.min(pages, Math.floor(limitMs / ms));
  return { ids: ids.slice(0, inTime * PAGE), isWhole: inTime === pages };
}

const timeOf = ({ kind, ms, ids }: Source) =>
  kind === 'sound' ? ms * (Math.floor(ids.length / PAGE) + 1) : kind === 'repeating' ? 2 * ms : ms;

const pool = Array.from({ length: 1_000 }, (_, n) => `c-${String(n).padStart(4, '0')}`);

const KINDS = ['sound', 'sound', 'sound', 'repeating', 'failing', 'forbidding', 'listless', 'silent'] as const;
const place = fc.integer({ min: 0, max: 9 });

/** 1,000 clusters over v1 and nine regions, some of them in several, or twice in one region. */
const mixes = fc
  .record({
    step: fc.integer({ min: 1, max: 9 }),
    doubled: fc.array(fc.tuple(fc.constantFrom(...pool), place), { maxLength: 50 }),
    sources: fc.array(fc.record({ kind: fc.constantFrom(...KINDS), ms: fc.constantFrom(0, 20, 200, 1_000, 5_000) }), {
      minLength: 9,
      maxLength: 9,
    }),
    v1Ms: fc.constantFrom(0, 100, 1_000, 8_000),
  })
  .map(({ step, doubled, sources, v1Ms }): Mix => {
    const idsAt = (at: number) => [
      ...pool.filter((_, n) => Math.floor((n * step) / 7) % 10 === at),
      ...doubled.filter(([, other]) => other === at).map(([id]) => id),
    ];
    const regions = sources.map((source, n): [string, Source] => [`r${n}`, { ...source, ids: idsAt(n + 1) }]);
    const ofV1 = [...new Set(idsAt(0))].sort();
    return { v1: { kind: 'sound', ms: v1Ms, ids: ofV1 }, regions: Object.fromEntries(regions) };
  });

test(
  'whatever mix of regions there is, a list has each cluster of those that answer once, in time, and names the rest',
  () =>
    fc.assert(
      fc.asyncProperty(mixes, ({ v1, regions }) =>
        hurried(async () => {
          const answers = Object.entries(regions).map(([name, source]): [string, Answer] => [name, answerOf(source)]);
          const { reads } = world({ v1: answerOf(v1), ...Object.fromEntries(answers) });
          const started = Date.now();
          const rows = await all(reads(), { limit: 1_000 });
          const took = Date.now() - started;

          const limitMs = Math.min(6_000, v1.ms + 3_000);
          const said = Object.entries(regions).map(([name, source]) => ({ name, ...saidBy(source, limitMs) }));
          const silent = said.filter(({ isWhole }) => !isWhole).map(({ name }) => name);
          expect(rows.absent.map(({ region }) => region).sort()).toEqual(silent.sort());
          expect(new Set(idsOf(rows))).toEqual(new Set([...v1.ids, ...said.flatMap(({ ids }) => ids)]));
          expect(new Set(idsOf(rows)).size).toBe(rows.items.length);
          expect(idsOf(rows)).toEqual(idsOf(rows).sort());
          if (rows.isPageable) expect(rows.absent.every(({ isBrief }) => !isBrief)).toBe(true);

          const slowest = Math.max(
            ...Object.values(regions).map((each) => (each.kind === 'silent' ? limitMs : timeOf(each))),
          );
          expect(took).toBeLessThanOrEqual(Math.max(v1.ms, Math.min(slowest, limitMs)) + TOLERATED_MS);
        }),
      ),
      { numRuns: 60 },
    ),
  60_000,
);
