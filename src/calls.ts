import { setImmediate } from 'node:timers/promises';
import type { Call } from './api/client.ts';

/** Milliseconds for a whole call, so that it ends before the 60 seconds after which clients give up. */
const CALL_MS = 45_000;
/** Milliseconds that a stopped call gets to say so. */
const LAST_WORDS_MS = 1_000;

/** Bounds each call in time, and lets a server that stops wait for those in flight. */
export function createCalls() {
  const inFlight = new Map<AbortController, Promise<unknown>>();
  let stopping = false;

  async function run<T>(signal: AbortSignal, work: (call: Call) => Promise<T>, onAttempt?: () => void): Promise<T> {
    // Not AbortSignal.any with AbortSignal.timeout: on Node 20 that one is forgotten after a garbage collection.
    const controller = new AbortController();
    const stop = () => controller.abort(new Error('the call was cancelled'));
    const timer = setTimeout(
      () => controller.abort(new Error(`it took longer than ${CALL_MS / 1000} seconds`)),
      CALL_MS,
    );
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    if (stopping) controller.abort(shuttingDown());
    const working = work({ signal: controller.signal, deadline: Date.now() + CALL_MS, onAttempt });
    inFlight.set(controller, working);
    try {
      return await working;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      inFlight.delete(controller);
    }
  }

  /** Takes no more calls, waits for those in flight, and stops the ones that are left after `ms`. */
  async function drain(ms: number): Promise<void> {
    stopping = true;
    if (!(await settledWithin(ms))) {
      for (const controller of inFlight.keys()) controller.abort(shuttingDown());
      await settledWithin(LAST_WORDS_MS);
    }
    // The SDK sends an answer a few steps after its call has settled.
    await setImmediate();
  }

  async function settledWithin(ms: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), ms);
    });
    const settled = Promise.allSettled(inFlight.values()).then(() => true);
    return Promise.race([settled, late]).finally(() => clearTimeout(timer));
  }

  return { run, drain };
}

function shuttingDown(): Error {
  return new Error('this server is shutting down');
}
