import type { PlaceDoubt } from '../places/doubt.ts';
import { checkPlace } from '../places/place.ts';
import { takerOf } from '../places/take-address.ts';
import type { Cluster } from '../schemas/cluster.ts';
import type { Context } from '../tool.ts';
import type { Order } from './facts.ts';

interface SettledConnections {
  connections?: Order['connections'];
  doubts?: readonly PlaceDoubt[];
}

/** Where a cluster is moved to, with the address that it gets. Throws InputError where that is no place for it. */
export async function settleConnections(
  wanted: Order['connections'],
  { id, properties = {} }: Cluster,
  context: Context,
): Promise<SettledConnections> {
  const [given] = wanted ?? [];
  const { datacenterId, lanId } = given ?? {};
  if (given === undefined || datacenterId === undefined || lanId === undefined) return { connections: wanted };
  const present = properties.connections?.find((each) => each.datacenterId === datacenterId && each.lanId === lanId);
  const cidr = given.cidr ?? present?.cidr;
  if (present && cidr === present.cidr) return { connections: [{ ...given, cidr }] };
  const options = { taker: takerOf(given, id), own: id, at: 'connections[0]' };
  const place = { datacenterId, lanId, cidr, location: properties.location };
  const { connection, doubts } = await checkPlace(place, options, context);
  return { connections: [connection], doubts };
}
