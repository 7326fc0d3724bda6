import { isSameId } from '../../text/ids.ts';
import type { PlaceDoubt } from '../places/doubt.ts';
import { checkPlace } from '../places/place.ts';
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
  const present = properties.connections?.find(
    (each) => isSameId(each.datacenterId, datacenterId) && each.lanId === lanId,
  );
  if (present && (given.cidr ?? present.cidr) === present.cidr) return { connections: [present] };
  const options = { order: id, own: id, present: properties.connections, at: 'connections[0]' };
  const place = { datacenterId, lanId, cidr: given.cidr, location: properties.location };
  const { connection, doubts } = await checkPlace(place, options, context);
  return { connections: [connection], doubts };
}
