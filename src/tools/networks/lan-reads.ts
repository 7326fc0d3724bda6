import { idKey } from '../../text/ids.ts';
import type { Context } from '../tool.ts';
import { type Lan, type ListReading, nicsWithin, readLans, readNics } from './compute.ts';
import { joinedTo, type Networks, readNetworks } from './cross-connects.ts';
import { inTurn, optionalReads } from './optional-reads.ts';
import type { LanPlace } from './uses.ts';

export interface WantedLans {
  isWanted?(lan: Lan): boolean;
  offset?: number;
  limit?: number;
  /** Whether there are so few that the NICs of all the others are not worth a large answer. */
  isFew?: boolean;
}

export interface LanReads {
  datacenterId: string;
  /** Of the whole data center. */
  all: ListReading<Lan>;
  /** Those wanted; `hasMore` if others follow them. */
  page: readonly Lan[];
  hasMore: boolean;
  networks: Networks;
  /** The addresses of each NIC of a LAN; undefined if they were not read. */
  nicsOf(place: LanPlace): ListReading<string[]> | undefined;
}

/** After it the same is asked again without NICs, which is a smaller answer. */
const WITH_NICS_MS = 10_000;
/** LANs whose NICs are read one by one for one answer. */
const MOST_SINGLE_READS = 40;

export const isPrivate = ({ properties }: Lan) => properties?.public === false;

/** LANs of a data center with their NICs, and with the LANs of others that a Cross Connect joins to them. */
export async function readLansOf(
  datacenterId: string,
  wanted: WantedLans,
  optionalMs: number,
  context: Context,
): Promise<LanReads> {
  const all = await readAllLans(datacenterId, wanted, context);
  const page = pageOf(all.rows.filter(wanted.isWanted ?? Boolean), wanted);
  const ofPrivate = page.items.filter(isPrivate);
  const optional = optionalReads(context, optionalMs);
  const networks = await readNetworks(ofPrivate, context, optional);
  const nics = new Map(all.rows.map((lan) => [placeKey({ datacenterId, lanId: lan.id }), nicsWithin(lan)]));
  const places = ofPrivate.flatMap((lan) => {
    const place = { datacenterId, lanId: lan.id };
    return [place, ...joinedTo(lan, place, networks).rows];
  });
  const silent = new Map(places.map((place) => [placeKey(place), place] as const).filter(([key]) => !nics.get(key)));
  await inTurn([...silent].slice(0, MOST_SINGLE_READS), async ([key, place]) => {
    const read = await optional(() => readNics(place.datacenterId, place.lanId, context.api.compute));
    nics.set(key, read);
  });
  return {
    datacenterId,
    all,
    page: page.items,
    hasMore: page.hasMore,
    networks,
    nicsOf: (at) => nics.get(placeKey(at)),
  };
}

export const placeKey = ({ datacenterId, lanId }: LanPlace) => JSON.stringify([idKey(datacenterId), lanId]);

async function readAllLans(datacenterId: string, { isFew = false }: WantedLans, context: Context) {
  const { compute } = context.api;
  if (!isFew) {
    const optional = optionalReads(context, WITH_NICS_MS);
    const withNics = await optional(() => readLans(datacenterId, compute, { depth: 3, once: true }));
    if (withNics?.isWhole) return withNics;
  }
  return readLans(datacenterId, compute, { depth: 1 });
}

/** Ends before the first LAN that is beyond what one answer reads one by one. */
function pageOf(lans: readonly Lan[], { offset = 0, limit = lans.length }: WantedLans) {
  const items = lans.slice(offset, offset + limit);
  const [beyond] = items.filter((lan) => isPrivate(lan) && !nicsWithin(lan)).slice(MOST_SINGLE_READS);
  const page = beyond ? items.slice(0, items.indexOf(beyond)) : items;
  return { items: page, hasMore: lans.length > offset + page.length };
}
