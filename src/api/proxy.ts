import http from 'node:http';
import https from 'node:https';
import { isIPv6, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { isLoopback } from '../secure-url.ts';
import type { Fetch } from './client.ts';
import { ProxyRefusalError } from './connection-errors.ts';
import { createFetch } from './fetch.ts';
import { type NoProxyTarget, readNoProxy } from './no-proxy.ts';
import { type TlsConfig, TrustingAgent } from './tls.ts';

export interface ProxyConfig {
  httpsProxy: string;
  noProxy: string;
}

const TUNNEL_MS = 10_000;

/** Node's own client supports no proxy before version 24. */
export function createProxyFetch({ httpsProxy, noProxy }: ProxyConfig, tls?: TlsConfig): Fetch {
  const proxy = new URL(httpsProxy);
  const goesPast = readNoProxy(noProxy);
  return createFetch((options) => new ProxyAgent(options, tls, proxy, goesPast));
}

type Connected = (error: Error | null, socket?: Duplex) => void;

class ProxyAgent extends TrustingAgent {
  constructor(
    options: https.AgentOptions,
    tls: TlsConfig | undefined,
    private readonly proxy: URL,
    private readonly goesPast: (target: NoProxyTarget) => boolean,
  ) {
    super(options, tls);
  }

  override createConnection(options: https.RequestOptions, connected: Connected) {
    const target = { host: options.host ?? '', port: Number(options.port) };
    // The proxy could not reach this machine.
    if (isLoopback(target.host) || this.goesPast(target)) return super.createConnection(options, connected);
    const secure = (socket: Socket) => {
      const secured = super.createConnection({ ...options, socket } as https.RequestOptions);
      if (secured) connected(null, secured);
    };
    openTunnel(this.proxy, target).then(secure, connected);
    return undefined;
  }
}

async function openTunnel(proxy: URL, target: NoProxyTarget): Promise<Socket> {
  if (!proxy.protocol.startsWith('socks')) return askToConnect(proxy, target);
  const { connectOverSocks } = await import('./socks.ts');
  return connectOverSocks(proxy, target, TUNNEL_MS);
}

function askToConnect({ protocol, hostname, port, username, password }: URL, target: NoProxyTarget): Promise<Socket> {
  const request = protocol === 'https:' ? https.request : http.request;
  const authority = `${isIPv6(target.host) ? `[${target.host}]` : target.host}:${target.port}`;
  const credentials = [username, password].map(decodeURIComponent).join(':');
  return new Promise((resolve, reject) => {
    const asked = request({
      method: 'CONNECT',
      host: hostname.replace(/^\[|\]$/g, ''),
      port,
      path: authority,
      agent: false,
      rejectUnauthorized: true,
      headers: {
        host: authority,
        connection: 'keep-alive',
        ...(credentials !== ':' && {
          'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}`,
        }),
      },
    });
    const timer = setTimeout(() => asked.destroy(), TUNNEL_MS);
    asked.on('close', () => clearTimeout(timer));
    asked.on('error', reject);
    asked.on('connect', ({ statusCode = 0 }, socket) => {
      clearTimeout(timer);
      if (statusCode >= 200 && statusCode < 300) return resolve(socket);
      socket.destroy();
      reject(new ProxyRefusalError(statusCode));
    });
    asked.end();
  });
}
