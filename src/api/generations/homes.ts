import { idKey } from '../../ids.ts';
import { createMemory } from '../../memory.ts';

const REMEMBERED_MS = 600_000;
const MOST_REMEMBERED = 10_000;

/** v1, or the region of v2 that has it. */
export type Home<Region> = 'v1' | Region;

/** Where a cluster or backup was seen last, by account. */
export interface Homes<Region> {
  get(id: string): Home<Region> | undefined;
  set(id: string, home: Home<Region>): void;
  forget(id: string): void;
}

export function createHomes<Region>() {
  const memory = createMemory<Home<Region>>(REMEMBERED_MS, MOST_REMEMBERED);
  return {
    of(account: string): Homes<Region> {
      const keyOf = (id: string) => JSON.stringify([account, idKey(id)]);
      return {
        get: (id) => memory.get(keyOf(id)),
        set: (id, home) => memory.set(keyOf(id), home),
        forget: (id) => memory.delete(keyOf(id)),
      };
    },
  };
}
