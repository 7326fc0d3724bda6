import { isSameId } from '../../ids.ts';

/** As long as an agreement to the order can be given, and as the lists of the API may lack a new cluster. */
const KEPT_MS = 600_000;
/** For one account; the oldest give way. */
const MOST_OF_ACCOUNT = 50;
const MOST = 10_000;

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

interface Entry extends Taker {
  account: string;
  address: number;
  isSent: boolean;
  until: number;
}

/** Addresses that no list of the API shows yet: offered to an order, or sent with one; as one account uses it. */
export interface AddressBook {
  /** Those of other orders in this LAN. */
  takenBesides(taker: Taker): number[];
  /** Those of other orders that are sent, which no offer is. */
  sentBesides(taker: Taker): number[];
  /** What this order was offered before. */
  offeredTo(taker: Taker): number | undefined;
  /** Keeps the address from being offered to others, until it is sent or ten minutes are over. */
  offer(taker: Taker, address: number): void;
  /** Undefined if another order was sent with this address. `drop` is for an order that had no effect. */
  send(taker: Taker, address: number): { drop(): void } | undefined;
}

const isSameLan = (one: LanKey, other: LanKey) =>
  one.lanId === other.lanId && isSameId(one.datacenterId, other.datacenterId);

export interface AddressBooks {
  of(account: string): AddressBook;
}

export function createAddressBooks(): AddressBooks {
  let entries: Entry[] = [];

  function inLan(lan: LanKey): Entry[] {
    entries = entries.filter(({ until }) => until > Date.now()).slice(-MOST);
    return entries.filter((entry) => isSameLan(entry, lan));
  }

  function add(entry: Omit<Entry, 'until'>): Entry {
    const whole = { ...entry, until: Date.now() + KEPT_MS };
    const offers = entries.filter(({ account, isSent }) => account === entry.account && !isSent);
    const own = offers.filter((each) => each.order === entry.order && isSameLan(each, entry));
    const beyond = new Set([...own, ...offers.slice(0, Math.max(0, offers.length + 1 - MOST_OF_ACCOUNT))]);
    entries = [...entries.filter((each) => !beyond.has(each)), whole];
    return whole;
  }

  return {
    of(account) {
      const isOwn = (entry: Entry, { order }: Taker) => entry.account === account && entry.order === order;
      return {
        takenBesides: (taker) =>
          inLan(taker)
            .filter((entry) => entry.isSent || !isOwn(entry, taker))
            .map(({ address }) => address),
        sentBesides: (taker) =>
          inLan(taker)
            .filter((entry) => entry.isSent && !isOwn(entry, taker))
            .map(({ address }) => address),
        offeredTo: (taker) => inLan(taker).find((entry) => !entry.isSent && isOwn(entry, taker))?.address,
        offer: (taker, address) => void add({ ...taker, account, address, isSent: false }),
        send(taker, address) {
          const isRival = (entry: Entry) => entry.isSent && !(taker.isCluster && isOwn(entry, taker));
          if (inLan(taker).some((entry) => isRival(entry) && entry.address === address)) return undefined;
          const entry = add({ ...taker, account, address, isSent: true });
          return {
            drop() {
              entries = entries.filter((each) => each !== entry);
            },
          };
        },
      };
    },
  };
}
