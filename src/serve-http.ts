import type { Server } from 'node:http';
import { type AddressInfo, isIPv6 } from 'node:net';
import { Hono } from 'hono';
import type { Logger } from 'pino';
import { aborted } from './aborted.ts';
import type { Fetch } from './api/client.ts';
import { createGate, type Gate } from './auth/gate.ts';
import { createOAuthVerifier } from './auth/oauth.ts';
import { describeResource, type ProtectedResource } from './auth/protected-resource.ts';
import { createTokenVerifier } from './auth/static-tokens.ts';
import { createLimit } from './calls/rate-limit.ts';
import { isLoopback } from './config/environment.ts';
import type { HttpConfig } from './config/http.ts';
import type { Access } from './config/index.ts';
import { createServers, type ServerOptions } from './mcp/server.ts';
import { checkNames, type Env } from './transports/guards.ts';
import { createHttpApp, drain, listen } from './transports/http.ts';
import { createMetrics } from './transports/metrics.ts';

interface Options {
  config: HttpConfig;
  server: Omit<ServerOptions, 'writes' | 'onCall' | 'onAttempt'>;
  readFile(path: string): string;
  /** For the authorization server's keys, where the API's way out is not Node's own. */
  fetch?: Fetch;
  /** Aborts when the process shall stop. */
  stop: AbortSignal;
  /** Told once it listens, in words for a person. */
  announce(text: string): void;
}

/** Serves many callers over HTTP until `stop` aborts and what is in flight is done. */
export async function host({ config, server: options, readFile, fetch, stop, announce }: Options): Promise<void> {
  const { access } = options;
  const logger = await options.logger();
  const metrics = createMetrics(() => http.sseSessions());
  const servers = createServers({
    ...options,
    writes: createLimit(config.writeRateLimit),
    onCall: metrics.onCall,
    onAttempt: metrics.onAttempt,
  });
  const resource = resourceOf(config, access);
  const http = createHttpApp({
    ...config,
    servers,
    logger,
    resource,
    gate: gateOf(config, { resource, readFile, fetch, logger }),
    allowedHosts: [...config.allowedHosts, ...ownNames(config)],
    loopback: isLoopback(config.host),
    callersOwnToken: config.ionosCredentials === 'caller',
  });

  await servers.warmUp();
  const server = await listen(http.app, config.host, config.port);
  const counters = await listenForMetrics(config, metrics);
  const address = addressOf(server);
  const metricsAddress = counters && `${addressOf(counters)}/metrics`;
  logger.info({ address, publicUrl: config.publicUrl, metricsAddress, auth: config.auth.mode }, 'listening');
  announce(words({ address, metricsAddress, config }));

  await aborted(stop);
  logger.info({}, 'draining');
  await drain({ server, servers, http, delayMs: config.drainDelayMs, timeoutMs: config.drainTimeoutMs });
  counters?.closeAllConnections();
  counters?.close();
  logger.info({}, 'stopped');
}

function resourceOf({ auth, publicUrl = '' }: HttpConfig, access: Access): ProtectedResource | undefined {
  return auth.mode === 'oauth'
    ? describeResource({ publicUrl: `${publicUrl}/mcp`, issuer: auth.issuer, access })
    : undefined;
}

interface GateNeeds {
  resource?: ProtectedResource;
  fetch?: Fetch;
  readFile(path: string): string;
  logger: Logger;
}

function gateOf({ auth }: HttpConfig, { resource, readFile, fetch, logger }: GateNeeds): Gate {
  const onProblem = (reason: string) => logger.error({ reason }, 'callers');
  const onRefusal = ({ name, message }: Error) => logger.warn({ reason: `${name}: ${message}` }, 'refused');
  if (auth.mode === 'none') return createGate({ mode: 'none' });
  if (auth.mode === 'token') {
    const { source } = auth;
    const verify = createTokenVerifier(
      'text' in source
        ? { name: 'MCP_AUTH_TOKENS', text: source.text }
        : { name: source.path, path: source.path, readFile, onProblem },
    );
    return createGate({ mode: 'token', verify, onRefusal });
  }
  if (!resource) throw new Error('OAuth without a description of this server as a resource');
  const { issuer, jwksUrl } = auth;
  const verify = createOAuthVerifier({
    issuer,
    jwksUrl,
    audience: auth.audience ? [auth.audience] : resource.audience,
    fetch: fetch && streaming(fetch),
    onProblem,
  });
  return createGate({ mode: 'oauth', resource, verify, onRefusal });
}

/** With a body to be read as one reads the global fetch's. */
function streaming(fetch: Fetch): typeof globalThis.fetch {
  return async (url, init) => {
    const response = await fetch(new Request(url, init), { signal: init?.signal ?? new AbortController().signal });
    return new Response((await response.text()) || null, response);
  };
}

/** The address it listens on, where that is one of this machine alone, such as 127.0.0.5. */
function ownNames({ host }: HttpConfig): string[] {
  return isLoopback(host) ? [isIPv6(host) ? `[${host}]` : host] : [];
}

/** On a port of its own, which is for the operator and not for callers. */
async function listenForMetrics({ metricsPort, metricsHost }: HttpConfig, metrics: ReturnType<typeof createMetrics>) {
  if (metricsPort === undefined) return undefined;
  const app = new Hono<Env>();
  // Elsewhere it is scraped by whatever address it has.
  if (isLoopback(metricsHost)) app.use(checkNames({ allowedHosts: [], allowedOrigins: [], loopback: true }));
  app.get('/metrics', async (c) => c.text(await metrics.text(), 200, { 'Content-Type': metrics.contentType }));
  return listen(app, metricsHost, metricsPort);
}

function addressOf(server: Server): string {
  const { address, port } = server.address() as AddressInfo;
  return `http://${isIPv6(address) ? `[${address}]` : address}:${port}`;
}

/** How clients reach it: where it listens on every address, that is none of them, and the first of its names counts. */
function nameOf({ host, allowedHosts: [name = ''] }: HttpConfig, address: string): string {
  if (isLoopback(host)) return address;
  return /:\d+$/.test(name) ? `http://${name}` : `http://${name}:${new URL(address).port}`;
}

interface Announced {
  address: string;
  metricsAddress?: string;
  config: HttpConfig;
}

/** Where it listens, and what a person pastes into a client. */
function words({ address, metricsAddress, config }: Announced): string {
  const { publicUrl: url = nameOf(config, address), sse, auth, ionosCredentials } = config;
  const headers = {
    ...(auth.mode === 'token' && { Authorization: 'Bearer <token>' }),
    ...(ionosCredentials === 'caller' && { 'X-IONOS-Token': '<IONOS token>' }),
  };
  const flags = Object.entries(headers).map(([name, value]) => ` --header "${name}: ${value}"`);
  const entry = { type: 'http', url: `${url}/mcp`, ...(flags.length > 0 && { headers }) };
  return [
    `Streamable HTTP  ${url}/mcp`,
    ...(sse ? [`HTTP+SSE         ${url}/sse`] : []),
    `Health           ${address}/healthz, ${address}/readyz`,
    ...(metricsAddress ? [`Metrics          ${metricsAddress}`] : []),
    '',
    'Claude Code:',
    `  claude mcp add --transport http ionos-postgres ${url}/mcp${flags.join('')}`,
    'Cursor, VS Code and others, in their MCP configuration:',
    `  ${JSON.stringify(entry)}`,
    '',
  ].join('\n');
}
