/** The configuration cannot be used; all problems at once. */
export class ConfigError extends Error {
  override name = 'ConfigError';
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}

/** Arguments that break a tool's rules: one sentence for each slip, and nothing was sent. */
export class InputError extends Error {
  override name = 'InputError';
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}

/** A caller has used up his share of what this server does for him; nothing was sent. */
export class LimitError extends Error {
  override name = 'LimitError';
  constructor(
    readonly what: string,
    /** Seconds */
    readonly retryAfter: number,
  ) {
    super(`too many ${what}`);
  }
}

/** This server says no, and not for the arguments alone: the live state, a rule, a missing agreement. Nothing was sent. */
export class RefusedError extends Error {
  override name = 'RefusedError';
}

/** A caller may not use a tool. */
export class AccessError extends Error {
  override name = 'AccessError';
}

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

interface ApiRefusal {
  method: Method;
  status: number;
  /** The API's own words; empty where the body had none. */
  messages: readonly string[];
  /** Seconds that the API asks to wait. */
  retryAfter?: number;
}

/** The API refused a request. */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly method: Method;
  readonly status: number;
  readonly retryAfter: number | undefined;
  constructor({ method, status, messages, retryAfter }: ApiRefusal, options?: ErrorOptions) {
    super(messages.join('; '), options);
    this.method = method;
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** A request got no answer that can be used; `sent` says whether the API may have acted on it. */
export class NoAnswerError extends Error {
  override name = 'NoAnswerError';
  constructor(
    readonly method: Method,
    readonly reason: string,
    readonly sent: boolean,
    options?: ErrorOptions,
  ) {
    super(`${method}: ${reason}`, options);
  }
}

/** An order whose answer was lost, and what a look at the API found of it since. */
export class LostOrderError extends Error {
  override name = 'LostOrderError';
  constructor(
    readonly lost: ApiError | NoAnswerError,
    /** What was found, and what to do next. */
    readonly found: string,
  ) {
    super(lost.message, { cause: lost });
  }
}

/** What is true of an order whose outcome is unknown. */
export const MAY_EXIST =
  'What was ordered may exist all the same: look with list_clusters before ordering again, since a second order makes a second cluster.';

/** Whether this server itself said no, before a write was sent. */
export function isRefusal(error: unknown): boolean {
  return [InputError, RefusedError, LimitError, AccessError].some((kind) => error instanceof kind);
}

/** Answers that say for certain that nothing was done; a gateway's own, such as 408 or 499, say nothing of the kind. */
const REFUSALS = [400, 401, 402, 403, 404, 405, 409, 410, 411, 413, 414, 415, 422, 428, 429, 431];

/** Whether a write that failed like this was certainly not carried out. */
export function isUndone(error: unknown): boolean {
  if (error instanceof ApiError) return REFUSALS.includes(error.status) || isRedirect(error.status);
  return error instanceof NoAnswerError ? !error.sent : isRefusal(error);
}

export const isRedirect = (status: number) => status >= 300 && status < 400;

/** The code of a system error as the end of a message, ` (ENOENT)`; empty where there is none. */
export function codeSuffix(error: unknown): string {
  return error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
}
