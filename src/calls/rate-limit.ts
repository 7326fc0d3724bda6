import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** Counts per minute, in this process only. */
export interface Limit {
  /** Seconds to wait if the key has used up its share. */
  exceeded(key: string, count?: number): Promise<number | undefined>;
}

export function createLimit(perMinute: number): Limit {
  if (perMinute === 0) return { exceeded: async () => undefined };
  const limiter = new RateLimiterMemory({ points: perMinute, duration: 60 });
  return {
    async exceeded(key, count = 1) {
      try {
        await limiter.consume(key, count);
        return undefined;
      } catch (refusal) {
        if (refusal instanceof RateLimiterRes) return Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
        throw refusal;
      }
    },
  };
}
