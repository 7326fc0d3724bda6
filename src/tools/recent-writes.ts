import { idKey } from '../ids.ts';
import { createMemory } from '../memory.ts';
import { withoutUndefined } from '../text/json.ts';
import type { Size } from './plans/facts.ts';

/** After a write, AVAILABLE may still be the earlier state for this long. */
const IN_DOUBT_MS = 60_000;

/** For this long, the API may still show the sizes of before. */
const SIZES_MS = 120_000;

export interface RecentWrites {
  /** `sizes` are those that were asked for. */
  mark(clusterId: string, sizes?: Partial<Size>): void;
  has(clusterId: string): boolean;
  /** Those that were asked for last, of what was changed. */
  sizes(clusterId: string): Partial<Size>;
}

/** Clusters that this process wrote to recently. */
export function createRecentWrites() {
  const sentAt = new Map<string, number>();
  const sizes = createMemory<Partial<Size>>(SIZES_MS);
  const isOver = (at: number) => Date.now() - at >= IN_DOUBT_MS;
  return {
    of(account: string): RecentWrites {
      const keyOf = (clusterId: string) => JSON.stringify([account, idKey(clusterId)]);
      return {
        mark(clusterId, wanted) {
          for (const [key, at] of sentAt) if (isOver(at)) sentAt.delete(key);
          const key = keyOf(clusterId);
          sentAt.set(key, Date.now());
          if (wanted) sizes.set(key, { ...sizes.get(key), ...withoutUndefined(wanted) });
        },
        sizes: (clusterId) => sizes.get(keyOf(clusterId)) ?? {},
        has: (clusterId) => !isOver(sentAt.get(keyOf(clusterId)) ?? Number.NEGATIVE_INFINITY),
      };
    },
  };
}

export const isRecent = (date: string | undefined) => Date.now() - Date.parse(date ?? '') < IN_DOUBT_MS;
