import * as z from 'zod';
import { ApiError, NoSuchIdError, UnseenError } from '../../errors.ts';
import { idKey, isUuid } from '../../text/ids.ts';
import { path } from '../client.ts';
import { isDown } from './asking/absences.ts';
import { LONGEST_MS } from './asking/limit.ts';
import type { Home, Homes } from './homes.ts';
import type { AbsentSource } from './port.ts';
import { type Asking, askForFirst, chosenFrom, isNotThere, noneOf, type Region, v2Of } from './regions.ts';
import type { V1 } from './v1.ts';
import type { V2 } from './v2.ts';

/** What there is to ask, and what is known of it. */
export interface Sources {
  /** Undefined where it is left out. */
  v1?: V1;
  regions: readonly Region[];
  /** Whether there are regions that are left out. */
  leavesOutRegions?: boolean;
  homes: Homes<Region>;
  asking: Asking;
}

/** Between two searches of all regions for what is followed. */
const SEARCH_AGAIN_MS = 15_000;

interface Ask<T> {
  /** Where v1 has it, for an error. */
  place: string;
  v1(v1: V1): Promise<T>;
  v2(v2: V2, isLookUp: boolean): Promise<T>;
}

interface Found<T> {
  home: Home<Region>;
  value: T;
}

/** Where a cluster is. */
export interface Located {
  /** Undefined where nobody has it, or v1 does not let it be read. */
  home?: Home<Region>;
  /** The cluster, if it was read to find that out. */
  seen?: unknown;
  missing?: ApiError;
}

export const isRegion = (home: Home<Region> | undefined): home is Region => home !== undefined && home !== 'v1';

/** One cluster or backup by its ID, wherever it lives. */
export function createFinder({ v1, regions, leavesOutRegions, homes, asking }: Sources) {
  /** What the home has; where that is not known, or it is there no longer, what v1 has, then any region. */
  async function find<T>(id: string, ask: Ask<T>, isSearched = true): Promise<Found<T>> {
    const key = idKey(id);
    const home = homes.get(key);
    let missing: unknown;
    if (isRegion(home)) {
      const found = await orError(ask.v2(v2Of(home, asking.scope), false), isGone);
      if ('value' in found) return { home, ...found };
      homes.forget(key);
      missing = found.error;
    }
    if (!v1) return search(id, ask, { key, missing, home });
    // What is known to be on v1 is nowhere else while that is down.
    const found = await orError(ask.v1(v1), (error) => isGone(error) || (home !== 'v1' && isDown(error)));
    if ('value' in found) {
      homes.set(key, 'v1');
      return { home: 'v1', ...found };
    }
    homes.forget(key);
    if (!isSearched) throw found.error;
    return search(id, ask, { key, missing: found.error, home });
  }

  /** `missing` is why it was not found before; `home` the region that has it no longer. */
  async function search<T>(id: string, { place, v2 }: Ask<T>, { key, missing, home }: Searched): Promise<Found<T>> {
    // v2 refuses what is none.
    if (!isUuid(id)) throw missing ?? new NoSuchIdError(place, 'IDs on API v2 are UUIDs');
    const others = regions.filter((region) => region !== home);
    const { waiting, alone } = chosenFrom(others, asking, v1 !== undefined);
    const longestMs = v1 ? undefined : LONGEST_MS;
    const { found, absent } = await askForFirst(waiting, (each) => v2(each, true), { ...asking, longestMs });
    if (found) {
      const { region, value } = found;
      // While v1 does not answer, it may have the cluster too.
      if (!isDown(missing)) homes.set(key, region);
      return { home: region, value };
    }
    if (isDown(missing)) throw missing;
    if (!v1 && absent.length > 0 && absent.length === regions.length) throw noneOf(absent);
    const unseen = [...alone, ...absent];
    // What a region has had is in no other.
    if (unseen.length > 0 && !isRegion(home)) {
      throw new UnseenError(place, unseenWords(unseen, { v1, leavesOutRegions }) ?? '');
    }
    throw missing ?? notFound(place);
  }

  async function cluster<Schema extends z.ZodType>(
    id: string,
    schema: Schema,
    once?: boolean,
  ): Promise<z.output<Schema>> {
    return (await find(id, askFor(id, schema, once))).value;
  }

  async function locate(id: string): Promise<Located> {
    const home = homes.get(idKey(id));
    if (home) return { home };
    try {
      const found = await find(id, askFor(id, z.unknown()));
      return { home: found.home, seen: found.value };
    } catch (error) {
      if (isGone(error)) return { missing: error };
      if (error instanceof ApiError && error.status === 403) return {};
      throw error;
    }
  }

  return {
    cluster,
    locate,

    /** Throws where the cluster may be somewhere all the same, or v1 is not asked. */
    async homeOf(id: string): Promise<Home<Region> | undefined> {
      const { home, missing } = await locate(id);
      if (missing && (!v1 || missing instanceof UnseenError)) throw missing;
      return home;
    },

    following(id: string) {
      const paced = createPacing(v1 !== undefined);
      return async <Schema extends z.ZodType>(schema: Schema): Promise<z.output<Schema>> => {
        const found = await paced((isSearched) => find(id, askFor(id, schema), isSearched));
        return found.value;
      };
    },

    async backup<Schema extends z.ZodType>(id: string, schema: Schema): Promise<z.output<Schema>> {
      const found = await find<z.output<Schema>>(id, {
        place: path`clusters/backups/${id}`,
        v1: (v1) => v1.backup(id, schema),
        v2: (v2, isLookUp) => v2.backup(id, schema, isLookUp),
      });
      return found.value;
    },
  };
}

function askFor<Schema extends z.ZodType>(id: string, schema: Schema, once?: boolean): Ask<z.output<Schema>> {
  return {
    place: path`clusters/${id}`,
    v1: (v1) => v1.cluster(id, schema, once),
    v2: (v2, isLookUp) => v2.cluster(id, schema, once || isLookUp),
  };
}

interface Searched {
  key: string;
  missing?: unknown;
  home?: Home<Region>;
}

/** Has all searched now and then, and v1 alone in between; what is not found there is what the last search said. */
function createPacing(asksV1: boolean) {
  let missing: ApiError | undefined;
  let searchedAt = Number.NEGATIVE_INFINITY;
  return async <T>(find: (isSearched: boolean) => Promise<T>): Promise<T> => {
    const isSearched = Date.now() - searchedAt >= SEARCH_AGAIN_MS;
    if (!isSearched && !asksV1) throw missing;
    try {
      return await find(isSearched);
    } catch (error) {
      if (!isGone(error)) throw error;
      if (!isSearched) throw missing ?? error;
      searchedAt = Date.now();
      missing = error;
      throw error;
    }
  };
}

async function orError<T>(
  work: Promise<T>,
  isMeant: (error: unknown) => boolean,
): Promise<{ value: T } | { error: unknown }> {
  try {
    return { value: await work };
  } catch (error) {
    if (!isMeant(error)) throw error;
    return { error };
  }
}

/** Where something may be that nobody has who answers; undefined if everybody does. */
export function unseenWords(
  absent: readonly AbsentSource[],
  { v1, leavesOutRegions }: Pick<Sources, 'v1' | 'leavesOutRegions'>,
): string | undefined {
  const names = absent.map(({ region }) => region).join(', ');
  const words = [
    names && `in a region of API v2 that does not answer (${names})`,
    leavesOutRegions && 'in a region of API v2 that --regions leaves out',
    !v1 && 'on API v1, which is not asked',
  ];
  return words.filter(Boolean).join(', or ') || undefined;
}

export const notFound = (place: string) => new ApiError({ method: 'GET', path: place, status: 404, messages: [] });

export const isGone = (error: unknown): error is ApiError =>
  isNotThere(error) && (error.status === 404 || error.status === 410);
