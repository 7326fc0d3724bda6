import type { HttpBindings } from '@hono/node-server';
import type { Context, MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';

export type Env = { Bindings: HttpBindings };

/** Bytes; the largest order is a few hundred. */
export const MAX_BODY = 1 << 20;
const METHODS = ['GET', 'POST', 'DELETE', 'OPTIONS'];
const LOOPBACK_HOSTS = ['localhost', '127.0.0.1', '[::1]'];

/** A refusal before the protocol: JSON-RPC's form where a client may look for it, and nothing that helps to probe. */
export function refuse(
  c: Context,
  status: 400 | 403 | 404 | 405 | 413 | 415 | 429 | 503,
  message: string,
  retryAfter?: number,
) {
  if (retryAfter !== undefined) c.header('Retry-After', String(retryAfter));
  return c.json({ jsonrpc: '2.0', id: null, error: { code: -32000, message } }, status);
}

export const SECURITY_HEADERS = Object.entries({
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  // Of an answer that says nothing else.
  'Cache-Control': 'no-store',
});

/** For whatever answers, since Node adds them to what it is told then; a Response would have to be made anew for each. */
export const securityHeaders: MiddlewareHandler<Env> = (c, next) => {
  for (const [name, value] of SECURITY_HEADERS) c.env.outgoing.setHeader(name, value);
  return next();
};

interface Names {
  /** Host names, with or without a port, by which clients may reach this server. */
  allowedHosts: readonly string[];
  allowedOrigins: readonly string[];
  /** Whether it listens on loopback, whose names are then allowed as well. */
  loopback: boolean;
}

/**
 * Host and Origin, each alone: a page in somebody's browser that resolves its own name to this address (DNS
 * rebinding) carries a foreign Host, one that calls across origins a foreign Origin.
 */
export function checkNames({ allowedHosts, allowedOrigins, loopback }: Names): MiddlewareHandler<Env> {
  const hosts = new Set([...allowedHosts, ...(loopback ? LOOPBACK_HOSTS : [])].map((host) => host.toLowerCase()));
  const origins = new Set(allowedOrigins);
  const localOrigin = (origin: string) => {
    const { protocol, hostname } = URL.canParse(origin) ? new URL(origin) : { protocol: '', hostname: '' };
    return loopback && /^https?:$/.test(protocol) && LOOPBACK_HOSTS.includes(hostname);
  };
  return async (c, next) => {
    const host = c.req.header('host')?.toLowerCase() ?? '';
    if (!hosts.has(host) && !hosts.has(host.replace(/:\d+$/, ''))) return refuse(c, 403, 'This Host is not allowed');
    const origin = c.req.header('origin');
    if (origin !== undefined && !origins.has(origin) && !localOrigin(origin)) {
      return refuse(c, 403, 'This Origin is not allowed');
    }
    return next();
  };
}

/** CORS for the origins that the operator named, and for no other; what is no browser does not ask for it. */
export function allowOrigins(allowedOrigins: readonly string[]): MiddlewareHandler<Env> {
  const answer = cors({
    origin: (origin) => (allowedOrigins.includes(origin) ? origin : null),
    allowMethods: METHODS,
    exposeHeaders: ['WWW-Authenticate', 'Mcp-Session-Id', 'Retry-After', 'X-Request-Id'],
    maxAge: 600,
  });
  return (c, next) => (c.req.header('origin') === undefined ? next() : answer(c, next));
}

export function onlyMethods(...allowed: string[]): MiddlewareHandler<Env> {
  return async (c, next) => {
    if (allowed.includes(c.req.method)) return next();
    c.header('Allow', allowed.join(', '));
    return refuse(c, 405, 'This method is not allowed here');
  };
}

/**
 * Refused from its length alone where that is told; while it arrives the reader of the body counts, which is the SDK's.
 * Hono's own limit builds a new Request around a chunked body, which node-server's cannot be.
 */
export const limitBody: MiddlewareHandler<Env> = async (c, next) =>
  Number(c.req.header('content-length') ?? 0) > MAX_BODY ? tooLarge(c) : next();

export function tooLarge(c: Context): Response {
  return refuse(c, 413, `The body is larger than ${MAX_BODY} bytes`);
}

/** JSON as it is: another type can be a form from a foreign page, an encoding can be a bomb. */
export const onlyPlainJson: MiddlewareHandler<Env> = async (c, next) => {
  if (c.req.method !== 'POST') return next();
  const encoding = c.req.header('content-encoding');
  if (encoding !== undefined && encoding !== 'identity') return refuse(c, 415, 'A Content-Encoding is not supported');
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') return refuse(c, 415, 'Content-Type must be application/json');
  return next();
};

/** The caller's address: the socket's, or what the last of `hops` trusted proxies saw. */
export function addressOf(c: Context<Env>, hops: number): string {
  const socket = c.env.incoming.socket.remoteAddress ?? 'unknown';
  if (hops === 0) return socket;
  const seen = (c.req.header('x-forwarded-for') ?? '').split(',').map((address) => address.trim());
  return seen.at(-hops) || socket;
}
