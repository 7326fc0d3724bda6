import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ORDERS } from '../helpers/backups.ts';
import { type Completion, complete } from '../helpers/completion.ts';
import { connect } from '../helpers/connect.ts';
import { failReads } from '../helpers/faults.ts';

const CLUSTERS = 'ionos-postgresql://clusters';

interface Kind {
  /** The argument of the tools and the variable of the resource that has the name. */
  variable: string;
  tools: [list: string, get: string];
  /** Of the cluster orders. */
  names: string[];
  typed: [begun: string, found: string[]][];
  /** Of the prompt that asks for such a name. */
  argument: string;
  /** Other arguments of the prompt that are known. */
  known: Record<string, string>;
  nowhere: string[];
  tooLong: string;
}

const KINDS: Record<string, Kind> = {
  users: {
    variable: 'username',
    tools: ['list_users', 'get_user'],
    names: ['audit', 'orders_owner', 'reporting'],
    typed: [
      ['OR', ['orders_owner']],
      ['rep', ['reporting']],
    ],
    argument: 'username',
    known: { database: 'x' },
    nowhere: ['%2E%2E', '', 'a/b'],
    tooLong: 'x'.repeat(64),
  },
  databases: {
    variable: 'name',
    tools: ['list_databases', 'get_database'],
    names: ['shop', 'shop_staging'],
    typed: [
      ['shop_', ['shop_staging']],
      ['SHOP', ['shop', 'shop_staging']],
    ],
    argument: 'database',
    known: {},
    nowhere: ['%2e', 'x/..'],
    tooLong: '%C3%A4'.repeat(64),
  },
};

const eras = (['2025', '2026'] as const).flatMap((era) =>
  Object.entries(KINDS).map(([kind, rest]) => ({ era, kind, ...rest })),
);

describe.each(eras)('the $kind of a cluster, for a client of $era:', (row) => {
  const { era, kind, variable, tools, names, typed, argument, known, nowhere, tooLong } = row;
  const [first = ''] = names;
  const ofResource: Completion = [
    { type: 'ref/resource', uri: `${CLUSTERS}/{clusterId}/${kind}/{${variable}}` },
    variable,
    { clusterId: ORDERS },
  ];
  const ofPrompt: Completion = [
    { type: 'ref/prompt', name: 'onboard_application' },
    argument,
    { cluster: ORDERS, ...known },
  ];

  describe('reading', () => {
    test.each([
      [kind, tools[0], {}],
      [`${kind}/${first}`, tools[1], { [variable]: first }],
    ])('%s gives what %s gives', async (path, tool, args) => {
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
      'the one of the name %j asks for it and for nothing else',
      async (name) => {
        const { client, requests, sandbox } = await connect({ era });
        failReads(sandbox, /./, { kind: 404 });
        const uri = `${CLUSTERS}/${ORDERS}/${kind}/${encodeURIComponent(name)}`;

        await client.readResource({ uri }).catch(() => {});

        const [asked, ...looks] = requests.map(({ path }) => path);
        expect(asked).toBe(`clusters/${ORDERS}/${kind}/${encodeURIComponent(name)}`);
        expect(looks).toEqual([`clusters/${ORDERS}/${kind}?limit=1000`, 'clusters?limit=1000']);
      },
    );

    test('a name of 64 characters is refused before a request, with its rule', async () => {
      const { client, requests } = await connect({ era });

      const reading = client.readResource({ uri: `${CLUSTERS}/${ORDERS}/${kind}/${tooLong}` });

      await expect(reading).rejects.toMatchObject({
        code: -32602,
        message: expect.stringMatching(new RegExp(`${variable} \\(".*"\\): .*63`)),
      });
      expect(requests).toEqual([]);
    });

    test.each(nowhere)('"%s" leads nowhere', async (path) => {
      const { client, requests } = await connect({ era });

      const reading = client.readResource({ uri: `${CLUSTERS}/${ORDERS}/${kind}/${path}` });

      await expect(reading).rejects.toMatchObject({ code: -32602 });
      expect(requests).toEqual([]);
    });

    test.each([kind, `${kind}/x`])('%s of a cluster that cannot be, or is not there, is refused', async (path) => {
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
      ['a resource', ofResource, ...(typed[0] ?? expect.fail())] as const,
      ['a prompt', ofPrompt, ...(typed[1] ?? expect.fail())] as const,
    ])('offers those of %s within the cluster that is known', async (_, completion, begun, found) => {
      const world = await connect({ era });

      expect((await complete(world, completion)).values).toEqual(names);
      expect((await complete(world, completion, begun)).values).toEqual(found);
      expect((await complete(world, completion, 'hop')).values).toEqual([]);
      expect(new Set(world.requests.map(({ path }) => path.split('/')[1]))).toEqual(new Set([ORDERS]));
    });

    test.each([
      ['none', {}],
      ['none that can be', { clusterId: '../x' }],
      ['one without text', { clusterId: '' }],
      ['a literal of the API', { clusterId: 'backups' }],
    ])('offers nothing where %s is known, and asks the API nothing', async (_, cluster) => {
      const world = await connect({ era });

      for (const [ref, name] of [ofResource, ofPrompt]) {
        expect((await complete(world, [ref, name, cluster])).values).toEqual([]);
      }
      expect(world.requests).toEqual([]);
    });

    test('offers nothing where the API fails', async () => {
      const world = await connect({ era });
      failReads(world.sandbox, new RegExp(kind), { kind: 403 });

      expect((await complete(world, ofResource)).values).toEqual([]);
      expect(world.log).toMatchObject([{ outcome: 'failed' }]);
    });

    test.each([kind, `${kind}/{${variable}}`])('offers the clusters of %s by their IDs', async (path) => {
      const world = await connect({ era });
      const ref = { type: 'ref/resource' as const, uri: `${CLUSTERS}/{clusterId}/${path}` };

      expect((await complete(world, [ref, 'clusterId', {}], 'orders')).values).toEqual([ORDERS]);
    });
  });
});
