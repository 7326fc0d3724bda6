import ky, { HTTPError } from 'ky';
import type * as z from 'zod';
import { ApiError, InputError, type Method, NoAnswerError } from '../errors.ts';
import { pause } from '../signals.ts';
import { ProxyRefusalError, UnreachedError } from './connection-errors.ts';
import { readBody, readJson, readMessages, TooLargeError } from './reply.ts';

const ATTEMPT_MS = 20_000;
const MAX_ATTEMPTS = 3;

/** A POST is never retried: a second order creates a second cluster. */
const TRY_AGAIN: Record<Method, { statuses: readonly number[]; networkErrors: boolean }> = {
  GET: { statuses: [408, 429, 500, 502, 503, 504], networkErrors: true },
  PATCH: { statuses: [429], networkErrors: false },
  DELETE: { statuses: [429], networkErrors: false },
  POST: { statuses: [], networkErrors: false },
};

const OWN_TOKEN =
  "This server acts with each caller's own rights at IONOS: the client has to send an IONOS token in the header X-IONOS-Token.";

export interface HttpAttempt {
  method: Method;
  /** Undefined if no response arrived. */
  status?: number;
  repeats: boolean;
}

export interface CallScope {
  signal: AbortSignal;
  /** Milliseconds since the epoch. No pause starts that would outlast it. */
  readonly deadline: number;
  headers?: Record<string, string>;
  /** Why they hold no `authorization`, in a sentence. */
  missing?: string;
  onAttempt?(attempt: HttpAttempt): void;
}

interface RequestOptions<T extends z.ZodType> {
  /** `z.undefined()` if the API responds without a body. */
  response: T;
  query?: Record<string, string | number | undefined>;
  body?: unknown;
  /** Whether it is never tried again, as for a look that only serves a message. */
  once?: boolean;
}

type Send = <T extends z.ZodType>(path: string, options: RequestOptions<T>) => Promise<z.output<T>>;

/** Every method throws ApiError, NoAnswerError (also for an aborted call) or InputError (no credentials). */
export interface ApiClient {
  get: Send;
  post: Send;
  patch: Send;
  delete: Send;
  forCall(call: CallScope): ApiClient;
}

export type Fetch = (request: Request, init: { signal: AbortSignal }) => Promise<Response>;

export interface ApiClientOptions {
  apiUrl: string;
  /** The complete header value, Basic or Bearer; undefined if each call brings its own. */
  authorization?: string;
  contractNumber?: string;
  userAgent: string;
  fetch: Fetch;
}

export function createApiClient(options: ApiClientOptions): ApiClient {
  const { apiUrl, authorization, contractNumber, userAgent, fetch } = options;
  const http = ky.create({
    prefixUrl: apiUrl,
    headers: {
      ...(authorization && { authorization }),
      accept: 'application/json',
      'user-agent': userAgent,
      ...(contractNumber && { 'x-contract-number': contractNumber }),
    },
    redirect: 'manual',
    // `timedFetch` times each attempt, including the body; ky's own timeout ends with the headers.
    timeout: false,
  });

  function bind(call: CallScope): ApiClient {
    const send =
      (method: Method): Send =>
      async (path, { response, query, body, once = false }) => {
        assertInside(apiUrl, path);
        if (!authorization && !call.headers?.authorization) {
          throw new InputError([[call.missing, OWN_TOKEN].filter(Boolean).join(' ')]);
        }
        if (call.signal.aborted) throw new NoAnswerError(method, reasonOf(call.signal.reason), false);
        try {
          const reply = await http(path, {
            method,
            json: body,
            searchParams: query,
            headers: call.headers ?? {},
            fetch: timedFetch(fetch, call, method),
            retry: once ? 0 : retryFor(method, call),
          });
          return await readJson(reply, response, method);
        } catch (error) {
          throw await translate(call.signal.aborted ? call.signal.reason : error, method, path);
        }
      };
    return { get: send('GET'), post: send('POST'), patch: send('PATCH'), delete: send('DELETE'), forCall: bind };
  }
  return bind({ signal: new AbortController().signal, deadline: Number.POSITIVE_INFINITY });
}

/** Percent-encodes each value, so that none can add a path segment. */
export function path(literals: TemplateStringsArray, ...values: string[]): string {
  return String.raw({ raw: literals.raw }, ...values.map(encodeURIComponent));
}

/** Encoding leaves `..` intact, which the URL parser would resolve. */
function assertInside(apiUrl: string, path: string) {
  const wanted = `${apiUrl}/${path}`;
  if (new URL(wanted).href !== wanted) throw new Error('A request path left its place below the API address');
}

/** Passes the signal separately: Node 20 can garbage-collect a signal inside a Request, which then never aborts. */
function timedFetch(fetch: Fetch, call: CallScope, method: Method) {
  let repeats = false;
  return async (request: string | URL | Request): Promise<Response> => {
    if (!(request instanceof Request)) throw new TypeError('ky hands over a Request');
    const controller = new AbortController();
    const stop = () => controller.abort(call.signal.reason);
    const timer = setTimeout(() => controller.abort(new Error(`no answer within ${ATTEMPT_MS / 1000} s`)), ATTEMPT_MS);
    call.signal.addEventListener('abort', stop, { once: true });
    if (call.signal.aborted) stop();
    let status: number | undefined;
    try {
      const response = await readBody(await fetch(request, { signal: controller.signal }));
      status = response.status;
      return response;
    } finally {
      clearTimeout(timer);
      call.signal.removeEventListener('abort', stop);
      call.onAttempt?.({ method, status, repeats });
      repeats = true;
    }
  };
}

/** Pauses in `shouldRetry` so that an abort ends the pause: passing ky a signal costs more than all else it does. */
function retryFor(method: Method, scope: CallScope) {
  const { statuses, networkErrors } = TRY_AGAIN[method];
  return {
    limit: MAX_ATTEMPTS - 1,
    methods: ['get', 'patch', 'delete'] as ['get', 'patch', 'delete'],
    async shouldRetry({ error, retryCount }: { error: Error; retryCount: number }) {
      if (error instanceof TooLargeError || scope.signal.aborted) return false;
      const response = error instanceof HTTPError ? error.response : undefined;
      if (!(response ? statuses.includes(response.status) : networkErrors)) return false;
      const ms = (response && retryAfterMs(response)) || backoff(retryCount);
      if (Date.now() + ms >= scope.deadline) return false;
      await pause(ms, scope.signal);
      return true;
    },
    delay: () => 0,
  };
}

/** 500 ms, then 1 s, each with up to 100 % jitter so that clients spread their retries. */
function backoff(retryCount: number): number {
  return 500 * 2 ** (retryCount - 1) * (1 + Math.random());
}

function retryAfterMs(response: Response): number | undefined {
  const value = response.headers.get('retry-after');
  if (value === null || value.trim() === '') return undefined;
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

async function translate(error: unknown, method: Method, path: string): Promise<unknown> {
  if (error instanceof NoAnswerError) return error;
  if (error instanceof HTTPError) {
    const wait = retryAfterMs(error.response);
    return new ApiError(
      {
        method,
        path,
        status: error.response.status,
        messages: readMessages(await error.response.text()),
        retryAfter: wait === undefined ? undefined : Math.ceil(wait / 1000),
      },
      { cause: error },
    );
  }
  return new NoAnswerError(method, reasonOf(error), !isNotSent(error), { cause: error });
}

function* causes(error: unknown): Generator<Error & { code?: unknown }> {
  for (let at = error; at instanceof Error; at = at.cause) yield at;
}

function isNotSent(error: unknown): boolean {
  return [...causes(error)].some((each) => each instanceof UnreachedError);
}

function reasonOf(error: unknown): string {
  const chain = [...causes(error)];
  const refusal = chain.find((each) => each instanceof ProxyRefusalError);
  if (refusal) return refusal.message;
  const code = chain.findLast(({ code }) => typeof code === 'string')?.code;
  const words = chain.at(-1)?.message;
  if (isNotSent(error)) {
    return `the API could not be reached (${code ?? words}); if it stays so, the network, a proxy (HTTPS_PROXY) or IONOS_API_URL is at fault`;
  }
  return code ? `the connection failed (${code})` : (words ?? 'the connection failed');
}
