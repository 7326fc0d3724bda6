import type { WishedConnection } from '../../api/generations/writing/wish.ts';
import { RefusedError } from '../../errors.ts';
import { shortened } from '../schemas/cluster.ts';
import type { Context } from '../tool.ts';
import type { Taker } from './address-book.ts';
import { hostOf } from './place.ts';

/** Who an address in this LAN is kept for: the name of an order, or the ID of a cluster that moves. */
export const takerOf = ({ datacenterId = '', lanId = '' }: WishedConnection, order: string): Taker => ({
  ...{ datacenterId, lanId },
  order: order.toLowerCase(),
});

/** Right before the request with it. Throws RefusedError if another one has it. */
export function takeAddress(connection: WishedConnection | undefined, order: string, { addresses }: Context) {
  const address = hostOf(connection?.cidr ?? '');
  if (connection === undefined || address === undefined) return undefined;
  const taken = addresses.send(takerOf(connection, order), address);
  if (taken) return taken;
  throw new RefusedError(
    `Another request with the address ${shortened(connection.cidr)} was sent in the last ten minutes. Leave cidr out for one that is free.`,
  );
}
