import { describe, expect, test } from 'vitest';
import {
  CROSS_CONNECT,
  clusterAt,
  computeWith,
  DATACENTER,
  lan,
  listLans,
  nicsOf,
  OTHER_DATACENTER,
  type Reply,
} from '../../helpers/compute.ts';
import { hurried } from '../../helpers/fake-clock.ts';

const JOINED = { ipv4CidrBlock: '10.0.0.0/24', pcc: CROSS_CONNECT };
const NOT_LOOKED_AT = 'failover addresses, NAT gateways, load balancers';

interface Joined {
  peers: unknown;
  lans?: readonly object[];
  clusters?: readonly object[];
  replies?: Record<string, Reply>;
}

function joined({ peers, lans = [lan('2', JOINED, [])], clusters = [], replies = {} }: Joined) {
  const crossConnect = { [`pccs/${CROSS_CONNECT}`]: { properties: { peers } } };
  return listLans(computeWith({ ...replies, ...crossConnect, lans: { items: lans } }, { items: clusters }));
}

const peer = (datacenterId: string, id: unknown) => ({ id, datacenterId });

describe('an address in use in a LAN that a Cross Connect joins is in use', () => {
  test.each([
    ['of another number', '5'],
    ['of the same number in another data center', '2'],
  ])('by a NIC, in a LAN %s', async (_, id) => {
    const { lans, paths } = await joined({
      peers: [peer(DATACENTER.toUpperCase(), '2'), peer(OTHER_DATACENTER, id)],
      replies: { [`${OTHER_DATACENTER}/lans/${id}/nics`]: { items: nicsOf('10.0.0.3') } },
    });

    expect(lans[0]).toMatchObject({
      used: { NICs: 1 },
      freeAddresses: ['10.0.0.4/24', '10.0.0.5/24', '10.0.0.6/24'],
      note: `Not seen in LANs that its Cross Connect joins to it: ${NOT_LOOKED_AT}.`,
    });
    expect(paths.filter((path) => path.includes('/nics'))).toHaveLength(1);
  });

  test('by a cluster', async () => {
    const { lans } = await joined({
      peers: [peer(DATACENTER, '2'), peer(OTHER_DATACENTER, 2)],
      clusters: [clusterAt('2', '10.0.0.3/24', OTHER_DATACENTER), clusterAt('7', '10.0.0.4/24', OTHER_DATACENTER)],
    });

    expect(lans[0]).toMatchObject({ used: { clusters: 1 }, clusters: [], freeAddresses: { 0: '10.0.0.4/24' } });
  });

  test('by anything, in a LAN of the same data center, of which all is known already', async () => {
    const failing = { ...JOINED, ipFailover: [{ ip: '10.0.0.4' }] };
    const { lans, paths } = await joined({
      peers: [peer(DATACENTER, '2'), peer(DATACENTER, '3')],
      lans: [lan('2', JOINED, []), lan('3', failing, nicsOf('10.0.0.3'))],
      replies: { natgateways: { items: [{ properties: { lans: [{ id: 3, gatewayIps: ['10.0.0.5/24'] }] } }] } },
    });

    for (const row of lans) {
      expect(row.used).toEqual({ NICs: 1, 'failover addresses': 1, 'NAT gateways': 1 });
      expect(row.freeAddresses[0]).toBe('10.0.0.6/24');
      expect(row.note).toBeUndefined();
    }
    expect(paths.filter((path) => /pccs|\/nics/.test(path))).toHaveLength(1);
  });

  test('also where NICs come one LAN at a time, in whatever order', async () => {
    for (const [ownMs, otherMs] of [
      [0, 300],
      [300, 0],
    ]) {
      const later = (ms: number | undefined, ip: string) => () =>
        new Promise<object>((done) => setTimeout(() => done({ items: nicsOf(ip) }), ms));
      const { lans } = await hurried(() =>
        joined({
          peers: [peer(DATACENTER, '2'), peer(OTHER_DATACENTER, '5')],
          lans: [lan('2', JOINED)],
          replies: {
            [`${DATACENTER}/lans/2/nics`]: later(ownMs, '10.0.0.3'),
            [`${OTHER_DATACENTER}/lans/5/nics`]: later(otherMs, '10.0.0.4'),
          },
        }),
      );

      expect(lans[0]).toMatchObject({ used: { NICs: 2 }, freeAddresses: { 0: '10.0.0.5/24' } });
    }
  });
});

describe('what is not seen in such a LAN is named', () => {
  test('failover addresses of one that the list of LANs only refers to', async () => {
    const { lans } = await joined({
      peers: [peer(DATACENTER, '2'), peer(DATACENTER, '3')],
      lans: [lan('2', JOINED, []), { id: '3', type: 'lan', href: 'https://x' }],
    });

    expect(lans[0].note).toBe('Not seen in LANs that its Cross Connect joins to it: failover addresses.');
  });

  test.each([403, 404])('NICs that answer %i', async (status) => {
    const { lans } = await joined({
      peers: [peer(DATACENTER, '2'), peer(OTHER_DATACENTER, '5')],
      replies: { [`${OTHER_DATACENTER}/lans/5/nics`]: status },
    });

    expect(lans[0].note).toBe(`Not seen in LANs that its Cross Connect joins to it: NICs, ${NOT_LOOKED_AT}.`);
  });

  test.each<[string, unknown]>([
    ['no list of peers', undefined],
    ['peers that are no list', 7],
    ['a peer without a data center', [peer(DATACENTER, '2'), { id: '5' }]],
    ['a peer that no path can name', [peer(DATACENTER, '2'), peer('..', '5')]],
    ['a peer without a LAN', [peer(DATACENTER, '2'), { datacenterId: OTHER_DATACENTER }]],
  ])('everything, with %s', async (_, peers) => {
    const { lans } = await joined({ peers });

    expect(lans[0].note).toBe(`Not seen in LANs that its Cross Connect joins to it: NICs, ${NOT_LOOKED_AT}, clusters.`);
  });
});

test('a Cross Connect is read once, however many LANs it joins, and so is each of its LANs', async () => {
  const { lans, paths } = await joined({
    peers: [peer(DATACENTER, '2'), peer(DATACENTER, '3'), peer(OTHER_DATACENTER, '5'), peer(OTHER_DATACENTER, '6')],
    lans: [lan('2', JOINED, []), lan('3', JOINED, [])],
    replies: { [`${OTHER_DATACENTER}/lans/6/nics`]: { items: nicsOf('10.0.0.3') } },
  });

  expect(lans.map(({ used }: { used: object }) => used)).toEqual([{ NICs: 1 }, { NICs: 1 }]);
  expect(paths.filter((path) => path.startsWith('pccs'))).toHaveLength(1);
  expect(paths.filter((path) => path.includes('/nics'))).toHaveLength(2);
});
