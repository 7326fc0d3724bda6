import dns from 'node:dns';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { StateError } from '../../src/errors.ts';
import { createPostgresState } from '../../src/state/postgres/index.ts';
import { FOUNDATION, MIGRATIONS, SCHEMA, TO_NEWEST } from '../../src/state/postgres/schema.ts';
import type { State } from '../../src/state/state.ts';
import { pglite, type TestDatabase } from '../helpers/databases.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await pglite();
}, 60_000);
afterAll(() => database.close());
beforeEach(() => database.query(`DROP SCHEMA IF EXISTS ${SCHEMA} CASCADE`).then(() => {}));

function open(url = database.url) {
  const away: string[] = [];
  let back = 0;
  const state = createPostgresState({ url, onAway: (reason) => away.push(reason), onBack: () => (back += 1) });
  onTestFinished(() => state.close());
  return { state, away, backs: () => back };
}

const operations: [name: string, run: (state: State) => Promise<unknown>][] = [
  ['recall', (state) => state.recall('k')],
  ['remember', (state) => state.remember('k', 'text', 1_000)],
  ['lease', (state) => state.lease('l', 'holder', 1_000)],
  ['release', (state) => state.release('l', 'holder')],
  ['claimed', (state) => state.claimed('a')],
  ['claim', (state) => state.claim({ id: 'x', account: 'a', cluster: 'x', once: [] }, '0')],
  ['settle', (state) => state.settle('x', undefined)],
  ['unclaim', (state) => state.unclaim('x')],
  ['forget', (state) => state.forget('a', 'x')],
  ['begin', (state) => state.begin({ claim: 'x' })],
];

describe('while the database is away', () => {
  test.each(operations)('%s fails in words', async (_, run) => {
    const { state } = open('postgres://127.0.0.1:1/none');
    await expect(run(state)).rejects.toThrow(StateError);
    await expect(run(state)).rejects.toThrow('The database that the replicas of this server share');
  });

  test('nobody waits for it, but the first who asks', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    onTestFinished(() => void silent.close());
    const { port } = silent.address() as AddressInfo;
    const { state } = open(`postgres://127.0.0.1:${port}/none`);
    await expect(state.recall('k')).rejects.toThrow(StateError);
    const started = performance.now();

    for (let n = 0; n < 20; n += 1) await expect(state.lease('l', 'holder', 1_000)).rejects.toThrow(StateError);

    expect(performance.now() - started).toBeLessThan(1_000);
  });

  test('counts go on in this process, without waiting for it', async () => {
    const { state } = open('postgres://127.0.0.1:1/none');
    for (let points = 1; points <= 5; points += 1) expect(await state.count('k', 1, 10)).toMatchObject({ points });
  });

  test('one line a minute says why, and it is found again by itself', async () => {
    const { state, away, backs } = open();
    await state.remember('k', 'text', 60_000);
    expect(state.isReachable()).toBe(true);
    await database.stop();
    for (let n = 0; n < 5; n += 1) await expect(state.recall('k')).rejects.toThrow(StateError);
    expect(state.isReachable()).toBe(false);
    expect(away).toHaveLength(1);

    await database.start();

    await vi.waitUntil(() => state.isReachable(), { timeout: 10_000 });
    expect(backs()).toBe(1);
    expect(await state.recall('k')).toBe('text');
    await database.stop();
    await expect(state.recall('k')).rejects.toThrow(StateError);
    await database.start();
    await vi.waitUntil(() => state.isReachable(), { timeout: 10_000 });
    expect(away).toHaveLength(1);
    // Nobody was told that it was away again.
    expect(backs()).toBe(1);
  });

  test('it is not back while it can only be read, as a standby can', async () => {
    const { state, away, backs } = open();
    await state.remember('k', 'text', 60_000);
    onTestFinished(() => database.query('SET default_transaction_read_only = off').then(() => {}));
    // For all: there is one session.
    await database.query('SET default_transaction_read_only = on');
    await expect(state.remember('k', 'later', 60_000)).rejects.toThrow(StateError);
    await sleep(1_500);
    expect(state.isReachable()).toBe(false);
    expect(backs()).toBe(0);
    expect(away).toEqual([expect.stringContaining('read-only transaction')]);
    await database.query('SET default_transaction_read_only = off');
    await vi.waitUntil(() => state.isReachable(), { timeout: 10_000 });
    expect(await state.recall('k')).toBe('text');
  });

  test('of a host with several addresses, the line says what each of them answers', async () => {
    const addresses = ['127.0.0.1', '127.0.0.2'].map((address) => ({ address, family: 4 }));
    vi.spyOn(dns, 'lookup').mockImplementation((...given: unknown[]) => {
      const answer = given.at(-1);
      if (typeof answer === 'function') answer(null, addresses);
    });
    onTestFinished(() => void vi.restoreAllMocks());
    const { state, away } = open('postgres://db.example.invalid:1/none?sslmode=disable');
    await expect(state.recall('k')).rejects.toThrow(StateError);
    expect(away).toEqual(['connect ECONNREFUSED 127.0.0.1:1; connect ECONNREFUSED 127.0.0.2:1']);
  });

  test('what was not sent is dropped once it is back', async () => {
    const [{ state }, other] = [open(), open()];
    await state.claim({ id: 'x', account: 'a', cluster: 'x', once: ['order'] }, '0');
    await state.begin({ claim: 'x' });
    await database.stop();
    await expect(state.unclaim('x')).rejects.toThrow(StateError);

    await database.start();

    await vi.waitUntil(() => state.isReachable() && other.state.isReachable(), { timeout: 10_000 });
    await expect.poll(async () => (await other.state.claimed('a').catch(() => undefined))?.claims).toEqual([]);
  });

  test('it is looked for again after any failure of the look itself', async () => {
    const { state } = open();
    await state.remember('k', 'text', 60_000);
    await database.query(`SELECT setval('${SCHEMA}.versions', 9223372036854775807)`);
    await database.stop();
    await expect(state.recall('k')).rejects.toThrow(StateError);
    await database.start();
    await sleep(1_500);
    expect(state.isReachable()).toBe(false);

    await database.query(`ALTER SEQUENCE ${SCHEMA}.versions RESTART`);

    await vi.waitUntil(() => state.isReachable(), { timeout: 10_000 });
  });

  test('in silence, nothing waits for more than some seconds', { timeout: 15_000 }, async () => {
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => sockets.add(socket)).listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      silent.close();
    });
    const { port } = silent.address() as { port: number };
    const { state } = open(`postgres://127.0.0.1:${port}/none`);
    const started = Date.now();
    await expect(state.recall('k')).rejects.toThrow(StateError);
    expect(await state.count('k', 1, 10)).toMatchObject({ points: 1 });
    expect(Date.now() - started).toBeLessThan(5_000);
  });
});

describe('what only looks as if the database were away:', () => {
  test('connections that end while they are idle', async () => {
    const { port, sockets } = await passingOn(Number(new URL(database.url).port));
    const { state, away } = open(`postgres://postgres@127.0.0.1:${port}/postgres`);
    await state.remember('k', 'text', 60_000);
    const before = [...sockets];
    for (const socket of before) socket.destroy();
    await vi.waitUntil(() => [...sockets].some((socket) => !before.includes(socket)));
    expect(await state.recall('k')).toBe('text');
    expect(state.isReachable()).toBe(true);
    expect(away).toEqual([]);
  });

  test('a text that it cannot keep', async () => {
    const { state, away } = open();
    const data = { place: { location: 'NUL \0 and half of a pair \ud800' } };
    expect(await state.claim({ id: 'x', account: 'a', cluster: 'x', once: [], data }, '0')).toBe(true);
    expect((await state.claimed('a')).claims).toMatchObject([{ id: 'x', data }]);
    await expect(state.forget('a', 'NUL \0')).rejects.toThrow(StateError);
    expect(state.isReachable()).toBe(true);
    expect(away).toEqual([]);
  });
});

/** To the database at this port, by connections that the test can cut. */
async function passingOn(to: number) {
  const sockets = new Set<Socket>();
  const between = createServer((socket) => {
    sockets.add(socket.on('close', () => sockets.delete(socket)));
    const onward = connect(to, '127.0.0.1');
    for (const each of [socket, onward]) each.on('error', () => {});
    socket.pipe(onward).pipe(socket);
    socket.on('close', () => onward.destroy());
  }).listen(0, '127.0.0.1');
  await once(between, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    between.close();
  });
  const { port } = between.address() as AddressInfo;
  return { port, sockets };
}

describe('the tables', () => {
  test.each(['kept', 'leases', 'accounts', 'claims', 'counts', 'schema_version'])(
    'are made again if one of them is gone: %s',
    async (table) => {
      await open().state.recall('k');
      await database.query(`DROP TABLE ${SCHEMA}.${table}`);
      const { state, away } = open();
      for (const [, run] of operations) await run(state);
      expect(away).toEqual([]);
    },
  );

  test('without a row for their version get one', async () => {
    await open().state.remember('k', 'text', 60_000);
    await database.query(`DELETE FROM ${SCHEMA}.schema_version`);
    const { state, away } = open();
    expect(await state.recall('k')).toBe('text');
    expect(away).toEqual([]);
  });

  test('need no right to create a schema that is there', async () => {
    await database.query(`CREATE SCHEMA ${SCHEMA}`);
    await database.query('CREATE ROLE poor LOGIN').catch(() => {});
    await database.query(`GRANT ALL ON SCHEMA ${SCHEMA} TO poor; REVOKE CREATE ON DATABASE postgres FROM poor`);
    await database.query(`SET ROLE poor; ${FOUNDATION}; ${TO_NEWEST}; RESET ROLE`);
    const { rows } = await database.query(`SELECT version FROM ${SCHEMA}.schema_version`);
    expect(rows).toEqual([{ version: MIGRATIONS.length }]);
  });

  test('are made again if they are gone', async () => {
    const { state } = open();
    await state.remember('k', 'text', 60_000);
    await database.query(`DROP SCHEMA ${SCHEMA} CASCADE`);
    await expect(state.recall('k')).rejects.toThrow(StateError);
    await state.remember('k', 'again', 60_000);
    expect(await state.recall('k')).toBe('again');
  });

  test('are made once, however many replicas begin at once', async () => {
    const replicas = Array.from({ length: 6 }, () => open());
    await Promise.all(replicas.map(({ state }, n) => state.remember(`k${n}`, 'text', 60_000)));
    expect(replicas.flatMap(({ away }) => away)).toEqual([]);
    const { rows } = await database.query(`SELECT version FROM ${SCHEMA}.schema_version`);
    expect(rows).toEqual([{ version: MIGRATIONS.length }]);
  });

  test('of a newer release are left alone, and the reason is told', async () => {
    await open().state.recall('k');
    await database.query(`UPDATE ${SCHEMA}.schema_version SET version = ${MIGRATIONS.length + 1}`);
    const { state, away } = open();
    await expect(state.recall('k')).rejects.toThrow(StateError);
    expect(away[0]).toContain(`are of version ${MIGRATIONS.length + 1}, of a newer release`);
  });

  test('hold no key of a caller in clear', async () => {
    const { state } = open();
    await state.count('["refused","192.0.2.7"]', 1, 10);
    await state.remember('declined alice', 'The person declined.', 60_000);
    await state.lease('alice', 'holder', 1_000);
    for (const table of ['counts', 'kept', 'leases']) {
      const { rows } = await database.query(`SELECT key FROM ${SCHEMA}.${table}`);
      expect(rows).toHaveLength(1);
      expect(JSON.stringify(rows)).not.toMatch(/192\.0\.2\.7|alice/);
    }
  });
});
