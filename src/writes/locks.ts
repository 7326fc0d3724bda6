export function createLocks() {
  const tails = new Map<string, Promise<unknown>>();

  return async function inTurn<T>(key: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const before = tails.get(key);
    let release = () => {};
    const over = new Promise<void>((resolve) => {
      release = resolve;
    });
    // An aborted call leaves at once, but calls behind it still wait for those ahead.
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
