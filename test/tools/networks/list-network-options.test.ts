import { describe, expect, test } from 'vitest';
import { ORDERS } from '../../helpers/backups.ts';
import {
  CROSS_CONNECT,
  computeWith,
  DATACENTER,
  lan,
  lansWith,
  nicsOf,
  OTHER_DATACENTER,
  type Reply,
} from '../../helpers/compute.ts';
import { connect, errorOf } from '../../helpers/connect.ts';
import { hurried } from '../../helpers/fake-clock.ts';

describe('without a data center', () => {
  test('it lists those that the credentials can see', async () => {
    const { call } = await connect();

    const { structuredContent } = await call('list_network_options');

    expect(structuredContent).toMatchObject({
      datacenters: [
        { id: DATACENTER, name: 'shop', location: 'de/txl', state: 'AVAILABLE' },
        { name: 'analytics', location: 'de/fra' },
        { name: 'office', location: 'gb/lhr' },
        { name: 'staging', location: 'de/fra' },
        { name: 'warehouses', location: 'de/fra' },
        { name: 'telemetry', location: 'us/las' },
      ],
    });
  });

  test.each([
    ['FRA', ['analytics', 'staging', 'warehouses']],
    ['sho', ['shop']],
    ['nix', []],
  ])('it filters by name and location: %s', async (filter, expected) => {
    const { call } = await connect();

    const { structuredContent } = await call('list_network_options', { filter });

    const { datacenters, note } = Object(structuredContent);
    expect(datacenters.map(({ name }: { name: string }) => name)).toEqual(expected);
    expect(note.startsWith('None of the 6 data centers')).toBe(expected.length === 0);
    expect(note.includes('There are: shop in de/txl, analytics in de/fra, ')).toBe(expected.length === 0);
  });

  test('it says where the next page begins', async () => {
    const { call } = await connect();

    const first = Object((await call('list_network_options', { limit: 3 })).structuredContent);
    const second = Object((await call('list_network_options', { limit: 3, offset: 3 })).structuredContent);

    expect([first.datacenters.length, first.nextOffset]).toEqual([3, 3]);
    expect([second.datacenters.length, second.nextOffset]).toEqual([3, undefined]);
  });

  test('it says that an empty list need not mean an empty contract', async () => {
    const { call } = await connect({ fetch: computeWith({ datacenters: { items: [] } }) });

    const { structuredContent } = await call('list_network_options');

    expect(Object(structuredContent).note).toContain('may be some that nobody has shared');
  });
});

describe('of a data center', () => {
  test.each([DATACENTER, DATACENTER.toUpperCase(), 'shop', 'SHOP', ' shop '])(
    'by %j: its LANs',
    async (datacenterId) => {
      const { call } = await connect();

      const { structuredContent } = await call('list_network_options', { datacenterId });

      expect(structuredContent).toMatchObject({
        datacenter: { id: DATACENTER, name: 'shop' },
        lans: [
          { id: '1', public: true, note: expect.stringContaining('needs a private LAN') },
          {
            id: '2',
            block: '192.168.1.0/24',
            used: { NICs: 3, clusters: 1 },
            clusters: [`orders ${ORDERS} 192.168.1.100/24`],
            freeAddresses: ['192.168.1.4/24', '192.168.1.5/24', '192.168.1.6/24'],
          },
        ],
        note: expect.stringContaining('Not looked at: Kubernetes nodes'),
      });
    },
  );

  test('that is not there, it names those that are', async () => {
    const { call } = await connect();

    expect(errorOf(await call('list_network_options', { datacenterId: 'shopp' }))).toMatch(
      /datacenterId \("shopp"\): there is no such data center.*"shop" \(6e1f4b0d/,
    );
  });

  const named = (id: string, name: string) => ({ id, properties: { name } });
  const TWO = '3c95b7d2-6a40-4f18-b2e7-91d8c0f4a563';
  const MUNICH = 'a07d51e9-4c38-4b62-8f1d-6e93b2c5d748';
  const NAMED = [
    named(DATACENTER, 'shop'),
    named(OTHER_DATACENTER, DATACENTER),
    named(TWO, '\u202ezWEI '),
    named('3', CROSS_CONNECT),
    named(MUNICH, 'M\u00DCNCHEN'),
  ];

  test.each([
    ['a UUID, also if another has it as its name', DATACENTER, DATACENTER],
    ['a UUID without hyphens', DATACENTER.replaceAll('-', ''), DATACENTER],
    ['a name in other letters, with what hides spelled out', ' \\u{202E}Zwei', TWO],
    ['a name that is composed otherwise', 'mu\u0308nchen', MUNICH],
    ['what has the shape of a UUID, which is no name', CROSS_CONNECT, undefined],
    ['what has another shape, which is no ID', '3', undefined],
    ['a part of a name', 'sho', undefined],
  ])('by %s', async (_, datacenterId, expected) => {
    const { call } = await connect({ fetch: computeWith({ datacenters: { items: NAMED } }) });
    const result = await call('list_network_options', { datacenterId });

    if (expected === undefined) expect(errorOf(result)).toContain('there is no such data center');
    else expect(Object(result.structuredContent).datacenter.id).toBe(expected);
  });

  test('whose name several have, it asks for an ID', async () => {
    const items = ['a', 'b'].map((id) => ({ id, properties: { name: 'Shop', location: 'de/fra' } }));
    const { call } = await connect({ fetch: computeWith({ datacenters: { items } }) });

    expect(errorOf(await call('list_network_options', { datacenterId: 'shop' }))).toMatch(
      /the name of several data centers; use an ID: "Shop" \(a, de\/fra\), "Shop" \(b, de\/fra\)/,
    );
  });

  test('every kind of use counts: NIC, failover address, NAT gateway, load balancer, cluster', async () => {
    const connections = [{ datacenterId: DATACENTER.toUpperCase(), lanId: '2', cidr: '10.0.0.7/24' }];
    const [row] = await lansWith(
      {
        lans: {
          items: [
            lan('2', { ipv4CidrBlock: '10.0.0.0/24', ipFailover: [{ ip: '10.0.0.4' }] }, nicsOf('10.0.0.3', 'fd00::1')),
          ],
        },
        natgateways: {
          items: [
            {
              properties: {
                lans: [
                  { id: 2, gatewayIps: ['10.0.0.5/24'] },
                  { id: 3, gatewayIps: ['10.0.0.9/24'] },
                ],
              },
            },
          ],
        },
        networkloadbalancers: {
          items: [
            { properties: { listenerLan: 1, targetLan: 2, ips: ['203.0.113.9'], lbPrivateIps: ['10.0.0.6/24'] } },
          ],
        },
        applicationloadbalancers: { items: [{ properties: { listenerLan: 2, targetLan: 9, ips: ['10.0.0.8'] } }] },
      },
      { items: [{ id: 'c', properties: { displayName: 'x', connections } }] },
    );

    expect(row).toMatchObject({
      used: { NICs: 1, 'failover addresses': 1, 'NAT gateways': 1, 'load balancers': 2, clusters: 1 },
      freeAddresses: ['10.0.0.9/24', '10.0.0.10/24'],
    });
  });

  test.each([
    ['without a block, NICs tell it', {}, nicsOf('10.9.8.20'), '10.9.8.0/24', /the \/24 around the address of a NIC/],
    ['without a block and NICs, it is unknown', {}, [], undefined, /block is unknown: the person/],
    ['with a block of null, too', { ipv4CidrBlock: null }, [], undefined, /block is unknown/],
    ['with an odd block, too', { ipv4CidrBlock: 'fd00::/64' }, [], undefined, /block is unknown/],
    ['too small for a cluster', { ipv4CidrBlock: '10.0.0.0/31' }, [], '10.0.0.0/31', /No address is free/],
  ])('a LAN %s', async (_, properties, nics, block, note) => {
    const [row] = await lansWith({ lans: { items: [lan('2', properties, nics)] } });

    expect(row.block).toBe(block);
    expect(row.note).toMatch(note);
  });

  test('NICs that the list of LANs does not hold are read one by one', async () => {
    const [row] = await lansWith({
      'lans/2/nics': { items: nicsOf('10.0.0.3') },
      lans: { items: [lan('2', { ipv4CidrBlock: '10.0.0.0/24' })] },
    });

    expect(row).toMatchObject({ used: { NICs: 1 }, freeAddresses: ['10.0.0.4/24', '10.0.0.5/24', '10.0.0.6/24'] });
    expect(row.note).toBeUndefined();
  });

  test('LANs joined by a Cross Connect are one network', async () => {
    const [row] = await lansWith({
      [`${OTHER_DATACENTER}/lans/5/nics`]: { items: nicsOf('10.0.0.3') },
      [`pccs/${CROSS_CONNECT}`]: {
        properties: {
          peers: [
            { id: '2', datacenterId: DATACENTER },
            { id: '5', datacenterId: OTHER_DATACENTER },
          ],
        },
      },
      lans: { items: [lan('2', { ipv4CidrBlock: '10.0.0.0/24', pcc: CROSS_CONNECT }, [])] },
    });

    expect(row).toMatchObject({ used: { NICs: 1 }, freeAddresses: ['10.0.0.4/24', '10.0.0.5/24', '10.0.0.6/24'] });
  });

  const broken = () => new Promise<never>((_, reject) => setTimeout(() => reject(new TypeError('reset')), 5));
  const BLOCK = { lans: { items: [lan('2', { ipv4CidrBlock: '10.0.0.0/24' }, [])] } };

  test.each<[string, Record<string, Reply>, Reply | undefined, string]>([
    ['NAT gateways', { natgateways: 403 }, undefined, 'NAT gateways'],
    ['load balancers', { applicationloadbalancers: 404 }, undefined, 'load balancers'],
    ['load balancers that come as something odd', { networkloadbalancers: { items: 7 } }, undefined, 'load balancers'],
    ['clusters', {}, 401, 'clusters'],
    ['NICs', { lans: { items: [lan('2', { ipv4CidrBlock: '10.0.0.0/24' })] }, 'lans/2/nics': 403 }, undefined, 'NICs'],
    [
      'NICs, by a connection that breaks',
      { lans: { items: [lan('2', { ipv4CidrBlock: '10.0.0.0/24' })] }, 'lans/2/nics': broken },
      undefined,
      'NICs',
    ],
  ])('what cannot be read is named: %s', async (_, replies, clusters, named) => {
    const [row] = await hurried(() => lansWith({ ...BLOCK, ...replies }, clusters));

    expect(row.note).toBe(`Could not be read, and may use addresses: ${named}.`);
    expect(row.freeAddresses).toHaveLength(3);
  });

  test.each([401, 403, 500])('where the Compute API answers %i, it says so', async (status) => {
    const { call } = await connect({ fetch: computeWith({ datacenters: status }) });

    expect(errorOf(await hurried(() => call('list_network_options')))).toContain(String(status));
  });

  test('200 NICs and 300 clusters stay one short row', async () => {
    const ips = Array.from({ length: 200 }, (_, n) => `10.0.0.${n + 20}`);
    const items = Array.from({ length: 300 }, (_, n) => ({
      id: `c-${n}`,
      properties: { connections: [{ datacenterId: DATACENTER, lanId: '2', cidr: `10.0.1.${n % 250}/16` }] },
    }));
    const [row] = await lansWith(
      { lans: { items: [lan('2', { ipv4CidrBlock: '10.0.0.0/16' }, nicsOf(...ips))] } },
      { items },
    );

    expect(JSON.stringify(row).length).toBeLessThan(1_500);
    expect(row.clusters).toHaveLength(11);
    expect(row.clusters.at(-1)).toBe('and 290 more');
  });

  test('500 LANs come page by page', async () => {
    const items = Array.from({ length: 500 }, (_, n) =>
      lan(String(n + 1), { ipv4CidrBlock: `10.${n % 200}.0.0/24` }, []),
    );
    const { call } = await connect({ fetch: computeWith({ lans: { items } }) });
    const seen: string[] = [];
    let offset: number | undefined = 0;
    for (let n = 0; n < 20 && offset !== undefined; n += 1) {
      const { structuredContent } = await call('list_network_options', { datacenterId: DATACENTER, offset });
      const { lans, nextOffset } = Object(structuredContent);
      seen.push(...lans.map(({ id }: { id: string }) => id));
      offset = nextOffset;
    }

    expect(seen).toEqual(items.map(({ id }) => id));
  });
});

test('what hides in names of the Compute API is spelled out', async () => {
  const items = [{ id: DATACENTER, properties: { name: 'sh\u202eop', location: 'de/txl' } }];
  const { call } = await connect({ fetch: computeWith({ datacenters: { items } }) });

  expect(JSON.stringify(await call('list_network_options'))).toContain('sh\\\\u{202E}op');
});
