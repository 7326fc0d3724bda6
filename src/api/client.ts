import ky, { HTTPError } from 'ky';
import type * as z from 'zod';
import { ApiError, InputError, type Method, NoAnswerError, RefusedError } from '../errors.ts';
import { type AttemptScope, timedAttempts } from './attempts/index.ts';
import { maySend, type RetryScope, retryAfterMs, retryFor } from './attempts/retries.ts';
import type { Share } from './budget.ts';
import { isNotSent, reasonOf } from './connection-errors.ts';
import { rootOf } from './generations/addresses.ts';
import { errorMessagesIn, readJson } from './reply.ts';

const OWN_TOKEN =
  "This server acts with each caller's own rights at IONOS: the client has to send an IONOS token in the header X-IONOS-Token.";

export interface CallScope extends AttemptScope, RetryScope {
  headers?: Record<string, string>;
  /** Why `headers` has no `authorization`, as a sentence. */
  missing?: string;
  /** Patterns of the only clusters that exist for the call; undefined where that is all of them. */
  onlyClusters?: readonly string[];
  /** Redacts every text from outside, before anything reads or cuts it. */
  hide?(text: string): string;
}

const TURN_OVER = 'It took so long to get here that another write to this cluster may have begun. Call again.';

interface RequestOptions<T extends z.ZodType> {
  /** `z.undefined()` if the API responds without a body. */
  response: T;
  query?: Record<string, string | number | undefined>;
  body?: unknown;
  /** Never retried, as for a check that only improves a message. */
  once?: boolean;
  /** Gets the status and the JSON of the reply as they came, with nothing redacted: for what is sent back to the API. */
  onReply?(reply: RawReply): void;
}

export interface RawReply {
  status: number;
  json: unknown;
}

type Send = <T extends z.ZodType>(path: string, options: RequestOptions<T>) => Promise<z.output<T>>;

/** Every method throws ApiError, NoAnswerError (also for an aborted call), RefusedError or InputError (no credentials). */
export interface ApiClient {
  get: Send;
  post: Send;
  put: Send;
  patch: Send;
  delete: Send;
  /** Reads from IONOS's Compute API: data centers and LANs. */
  compute: { get: Send };
  /** Reads what IONOS says of all managed databases together. */
  databases: { get: Send };
  /** Reads from IONOS's Billing API, whose error bodies have no fixed form. */
  billing: { get: Send };
  forCall(call: CallScope): ApiClient;
}

export type Fetch = (request: Request, init: FetchInit) => Promise<Response>;

export interface FetchInit {
  signal: AbortSignal;
  share?: Share;
}

export interface ApiClientOptions {
  apiUrl: string;
  /** Of the Compute API; default: the one beside `apiUrl`, on the same host. */
  computeUrl?: string;
  /** Of the Billing API; default: the one beside the Compute API. */
  billingUrl?: string;
  /** The complete header value, Basic or Bearer; undefined if each call brings its own. */
  authorization?: string;
  contractNumber?: string;
  userAgent: string;
  fetch: Fetch;
}

export function createApiClient(options: ApiClientOptions): ApiClient {
  const { apiUrl, authorization, contractNumber, userAgent, fetch } = options;
  const computeUrl = options.computeUrl ?? `${rootOf(apiUrl)}/cloudapi/v6`;
  const databasesUrl = `${rootOf(apiUrl)}/databases`;
  const billingUrl = options.billingUrl ?? `${computeUrl.replace(/\/cloudapi\/v\d+$/, '')}/billing`;
  const http = ky.create({
    headers: {
      ...(authorization && { authorization }),
      accept: 'application/json',
      'user-agent': userAgent,
      ...(contractNumber && { 'x-contract-number': contractNumber }),
    },
    redirect: 'manual',
    // `timedAttempts` limits each attempt including the body; ky's own timeout ends with the headers.
    timeout: false,
  });

  function bind(call: CallScope): ApiClient {
    const send =
      (method: Method, base = apiUrl): Send =>
      async (path, { response, query, body, once = false, onReply }) => {
        assertInside(base, path);
        if (!authorization && !call.headers?.authorization) {
          throw new InputError([[call.missing, OWN_TOKEN].filter(Boolean).join(' ')]);
        }
        if (call.signal.aborted) throw new NoAnswerError(method, reasonOf(call.signal.reason), false);
        if (!maySend(method, call)) throw new RefusedError(TURN_OVER);
        const attempts = timedAttempts(fetch, call, { method, base, path });
        try {
          const reply = await http(path, {
            prefixUrl: base,
            method,
            json: body,
            searchParams: query,
            headers: call.headers ?? {},
            fetch: attempts.fetch,
            retry: once ? 0 : retryFor(method, call),
          });
          return await readJson(reply, { response, method, hide: call.hide, onReply });
        } catch (error) {
          throw await translate(call.signal.aborted ? call.signal.reason : error, method, path, call.hide);
        } finally {
          attempts.release();
        }
      };
    return {
      get: send('GET'),
      post: send('POST'),
      put: send('PUT'),
      patch: send('PATCH'),
      delete: send('DELETE'),
      compute: { get: send('GET', computeUrl) },
      databases: { get: send('GET', databasesUrl) },
      billing: { get: send('GET', billingUrl) },
      forCall: bind,
    };
  }
  return bind({ signal: new AbortController().signal, deadline: Number.POSITIVE_INFINITY });
}

/** Percent-encodes each value, so that none can add a path segment. */
export function path(literals: TemplateStringsArray, ...values: string[]): string {
  return String.raw({ raw: literals.raw }, ...values.map(encodeURIComponent));
}

/**
 * Encoding does not stop `..`: the URL parser must leave the address unchanged, and a gateway that decodes it again
 * must not end up elsewhere.
 */
function assertInside(apiUrl: string, path: string) {
  const [base, wanted] = [new URL(`${apiUrl}/`), new URL(`${apiUrl}/${path}`)];
  const inside = wanted.pathname.slice(base.pathname.length);
  const isInside =
    wanted.origin === base.origin &&
    wanted.pathname.startsWith(base.pathname) &&
    wanted.href === `${apiUrl}/${path}` &&
    wanted.search + wanted.hash === '' &&
    inside.split('/').every((segment) => isOneSegment(decodeURIComponent(segment)));
  if (!isInside) throw new Error('A request path left its place below the API address');
}

const isOneSegment = (decoded: string) =>
  decoded !== '' && decoded !== '.' && decoded !== '..' && !/[/\\%]|\p{Cc}/u.test(decoded);

async function translate(
  error: unknown,
  method: Method,
  path: string,
  hide = (text: string) => text,
): Promise<unknown> {
  if (error instanceof NoAnswerError) return error;
  if (error instanceof HTTPError) {
    const wait = retryAfterMs(error.response);
    return new ApiError(
      {
        method,
        path,
        status: error.response.status,
        messages: errorMessagesIn(await error.response.text()).map(hide),
        retryAfter: wait === undefined ? undefined : Math.ceil(wait / 1000),
      },
      { cause: error },
    );
  }
  return new NoAnswerError(method, hide(reasonOf(error)), !isNotSent(error), { cause: error });
}
