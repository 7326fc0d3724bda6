import type { Logger } from 'pino';
import type { HttpAttempt } from '../api/attempts/index.ts';
import { BatchError, isRefusal, LimitError } from '../errors.ts';
import type { Hide } from '../text/secrets.ts';
import { presentable, visible } from '../text/visible.ts';
import type { Context } from '../tools/tool.ts';
import { type ContextOptions, createContexts } from './context.ts';
import { createDeadline } from './deadline.ts';
import { explain, reasonOf } from './failures.ts';
import { createInFlight } from './in-flight.ts';
import { type CallLine, type CallRecord, createCallLog, type Outcome } from './log-line.ts';
import { createRedaction, type Redaction } from './redaction.ts';
import { type CallSource, labelled } from './source.ts';
import type { Subject } from './subject.ts';

export interface CallsOptions extends ContextOptions {
  logger: Logger;
  secrets: readonly string[];
  wordsForMissing(error: unknown, context: Context, hide: Hide): Promise<string | undefined>;
  onCall?(record: CallRecord): void;
  onAttempt?(attempt: HttpAttempt): void;
}

export type Ending<T, Question = never, Button = never> = Done<T, Button> | Asked<Question>;

interface Done<T, Button> {
  done: T;
  /** For a view; a model gets nothing of it. */
  button?: Button;
  record?: { outcome?: Outcome; cluster?: string };
  /** Runs after the call is logged; where it fails, `done` stands. */
  follow?(context: Context): Promise<T>;
}

type Asked<Question> = [Question] extends [never] ? never : { question: Question };

/** In both, invisible characters are escaped. Secrets were redacted when the API answered. */
export type Performed<T, Question = never, Button = never> =
  | { done: T; json: string; button?: Button }
  | Asked<Question>
  | { error: unknown; text: string };

export interface Work<T, Question = never, Button = never> {
  /** For lists and completions: clients give up early on a slow one, and nobody sees why it failed. */
  isBrief?: boolean;
  run(context: Context, redaction: Redaction, identify: CallLine['identify']): Promise<Ending<T, Question, Button>>;
}

/** Leaves room for the network within the 4 s that clients wait. */
const BRIEF_MS = 3_500;

type WhileAsking<T> = (signal: AbortSignal) => Promise<T>;

export function createCalls(options: CallsOptions) {
  const { onCall } = options;
  const log = createCallLog(options.logger, onCall);
  const redactionFor = createRedaction(options.secrets);
  const inFlight = createInFlight();
  const contextOf = createContexts(options);

  async function perform<T, Question = never, Button = never>(
    subject: Subject,
    source: CallSource,
    work: Work<T, Question, Button>,
  ): Promise<Performed<T, Question, Button>> {
    const { httpCaller } = source;
    const redaction = redactionFor(httpCaller?.secrets);
    const { hide } = redaction;
    const { traceId } = source.operation ?? {};
    const line = log.begin({ ...subject, ...labelled(source.profile), traceId }, httpCaller, hide);
    const time = createDeadline({
      cancelled: source.signal,
      isFollowed: source.onProgress !== undefined,
      longestMs: work.isBrief ? BRIEF_MS : undefined,
    });
    let found: string | undefined;
    try {
      const ending = await inFlight.track(time, { caller: httpCaller?.caller.name }, async () => {
        const onAttempt = (attempt: HttpAttempt) => {
          line.attempt();
          options.onAttempt?.(attempt);
        };
        const context = contextOf({ source, time, redaction, onAttempt, beginWrite: line.beginWrite });
        const ending = await work.run(context, redaction, line.identify).catch(async (error: unknown) => {
          if (!work.isBrief) found = await options.wordsForMissing(error, context, hide);
          throw error;
        });
        if ('question' in ending) {
          line.end('asked');
          return ending;
        }
        const { outcome = 'done', ...more } = ending.record ?? {};
        line.end(outcome, more);
        // It is sent, whatever becomes of what follows.
        const followed = await ending.follow?.(context).catch(() => undefined);
        return followed === undefined ? ending : { ...ending, done: followed };
      });
      if ('question' in ending) return ending;
      const { data, json } = presentable(ending.done);
      return { done: data, json, button: ending.button };
    } catch (thrown) {
      const error = time.failureOf(thrown);
      const outcome = source.signal.aborted ? 'cancelled' : isRefusal(error) ? 'refused' : 'failed';
      const repeats = error instanceof LimitError || error instanceof BatchError ? error.name : undefined;
      line.end(outcome, { reason: visible(reasonOf(error, hide)), repeats });
      return { error, text: explain(error, { hide, requestId: httpCaller?.requestId, found }) };
    } finally {
      time.end();
    }
  }

  /** For time between the runs of a call: it has its own limit, ends with the server, and counts against no other one. */
  async function whileAsking<T>(
    { signal: cancelled }: CallSource,
    longestMs: number,
    work: WhileAsking<T>,
  ): Promise<T> {
    const time = createDeadline({ cancelled, isFollowed: false, longestMs });
    const tracked = { caller: undefined, isUncounted: true };
    return inFlight.track(time, tracked, () => work(time.signal)).finally(time.end);
  }

  const { drain, count, working } = inFlight;
  return { perform, whileAsking, drain, inFlight: count, working };
}
