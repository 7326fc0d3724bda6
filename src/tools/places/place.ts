import { ApiError, InputError } from '../../errors.ts';
import { isSameId, isUuid } from '../../text/ids.ts';
import { excerpt } from '../../text/visible.ts';
import { locationKey } from '../clusters/location.ts';
import { type Attachment, readAttachments } from '../networks/attachments.ts';
import { type Datacenter, type ListReading, readDatacenters } from '../networks/compute.ts';
import { theOneIn } from '../networks/datacenters.ts';
import { FREE_OF_DHCP } from '../networks/free-addresses.ts';
import { addressOf, type Block, isWithin, textOf } from '../networks/ipv4.ts';
import { type LanView, viewLans } from '../networks/lan-view.ts';
import { isUnreadable } from '../networks/optional-reads.ts';
import { attachmentsTo } from '../networks/uses.ts';
import type { Context } from '../tool.ts';
import type { Taker } from './address-book.ts';
import type { PlaceDoubt } from './doubt.ts';

export interface WantedPlace {
  /** ID or exact name. */
  datacenterId: string;
  lanId: string;
  /** Undefined if one is to be chosen. */
  cidr?: string;
  location?: string;
}

/** A place for a cluster, as far as the Compute API shows it. */
export interface CheckedPlace {
  connection: { datacenterId: string; lanId: string; cidr: string };
  /** Of the data center. */
  location?: string;
  doubts: PlaceDoubt[];
}

export interface PlaceOptions extends Pick<Taker, 'order'> {
  /** A cluster that keeps its own address. */
  own?: string;
  /** Where that is now: in the same LAN it keeps its address. */
  present?: readonly { datacenterId?: string; lanId?: string; cidr?: string }[];
  /** The argument that has the place. */
  at: string;
}

/** For everything that is asked of the Compute API: an order does without it. */
const READ_MS = 8_000;

/** Throws InputError where the place cannot be one for a cluster, or no address can be chosen. */
export async function checkPlace(wanted: WantedPlace, options: PlaceOptions, context: Context): Promise<CheckedPlace> {
  const read = readPlace(wanted, options.at, context);
  const seen = await context.orUndefinedAfter(READ_MS, read).catch((error: unknown) => {
    if (context.signal.aborted || !isUnreadable(error)) throw error;
    return error;
  });
  if (isSeen(seen)) return judged(wanted, seen, options, context);
  await refuseAttached(wanted, options, context);
  return unread(wanted, reasonOf(seen), options.at);
}

/** Clusters are listed by the databases' own API, whoever may read networks. */
async function refuseAttached({ datacenterId, lanId, cidr }: WantedPlace, { own, at }: PlaceOptions, context: Context) {
  if (cidr === undefined) return;
  const all = await readAttachments(context).catch((error: unknown) => {
    if (context.signal.aborted) throw error;
    return { rows: [], unseen: '' };
  });
  const hit = attachmentsTo({ datacenterId, lanId }, all).find(
    (each) => !isSameId(each.cluster?.id, own) && each.cidr !== undefined && hostOf(each.cidr) === hostOf(cidr),
  );
  if (!hit) return;
  throw new InputError([`${at}.cidr (${excerpt(cidr)}): ${takenBy(hit)} in this LAN`]);
}

const takenBy = ({ cluster }: Attachment) =>
  `is in use by ${cluster ? `the cluster ${excerpt(cluster.displayName ?? cluster.id)}` : 'another cluster'}`;

interface SeenPlace {
  datacenter: Datacenter;
  /** Undefined if the data center has none of this ID. */
  lan?: LanView;
  areLansWhole: boolean;
}

const isSeen = (seen: unknown): seen is SeenPlace => typeof seen === 'object' && seen !== null && 'datacenter' in seen;

function reasonOf(error: unknown): string {
  if (error === NOTHING_SEEN) return 'these credentials see no data centers';
  if (error === undefined) return `no answer within ${READ_MS / 1000} s`;
  return error instanceof ApiError ? String(error.status) : 'no usable answer';
}

/** Which says nothing about what there is. */
const NOTHING_SEEN = 'nothing seen';

async function readPlace({ datacenterId, lanId }: WantedPlace, at: string, context: Context) {
  const { compute } = context.api;
  const all = await readDatacenters(compute);
  if (isUuid(datacenterId) && !mayJudge(all, datacenterId)) return NOTHING_SEEN;
  const datacenter = theOneIn(all, datacenterId, `${at}.datacenterId`);
  const isWanted = (lan: { id: string }) => lan.id === lanId;
  const { views, isWhole } = await viewLans(datacenter.id, { isWanted, limit: 1, isFew: true }, context);
  const seen: SeenPlace = { datacenter, lan: views[0], areLansWhole: isWhole };
  return seen;
}

/** Whether a list that lacks the data center proves that there is none: a user sees only what is shared with them. */
const mayJudge = ({ rows, isWhole }: ListReading<Datacenter>, id: string) =>
  rows.some((each) => isSameId(each.id, id)) || (isWhole && rows.length > 0);

function unread({ datacenterId, lanId, cidr }: WantedPlace, reason: string, at: string): CheckedPlace {
  const problems = [
    ...(isUuid(datacenterId) ? [] : [`${at}.datacenterId: names cannot be looked up (${reason}); give the ID`]),
    ...(cidr === undefined
      ? [`${at}.cidr: no address can be chosen, since the LAN cannot be read (${reason}); give one`]
      : []),
  ];
  if (cidr === undefined || problems.length > 0) throw new InputError(problems);
  return { connection: { datacenterId, lanId, cidr }, doubts: [{ about: 'place-unread', reason }] };
}

async function judged(
  wanted: WantedPlace,
  seen: SeenPlace,
  options: PlaceOptions,
  context: Context,
): Promise<CheckedPlace> {
  const { datacenter, lan, areLansWhole } = seen;
  const { lanId } = wanted;
  const { at, present = [] } = options;
  const location = datacenter.properties?.location;
  const same = present.find((each) => isSameId(each.datacenterId, datacenter.id) && each.lanId === lanId);
  const cidr = wanted.cidr ?? same?.cidr;
  const problems = [...locationProblems(wanted, location, options), ...lanProblems(lanId, seen, at)];
  const taker = { datacenterId: datacenter.id, lanId, order: options.order };
  if (lan && problems.length === 0 && cidr !== undefined) {
    problems.push(...(await addressProblems(cidr, lan, { ...options, taker }, context)));
  }
  if (problems.length > 0) throw new InputError(problems);
  const chosen = cidr ?? (await choose(lan, taker, context));
  if (chosen === undefined) throw new InputError([`${at}.cidr: ${noneWords(lan)}`]);
  return {
    connection: { datacenterId: same?.datacenterId ?? idIn(wanted.datacenterId, datacenter), lanId, cidr: chosen },
    location,
    doubts: lan ? addressDoubts(chosen, lan) : areLansWhole ? [] : [{ about: 'lan-unread' }],
  };
}

/** As it was given, so that the request has it as it was agreed to. */
const idIn = (given: string, { id }: Datacenter) => (isSameId(given, id) ? given : id);

function locationProblems(
  { location: wanted, datacenterId }: WantedPlace,
  location: string | undefined,
  { at, own }: PlaceOptions,
): string[] {
  if (wanted === undefined || location === undefined || locationKey(wanted) === locationKey(location)) return [];
  const where = `the data center lies in ${excerpt(location)}`;
  if (own !== undefined) {
    return [`${at}.datacenterId (${excerpt(datacenterId)}): ${where}, and the cluster stays in ${excerpt(wanted)}`];
  }
  return [`location (${excerpt(wanted)}): ${where}; a cluster is in the location of its data center`];
}

function lanProblems(lanId: string, { lan, areLansWhole, datacenter }: SeenPlace, at: string): string[] {
  const problem = (words: string) => [`${at}.lanId (${excerpt(lanId)}): ${words}`];
  if (!lan) {
    const where = excerpt(datacenter.properties?.name ?? datacenter.id);
    return areLansWhole ? problem(`the data center ${where} has no such LAN; list_network_options shows its LANs`) : [];
  }
  if (lan.access === 'public') return problem('is public; a cluster needs a private LAN, see list_network_options');
  return lan.isBeingDeleted ? problem('is being deleted; list_network_options shows the others') : [];
}

export const hostOf = (cidr: string) => addressOf(cidr.split('/', 1).join());

async function addressProblems(
  cidr: string,
  lan: LanView,
  { at, own, taker }: PlaceOptions & { taker: Taker },
  { addresses }: Context,
): Promise<string[]> {
  const address = hostOf(cidr);
  if (address === undefined) return [];
  const isUnderWay = (await addresses.sentBesides(taker)).includes(address);
  const words = useOf(address, lan, own) ?? (isUnderWay ? 'goes to an order that is under way' : undefined);
  if (words === undefined) return [];
  const others = lan.freeBesides(await addresses.takenBesides(taker)).addresses;
  const free = others.length > 0 ? ` Free: ${others.join(', ')}` : ' No other address is free';
  return [`${at}.cidr (${excerpt(cidr)}): ${words} in LAN ${excerpt(taker.lanId)}.${free}`];
}

function useOf(address: number, { block, used, clusters }: LanView, own: string | undefined): string | undefined {
  if (block && block.prefix < 31 && address === block.first) return 'is the address of the network itself';
  if (block && block.prefix < 31 && address === block.last) return 'is the broadcast address';
  const atAddress = clusters.filter(({ cidr = '' }) => hostOf(cidr) === address);
  const other = atAddress.find(({ cluster }) => !isSameId(cluster?.id, own));
  if (other) return takenBy(other);
  const isOwnAddress = atAddress.length > 0;
  const user = [...used].find(([user, addresses]) => addresses.has(address) && !(isOwnAddress && user === 'clusters'));
  return user && `is in use (${user[0]})`;
}

async function choose(lan: LanView | undefined, taker: Taker, { addresses }: Context): Promise<string | undefined> {
  if (!lan?.block) return undefined;
  const { block } = lan;
  const address = await addresses.offer(taker, (taken, before) => {
    const isStillFree = before !== undefined && isUnused(before, lan) && !taken.includes(before);
    return isStillFree ? before : hostOf(lan.freeBesides(taken).addresses[0] ?? '');
  });
  return address === undefined ? undefined : `${textOf(address)}/${block.prefix}`;
}

const isUnused = (address: number, { used }: LanView) => [...used.values()].every((each) => !each.has(address));

function noneWords(lan: LanView | undefined): string {
  if (!lan) return 'the LAN cannot be read, so no address can be chosen; give one';
  if (!lan.block) return 'the block of the LAN is unknown, so no address can be chosen; give one';
  return `no address of ${shownBlock(lan.block)} is free; list_network_options shows other LANs`;
}

const shownBlock = ({ first, prefix }: Block) => `${textOf(first)}/${prefix}`;

function addressDoubts(cidr: string, { access, block, isBlockGuessed, unseen, unseenInJoined }: LanView): PlaceDoubt[] {
  const address = hostOf(cidr) ?? 0;
  const host = block && address - block.first;
  const isOutside = block !== undefined && !isWithin(address, block);
  const what = [...unseen, ...unseenInJoined.map((each) => `${each} in LANs joined to it`)];
  const doubts: (PlaceDoubt | false)[] = [
    access === 'unknown' && { about: 'lan-access' },
    (block === undefined || isBlockGuessed) && { about: 'block-unknown' },
    isOutside && !isBlockGuessed && { about: 'outside-block', block: shownBlock(block) },
    !isOutside && host === 1 && { about: 'first-address' },
    !isOutside &&
      host !== undefined &&
      host !== 1 &&
      (host < FREE_OF_DHCP.first || host > FREE_OF_DHCP.last) && { about: 'dhcp' },
    what.length > 0 && { about: 'uses-unread', what },
  ];
  return doubts.filter((doubt) => doubt !== false);
}
