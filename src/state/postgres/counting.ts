import { createMemory } from '../../memory.ts';
import { type Counted, MINUTE_MS } from '../state.ts';

/** Below this every request waits for its count: one more would be many of them. */
const SMALLEST_LIMIT = 100;
/** So far from the limit, a few replicas together cannot pass it unseen. */
const SHARE = 1 / 4;
/** For this long an answer says how far the limit is. */
const KNOWN_MS = 1_000;
/** What comes within this time is counted together. */
const TOGETHER_MS = 20;

interface Known {
  points: number;
  /** By the clock of this process, as the others. */
  until: number;
  at: number;
  uncounted: number;
}

type Count = (key: string, points: number) => Promise<Counted>;

/**
 * Counts in the database; far from the limit a request does not wait for that, so that reading costs as much with it as
 * without.
 */
export function createCounting(countNow: Count) {
  const known = createMemory<Known>(MINUTE_MS);

  async function count(key: string, points: number): Promise<Counted> {
    const counted = await countNow(key, points);
    const now = Date.now();
    const { uncounted = 0 } = known.get(key) ?? {};
    known.set(key, { points: counted.points + uncounted, until: now + counted.msLeft, at: now, uncounted });
    return counted;
  }

  function countLater(key: string) {
    setTimeout(() => {
      const entry = known.get(key);
      if (!entry) return;
      const { uncounted } = entry;
      entry.uncounted = 0;
      void count(key, uncounted).catch(() => {});
    }, TOGETHER_MS);
  }

  return async function countAgainst(key: string, points: number, limit: number): Promise<Counted> {
    const now = Date.now();
    const entry = known.get(key);
    const isRecent = entry !== undefined && now - entry.at < KNOWN_MS && entry.until > now;
    const isFar = isRecent && limit >= SMALLEST_LIMIT && entry.points + points <= limit * SHARE;
    if (!isFar) return count(key, points);
    if (entry.uncounted === 0) countLater(key);
    entry.points += points;
    entry.uncounted += points;
    return { points: entry.points, msLeft: entry.until - now };
  };
}
