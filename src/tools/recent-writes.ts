import { idKey } from '../ids.ts';

/** After a write, AVAILABLE may still be the earlier state for this long. */
const IN_DOUBT_MS = 60_000;

export interface RecentWrites {
  mark(clusterId: string): void;
  has(clusterId: string): boolean;
}

/** Clusters that this process wrote to recently. */
export function createRecentWrites() {
  const sentAt = new Map<string, number>();
  const isOver = (at: number) => Date.now() - at >= IN_DOUBT_MS;
  return {
    of(account: string): RecentWrites {
      const keyOf = (clusterId: string) => JSON.stringify([account, idKey(clusterId)]);
      return {
        mark(clusterId) {
          for (const [key, at] of sentAt) if (isOver(at)) sentAt.delete(key);
          sentAt.set(keyOf(clusterId), Date.now());
        },
        has: (clusterId) => !isOver(sentAt.get(keyOf(clusterId)) ?? Number.NEGATIVE_INFINITY),
      };
    },
  };
}

export const isRecent = (date: string | undefined) => Date.now() - Date.parse(date ?? '') < IN_DOUBT_MS;
