import type { Logger } from 'pino';
import type { HttpAttempt } from '../api/client.ts';
import type { Apis } from '../api/generations/index.ts';
import { BatchError, codeSuffix, isRefusal, LimitError, RefusedError } from '../errors.ts';
import type { PriceTable } from '../prices/table.ts';
import type { Hide } from '../text/secrets.ts';
import { presentable, visible } from '../text/visible.ts';
import type { Passwords } from '../tools/passwords.ts';
import type { AddressBooks } from '../tools/places/address-book.ts';
import type { RecentWrites } from '../tools/recent-writes.ts';
import type { Context } from '../tools/tool.ts';
import { createDeadline, type Deadline } from './deadline.ts';
import { explain, reasonOf } from './failures.ts';
import type { HttpCaller } from './http-caller.ts';
import { createInFlight } from './in-flight.ts';
import { type CallLine, type CallRecord, createCallLog, type Outcome } from './log-line.ts';
import { accountIn, labelled, type Profile } from './profile.ts';
import { createRedaction, type Redaction } from './redaction.ts';
import type { Subject } from './subject.ts';

export interface CallsOptions {
  apis: Apis;
  logger: Logger;
  secrets: readonly string[];
  passwords: Passwords;
  recentWrites: { of(account: string): RecentWrites };
  addressBooks: AddressBooks;
  prices?: PriceTable;
  wordsForMissing(error: unknown, context: Context, hide: Hide): Promise<string | undefined>;
  onCall?(record: CallRecord): void;
  onAttempt?(attempt: HttpAttempt): void;
}

export interface CallSource {
  signal: AbortSignal;
  httpCaller?: HttpCaller;
  /** Where the server acts for several. */
  profile?: Profile;
  onProgress?(seconds: number, message: string): void;
}

export type Ending<T, Question = never> = { done: T } | Asked<Question>;

type Asked<Question> = [Question] extends [never] ? never : { question: Question };

/** In both, invisible characters are escaped. Secrets were redacted when the API answered. */
export type Performed<T, Question = never> =
  | { done: T; json: string }
  | Asked<Question>
  | { error: unknown; text: string };

export interface Work<T, Question = never> {
  /** For lists and completions: clients give up early on a slow one, and nobody sees why it failed. */
  isBrief?: boolean;
  run(context: Context, redaction: Redaction, identify: CallLine['identify']): Promise<Ending<T, Question>>;
  recordOf?(done: T): { outcome?: Outcome; cluster?: string };
  /** Runs after `run` is logged; must not reject. */
  follow?(done: T, context: Context): Promise<T>;
}

const LOG_MS = 2_000;
/** Leaves room for the network within the 4 s that clients wait. */
const BRIEF_MS = 3_500;

type Outside<T> = (signal: AbortSignal) => Promise<T>;

interface Parts {
  source: CallSource;
  time: Deadline;
  redaction: Redaction;
  onAttempt(attempt: HttpAttempt): void;
  beginWrite(): Promise<void>;
}

export function createCalls(options: CallsOptions) {
  const { apis, onCall, prices } = options;
  const log = createCallLog(options.logger, onCall);
  const redactionFor = createRedaction(options.secrets);
  const inFlight = createInFlight();

  function contextOf({ source, time, redaction, onAttempt, beginWrite }: Parts): Context {
    const { signal, pause, orUndefinedAfter, waitBudget } = time;
    const scope = {
      signal,
      get deadline() {
        return time.at;
      },
      headers: source.httpCaller?.upstream,
      missing: source.httpCaller?.ionosTokenProblem,
      onAttempt,
      hide: redaction.hide,
    };
    const account = accountIn(source);
    const own = once(() => apis.forCall(scope, account));
    return {
      ...{ signal, pause, orUndefinedAfter, waitBudget, prices },
      get api() {
        return own().v1;
      },
      get clusters() {
        return own().clusters;
      },
      progress: (seconds, message) => source.onProgress?.(seconds, visible(message)),
      passwords: revealing(options.passwords, redaction.add),
      recentWrites: options.recentWrites.of(account),
      addresses: options.addressBooks.of(account),
      async beginWrite() {
        const begun = beginWrite().then(() => true);
        const isWritten = await orUndefinedAfter(LOG_MS, begun).catch((error) => {
          throw signal.aborted ? error : new RefusedError(unlogged(codeSuffix(error)));
        });
        if (!isWritten) throw new RefusedError(unlogged(` (nobody has read it for ${LOG_MS / 1000} s)`));
      },
    };
  }

  async function perform<T, Question = never>(
    subject: Subject,
    source: CallSource,
    work: Work<T, Question>,
  ): Promise<Performed<T, Question>> {
    const { httpCaller } = source;
    const redaction = redactionFor(httpCaller?.secrets);
    const { hide } = redaction;
    const line = log.begin({ ...subject, ...labelled(source.profile) }, httpCaller, hide);
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
        const { outcome = 'done', ...more } = work.recordOf?.(ending.done) ?? {};
        line.end(outcome, more);
        return work.follow ? { done: await work.follow(ending.done, context) } : ending;
      });
      if ('question' in ending) return ending;
      const { data, json } = presentable(ending.done);
      return { done: data, json };
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
  async function outside<T>({ signal: cancelled }: CallSource, longestMs: number, work: Outside<T>): Promise<T> {
    const time = createDeadline({ cancelled, isFollowed: false, longestMs });
    const tracked = { caller: undefined, isUncounted: true };
    return inFlight.track(time, tracked, () => work(time.signal)).finally(time.end);
  }

  const { drain, count, working } = inFlight;
  return { perform, outside, drain, inFlight: count, working };
}

/** When it is needed first: a call that is refused can be for no account at all. */
function once<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function unlogged(why: string): string {
  return `Changes are logged before they are sent, and the log cannot be written${why}. Reads still work. The operator has to fix this server's log: its stderr, or --audit-file.`;
}

/** Reports each password before its use, so that it is redacted. */
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
