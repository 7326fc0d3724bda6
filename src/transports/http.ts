import { setTimeout as sleep } from 'node:timers/promises';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { type Context, Hono } from 'hono';
import type { Logger } from 'pino';
import type { ProtectedResource } from '../auth/protected-resource.ts';
import { toAuthInfo } from '../calls/http-caller.ts';
import { type CallersOptions, createCallers } from './callers.ts';
import {
  allowOrigins,
  checkNames,
  type Env,
  limitBody,
  MAX_BODY,
  onlyMethods,
  onlyPlainJson,
  refuse,
  securityHeaders,
} from './guards.ts';
import { createSse } from './sse.ts';

export interface HttpOptions extends CallersOptions {
  resource?: ProtectedResource;
  publicUrl?: string;
  allowedHosts: readonly string[];
  allowedOrigins: readonly string[];
  loopback: boolean;
  sse: boolean;
  maxSessions?: number;
}

export function createHttpApp(options: HttpOptions) {
  const { servers, logger, resource, publicUrl, maxSessions } = options;
  const prefix = publicUrl ? new URL(publicUrl).pathname.replace(/\/$/, '') : '';
  const handler = createMcpHandler(servers.create, {
    maxRequestBodySize: MAX_BODY,
    onerror: ({ message }) => logger.debug({ reason: message }, 'http'),
  });
  const sessions = createSse({ create: servers.create, messagesPath: `${prefix}/messages`, maxSessions });
  const { admit, admitted } = createCallers(options);
  let ready = true;

  const app = new Hono<Env>();
  app.use(securityHeaders);
  app.use(async (c, next) => {
    await next();
    // Keeps clients from reusing a connection that is about to close.
    if (!ready && !c.env.outgoing.headersSent) c.env.outgoing.setHeader('Connection', 'close');
  });
  app.get('/healthz', (c) => c.json({ status: 'alive' }));
  app.get('/readyz', (c) => (ready ? c.json({ status: 'ready' }) : c.json({ status: 'draining' }, 503)));
  app.use(checkNames(options));
  app.use(allowOrigins(options.allowedOrigins));
  for (const path of resource?.metadataPaths ?? []) app.get(path, (c) => c.json(resource?.metadata));
  app.use('/mcp', onlyMethods('POST', 'GET', 'DELETE'), onlyPlainJson, limitBody);
  app.all('/mcp', (c) => admit(c, (caller) => serveMcp(c, handler, toAuthInfo(caller, resource?.metadataUrl))));
  if (options.sse) {
    app.use('/sse', onlyMethods('GET'));
    app.use('/messages', onlyMethods('POST'), onlyPlainJson, limitBody);
    app.get('/sse', (c) => admit(c, (caller) => sessions.open(c, caller)));
    app.post('/messages', (c) => admit(c, (caller) => sessions.post(c, caller)));
  }
  app.notFound((c) => refuse(c, 404, 'There is nothing here'));
  app.onError((error, c) => answerTo(error, c, logger));

  return {
    app,
    sseSessions: sessions.size,
    retire() {
      ready = false;
    },
    /** Resolves when no request is in admission, after `ms` at the latest. */
    async idle(ms: number) {
      for (const end = Date.now() + ms; admitted() > 0 && Date.now() < end; ) await sleep(20);
    },
    async close() {
      await sessions.close();
      await handler.close();
    },
  };
}

type McpHandler = ReturnType<typeof createMcpHandler>;

async function serveMcp(c: Context<Env>, handler: McpHandler, authInfo: ReturnType<typeof toAuthInfo>) {
  // Without a Content-Length the SDK reads the body and limits it.
  const isWhole = c.req.method === 'POST' && c.req.header('content-length') !== undefined;
  if (!isWhole) return handler.fetch(c.req.raw, { authInfo });
  const text = await c.req.raw.text();
  const parsedBody = parsed(text);
  if (parsedBody !== undefined) return handler.fetch(c.req.raw, { authInfo, parsedBody });
  const { method, url, headers } = c.req.raw;
  return handler.fetch(new Request(url, { method, headers, body: text }), { authInfo });
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function answerTo(error: Error, c: Context<Env>, logger: Logger): Response {
  const reason = `${error.name}: ${error.message}`;
  const { destroyed, complete } = c.env.incoming;
  if (destroyed && !complete) {
    logger.debug({ reason }, 'http');
    return refuse(c, 400, 'The request broke off');
  }
  logger.error({ reason }, 'http');
  return refuse(c, 503, 'This server failed');
}
