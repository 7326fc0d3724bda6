import { ConfigError } from './errors.ts';

/** The URL that a setting holds, by which trust is decided: https, or http on this machine alone. */
export function secureUrl(name: string, text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !isSecure(url)) {
    throw new ConfigError([`${name} has to be a URL that begins with https://; http:// is only for this machine`]);
  }
  if (url.username || url.password || text.includes('#')) {
    throw new ConfigError([`${name} takes no user, password or fragment (#)`]);
  }
  return url;
}

/** A host as it stands in a URL, or an address as one listens on it. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d+){3}|::1|\[::1\])$/i.test(host);
}

/** https, or http to this machine: the one rule for every URL that a setting or a document names. */
export function isSecure(url: URL): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
}
