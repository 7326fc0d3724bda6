import type { WishedConnection } from '../../api/generations/writing/wish.ts';
import { RefusedError } from '../../errors.ts';
import { shortened } from '../../text/labels.ts';
import type { Context } from '../tool.ts';
import type { Taker } from './address-book.ts';
import { hostOf } from './place.ts';

/** Right before the request with it. Throws RefusedError if another one has it. */
export async function takeAddress(
  connection: WishedConnection | undefined,
  taker: Omit<Taker, 'datacenterId' | 'lanId'>,
  { addresses }: Context,
) {
  const { datacenterId, lanId, cidr = '' } = connection ?? {};
  const address = hostOf(cidr);
  if (datacenterId === undefined || lanId === undefined || address === undefined) return undefined;
  const taken = await addresses.send({ ...taker, datacenterId, lanId }, address);
  if (taken) return taken;
  throw new RefusedError(
    `Another request with the address ${shortened(cidr)} was sent in the last ten minutes. Call again without cidr: then one is chosen that is free.`,
  );
}
