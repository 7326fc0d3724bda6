import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { createAddressBooks } from '../../../src/tools/places/address-book.ts';

const lan = { datacenterId: '6e1f4b0d-93a7-4c28-8d15-70b2f9ce3a46', lanId: '2' };
const order = (name: string, place = lan) => ({ ...place, order: name });

describe('addresses that no list shows yet', () => {
  test('are kept from other orders, and offered to the same one again', () => {
    const books = createAddressBooks();
    const [one, other] = [books.of('one'), books.of('other')];

    one.offer(order('shop'), 5);

    expect(one.offeredTo(order('shop'))).toBe(5);
    expect(one.takenBesides(order('shop'))).toEqual([]);
    expect(one.takenBesides(order('blog'))).toEqual([5]);
    expect(other.takenBesides(order('shop'))).toEqual([5]);
    expect(one.takenBesides(order('blog', { ...lan, lanId: '3' }))).toEqual([]);
    expect(one.takenBesides(order('blog', { ...lan, datacenterId: lan.datacenterId.toUpperCase() }))).toEqual([5]);
    expect(one.takenBesides(order('blog', { ...lan, datacenterId: lan.datacenterId.replaceAll('-', '') }))).toEqual([
      5,
    ]);
  });

  test('are under way once they are sent, and not before', () => {
    const book = createAddressBooks().of('');
    book.offer(order('shop'), 5);
    book.send(order('shop'), 6);

    expect(book.sentBesides(order('blog'))).toEqual([6]);
    expect(book.sentBesides(order('shop'))).toEqual([]);
  });

  test('are sent with one order alone, until that is dropped or ten minutes are over', () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      const book = createAddressBooks().of('');
      const first = book.send(order('shop'), 5);

      expect(first).toBeDefined();
      expect(book.send(order('blog'), 5)).toBeUndefined();
      expect(book.send(order('shop'), 5)).toBeUndefined();
      expect(book.takenBesides(order('shop'))).toEqual([5]);
      first?.drop();
      expect(book.send(order('blog'), 5)).toBeDefined();
      vi.setSystemTime(Date.now() + 600_001);
      expect(book.send(order('shop'), 5)).toBeDefined();
    } finally {
      vi.useRealTimers();
    }
  });

  test('are bounded for each account, and never those of another', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(500), { minLength: 60, maxLength: 200 }), (names) => {
        const books = createAddressBooks();
        books.of('other').offer(order('kept'), 4_000);
        for (const name of names) books.of('one').offer(order(`order ${name}`), name);

        const taken = books.of('third').takenBesides(order('any'));
        expect(taken).toContain(4_000);
        expect(taken.length).toBeLessThanOrEqual(51);
        expect(taken).toContain(names.at(-1));
      }),
    );
  });
});
