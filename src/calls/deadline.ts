import { NoAnswerError } from '../errors.ts';
import { pause } from '../signals.ts';

/** Milliseconds for a whole call, so that it ends before the 60 seconds after which clients give up. */
const CALL_MS = 45_000;
/** Milliseconds that a call may wait for a client that follows its progress, and so sees that it lives. */
const FOLLOWED_MS = 600_000;
/** Milliseconds of its time that a call keeps for what comes after a wait. */
const KEPT_MS = 2_000;

/** Made once, since an error takes time to make. */
const OVER = new Error('the call is over');

export interface DeadlineOptions {
  /** Aborts when the client cancels the call, or leaves. */
  cancelled: AbortSignal;
  /** Whether the client follows the call's progress. */
  isFollowed: boolean;
}

export type Deadline = ReturnType<typeof createDeadline>;

/** The time of one call: what stops it, and how much of it is left. */
export function createDeadline({ cancelled, isFollowed }: DeadlineOptions) {
  // Not AbortSignal.any with AbortSignal.timeout: on Node 20 that one is forgotten after a garbage collection.
  const controller = new AbortController();
  const { signal } = controller;
  const started = Date.now();
  let deadline = started + CALL_MS;
  const cancel = () => controller.abort(new Error('the call was cancelled'));
  const late = () =>
    controller.abort(new Error(`it took longer than ${Math.round((deadline - started) / 1000)} seconds`));
  let timer = setTimeout(late, CALL_MS);
  cancelled.addEventListener('abort', cancel, { once: true });
  if (cancelled.aborted) cancel();

  return {
    signal,
    /** In ms since the epoch. */
    get at() {
      return deadline;
    },
    /** Stops the call, for this reason. */
    stop: (reason: Error) => controller.abort(reason),
    /** Rejects when the call ends before. */
    pause: (ms: number) => pause(ms, signal),

    /** What the work gives, or undefined if that takes longer; rejects as the work does, and when the call ends before. */
    async orUndefinedAfter<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
      const enough = new AbortController();
      const end = () => enough.abort(signal.reason);
      signal.addEventListener('abort', end, { once: true });
      try {
        return await Promise.race([work, pause(ms, enough.signal).then(() => undefined)]);
      } finally {
        signal.removeEventListener('abort', end);
        end();
      }
    },

    /** How many of these milliseconds a wait may take; the call is given more time where its client follows it. */
    waitBudget(wanted: number): number {
      if (!isFollowed || wanted <= CALL_MS) return Math.max(0, Math.min(wanted, deadline - Date.now() - KEPT_MS));
      const most = Math.min(wanted, FOLLOWED_MS);
      deadline = Math.max(deadline, Date.now() + most + KEPT_MS);
      clearTimeout(timer);
      timer = setTimeout(late, deadline - Date.now());
      return most;
    },

    /** What a failed call failed with: where it was stopped, that. */
    failureOf(error: unknown): unknown {
      if (error !== signal.reason) return error;
      return new NoAnswerError('GET', error instanceof Error ? error.message : OVER.message, false);
    },

    /** The call is over, and with it whatever it has begun and not waited for. */
    end() {
      clearTimeout(timer);
      cancelled.removeEventListener('abort', cancel);
      controller.abort(OVER);
    },
  };
}
