import { isSameId } from '../../text/ids.ts';
import type { Context } from '../tool.ts';
import type { Attachment } from './attachments.ts';
import type { Lan } from './compute.ts';
import { joinedTo } from './cross-connects.ts';
import { type FreeAddresses, freeAddresses } from './free-addresses.ts';
import { type Block, blockOf, isWithin } from './ipv4.ts';
import { isPrivate, type LanReads, placeKey, readLansOf, type WantedLans } from './lan-reads.ts';
import {
  type AddressSources,
  type AddressUser,
  attachmentsTo,
  type LanPlace,
  numbersIn,
  readSources,
  USERS,
  usesOf,
} from './uses.ts';

export interface LanView {
  lan: Lan;
  access: 'private' | 'public' | 'unknown';
  isBeingDeleted: boolean;
  block?: Block;
  /** Whether the block is only what surrounds the addresses of NICs. */
  isBlockGuessed: boolean;
  /** The addresses in use, by what uses them, also in LANs that a Cross Connect joins to it. */
  used: ReadonlyMap<AddressUser, ReadonlySet<number>>;
  /** What of the LAN could not be read, or not all of it. */
  unseen: readonly string[];
  /** The same of LANs that a Cross Connect joins to it. */
  unseenInJoined: readonly string[];
  /** The clusters attached to it. */
  clusters: readonly Attachment[];
  /** None unless the LAN is one for a cluster. */
  free: FreeAddresses;
  /** The same without some that nothing shows as used yet. */
  freeBesides(taken: Iterable<number>): FreeAddresses;
}

export interface LanViews {
  views: readonly LanView[];
  /** All LANs of the data center that are known. */
  count: number;
  hasMore: boolean;
  /** Whether the API listed all of them, in a readable form. */
  isWhole: boolean;
}

/** For all that an answer can do without. */
const OPTIONAL_MS = 5_000;
/** INACTIVE is what IONOS calls de-provisioned; the others are those of the API's other resources. */
const GOING = ['INACTIVE', 'DESTROYING', 'DELETING', 'TERMINATED'];

/** LANs of a data center, with the addresses that are seen in use and some that a cluster can have. */
export async function viewLans(datacenterId: string, wanted: WantedLans, context: Context): Promise<LanViews> {
  const [sources, reads] = await Promise.all([
    readSources(datacenterId, OPTIONAL_MS, context),
    readLansOf(datacenterId, wanted, OPTIONAL_MS, context),
  ]);
  const { all, page, hasMore } = reads;
  const known = { reads, sources, seenAt: seenIn(reads, sources) };
  const views = page.map((lan) => viewOf(lan, known));
  return { views, count: all.rows.length, hasMore, isWhole: all.isWhole };
}

interface Known {
  reads: LanReads;
  sources: AddressSources;
  seenAt(place: LanPlace): Seen[];
}

function viewOf(lan: Lan, { reads, sources, seenAt }: Known): LanView {
  const place = { datacenterId: reads.datacenterId, lanId: lan.id };
  const joined = joinedTo(lan, place, reads.networks);
  const own = seenAt(place);
  const others = joined.rows.flatMap(seenAt);
  const used = new Map(USERS.map((user) => [user, numbersOf(user, [...own, ...others])]));
  const known = blockOf(lan.properties?.ipv4CidrBlock ?? '');
  const block = known ?? around(used.get('NICs') ?? new Set());
  const isBeingDeleted = GOING.includes(lan.metadata?.state ?? '');
  const isFit = isPrivate(lan) && !isBeingDeleted && block !== undefined;
  const freeBesides = (taken: Iterable<number>) =>
    isFit
      ? freeAddresses(block, new Set([...taken, ...[...used.values()].flatMap((each) => [...each])]))
      : { addresses: [], isBeyondManual: false };
  return {
    ...{ lan, access: accessOf(lan), isBeingDeleted, block, used },
    isBlockGuessed: known === undefined && block !== undefined,
    unseen: unwhole(own, sources.attachments.unseen),
    unseenInJoined: joined.isWhole ? unwhole(others) : USERS,
    clusters: attachmentsTo(place, sources.attachments),
    free: freeBesides([]),
    freeBesides,
  };
}

interface Seen {
  user: AddressUser;
  numbers: readonly number[];
  isWhole: boolean;
}

/** Each LAN is looked at once, however many others are joined to it. */
function seenIn({ datacenterId, all, nicsOf }: LanReads, sources: AddressSources): (place: LanPlace) => Seen[] {
  const seen = new Map<string, Seen[]>();
  const lans = new Map(all.rows.map((lan) => [lan.id, lan]));
  return (place) => {
    const key = placeKey(place);
    const lan = isSameId(place.datacenterId, datacenterId) ? lans.get(place.lanId) : undefined;
    const uses = seen.has(key) ? undefined : usesOf({ ...place, lan, nics: nicsOf(place) }, sources);
    if (uses)
      seen.set(
        key,
        USERS.map((user) => ({ user, ...numbersIn(uses[user]) })),
      );
    return seen.get(key) ?? [];
  };
}

const numbersOf = (user: AddressUser, seen: readonly Seen[]) =>
  new Set(seen.filter((each) => each.user === user).flatMap(({ numbers }) => numbers));

/** `clusters` says which of them can be missing everywhere. */
function unwhole(seen: readonly Seen[], clusters?: string): string[] {
  const users = USERS.filter((user) => seen.some((each) => each.user === user && !each.isWhole));
  if (clusters === undefined) return users;
  return [...users.filter((user) => user !== 'clusters'), `clusters ${clusters}`.trim()];
}

function accessOf({ properties }: Lan): LanView['access'] {
  if (properties?.public === undefined) return 'unknown';
  return properties.public ? 'public' : 'private';
}

/** IONOS gives private LANs a /24; NICs of several say that this one has another. */
function around(addresses: Iterable<number>): Block | undefined {
  const [first, ...others] = new Set([...addresses].map((address) => address - (address % 256)));
  return first === undefined || others.length > 0 ? undefined : { first, last: first + 255, prefix: 24 };
}

/** How many of the addresses lie in the LAN's block, by what uses them. */
export function usesWithin({ used, block }: LanView): Partial<Record<AddressUser, number>> {
  const counted = [...used].map(([user, addresses]) => {
    const inside = [...addresses].filter((each) => block === undefined || isWithin(each, block));
    return [user, inside.length] as const;
  });
  return Object.fromEntries(counted.filter(([, count]) => count > 0));
}
