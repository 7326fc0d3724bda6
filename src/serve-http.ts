import type { Fetch } from './api/client.ts';
import { createSignIn } from './auth/sign-in.ts';
import { createRateLimit } from './calls/rate-limit.ts';
import type { HttpConfig } from './config/hosted/http.ts';
import { createServers, type ServersOptions } from './mcp/server.ts';
import { isLoopback } from './secure-url.ts';
import { aborted } from './signals.ts';
import { announcementOf, ownNames } from './transports/announcement.ts';
import { createHttpApp } from './transports/http.ts';
import { addressOf, drain, listen } from './transports/listen.ts';

export interface HostedServer {
  config: HttpConfig;
  server: Omit<ServersOptions, 'writeLimit' | 'onCall' | 'onAttempt'>;
  readFile(path: string, setting: string, maxBytes: number): string;
  /** The page at /. */
  pageHtml(): Promise<string>;
  fetch?: Fetch;
  stop: AbortSignal;
  announce(text: string): void;
}

export async function serveHttp({
  config,
  server: options,
  readFile,
  pageHtml,
  fetch,
  stop,
  announce,
}: HostedServer): Promise<void> {
  const logger = await options.logger();
  const state = await options.state();
  // Counting costs an idle process half a percent of a core.
  const metrics = await loadMetrics(config);
  const counts = metrics?.createMetrics({
    sseSessions: () => http.sseSessions(),
    isStateReachable: state.isReachable,
  });
  const servers = createServers({
    ...options,
    writeLimit: createRateLimit(state, 'writes', config.writeRateLimit),
    onCall: counts?.onCall,
    onAttempt: counts?.onAttempt,
  });
  const callersOwnToken = config.ionosCredentials === 'caller';
  const signIn = createSignIn({
    auth: config.auth,
    publicUrl: config.publicUrl,
    access: options.access,
    readFile,
    fetch: fetch && streaming(fetch),
    onProblem: (reason) => logger.error({ reason }, 'callers'),
    onRefusal: ({ name, message, details }) => http.refused({ reason: `${name}: ${message}`, ...details }),
  });
  const http = createHttpApp({
    ...config,
    ...signIn,
    ...{ servers, state },
    logger,
    allowedHosts: [...config.allowedHosts, ...ownNames(config.host)],
    allowedOrigins: [...config.allowedOrigins, ...(config.page ? pageOrigins(config) : [])],
    loopback: isLoopback(config.host),
    signingKey: options.writes.signingKey,
    pages: config.page ? { page: pageHtml, view: options.viewHtml } : undefined,
    callersOwnToken,
  });

  await servers.warmUp();
  const server = await listen(http.app, config.host, config.port, {
    keepAliveTimeout: config.keepAliveTimeoutMs,
    refused: http.refused,
  });
  const { metricsHost: host, metricsPort = 0 } = config;
  const counters = counts && (await metrics?.listenForMetrics(counts, { host, port: metricsPort }));
  const address = addressOf(server);
  const metricsAddress = counters && `${addressOf(counters)}/metrics`;
  logger.info({ address, publicUrl: config.publicUrl, metricsAddress, auth: config.auth.mode }, 'listening');
  const takesTokens = config.auth.mode === 'token';
  announce(announcementOf({ ...config, address, metricsAddress, takesTokens, callersOwnToken }));

  void signIn.checkIssuer?.({
    report: ({ problem: reason, ...about }) => {
      if (reason === undefined) logger.info(about, 'authorization server');
      else logger.warn({ ...about, reason }, 'authorization server');
    },
    stop,
  });

  await aborted(stop);
  logger.info({}, 'draining');
  await drain({ server, servers, http, delayMs: config.drainDelayMs, timeoutMs: config.drainTimeoutMs });
  await state.close();
  counters?.closeAllConnections();
  counters?.close();
  logger.info({}, 'stopped');
}

/** By which names the page is opened, which then calls its own server. */
function pageOrigins({ publicUrl, allowedHosts }: HttpConfig): string[] {
  const own = publicUrl === undefined ? [] : [new URL(publicUrl).origin];
  return [...own, ...allowedHosts.flatMap((host) => [`https://${host}`, `http://${host}`])];
}

async function loadMetrics({ metricsPort }: HttpConfig) {
  return metricsPort === undefined ? undefined : import('./transports/metrics.ts');
}

function streaming(fetch: Fetch): (url: string, init: RequestInit) => Promise<Response> {
  return async (url, init) => {
    const response = await fetch(new Request(url, init), { signal: init.signal ?? new AbortController().signal });
    return new Response((await response.text()) || null, response);
  };
}
