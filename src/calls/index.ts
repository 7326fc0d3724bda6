import { setImmediate } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { ApiClient, Attempt, Call } from '../api/client.ts';
import { cut, explain, isRefusal, NoAnswerError, reasonOf } from '../errors.ts';
import { pause } from '../pause.ts';
import { redactor } from '../text/secrets.ts';
import { presentable, visible } from '../text/visible.ts';
import type { Passwords } from '../tools/passwords.ts';
import type { Context } from '../tools/tool.ts';
import type { Origin } from './http-caller.ts';

/** Milliseconds for a whole call, so that it ends before the 60 seconds after which clients give up. */
const CALL_MS = 45_000;
/** Milliseconds that a call may wait for a client that follows its progress, and so sees that it lives. */
const FOLLOWED_MS = 600_000;
/** Milliseconds of its time that a call keeps for what comes after a wait. */
const KEPT_MS = 2_000;
/** Milliseconds that a stopped call gets to say so. */
const LAST_WORDS_MS = 1_000;
/** Characters of a target in the log: an ID, or a name of any length. */
const MAX_TARGET = 128;

/** Made once, since an error takes time to make. */
const OVER = new Error('the call is over');

/** How a call can end without failing: in its answer, or in a question. */
const ENDS = ['done', 'asked', 'preview', 'needs_confirmation', 'duplicate', 'declined'] as const;

type Outcome = (typeof ENDS)[number] | 'refused' | 'failed' | 'cancelled';

/** The outcome that an answer names. */
export function outcomeNamed(name: unknown): Outcome {
  return ENDS.find((end) => end === name) ?? 'done';
}

const WARNED: readonly Outcome[] = ['declined', 'refused', 'failed', 'cancelled'];

/** What is known of a call, besides how it went. */
export interface Subject {
  tool?: string;
  resource?: string;
  prompt?: string;
  target?: string;
  /** Whether it writes, so that its line is kept whatever the level of the log. */
  audit?: boolean;
}

export interface CallRecord {
  /** Of the tool, the resource or the prompt. */
  name: string;
  outcome: Outcome;
  ms: number;
}

export interface CallOptions {
  api: ApiClient;
  logger: Logger;
  /** Texts that never leave this process. */
  secrets: readonly string[];
  passwords: Passwords;
  onCall?(record: CallRecord): void;
  onAttempt?(attempt: Attempt): void;
}

/** What the client that makes a call brings along. */
export interface Client {
  /** Aborts when the client cancels the call, or leaves. */
  signal: AbortSignal;
  /** Undefined over stdio. */
  origin?: Origin;
  /** Secrets among the arguments, which show neither in the words nor in the log. */
  secrets?: readonly string[];
  /** Told how far the call is, where the client wants to know. */
  onProgress?(seconds: number, message: string): void;
}

export type Performed<T> = { data: T; json: string } | { error: unknown; text: string };

/** Takes all secrets of a call out of a text. */
export type Hide = (text: string) => string;

interface Work<T> {
  run(context: Context, hide: Hide): Promise<T>;
  /** For the line in the log, how it ended if it did not fail, and what became known; `done` where nothing is said. */
  recordOf?(data: T): { outcome?: Outcome; cluster?: string };
  /** What still comes before the answer, when the work itself is done and logged; cannot fail. */
  follow?(data: T, context: Context): Promise<T>;
}

/** Runs calls: each within its time, logged once, its failure put into words; and lets a server that stops wait for them. */
export function createCalls(options: CallOptions) {
  const { api, logger, secrets, passwords, onCall, onAttempt } = options;
  // Their lines are cleared of secrets here, and have no nested object to search.
  const lines = logger.child({}, { redact: [] });
  // Who turns the log down does not turn off the record of what was changed.
  const audit = logger.child({}, { redact: [], level: 'info' });
  const hideOwn = redactor(secrets);
  const inFlight = new Map<AbortController, { working: Promise<unknown>; caller?: string }>();
  let stopping = false;

  async function perform<T>(subject: Subject, client: Client, work: Work<T>): Promise<Performed<T>> {
    const { origin } = client;
    const brought = [...(origin?.secrets ?? []), ...(client.secrets ?? [])];
    let redact = brought.length > 0 ? redactor([...secrets, ...brought]) : hideOwn;
    const hide = (text: string) => redact(text);
    const started = performance.now();
    let attempts = 0;
    const finish = (outcome: Outcome, { cluster, reason }: { cluster?: string; reason?: string } = {}) => {
      const ms = Math.round(performance.now() - started);
      const who = { caller: origin?.caller.name ?? 'stdio', requestId: origin?.requestId };
      const target = subject.target && visible(cut(hide(subject.target), MAX_TARGET));
      const made = cluster === target ? undefined : cluster;
      const line = { ...who, ...subject, target, cluster: made, attempts, ms, outcome, reason };
      (subject.audit ? audit : lines)[WARNED.includes(outcome) ? 'warn' : 'info'](line, 'call');
      onCall?.({ name: subject.tool ?? subject.resource ?? subject.prompt ?? '', outcome, ms });
    };
    try {
      const data = await inTime(client, async (call, time) => {
        const count = (attempt: Attempt) => {
          attempts += 1;
          onAttempt?.(attempt);
        };
        const context = {
          ...time,
          api: api.forCall(Object.assign(call, { headers: origin?.upstream, onAttempt: count })),
          signal: call.signal,
          progress: (seconds: number, message: string) => client.onProgress?.(seconds, visible(hide(message))),
          passwords: revealing(passwords, (password) => {
            brought.push(password);
            redact = redactor([...secrets, ...brought]);
          }),
        };
        const done = await work.run(context, hide);
        const { outcome = 'done', ...more } = work.recordOf?.(done) ?? {};
        finish(outcome, more);
        return work.follow ? work.follow(done, context) : done;
      });
      return presentable(data, hide);
    } catch (error) {
      const outcome = client.signal.aborted ? 'cancelled' : isRefusal(error) ? 'refused' : 'failed';
      finish(outcome, { reason: visible(reasonOf(error, hide)) });
      return { error, text: explain(error, { hide, requestId: origin?.requestId }) };
    }
  }

  async function inTime<T>(
    { signal, origin, onProgress }: Client,
    work: (call: Call, time: Pick<Context, 'pause' | 'within' | 'patience'>) => Promise<T>,
  ): Promise<T> {
    // Not AbortSignal.any with AbortSignal.timeout: on Node 20 that one is forgotten after a garbage collection.
    const controller = new AbortController();
    const started = Date.now();
    const call: Call = { signal: controller.signal, deadline: started + CALL_MS };
    const stop = () => controller.abort(new Error('the call was cancelled'));
    const late = () =>
      controller.abort(new Error(`it took longer than ${Math.round((call.deadline - started) / 1000)} seconds`));
    let timer = setTimeout(late, CALL_MS);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    if (stopping) controller.abort(shuttingDown());

    const time = {
      pause: (ms: number) => pause(ms, controller.signal),
      async within<T>(ms: number, work: Promise<T>) {
        const enough = new AbortController();
        const end = () => enough.abort(controller.signal.reason);
        controller.signal.addEventListener('abort', end, { once: true });
        try {
          return await Promise.race([work, pause(ms, enough.signal).then(() => undefined)]);
        } finally {
          controller.signal.removeEventListener('abort', end);
          end();
        }
      },
      patience(wanted: number) {
        if (!onProgress || wanted <= CALL_MS)
          return Math.max(0, Math.min(wanted, call.deadline - Date.now() - KEPT_MS));
        const most = Math.min(wanted, FOLLOWED_MS);
        call.deadline = Math.max(call.deadline, Date.now() + most + KEPT_MS);
        clearTimeout(timer);
        timer = setTimeout(late, call.deadline - Date.now());
        return most;
      },
    };
    const working = work(call, time);
    inFlight.set(controller, { working, caller: origin?.caller.name });
    try {
      return await working;
    } catch (error) {
      throw error === controller.signal.reason ? ended(error) : error;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      inFlight.delete(controller);
      // Whatever it has begun and not waited for ends with it.
      controller.abort(OVER);
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
    const settled = Promise.allSettled([...inFlight.values()].map(({ working }) => working)).then(() => true);
    return Promise.race([settled, late]).finally(() => clearTimeout(timer));
  }

  /** Of one caller, or of all. */
  function countInFlight(caller?: string): number {
    if (caller === undefined) return inFlight.size;
    return [...inFlight.values()].filter((call) => call.caller === caller).length;
  }

  return { perform, drain, inFlight: countInFlight };
}

function shuttingDown(): Error {
  return new Error('this server is shutting down');
}

/** A call that ended while it waited: for its turn, or between two requests. */
function ended(reason: unknown): NoAnswerError {
  return new NoAnswerError('GET', reason instanceof Error ? reason.message : 'the call is over', false);
}

/** The same passwords, each told before it is used. */
function revealing(passwords: Passwords, tell: (password: string) => void): Passwords {
  return {
    plan: passwords.plan,
    async take(...wanted) {
      const password = await passwords.take(...wanted);
      tell(password.value);
      return password;
    },
  };
}
