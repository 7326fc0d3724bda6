import { describe, expect, test } from 'vitest';
import { resources as ourResources } from '../../src/resources/index.ts';
import { connect } from '../helpers/connect.ts';
import { clusterId } from '../helpers/examples.ts';
import { hurried } from '../helpers/fake-clock.ts';
import { SKILL_URIS } from '../helpers/skills.ts';

const CLUSTERS = 'ionos-postgresql://clusters';
const VERSIONS = 'ionos-postgresql://versions';

const FIXED = [...ourResources.map(({ uri }) => uri).filter((uri) => !uri.includes('{')), ...SKILL_URIS];

type World = Awaited<ReturnType<typeof connect>>;

const dataOf = (contents: object[]) => contents.map((entry) => 'text' in entry && JSON.parse(String(entry.text)));

function complete({ client }: World, value: string, uri = `${CLUSTERS}/{clusterId}`) {
  const completion = client.complete({ ref: { type: 'ref/resource', uri }, argument: { name: 'clusterId', value } });
  return completion.then(({ completion }) => completion.values);
}

describe.each(['2025', '2026'] as const)('for a client of %s', (era) => {
  describe('reading', () => {
    test('a cluster gives what get_cluster gives', async () => {
      const { client, call, sandbox } = await connect({ era });
      const { id } = sandbox.addCluster({ displayName: 'billing' });

      const { contents } = await client.readResource({ uri: `${CLUSTERS}/${id}` });

      expect(contents).toMatchObject([{ uri: `${CLUSTERS}/${id}`, mimeType: 'application/json' }]);
      const { structuredContent } = await call('get_cluster', { clusterId: id });
      expect(dataOf(contents)).toEqual([structuredContent]);
    });

    test('a cluster by its name is refused with the ID that is needed', async () => {
      const { client, sandbox } = await connect({ era });
      const { id } = sandbox.addCluster({ displayName: 'billing' });

      for (const part of ['', '/versions', '/backups']) {
        const reading = client.readResource({ uri: `${CLUSTERS}/billing${part}` });
        await expect(reading, part).rejects.toThrow(
          `"billing" is the name of the cluster ${id}, whose ID is needed here.`,
        );
      }
    });

    test('its versions gives what list_cluster_versions gives', async () => {
      const { client, sandbox } = await connect({ era });
      const { id } = sandbox.addCluster({ postgresVersion: '15' });

      const { contents } = await client.readResource({ uri: `${CLUSTERS}/${id}/versions` });

      expect(dataOf(contents)).toMatchObject([{ versions: ['16', '17'] }]);
    });

    test('a cluster that does not exist says so, in the words of the API', async () => {
      const { client } = await connect({ era });
      const uri = `${CLUSTERS}/${clusterId}-not`;

      await expect(client.readResource({ uri })).rejects.toMatchObject({
        code: -32602,
        data: { uri },
        message: expect.stringMatching(/the cluster does not exist\nThere is no cluster .* Similar: /),
      });
    });

    test.each([
      '%2F',
      'a%2Fb',
      `..%2F${clusterId}`,
      `${clusterId}%2F..`,
      '%252e%252e',
      `${clusterId}?x=1`,
      `${clusterId}?`,
      `${clusterId}#x`,
      `${clusterId}\\..`,
      'a b',
      'a%20b',
      'a%00b',
      'a,b',
      'a&b=c',
      '{clusterId}',
      'ä',
      'x'.repeat(129),
    ])('a cluster of ID %s is refused before a request', async (value) => {
      const { client, requests } = await connect({ era });

      for (const uri of [`${CLUSTERS}/${value}`, `${CLUSTERS}/${value}/versions`]) {
        await expect(client.readResource({ uri }), uri).rejects.toMatchObject({ code: -32602 });
      }

      expect(requests).toEqual([]);
    });

    test.each([
      '',
      '.',
      '..',
      '%2e%2e',
      '../..',
      'a/../..',
      `${clusterId}/..`,
      `${clusterId}/x`,
      `${clusterId}/versions/x`,
    ])('the path %s leads nowhere', async (path) => {
      const { client, requests } = await connect({ era });

      await expect(client.readResource({ uri: `${CLUSTERS}/${path}` })).rejects.toMatchObject({ code: -32602 });
      expect(requests).toEqual([]);
    });

    test('a refused ID is named with its rule', async () => {
      const { client, log } = await connect({ era });

      await expect(client.readResource({ uri: `${CLUSTERS}/a%2Fb` })).rejects.toThrow(
        /^Nothing was sent\. [\s\S]*clusterId \("a%2Fb"\): must be 1 to 128 letters, digits and hyphens/,
      );
      expect(log).toMatchObject([{ resource: 'cluster', outcome: 'refused', attempts: 0 }]);
    });
  });

  describe('the list', () => {
    test('names the versions and each cluster, by its name and ID', async () => {
      const { client, sandbox } = await connect({ era });
      const { id } = sandbox.addCluster({ displayName: 'billing' });

      const { resources } = await client.listResources();

      expect(resources).toHaveLength(FIXED.length + 4);
      expect(resources[0]).toMatchObject({ uri: VERSIONS });
      expect(resources.at(-1)).toMatchObject({ uri: `${CLUSTERS}/${id}`, name: id, title: 'billing' });
      for (const { uri } of resources)
        await expect(client.readResource({ uri })).resolves.toMatchObject({ contents: [{ uri }] });
    });

    test('shows at most 100 clusters, from one request', async () => {
      const { client, sandbox, requests } = await connect({ era });
      for (let n = 0; n < 150; n += 1) sandbox.addCluster({ displayName: `cluster ${n}` });

      const { resources } = await client.listResources();

      expect(resources).toHaveLength(FIXED.length + 100);
      expect(requests.map(({ path }) => path)).toEqual(['clusters?limit=100&offset=0']);
    });

    test('names a cluster without a name by its ID', async () => {
      const { client } = await connect({ era, fetch: async () => Response.json({ items: [{ id: 'nameless' }] }) });

      const { resources } = await client.listResources();

      expect(resources.at(-1)).toMatchObject({ uri: `${CLUSTERS}/nameless`, title: 'nameless' });
    });

    test.each([{ kind: 401 }, { kind: 503 }, { kind: 'drop' }, { kind: 'html' }, { kind: 'hang' }] as const)(
      'still names what needs no API when the API fails with %j',
      async (fault) => {
        const { client, sandbox, log } = await connect({ era });
        sandbox.failNext(fault, 3);

        const { resources } = await hurried(() => client.listResources());

        expect(resources.map(({ uri }) => uri)).toEqual(FIXED);
        expect(log).toMatchObject([{ level: 40, resource: 'cluster', outcome: 'failed' }]);
      },
    );

    test('of templates needs no API', async () => {
      const { client, requests } = await connect({ era });

      const { resourceTemplates } = await client.listResourceTemplates();

      expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual(
        ourResources.map(({ uri }) => uri).filter((uri) => uri.includes('{')),
      );
      expect(requests).toEqual([]);
    });
  });

  describe('completion', () => {
    async function worldOf(...names: string[]) {
      const ids = names.map((_, n) => `${String.fromCharCode(97 + n)}${n}C-${'0'.repeat(n)}`);
      const items = names.map((displayName, n) => ({ id: ids[n], properties: { displayName } }));
      return { ids, world: await connect({ era, fetch: async () => Response.json({ items }) }) };
    }

    test.each([`${CLUSTERS}/{clusterId}`, `${CLUSTERS}/{clusterId}/versions`])('offers IDs in %s', async (template) => {
      const { ids, world } = await worldOf('orders', 'billing', 'orders-old');

      expect(await complete(world, '', template)).toEqual(ids);
      expect(await complete(world, 'b1', template)).toEqual([ids[1]]);
      expect(await complete(world, 'ORDER', template)).toEqual([ids[0], ids[2]]);
      expect(await complete(world, 'old', template)).toEqual([ids[2]]);
      expect(await complete(world, '0', template)).toEqual([]);
    });

    test('finds an ID by its beginning in either case', async () => {
      const { ids, world } = await worldOf('orders', 'billing');

      expect(await complete(world, 'B1c-')).toEqual([ids[1]]);
    });

    test('offers nothing when the API is down', async () => {
      const world = await connect({ era });
      world.sandbox.failNext({ kind: 503 }, 3);

      expect(await hurried(() => complete(world, 'or'))).toEqual([]);
      expect(world.log).toMatchObject([{ resource: 'cluster', outcome: 'failed', attempts: 3 }]);
    });

    test('sends nothing of what is typed to the API', async () => {
      const world = await connect({ era });

      for (const typed of ['..', '?x=1', '%2F', 'a&filter.name=b', 'ä'.repeat(500)]) await complete(world, typed);

      expect(new Set(world.requests.map(({ path }) => path))).toEqual(new Set(['clusters?limit=100&offset=0']));
    });
  });
});
