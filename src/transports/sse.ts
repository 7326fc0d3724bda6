import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import { type McpServerFactory, readRequestBody } from '@modelcontextprotocol/server';
import type { Context } from 'hono';
import type { Caller } from '../auth/caller.ts';
import { type Env, MAX_BODY, refuse, SECURITY_HEADERS, tooLarge } from './edge.ts';

const KEEP_ALIVE_MS = 15_000;
const IDLE_MS = 30 * 60_000;
const MAX_SESSIONS = 1_000;

interface Session {
  transport: SSEServerTransport;
  /** Writes a comment, so that no proxy takes the connection for dead. */
  beat(): void;
  /** Who opened it; nobody else may send to it. */
  owner: Caller;
  lastUsed: number;
}

interface Options {
  create: McpServerFactory;
  /** Where clients post, as they reach it from outside. */
  messagesPath: string;
  maxSessions?: number;
}

/**
 * HTTP+SSE of the protocol of 2024, for clients that know nothing newer. A session lives in this process and ends with
 * its connection.
 */
export function createSse({ create, messagesPath, maxSessions = MAX_SESSIONS }: Options) {
  const sessions = new Map<string, Session>();
  const heart = setInterval(() => {
    for (const { transport, lastUsed, owner, beat } of sessions.values()) {
      const { expiresAt = Number.POSITIVE_INFINITY } = owner;
      if (Date.now() - lastUsed > IDLE_MS || Date.now() > expiresAt * 1_000) void transport.close();
      else beat();
    }
  }, KEEP_ALIVE_MS).unref();

  return {
    size: () => sessions.size,

    async open(c: Context<Env>, owner: Caller): Promise<Response> {
      if (sessions.size >= maxSessions) return refuse(c, 503, 'Too many SSE sessions are open', 30);
      const { outgoing } = c.env;
      const transport = new SSEServerTransport(messagesPath, outgoing);
      const { sessionId } = transport;
      const beat = () => outgoing.write(': keep-alive\n\n');
      sessions.set(sessionId, { transport, beat, owner, lastUsed: Date.now() });
      outgoing.once('close', () => sessions.delete(sessionId));
      // The transport writes the response itself, past what the app adds to others.
      for (const [name, value] of Object.entries(SECURITY_HEADERS)) outgoing.setHeader(name, value);
      outgoing.setHeader('X-Accel-Buffering', 'no');
      const server = await create({ era: 'legacy' });
      await server.connect(transport);
      return RESPONSE_ALREADY_SENT;
    },

    async post(c: Context<Env>, caller: Caller): Promise<Response> {
      const session = sessions.get(c.req.query('sessionId') ?? '');
      if (!session || session.owner.name !== caller.name) return refuse(c, 404, 'There is no such SSE session here');
      session.lastUsed = Date.now();
      // A token that was renewed keeps the session open.
      session.owner = caller;
      const body = await readRequestBody(c.req.raw, MAX_BODY);
      if (body.tooLarge) return tooLarge(c);
      try {
        await session.transport.handleMessage(JSON.parse(body.text));
      } catch {
        return refuse(c, 400, 'The body is not a JSON-RPC message');
      }
      return c.text('Accepted', 202);
    },

    async close() {
      clearInterval(heart);
      await Promise.all([...sessions.values()].map(({ transport }) => transport.close()));
    },
  };
}
