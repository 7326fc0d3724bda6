import { describe, expect, test } from 'vitest';
import {
  CROSS_CONNECT,
  clusterAt,
  computeWith,
  DATACENTER,
  hang,
  lan,
  lansWith,
  listLans,
  nicsOf,
  type Reply,
} from '../../helpers/compute.ts';
import { connect, errorOf } from '../../helpers/connect.ts';
import { hurried } from '../../helpers/fake-clock.ts';
import { unplaced } from '../../helpers/orders.ts';

const BLOCK = { ipv4CidrBlock: '10.0.0.0/24' };
const lansOf = (properties: object = {}, nics?: Parameters<typeof lan>[2]) => ({
  items: [lan('2', { ...BLOCK, ...properties }, nics)],
});

/** By how a request can end: what answers it, and whether it is another try for the same. */
const ENDS: Record<string, Reply> = {
  'a 401': 401,
  'a 403': 403,
  'a 404': 404,
  'a 500': 500,
  'a hang': (_, signal) => hang(signal),
  'a broken connection': () => Promise.reject(new TypeError('reset')),
  'a list without items': { type: 'collection' },
  'items that are no list': { items: 7 },
  'items of another kind': { items: [7, 'x', []] },
  'another kind of body': ['x'],
  'a reference where a list was asked for': { id: 'x', type: 'collection', href: 'https://x' },
};

describe.each(Object.entries(ENDS))('%s', (_, end) => {
  test.each<[string, Record<string, Reply>]>([
    ['NICs', { 'lans/2/nics': end, lans: lansOf() }],
    ['NAT gateways', { natgateways: end, lans: lansOf({}, []) }],
    ['load balancers', { networkloadbalancers: end, lans: lansOf({}, []) }],
    ['load balancers', { applicationloadbalancers: end, lans: lansOf({}, []) }],
  ])('instead of %s is named', async (named, replies) => {
    const [row] = await hurried(() => lansWith(replies));

    expect(row.note).toBe(`Could not be read, and may use addresses: ${named}.`);
    expect(row.freeAddresses).toHaveLength(3);
  });

  test('instead of a Cross Connect hides all that it joins', async () => {
    const replies = { [`pccs/${CROSS_CONNECT}`]: end, lans: lansOf({ pcc: CROSS_CONNECT }, []) };
    const [row] = await hurried(() => lansWith(replies));

    expect(row.note).toBe(
      'Not seen in LANs that its Cross Connect joins to it: NICs, failover addresses, NAT gateways, load balancers, clusters.',
    );
  });

  test.each(['datacenters', 'lans'])('instead of %s is told, and nothing is made up', async (list) => {
    const result = await hurried(async () => {
      const { call } = await connect({ fetch: computeWith({ lans: lansOf(), [list]: end }) });
      return call('list_network_options', { datacenterId: DATACENTER });
    });

    const text = JSON.stringify(result.content);
    expect(text).toMatch(/The API (answered|gave no usable)|Nothing was sent|could not be read/);
    expect(text).not.toMatch(/freeAddresses":\[|Unexpected/);
  });
});

// A collection without items is what v1 calls an empty one.
const ENDS_OF_CLUSTERS = Object.entries(ENDS).filter(([, end]) => Object(end).type !== 'collection');

test.each(ENDS_OF_CLUSTERS)('%s instead of clusters is named', async (_, end) => {
  const [row] = await hurried(() => lansWith({ lans: lansOf({}, []) }, end));

  expect(row.note).toMatch(/^Could not be read, and may use addresses: clusters\b[^:]*\.$/);
});

describe('what is odd in a list is named, and the rest of it counts:', () => {
  const [good] = nicsOf('10.0.0.3');
  const FREE = ['10.0.0.4/24', '10.0.0.5/24', '10.0.0.6/24'];

  test.each<[string, unknown]>([
    ['a reference, as where depth is ignored', { id: 'n', type: 'nic', href: 'https://x' }],
    ['addresses that are no list', { id: 'n', properties: { ips: '10.0.0.4', lan: 2 } }],
    ['addresses that are numbers', { id: 'n', properties: { ips: [167_772_164], lan: 2 } }],
    ['a text that is no address', { id: 'n', properties: { ips: ['10.0.0.4-9'], lan: 2 } }],
    ['properties without anything', { id: 'n', properties: {} }],
  ])('NICs with %s', async (_, odd) => {
    const apart = await lansWith({ lans: lansOf(), 'lans/2/nics': { items: [good, odd] } });
    const within = await lansWith({ lans: lansOf({}, [good, odd] as never), 'lans/2/nics': { items: [good, odd] } });

    for (const [row] of [apart, within]) {
      expect(row).toMatchObject({
        used: { NICs: 1 },
        freeAddresses: FREE,
        note: 'Could not be read, and may use addresses: NICs.',
      });
    }
  });

  test.each<[string, unknown]>([
    ['a reference', { id: 'g' }],
    ['LANs that are no list', { properties: { lans: 7 } }],
    ['addresses that are no list', { properties: { lans: [{ id: 2, gatewayIps: 7 }] } }],
    ['no address in this LAN', { properties: { lans: [{ id: 2 }] } }],
    ['a LAN without a number', { properties: { lans: [{ gatewayIps: ['10.0.0.4/24'] }] } }],
  ])('NAT gateways with %s', async (_, odd) => {
    const natgateways = { items: [{ properties: { lans: [{ id: 2, gatewayIps: ['10.0.0.3/24'] }] } }, odd] };
    const [row] = await lansWith({ lans: lansOf({}, []), natgateways });

    expect(row).toMatchObject({
      used: { 'NAT gateways': 1 },
      freeAddresses: FREE,
      note: 'Could not be read, and may use addresses: NAT gateways.',
    });
  });

  test.each<[string, unknown]>([
    ['a reference', { id: 'b' }],
    ['no LAN', { properties: { ips: ['10.0.0.4'] } }],
    ['addresses that are no list', { properties: { listenerLan: 2, targetLan: 3, ips: '10.0.0.4' } }],
    ['no address in this LAN', { properties: { listenerLan: 1, targetLan: 2 } }],
  ])('load balancers with %s', async (_, odd) => {
    const good = { properties: { listenerLan: 2, targetLan: 3, ips: ['10.0.0.3'] } };
    const [row] = await lansWith({ lans: lansOf({}, []), networkloadbalancers: { items: [good, odd] } });

    expect(row).toMatchObject({
      used: { 'load balancers': 1 },
      freeAddresses: FREE,
      note: 'Could not be read, and may use addresses: load balancers.',
    });
  });

  test.each<[string, unknown]>([
    ['that is no list', 7],
    ['of another kind', [{ ip: '10.0.0.3' }, 7]],
    ['without an address', [{ ip: '10.0.0.3' }, { nicUuid: 'n' }]],
  ])('failover %s', async (_, ipFailover) => {
    const [row] = await lansWith({ lans: lansOf({ ipFailover }, []) });

    expect(row.note).toBe('Could not be read, and may use addresses: failover addresses.');
    expect(row.used['failover addresses']).toBe(Array.isArray(ipFailover) ? 1 : undefined);
  });

  test.each<[string, unknown]>([
    ['no properties', undefined],
    ['properties of another kind', 7],
    ['connections that are no list', { connections: { lanId: '2' } }],
    ['a connection of another kind', { connections: [7] }],
    ['a connection to nowhere', { connections: [{ cidr: '10.0.0.4/24' }] }],
    ['a connection to no LAN', { connections: [{ datacenterId: DATACENTER, cidr: '10.0.0.4/24' }] }],
  ])('clusters with %s', async (_, properties) => {
    const items = [clusterAt('2', '10.0.0.3/24'), { id: 'odd', properties }];
    const [row] = await lansWith({ lans: lansOf({}, []) }, { items });

    expect(row).toMatchObject({
      used: { clusters: 1 },
      freeAddresses: FREE,
      note: 'Could not be read, and may use addresses: clusters whose network is not readable (1).',
    });
  });

  test.each([undefined, 7, 'somewhere'])('a cluster of this LAN with the address %j', async (cidr) => {
    const odd = { id: 'odd', properties: { connections: [{ datacenterId: DATACENTER, lanId: '2', cidr }] } };
    const lans = { items: [lan('2', BLOCK, []), lan('3', BLOCK, [])] };
    const rows = await lansWith({ lans }, { items: [odd] });

    expect(rows.map(({ note }: { note?: string }) => note)).toEqual([
      'Could not be read, and may use addresses: clusters.',
      undefined,
    ]);
  });

  test('a LAN number that is a number', async () => {
    const connections = [{ datacenterId: DATACENTER, lanId: 2, cidr: '10.0.0.3/24' }];
    const [row] = await lansWith({ lans: lansOf({}, []) }, { items: [{ id: 'c', properties: { connections } }] });

    expect(row.used).toEqual({ clusters: 1 });
  });

  test.each(['datacenters', 'lans'])('%s', async (list) => {
    const replies: Record<string, Reply> = { lans: lansOf({}, []) };
    const good = list === 'lans' ? lan('2', BLOCK, []) : { id: DATACENTER, properties: { name: 'shop' } };
    const { note } = await listLans(computeWith({ ...replies, [list]: { items: [good, { name: 'x' }] } }));

    expect(note).toContain(list === 'lans' ? 'There are LANs that could not be read.' : 'freeAddresses');
  });

  test('data centers, where one is not found', async () => {
    const items = [{ id: DATACENTER, properties: { name: 'shop' } }, 7];
    const { call } = await connect({ fetch: computeWith({ datacenters: { items } }) });

    expect(errorOf(await call('list_network_options', { datacenterId: 'x' }))).toContain('; others could not be read');
    expect(Object((await call('list_network_options')).structuredContent).note).toBe(
      'There are data centers that could not be read.',
    );
  });
});

test('null, which IONOS sends for what is not set, is nothing', async () => {
  const nic = { id: 'n', properties: { ips: null, lan: 2 } };
  const lans = lansOf({ ipFailover: null, pcc: null }, [nic]);
  const items = [{ id: 'c', properties: { connections: null } }];
  const [row] = await lansWith({ lans, natgateways: { items: [{ properties: { lans: null } }] } }, { items });

  expect(row).toMatchObject({ used: {}, freeAddresses: { length: 3 } });
  expect(row.note).toBeUndefined();
});

test.each([{ id: CROSS_CONNECT }, '../x', ''])('a Cross Connect of %j is one that cannot be read', async (pcc) => {
  const [row] = await lansWith({ lans: lansOf({ pcc }, []) });

  expect(row.note).toContain('Not seen in LANs that its Cross Connect joins to it: NICs,');
});

describe('whether a LAN is private', () => {
  test.each([undefined, null, 'false', 0])('is unknown where the API says %j', async (isPublic) => {
    const [row] = await lansWith({ lans: lansOf({ public: isPublic }, nicsOf('10.0.0.3')) });

    expect(row).toMatchObject({
      block: '10.0.0.0/24',
      note: expect.stringContaining('Whether it is private is unknown'),
    });
    expect(row.public).toBeUndefined();
    expect(row.freeAddresses).toBeUndefined();
  });

  test('is unknown where properties are missing', async () => {
    const [row] = await lansWith({ lans: { items: [{ id: '2' }] } });

    expect(row).toEqual({ id: '2', note: expect.stringContaining('Whether it is private is unknown') });
  });
});

test('in a LAN that is being deleted no address is offered', async () => {
  const items = [{ ...lan('2', BLOCK, []), metadata: { state: 'INACTIVE' } }];
  const [row] = await lansWith({ lans: { items } });

  expect(row).toMatchObject({ freeAddresses: [], note: 'It is INACTIVE: no place for a cluster.' });
});

test('NICs of several networks do not tell a block', async () => {
  const lans = { items: [lan('2', {}, [{ id: 'n', properties: { ips: ['10.9.8.20', '192.168.4.3'] } }])] };
  const [row] = await lansWith({ lans });

  expect(row.note).toContain('block is unknown');
});

describe('clusters that nobody was asked about are named', () => {
  test.each([
    ['v1', 'clusters moved to version 2 of the API, which this server does not reach'],
    ['v2', 'clusters on API v1, which is not asked'],
  ] as const)('under --api %s', async (api, named) => {
    const { lans } = await listLans(computeWith({ lans: lansOf({}, []) }), { api });

    expect(lans[0].note).toBe(`Could not be read, and may use addresses: ${named}.`);
  });

  test('in regions that are left out, also in the plan of an order', async () => {
    const named = 'clusters in a region of API v2 that --regions leaves out';
    const { call } = await connect({ api: 'auto', regions: ['de-txl'] });
    const { structuredContent } = await call('create_cluster', { ...unplaced, dryRun: true });

    expect(Object(structuredContent).plan.effects.join('\n')).toContain(`and may use 192.168.1.4/24: ${named}.`);
    const all = await connect({ api: 'auto' });
    const { structuredContent: whole } = await all.call('create_cluster', { ...unplaced, dryRun: true });
    expect(Object(whole).plan.effects.join('\n')).not.toContain('Could not be read');
  });

  test('by the regions that do not answer', async () => {
    const compute = computeWith({ lans: lansOf({}, []) }, { items: [clusterAt('2', '10.0.0.3/24')] });
    const { lans } = await listLans(
      async (request, init) =>
        request.url.includes('.us-las.') ? Response.json({}, { status: 403 }) : compute(request, init),
      { regions: ['de-txl', 'us-las'] },
    );

    expect(lans[0]).toMatchObject({
      used: { clusters: 1 },
      note: 'Could not be read, and may use addresses: clusters in a region of API v2 that does not answer (us-las).',
    });
  });
});
