import type { ServerResponse } from 'node:http';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import { type McpServerFactory, readRequestBody } from '@modelcontextprotocol/server';
import type { Context } from 'hono';
import type { Caller } from '../auth/caller.ts';
import { type HttpCaller, type Narrowing, toAuthInfo } from '../calls/http-caller.ts';
import type { Admitted } from './callers.ts';
import { type Env, MAX_BODY, refuse, tooLarge } from './guards.ts';
import { createRequestIds } from './wire/in-flight.ts';
import { readMessages, type WireRefusal } from './wire/messages.ts';
import { answerWith } from './wire/negotiation.ts';

const KEEP_ALIVE_MS = 15_000;
const IDLE_MS = 30 * 60_000;
const MAX_SESSIONS = 1_000;
const MAX_OF_ONE = 200;
const MAX_UNREAD_BYTES = 4_000_000;

interface Session {
  transport: SSEServerTransport;
  requests: ReturnType<typeof createRequestIds>;
  outgoing: ServerResponse;
  /** With the latest token; only the owner may post. */
  owner: Caller;
  /** From the latest message; also decides about open calls. */
  latest: HttpCaller;
  /** By the URL that opened it. */
  narrowing?: Narrowing;
  lastUsed: number;
}

interface SseOptions {
  create: McpServerFactory;
  messagesPath: string;
  maxSessions?: number;
  log(problem: string): void;
}

const EMPTY: WireRefusal = { jsonrpc: '2.0', id: null, error: { code: -32600, message: 'The body is empty' } };

const isAnswerable = ({ error }: WireRefusal) => error.code === -32602;

/** The HTTP+SSE transport of protocol 2024-11-05, for older clients. A session ends with its connection. */
export function createSse({ create, messagesPath, maxSessions = MAX_SESSIONS, log }: SseOptions) {
  const sessions = new Map<string, Session>();

  /** Destroys the connection: `end()` would wait forever for a client that does not read. */
  function end(id: string) {
    const session = sessions.get(id);
    sessions.delete(id);
    session?.outgoing.destroy();
  }

  function isOver({ lastUsed, owner, outgoing }: Session): boolean {
    const { expiresAt = Number.POSITIVE_INFINITY } = owner;
    return (
      Date.now() - lastUsed > IDLE_MS || Date.now() > expiresAt * 1_000 || outgoing.writableLength > MAX_UNREAD_BYTES
    );
  }

  const heart = setInterval(() => {
    for (const [id, session] of sessions) {
      if (isOver(session)) end(id);
      // Prevents proxies from closing an idle connection.
      else session.outgoing.write(': keep-alive\n\n');
    }
  }, KEEP_ALIVE_MS).unref();

  function refusalFor(c: Context<Env>, owner: Caller): Response | undefined {
    const { socket } = c.env.outgoing;
    // The client left, or the response waits behind a pipelined one and may never start.
    if (!socket || socket.destroyed) return refuse(c, 400, 'An SSE stream needs a connection of its own');
    const own = [...sessions.values()].filter((session) => session.owner.name === owner.name).length;
    if (sessions.size >= maxSessions || own >= MAX_OF_ONE)
      return refuse(c, 503, 'Too many SSE sessions are open', { retryAfter: 30 });
    return undefined;
  }

  return {
    size: () => sessions.size,

    async open(c: Context<Env>, httpCaller: HttpCaller): Promise<Response> {
      const { caller: owner, narrowing } = httpCaller;
      const refusal = refusalFor(c, owner);
      if (refusal) return refusal;
      const { outgoing } = c.env;
      const transport = new SSEServerTransport(messagesPath, outgoing);
      const { sessionId } = transport;
      const requests = createRequestIds();
      const send = transport.send.bind(transport);
      transport.send = (message) => {
        requests.sent(message);
        return send(message);
      };
      const client = { owner, latest: httpCaller, narrowing };
      sessions.set(sessionId, { transport, requests, outgoing, ...client, lastUsed: Date.now() });
      outgoing.once('close', () => end(sessionId));
      // The transport writes the response itself and would skip the CORS headers.
      for (const [name, value] of c.res.headers) outgoing.setHeader(name, value);
      outgoing.setHeader('X-Accel-Buffering', 'no');
      const server = await create({ era: 'legacy', authInfo: toAuthInfo(httpCaller) });
      await server.connect(transport);
      return RESPONSE_ALREADY_SENT;
    },

    async post(c: Context<Env>, { httpCaller, charge }: Admitted): Promise<Response> {
      const { caller } = httpCaller;
      const id = c.req.query('sessionId') ?? '';
      const session = sessions.get(id);
      if (!session || session.owner.name !== caller.name) return refuse(c, 404, 'No such SSE session');
      // A renewed token extends the session.
      session.owner = caller;
      session.latest = httpCaller;
      if (isOver(session)) {
        end(id);
        return refuse(c, 404, 'This SSE session has ended');
      }
      session.lastUsed = Date.now();
      const body = await readRequestBody(c.req.raw, MAX_BODY);
      if (body.tooLarge) return tooLarge(c);
      const refusal = await charge(1);
      if (refusal) return refusal;
      const now = () => session.latest.now();
      const { narrowing } = session;
      return take(body.text, session, { httpCaller: { ...httpCaller, narrowing, now }, log });
    },

    async close() {
      clearInterval(heart);
      await Promise.all([...sessions.values()].map(({ transport }) => transport.close()));
    },
  };
}

interface Posted {
  httpCaller: HttpCaller;
  log(problem: string): void;
}

/** Requests are answered on the stream, invalid messages at once. */
async function take(text: string, { transport, requests }: Session, { httpCaller, log }: Posted): Promise<Response> {
  const reading = readMessages(text, { takesBatches: false, inFlight: requests.ids });
  for (const problem of reading.problems) log(problem);
  for (const message of reading.messages) {
    requests.received(message);
    await transport.handleMessage(message, { authInfo: toAuthInfo(httpCaller) });
  }
  const [refusal = EMPTY, ...others] = reading.refusals;
  const isTaken = reading.refusals.length === 0 && (reading.messages.length > 0 || reading.problems.length > 0);
  if (isTaken) return new Response('Accepted', { status: 202 });
  if (refusal.id === null || !isAnswerable(refusal)) return answerWith([refusal, ...others], reading.isBatch, 'json');
  await transport.send({ ...refusal, id: refusal.id });
  return new Response('Accepted', { status: 202 });
}
