import { setImmediate } from 'node:timers/promises';
import { vi } from 'vitest';

/** The server's own pauses are no longer than this; what is longer guards against a hang, and runs on real time. */
const LONGEST_PAUSE_MS = 10_000;
/** Turns of the event loop in which nothing happens, after which a pause must be what is waited for. */
const QUIET_TURNS = 20;

interface Pause {
  at: number;
  end(): void;
}

export type Clock = ReturnType<typeof standStill>;

/** A clock for all parts of the process, which stands still unless it is moved or a pause is waited for. */
export function standStill(start: number) {
  const { setTimeout, clearTimeout } = globalThis;
  const pauses = new Set<Pause>();
  vi.useFakeTimers({ toFake: ['Date'], now: start });
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  vi.stubGlobal('setTimeout', (end: () => void, ms = 0) => {
    if (ms > LONGEST_PAUSE_MS) return setTimeout(end, ms);
    const pause = { at: Date.now() + ms, end };
    pauses.add(pause);
    return pause;
  });
  vi.stubGlobal('clearTimeout', (timer: Pause & NodeJS.Timeout) => {
    if (!pauses.delete(timer)) clearTimeout(timer);
  });

  function endNext(): void {
    const [next] = [...pauses].sort((one, other) => one.at - other.at);
    if (!next) return;
    pauses.delete(next);
    vi.setSystemTime(Math.max(next.at, Date.now()));
    next.end();
  }

  return {
    pass: (ms: number) => void vi.setSystemTime(Date.now() + ms),

    /** Does the work; while it only waits, the clock jumps to the end of the pause. */
    async through<T>(work: Promise<T>, isBusy: () => boolean): Promise<T> {
      let isOver = false;
      const done = work.finally(() => {
        isOver = true;
      });
      done.catch(() => {});
      for (let quiet = 0; !isOver; quiet = isBusy() ? 0 : quiet + 1) {
        await setImmediate();
        if (quiet < QUIET_TURNS || isBusy()) continue;
        endNext();
        quiet = 0;
      }
      return done;
    },

    restore(): void {
      vi.unstubAllGlobals();
      vi.restoreAllMocks();
      vi.useRealTimers();
    },
  };
}
