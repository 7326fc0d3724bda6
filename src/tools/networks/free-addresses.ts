import { type Block, DOUBTFUL, isWithin, REFUSED, textOf } from './ipv4.ts';

/** Addresses of a network, counted from its own, that DHCP never hands out: IONOS's manual, "Set up a cluster". */
export const FREE_OF_DHCP = { first: 3, last: 10 };

const UNFIT = [...REFUSED, ...DOUBTFUL];

export interface FreeAddresses {
  /** With prefix length, lowest first; empty where the block has none left. */
  addresses: string[];
  /** Whether DHCP may hand them out to another machine: .3 to .10 are all in use. */
  isBeyondManual: boolean;
}

/** Up to `most` addresses that a cluster can have in this block. */
export function freeAddresses(block: Block, used: ReadonlySet<number>, most = 3): FreeAddresses {
  const recommended = freeBetween(block, FREE_OF_DHCP.first, FREE_OF_DHCP.last, used, most);
  if (recommended.length > 0) return { addresses: recommended, isBeyondManual: false };
  const later = freeBetween(block, FREE_OF_DHCP.last + 1, Number.POSITIVE_INFINITY, used, most);
  return { addresses: later, isBeyondManual: later.length > 0 };
}

/** Counts from the address of the network; leaves out its broadcast address. */
function freeBetween(block: Block, from: number, to: number, used: ReadonlySet<number>, most: number): string[] {
  const last = Math.min(block.last - 1, block.first + to);
  const found: string[] = [];
  for (let address = block.first + from; address <= last && found.length < most; address += 1) {
    const unfit = UNFIT.find((each) => isWithin(address, each));
    // A range that is not fit can hold a million addresses.
    if (unfit) address = unfit.last;
    else if (!used.has(address)) found.push(`${textOf(address)}/${block.prefix}`);
  }
  return found;
}
