import { setImmediate } from 'node:timers/promises';
import { within } from '../signals.ts';
import type { Deadline } from './deadline.ts';

const ABORT_MS = 1_000;

interface Tracked {
  caller: string | undefined;
  /** Only holds up a stop: its own end has to pass the limits on calls. */
  isUncounted?: boolean;
}

export function createInFlight() {
  const calls = new Map<Deadline, Tracked & { working: Promise<unknown> }>();
  let isStopping = false;

  async function settledWithin(ms: number): Promise<boolean> {
    const settled = Promise.allSettled([...calls.values()].map(({ working }) => working));
    return (await within(ms, settled)) !== undefined;
  }

  return {
    async track<T>(deadline: Deadline, tracked: Tracked, work: () => Promise<T>): Promise<T> {
      if (isStopping) deadline.stop(shuttingDown());
      const working = work();
      calls.set(deadline, { ...tracked, working });
      try {
        return await working;
      } finally {
        calls.delete(deadline);
      }
    },

    async drain(ms: number): Promise<void> {
      isStopping = true;
      if (!(await settledWithin(ms))) {
        for (const deadline of calls.keys()) deadline.stop(shuttingDown());
        await settledWithin(ABORT_MS);
      }
      // The SDK sends a response a few ticks after its call has settled.
      await setImmediate();
    },

    count: (): number => calls.size,

    /** What counts against the limits on calls. */
    working(caller?: string): number {
      const counted = [...calls.values()].filter(({ isUncounted = false }) => !isUncounted);
      return caller === undefined ? counted.length : counted.filter((call) => call.caller === caller).length;
    },
  };
}

function shuttingDown(): Error {
  return new Error('this server is shutting down');
}
