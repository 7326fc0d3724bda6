import * as z from 'zod';

/** Networks of the service. The contract's third, 10.233.114.0/24, is part of the second. */
const BLOCKED = ['10.233.0.0/18', '10.233.64.0/18'].map(parse);

export const cidr = z
  .cidrv4({ abort: true })
  .refine(isHost, 'must be the address of a host, neither of the network nor its broadcast address')
  .refine(isFree, 'must not be in 10.233.0.0/18, 10.233.64.0/18 or 10.233.114.0/24, which the service needs itself');

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

function isFree(text: string): boolean {
  const { address } = parse(text);
  return BLOCKED.every((network) => address < network.address || address >= network.address + network.size);
}
