/** Lets one work at a time go on under the same key, in the order in which they came. */
export function createLocks() {
  const tails = new Map<string, Promise<unknown>>();

  /** Waits for its turn; rejects with the signal's reason when that aborts before. */
  return async function inTurn<T>(key: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const before = tails.get(key);
    let release = () => {};
    const over = new Promise<void>((resolve) => {
      release = resolve;
    });
    // Who gives up is over at once, but those behind him still wait for those before him.
    const tail = Promise.all([before, over]);
    tails.set(key, tail);
    try {
      await unlessAborted(before, signal);
      return await work();
    } finally {
      release();
      void tail.then(() => tails.get(key) === tail && tails.delete(key));
    }
  };
}

function unlessAborted(turn: Promise<unknown> | undefined, signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(signal.reason);
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    void Promise.resolve(turn)
      .then(resolve)
      .finally(() => signal.removeEventListener('abort', giveUp));
  });
}
