export interface Memory<T> {
  get(key: string): T | undefined;
  set(key: string, value: T): void;
  delete(key: string): void;
}

/** Forgets each entry `ms` after it was set, and the oldest where there are more than `most`. */
export function createMemory<T>(ms: number, most = Number.POSITIVE_INFINITY): Memory<T> {
  const entries = new Map<string, { value: T; until: number }>();

  /** All are kept equally long, so the oldest come first. */
  function prune() {
    for (const [key, { until }] of entries) {
      if (until > Date.now() && entries.size <= most) return;
      entries.delete(key);
    }
  }

  return {
    get(key) {
      prune();
      return entries.get(key)?.value;
    },
    set(key, value) {
      entries.delete(key);
      entries.set(key, { value, until: Date.now() + ms });
      prune();
    },
    delete: (key) => void entries.delete(key),
  };
}
