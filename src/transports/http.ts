import { setTimeout as sleep } from 'node:timers/promises';
import { createMcpHandler, type RequestId, readRequestBody } from '@modelcontextprotocol/server';
import { type Context, Hono } from 'hono';
import type { Logger } from 'pino';
import type { CodeFlow } from '../auth/issuer/code-flow.ts';
import type { ProtectedResource } from '../auth/protected-resource.ts';
import { toAuthInfo } from '../calls/http-caller.ts';
import { declaresViews } from '../mcp/views/apps.ts';
import { isFields } from '../text/json.ts';
import { type Admitted, type CallersOptions, createCallers } from './callers.ts';
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
  tooLarge,
} from './guards.ts';
import { createNarrowing, onlyParameters } from './narrowing.ts';
import { createRefusalLog, hasLeft, logRefusals } from './refusals.ts';
import { createSse } from './sse.ts';
import { type Pages, servePages } from './views/pages.ts';
import { createSessionIds, SESSION_HEADER, type SessionIds } from './views/session-id.ts';
import { readMessages } from './wire/messages.ts';
import { answerWith, formOf, inForm, SDK_ACCEPT } from './wire/negotiation.ts';
import { createProblemLog } from './wire/problem-log.ts';

export interface HttpOptions extends CallersOptions {
  logger: Logger;
  resource?: ProtectedResource;
  publicUrl?: string;
  allowedHosts: readonly string[];
  allowedOrigins: readonly string[];
  loopback: boolean;
  sse: boolean;
  maxSessions?: number;
  /** Shared by replicas; random if undefined. */
  signingKey?: string;
  /** For a browser; none unless given. */
  pages?: Pages;
  /** How people sign in on the page; by pasted tokens alone unless given. */
  codeFlow?: CodeFlow;
}

export function createHttpApp(options: HttpOptions) {
  const { servers, logger, resource, publicUrl, maxSessions } = options;
  const prefix = publicUrl ? new URL(publicUrl).pathname.replace(/\/$/, '') : '';
  const handler = createMcpHandler(servers.create, {
    maxRequestBodySize: MAX_BODY,
    onerror: ({ message }) => logger.debug({ reason: message }, 'http'),
  });
  const log = createProblemLog(() => logger, 'http');
  const sessionIds = createSessionIds(options.signingKey, declaresViews);
  const endpoint = { handler, log, metadataUrl: resource?.metadataUrl, sessionIds };
  const sessions = createSse({ create: servers.create, messagesPath: `${prefix}/messages`, maxSessions, log });
  const { admit, admitted, tooManyAttempts } = createCallers(options);
  const refused = createRefusalLog(logger);
  let ready = true;
  let isClosed = false;

  // Accepts a trailing slash.
  const app = new Hono<Env>({ strict: false });
  app.use(securityHeaders);
  // From there, the page would take the next part of the address for another host.
  app.use((c, next) => (c.req.path.startsWith('//') ? Promise.resolve(c.notFound()) : next()));
  app.use(async (c, next) => {
    await next();
    // Keeps clients from reusing a connection that is about to close.
    if (!ready && !c.env.outgoing.headersSent) c.env.outgoing.setHeader('Connection', 'close');
  });
  app.get('/healthz', (c) => c.json({ status: 'alive' }));
  app.get('/readyz', (c) => (ready ? c.json({ status: 'ready' }) : c.json({ status: 'draining' }, 503)));
  app.use(logRefusals(refused, options.trustProxy));
  app.use(checkNames(options));
  app.use(allowOrigins(options.allowedOrigins));
  for (const path of resource?.metadataPaths ?? []) app.get(path, (c) => c.json(resource?.metadata));
  const narrow = createNarrowing();
  app.use('/mcp', onlyMethods('POST', 'GET', 'DELETE'), onlyPlainJson, limitBody);
  app.all('/mcp', (c) => admit(c, narrow, (admitted) => serveMcp(c, endpoint, admitted)));
  if (options.sse) {
    const onlySession = onlyParameters('sessionId');
    app.use('/sse', onlyMethods('GET'));
    app.use('/messages', onlyMethods('POST'), onlyPlainJson, limitBody);
    app.get('/sse', (c) => admit(c, narrow, ({ httpCaller }) => sessions.open(c, httpCaller)));
    app.post('/messages', (c) => admit(c, onlySession, (admitted) => sessions.post(c, admitted)));
  }
  const { pages, codeFlow, trustProxy } = options;
  if (pages) servePages(app, pages, { codeFlow, tooManyAttempts, refused, trustProxy });
  // An OAuth client that looks for metadata here expects `error` to be a string.
  app.notFound((c) => {
    c.set('refusal', { status: 404, reason: 'Not found' });
    return c.json({ error: 'not_found', error_description: 'Not found' }, 404);
  });
  app.onError((error, c) => {
    if (isClosed) return refuse(c, 503, 'This server is shutting down', { retryAfter: 1 });
    return answerTo(error, c, logger);
  });

  return {
    app,
    refused,
    sseSessions: sessions.size,
    retire() {
      ready = false;
    },
    /** Resolves when no request is in admission, after `ms` at the latest. */
    async idle(ms: number) {
      for (const end = Date.now() + ms; admitted() > 0 && Date.now() < end; ) await sleep(20);
    },
    async close() {
      isClosed = true;
      await sessions.close();
      await handler.close();
    },
  };
}

type McpHandler = ReturnType<typeof createMcpHandler>;

interface McpEndpoint {
  handler: McpHandler;
  log(problem: string): void;
  metadataUrl: string | undefined;
  sessionIds: SessionIds;
}

/** A client sends it empty for a version that it does not know yet. */
const VERSION_HEADER = 'mcp-protocol-version';

async function serveMcp(
  c: Context<Env>,
  { handler, log, metadataUrl, sessionIds }: McpEndpoint,
  { httpCaller, charge }: Admitted,
): Promise<Response> {
  const whose = JSON.stringify([httpCaller.caller.name, httpCaller.accountKey]);
  const seesViews = sessionIds.seesViews(whose, c.req.header(SESSION_HEADER));
  if (seesViews && c.req.method === 'DELETE') return c.body(null, 204);
  const authInfo = toAuthInfo({ ...httpCaller, seesViews }, metadataUrl);
  if (c.req.header(VERSION_HEADER)?.trim() === '') c.req.raw.headers.delete(VERSION_HEADER);
  if (c.req.method !== 'POST') return noted(c, await handler.fetch(c.req.raw, { authInfo }));
  const form = formOf(c.req.header('accept'));
  if (!form) return refuse(c, 406, NOT_ACCEPTABLE);
  // Without a length, the bytes are counted as they arrive.
  const isWhole = c.req.header('content-length') !== undefined;
  const body = isWhole ? { text: await c.req.raw.text() } : await readRequestBody(c.req.raw, MAX_BODY);
  if (!('text' in body) || body.text === undefined) return tooLarge(c);
  const { messages, refusals, problems, isBatch } = readMessages(body.text, { takesBatches: true });
  for (const problem of problems) log(problem);
  if (refusals.length > 0) return answerWith(refusals, isBatch, form);
  const [first] = messages;
  if (!first) return problems.length > 0 ? c.body(null, 202) : refuse(c, 400, 'The body is empty');
  const requests = messages.filter((message) => 'method' in message && 'id' in message);
  if (form === 'json' && requests.some(({ method }) => method === 'subscriptions/listen')) {
    return refuse(c, 406, 'subscriptions/listen is answered with text/event-stream, which the Accept header excludes');
  }
  const refusal = await charge(requests.length);
  if (refusal) return refusal;
  c.req.raw.headers.set('accept', SDK_ACCEPT);
  const response = await noted(c, await handler.fetch(c.req.raw, { authInfo, parsedBody: isBatch ? messages : first }));
  const ids = requests.map(({ id }) => id);
  const answer =
    isBatch && !response.ok ? await forEach(ids, response) : await inForm(response, form, { ids, isBatch });
  const initialize = requests.find(({ method }) => method === 'initialize');
  const session = answer.ok && initialize ? sessionIds.issue(whose, initialize.params) : undefined;
  if (session !== undefined) answer.headers.set(SESSION_HEADER, session);
  return answer;
}

async function noted(c: Context<Env>, response: Response): Promise<Response> {
  const { status } = response;
  if (status < 400 || status >= 500) return response;
  const answer = parsed(await response.clone().text());
  const said = isFields(answer) && isFields(answer.error) ? answer.error.message : undefined;
  c.set('refusal', {
    status,
    reason: 'The request violates the MCP protocol',
    value: typeof said === 'string' ? said : undefined,
  });
  return response;
}

const NOT_ACCEPTABLE = 'An answer is application/json or text/event-stream, and the Accept header excludes both';

async function forEach(ids: readonly RequestId[], response: Response): Promise<Response> {
  const { status, headers } = response;
  const text = await response.text();
  const answer: unknown = parsed(text);
  if (!isFields(answer) || ids.length === 0) return new Response(text, { status, headers });
  return Response.json(
    ids.map((id) => ({ ...answer, id })),
    { status },
  );
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
  if (hasLeft(c)) {
    logger.debug({ reason }, 'http');
    return refuse(c, 400, 'The request was aborted');
  }
  logger.error({ reason }, 'http');
  return refuse(c, 503, 'Internal server error');
}
