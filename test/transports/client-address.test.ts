import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressKey } from '../../src/transports/client-address.ts';

test.each([
  ['192.0.2.1', '192.0.2.1'],
  [' 192.0.2.1:20001 ', '192.0.2.1'],
  ['192.0.2.1:0', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::FFFF:c000:0201', '192.0.2.1'],
  ['0:0:0:0:0:ffff:192.0.2.1', '192.0.2.1'],
  ['[::ffff:192.0.2.1]:443', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2::ffff', '2001:db8:1:2::/64'],
  ['2001:0db8:0001:0002::', '2001:db8:1:2::/64'],
  ['[2001:db8:1:2::1]', '2001:db8:1:2::/64'],
  ['[2001:db8:1:2::1]:65535', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::192.0.2.1', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['[fe80::1%25eth0]:80', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
])('%j counts as %s', (text, key) => {
  expect(addressKey(text)).toBe(key);
});

test.each([
  ...[
    '',
    'unknown',
    '_hidden',
    'example.com',
    'example.com:80',
    '192.0.2',
    '192.0.2.256',
    '192.0.2.01',
    '192.0.2.1:',
    '0x7f.1',
  ],
  ...[
    '192.0.2.1:123456',
    '192.0.2.1:a',
    '[192.0.2.1',
    '[::1',
    '[::1]x',
    '[]:80',
    ':80',
    '::1::',
    '1:2:3:4:5:6:7:8:9',
    '%eth0',
  ],
  ...['for=192.0.2.1', '"192.0.2.1"', '192.0.2.1, 192.0.2.2', 'x'.repeat(10_000)],
])('all that is no address counts as one: %j', (text) => {
  expect(addressKey(text)).toBe(addressKey('garbage'));
});

test('no port, spelling or host part makes a new client of one', () => {
  const port = fc.integer({ min: 0, max: 65_535 });
  fc.assert(
    fc.property(fc.ipV4(), port, (address, port) => {
      expect(addressKey(`${address}:${port}`)).toBe(address);
      expect(addressKey(`[::ffff:${address}]:${port}`)).toBe(address);
    }),
  );
  const group = fc.integer({ min: 1, max: 0xffff }).map((each) => each.toString(16));
  const groups = fc.array(group, { minLength: 4, maxLength: 4 }).map((each) => each.join(':'));
  fc.assert(
    fc.property(groups, groups, groups, port, (net, one, other, port) => {
      expect(addressKey(`${net}:${one}`)).toBe(`${net}::/64`);
      expect(addressKey(`[${net.toUpperCase()}:${other}]:${port}`)).toBe(`${net}::/64`);
      expect(addressKey(`${net}::`)).toBe(`${net}::/64`);
    }),
  );
  fc.assert(fc.property(fc.ipV6(), (address) => addressKey(address) !== addressKey('garbage')));
  fc.assert(fc.property(fc.string(), (text) => addressKey(text).length <= 40));
});
