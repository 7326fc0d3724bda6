import { describe, expect, test } from 'vitest';
import { ANALYTICS, ORDERS } from '../helpers/backups.ts';
import { connect } from '../helpers/connect.ts';
import { user } from '../helpers/examples.ts';
import { failReads } from '../helpers/faults.ts';

const CLUSTERS = 'ionos-postgresql://clusters';
const USER = `${CLUSTERS}/{clusterId}/users/{username}`;
const DATABASE = `${CLUSTERS}/{clusterId}/databases/{name}`;

type World = Awaited<ReturnType<typeof connect>>;

/** A value for a variable of a resource or an argument of a prompt, where these others are known. */
type Completion = [
  ref: { type: 'ref/resource'; uri: string } | { type: 'ref/prompt'; name: string },
  name: string,
  known: Record<string, string>,
];

async function complete({ client }: World, [ref, name, known]: Completion, value = '') {
  const context = Object.keys(known).length > 0 ? { arguments: known } : undefined;
  return (await client.complete({ ref, argument: { name, value }, context })).completion;
}

const users: Completion = [{ type: 'ref/resource', uri: USER }, 'username', { clusterId: ORDERS }];
const databases: Completion = [{ type: 'ref/resource', uri: DATABASE }, 'name', { clusterId: ORDERS }];
const promptUsers: Completion = [
  { type: 'ref/prompt', name: 'onboard_application' },
  'username',
  { cluster: ORDERS, database: 'x' },
];
const promptDatabases: Completion = [
  { type: 'ref/prompt', name: 'onboard_application' },
  'database',
  { cluster: ORDERS },
];

describe.each(['2025', '2026'] as const)('for a client of %s', (era) => {
  describe('reading', () => {
    test.each([
      ['backups', 'list_cluster_backups', {}],
      ['users', 'list_users', {}],
      ['users/orders_owner', 'get_user', { username: 'orders_owner' }],
      ['databases', 'list_databases', {}],
      ['databases/shop_staging', 'get_database', { name: 'shop_staging' }],
    ])('%s of a cluster gives what %s gives', async (path, tool, args) => {
      const { client, call, log } = await connect({ era });
      const uri = `${CLUSTERS}/${ORDERS}/${path}`;

      const { contents } = await client.readResource({ uri });

      expect(contents).toMatchObject([{ uri, mimeType: 'application/json' }]);
      const { structuredContent } = await call(tool, { clusterId: ORDERS, ...args });
      expect(JSON.parse(Object(contents[0]).text)).toEqual(JSON.parse(JSON.stringify(structuredContent)));
      expect(log[0]).toMatchObject({ target: ORDERS, outcome: 'done', attempts: 1 });
    });

    test.each(['a/b', 'ä ö', 'x?y=1#z', '50%', '%2e%2e', 'a,b', 'a+b', '漢😀', '{name}', '...'])(
      'a user or database of the name %j asks for it and for nothing else',
      async (name) => {
        const { client, requests, sandbox } = await connect({ era });
        failReads(sandbox, /./, { kind: 404 });
        for (const kind of ['users', 'databases']) {
          const uri = `${CLUSTERS}/${ORDERS}/${kind}/${encodeURIComponent(name)}`;

          await client.readResource({ uri }).catch(() => {});

          expect(requests.pop()?.path).toBe(`clusters/${ORDERS}/${kind}/${encodeURIComponent(name)}`);
          expect(requests).toEqual([]);
        }
      },
    );

    test('shows one whose name has to be encoded', async () => {
      const { client, call, pass } = await connect({ era });
      await call('create_user', { clusterId: ORDERS, username: 'a/b ä', password: 'correct-horse-battery' });
      pass(10_000);

      const { contents } = await client.readResource({ uri: `${CLUSTERS}/${ORDERS}/users/a%2Fb%20%C3%A4` });

      expect(JSON.parse(Object(contents[0]).text)).toMatchObject({ username: 'a/b ä' });
      expect(JSON.stringify(contents)).not.toContain('correct-horse');
    });

    test.each([
      [`users/${'x'.repeat(64)}`, /username \(".*"\): .*63/],
      [`databases/${'%C3%A4'.repeat(64)}`, /name \(".*"\): .*63/],
    ])('%s is refused before a request, with its rule', async (path, words) => {
      const { client, requests } = await connect({ era });

      const reading = client.readResource({ uri: `${CLUSTERS}/${ORDERS}/${path}` });

      await expect(reading).rejects.toMatchObject({ code: -32602, message: expect.stringMatching(words) });
      expect(requests).toEqual([]);
    });

    test.each(['users/%2E%2E', 'databases/%2e', 'users/', 'users/a/b', 'databases/x/..', 'backups/x'])(
      '%s of a cluster leads nowhere',
      async (path) => {
        const { client, requests } = await connect({ era });

        const reading = client.readResource({ uri: `${CLUSTERS}/${ORDERS}/${path}` });

        await expect(reading).rejects.toMatchObject({ code: -32602 });
        expect(requests).toEqual([]);
      },
    );

    test.each(['backups', 'users', 'databases', 'users/x', 'databases/x'])(
      '%s of a cluster that cannot be, or is not there, is refused',
      async (path) => {
        const { client, requests } = await connect({ era });

        for (const id of ['a%2Fb', 'x y', 'backups', 'postgresversions', 'x'.repeat(129)]) {
          await expect(client.readResource({ uri: `${CLUSTERS}/${id}/${path}` }), id).rejects.toMatchObject({
            code: -32602,
          });
        }
        expect(requests).toEqual([]);
        await expect(client.readResource({ uri: `${CLUSTERS}/none/${path}` })).rejects.toThrow(/does not exist/);
      },
    );

    test('a name that is not there says so, in the words of the API', async () => {
      const { client } = await connect({ era });
      const uri = `${CLUSTERS}/${ORDERS}/users/nobody`;

      await expect(client.readResource({ uri })).rejects.toMatchObject({
        code: -32602,
        data: { uri },
        message: expect.stringMatching(/the user does not exist/),
      });
    });
  });

  describe('completion', () => {
    test.each<[what: string, completion: Completion, all: string[], typed: string, found: string[]]>([
      ['users of a resource', users, ['audit', 'orders_owner', 'reporting'], 'OR', ['orders_owner']],
      ['databases of a resource', databases, ['shop', 'shop_staging'], 'shop_', ['shop_staging']],
      ['users of a prompt', promptUsers, ['audit', 'orders_owner', 'reporting'], 'rep', ['reporting']],
      ['databases of a prompt', promptDatabases, ['shop', 'shop_staging'], 'SHOP', ['shop', 'shop_staging']],
    ])('offers the %s within the cluster that is known', async (_, completion, all, typed, found) => {
      const world = await connect({ era });

      expect((await complete(world, completion)).values).toEqual(all);
      expect((await complete(world, completion, typed)).values).toEqual(found);
      expect((await complete(world, completion, 'hop')).values).toEqual([]);
      expect(new Set(world.requests.map(({ path }) => path.split('/')[1]))).toEqual(new Set([ORDERS]));
    });

    test('offers those of another cluster where that is known', async () => {
      const world = await connect({ era });
      const [ref, name] = users;

      const { values } = await complete(world, [ref, name, { clusterId: ANALYTICS }]);

      expect(values).toEqual(['analytics_owner', 'dashboards', 'etl']);
    });

    test.each([
      ['none', {}],
      ['none that can be', { clusterId: '../x' }],
      ['one without text', { clusterId: '' }],
      ['a literal of the API', { clusterId: 'backups' }],
    ])('offers nothing where %s is known, and asks the API nothing', async (_, known) => {
      const world = await connect({ era });

      for (const [ref, name] of [users, databases, promptUsers, promptDatabases]) {
        expect((await complete(world, [ref, name, known])).values).toEqual([]);
      }
      expect(world.requests).toEqual([]);
    });

    test('knows the cluster of a prompt by its name as well', async () => {
      const world = await connect({ era });
      const [ref, name] = promptUsers;

      expect((await complete(world, [ref, name, { cluster: 'orders' }], 'orders_')).values).toEqual(['orders_owner']);
      expect((await complete(world, [ref, name, { cluster: 'order' }], 'orders_')).values).toEqual([]);
    });

    test('spells out what hides in a name, and such a name is taken by the tools', async () => {
      const hidden = 'a\u200Bb';
      const world = await connect({ era });
      await world.call('create_user', { clusterId: ORDERS, username: hidden, password: 'correct-horse-battery' });
      world.pass(6_000);

      const [shown = ''] = (await complete(world, users, 'a')).values.filter((value) => value.endsWith('b'));

      expect(shown).toBe('a\\u{200B}b');
      const { structuredContent } = await world.call('get_user', { clusterId: ORDERS, username: shown });
      expect(structuredContent).toMatchObject({ username: shown });
      expect(world.requests.at(-1)?.path).toBe(`clusters/${ORDERS}/users/${encodeURIComponent(hidden)}`);
    });

    test('offers nothing where the API fails', async () => {
      const world = await connect({ era });
      failReads(world.sandbox, /users|databases/, { kind: 403 });

      for (const completion of [users, databases]) expect((await complete(world, completion)).values).toEqual([]);
      expect(world.log).toMatchObject([{ outcome: 'failed' }, { outcome: 'failed' }]);
    });

    test('sends nothing of what is typed to the API', async () => {
      const world = await connect({ era });

      for (const typed of ['..', '?x=1', '%2F', 'ä'.repeat(500)]) await complete(world, users, typed);

      expect(new Set(world.requests.map(({ path }) => path))).toEqual(new Set([`clusters/${ORDERS}/users?limit=1000`]));
    });

    test('offers at most 100 names, and tells how many there are', async () => {
      const items = Array.from({ length: 150 }, (_, n) => ({ ...user, properties: { username: `user ${n}` } }));
      const world = await connect({ era, fetch: async () => Response.json({ items }) });

      const { values, total, hasMore } = await complete(world, users);

      expect(values).toHaveLength(100);
      expect({ total, hasMore }).toEqual({ total: 150, hasMore: true });
    });

    test('offers the clusters of every other variable and argument by their IDs', async () => {
      const world = await connect({ era });
      for (const ref of [
        ...['backups', 'users', 'databases', 'users/{username}', 'databases/{name}'].map((path) => ({
          type: 'ref/resource' as const,
          uri: `${CLUSTERS}/{clusterId}/${path}`,
        })),
      ]) {
        expect((await complete(world, [ref, 'clusterId', {}], 'orders')).values, ref.uri).toEqual([ORDERS]);
      }
      for (const name of ['plan_major_upgrade', 'recover_to_point_in_time', 'onboard_application']) {
        const { values } = await complete(world, [{ type: 'ref/prompt', name }, 'cluster', {}], 'orders');
        expect(values, name).toEqual([ORDERS]);
      }
    });
  });
});
