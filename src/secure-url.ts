import { ConfigError } from './errors.ts';

/** Accepts https, or http on this machine, without credentials or fragment. Throws ConfigError. */
export function secureUrl(name: string, text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !isSecure(url)) {
    throw new ConfigError([`${name} must be a URL that begins with https://; http:// is only for this machine`]);
  }
  if (url.username || url.password || text.includes('#')) {
    throw new ConfigError([`${name} must not contain a user, password or fragment (#)`]);
  }
  return url;
}

const LOOPBACK = /^(localhost|127(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}|::1|\[::1\])$/i;

/** 127.0.0.999 is a host name, which anyone could own. */
export const isLoopback = (host: string): boolean => LOOPBACK.test(host);

export function withoutSlashes(path: string): string {
  let end = path.length;
  while (path[end - 1] === '/') end -= 1;
  return path.slice(0, end);
}

export function isSecure(url: URL): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
}
