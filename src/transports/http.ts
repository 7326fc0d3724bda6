import { createServer, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { getRequestListener } from '@hono/node-server';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { type Context, Hono } from 'hono';
import type { Logger } from 'pino';
import type { Caller } from '../auth/caller.ts';
import type { Gate } from '../auth/gate.ts';
import { accountOf } from '../auth/ionos-account.ts';
import type { ProtectedResource } from '../auth/protected-resource.ts';
import { type Origin, toAuthInfo } from '../calls/http-caller.ts';
import { createLimit } from '../calls/rate-limit.ts';
import type { Servers } from '../mcp/server.ts';
import {
  addressOf,
  allowOrigins,
  checkNames,
  type Env,
  limitBody,
  MAX_BODY,
  onlyMethods,
  onlyPlainJson,
  refuse,
  SECURITY_HEADERS,
  securityHeaders,
} from './guards.ts';
import { createSse } from './sse.ts';

/** Refused sign-ins per address and minute. */
const MAX_REFUSALS = 60;
const IONOS_TOKEN = 'x-ionos-token';

/** Slow clients hold a socket no longer than this; the work of a call is not counted. */
const SERVER_OPTIONS = {
  headersTimeout: 15_000,
  requestTimeout: 60_000,
  connectionsCheckingInterval: 1_000,
  keepAliveTimeout: 65_000,
  maxRequestsPerSocket: 1_000,
};
const MAX_CONNECTIONS = 5_000;

export interface HttpOptions {
  servers: Servers;
  logger: Logger;
  gate: Gate;
  /** Described to clients in `oauth`; elsewhere there is none. */
  resource?: ProtectedResource;
  /** Where clients reach this server; without it, by its address alone. */
  publicUrl?: string;
  allowedHosts: readonly string[];
  allowedOrigins: readonly string[];
  loopback: boolean;
  /** Whether each caller brings its own IONOS token. */
  callersOwnToken: boolean;
  sse: boolean;
  /** Of HTTP+SSE, open at once. */
  maxSessions?: number;
  /** Proxies in front that append to X-Forwarded-For. */
  trustProxy: number;
  /** Calls in flight at once, of all callers and of each. */
  maxCalls: number;
  callerMaxCalls: number;
  /** Requests per caller and minute, 0 for no limit. */
  rateLimit: number;
}

/** The whole HTTP side without a socket: the app, and how it stops. */
export function createHttpApp(options: HttpOptions) {
  const { servers, logger, gate, resource, publicUrl, allowedOrigins, callersOwnToken, trustProxy, maxCalls } = options;
  const prefix = publicUrl ? new URL(publicUrl).pathname.replace(/\/$/, '') : '';
  const handler = createMcpHandler(servers.create, {
    maxRequestBodySize: MAX_BODY,
    onerror: ({ message }) => logger.debug({ reason: message }, 'http'),
  });
  const sessions = createSse({
    create: servers.create,
    messagesPath: `${prefix}/messages`,
    maxSessions: options.maxSessions,
  });
  const requests = createLimit(options.rateLimit);
  const refusals = createLimit(MAX_REFUSALS);
  let ready = true;
  /** Requests that are let in, or about to be, and have no answer yet. */
  let admitted = 0;

  const app = new Hono<Env>();
  app.use(securityHeaders);
  app.use(async (c, next) => {
    await next();
    // So that no client sends its next request on a connection that is about to close.
    if (!ready && !c.env.outgoing.headersSent) c.env.outgoing.setHeader('Connection', 'close');
  });
  app.get('/healthz', (c) => c.json({ status: 'alive' }));
  app.get('/readyz', (c) => (ready ? c.json({ status: 'ready' }) : c.json({ status: 'draining' }, 503)));
  app.use(checkNames(options));
  app.use(allowOrigins(allowedOrigins));
  for (const path of resource?.metadataPaths ?? []) app.get(path, (c) => c.json(resource?.metadata));

  /** Lets a request in as somebody and within the limits; `serve` puts into its origin no more than the call itself. */
  async function admit(c: Context<Env>, serve: (origin: Origin) => Promise<Response>): Promise<Response> {
    admitted += 1;
    try {
      const caller = await identify(c);
      if (caller instanceof Response) return caller;
      if (servers.inFlight() >= maxCalls) return refuse(c, 429, 'Too many calls are in flight', 1);
      if (servers.inFlight(caller.name) >= options.callerMaxCalls) {
        return refuse(c, 429, 'Too many of your calls are in flight', 1);
      }
      const wait = await requests.exceeded(caller.name);
      if (wait !== undefined) {
        logger.warn({ caller: caller.name, wait }, 'limited');
        return refuse(c, 429, 'Too many requests', wait);
      }
      const origin = originOf(c, caller, callersOwnToken);
      c.env.outgoing.setHeader('X-Request-Id', origin.requestId);
      return await serve(origin);
    } finally {
      admitted -= 1;
    }
  }

  async function serveMcp(c: Context<Env>, origin: Origin): Promise<Response> {
    const authInfo = toAuthInfo(origin, resource?.metadataUrl);
    // Of a body that does not tell its length the SDK counts what arrives; of another method it reads none.
    const isWhole = c.req.method === 'POST' && c.req.header('content-length') !== undefined;
    if (!isWhole) return handler.fetch(c.req.raw, { authInfo });
    const text = await c.req.raw.text();
    const parsedBody = parsed(text);
    if (parsedBody !== undefined) return handler.fetch(c.req.raw, { authInfo, parsedBody });
    const { method, url, headers } = c.req.raw;
    return handler.fetch(new Request(url, { method, headers, body: text }), { authInfo });
  }

  /** Who keeps sending tokens that are refused is told to wait, which slows down guessing and spares the log. */
  async function identify(c: Context<Env>): Promise<Caller | Response> {
    const caller = await gate(c.req.raw);
    if (!(caller instanceof Response)) return caller;
    // A client that wants OAuth begins without a token, and is told where to get one.
    const guesses = caller.status === 401 && c.req.header('authorization') !== undefined;
    const address = addressOf(c, trustProxy);
    const wait = guesses ? await refusals.exceeded(address) : undefined;
    if (wait === undefined) return caller;
    logger.warn({ address, wait }, 'limited');
    return refuse(c, 429, 'Too many refused sign-ins', wait);
  }

  app.use('/mcp', onlyMethods('POST', 'GET', 'DELETE'), onlyPlainJson, limitBody);
  app.all('/mcp', (c) => admit(c, (origin) => serveMcp(c, origin)));
  if (options.sse) {
    app.use('/sse', onlyMethods('GET'));
    app.use('/messages', onlyMethods('POST'), onlyPlainJson, limitBody);
    app.get('/sse', (c) => admit(c, (origin) => sessions.open(c, origin)));
    app.post('/messages', (c) => admit(c, (origin) => sessions.post(c, origin)));
  }
  app.notFound((c) => refuse(c, 404, 'There is nothing here'));
  app.onError((error, c) => {
    const reason = `${error.name}: ${error.message}`;
    const { destroyed, complete } = c.env.incoming;
    if (destroyed && !complete) {
      logger.debug({ reason }, 'http');
      return refuse(c, 400, 'The request broke off');
    }
    logger.error({ reason }, 'http');
    return refuse(c, 503, 'This server failed');
  });

  return {
    app,
    sseSessions: sessions.size,
    /** From now on it says that it is not ready, while it still serves. */
    retire() {
      ready = false;
    },
    /** Resolves when no request is on its way to becoming a call, after `ms` at the latest. */
    async idle(ms: number) {
      for (const end = Date.now() + ms; admitted > 0 && Date.now() < end; ) await sleep(20);
    },
    async close() {
      await sessions.close();
      await handler.close();
    },
  };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** The only headers of a request that go on to IONOS. */
function originOf(c: Context<Env>, caller: Caller, callersOwnToken: boolean): Origin {
  const sent = callersOwnToken ? c.req.header(IONOS_TOKEN)?.trim() : undefined;
  const token = sent && /^[!-~]{1,8192}$/.test(sent) ? sent : undefined;
  const [traceparent, tracestate] = [c.req.header('traceparent'), c.req.header('tracestate')];
  const traced = traceparent && /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/.test(traceparent);
  return {
    caller,
    account: token ? accountOf(token) : '',
    requestId: crypto.randomUUID(),
    calls: 0,
    upstream: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(traced && { traceparent, ...(tracestate && { tracestate }) }),
    },
    secrets: token ? [token] : [],
  };
}

/** Listens; refuses at once what the fetch API cannot express, such as TRACE. */
export async function listen(app: Pick<Hono<Env>, 'fetch'>, host: string, port: number): Promise<Server> {
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  const server = createServer(SERVER_OPTIONS, (request, response) => {
    if (!['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS'].includes(request.method ?? '')) {
      for (const [name, value] of SECURITY_HEADERS) response.setHeader(name, value);
      response.writeHead(405, { allow: 'GET, HEAD, POST, DELETE, OPTIONS' }).end();
    } else void listener(request, response);
  });
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return server;
}

interface Draining {
  server: Server;
  servers: Servers;
  http: ReturnType<typeof createHttpApp>;
  /** Milliseconds in which load balancers notice, and calls still are taken. */
  delayMs: number;
  /** Milliseconds that calls in flight get to finish. */
  timeoutMs: number;
}

/** Not ready, then no new calls, then those in flight finish, then the rest is closed. */
export async function drain({ server, servers, http, delayMs, timeoutMs }: Draining): Promise<void> {
  http.retire();
  await sleep(delayMs);
  const closed = new Promise((resolve) => server.close(resolve));
  const end = Date.now() + timeoutMs;
  await http.idle(timeoutMs);
  await servers.drain(Math.max(0, end - Date.now()));
  await http.close();
  const force = setTimeout(() => server.closeAllConnections(), 1_000);
  await closed;
  clearTimeout(force);
}
