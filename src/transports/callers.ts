import type { Context } from 'hono';
import type { Logger } from 'pino';
import type { Caller } from '../auth/caller.ts';
import type { Gate } from '../auth/gate.ts';
import { accountOf, IONOS_TOKEN_HEADER, readIonosToken } from '../auth/ionos-token.ts';
import type { HttpCaller } from '../calls/http-caller.ts';
import { createLimit } from '../calls/rate-limit.ts';
import type { Servers } from '../mcp/server.ts';
import { addressOf, type Env, refuse } from './guards.ts';

/** Refused sign-ins per address and minute. */
const MAX_REFUSALS = 60;

export interface CallersOptions {
  servers: Servers;
  logger: Logger;
  gate: Gate;
  /** Whether each caller brings its own IONOS token. */
  callersOwnToken: boolean;
  /** Proxies in front that append to X-Forwarded-For. */
  trustProxy: number;
  /** Calls in flight at once, of all callers and of each. */
  maxCalls: number;
  callerMaxCalls: number;
  /** Requests per caller and minute, 0 for no limit. */
  rateLimit: number;
}

/** Lets requests in: as somebody, and within the limits. */
export function createCallers(options: CallersOptions) {
  const { servers, logger, maxCalls, callerMaxCalls } = options;
  const identify = createIdentification(options);
  const requests = createLimit(options.rateLimit);
  /** Requests that are let in, or about to be, and have no answer yet. */
  let admitted = 0;

  async function refusalFor(c: Context<Env>, { name }: Caller): Promise<Response | undefined> {
    if (servers.inFlight() >= maxCalls) return refuse(c, 429, 'Too many calls are in flight', 1);
    if (servers.inFlight(name) >= callerMaxCalls) return refuse(c, 429, 'Too many of your calls are in flight', 1);
    const wait = await requests.exceeded(name);
    if (wait === undefined) return undefined;
    logger.warn({ caller: name, wait }, 'limited');
    return refuse(c, 429, 'Too many requests', wait);
  }

  return {
    admitted: () => admitted,

    /** The answer of `serve`, or why the request is not let in. */
    async admit(c: Context<Env>, serve: (httpCaller: HttpCaller) => Promise<Response>): Promise<Response> {
      admitted += 1;
      try {
        const caller = await identify(c);
        if (caller instanceof Response) return caller;
        const refusal = await refusalFor(c, caller);
        if (refusal) return refusal;
        const httpCaller = toHttpCaller(c, caller, options.callersOwnToken);
        c.env.outgoing.setHeader('X-Request-Id', httpCaller.requestId);
        return await serve(httpCaller);
      } finally {
        admitted -= 1;
      }
    },
  };
}

/** Who keeps sending tokens that are refused has to wait, which slows down guessing and spares the log. */
function createIdentification({ gate, logger, trustProxy }: Pick<CallersOptions, 'gate' | 'logger' | 'trustProxy'>) {
  const refusals = createLimit(MAX_REFUSALS);

  return async function identify(c: Context<Env>): Promise<Caller | Response> {
    const caller = await gate(c.req.raw);
    if (!(caller instanceof Response)) return caller;
    // A client that wants OAuth begins without a token, and learns where to get one.
    const guesses = caller.status === 401 && c.req.header('authorization') !== undefined;
    const address = addressOf(c, trustProxy);
    const wait = guesses ? await refusals.exceeded(address) : undefined;
    if (wait === undefined) return caller;
    logger.warn({ address, wait }, 'limited');
    return refuse(c, 429, 'Too many refused sign-ins', wait);
  };
}

/** With the only headers of a request that go on to IONOS. */
function toHttpCaller(c: Context<Env>, caller: Caller, callersOwnToken: boolean): HttpCaller {
  const token = callersOwnToken ? readIonosToken(c.req.header(IONOS_TOKEN_HEADER)) : undefined;
  const [traceparent, tracestate] = [c.req.header('traceparent'), c.req.header('tracestate')];
  const traced = traceparent && /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/.test(traceparent);
  return {
    caller,
    account: token ? accountOf(token) : '',
    requestId: crypto.randomUUID(),
    upstream: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(traced && { traceparent, ...(tracestate && { tracestate }) }),
    },
    secrets: token ? [token] : [],
  };
}
