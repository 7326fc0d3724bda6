import fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { StateError } from '../../../src/errors.ts';
import { createMemoryState } from '../../../src/state/memory.ts';
import { type AddressBook, createAddressBooks } from '../../../src/tools/places/address-book.ts';

const lan = { datacenterId: '6e1f4b0d-93a7-4c28-8d15-70b2f9ce3a46', lanId: '2' };
const order = (name: string, place = lan) => ({ ...place, order: name });
const offer = (book: AddressBook, name: string, address: number) => book.offer(order(name), () => address);
const offeredTo = async (book: AddressBook, name: string) => {
  let offered: number | undefined;
  await book.offer(order(name), (_, before) => {
    offered = before;
    return undefined;
  });
  return offered;
};

/** Of two replicas, each with a book of its own for this account. */
function replicas(account = '') {
  const state = createMemoryState();
  const [one, other] = [createAddressBooks(state), createAddressBooks(state)];
  return { one: one.of(account), other: other.of(account), of: other.of };
}

describe('addresses that no list shows yet', () => {
  test('are kept from other orders, and offered to the same one again, by each replica', async () => {
    const { one, other, of } = replicas('one');

    expect(await offer(one, 'shop', 5)).toBe(5);

    expect(await offeredTo(other, 'shop')).toBe(5);
    expect(await offeredTo(of('another'), 'shop')).toBeUndefined();
    expect(await other.takenBesides(order('shop'))).toEqual([]);
    expect(await other.takenBesides(order('blog'))).toEqual([5]);
    expect(await of('another').takenBesides(order('shop'))).toEqual([5]);
    expect(await other.takenBesides(order('blog', { ...lan, lanId: '3' }))).toEqual([]);
    for (const datacenterId of [lan.datacenterId.toUpperCase(), lan.datacenterId.replaceAll('-', '')]) {
      expect(await other.takenBesides(order('blog', { ...lan, datacenterId }))).toEqual([5]);
    }
  });

  test('are chosen one after the other, so that orders at once never get the same', async () => {
    const { one, other } = replicas();
    const free = (taken: readonly number[]) => [3, 4, 5, 6, 7, 8].find((each) => !taken.includes(each));

    const offered = await Promise.all(
      ['a', 'b', 'c', 'd', 'e', 'f'].map((name, n) => (n % 2 ? one : other).offer(order(name), free)),
    );

    expect(offered.sort()).toEqual([3, 4, 5, 6, 7, 8]);
  });

  test('are offered in place of those that the same order was offered before', async () => {
    const { one, other } = replicas();
    await offer(one, 'shop', 5);
    await offer(other, 'shop', 6);
    expect(await one.takenBesides(order('blog'))).toEqual([6]);
  });

  test('are under way once they are sent, and not before', async () => {
    const { one, other } = replicas();
    await offer(one, 'shop', 5);
    await one.send(order('shop'), 6);

    expect(await other.sentBesides(order('blog'))).toEqual([6]);
    expect(await other.sentBesides(order('shop'))).toEqual([]);
  });

  test('are sent with one order alone, until that is dropped or ten minutes are over', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const { one, other } = replicas();
    const sent = await Promise.all([one.send(order('shop'), 5), other.send(order('blog'), 5)]);

    expect(sent.filter(Boolean)).toHaveLength(1);
    expect(await other.send(order('shop'), 5)).toBeUndefined();
    expect(await other.takenBesides(order('shop'))).toEqual([5]);
    await sent.find(Boolean)?.drop();
    expect(await other.send(order('blog'), 5)).toBeDefined();
    vi.setSystemTime(Date.now() + 599_000);
    expect(await one.send(order('shop'), 5)).toBeUndefined();
    vi.setSystemTime(Date.now() + 1_001);
    expect(await one.send(order('shop'), 5)).toBeDefined();
  });

  test('are no obstacle for the cluster itself that moves there', async () => {
    const { one, other } = replicas();
    const cluster = { ...order('id of a cluster'), isCluster: true };
    expect(await one.send(cluster, 5)).toBeDefined();
    expect(await other.send(cluster, 5)).toBeDefined();
    expect(await other.send(order('blog'), 5)).toBeUndefined();
  });

  test('are bounded for each account, and never those of another', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(500), { minLength: 60, maxLength: 100 }), async (names) => {
        const { one, of } = replicas();
        await offer(of('another'), 'kept', 4_000);
        for (const name of names) await offer(one, `order ${name}`, name);

        const taken = await of('third').takenBesides(order('any'));
        expect(taken).toContain(4_000);
        expect(taken.length).toBeLessThanOrEqual(51);
        expect(taken).toContain(names.at(-1));
      }),
      { numRuns: 20 },
    );
  });

  test('are not known while the state is away, so that one can be shown, and none sent', async () => {
    const away = () => Promise.reject(new StateError());
    const book = createAddressBooks({ claimed: away, claim: away, settle: away, unclaim: away }).of('');
    expect(await offer(book, 'shop', 5)).toBe(5);
    expect(await book.takenBesides(order('blog'))).toEqual([]);
    await expect(book.send(order('shop'), 5)).rejects.toThrow(StateError);
  });
});
