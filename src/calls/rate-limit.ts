import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** Counts per key and minute, within this process only; keys vanish with their minute. */
export interface Limit {
  /** Seconds to wait if the key has used up its share, undefined if this one fits. */
  exceeded(key: string): Promise<number | undefined>;
}

/** `perMinute` of 0 is no limit. */
export function createLimit(perMinute: number): Limit {
  if (perMinute === 0) return { exceeded: async () => undefined };
  const limiter = new RateLimiterMemory({ points: perMinute, duration: 60 });
  return {
    async exceeded(key) {
      try {
        await limiter.consume(key);
        return undefined;
      } catch (refusal) {
        if (refusal instanceof RateLimiterRes) return Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
        throw refusal;
      }
    },
  };
}
