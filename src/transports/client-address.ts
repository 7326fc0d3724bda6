import { isIPv4, isIPv6 } from 'node:net';

/** Unreadable addresses share one count, or anyone could invent new ones. */
const UNREADABLE = 'unreadable';

/**
 * One key per client: no port or zone, mapped IPv4 as IPv4, and IPv6 by its first 64 bits, because one customer gets
 * all of those addresses.
 */
export function addressKey(text: string): string {
  const bare = withoutPort(text.trim());
  if (isIPv4(bare)) return bare;
  const [address = ''] = bare.split('%', 1);
  return isIPv6(address) ? keyOfIPv6(address) : UNREADABLE;
}

function withoutPort(text: string): string {
  if (text.startsWith('[')) {
    const end = text.indexOf(']');
    return end > 0 && /^(:\d{1,5})?$/.test(text.slice(end + 1)) ? text.slice(1, end) : '';
  }
  const colon = text.indexOf(':');
  const isOnly = colon >= 0 && colon === text.lastIndexOf(':');
  return isOnly && /^\d{1,5}$/.test(text.slice(colon + 1)) ? text.slice(0, colon) : text;
}

function keyOfIPv6(address: string): string {
  // URL writes the last 32 bits in hexadecimal too.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const groups = (part: string) => part.split(':').filter(Boolean);
  const [first, last] = [groups(head), groups(tail ?? '')];
  const gap = tail === undefined ? 0 : 8 - first.length - last.length;
  const all = [...first, ...Array<string>(gap).fill('0'), ...last];
  const isMapped = all.slice(0, 5).every((group) => group === '0') && all[5] === 'ffff';
  if (!isMapped) return `${all.slice(0, 4).join(':')}::/64`;
  const bytes = all.slice(6).flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]);
  return bytes.join('.');
}
