export interface Memory<T> {
  get(key: string): T | undefined;
  set(key: string, value: T): void;
}

/** Forgets each entry `ms` after it was set. */
export function createMemory<T>(ms: number): Memory<T> {
  const entries = new Map<string, { value: T; until: number }>();

  /** All are kept equally long, so the oldest come first. */
  function prune() {
    for (const [key, { until }] of entries) {
      if (until > Date.now()) return;
      entries.delete(key);
    }
  }

  return {
    get(key) {
      prune();
      return entries.get(key)?.value;
    },
    set(key, value) {
      prune();
      entries.delete(key);
      entries.set(key, { value, until: Date.now() + ms });
    },
  };
}
