import { ConfigError } from './errors.ts';
import { isLoopback } from './secure-url.ts';

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
