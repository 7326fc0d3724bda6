import { describe, expect, test } from 'vitest';
import { ORDERS } from '../helpers/backups.ts';
import { connect } from '../helpers/connect.ts';
import { cluster } from '../helpers/examples.ts';

const answerOf = async ({ call }: Pick<Awaited<ReturnType<typeof connect>>, 'call'>, tool: string, args = {}) =>
  Object((await call(tool, args)).structuredContent);

describe('a cluster with a host name comes with how to connect', () => {
  const inside = { clusterId: ORDERS };
  const wanted =
    /^postgresql:\/\/<user>@pg-\w+\.postgresql\.[\w-]+\.ionos\.com:5432\/<database>\?sslmode=verify-full&sslrootcert=system$/;

  test.each([
    ['get_cluster', inside],
    ['wait_for_cluster', { ...inside, wait: 0 }],
  ])('in %s', async (tool, args) => {
    expect((await answerOf(await connect(), tool, args)).connection).toMatch(wanted);
  });

  test('in its resource', async () => {
    const { client } = await connect();
    const { contents } = await client.readResource({ uri: `ionos-postgresql://clusters/${ORDERS}` });

    expect(JSON.parse(Object(contents[0]).text).connection).toMatch(wanted);
  });

  test.each([undefined, '', 'a b', 'evil.example/x?', 'a@b', 'x'.repeat(300), 'host\n', '-a'])(
    'but not with %j for one',
    async (dnsName) => {
      const odd = { ...cluster, properties: { ...cluster.properties, dnsName } };
      const world = await connect({ fetch: async () => Response.json(odd) });

      for (const tool of ['get_cluster', 'wait_for_cluster']) {
        const answer = await answerOf(world, tool, { ...inside, ...(tool !== 'get_cluster' && { wait: 0 }) });
        expect(answer.connection).toBeUndefined();
      }
    },
  );
});

describe('versions come with the end of their support by the PostgreSQL project', () => {
  const ENDS = { 14: '2026-11-12', 15: '2027-11-11', 16: '2028-11-09', 17: '2029-11-08' };

  test.each([
    ['list_postgres_versions', {}, ENDS],
    ['list_versions', {}, ENDS],
    ['list_cluster_versions', { clusterId: ORDERS }, { 17: ENDS[17] }],
    ['list_cluster_postgres_versions', { clusterId: ORDERS }, { 16: ENDS[16], 17: ENDS[17] }],
  ])('in %s', async (tool, args, ends) => {
    const { versions, endOfCommunitySupport, source } = await answerOf(await connect(), tool, args);

    expect(endOfCommunitySupport).toEqual(ends);
    expect(versions).toEqual(Object.keys(ends));
    expect(source).toMatch(/^https:\/\/www\.postgresql\.org\/support\/versioning\/ as of \d{4}-\d\d-\d\d/);
  });

  test.each([['99'], ['__proto__'], ['16.3'], ['']])(
    'but %j, of which no source is known, without one',
    async (name) => {
      const world = await connect({ fetch: async () => Response.json({ data: [{ name }] }) });

      expect(await answerOf(world, 'list_postgres_versions')).toEqual({ versions: [name] });
    },
  );
});

test('a maintenance window says that it is UTC wherever a cluster is shown, and is taken in that spelling', async () => {
  const world = await connect();
  const { properties } = await answerOf(world, 'get_cluster', { clusterId: ORDERS });
  const { clusters } = await answerOf(world, 'list_clusters', { detail: 'full' });
  const { cluster } = await answerOf(world, 'update_cluster', { clusterId: ORDERS, cores: 4 });
  world.pass(60_000);

  expect(properties.maintenanceWindow).toEqual({ time: '12:08:00 UTC', dayOfTheWeek: 'Wednesday' });
  expect(clusters[0].maintenanceWindow).toEqual(properties.maintenanceWindow);
  expect(cluster.properties.maintenanceWindow).toEqual(properties.maintenanceWindow);
  world.requests.length = 0;
  const same = { clusterId: ORDERS, maintenanceWindow: properties.maintenanceWindow };
  expect((await answerOf(world, 'update_cluster', same)).note).toMatch(/Nothing was sent/);
  expect(world.sent()).toEqual([]);
});

test('descriptions say what no source settles, and what the API does not have', async () => {
  const { tools } = await (await connect()).client.listTools();
  const textOf = (tool: string) => JSON.stringify(tools.find(({ name }) => name === tool));

  expect(textOf('create_cluster')).toMatch(/With fromBackup it is not documented whether the old users stay/);
  expect(textOf('get_cluster_logs')).toMatch(/no metrics/);
  expect(textOf('get_cluster')).toMatch(/TLS by Let's Encrypt; pooler on port 6432/);
  for (const tool of ['get_user', 'get_database']) expect(textOf(tool)).toMatch(/_unmanaged_ if created by SQL/);
  expect(textOf('get_backup')).toMatch(/does not report when its last base backup was taken/);
});
