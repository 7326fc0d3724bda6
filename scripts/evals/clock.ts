import { performance } from 'node:perf_hooks';

export type Clock = ReturnType<typeof createClock>;

/** Stands still, except during some work: then each second of real time is `speed` of its own. */
export function createClock(start: number, speed = 0) {
  let base = start;
  let since: number | undefined;
  const now = () => Math.floor(base + (since === undefined ? 0 : (performance.now() - since) * speed));

  return {
    now,
    pass(ms: number): void {
      base += ms;
    },
    jumpTo(time: number): void {
      base = time;
      if (since !== undefined) since = performance.now();
    },
    /** One work at a time. */
    async during<T>(work: () => Promise<T>): Promise<T> {
      since = performance.now();
      try {
        return await work();
      } finally {
        base = now();
        since = undefined;
      }
    },
  };
}

/** The server has no clock of its own: `Date` in the whole process follows this one until the returned function is called. */
export function setDateTo({ now }: Clock): () => void {
  const real = globalThis.Date;
  globalThis.Date = new Proxy(real, {
    construct: (target, given, newTarget) => Reflect.construct(target, given.length > 0 ? given : [now()], newTarget),
    get: (target, key, receiver) => (key === 'now' ? now : Reflect.get(target, key, receiver)),
  });
  return () => {
    globalThis.Date = real;
  };
}
