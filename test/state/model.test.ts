import fc from 'fast-check';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { createMemoryState } from '../../src/state/memory.ts';
import { createPostgresState, SWEEP } from '../../src/state/postgres/index.ts';
import { SCHEMA } from '../../src/state/postgres/schema.ts';
import type { Claimed, State } from '../../src/state/state.ts';
import { pglite, type TestDatabase } from '../helpers/databases.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await pglite();
}, 60_000);
afterAll(() => database.close());

/** What one of them does; `seen` holds what this process has read of each account, which can be old. */
type Step = (state: State, seen: Map<string, Claimed>) => Promise<unknown>;

const key = fc.constantFrom('k', 'l');
const holder = fc.constantFrom('one', 'other');
const id = fc.constantFrom('x', 'y', 'z');
const account = fc.constantFrom('a', 'b');
const cluster = fc.constantFrom('c', 'd');
const once = fc.constantFrom<string[][]>([], ['order'], ['order', 'place']);
const ms = fc.constantFrom(1_000, 90_000);

const shown = ({ claims }: Claimed) => claims.map((claim) => ({ ...claim, data: claim.data ?? undefined }));

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(key, ms).map(
    ([key, ms]): Step =>
      (state) =>
        state.remember(key, `text for ${ms}`, ms),
  ),
  key.map(
    (key): Step =>
      (state) =>
        state.recall(key),
  ),
  fc.tuple(key, holder, ms).map(
    ([key, holder, ms]): Step =>
      (state) =>
        state.lease(key, holder, ms),
  ),
  fc.tuple(key, holder).map(
    ([key, holder]): Step =>
      (state) =>
        state.release(key, holder),
  ),
  account.map(
    (account): Step =>
      async (state, seen) => {
        const claimed = await state.claimed(account);
        seen.set(account, claimed);
        return shown(claimed);
      },
  ),
  fc.tuple(id, account, cluster, once).map(
    ([id, account, cluster, once]): Step =>
      async (state, seen) => {
        const before = seen.get(account) ?? (await state.claimed(account));
        const all = await Promise.all(['a', 'b'].map((each) => state.claimed(each)));
        // The names of claims are random, so that nobody makes the same one twice.
        if (all.some(({ claims }) => claims.some((claim) => claim.id === id))) return 'known';
        return state.claim({ id, account, cluster, once, data: { size: { cores: 1 } } }, before.version);
      },
  ),
  fc
    .record({
      claim: fc.option(id, { nil: undefined }),
      lease: fc.option(fc.record({ key, holder }), { nil: undefined }),
      agreement: fc.option(fc.record({ key: fc.constant('yes'), ms }), { nil: undefined }),
    })
    .map(
      (write): Step =>
        (state) =>
          state.begin(write),
    ),
  fc.tuple(id, fc.option(cluster, { nil: undefined })).map(
    ([id, cluster]): Step =>
      (state) =>
        state.settle(id, cluster),
  ),
  id.map(
    (id): Step =>
      (state) =>
        state.unclaim(id),
  ),
  fc.tuple(account, cluster).map(
    ([account, cluster]): Step =>
      (state) =>
        state.forget(account, cluster),
  ),
  fc.tuple(key, fc.integer({ min: 1, max: 3 })).map(
    ([key, points]): Step =>
      async (state) =>
        (await state.count(key, points, 10)).points,
  ),
);

const passing = fc.constantFrom(500, 1_000, 30_000, 60_000, 120_000, 600_000);
const walk = fc.array(fc.record({ replica: fc.nat(2), step, passed: fc.option(passing, { nil: 0, freq: 3 }) }), {
  maxLength: 40,
  size: 'max',
});

test('whatever three replicas do, in whatever order, they find what one process would', {
  timeout: 120_000,
}, async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const replicas = Array.from({ length: 3 }, () =>
    createPostgresState({ url: database.url, onAway: (reason) => expect.unreachable(reason), onBack: () => {} }),
  );
  onTestFinished(() => Promise.all(replicas.map((state) => state.close())).then(() => {}));
  await replicas[0]?.recall('k');
  const { rows } = await database.query('SELECT extract(epoch FROM now()) * 1000 AS now');
  expect(Number(rows[0]?.now)).toBe(Date.now());

  await fc.assert(
    fc.asyncProperty(walk, async (steps) => {
      await database.query(
        ['kept', 'leases', 'claims', 'accounts', 'counts'].map((table) => `DELETE FROM ${SCHEMA}.${table}`).join(';'),
      );
      const alone = createMemoryState();
      const [seenAlone, seenTogether] = [new Map<string, Claimed>(), new Map<string, Claimed>()];
      for (const { replica, step, passed } of steps) {
        const state = replicas[replica];
        if (!state) throw new Error(`no replica ${replica}`);
        expect(await step(state, seenTogether)).toEqual(await step(alone, seenAlone));
        // The clock of this process is that of the database in it.
        vi.setSystemTime(Date.now() + passed);
        if (passed > 0) await database.query(SWEEP);
      }
    }),
    { numRuns: 60 },
  );
});
