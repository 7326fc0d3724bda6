import * as z from 'zod';

/** Networks of the service. The contract's third, 10.233.114.0/24, is part of the second. */
const BLOCKED = ['10.233.0.0/18', '10.233.64.0/18'];

/** The contract of version 2 names the first alone; the manual goes on naming the others. */
const BLOCKED_ON_V2 = ['10.208.0.0/12', ...BLOCKED, '192.168.230.0/24'];

const outside = (blocked: readonly string[], shown: string) =>
  z
    .cidrv4({ abort: true })
    .refine(isHost, 'must be the address of a host, neither of the network nor its broadcast address')
    .refine(isNotIn(blocked.map(parse)), `must not be in ${shown}, which the service needs itself`);

export const cidr = outside(BLOCKED, '10.233.0.0/18, 10.233.64.0/18 or 10.233.114.0/24');

export const cidrOnV2 = outside(BLOCKED_ON_V2, '10.208.0.0/12, 10.233.0.0/18, 10.233.64.0/18 or 192.168.230.0/24');

function parse(text: string): { address: number; size: number } {
  const [address = '', prefix] = text.split('/');
  return {
    address: address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0),
    size: 2 ** (32 - Number(prefix)),
  };
}

function isHost(text: string): boolean {
  const { address, size } = parse(text);
  const place = address % size;
  return place > 0 && place < size - 1;
}

function isNotIn(blocked: readonly { address: number; size: number }[]) {
  return (text: string) => {
    const { address } = parse(text);
    return blocked.every((network) => address < network.address || address >= network.address + network.size);
  };
}
