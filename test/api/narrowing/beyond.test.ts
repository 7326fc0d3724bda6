import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { ANALYTICS, ORDERS } from '../../helpers/backups.ts';
import { host } from '../../helpers/in-process-host.ts';
import { order } from '../../helpers/orders.ts';
import { fieldsIn, INVENTORY, LEGACY, namesIn, narrowedTo, textIn } from './world.ts';

const OUTSIDE = [ORDERS, LEGACY, INVENTORY, 'orders', 'legacy-crm', 'inventory'];
const [connection] = order.connections;

function tellsOfNone(words: string): void {
  for (const each of OUTSIDE) expect(words).not.toContain(each);
}

describe('clusters that the URL leaves out', () => {
  test('are not called deleted by a wait for their end', async () => {
    const { call } = await narrowedTo('?clusters=analytics-*', { regions: [] });

    const { note } = fieldsIn(await call('wait_for_cluster', { clusterId: ORDERS, until: 'GONE' }));
    const { note: there } = fieldsIn(await call('wait_for_cluster', { clusterId: ANALYTICS }));

    expect(note).toContain('or outside of what the URL of this server is for (clusters that match "analytics-*").');
    expect(there).not.toContain('outside');
  });

  test('count in the totals of the policy, which names none of them', async () => {
    const policy = JSON.stringify({ inTotal: { clusters: 3 } });
    const { call, sent } = await narrowedTo('?clusters=analytics-*', { policy, regions: [] });

    const answer = textIn(await call('create_cluster', { ...order, displayName: 'analytics-2' }));

    expect(answer).toContain('inTotal.clusters: at most 3; there are 3');
    tellsOfNone(answer);
    expect(sent()).toEqual([]);
  });

  test('keep their addresses, which are neither offered nor taken', async () => {
    const { call, sandbox, sent } = await narrowedTo('?clusters=analytics-*');
    const { cidr } = sandbox.cluster(ORDERS).properties.connections?.[0] ?? {};
    const orderAt = (place: object) =>
      call('create_cluster', { ...order, displayName: 'analytics-2', connections: [place], dryRun: true });

    const taken = textIn(await orderAt({ ...connection, cidr }));
    const moved = textIn(
      await call('update_cluster', { clusterId: ANALYTICS, connections: [{ ...connection, cidr }] }),
    );
    const chosen = fieldsIn(await orderAt({ ...connection, cidr: undefined }));
    const { lans } = fieldsIn(await call('list_network_options', { datacenterId: connection?.datacenterId }));

    expect(taken).toContain(`(\\"${cidr}\\"): is in use by another cluster in LAN`);
    expect(chosen.plan.arguments.connections[0].cidr).toMatch(/^192\.168\.1\.\d+\/24$/);
    expect(chosen.plan.arguments.connections[0].cidr).not.toBe(cidr);
    expect(lans[1]).toMatchObject({ id: connection?.lanId, used: { clusters: 1 }, clusters: [] });
    tellsOfNone(taken + moved + JSON.stringify([chosen, lans]));
    expect(sent()).toEqual([]);
  });

  test('keep them where only the databases can be read', async () => {
    const { call, sandbox } = await narrowedTo('?clusters=analytics-*');
    const { cidr } = sandbox.cluster(ORDERS).properties.connections?.[0] ?? {};
    const whole = sandbox.fetch;
    sandbox.fetch = async (request) =>
      request.url.includes('/cloudapi/') ? Response.json({}, { status: 403 }) : whole(request);

    const wanted = { ...order, displayName: 'analytics-2', connections: [{ ...connection, cidr }] };
    const taken = textIn(await call('create_cluster', wanted));

    expect(taken).toContain('is in use by another cluster in this LAN');
    tellsOfNone(taken);
  });

  // Whoever names one of them tells of it.
  test('are seen by what counts them or looks for addresses, and by nothing else in the source', () => {
    const src = path.join(import.meta.dirname, '../../../src');
    const users = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(
      (file) => file.endsWith('.ts') && readFileSync(path.join(src, file), 'utf8').includes('everyCluster'),
    );

    expect(users.filter((file) => !file.startsWith('api/')).sort()).toEqual([
      'calls/context.ts',
      'tools/finding/cluster-list.ts',
      'tools/networks/attachments.ts',
      'tools/tool.ts',
      'writes/index.ts',
      'writes/policy.ts',
    ]);
  });
});

test('a name that fits several clusters, or none, is asked about without those that do not match', async () => {
  const { call, sandbox } = await narrowedTo('?clusters=shop-*');
  const [one, other] = [sandbox.addCluster({ displayName: 'shop-1' }), sandbox.addCluster({ displayName: 'shop-1' })];
  const hidden = sandbox.addCluster({ displayName: 'store' });

  const twice = textIn(await call('get_cluster', { clusterId: 'shop-1' }));
  const near = textIn(await call('get_cluster', { clusterId: 'storr' }));

  expect(twice).toContain(one.id);
  expect(twice).toContain(other.id);
  expect(near).toContain('There are 2 clusters, none with a similar name');
  expect(near).toContain('outside of what the URL of this server is for (clusters that match \\"shop-*\\")');
  for (const each of [hidden.id, 'store', 'orders']) expect(twice + near).not.toContain(`${each}"`);
});

test('over SSE, the URL that opened the connection holds for all that is posted to it', async () => {
  const {
    call: narrow,
    client,
    clientAt,
    log,
  } = await narrowedTo('?clusters=analytics-*&read_only=true', { regions: [] }, 'sse');
  const { call: wide } = await clientAt('');
  const shown = async (call: typeof wide) => namesIn(await call('list_clusters')).length;

  expect([await shown(narrow), await shown(wide), await shown(narrow)]).toEqual([1, 3, 1]);
  expect((await client.listTools()).tools.map(({ name }) => name)).not.toContain('delete_cluster');
  const narrowed = log.filter(({ msg }) => msg === 'call').map(({ narrowed }) => narrowed !== undefined);
  expect(narrowed).toEqual([true, false, true]);
});

test('a caller with a token of their own at IONOS is narrowed like any other', async () => {
  const { modern, log } = await host({ callersOwnToken: true, regions: ['de-fra'] });
  const client = await modern({ 'x-ionos-token': 'token-of-somebody-'.padEnd(40, 'x') }, undefined, '?clusters=ORDERS');

  expect(namesIn(await client.callTool({ name: 'list_clusters' }))).toEqual(['orders']);
  expect((await client.callTool({ name: 'get_cluster', arguments: { clusterId: ANALYTICS } })).isError).toBe(true);
  expect(log.at(-1)).toMatchObject({ narrowed: { clusters: ['ORDERS'] } });
});
