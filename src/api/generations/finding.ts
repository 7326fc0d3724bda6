import * as z from 'zod';
import { ApiError } from '../../errors.ts';
import { path } from '../client.ts';
import type { Homes } from './homes.ts';
import { type Asking, askForFirst, isNotThere, LONGEST_MS, type Region, v2Of } from './regions.ts';
import type { V1 } from './v1.ts';
import type { V2 } from './v2.ts';

/** What there is to ask, and what is known of it. */
export interface Sources {
  /** Undefined where it is left out. */
  v1?: V1;
  regions: readonly Region[];
  homes: Homes<Region>;
  asking: Asking;
}

/** A UUID; v2 has no other IDs, and refuses what is none. */
const UUID = /^[\da-f]{8}-?([\da-f]{4}-?){3}[\da-f]{12}$/i;

interface Ask<T> {
  /** Where v1 has it, for an error. */
  place: string;
  v1(v1: V1): Promise<T>;
  v2(v2: V2, isLookUp: boolean): Promise<T>;
}

/** One cluster or backup by its ID, wherever it lives. */
export function createFinder({ v1, regions, homes, asking }: Sources) {
  const { account, absences } = asking;

  /** What the home has; where that is not known, or it is there no longer, what v1 has, then any region. */
  async function find<T>(id: string, { place, ...ask }: Ask<T>): Promise<T> {
    const home = homes.get(id);
    let missing: ApiError | undefined;
    const orMissing = async (work: Promise<T>): Promise<{ value: T } | undefined> => {
      try {
        return { value: await work };
      } catch (error) {
        if (!isGone(error)) throw error;
        missing ??= error;
        return undefined;
      }
    };
    if (home !== undefined && home !== 'v1') {
      const found = await orMissing(ask.v2(v2Of(home, asking.scope), false));
      if (found) return found.value;
      homes.forget(id);
    }
    if (v1) {
      missing = undefined;
      const found = await orMissing(ask.v1(v1));
      if (found) homes.set(id, 'v1');
      else homes.forget(id);
      if (found) return found.value;
    }
    const others = UUID.test(id) ? regions.filter((region) => region !== home && !absences.find(account, region)) : [];
    const longestMs = v1 ? undefined : LONGEST_MS;
    const found = await askForFirst(others, (v2) => ask.v2(v2, true), { ...asking, longestMs });
    if (found) {
      homes.set(id, found.region);
      return found.value;
    }
    throw missing ?? notFound(place);
  }

  const cluster = <Schema extends z.ZodType>(id: string, schema: Schema, once?: boolean) =>
    find<z.output<Schema>>(id, {
      place: path`clusters/${id}`,
      v1: (v1) => v1.cluster(id, schema, once),
      v2: (v2, isLookUp) => v2.cluster(id, schema, once || isLookUp),
    });

  /** Undefined where none that is asked has the cluster. */
  async function homeOf(id: string) {
    const known = homes.get(id);
    if (known) return known;
    try {
      await cluster(id, z.unknown());
    } catch (error) {
      if (!isGone(error)) throw error;
    }
    return homes.get(id);
  }

  return {
    cluster,
    homeOf,
    backup: <Schema extends z.ZodType>(id: string, schema: Schema) =>
      find<z.output<Schema>>(id, {
        place: path`clusters/backups/${id}`,
        v1: (v1) => v1.backup(id, schema),
        v2: (v2, isLookUp) => v2.backup(id, schema, isLookUp),
      }),
  };
}

export const notFound = (place: string) => new ApiError({ method: 'GET', path: place, status: 404, messages: [] });

export const isGone = (error: unknown): error is ApiError =>
  isNotThere(error) && (error.status === 404 || error.status === 410);
