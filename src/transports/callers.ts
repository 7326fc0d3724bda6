import type { Context } from 'hono';
import { credentialFacts } from '../api/credentials.ts';
import type { Caller } from '../auth/caller.ts';
import type { Gate } from '../auth/gate.ts';
import { accountOf, IONOS_TOKEN_HEADER, readIonosToken } from '../auth/ionos-token.ts';
import type { HttpCaller } from '../calls/http-caller.ts';
import { createRateLimit } from '../calls/rate-limit.ts';
import type { Servers } from '../mcp/server.ts';
import type { State } from '../state/state.ts';
import { traceContextIn } from '../telemetry/trace-context.ts';
import { addressOf, type Env, refuse } from './guards.ts';
import type { CheckQuery } from './narrowing.ts';

const MAX_REFUSALS_PER_MINUTE = 60;

/** Node drops or joins a repeated header, and a proxy in front may have checked the other one. */
const ONCE = ['authorization', IONOS_TOKEN_HEADER];

export interface CallersOptions {
  servers: Servers;
  gate: Gate;
  callersOwnToken: boolean;
  trustProxy: number;
  maxCalls: number;
  callerMaxCalls: number;
  rateLimit: number;
  state: State;
}

export interface Admitted {
  httpCaller: HttpCaller;
  /**
   * Runs once the body is read: other requests have arrived meanwhile, and a batch holds more than the one counted so
   * far.
   */
  charge(requests: number): Promise<Response | undefined>;
}

export function createCallers(options: CallersOptions) {
  const { servers, maxCalls, callerMaxCalls } = options;
  const { identify, tooManyAttempts } = createIdentification(options);
  const requests = createRateLimit(options.state, 'requests', options.rateLimit);
  let admitted = 0;

  function crowded(c: Context<Env>, { name }: Caller, count: number): Response | undefined {
    if (servers.working() + count > maxCalls) {
      return refuse(c, 429, 'Too many calls are in flight', { retryAfter: 1, flag: '--max-calls' });
    }
    if (servers.working(name) + count > callerMaxCalls) {
      return refuse(c, 429, 'Too many of your calls are in flight', { retryAfter: 1, flag: '--caller-max-calls' });
    }
    return undefined;
  }

  async function tooFast(c: Context<Env>, { name }: Caller, count: number): Promise<Response | undefined> {
    const wait = await requests.exceeded(name, count);
    return wait === undefined
      ? undefined
      : refuse(c, 429, 'Too many requests', { retryAfter: wait, flag: '--rate-limit' });
  }

  return {
    admitted: () => admitted,
    tooManyAttempts,

    async admit(
      c: Context<Env>,
      checkQuery: CheckQuery,
      serve: (admitted: Admitted) => Promise<Response>,
    ): Promise<Response> {
      admitted += 1;
      try {
        const caller = await identify(c);
        if (caller instanceof Response) return caller;
        c.set('caller', caller.name);
        // First, so that the log has what the URL leaves; a wrong one counts towards the limits too.
        const wrong = checkQuery(c);
        const refusal = crowded(c, caller, 1) ?? (await tooFast(c, caller, 1)) ?? wrong;
        if (refusal) return refusal;
        const httpCaller = {
          ...toHttpCaller(c, caller, options.callersOwnToken),
          async now() {
            const present = await options.gate(c.req.raw);
            return present instanceof Response ? undefined : present;
          },
        };
        c.env.outgoing.setHeader('X-Request-Id', httpCaller.requestId);
        const charge = async (count: number) =>
          count > 0
            ? (crowded(c, caller, count) ?? (count > 1 ? tooFast(c, caller, count - 1) : undefined))
            : undefined;
        return await serve({ httpCaller, charge });
      } finally {
        admitted -= 1;
      }
    },
  };
}

function createIdentification({ gate, trustProxy, state }: Pick<CallersOptions, 'gate' | 'trustProxy' | 'state'>) {
  const refusals = createRateLimit(state, 'refused', MAX_REFUSALS_PER_MINUTE);

  /** Counts one by the address that it comes from. */
  async function tooManyAttempts(c: Context<Env>): Promise<Response | undefined> {
    const wait = await refusals.exceeded(addressOf(c, trustProxy));
    return wait === undefined ? undefined : refuse(c, 429, 'Too many failed authentications', { retryAfter: wait });
  }

  async function identify(c: Context<Env>): Promise<Caller | Response> {
    const names = c.env.incoming.rawHeaders.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase());
    if (ONCE.some((name) => names.indexOf(name) !== names.lastIndexOf(name))) {
      return refuse(c, 400, 'Authorization and X-IONOS-Token may each be sent once');
    }
    const caller = await gate(c.req.raw);
    if (!(caller instanceof Response)) return caller;
    // An OAuth client starts without a token to discover where to get one.
    const guesses = caller.status === 401 && c.req.header('authorization') !== undefined;
    return (guesses ? await tooManyAttempts(c) : undefined) ?? caller;
  }

  return { identify, tooManyAttempts };
}

/** `upstream` holds the only request headers that reach IONOS. */
function toHttpCaller(c: Context<Env>, caller: Caller, callersOwnToken: boolean): Omit<HttpCaller, 'now'> {
  const { token, problem } = callersOwnToken
    ? readIonosToken(c.req.header(IONOS_TOKEN_HEADER), {
        authorization: c.req.header('authorization'),
        isTokenMisplaced: caller.isTokenMisplaced,
      })
    : {};
  const [traceparent, tracestate] = [c.req.header('traceparent'), c.req.header('tracestate')];
  const authorization = token && `Bearer ${token}`;
  const trace = traceContextIn(traceparent, tracestate);
  return {
    caller,
    accountKey: token ? accountOf(token) : '',
    requestId: crypto.randomUUID(),
    upstream: {
      ...(authorization && { authorization }),
      ...(trace && traceparent && { traceparent, ...(trace.tracestate && { tracestate: trace.tracestate }) }),
    },
    trace,
    credentials: authorization ? credentialFacts(authorization) : undefined,
    ionosTokenProblem: problem,
    secrets: token ? [token] : [],
    narrowing: c.get('narrowing'),
  };
}
