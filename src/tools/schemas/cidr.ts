import { addressOf, type Block, DOUBTFUL, isWithin, REFUSED } from '../networks/ipv4.ts';

function isIn(text: string, blocks: readonly Block[]): boolean {
  const address = addressOf(text);
  return address !== undefined && blocks.some((block) => isWithin(address, block));
}

export function cidrProblem(cidr: string): string | undefined {
  const [address = '', prefix, ...rest] = cidr.split('/');
  if (addressOf(address) === undefined) return 'must be an IPv4 address with its prefix length, like 192.168.1.100/24';
  if (prefix === undefined) return `needs the prefix length of the LAN's subnet, like ${address}/24`;
  if (rest.length > 0 || !/^\d{1,2}$/.test(prefix) || Number(prefix) > 32)
    return 'must end in a prefix length of 0 to 32, like /24';
  if (isIn(address, REFUSED)) return 'is in 10.233.0.0/18 or 10.233.64.0/18, which IONOS reserves';
  return undefined;
}

export function isDoubtful(cidr: string): boolean {
  const [address = ''] = cidr.split('/');
  return isIn(address, DOUBTFUL);
}
