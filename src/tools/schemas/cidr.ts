import { BlockList, isIPv4 } from 'node:net';

/** In both of IONOS's lists of blocked ranges; the service rejects these. */
const refused = ranges(['10.233.0.0', 18], ['10.233.64.0', 18]);
/** In only one of the two lists, so the service may accept them. */
const doubtful = ranges(['10.208.0.0', 12], ['192.168.230.0', 24]);

function ranges(...subnets: [address: string, prefix: number][]): BlockList {
  const list = new BlockList();
  for (const [address, prefix] of subnets) list.addSubnet(address, prefix);
  return list;
}

export function cidrProblem(cidr: string): string | undefined {
  const [address = '', prefix, ...rest] = cidr.split('/');
  if (!isIPv4(address)) return 'must be an IPv4 address with its prefix length, like 192.168.1.100/24';
  if (prefix === undefined) return `needs the prefix length of the LAN's subnet, like ${address}/24`;
  if (rest.length > 0 || !/^\d{1,2}$/.test(prefix) || Number(prefix) > 32)
    return 'must end in a prefix length of 0 to 32, like /24';
  if (refused.check(address)) return 'is in 10.233.0.0/18 or 10.233.64.0/18, which IONOS reserves';
  return undefined;
}

export function isDoubtful(cidr: string): boolean {
  const [address = ''] = cidr.split('/');
  return doubtful.check(address);
}
