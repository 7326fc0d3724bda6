import type { State } from '../state/state.ts';

export interface Limit {
  /** Seconds to wait if the key has used up its share. */
  exceeded(key: string, count?: number): Promise<number | undefined>;
}

/** `name` tells apart what is counted; 0 is no limit. */
export function createRateLimit(state: State, name: string, perMinute: number): Limit {
  if (perMinute === 0) return { exceeded: async () => undefined };
  return {
    async exceeded(key, count = 1) {
      const { points, msLeft } = await state.count(JSON.stringify([name, key]), count, perMinute);
      return points <= perMinute ? undefined : Math.max(1, Math.ceil(msLeft / 1000));
    },
  };
}
