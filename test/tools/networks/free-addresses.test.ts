import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { freeAddresses } from '../../../src/tools/networks/free-addresses.ts';
import { addressOf, blockOf, isWithin, textOf } from '../../../src/tools/networks/ipv4.ts';

function block(text: string) {
  const found = blockOf(text);
  if (!found) throw new Error(`${text} is no block`);
  return found;
}

const numbers = (...addresses: string[]) => new Set(addresses.map((address) => addressOf(address) ?? Number.NaN));

test.each([
  ['192.168.1.0/24', [], ['192.168.1.3/24', '192.168.1.4/24', '192.168.1.5/24']],
  ['192.168.1.100/24', ['192.168.1.3', '192.168.1.5'], ['192.168.1.4/24', '192.168.1.6/24', '192.168.1.7/24']],
  ['172.16.20.0/22', [], ['172.16.20.3/22', '172.16.20.4/22', '172.16.20.5/22']],
  ['10.0.0.0/29', ['10.0.0.4'], ['10.0.0.3/29', '10.0.0.5/29', '10.0.0.6/29']],
  ['10.0.0.8/30', [], []],
  ['10.0.0.0/31', [], []],
  ['10.0.0.7/32', [], []],
  ['10.233.4.0/24', [], []],
  ['192.168.230.0/24', [], []],
  ['10.208.0.0/12', [], []],
  ['255.255.255.0/24', [], ['255.255.255.3/24', '255.255.255.4/24', '255.255.255.5/24']],
])('of %s, with %j in use, these are free for a cluster: %j', (network, used, expected) => {
  expect(freeAddresses(block(network), numbers(...used))).toEqual({ addresses: expected, isBeyondManual: false });
});

test('where all that DHCP leaves alone is in use, later ones are offered, and it is said', () => {
  const used = new Set(Array.from({ length: 9 }, (_, n) => (addressOf('192.168.1.0') ?? 0) + 3 + n));

  expect(freeAddresses(block('192.168.1.0/24'), used)).toEqual({
    addresses: ['192.168.1.12/24', '192.168.1.13/24', '192.168.1.14/24'],
    isBeyondManual: true,
  });
});

test('a large block is not searched address by address where IONOS blocks a part of it', () => {
  expect(freeAddresses(block('10.233.0.0/16'), new Set())).toEqual({
    addresses: ['10.233.128.0/16', '10.233.128.1/16', '10.233.128.2/16'],
    isBeyondManual: true,
  });
});

describe('whatever is in use,', () => {
  const octet = fc.integer({ min: 0, max: 255 });
  const networks = fc
    .tuple(fc.tuple(octet, octet, octet, octet), fc.integer({ min: 20, max: 32 }))
    .map(([octets, prefix]) => block(`${octets.join('.')}/${prefix}`));
  const cases = networks.chain((network) =>
    fc.record({
      network: fc.constant(network),
      used: fc.uniqueArray(fc.integer({ min: network.first, max: network.last }), { maxLength: 300 }),
    }),
  );
  const BLOCKED = ['10.233.0.0/18', '10.233.64.0/18', '10.208.0.0/12', '192.168.230.0/24'].map(block);

  test('what is suggested lies in the block, is free, and is neither of its ends nor blocked', () => {
    fc.assert(
      fc.property(cases, ({ network, used }) => {
        const { addresses } = freeAddresses(network, new Set(used));
        expect(addresses.length).toBeLessThanOrEqual(3);
        expect(new Set(addresses).size).toBe(addresses.length);
        for (const each of addresses) {
          const [host = '', prefix] = each.split('/');
          const address = addressOf(host) ?? Number.NaN;
          expect(prefix).toBe(String(network.prefix));
          expect(address).toBeGreaterThan(network.first);
          expect(address).toBeLessThan(network.last);
          expect(used).not.toContain(address);
          expect(BLOCKED.some((one) => isWithin(address, one))).toBe(false);
        }
      }),
    );
  });

  test('none is suggested only where none is left from .3 on', () => {
    fc.assert(
      fc.property(cases, ({ network, used }) => {
        const hosts = Array.from(
          { length: Math.max(0, network.last - network.first - 3) },
          (_, n) => network.first + 3 + n,
        );
        const isFree = (one: number) => !used.includes(one) && !BLOCKED.some((each) => isWithin(one, each));
        expect(freeAddresses(network, new Set(used)).addresses.length > 0).toBe(hosts.some(isFree));
      }),
      { numRuns: 50 },
    );
  });
});

test.each([
  '',
  '10.0.0.0',
  '10.0.0/24',
  '10.0.0.0/33',
  '10.0.0.0/24/1',
  '10.0.0.256/24',
  '::1/64',
  '10.0.0.0/-1',
  '10.0.0.0/',
])('%j is no block', (text) => expect(blockOf(text)).toBeUndefined());

test('an address reads as it is written', () => {
  fc.assert(
    fc.property(fc.ipV4(), (text) => {
      expect(textOf(addressOf(text) ?? -1)).toBe(text);
    }),
  );
});
