export class ConfigError extends Error {
  override name = 'ConfigError';
  constructor(
    readonly problems: readonly string[],
    options?: ErrorOptions,
  ) {
    super(problems.join('\n'), options);
  }
}

/** Invalid arguments, one sentence per problem. Nothing was sent. */
export class InputError extends Error {
  override name = 'InputError';
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}

/** An argument names what is not there. */
export class MissingError extends InputError {
  override name = 'MissingError';
}

export class BatchError extends InputError {
  constructor() {
    super(['batches of calls are not supported: send each call separately']);
  }
}

/** A caller has used up their share; nothing was sent. */
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

/** Refused for a reason other than the arguments: live state, policy or missing consent. Nothing was sent. */
export class RefusedError extends Error {
  override name = 'RefusedError';
}

/** What replicas share cannot be reached, so that nothing keeps a write from being sent twice. */
export class StateError extends RefusedError {
  override name = 'StateError';
  constructor(options?: ErrorOptions) {
    super(
      'The database that the replicas of this server share (--state-url) cannot be used, and without it nothing is changed. Reads still work. Try again in a minute; if it stays so, the operator has to look at that database.',
      options,
    );
  }
}

/** IONOS takes no more orders on API v1. Nothing was ordered. */
export class OrdersEndedError extends RefusedError {
  override name = 'OrdersEndedError';
}

export class AccessError extends Error {
  override name = 'AccessError';
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

interface ApiRefusal {
  method: Method;
  /** Below the API's address, without a query. */
  path?: string;
  status: number;
  /** The API's own words; empty if the body had none. */
  messages: readonly string[];
  /** Seconds */
  retryAfter?: number;
}

export class ApiError extends Error {
  override name = 'ApiError';
  readonly method: Method;
  readonly path: string;
  readonly status: number;
  readonly retryAfter: number | undefined;
  constructor({ method, path = '', status, messages, retryAfter }: ApiRefusal, options?: ErrorOptions) {
    super(messages.join('; '), options);
    this.method = method;
    this.path = path;
    this.status = status;
    this.retryAfter = retryAfter;
  }

  /** Whether the service may answer otherwise soon. */
  get mayPass(): boolean {
    return this.status >= 500 || this.status === 429 || this.status === 408;
  }
}

/** Not found, without a request: the API has no such IDs. */
export class NoSuchIdError extends ApiError {
  override name = 'NoSuchIdError';
  constructor(path: string, words: string) {
    super({ method: 'GET', path, status: 404, messages: [words] });
  }
}

/** Not found where it was looked for, and not everywhere could be looked. */
export class UnseenError extends ApiError {
  override name = 'UnseenError';
  constructor(
    path: string,
    /** In words. */
    readonly where: string,
  ) {
    super({ method: 'GET', path, status: 404, messages: [`not found, but it may be ${where}`] });
  }
}

/** No usable response. `sent` says whether the API may have acted. */
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

/** Something happened that nobody asked for; the message says what, and what a person has to do now. */
export class AlarmError extends Error {
  override name = 'AlarmError';
}

/** An order without a usable response, and what a later read found. */
export class LostWriteError extends Error {
  override name = 'LostWriteError';
  constructor(
    readonly lost: ApiError | NoAnswerError,
    readonly found: string,
  ) {
    super(lost.message, { cause: lost });
  }
}

export const MAY_EXIST =
  'The cluster may exist anyway: check list_clusters before ordering again, because a second order creates a second cluster.';

export function isRefusal(error: unknown): boolean {
  return [InputError, RefusedError, LimitError, AccessError].some((kind) => error instanceof kind);
}

/** Statuses that prove that nothing changed; a gateway can send 408 or 499 after the API has acted. */
const REFUSALS = [400, 401, 402, 403, 404, 405, 409, 410, 411, 413, 414, 415, 422, 428, 429, 431];

/** Whether a failed write certainly had no effect: what failed may be a look before it, which never has one. */
export function isUndone(error: unknown): boolean {
  if ((error instanceof ApiError || error instanceof NoAnswerError) && error.method === 'GET') return true;
  if (error instanceof ApiError) return REFUSALS.includes(error.status) || isRedirect(error.status);
  return error instanceof NoAnswerError ? !error.sent : isRefusal(error);
}

export const isRedirect = (status: number) => status >= 300 && status < 400;

/** For example ` (ENOENT)`; empty without a code. */
export function codeSuffix(error: unknown): string {
  return error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
}
