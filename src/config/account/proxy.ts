import { readNoProxy } from '../../api/no-proxy.ts';
import type { ProxyConfig } from '../../api/proxy.ts';
import { ConfigError } from '../../errors.ts';
import { isLoopback, orConfigError, parseUrl, problem } from '../../secure-url.ts';
import { setting } from '../environment.ts';
import type { Environment } from '../paths.ts';

interface Proxy {
  config: ProxyConfig;
  password: string[];
}

const PROXIES = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY'] as const;

/** Every SOCKS 5 variant resolves names at the proxy here, as socks4a does. */
const PROXY_SCHEME = /^(https?|socks|socks4a|socks5h?):$/;

/** `readUrls` gives what is asked; throws ConfigError. */
export function readProxy(env: Environment, readUrls: () => readonly string[]): Proxy | undefined {
  const name = PROXIES.find((each) => env[each]?.trim());
  if (!name) return undefined;
  try {
    return parseProxy(name, env);
  } catch (error) {
    if (areReachedDirectly(env, readUrls)) return undefined;
    throw error;
  }
}

function parseProxy(name: (typeof PROXIES)[number], env: Environment): Proxy {
  const { url } = parseUrl(name, setting(env, name) ?? '', () => 'http:');
  if (!PROXY_SCHEME.test(url.protocol)) problem(`${name} must begin with http://, https:// or socks5://`);
  const [, password = ''] = orConfigError(
    () => [url.username, url.password].map(decodeURIComponent),
    `${name} has a bare % in its user or password; write it as %25`,
  );
  return {
    config: { httpsProxy: url.href, noProxy: setting(env, 'no_proxy') ?? setting(env, 'NO_PROXY') ?? '' },
    password: [password, url.password].filter(Boolean),
  };
}

/** If no host needs a proxy, an unusable one does not matter. */
function areReachedDirectly(env: Environment, readUrls: () => readonly string[]): boolean {
  const goesPast = readNoProxy(env.no_proxy?.trim() || env.NO_PROXY || '');
  const isDirect = (url: string) => {
    const { hostname, port, protocol } = new URL(url);
    const host = hostname.replace(/^\[|\]$/g, '');
    return isLoopback(hostname) || goesPast({ host, port: Number(port) || (protocol === 'https:' ? 443 : 80) });
  };
  try {
    return readUrls().every(isDirect);
  } catch (error) {
    if (error instanceof ConfigError) return false;
    throw error;
  }
}
