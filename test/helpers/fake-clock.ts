import { vi } from 'vitest';

/** Turns of the event loop without any work, after which only a timer can lead on. */
const QUIET_TURNS = 20;
const STEP_MS = 100;
const MOST_MS = 1_800_000;

const { setImmediate } = globalThis;
const turn = () => new Promise<void>((resolve) => void setImmediate(resolve));

/** Files are read and written outside the event loop. */
const isAtFiles = () => process.getActiveResourcesInfo().some((name) => /^(FSReq|CloseReq)/.test(name));

/** Runs the work while the clock jumps from timer to timer, so that no pause takes real time. */
export async function hurried<T>(work: () => Promise<T>): Promise<T> {
  vi.useFakeTimers();
  try {
    const started = Date.now();
    const done = work().finally(() => vi.useRealTimers());
    done.catch(() => {});
    for (let quiet = 0; vi.isFakeTimers(); quiet += 1) {
      await turn();
      if (quiet < QUIET_TURNS || !vi.isFakeTimers()) continue;
      quiet = 0;
      if (isAtFiles()) continue;
      if (Date.now() - started > MOST_MS) throw new Error(`Not done after ${MOST_MS} ms of its own clock`);
      if (vi.getTimerCount() > 0) vi.advanceTimersToNextTimer();
      else vi.advanceTimersByTime(STEP_MS);
    }
    return await done;
  } finally {
    vi.useRealTimers();
  }
}
