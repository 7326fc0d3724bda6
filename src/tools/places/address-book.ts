import { randomUUID } from 'node:crypto';
import type { State, StoredClaim } from '../../state/state.ts';
import { idKey } from '../../text/ids.ts';

/** For one account in one LAN; the oldest give way. */
const MOST_OFFERS = 50;

export interface LanKey {
  datacenterId: string;
  lanId: string;
}

export interface Taker extends LanKey {
  /** The name of an order, or the ID of a cluster that moves, however often it is planned. */
  order: string;
  /** A cluster that moves is no rival of itself; two orders of one name are. */
  isCluster?: boolean;
}

interface Entry {
  id: string;
  account: string;
  order: string;
  address: number;
  isSent: boolean;
}

/** `before` is what this order was offered. Undefined if nothing is to be offered. */
export type Choice = (taken: readonly number[], before: number | undefined) => number | undefined;

/**
 * Addresses that no list of the API shows yet: offered to an order, or sent with one; as one account uses it. Without the
 * state none is known, and none can be sent.
 */
export interface AddressBook {
  /** Those of other orders in this LAN. */
  takenBesides(taker: Taker): Promise<number[]>;
  /** Those of other orders that are sent, which no offer is. */
  sentBesides(taker: Taker): Promise<number[]>;
  /**
   * Keeps the chosen address from being offered to others, until it is sent or ten minutes are over. `choose` is asked
   * again if others take one meanwhile.
   */
  offer(taker: Taker, choose: Choice): Promise<number | undefined>;
  /** Undefined if another order was sent with this address. `drop` is for an order that had no effect. */
  send(taker: Taker, address: number): Promise<{ drop(): Promise<void> } | undefined>;
}

export interface AddressBooks {
  of(account: string): AddressBook;
}

type BookState = Pick<State, 'claimed' | 'claim' | 'settle' | 'unclaim'>;

/** Shared by replicas, as a claim that lasts as long as that of an order. */
export function createAddressBooks(state: BookState): AddressBooks {
  const pageOf = ({ datacenterId, lanId }: LanKey) => JSON.stringify(['addresses', idKey(datacenterId), lanId]);

  async function read(lan: LanKey) {
    const { version, claims } = await state.claimed(pageOf(lan));
    return { version, entries: claims.map(entryIn) };
  }

  const known = async (lan: LanKey) => (await read(lan).catch(() => ({ entries: [] }))).entries;
  const cross = (id: string) => state.unclaim(id).catch(() => {});

  /** Undefined if others have added something since. */
  async function add(lan: LanKey, entry: Omit<Entry, 'id'>, version: string): Promise<string | undefined> {
    const id = randomUUID();
    if (!(await state.claim({ id, account: pageOf(lan), ...claimOf(entry) }, version))) return undefined;
    await state.settle(id, undefined);
    return id;
  }

  return {
    of(account) {
      const isOwn = (entry: Entry, { order }: Taker) => entry.account === account && entry.order === order;
      const isRival = (entry: Entry, taker: Taker) => entry.isSent && !(taker.isCluster && isOwn(entry, taker));
      const addressesOf = (entries: readonly Entry[]) => entries.map(({ address }) => address);
      const takenIn = (entries: readonly Entry[], taker: Taker) =>
        addressesOf(entries.filter((entry) => entry.isSent || !isOwn(entry, taker)));

      async function offerIn(taker: Taker, choose: Choice): Promise<number | undefined> {
        for (;;) {
          const { version, entries } = await read(taker);
          const offers = entries.filter((entry) => entry.account === account && !entry.isSent);
          const own = offers.filter((entry) => isOwn(entry, taker));
          const address = choose(takenIn(entries, taker), own[0]?.address);
          if (address === undefined) return undefined;
          if (!(await add(taker, { account, order: taker.order, address, isSent: false }, version))) continue;
          const beyond = offers.slice(0, Math.max(0, offers.length + 1 - MOST_OFFERS));
          await Promise.all([...new Set([...own, ...beyond])].map(({ id }) => cross(id)));
          return address;
        }
      }

      return {
        takenBesides: async (taker) => takenIn(await known(taker), taker),
        sentBesides: async (taker) =>
          addressesOf((await known(taker)).filter((entry) => entry.isSent && !isOwn(entry, taker))),
        offer: (taker, choose) => offerIn(taker, choose).catch(() => choose([], undefined)),
        async send(taker, address) {
          for (;;) {
            const { version, entries } = await read(taker);
            if (entries.some((entry) => entry.address === address && isRival(entry, taker))) return undefined;
            const id = await add(taker, { account, order: taker.order, address, isSent: true }, version);
            if (id !== undefined) return { drop: () => cross(id) };
          }
        },
      };
    },
  };
}

const claimOf = ({ account, order, address, isSent }: Omit<Entry, 'id'>) => ({
  cluster: JSON.stringify([account, order, address, isSent]),
  once: [],
});

function entryIn({ id, cluster }: StoredClaim): Entry {
  const [account, order, address, isSent] = JSON.parse(cluster);
  return { id, account, order, address, isSent };
}
