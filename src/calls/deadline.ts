import { setMaxListeners } from 'node:events';
import { NoAnswerError } from '../errors.ts';
import { onAbort, pause, within } from '../signals.ts';

/** Ends before the 60 s after which clients give up. */
const CALL_MS = 45_000;
/** Applies to a client that receives progress, and so does not time out. */
const FOLLOWED_MS = 600_000;
const AFTER_WAIT_MS = 2_000;
/** Each request of the call is one; Node warns of more than 10. */
const MOST_LISTENERS = 50;

/** Created once, because creating an error is slow. */
const OVER = new Error('the call is over');

export interface DeadlineOptions {
  cancelled: AbortSignal;
  isFollowed: boolean;
  longestMs?: number;
}

export type Deadline = ReturnType<typeof createDeadline>;

export function createDeadline({ cancelled, isFollowed, longestMs = CALL_MS }: DeadlineOptions) {
  // Not AbortSignal.any with AbortSignal.timeout: Node 20 can garbage-collect that one.
  const controller = new AbortController();
  const { signal } = controller;
  setMaxListeners(MOST_LISTENERS, signal);
  const started = Date.now();
  let deadline = started + longestMs;
  const late = () =>
    controller.abort(new Error(`it took longer than ${Math.round((deadline - started) / 1000)} seconds`));
  let timer = setTimeout(late, longestMs);
  const forget = onAbort(cancelled, () => controller.abort(new Error('the call was cancelled')));

  return {
    signal,
    get at() {
      return deadline;
    },
    stop: (reason: Error) => controller.abort(reason),
    pause: (ms: number) => pause(ms, signal),

    /** Undefined if the work takes longer than `ms`. Rejects if the call ends first. */
    orUndefinedAfter: <T>(ms: number, work: Promise<T>) => within(ms, work, signal),

    /** The milliseconds that a wait may take. Extends the deadline if the client follows progress. */
    waitBudget(wanted: number): number {
      if (!isFollowed || wanted <= CALL_MS) return Math.max(0, Math.min(wanted, deadline - Date.now() - AFTER_WAIT_MS));
      const most = Math.min(wanted, FOLLOWED_MS);
      deadline = Math.max(deadline, Date.now() + most + AFTER_WAIT_MS);
      clearTimeout(timer);
      timer = setTimeout(late, deadline - Date.now());
      return most;
    },

    failureOf(error: unknown): unknown {
      if (error !== signal.reason) return error;
      return new NoAnswerError('GET', error instanceof Error ? error.message : OVER.message, false);
    },

    end() {
      clearTimeout(timer);
      forget();
      controller.abort(OVER);
    },
  };
}
