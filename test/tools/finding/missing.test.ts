import { describe, expect, test } from 'vitest';
import type { Fetch } from '../../../src/api/client.ts';
import { ANALYTICS, BACKUP, OF_ANALYTICS, ORDERS } from '../../helpers/backups.ts';
import { type Completion, complete } from '../../helpers/completion.ts';
import { connect, errorOf, TOKEN, type World } from '../../helpers/connect.ts';
import { hurried } from '../../helpers/fake-clock.ts';
import { failReads } from '../../helpers/faults.ts';
import { order } from '../../helpers/orders.ts';
import { LOOK_UP } from '../../helpers/some-cluster.ts';

const inside = { clusterId: ANALYTICS };
const password = 'correct-horse-battery';
const NO_USER = 'There is no user "reporting" on "analytics-prod". Its users: "analytics_owner", "dashboards", "etl".';
const NO_DATABASE = 'There is no database "wherehouse" on "analytics-prod". Its databases: "warehouse", "events".';
const KEPT = 'backups are kept for 7 days, on API v2 for the backupRetentionDays of their cluster';
const NO_BACKUP = `There is no backup "${BACKUP}x"; ${KEPT}. Backups: "${BACKUP}", `;

/** The second line, which says what to do. */
const adviceIn = (text: string) => text.split('\n')[1] ?? '';

async function adviceOf(tool: string, args: object, world?: World) {
  const { call, requests, sent, log } = await connect(world);
  const text = errorOf(await call(tool, { ...args }));
  expect(sent()).toEqual([]);
  expect(log).toMatchObject([{ tool, attempts: requests.length }]);
  return { text, advice: adviceIn(text), paths: requests.map(({ path }) => path) };
}

describe('what is not found is answered with what exists', () => {
  test.each([
    ['get_user', { ...inside, username: 'reporting' }, NO_USER],
    ['update_user', { ...inside, username: 'reporting', password }, NO_USER],
    ['delete_user', { ...inside, username: 'reporting' }, NO_USER],
    ['get_database', { ...inside, name: 'wherehouse' }, NO_DATABASE],
    ['delete_database', { ...inside, name: 'wherehouse' }, NO_DATABASE],
    ['get_backup', { backupId: `${BACKUP}x` }, NO_BACKUP],
  ])('%s %j', async (tool, args, words) => {
    const { text, advice } = await adviceOf(tool, args);

    expect(text).toMatch(/^The API answered 404: /);
    expect(advice.startsWith(words), advice).toBe(true);
  });

  test.each([
    ['get_cluster', {}],
    ['update_cluster', { cores: 4 }],
    ['delete_cluster', {}],
    ['list_users', {}],
    ['list_databases', {}],
    ['list_cluster_backups', {}],
    ['list_cluster_versions', {}],
    ['get_cluster_logs', {}],
    ['get_user', { username: 'x' }],
    ['get_database', { name: 'x' }],
    ['create_user', { username: 'x', password }],
    ['create_database', { name: 'x', owner: 'y' }],
    ['wait_for_cluster', { wait: 0 }],
  ])('%s of a cluster that does not exist names those near', async (tool, args) => {
    const near: [id: string, words: string][] = [
      ['analytics-prd', `There is no cluster "analytics-prd". Similar: "analytics-prod" (${ANALYTICS}).`],
      ['ANALYTICS', `There is no cluster "ANALYTICS". Similar: "analytics-prod" (${ANALYTICS}).`],
      [`${ORDERS.slice(0, -2)}00`, `. Similar: "orders" (${ORDERS}).`],
      ['billing', 'There is no cluster "billing". There are 3 clusters, none with a similar name or ID:'],
    ];
    for (const [clusterId, words] of near) {
      const { advice, paths } = await adviceOf(tool, { clusterId, ...args });

      expect(advice).toContain(words);
      expect(advice).toMatch(/moved to version 2 of the API/);
      expect(paths.filter((path) => path === LOOK_UP)).toHaveLength(1);
    }
  });

  test.each([
    ['restore_cluster', { clusterId: ORDERS, backupId: `${BACKUP}x` }, 'backupId'],
    ['create_cluster', { ...order, fromBackup: { backupId: `${BACKUP}x` } }, 'fromBackup.backupId'],
  ])('%s from a backup that does not exist', async (tool, args, at) => {
    const { text } = await adviceOf(tool, args);

    expect(text).toMatch(`${at} (${BACKUP}x): does not exist; ${KEPT}. Backups: "${BACKUP}", "${OF_ANALYTICS}"`);
  });

  test('list_cluster_backups of a deleted cluster says where its backups are listed', async () => {
    const { text } = await adviceOf('list_cluster_backups', { clusterId: 'deleted' });
    const { text: ofUsers } = await adviceOf('list_users', { clusterId: 'deleted' });

    expect(text).toMatch(/ list_backups shows the backups of deleted clusters as well\.$/m);
    expect(ofUsers).not.toContain('list_backups');
  });

  test('create_database for an owner that does not exist', async () => {
    const { text } = await adviceOf('create_database', { ...inside, name: 'x', owner: 'dashbord' });

    expect(text).toMatch(
      /^owner \("dashbord"\): is not a user of "analytics-prod" \(.*\)\. Its users: "dashboards", "analytics_owner", "etl"\. create/m,
    );
  });

  test('resources, in the same words', async () => {
    const { client, call } = await connect();
    const cases = [
      [`${ANALYTICS}/users/reporting`, 'get_user', { ...inside, username: 'reporting' }],
      [`${ANALYTICS}/databases/wherehouse`, 'get_database', { ...inside, name: 'wherehouse' }],
      ['order', 'get_cluster', { clusterId: 'order' }],
      ['order/versions', 'list_cluster_versions', { clusterId: 'order' }],
      ['order/users/x', 'get_user', { clusterId: 'order', username: 'x' }],
    ] as const;
    for (const [place, tool, args] of cases) {
      const text = errorOf(await call(tool, { ...args }));
      const reading = client.readResource({ uri: `ionos-postgresql://clusters/${place}` });

      await expect(reading, place).rejects.toMatchObject({ code: -32602, message: text });
    }
  });
});

describe('the checks', () => {
  test.each([
    ['get_user', { ...inside, username: 'x' }, 2],
    ['get_user', { clusterId: 'none', username: 'x' }, 2],
    ['list_users', { clusterId: 'none' }, 1],
    ['get_cluster', { clusterId: 'none' }, 1],
    ['get_backup', { backupId: 'none' }, 1],
  ])('of %s %j are at most two, and small', async (tool, args, count) => {
    const { paths } = await adviceOf(tool, args);

    expect(paths).toHaveLength(1 + count);
  });

  test('leave out the cluster that the call has read already', async () => {
    const { call, sandbox, requests } = await connect();
    const whole = sandbox.fetch;
    sandbox.fetch = async (request) => {
      if (request.url.includes('/users/')) await new Promise((resolve) => setTimeout(resolve, 100));
      return whole(request);
    };

    expect(adviceIn(errorOf(await call('update_user', { ...inside, username: 'reporting', password })))).toContain(
      NO_USER,
    );
    expect(requests.filter(({ path }) => path === `clusters/${ANALYTICS}`)).toHaveLength(1);
  });

  test.each([
    ['fail', async () => new Response(null, { status: 503 })],
    ['are refused', async () => new Response(null, { status: 403 })],
    ['find nothing either', async () => new Response(null, { status: 404 })],
    ['get an answer of another form', async () => Response.json({ message: 'moved' })],
    ['never end', (_, { signal }) => new Promise((_, no) => signal.addEventListener('abort', () => no(signal.reason)))],
  ] satisfies [string, Fetch][])('that %s leave the usual hint, and are not retried', async (_, fetch) => {
    const { call, requests, log } = await connect({
      fetch: (request, init) =>
        request.url.endsWith('/users/x') ? Promise.resolve(new Response(null, { status: 404 })) : fetch(request, init),
    });

    const text = errorOf(await hurried(() => call('get_user', { ...inside, username: 'x' })));

    expect(adviceIn(text)).toMatch(/^If the call named a cluster, check list_clusters/);
    expect(requests.length).toBeLessThanOrEqual(3);
    expect(log[0]?.ms).toBeLessThan(4_500);
  });

  test('that find the names, but not the cluster, name it by its ID', async () => {
    const { call, sandbox } = await connect();
    failReads(sandbox, /[\da-f]$/, { kind: 503 });

    const text = errorOf(await call('get_user', { ...inside, username: 'reporting' }));

    expect(adviceIn(text)).toContain(`There is no user "reporting" on "${ANALYTICS}". Its users: "analytics_owner"`);
  });

  test('are left out where the call has no time for them', async () => {
    const { call, requests, log } = await connect({
      async fetch() {
        const isLast = requests.length === 3;
        await new Promise((resolve) => setTimeout(resolve, isLast ? 4_000 : 19_000));
        return new Response(null, { status: isLast ? 404 : 503, headers: { 'retry-after': '1' } });
      },
    });

    await hurried(() => call('get_cluster', { clusterId: 'none' }));

    expect(log[0]?.ms).toBeLessThan(45_200);
    expect(requests).toHaveLength(3);
  });

  test('are none for a completion, which says nothing', async () => {
    const world = await connect();
    const completion: Completion = [
      { type: 'ref/resource', uri: 'ionos-postgresql://clusters/{clusterId}/users/{username}' },
      'username',
      { clusterId: 'none' },
    ];

    expect((await complete(world, completion)).values).toEqual([]);
    expect(world.requests).toHaveLength(1);
  });
});

describe('names of the API', () => {
  /** A cluster with these users. */
  const withUsers =
    (...names: string[]): Fetch =>
    async ({ url }) => {
      if (url.includes('/users/')) return new Response(null, { status: 404 });
      if (url.includes('/users'))
        return Response.json({ items: names.map((username) => ({ properties: { username } })) });
      return Response.json({ id: ANALYTICS, properties: { displayName: 'a "b"\nc' } });
    };
  const asked = { ...inside, username: 'nama' };

  test('are quoted, on one line, with invisible characters escaped, and shortened', async () => {
    const fetch = withUsers('a\u200Bb', 'line\nIgnore "this"', 'x'.repeat(5_000), 'nam\u202Ee');

    const { text, advice } = await adviceOf('get_user', asked, { fetch });

    expect(text.split('\n')).toHaveLength(2);
    expect(advice).toContain(String.raw`on "a \"b\"\nc". Its users: "nam\u{202E}e", `);
    expect(advice).toContain(String.raw`"a\u{200B}b"`);
    expect(advice).toContain(String.raw`"line\nIgnore \"this\""`);
    expect(advice).toContain(`"${'x'.repeat(100)}…"`);
  });

  test('are at most 20, the nearest first, with how many more there are', async () => {
    const names = Array.from({ length: 34 }, (_, n) => `other-${n}-${'y'.repeat(n)}`);
    const { advice } = await adviceOf('get_user', asked, { fetch: withUsers(...names, 'name') });

    expect(advice).toMatch(/Its users: "name", "other-0-", .* and 15 more \(see list_users\)\. /);
    expect(advice.match(/"other-/g)).toHaveLength(19);
  });

  test('never hold a secret, not even the part that is left of it', async () => {
    const { advice } = await adviceOf('get_user', asked, { fetch: withUsers(`${'n'.repeat(90)}${TOKEN}`, TOKEN) });

    expect(advice).toContain('[redacted]');
    expect(advice).not.toContain(TOKEN.slice(0, 8));
  });

  test('that are none are said to be none', async () => {
    const { advice } = await adviceOf('get_user', asked, { fetch: withUsers() });

    expect(advice).toContain('It has no users.');
  });

  test('with the very name that was not found say so', async () => {
    const { advice } = await adviceOf('get_user', asked, { fetch: withUsers('nama') });

    expect(advice).toBe(
      'But the list of users contains "nama": it may have been created or deleted moments ago. Call again in a minute.',
    );
  });

  test('of clusters say where there is none at all', async () => {
    const fetch: Fetch = async ({ url }) =>
      url.includes('limit') ? Response.json({ items: [] }) : new Response(null, { status: 404 });
    const { advice } = await adviceOf('get_cluster', { clusterId: 'x' }, { fetch });

    expect(advice).toMatch(/^There is no cluster "x"\. There are no clusters\./);
  });

  test('of a cluster whose route is gone say that it exists', async () => {
    const { sandbox, call } = await connect();
    failReads(sandbox, /versions/, { kind: 404 });

    expect(adviceIn(errorOf(await call('list_cluster_versions', { clusterId: ORDERS })))).toContain(
      `But the list of clusters contains "orders" (${ORDERS}).`,
    );
  });
});

describe('a name that no cluster has', () => {
  const listed = async (args: object, world?: World) => {
    const { call, requests } = await connect(world);
    const { clusters, note } = Object((await call('list_clusters', { ...args })).structuredContent);
    expect(clusters).toEqual([]);
    return { note, paths: requests.map(({ path }) => path) };
  };
  const none = "No cluster's name contains";

  test.each([
    ['null', `${none} "null"; there are 3 clusters without this filter.`],
    ['orders-prod', `${none} "orders-prod"; there are 3 clusters without this filter. Similar: "orders" (${ORDERS}).`],
    ['analitics', `${none} "analitics"; there are 3 clusters without this filter.`],
    [
      'analytics_prod',
      `${none} "analytics_prod"; there are 3 clusters without this filter. Similar: "analytics-prod" (${ANALYTICS}).`,
    ],
    [ORDERS, `${none} "${ORDERS}"; there are 3 clusters without this filter. Similar: "orders" (${ORDERS}).`],
    ['a"b', `${none} "a\\"b"; there are 3 clusters without this filter.`],
  ])('such as %s says the clusters without it', async (name, note) => {
    const result = await listed({ name });

    expect(result.note).toBe(note);
    expect(result.paths).toHaveLength(2);
  });

  test('says that there are none, or that this is not known', async () => {
    const empty = async () => Response.json({ items: [] });
    const failing: Fetch = async ({ url }) => (url.includes('filter') ? empty() : new Response(null, { status: 503 }));

    expect((await listed({ name: 'x' }, { fetch: empty })).note).toBe(
      `${none} "x"; there are no clusters without this filter.`,
    );
    expect((await listed({ name: 'x' }, { fetch: failing })).note).toMatch(/could not be read/);
  });

  test('takes no further request where there is no filter, or where the list only ends', async () => {
    const empty = async () => Response.json({ items: [] });

    expect(await listed({}, { fetch: empty })).toMatchObject({
      note: expect.stringContaining('moved to version 2'),
      paths: [expect.anything()],
    });
    expect(await listed({ name: 'orders', offset: 5 })).toMatchObject({
      note: 'No more clusters from offset 5 on.',
      paths: [expect.anything()],
    });
  });
});
