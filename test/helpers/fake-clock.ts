import { vi } from 'vitest';

const STEP_MS = 100;
const MOST_MS = 600_000;

/** Runs the work while the clock jumps ahead, so that no pause takes real time. */
export async function hurried<T>(work: () => Promise<T>): Promise<T> {
  vi.useFakeTimers();
  try {
    const done = work().finally(() => vi.useRealTimers());
    done.catch(() => {});
    for (let passed = 0; vi.isFakeTimers(); passed += STEP_MS) {
      if (passed > MOST_MS) throw new Error(`Not done after ${MOST_MS} ms of its own clock`);
      await vi.advanceTimersByTimeAsync(STEP_MS);
    }
    return await done;
  } finally {
    vi.useRealTimers();
  }
}
