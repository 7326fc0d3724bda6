import { isSameId } from '../../text/ids.ts';
import type { Context } from '../tool.ts';
import { type Lan, type ListReading, readPeers } from './compute.ts';
import { inTurn, type ReadOptional } from './optional-reads.ts';
import type { LanPlace } from './uses.ts';

/** Of one answer; each is one request. */
const MOST_CROSS_CONNECTS = 20;

/** By the ID of a Cross Connect, the LANs that it makes one network; without those that could not be read. */
export type Networks = ReadonlyMap<string, ListReading<LanPlace>>;

export async function readNetworks(lans: readonly Lan[], { api }: Context, optional: ReadOptional): Promise<Networks> {
  const networks = new Map<string, ListReading<LanPlace>>();
  const wanted = new Set(lans.map(crossConnectOf).filter((id) => typeof id === 'string'));
  await inTurn([...wanted].slice(0, MOST_CROSS_CONNECTS), async (id) => {
    const peers = await optional(() => readPeers(id, api.compute));
    if (peers)
      networks.set(id, { ...peers, rows: peers.rows.map(({ id, datacenterId }) => ({ datacenterId, lanId: id })) });
  });
  return networks;
}

/** The other LANs that are one network with this one: an address can be used once in all of them. */
export function joinedTo(lan: Lan, { datacenterId, lanId }: LanPlace, networks: Networks): ListReading<LanPlace> {
  const crossConnect = crossConnectOf(lan);
  if (crossConnect === undefined) return { rows: [], isWhole: true };
  const network = typeof crossConnect === 'string' ? networks.get(crossConnect) : undefined;
  if (!network) return { rows: [], isWhole: false };
  const isSelf = (other: LanPlace) => other.lanId === lanId && isSameId(other.datacenterId, datacenterId);
  return { ...network, rows: network.rows.filter((other) => !isSelf(other)) };
}

const crossConnectOf = ({ properties }: Lan) => properties?.pcc;
