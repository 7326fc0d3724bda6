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

export function problem(text: string): never {
  throw new ConfigError([text]);
}

export function orConfigError<T>(work: () => T, words: string): T {
  try {
    return work();
  } catch {
    return problem(words);
  }
}

export const notAUrl = (name: string) => `${name} is not a URL, as in https://host.example:8080/path`;

/**
 * URL accepts nearly anything: it drops line breaks, reads \\ as / and any number of / as two, and maps letters of
 * other scripts to a different host.
 */
export function parseUrl(
  name: string,
  value: string,
  schemeFor: (url: URL) => string,
): { url: URL; hasScheme: boolean } {
  const text = value.trim();
  const [, scheme, rest = ''] = /^(?:([a-z][a-z\d+.-]*:)\/\/)?(.*)$/is.exec(text) ?? [];
  const [authority = ''] = rest.split(/[/?#]/, 1);
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  if (/[\s\\]/.test(text) || (!isHostWithPort(host) && !/^file:$/i.test(scheme ?? ''))) return problem(notAUrl(name));
  return orConfigError(() => {
    if (scheme) return { url: new URL(text), hasScheme: true };
    return { url: new URL(`${schemeFor(new URL(`https://${text}`))}//${text}`), hasScheme: false };
  }, notAUrl(name));
}

function isHostWithPort(text: string): boolean {
  const host = text.replace(/:\d{1,5}$/, '');
  return /^\[[\da-f:.]+\]$/i.test(host) || host.split('.').every((label) => /^\w([\w-]*\w)?$/.test(label));
}

export const schemeOf = (url: URL) => (isLoopback(url.hostname) ? 'http:' : 'https:');
