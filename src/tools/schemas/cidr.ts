import { BlockList, isIPv4 } from 'node:net';

/** Both of the API's lists of blocked ranges name these; the service refuses an address inside. */
const refused = ranges(['10.233.0.0', 18], ['10.233.64.0', 18]);
/** Only one of the two lists names these, so the service may take them. */
const doubtful = ranges(['10.208.0.0', 12], ['192.168.230.0', 24]);

function ranges(...subnets: [address: string, prefix: number][]): BlockList {
  const list = new BlockList();
  for (const [address, prefix] of subnets) list.addSubnet(address, prefix);
  return list;
}

/** What is wrong with `cidr` as the address of a cluster in its LAN; undefined where nothing is. */
export function cidrProblem(cidr: string): string | undefined {
  const [address = '', prefix, ...rest] = cidr.split('/');
  if (!isIPv4(address)) return 'must be an IPv4 address with its prefix length, like 192.168.1.100/24';
  if (prefix === undefined) return `needs the prefix length of the LAN's subnet, like ${address}/24`;
  if (rest.length > 0 || !/^\d{1,2}$/.test(prefix) || Number(prefix) > 32)
    return 'must end in a prefix length of 0 to 32, like /24';
  if (refused.check(address)) return 'is in 10.233.0.0/18 or 10.233.64.0/18, which IONOS reserves';
  return undefined;
}

/** Whether only IONOS's manual lists the address as blocked. */
export function isDoubtful(cidr: string): boolean {
  const [address = ''] = cidr.split('/');
  return doubtful.check(address);
}
