import { createServer, type Server } from 'node:http';
import { type AddressInfo, isIPv6 } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import { type Env, SECURITY_HEADERS } from './guards.ts';
import type { RefusalLog } from './refusals.ts';
import { fewAtOnce, watchProgress } from './sockets.ts';

/** Limits slow clients; the duration of a call does not count. */
const SERVER_OPTIONS = {
  headersTimeout: 15_000,
  requestTimeout: 60_000,
  connectionsCheckingInterval: 1_000,
  maxRequestsPerSocket: 1_000,
};
const KEEP_ALIVE_MS = 65_000;
const MAX_CONNECTIONS = 5_000;

const LISTEN_REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another port is needed (--port, --metrics-port), since this one is in use',
  EACCES: 'this port needs more privileges; those from 1024 on do not',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'there is no such host',
};

export interface ListenOptions {
  keepAliveTimeout?: number;
  refused?: RefusalLog;
}

/** Rejects methods that the fetch API cannot express, such as TRACE. */
export async function listen(
  app: Pick<Hono<Env>, 'fetch'>,
  host: string,
  port: number,
  { keepAliveTimeout = KEEP_ALIVE_MS, refused }: ListenOptions = {},
): Promise<Server> {
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  const answer = fewAtOnce((request, response) => void listener(request, response));
  const server = createServer({ ...SERVER_OPTIONS, keepAliveTimeout }, (request, response) => {
    if (!['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS'].includes(request.method ?? '')) {
      for (const [name, value] of SECURITY_HEADERS) response.setHeader(name, value);
      const { method: value, socket } = request;
      refused?.({ reason: 'This method is not allowed', status: 405, value, address: socket.remoteAddress });
      response.writeHead(405, { allow: 'GET, HEAD, POST, DELETE, OPTIONS' }).end();
    } else answer(request, response);
  });
  server.maxConnections = MAX_CONNECTIONS;
  watchProgress(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const reason = LISTEN_REASONS[cause.code ?? ''] ?? cause.message;
      reject(new Error(`Cannot listen: ${reason}: ${host}:${port}`, { cause }));
    });
    server.listen(port, host, resolve);
  });
  return server;
}

export function addressOf(server: Server): string {
  const { address, port } = server.address() as AddressInfo;
  return `http://${isIPv6(address) ? `[${address}]` : address}:${port}`;
}

export interface Draining {
  server: Server;
  servers: { drain(ms: number): Promise<void> };
  http: { retire(): void; idle(ms: number): Promise<void>; close(): Promise<void> };
  /** Lets load balancers notice before the server stops accepting connections. */
  delayMs: number;
  timeoutMs: number;
}

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
