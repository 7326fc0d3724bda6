/** Bytes up to which an answer is read without waiting; nearly all are smaller. */
const SMALL = 16_000;
/** Larger answers that are in memory at once, each counted as the largest there can be: 50 of the 64 MB for all. */
const MOST_LARGE = 10;

/** One answer's part of the memory for all. */
export interface Share {
  /** Waits until so many bytes may be held; rejects with the signal's reason where that aborts before. */
  hold(bytes: number): Promise<void>;
  /** The answer has been read and judged, or given up. */
  release(): void;
}

/** Keeps answers that arrive together from filling the memory: who comes late is read when others are done. */
export function createBudget(mostLarge = MOST_LARGE) {
  let held = 0;
  const waiting = new Set<() => void>();

  function next() {
    const [first] = waiting;
    if (first === undefined) return;
    waiting.delete(first);
    first();
  }

  function turn(signal: AbortSignal): Promise<void> {
    if (held < mostLarge) {
      held += 1;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const go = () => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = () => {
        waiting.delete(go);
        reject(signal.reason);
      };
      waiting.add(go);
      signal.addEventListener('abort', giveUp, { once: true });
      if (signal.aborted) giveUp();
    });
  }

  return {
    share(signal: AbortSignal): Share {
      let isHeld = false;
      let isOver = false;
      return {
        async hold(bytes) {
          if (isHeld || bytes <= SMALL) return;
          await turn(signal);
          isHeld = true;
          // Its turn came when it was given up already.
          if (isOver) this.release();
        },
        release() {
          isOver = true;
          if (!isHeld) return;
          isHeld = false;
          // Handed on, it stays held.
          if (waiting.size > 0) next();
          else held -= 1;
        },
      };
    },
  };
}

/** Of the process. */
export const budget = createBudget();
