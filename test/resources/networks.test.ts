import { describe, expect, test } from 'vitest';
import { complete } from '../helpers/completion.ts';
import { computeWith, DATACENTER, hang } from '../helpers/compute.ts';
import { connect } from '../helpers/connect.ts';
import { hurried } from '../helpers/fake-clock.ts';

const DATACENTERS = 'ionos-postgresql://datacenters';
const LANS = `${DATACENTERS}/{datacenterId}/lans`;

const completing = [{ type: 'ref/resource', uri: LANS }, 'datacenterId', {}] as [
  { type: 'ref/resource'; uri: string },
  string,
  Record<string, string>,
];

describe.each(['2025', '2026'] as const)('for a client of %s', (era) => {
  test.each([
    [DATACENTERS, {}],
    [`${DATACENTERS}/${DATACENTER}/lans`, { datacenterId: DATACENTER }],
    [`${DATACENTERS}/%53hop/lans`, { datacenterId: 'shop' }],
  ])('reading %s gives what list_network_options gives', async (uri, args) => {
    const { client, call } = await connect({ era });

    const { contents } = await client.readResource({ uri });

    expect(contents).toMatchObject([{ mimeType: 'application/json' }]);
    const { structuredContent } = await call('list_network_options', args);
    expect(JSON.parse(Object(contents[0]).text)).toEqual(JSON.parse(JSON.stringify(structuredContent)));
  });

  test('the list names the data centers, the templates their LANs', async () => {
    const { client } = await connect({ era });
    const { resources } = await client.listResources();
    const { resourceTemplates } = await client.listResourceTemplates();

    expect(resources).toContainEqual(expect.objectContaining({ uri: DATACENTERS, name: 'datacenters' }));
    expect(resourceTemplates).toContainEqual(expect.objectContaining({ uriTemplate: LANS, name: 'lans' }));
  });

  test('a data center that is not there is not found, and those that are there are named', async () => {
    const { client } = await connect({ era });
    const uri = `${DATACENTERS}/shopp/lans`;

    await expect(client.readResource({ uri })).rejects.toMatchObject({
      code: -32602,
      data: { uri },
      message: expect.stringMatching(/there is no such data center .*"shop" \(6e1f4b0d/),
    });
  });

  test.each(['%20', 'x'.repeat(201)])('a data center of ID %s is refused before a request', async (value) => {
    const { client, requests } = await connect({ era });

    await expect(client.readResource({ uri: `${DATACENTERS}/${value}/lans` })).rejects.toThrow(/datacenterId \(/);
    expect(requests).toEqual([]);
  });

  test.each(['', '/x', '/x/lans/2', '/../lans'])('the path %j leads nowhere', async (path) => {
    const { client, requests } = await connect({ era });

    await expect(client.readResource({ uri: `${DATACENTERS}/${path}` })).rejects.toMatchObject({ code: -32602 });
    expect(requests).toEqual([]);
  });

  test.each([
    ['SHO', [DATACENTER]],
    [DATACENTER.slice(0, 3).toUpperCase(), [DATACENTER]],
    ['no such', []],
  ])('completion of %j offers IDs by a part of the name, or the beginning of the ID', async (typed, expected) => {
    const world = await connect({ era });
    const { values } = await complete(world, completing, typed);

    expect(values).toEqual(expected);
  });

  test.each([401, 403, 404, 500])('completion offers nothing where IONOS answers %i', async (status) => {
    const world = await connect({ era, fetch: computeWith({ datacenters: status }) });

    expect(await hurried(() => complete(world, completing))).toMatchObject({ values: [] });
  });

  test('without the toolset networks they are not offered', async () => {
    const { client, requests } = await connect({ era, toolsets: ['clusters', 'users'] });
    const { resources } = await client.listResources();
    const { resourceTemplates } = await client.listResourceTemplates();
    const before = requests.length;

    expect(JSON.stringify([resources, resourceTemplates])).not.toContain('datacenters');
    await expect(client.readResource({ uri: DATACENTERS })).rejects.toMatchObject({ code: -32602 });
    await expect(
      client.complete({ ref: { type: 'ref/resource', uri: LANS }, argument: { name: 'datacenterId', value: '' } }),
    ).rejects.toThrow();
    expect(requests).toHaveLength(before);
  });
});

test('a completion comes within 4 s, with nothing, where IONOS does not answer', async () => {
  const world = await connect({ fetch: (_, { signal }) => hang(signal) });

  expect((await hurried(() => complete(world, completing))).values).toEqual([]);
  expect(world.log).toMatchObject([{ outcome: 'failed' }]);
  expect(world.log[0]?.ms).toBeLessThan(4_000);
});
