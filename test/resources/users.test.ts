import { describe, expect, test } from 'vitest';
import { ANALYTICS, ORDERS } from '../helpers/backups.ts';
import { type Completion, complete } from '../helpers/completion.ts';
import { connect } from '../helpers/connect.ts';
import { user } from '../helpers/examples.ts';

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
  });

  describe('completion', () => {
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
  });
});
