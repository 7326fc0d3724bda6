import { onAbort } from '../signals.ts';

const SMALL = 16_000;
/** Each counts as the largest possible answer: together 50 of the 64 MB for all of them. */
const MOST_LARGE = 10;

export interface Share {
  /** Waits until so many bytes may be held. */
  hold(bytes: number): Promise<void>;
  release(): void;
}

/** Keeps answers that arrive together from filling the memory: later ones are read when earlier ones are done. */
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
        forget();
        resolve();
      };
      waiting.add(go);
      const forget = onAbort(signal, () => {
        waiting.delete(go);
        reject(signal.reason);
      });
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
          // It was released while it waited.
          if (isOver) this.release();
        },
        release() {
          isOver = true;
          if (!isHeld) return;
          isHeld = false;
          // A slot that is passed on stays taken.
          if (waiting.size > 0) next();
          else held -= 1;
        },
      };
    },
  };
}

export const budget = createBudget();
