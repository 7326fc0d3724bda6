import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Fetch } from '../../../src/api/client.ts';
import { addressOf, type Block, blockOf, isWithin, textOf } from '../../../src/tools/networks/ipv4.ts';
import { clusterAt, computeWith, DATACENTER, lan, OTHER_DATACENTER } from '../../helpers/compute.ts';
import { connect } from '../../helpers/connect.ts';

const RUNS = { numRuns: 150 };

/** Ranges in which IONOS takes no address, or may not. */
const BLOCKED = ['10.233.0.0/17', '10.208.0.0/12', '192.168.230.0/24'].map(block);

function block(text: string): Block {
  const found = blockOf(text);
  if (!found) throw new Error(`${text} is no block`);
  return found;
}

const numberOf = (text: string) => addressOf(text.split('/', 1).join()) ?? Number.NaN;

const blocks = fc
  .tuple(
    fc.constantFrom('10.7.222.', '172.16.20.', '192.168.1.', '192.168.230.', '10.233.1.', '10.210.3.'),
    fc.integer({ min: 0, max: 255 }),
    fc.constantFrom(22, 24, 24, 24, 26, 28, 29, 30, 31, 32),
  )
  .map(([network, host, prefix]) => block(`${network}${host}/${prefix}`));

/** The first ones are where addresses are suggested. */
const hostIn = ({ first, last }: Block) =>
  fc.oneof(fc.integer({ min: first, max: Math.min(last, first + 14) }), fc.integer({ min: first, max: last }));

/** What has addresses in LAN 2, in a block that the API reports or not. */
const worlds = blocks.chain((network) => {
  const address = hostIn(network).map(textOf);
  const cidr = address.map((text) => `${text}/${network.prefix}`);
  const elsewhere = fc.constantFrom('fd00::5', '203.0.113.9', '2001:db8::1/64');
  return fc.record({
    network: fc.constant(network),
    isBlockKnown: fc.boolean(),
    isHeld: fc.boolean(),
    /** Of NICs of any servers, with several addresses each. */
    nics: fc.array(fc.array(fc.oneof(address, address, elsewhere), { maxLength: 3 }), { maxLength: 12 }),
    clusters: fc.uniqueArray(cidr, { maxLength: 6 }),
    others: fc.uniqueArray(cidr, { maxLength: 3 }),
    gateways: fc.array(cidr, { maxLength: 2 }),
    failover: fc.array(address, { maxLength: 2 }),
  });
});

type World = typeof worlds extends fc.Arbitrary<infer T> ? T : never;

function apiOf({ network, isBlockKnown, isHeld, nics, clusters, others, gateways, failover }: World): Fetch {
  const items = nics.map((ips, n) => ({
    id: `n-${n}`,
    href: `https://api.ionos.com/cloudapi/v6/datacenters/${DATACENTER}/servers/s-${n % 3}/nics/n-${n}`,
    properties: { ips, lan: 2 },
  }));
  const properties = {
    ipv4CidrBlock: isBlockKnown ? `${textOf(network.first)}/${network.prefix}` : null,
    ipFailover: failover.map((ip) => ({ ip })),
  };
  return computeWith(
    {
      lans: { items: [lan('2', properties, isHeld ? items : undefined)] },
      'lans/2/nics': { items },
      natgateways: { items: gateways.map((ip) => ({ properties: { lans: [{ id: 2, gatewayIps: [ip] }] } })) },
    },
    {
      items: [
        ...clusters.map((cidr) => clusterAt('2', cidr)),
        ...others.map((cidr) => ({ ...clusterAt('7', cidr), id: `lan-7-${cidr}` })),
        ...others.map((cidr) => ({ ...clusterAt('2', cidr, OTHER_DATACENTER), id: `other-${cidr}` })),
      ],
    },
  );
}

const usedIn = ({ nics, clusters, gateways, failover }: World) =>
  new Set([...nics.flat(), ...clusters, ...gateways, ...failover].map(numberOf));

/** The /24 around all NICs, where the API reports no block. */
function blockIn({ network, isBlockKnown, nics }: World): Block | undefined {
  if (isBlockKnown) return network;
  const networks = new Set(
    nics
      .flat()
      .map(numberOf)
      .filter(Number.isFinite)
      .map((one) => one - (one % 256)),
  );
  const [only] = networks;
  return networks.size === 1 && only !== undefined ? { first: only, last: only + 255, prefix: 24 } : undefined;
}

test('an address that is suggested is one that a cluster can have, whatever there is', async () => {
  let world: World | undefined;
  const fetch: Fetch = (request, init) => {
    if (!world) throw new Error('no world yet');
    return apiOf(world)(request, init);
  };
  const { call } = await connect({ api: 'auto', regions: ['de-txl'], leavesOutRegions: false, fetch });

  await fc.assert(
    fc.asyncProperty(worlds, async (given) => {
      world = given;
      const { structuredContent } = await call('list_network_options', { datacenterId: DATACENTER });
      const [row] = Object(structuredContent).lans;
      const suggested: string[] = row.freeAddresses;
      const network = blockIn(given);
      if (!network) {
        expect([suggested, row.note]).toEqual([[], expect.stringContaining('block is unknown')]);
        return;
      }

      const used = usedIn(given);
      const isFree = (one: number) => !used.has(one) && !BLOCKED.some((each) => isWithin(one, each));
      const free = Array.from(
        { length: Math.max(0, network.last - network.first - 3) },
        (_, n) => network.first + 3 + n,
      ).filter(isFree);
      const inManual = free.filter((one) => one <= network.first + 10);
      const expected = (inManual.length > 0 ? inManual : free).slice(0, 3);
      expect(suggested).toEqual(expected.map((one) => `${textOf(one)}/${network.prefix}`));
      for (const one of suggested.map(numberOf)) {
        expect(one > network.first && one < network.last && isFree(one)).toBe(true);
      }
      const note = row.note ?? '';
      expect(note.includes('No address is free.')).toBe(free.length === 0);
      expect(note.includes('None of .3 to .10 is free')).toBe(free.length > 0 && inManual.length === 0);
      expect(note.includes('Could not be read')).toBe(false);
    }),
    RUNS,
  );
});
