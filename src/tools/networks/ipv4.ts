import { isIPv4 } from 'node:net';

/** A range of IPv4 addresses, as numbers; `first` is the address of the network itself. */
export interface Block {
  first: number;
  last: number;
  prefix: number;
}

/** Undefined where the text is no IPv4 address. */
export function addressOf(text: string): number | undefined {
  if (!isIPv4(text)) return undefined;
  return text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

export function textOf(address: number): string {
  return [24, 16, 8, 0].map((bits) => Math.floor(address / 2 ** bits) % 256).join('.');
}

/** The block of an address with its prefix length, such as 10.7.222.5/24; undefined where the text is none. */
export function blockOf(text: string): Block | undefined {
  const [host = '', length = '', ...rest] = text.split('/');
  const address = addressOf(host);
  if (address === undefined || rest.length > 0 || !/^\d{1,2}$/.test(length) || Number(length) > 32) return undefined;
  const prefix = Number(length);
  const size = 2 ** (32 - prefix);
  const first = address - (address % size);
  return { first, last: first + size - 1, prefix };
}

export const isWithin = (address: number, { first, last }: Block) => address >= first && address <= last;

function blocks(...texts: string[]): readonly Block[] {
  return texts.flatMap((text) => blockOf(text) ?? []);
}

/** Both of the API's lists of blocked ranges name these; the service refuses an address inside. */
export const REFUSED = blocks('10.233.0.0/18', '10.233.64.0/18');
/** Only one of the two lists names these, so the service may accept them. */
export const DOUBTFUL = blocks('10.208.0.0/12', '192.168.230.0/24');
