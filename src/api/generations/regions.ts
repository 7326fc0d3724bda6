import { setMaxListeners } from 'node:events';
import { ApiError, NoAnswerError } from '../../errors.ts';
import { createMemory } from '../../memory.ts';
import type { ApiClient, CallScope } from '../client.ts';
import type { AbsentRegion } from './port.ts';
import { createV2, type V2 } from './v2.ts';

/** A host of v2. */
export interface Region {
  /** As in its host name; undefined for an address that serves all regions. */
  name?: string;
  client: ApiClient;
}

/** For all regions at once, and beyond the answer of v1. */
export const LONGEST_MS = 6_000;
const BEYOND_V1_MS = 3_000;
/** Before the end of the call, so that its answer can be made. */
const MARGIN_MS = 300;
/** How long a region is left alone that cannot be reached or refuses: many networks let only one host through. */
const LEFT_ALONE_MS = 600_000;
/** The same for one that answers, and may work again soon. */
const TROUBLED_MS = 60_000;
const MOST_REMEMBERED = 10_000;
/** Characters of a reason. */
const MAX_REASON = 200;

export const labelOfRegion = ({ name = 'all regions' }: Region) => name;

class LateError extends Error {
  override name = 'LateError';
}

type Absence = AbsentRegion & { until: number };

/** The regions that are left alone, by account. */
export function createAbsences() {
  const memory = createMemory<Absence>(LEFT_ALONE_MS, MOST_REMEMBERED);
  const keyOf = (account: string, region: Region) => JSON.stringify([account, labelOfRegion(region)]);
  return {
    find(account: string, region: Region): AbsentRegion | undefined {
      const found = memory.get(keyOf(account, region));
      return found && found.until > Date.now() ? { region: found.region, reason: found.reason } : undefined;
    },
    add(account: string, region: Region, error: unknown): AbsentRegion {
      const absent = { region: labelOfRegion(region), reason: reasonOf(error) };
      memory.set(keyOf(account, region), {
        ...absent,
        until: Date.now() + (isPassing(error) ? TROUBLED_MS : LEFT_ALONE_MS),
      });
      return absent;
    },
    forget: (account: string, region: Region) => memory.delete(keyOf(account, region)),
  };
}

export type Absences = ReturnType<typeof createAbsences>;

const isPassing = (error: unknown) => error instanceof ApiError && (error.status >= 500 || error.status === 429);

function reasonOf(error: unknown): string {
  if (error instanceof LateError) return error.message;
  if (error instanceof ApiError) {
    const { status } = error;
    if (status === 401) return 'refused the credentials (401); v2 may take tokens alone';
    return status === 403 ? 'refused (403)' : `answered ${status}`;
  }
  if (error instanceof NoAnswerError) {
    return error.sent ? error.reason.slice(0, MAX_REASON) : 'could not be reached';
  }
  return 'gave no usable answer';
}

interface LimitOptions {
  /** The request to v1 that is under way at the same time. */
  beside?: Promise<unknown>;
  longestMs?: number;
}

/** One time limit for requests to several regions at the same moment; ends them all. */
function createLimit(scope: CallScope, { beside, longestMs = LONGEST_MS }: LimitOptions) {
  const controller = new AbortController();
  // Two listeners for each region, all taken off again.
  setMaxListeners(0, controller.signal);
  const started = Date.now();
  const most = Math.max(0, Math.min(longestMs, scope.deadline - started - MARGIN_MS));
  const late = () => {
    const seconds = Math.round((Date.now() - started) / 100) / 10;
    controller.abort(new LateError(`no answer within ${seconds} s`));
  };
  let timer = setTimeout(late, most);
  const stop = () => controller.abort(scope.signal.reason);
  scope.signal.addEventListener('abort', stop, { once: true });
  if (scope.signal.aborted) stop();
  beside?.then(
    () => {
      if (controller.signal.aborted) return;
      clearTimeout(timer);
      timer = setTimeout(late, Math.min(BEYOND_V1_MS, started + most - Date.now()));
    },
    (error: unknown) => controller.abort(error),
  );
  return {
    signal: controller.signal,
    deadline: started + most,
    end() {
      clearTimeout(timer);
      scope.signal.removeEventListener('abort', stop);
      controller.abort(new Error('enough is known'));
    },
  };
}

/** Rejects with the signal's reason where that aborts first: not everything that is asked hears of it. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

export interface Asking {
  scope: CallScope;
  account: string;
  absences: Absences;
}

export type Absent = AbsentRegion & { error: unknown };

interface Answered<T> {
  answers: { region: Region; value: T }[];
  absent: Absent[];
}

/** What all regions answer at once, and which gave no answer in time. */
export async function askAll<T>(
  regions: readonly Region[],
  ask: (v2: V2, region: Region) => Promise<T>,
  { scope, account, absences, ...options }: Asking & LimitOptions,
): Promise<Answered<T>> {
  const limit = createLimit(scope, options);
  const bound = { ...scope, signal: limit.signal, deadline: limit.deadline };
  const answered: Answered<T> = { answers: [], absent: [] };
  const askOne = async (region: Region) => {
    try {
      const value = await untilAborted(ask(v2Of(region, bound), region), limit.signal);
      answered.answers.push({ region, value });
      absences.forget(account, region);
    } catch (error) {
      const isOwn = !limit.signal.aborted || limit.signal.reason instanceof LateError;
      if (isOwn) answered.absent.push({ ...absences.add(account, region, error), error });
    }
  };
  try {
    await Promise.all(regions.map(askOne));
  } finally {
    limit.end();
  }
  scope.signal.throwIfAborted();
  return answered;
}

/** Statuses by which a region says that it has no such thing. */
const NOT_THERE = [400, 404, 410, 422];
export const isNotThere = (error: unknown): error is ApiError =>
  error instanceof ApiError && NOT_THERE.includes(error.status);

/** The first region that has something, and what; undefined once all have answered that they have not, or are late. */
export async function askForFirst<T>(
  regions: readonly Region[],
  ask: (v2: V2) => Promise<T>,
  { longestMs = BEYOND_V1_MS, ...asking }: Asking & LimitOptions,
): Promise<{ region: Region; value: T } | undefined> {
  let found: { region: Region; value: T } | undefined;
  const enough = new AbortController();
  const scope = { ...asking.scope, signal: enough.signal };
  const stop = () => enough.abort(asking.scope.signal.reason);
  asking.scope.signal.addEventListener('abort', stop, { once: true });
  if (asking.scope.signal.aborted) stop();
  try {
    await askAll(
      regions,
      async (v2, region) => {
        const value = await ask(v2).catch((error: unknown) => {
          if (!isNotThere(error)) throw error;
        });
        if (value === undefined) return;
        found ??= { region, value };
        enough.abort(new Error('enough is known'));
      },
      { ...asking, scope, longestMs },
    );
  } catch (error) {
    if (found === undefined) throw error;
  } finally {
    asking.scope.signal.removeEventListener('abort', stop);
  }
  return found;
}

export const v2Of = ({ name, client }: Region, scope: CallScope): V2 => createV2(client.forCall(scope), name);
