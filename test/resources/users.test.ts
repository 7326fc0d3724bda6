import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ANALYTICS, ORDERS } from '../helpers/backups.ts';
import { type Completion, complete } from '../helpers/completion.ts';
import { connect } from '../helpers/connect.ts';
import { user } from '../helpers/examples.ts';
import { failReads } from '../helpers/faults.ts';

const CLUSTERS = 'ionos-postgresql://clusters';

/** As a variable of a resource, and as an argument of a prompt. */
const ofResource: Completion = [
  { type: 'ref/resource', uri: `${CLUSTERS}/{clusterId}/users/{username}` },
  'username',
  { clusterId: ORDERS },
];
const ofPrompt: Completion = [
  { type: 'ref/prompt', name: 'onboard_application' },
  'username',
  { cluster: ORDERS, database: 'x' },
];

describe.each(['2025', '2026'] as const)('for a client of %s', (era) => {
  describe('reading', () => {
    test.each([
      ['users', 'list_users', {}],
      ['users/orders_owner', 'get_user', { username: 'orders_owner' }],
    ])('%s of a cluster gives what %s gives', async (path, tool, args) => {
      // Backups reach back seven days from now.
      vi.useFakeTimers({ toFake: ['Date'] });
      onTestFinished(() => void vi.useRealTimers());
      const { client, call, log } = await connect({ era });
      const uri = `${CLUSTERS}/${ORDERS}/${path}`;

      const { contents } = await client.readResource({ uri });

      expect(contents).toMatchObject([{ uri, mimeType: 'application/json' }]);
      const { structuredContent } = await call(tool, { clusterId: ORDERS, ...args });
      expect(JSON.parse(Object(contents[0]).text)).toEqual(JSON.parse(JSON.stringify(structuredContent)));
      expect(log[0]).toMatchObject({ target: ORDERS, outcome: 'done', attempts: 1 });
    });

    test.each(['ä ö', 'x?y=1#z', '..a', 'a,b', 'a+b', '漢😀', '{name}', '...'])(
      'a user of the name %j asks for it and for nothing else',
      async (name) => {
        const { client, requests, sandbox } = await connect({ era });
        failReads(sandbox, /./, { kind: 404 });
        const uri = `${CLUSTERS}/${ORDERS}/users/${encodeURIComponent(name)}`;

        await client.readResource({ uri }).catch(() => {});

        const [first, ...looks] = requests.map(({ path }) => path);
        expect(first).toBe(`clusters/${ORDERS}/users/${encodeURIComponent(name)}`);
        expect(looks).toEqual([`clusters/${ORDERS}/users?limit=1000`, 'clusters?limit=1000']);
      },
    );

    test('shows one whose name has to be encoded', async () => {
      const { client, call, pass } = await connect({ era });
      await call('create_user', { clusterId: ORDERS, username: 'a+b ä', password: 'correct-horse-battery' });
      pass(10_000);

      const { contents } = await client.readResource({ uri: `${CLUSTERS}/${ORDERS}/users/a%2Bb%20%C3%A4` });

      expect(JSON.parse(Object(contents[0]).text)).toMatchObject({ username: 'a+b ä' });
      expect(JSON.stringify(contents)).not.toContain('correct-horse');
    });

    test('a name that is not there says so, in the words of the API', async () => {
      const { client } = await connect({ era });
      const uri = `${CLUSTERS}/${ORDERS}/users/nobody`;

      await expect(client.readResource({ uri })).rejects.toMatchObject({
        code: -32602,
        data: { uri },
        message: expect.stringMatching(/the user does not exist/),
      });
    });

    test('a name of 64 characters is refused before a request, with its rule', async () => {
      const { client, requests } = await connect({ era });

      const reading = client.readResource({ uri: `${CLUSTERS}/${ORDERS}/users/${'x'.repeat(64)}` });

      await expect(reading).rejects.toMatchObject({
        code: -32602,
        message: expect.stringMatching(/username \(".*"\): .*63/),
      });
      expect(requests).toEqual([]);
    });

    test.each(['users/%2E%2E', 'users/', 'users/a/b'])('%s of a cluster leads nowhere', async (path) => {
      const { client, requests } = await connect({ era });

      const reading = client.readResource({ uri: `${CLUSTERS}/${ORDERS}/${path}` });

      await expect(reading).rejects.toMatchObject({ code: -32602 });
      expect(requests).toEqual([]);
    });

    test.each(['users', 'users/x'])('%s of a cluster that cannot be, or is not there, is refused', async (path) => {
      const { client, requests } = await connect({ era });

      for (const id of ['a%2Fb', 'x y', 'backups', 'postgresversions', 'x'.repeat(129)]) {
        await expect(client.readResource({ uri: `${CLUSTERS}/${id}/${path}` }), id).rejects.toMatchObject({
          code: -32602,
        });
      }
      expect(requests).toEqual([]);
      await expect(client.readResource({ uri: `${CLUSTERS}/none/${path}` })).rejects.toThrow(/does not exist/);
    });
  });

  describe('completion', () => {
    test.each([
      ['a resource', ofResource, 'OR', ['orders_owner']],
      ['a prompt', ofPrompt, 'rep', ['reporting']],
    ])('offers the users of %s within the cluster that is known', async (_, completion, typed, found) => {
      const world = await connect({ era });

      expect((await complete(world, completion)).values).toEqual(['audit', 'orders_owner', 'reporting']);
      expect((await complete(world, completion, typed)).values).toEqual(found);
      expect((await complete(world, completion, 'hop')).values).toEqual([]);
      expect(new Set(world.requests.map(({ path }) => path.split('/')[1]))).toEqual(new Set([ORDERS]));
    });

    test.each([
      ['none', {}],
      ['none that can be', { clusterId: '../x' }],
      ['one without text', { clusterId: '' }],
      ['a literal of the API', { clusterId: 'backups' }],
    ])('offers nothing where %s is known, and asks the API nothing', async (_, known) => {
      const world = await connect({ era });

      for (const [ref, name] of [ofResource, ofPrompt]) {
        expect((await complete(world, [ref, name, known])).values).toEqual([]);
      }
      expect(world.requests).toEqual([]);
    });

    test('offers nothing where the API fails', async () => {
      const world = await connect({ era });
      failReads(world.sandbox, /users/, { kind: 403 });

      expect((await complete(world, ofResource)).values).toEqual([]);
      expect(world.log).toMatchObject([{ outcome: 'failed' }]);
    });

    test('offers those of another cluster where that is known', async () => {
      const world = await connect({ era });
      const [ref, name] = ofResource;

      const { values } = await complete(world, [ref, name, { clusterId: ANALYTICS }]);

      expect(values).toEqual(['analytics_owner', 'dashboards', 'etl']);
    });

    test('knows the cluster of a prompt by its name as well', async () => {
      const world = await connect({ era });
      const [ref, name] = ofPrompt;

      expect((await complete(world, [ref, name, { cluster: 'orders' }], 'orders_')).values).toEqual(['orders_owner']);
      expect((await complete(world, [ref, name, { cluster: 'order' }], 'orders_')).values).toEqual([]);
    });

    test('escapes invisible characters in a name, and the tools accept the escaped name', async () => {
      const hidden = 'a\u200Bb';
      const world = await connect({ era });
      await world.call('create_user', { clusterId: ORDERS, username: hidden, password: 'correct-horse-battery' });
      world.pass(6_000);

      const [shown = ''] = (await complete(world, ofResource, 'a')).values.filter((value) => value.endsWith('b'));

      expect(shown).toBe('a\\u{200B}b');
      const { structuredContent } = await world.call('get_user', { clusterId: ORDERS, username: shown });
      expect(structuredContent).toMatchObject({ username: shown });
      expect(world.requests.at(-1)?.path).toBe(`clusters/${ORDERS}/users/${encodeURIComponent(hidden)}`);
    });

    test('sends nothing of what is typed to the API', async () => {
      const world = await connect({ era });

      for (const typed of ['..', '?x=1', '%2F', 'ä'.repeat(500)]) await complete(world, ofResource, typed);

      expect(new Set(world.requests.map(({ path }) => path))).toEqual(new Set([`clusters/${ORDERS}/users?limit=1000`]));
    });

    test('offers at most 100 names, and says how many exist', async () => {
      const items = Array.from({ length: 150 }, (_, n) => ({ ...user, properties: { username: `user ${n}` } }));
      const world = await connect({ era, fetch: async () => Response.json({ items }) });

      const { values, total, hasMore } = await complete(world, ofResource);

      expect(values).toHaveLength(100);
      expect({ total, hasMore }).toEqual({ total: 150, hasMore: true });
    });

    test.each(['users', 'users/{username}'])('offers the clusters of %s by their IDs', async (path) => {
      const world = await connect({ era });
      const ref = { type: 'ref/resource' as const, uri: `${CLUSTERS}/{clusterId}/${path}` };

      expect((await complete(world, [ref, 'clusterId', {}], 'orders')).values).toEqual([ORDERS]);
    });
  });
});
