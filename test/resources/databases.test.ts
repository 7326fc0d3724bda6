import { describe, expect, test } from 'vitest';
import { ORDERS } from '../helpers/backups.ts';
import { type Completion, complete } from '../helpers/completion.ts';
import { connect } from '../helpers/connect.ts';
import { failReads } from '../helpers/faults.ts';

const CLUSTERS = 'ionos-postgresql://clusters';

/** As a variable of a resource, and as an argument of a prompt. */
const ofResource: Completion = [
  { type: 'ref/resource', uri: `${CLUSTERS}/{clusterId}/databases/{name}` },
  'name',
  { clusterId: ORDERS },
];
const ofPrompt: Completion = [{ type: 'ref/prompt', name: 'onboard_application' }, 'database', { cluster: ORDERS }];

describe.each(['2025', '2026'] as const)('for a client of %s', (era) => {
  describe('reading', () => {
    test.each([
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

    test.each(['ä ö', 'x?y=1#z', '..a', 'a,b', 'a+b', '漢😀', '{name}', '...'])(
      'a database of the name %j asks for it and for nothing else',
      async (name) => {
        const { client, requests, sandbox } = await connect({ era });
        failReads(sandbox, /./, { kind: 404 });
        const uri = `${CLUSTERS}/${ORDERS}/databases/${encodeURIComponent(name)}`;

        await client.readResource({ uri }).catch(() => {});

        const [first, ...looks] = requests.map(({ path }) => path);
        expect(first).toBe(`clusters/${ORDERS}/databases/${encodeURIComponent(name)}`);
        expect(looks).toEqual([`clusters/${ORDERS}/databases?limit=1000`, 'clusters?limit=1000']);
      },
    );

    test('a name of 64 characters is refused before a request, with its rule', async () => {
      const { client, requests } = await connect({ era });

      const reading = client.readResource({ uri: `${CLUSTERS}/${ORDERS}/databases/${'%C3%A4'.repeat(64)}` });

      await expect(reading).rejects.toMatchObject({
        code: -32602,
        message: expect.stringMatching(/name \(".*"\): .*63/),
      });
      expect(requests).toEqual([]);
    });

    test.each(['databases/%2e', 'databases/x/..'])('%s of a cluster leads nowhere', async (path) => {
      const { client, requests } = await connect({ era });

      const reading = client.readResource({ uri: `${CLUSTERS}/${ORDERS}/${path}` });

      await expect(reading).rejects.toMatchObject({ code: -32602 });
      expect(requests).toEqual([]);
    });

    test.each(['databases', 'databases/x'])(
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
  });

  describe('completion', () => {
    test.each([
      ['a resource', ofResource, 'shop_', ['shop_staging']],
      ['a prompt', ofPrompt, 'SHOP', ['shop', 'shop_staging']],
    ])('offers the databases of %s within the cluster that is known', async (_, completion, typed, found) => {
      const world = await connect({ era });

      expect((await complete(world, completion)).values).toEqual(['shop', 'shop_staging']);
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
      failReads(world.sandbox, /databases/, { kind: 403 });

      expect((await complete(world, ofResource)).values).toEqual([]);
      expect(world.log).toMatchObject([{ outcome: 'failed' }]);
    });

    test.each(['databases', 'databases/{name}'])('offers the clusters of %s by their IDs', async (path) => {
      const world = await connect({ era });
      const ref = { type: 'ref/resource' as const, uri: `${CLUSTERS}/{clusterId}/${path}` };

      expect((await complete(world, [ref, 'clusterId', {}], 'orders')).values).toEqual([ORDERS]);
    });
  });
});
