import fc from 'fast-check';
import * as library from 'ip-address';
import { expect, test } from 'vitest';
import { Address4, Address6 } from '../../scripts/build/ip-address.ts';

test.each(['::', '::1', '1::', '2001:db8::8:800:200c:417a', 'fe80::1', '::ffff:192.0.2.1', '64:ff9b::192.0.2.33'])(
  'the build reads %s as the library does',
  (text) => {
    expect(new Address6(text).canonicalForm()).toBe(new library.Address6(text).canonicalForm());
  },
);

test('the build reads any address as the library does', () => {
  const bytes = fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 16, maxLength: 16 });
  fc.assert(
    fc.property(fc.ipV6(), fc.ipV4(), bytes, (v6, v4, raw) => {
      expect(new Address6(v6).canonicalForm()).toBe(new library.Address6(v6).canonicalForm());
      expect(new Address4(v4).toArray()).toEqual(new library.Address4(v4).toArray());
      const made = library.Address6.fromByteArray(raw).canonicalForm();
      expect(Address6.fromByteArray(raw).canonicalForm()).toBe(made);
    }),
  );
});
