import type { HttpBindings } from '@hono/node-server';
import type { Context, MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import type { Narrowing } from '../calls/http-caller.ts';
import { addressKey } from './client-address.ts';

export type Env = {
  Bindings: HttpBindings;
  Variables: { refusal?: RefusalNote; caller?: string; narrowing?: Narrowing };
};

interface RefusalNote {
  status: number;
  reason: string;
  value?: string;
  flag?: string;
}

/** Bytes; the largest order is a few hundred. */
export const MAX_BODY = 1 << 20;
const METHODS = ['GET', 'POST', 'DELETE', 'OPTIONS'];
const LOOPBACK_HOSTS = ['localhost', '127.0.0.1', '[::1]'];

interface RefusalDetails extends Partial<Pick<RefusalNote, 'value' | 'flag' | 'reason'>> {
  /** Seconds */
  retryAfter?: number;
}

/** Uses JSON-RPC's error format, and reveals nothing useful for probing. The details are for the log. */
export function refuse(
  c: Context,
  status: 400 | 403 | 404 | 405 | 406 | 413 | 415 | 429 | 503,
  message: string,
  { retryAfter, ...note }: RefusalDetails = {},
) {
  c.set('refusal', { status, reason: message, ...note });
  if (retryAfter !== undefined) c.header('Retry-After', String(retryAfter));
  return c.json({ jsonrpc: '2.0', id: null, error: { code: -32000, message } }, status);
}

export const SECURITY_HEADERS = Object.entries({
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cache-Control': 'no-store',
});

/** Set on Node's response: adding them to a Response would rebuild it. */
export const securityHeaders: MiddlewareHandler<Env> = (c, next) => {
  for (const [name, value] of SECURITY_HEADERS) c.env.outgoing.setHeader(name, value);
  return next();
};

interface Names {
  allowedHosts: readonly string[];
  allowedOrigins: readonly string[];
  loopback: boolean;
}

/** Host stops DNS rebinding, where a page resolves its own name to this address; Origin stops cross-origin calls. */
export function checkNames({ allowedHosts, allowedOrigins, loopback }: Names): MiddlewareHandler<Env> {
  const hosts = new Set([...allowedHosts, ...(loopback ? LOOPBACK_HOSTS : [])].map((host) => host.toLowerCase()));
  const origins = new Set(allowedOrigins);
  const localOrigin = (origin: string) => {
    const { protocol, hostname } = URL.canParse(origin) ? new URL(origin) : { protocol: '', hostname: '' };
    return loopback && /^https?:$/.test(protocol) && LOOPBACK_HOSTS.includes(hostname);
  };
  return async (c, next) => {
    const host = c.req.header('host')?.toLowerCase() ?? '';
    if (!hosts.has(host) && !hosts.has(host.replace(/:\d+$/, ''))) {
      return refuse(c, 403, 'This Host is not allowed', { value: host, flag: '--allowed-hosts' });
    }
    const origin = c.req.header('origin');
    if (origin !== undefined && !origins.has(origin) && !localOrigin(origin)) {
      return refuse(c, 403, 'This Origin is not allowed', { value: origin, flag: '--allowed-origins' });
    }
    return next();
  };
}

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

/** The SDK limits a body without a length: Hono's limit rebuilds the request, which node-server does not allow. */
export const limitBody: MiddlewareHandler<Env> = async (c, next) =>
  Number(c.req.header('content-length') ?? 0) > MAX_BODY ? tooLarge(c) : next();

export function tooLarge(c: Context, max = MAX_BODY): Response {
  return refuse(c, 413, `The body is larger than ${max} bytes`);
}

/** Another type could be a form of a foreign page, an encoding a decompression bomb. */
export const onlyPlainJson: MiddlewareHandler<Env> = async (c, next) => {
  if (c.req.method !== 'POST') return next();
  const encoding = c.req.header('content-encoding');
  if (encoding !== undefined && encoding !== 'identity') return refuse(c, 415, 'A Content-Encoding is not supported');
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') return refuse(c, 415, 'Content-Type must be application/json');
  return next();
};

/**
 * The socket's address, or the one that the last of `hops` trusted proxies saw. The Forwarded header is ignored: a
 * proxy that appends to only one of the two passes on what a client wrote into the other.
 */
export function addressOf(c: Context<Env>, hops: number): string {
  const socket = c.env.incoming.socket.remoteAddress ?? '';
  if (hops === 0) return addressKey(socket);
  const seen = (c.req.header('x-forwarded-for') ?? '').split(',').map((address) => address.trim());
  return addressKey(seen.at(-hops) || socket);
}
