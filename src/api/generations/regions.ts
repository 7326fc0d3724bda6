import { ApiError, NoAnswerError } from '../../errors.ts';
import { onAbort, untilAborted } from '../../signals.ts';
import type { ApiClient, CallScope } from '../client.ts';
import type { Absences } from './asking/absences.ts';
import { BEYOND_V1_MS, createTimeLimit, LateError, type LimitOptions } from './asking/limit.ts';
import type { AbsentSource } from './port.ts';
import { createV2, type V2 } from './v2.ts';

/** A host of v2. */
export interface Region {
  /** As in its host name; undefined for an address that serves all regions. */
  name?: string;
  client: ApiClient;
}

export interface Asking {
  scope: CallScope;
  credentialsKey: string;
  absences: Absences;
}

/** The regions to ask, and those that are left alone; with nothing else to ask, all are asked again. */
export function chosenFrom(regions: readonly Region[], { absences }: Asking, isElseAsked: boolean) {
  const waiting = regions.filter((region) => !absences.find(region));
  if (!isElseAsked && waiting.length === 0) return { waiting: regions, alone: [] };
  return { waiting, alone: regions.flatMap((region) => absences.find(region) ?? []) };
}

export type Absent = AbsentSource & { error: unknown };

interface Answered<T> {
  answers: { region: Region; value: T }[];
  absent: Absent[];
}

/** What all regions answer at once, and which gave no answer in time. */
export async function askAll<T>(
  regions: readonly Region[],
  ask: (v2: V2, region: Region) => Promise<T>,
  { scope, absences, ...options }: Omit<Asking, 'account'> & LimitOptions,
): Promise<Answered<T>> {
  const limit = createTimeLimit(scope, options);
  const bound = { ...scope, signal: limit.signal, deadline: limit.deadline };
  const answered: Answered<T> = { answers: [], absent: [] };
  const askOne = async (region: Region) => {
    try {
      const value = await untilAborted(ask(v2Of(region, bound), region), limit.signal);
      answered.answers.push({ region, value });
      absences.forget(region);
    } catch (error) {
      const isOwn = !limit.signal.aborted || limit.signal.reason instanceof LateError;
      if (isOwn) answered.absent.push({ ...absences.add(region, error), error });
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

/** What to throw where no region has answered. */
export function noneOf([first]: readonly Absent[]): unknown {
  if (first === undefined) return new ApiError({ method: 'GET', path: 'clusters', status: 503, messages: [] });
  return first.error instanceof LateError ? new NoAnswerError('GET', first.reason, true) : first.error;
}

/** Statuses by which a region says that it has no such thing. */
const NOT_THERE = [400, 404, 410, 422];
export const isNotThere = (error: unknown): error is ApiError =>
  error instanceof ApiError && NOT_THERE.includes(error.status);

interface FirstFound<T> {
  /** Undefined if those that answered have it not. */
  found?: { region: Region; value: T };
  absent: readonly Absent[];
}

/** The first region that has something, and what; or all of them are asked, and some may be late. */
export async function askForFirst<T>(
  regions: readonly Region[],
  ask: (v2: V2) => Promise<T>,
  { longestMs = BEYOND_V1_MS, ...asking }: Asking & LimitOptions,
): Promise<FirstFound<T>> {
  let found: { region: Region; value: T } | undefined;
  const enough = new AbortController();
  const scope = { ...asking.scope, signal: enough.signal };
  const forget = onAbort(asking.scope.signal, () => enough.abort(asking.scope.signal.reason));
  try {
    const { absent } = await askAll(
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
    return { absent };
  } catch (error) {
    if (found === undefined) throw error;
    return { found, absent: [] };
  } finally {
    forget();
  }
}

export const v2Of = ({ name, client }: Region, scope: CallScope): V2 => createV2(client.forCall(scope), name);
