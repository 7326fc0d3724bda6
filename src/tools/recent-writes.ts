import { idKey } from '../ids.ts';

/** Milliseconds after a write in which AVAILABLE may be the state of before. */
const IN_DOUBT_MS = 60_000;

export interface RecentWrites {
  /** A write to this cluster may have been sent just now. */
  mark(clusterId: string): void;
  /** Whether that was within the last minute. */
  has(clusterId: string): boolean;
}

/** The clusters to which this process sent a write lately. */
export function createRecentWrites(): RecentWrites {
  const sentAt = new Map<string, number>();
  const isOver = (at: number) => Date.now() - at >= IN_DOUBT_MS;
  return {
    mark(clusterId) {
      for (const [id, at] of sentAt) if (isOver(at)) sentAt.delete(id);
      sentAt.set(idKey(clusterId), Date.now());
    },
    has: (clusterId) => !isOver(sentAt.get(idKey(clusterId)) ?? Number.NEGATIVE_INFINITY),
  };
}

/** Whether a date of the API lies within the last minute. */
export const isRecent = (date: string | undefined) => Date.now() - Date.parse(date ?? '') < IN_DOUBT_MS;
