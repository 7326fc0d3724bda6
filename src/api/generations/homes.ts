import { createMemory } from '../../memory.ts';

const REMEMBERED_MS = 600_000;
const MOST_REMEMBERED = 10_000;

/** v1, or the region of v2 that has it. */
export type Home<Region> = 'v1' | Region;

/** Where a cluster or backup was seen last, by account; a key is that of `idKey`. */
export interface Homes<Region> {
  get(key: string): Home<Region> | undefined;
  set(key: string, home: Home<Region>): void;
  forget(key: string): void;
}

export function createHomes<Region>() {
  const memory = createMemory<Home<Region>>(REMEMBERED_MS, MOST_REMEMBERED);
  return {
    of(credentialsKey: string): Homes<Region> {
      const ownKey = (key: string) => JSON.stringify([credentialsKey, key]);
      return {
        get: (key) => memory.get(ownKey(key)),
        set: (key, home) => memory.set(ownKey(key), home),
        forget: (key) => memory.delete(ownKey(key)),
      };
    },
  };
}
