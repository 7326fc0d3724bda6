import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { StateError } from '../../src/errors.ts';
import { createMemoryState } from '../../src/state/memory.ts';
import { createPostgresState } from '../../src/state/postgres/index.ts';
import { SCHEMA } from '../../src/state/postgres/schema.ts';
import type { State } from '../../src/state/state.ts';
import { hasPrograms, hasServer, pglite, postgres, type TestDatabase } from '../helpers/databases.ts';
import { behindPgBouncer, hasPgBouncer } from '../helpers/pgbouncer.ts';
import { letPass } from './passing.ts';

interface World {
  /** One more replica. */
  replica(): State;
  /** Lets the clock of the state run. */
  pass(ms: number): Promise<void>;
}

interface Kind {
  name: string;
  begin(): Promise<{ world(): Promise<World>; end(): Promise<void> }>;
}

const inMemory: Kind = {
  name: 'in memory',
  begin: async () => ({
    async world() {
      vi.useFakeTimers({ toFake: ['Date'] });
      onTestFinished(() => void vi.useRealTimers());
      const state = createMemoryState();
      return { replica: () => state, pass: async (ms) => void vi.setSystemTime(Date.now() + ms) };
    },
    end: async () => {},
  }),
};

const inPostgres = (name: string, create: () => Promise<TestDatabase>): Kind => ({
  name,
  async begin() {
    const database = await create();
    return {
      async world() {
        await database.query(`DROP SCHEMA IF EXISTS ${SCHEMA} CASCADE`);
        return {
          replica() {
            const state = createPostgresState({ url: database.url, onAway: () => {}, onBack: () => {} });
            onTestFinished(() => state.close());
            return state;
          },
          pass: (ms) => letPass(database, ms),
        };
      },
      end: () => database.close(),
    };
  },
});

/** By whose default a statement does not see what others wrote while it waited. */
async function serializable(create: () => Promise<TestDatabase>): Promise<TestDatabase> {
  const database = await create();
  const name = new URL(database.url).pathname.slice(1);
  await database.query(`ALTER DATABASE ${name} SET default_transaction_isolation = 'serializable'`);
  return database;
}

const kinds = [
  inMemory,
  inPostgres('in PostgreSQL in this process', pglite),
  ...(hasServer
    ? [
        inPostgres('in a PostgreSQL server', postgres),
        inPostgres('in one whose transactions are serializable by default', () => serializable(postgres)),
      ]
    : []),
  ...(hasServer && hasPgBouncer
    ? [inPostgres('behind PgBouncer in transaction mode', async () => behindPgBouncer(await postgres()))]
    : []),
];

const MISSING = [
  ...(hasServer ? [] : ['in a PostgreSQL server: there is neither PGHOST nor Debian’s package postgresql']),
  ...(hasPrograms ? [] : ['over TLS: there is no Debian package postgresql']),
  ...(hasPgBouncer ? [] : ['behind PgBouncer: there is no Debian package pgbouncer']),
];

test('a machine that tests for others has a PostgreSQL server and a pooler', () => {
  for (const what of MISSING) console.log(`The state was not tested ${what}.`);
  expect(process.env.CI ? MISSING : []).toEqual([]);
});

test.runIf(hasServer && hasPgBouncer)(
  'is refused behind PgBouncer, which lets nobody set it, where transactions are serializable by default',
  async () => {
    const database = await behindPgBouncer(await serializable(postgres));
    onTestFinished(() => database.close());
    const away: string[] = [];
    const state = createPostgresState({ url: database.url, onAway: (reason) => away.push(reason), onBack: () => {} });
    onTestFinished(() => state.close());

    await expect(state.recall('k')).rejects.toThrow(StateError);
    expect(away).toEqual([
      expect.stringMatching(/transactions are serializable by default, .* set default_transaction_isolation/),
    ]);
  },
  60_000,
);

const claim = (id: string, { account = 'a', cluster = id, once = [] as string[], data = {} as unknown } = {}) => ({
  ...{ id, account, cluster, once, data },
});

describe.each(kinds)('the state $name', ({ begin }) => {
  let kind: Awaited<ReturnType<Kind['begin']>>;
  let world: World;
  let one: State;
  let other: State;
  beforeAll(async () => {
    kind = await begin();
  }, 60_000);
  afterAll(() => kind.end());
  beforeEach(async () => {
    world = await kind.world();
    one = world.replica();
    other = world.replica();
  });

  /** Claims, whatever others have claimed. */
  async function place(state: State, given: ReturnType<typeof claim>) {
    const { version } = await state.claimed(given.account);
    return state.claim(given, version);
  }

  test('keeps a text for as long as it is asked to, for all replicas', async () => {
    expect(await other.recall('k')).toBeUndefined();
    await one.remember('k', 'text', 10_000);
    expect(await other.recall('k')).toBe('text');
    await other.remember('k', 'later', 50_000);
    await world.pass(20_000);
    expect(await one.recall('k')).toBe('later');
    await world.pass(30_000);
    expect(await one.recall('k')).toBeUndefined();
  });

  test('gives a lease to one holder alone, until it is released or over', async () => {
    expect(await one.lease('l', 'first', 10_000)).toBe(true);
    expect(await other.lease('l', 'second', 10_000)).toBe(false);
    expect(await one.lease('l', 'first', 30_000)).toBe(true);
    await world.pass(20_000);
    expect(await other.lease('l', 'second', 10_000)).toBe(false);
    await other.release('l', 'second');
    expect(await other.lease('l', 'second', 10_000)).toBe(false);
    await one.release('l', 'first');
    expect(await other.lease('l', 'second', 10_000)).toBe(true);
    await world.pass(10_000);
    expect(await one.lease('l', 'third', 10_000)).toBe(true);
    expect(await other.lease('another', 'second', 10_000)).toBe(true);
  });

  test('prolonging a lease never makes it shorter', async () => {
    await one.lease('l', 'first', 50_000);
    await one.lease('l', 'first', 10_000);
    await world.pass(20_000);
    expect(await other.lease('l', 'second', 10_000)).toBe(false);
  });

  test('of many that want a lease at once, one gets it', async () => {
    const wanting = Array.from({ length: 30 }, (_, n) => (n % 2 ? one : other).lease('l', `holder ${n}`, 10_000));
    expect((await Promise.all(wanting)).filter(Boolean)).toHaveLength(1);
  });

  test('shows all claims of an account, in their order, and none of another one', async () => {
    await place(one, claim('x', { once: ['k'], data: { size: { cores: 2 } } }));
    await place(other, claim('y', { data: { size: { cores: 4 } } }));
    await place(one, claim('z', { account: 'b' }));

    const { claims } = await other.claimed('a');

    expect(claims.map(({ id, once, data }) => ({ id, once, data }))).toEqual([
      { id: 'x', once: ['k'], data: { size: { cores: 2 } } },
      { id: 'y', once: [], data: { size: { cores: 4 } } },
    ]);
    expect((await one.claimed('b')).claims.map(({ id }) => id)).toEqual(['z']);
    expect((await one.claimed('c')).claims).toEqual([]);
  });

  test('takes a claim only from whoever has seen all others', async () => {
    const [seen, same] = await Promise.all([one.claimed('a'), other.claimed('a')]);
    expect(await one.claim(claim('x'), seen.version)).toBe(true);
    expect(await other.claim(claim('y'), same.version)).toBe(false);
    expect(await place(other, claim('y'))).toBe(true);
    expect((await one.claimed('a')).claims).toHaveLength(2);
  });

  test('of many that claim at once with the same knowledge, one succeeds', async () => {
    const { version } = await one.claimed('a');
    const claiming = Array.from({ length: 20 }, (_, n) => (n % 2 ? one : other).claim(claim(`c${n}`), version));
    expect((await Promise.all(claiming)).filter(Boolean)).toHaveLength(1);
    expect((await one.claimed('a')).claims).toHaveLength(1);
  });

  test('a claim that is never sent is over after a minute', async () => {
    await place(one, claim('x', { once: ['k'] }));
    await world.pass(50_000);
    expect((await other.claimed('a')).claims).toHaveLength(1);
    await world.pass(10_000);
    expect((await other.claimed('a')).claims).toEqual([]);
    expect(await one.begin({ claim: 'x' })).toBe('lost');
  });

  test('after a write its size counts for two minutes, and its order for ten', async () => {
    await place(one, claim('x', { once: ['k'], data: { size: {} } }));
    expect(await one.begin({ claim: 'x' })).toBe('begun');
    await one.settle('x', 'cluster');
    await world.pass(110_000);
    expect((await other.claimed('a')).claims).toEqual([
      { id: 'x', cluster: 'cluster', once: ['k'], data: { size: {} } },
    ]);
    await world.pass(10_000);
    const [later] = (await other.claimed('a')).claims;
    expect(later).toMatchObject({ cluster: 'cluster', once: ['k'] });
    expect(later?.data ?? undefined).toBeUndefined();
    await world.pass(470_000);
    expect((await other.claimed('a')).claims).toHaveLength(1);
    await world.pass(10_000);
    expect((await other.claimed('a')).claims).toEqual([]);
  });

  test('a write whose replica is gone counts as sent', async () => {
    await place(one, claim('x', { once: ['k'], data: { size: {} } }));
    await one.begin({ claim: 'x' });
    await world.pass(140_000);
    expect((await other.claimed('a')).claims[0]).toMatchObject({ cluster: 'x', once: ['k'], data: { size: {} } });
    await world.pass(400_000);
    expect((await other.claimed('a')).claims[0]).toMatchObject({ once: ['k'] });
  });

  test('forgets what was not sent, and what is deleted', async () => {
    await place(one, claim('x'));
    await place(one, claim('y', { cluster: 'gone' }));
    await place(one, claim('z', { cluster: 'gone', account: 'b' }));
    await other.unclaim('x');
    await other.forget('a', 'gone');
    expect((await one.claimed('a')).claims).toEqual([]);
    expect((await one.claimed('b')).claims).toHaveLength(1);
  });

  test('a consent is used once, whoever uses it', async () => {
    const agreement = { key: 'yes', ms: 600_000 };
    await place(one, claim('x'));
    await place(one, claim('y'));
    const begun = await Promise.all([one.begin({ claim: 'x', agreement }), other.begin({ claim: 'y', agreement })]);
    expect(begun.sort()).toEqual(['begun', 'spent']);
    expect(await one.recall('yes')).toBeDefined();
    await place(one, claim('later'));
    await world.pass(590_000);
    await place(one, claim('even later'));
    expect(await one.begin({ claim: 'even later', agreement })).toBe('spent');
    await world.pass(10_000);
    expect(await other.recall('yes')).toBeUndefined();
  });

  test('a consent that could not be used stays', async () => {
    const agreement = { key: 'yes', ms: 600_000 };
    expect(await one.begin({ claim: 'none', agreement })).toBe('lost');
    await place(one, claim('x'));
    expect(await one.begin({ claim: 'x', agreement, lease: { key: 'l', holder: 'nobody' } })).toBe('lost');
    expect(await one.recall('yes')).toBeUndefined();
    await one.lease('l', 'first', 1_000);
    expect(await other.begin({ claim: 'x', agreement, lease: { key: 'l', holder: 'second' } })).toBe('lost');
    expect(await one.begin({ claim: 'x', agreement, lease: { key: 'l', holder: 'first' } })).toBe('begun');
  });

  test('a lease that is over begins nothing, and one that begins lasts for the request', async () => {
    const lease = { key: 'l', holder: 'first' };
    await place(one, claim('x'));
    await one.lease('l', 'first', 10_000);
    await world.pass(10_000);
    expect(await one.begin({ claim: 'x', lease })).toBe('lost');
    await one.lease('l', 'first', 10_000);
    expect(await one.begin({ claim: 'x', lease })).toBe('begun');
    await world.pass(15_000);
    expect(await other.lease('l', 'second', 1_000)).toBe(false);
    await world.pass(10_000);
    expect(await other.lease('l', 'second', 1_000)).toBe(true);
  });

  test('counts a minute from its first request, over all replicas', async () => {
    expect(await one.count('k', 1, 10)).toMatchObject({ points: 1 });
    await world.pass(50_000);
    const { points, msLeft } = await other.count('k', 2, 10);
    expect(points).toBe(3);
    expect(msLeft).toBeGreaterThan(0);
    expect(msLeft).toBeLessThanOrEqual(10_000);
    expect(await other.count('another', 1, 10)).toMatchObject({ points: 1 });
    await world.pass(10_000);
    expect(await one.count('k', 1, 10)).toMatchObject({ points: 1 });
  });

  test('counts what comes at once without losing any', async () => {
    const counting = Array.from({ length: 40 }, (_, n) => (n % 2 ? one : other).count('k', 1, 10));
    const points = (await Promise.all(counting)).map((each) => each.points);
    expect(points.sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, n) => n + 1));
  });
});
