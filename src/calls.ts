import { setImmediate } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { ApiClient, Attempt, Call } from './api/client.ts';
import { AccessError, cut, explain, InputError, LimitError, reasonOf } from './errors.ts';
import { currentOrigin } from './origin.ts';
import { redactor } from './secrets.ts';
import type { Context } from './tools/tool.ts';

/** Milliseconds for a whole call, so that it ends before the 60 seconds after which clients give up. */
const CALL_MS = 45_000;
/** Milliseconds that a stopped call gets to say so. */
const LAST_WORDS_MS = 1_000;
/** Characters of a target in the log: an ID, or a name of any length. */
const MAX_TARGET = 128;

type Outcome = 'done' | 'refused' | 'failed' | 'cancelled';

/** What is known of a call, besides how it went. */
export interface Subject {
  tool?: string;
  resource?: string;
  target?: string;
  /** Whether it writes, so that its line is kept whatever the level of the log. */
  audit?: boolean;
}

export interface CallRecord {
  /** Of the tool or the resource. */
  name: string;
  outcome: Outcome;
  ms: number;
}

export interface CallOptions {
  api: ApiClient;
  logger: Logger;
  /** Texts that never leave this process. */
  secrets: readonly string[];
  onCall?(record: CallRecord): void;
  onAttempt?(attempt: Attempt): void;
}

export type Performed<T> = { data: T } | { error: unknown; text: string };

/** Runs calls: each within its time, logged once, its failure put into words; and lets a server that stops wait for them. */
export function createCalls({ api, logger, secrets, onCall, onAttempt }: CallOptions) {
  // Who turns the log down does not turn off the record of what was changed.
  const audit = logger.child({}, { level: 'info' });
  const inFlight = new Map<AbortController, Promise<unknown>>();
  let stopping = false;

  /** `hidden` are texts that show neither in the words nor in the log; `hide` takes them and all others out. */
  async function perform<T>(
    subject: Subject,
    signal: AbortSignal,
    work: (context: Context, hide: (text: string) => string) => Promise<T>,
    hidden: readonly string[] = [],
  ): Promise<Performed<T>> {
    const origin = currentOrigin();
    let redact: ReturnType<typeof redactor> | undefined;
    const hide = (text: string) => {
      redact ??= redactor([...secrets, ...(origin?.secrets ?? []), ...hidden]);
      return redact(text);
    };
    const started = performance.now();
    let attempts = 0;
    const finish = (outcome: Outcome, reason?: string) => {
      const ms = Math.round(performance.now() - started);
      const who = { caller: origin?.caller.name ?? 'stdio', requestId: origin?.requestId };
      const target = subject.target && cut(hide(subject.target), MAX_TARGET);
      const line = { ...who, ...subject, target, attempts, ms, outcome, reason };
      (subject.audit ? audit : logger)[outcome === 'done' ? 'info' : 'warn'](line, 'call');
      onCall?.({ name: subject.tool ?? subject.resource ?? '', outcome, ms });
    };
    try {
      const data = await inTime(signal, (call) => {
        const count = (attempt: Attempt) => {
          attempts += 1;
          onAttempt?.(attempt);
        };
        return work({ api: api.forCall({ ...call, headers: origin?.upstream, onAttempt: count }) }, hide);
      });
      finish('done');
      return { data };
    } catch (error) {
      const outcome = signal.aborted ? 'cancelled' : isRefusal(error) ? 'refused' : 'failed';
      finish(outcome, reasonOf(error, hide));
      return { error, text: explain(error, { hide, requestId: origin?.requestId }) };
    }
  }

  async function inTime<T>(signal: AbortSignal, work: (call: Call) => Promise<T>): Promise<T> {
    // Not AbortSignal.any with AbortSignal.timeout: on Node 20 that one is forgotten after a garbage collection.
    const controller = new AbortController();
    const stop = () => controller.abort(new Error('the call was cancelled'));
    const late = () => controller.abort(new Error(`it took longer than ${CALL_MS / 1000} seconds`));
    const timer = setTimeout(late, CALL_MS);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    if (stopping) controller.abort(shuttingDown());
    const working = work({ signal: controller.signal, deadline: Date.now() + CALL_MS });
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

  return { perform, drain, inFlight: () => inFlight.size };
}

function shuttingDown(): Error {
  return new Error('this server is shutting down');
}

/** Whether this server itself said no, before anything was sent. */
function isRefusal(error: unknown): boolean {
  return error instanceof InputError || error instanceof LimitError || error instanceof AccessError;
}
