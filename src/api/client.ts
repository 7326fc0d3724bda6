import ky, { HTTPError } from 'ky';
import type * as z from 'zod';
import { ApiError, InputError, type Method, NoAnswerError } from '../errors.ts';
import { pause } from '../signals.ts';
import { ProxyRefusalError, UnreachedError } from './connection-errors.ts';
import { readBody, readJson, readMessages, TooLargeError } from './reply.ts';

/** Milliseconds for one attempt, from connecting to the last byte. */
const ATTEMPT_MS = 20_000;
const MAX_ATTEMPTS = 3;

/** Which answers are worth another attempt. A POST is never repeated: a second order makes a second cluster. */
const TRY_AGAIN: Record<Method, { statuses: readonly number[]; networkErrors: boolean }> = {
  GET: { statuses: [408, 429, 500, 502, 503, 504], networkErrors: true },
  PATCH: { statuses: [429], networkErrors: false },
  DELETE: { statuses: [429], networkErrors: false },
  POST: { statuses: [], networkErrors: false },
};

const OWN_TOKEN =
  "This server acts with each caller's own rights at IONOS: the client has to send an IONOS token in the header X-IONOS-Token.";

/** One request on its way to the API, when it is over. */
export interface HttpAttempt {
  method: Method;
  /** Undefined where no answer came. */
  status?: number;
  /** Whether it is not the first of its request. */
  repeats: boolean;
}

/** A tool call, as its requests need to know it. */
export interface CallScope {
  /** Aborts every request and pause of the call. */
  signal: AbortSignal;
  /** When the signal aborts at the latest, in ms since the epoch: no pause is begun that would outlast it. */
  readonly deadline: number;
  /** For each of its requests, over the client's own. */
  headers?: Record<string, string>;
  onAttempt?(attempt: HttpAttempt): void;
}

interface RequestOptions<T extends z.ZodType> {
  /** What the answer must look like; `z.undefined()` where the API answers without a body. */
  response: T;
  query?: Record<string, string | number | undefined>;
  body?: unknown;
}

type Send = <T extends z.ZodType>(path: string, options: RequestOptions<T>) => Promise<z.output<T>>;

/** The REST API by its verbs. Throws ApiError and NoAnswerError, the latter for a call that was given up too. */
export interface ApiClient {
  get: Send;
  post: Send;
  patch: Send;
  delete: Send;
  /** The same client, bound to one call's time and cancellation. */
  forCall(call: CallScope): ApiClient;
}

export type Fetch = (request: Request, init: { signal: AbortSignal }) => Promise<Response>;

export interface ApiClientOptions {
  apiUrl: string;
  /** The finished header value, Basic or Bearer; left out where each call brings its own. */
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
    // Each attempt is timed in `timedFetch`, body included; ky's own time-out ends with the headers.
    timeout: false,
  });

  function bind(call: CallScope): ApiClient {
    const send =
      (method: Method): Send =>
      async (path, { response, query, body }) => {
        assertInside(apiUrl, path);
        if (!authorization && !call.headers?.authorization) throw new InputError([OWN_TOKEN]);
        if (call.signal.aborted) throw new NoAnswerError(method, reasonOf(call.signal.reason), false);
        try {
          const reply = await http(path, {
            method,
            json: body,
            searchParams: query,
            headers: call.headers ?? {},
            fetch: timedFetch(fetch, call, method),
            retry: retryFor(method, call),
          });
          return await readJson(reply, response, method);
        } catch (error) {
          throw await translate(call.signal.aborted ? call.signal.reason : error, method);
        }
      };
    return { get: send('GET'), post: send('POST'), patch: send('PATCH'), delete: send('DELETE'), forCall: bind };
  }
  return bind({ signal: new AbortController().signal, deadline: Number.POSITIVE_INFINITY });
}

/** A path below the API's base, its values percent-encoded and unable to leave their segment. */
export function path(literals: TemplateStringsArray, ...values: string[]): string {
  return String.raw({ raw: literals.raw }, ...values.map(encodeURIComponent));
}

/** Encoding does not stop `..`: the address has to survive the URL parser as it is. */
function assertInside(apiUrl: string, path: string) {
  const wanted = `${apiUrl}/${path}`;
  if (new URL(wanted).href !== wanted) throw new Error('A request path left its place below the API address');
}

/**
 * A fetch that is given up with the call or after ATTEMPT_MS, body included. The signal goes beside the request:
 * one inside a Request is forgotten after a garbage collection on Node 20, and never stops anything.
 */
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

/** The pause is made here, where it ends with the call: a signal given to ky costs more than all else it does. */
function retryFor(method: Method, scope: CallScope) {
  const { statuses, networkErrors } = TRY_AGAIN[method];
  return {
    limit: MAX_ATTEMPTS - 1,
    methods: ['get', 'patch', 'delete'] as ['get', 'patch', 'delete'],
    async shouldRetry({ error, retryCount }: { error: Error; retryCount: number }) {
      if (error instanceof TooLargeError || scope.signal.aborted) return false;
      const response = error instanceof HTTPError ? error.response : undefined;
      if (!(response ? statuses.includes(response.status) : networkErrors)) return false;
      const ms = (response && retryAfter(response)) || backoff(retryCount);
      if (Date.now() + ms >= scope.deadline) return false;
      await pause(ms, scope.signal);
      return true;
    },
    delay: () => 0,
  };
}

/** Half a second, then a second, each with up to as much again: clients that failed together do not return together. */
function backoff(retryCount: number): number {
  return 500 * 2 ** (retryCount - 1) * (1 + Math.random());
}

/** Milliseconds that the API asks to wait, from seconds or a date. */
function retryAfter(response: Response): number | undefined {
  const value = response.headers.get('retry-after');
  if (value === null || value.trim() === '') return undefined;
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

async function translate(error: unknown, method: Method): Promise<unknown> {
  if (error instanceof NoAnswerError) return error;
  if (error instanceof HTTPError) {
    const wait = retryAfter(error.response);
    return new ApiError(
      {
        method,
        status: error.response.status,
        messages: readMessages(await error.response.text()),
        retryAfter: wait === undefined ? undefined : Math.ceil(wait / 1000),
      },
      { cause: error },
    );
  }
  return new NoAnswerError(method, reasonOf(error), !isNotSent(error), { cause: error });
}

/** What happened may be in the causes below what is said of it. */
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
