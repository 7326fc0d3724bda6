import { isSameId } from '../../ids.ts';
import { type Cluster, cluster } from '../schemas/cluster.ts';
import type { Context } from '../tool.ts';
import {
  ifTold,
  type Lan,
  type LoadBalancer,
  type NatGateway,
  type Nic,
  readLans,
  readLoadBalancers,
  readNatGateways,
  readNics,
  readPeers,
} from './compute.ts';
import { type FreeAddresses, freeAddresses } from './free-addresses.ts';
import { addressOf, type Block, blockOf, isWithin } from './ipv4.ts';

/** What an address can be used by, as far as the API shows it. */
export const USERS = ['NICs', 'failover addresses', 'NAT gateways', 'load balancers', 'clusters'] as const;
type User = (typeof USERS)[number];

export interface LanView {
  lan: Lan;
  block?: Block;
  /** Whether the block is only what surrounds the address of a NIC. */
  isBlockGuessed: boolean;
  /** The addresses in use, by what uses them. */
  used: ReadonlyMap<User, ReadonlySet<number>>;
  /** What could not be read of this LAN. */
  unseen: readonly User[];
  /** The clusters attached to it, with their addresses. */
  clusters: readonly { cluster: Cluster; cidr?: string }[];
  free: FreeAddresses;
}

/** LANs whose NICs are read one by one where the list of LANs does not hold them. */
const MOST_SINGLE_READS = 20;

interface Surroundings {
  lans: readonly Lan[];
  gateways?: readonly NatGateway[];
  balancers?: readonly LoadBalancer[];
  clusters?: readonly Cluster[];
}

/** Every LAN of a data center, with the addresses that are seen in use and some that a cluster can have. */
export async function viewLans(datacenterId: string, context: Context): Promise<LanView[]> {
  const { api, signal } = context;
  const { compute } = api;
  const [lans, gateways, balancers, clusters] = await Promise.all([
    readLans(datacenterId, compute),
    ifTold(readNatGateways(datacenterId, compute), signal),
    ifTold(readLoadBalancers(datacenterId, compute), signal),
    ifTold(
      context.clusters.everySeen({ of: 'clusters' }, cluster).then(({ items }) => items),
      signal,
    ),
  ]);
  const surroundings = { lans, gateways, balancers, clusters };
  const silent = lans.filter((lan) => isPrivate(lan) && !lan.entities?.nics).slice(0, MOST_SINGLE_READS);
  const nics = new Map<string, readonly Nic[] | undefined>(lans.map((lan) => [lan.id, lan.entities?.nics?.items]));
  await Promise.all([
    ...silent.map(async ({ id }) => nics.set(id, await ifTold(readNics(datacenterId, id, compute), signal))),
    ...lans.map(async (lan) => addPeers(lan, nics, context)),
  ]);
  return lans.map((lan) => viewOf(lan, nics.get(lan.id), datacenterId, surroundings));
}

export const isPrivate = ({ properties }: Lan) => properties?.public === false;

/** The NICs of the other LANs that a Cross Connect joins to this one: an address can be used once in all of them. */
async function addPeers(lan: Lan, nics: Map<string, readonly Nic[] | undefined>, { api, signal }: Context) {
  const { pcc } = lan.properties ?? {};
  if (!pcc || !isPrivate(lan)) return;
  const peers = await ifTold(readPeers(pcc, api.compute), signal);
  const others = (peers ?? []).filter(({ id }) => id !== lan.id).slice(0, MOST_SINGLE_READS);
  const read = await Promise.all(
    others.map(({ datacenterId, id }) => ifTold(readNics(datacenterId, id, api.compute), signal)),
  );
  const own = nics.get(lan.id);
  const isWhole = peers !== undefined && own !== undefined && read.every((each) => each !== undefined);
  nics.set(lan.id, isWhole ? [...own, ...read.flatMap((each) => each ?? [])] : undefined);
}

function viewOf(
  lan: Lan,
  nics: readonly Nic[] | undefined,
  datacenterId: string,
  { gateways, balancers, clusters }: Surroundings,
): LanView {
  const { ipv4CidrBlock, ipFailover = [] } = lan.properties ?? {};
  const attached = clusters?.flatMap((each) => attachments(each, datacenterId, lan.id));
  const seen: [User, readonly (string | undefined)[] | undefined][] = [
    ['NICs', nics?.flatMap(({ properties }) => properties?.ips ?? [])],
    ['failover addresses', ipFailover.map(({ ip }) => ip)],
    ['NAT gateways', gateways?.flatMap((each) => gatewayAddresses(each, lan.id))],
    ['load balancers', balancers?.flatMap((each) => balancerAddresses(each, lan.id))],
    ['clusters', attached?.map(({ cidr }) => cidr)],
  ];
  const used = new Map(seen.map(([user, texts = []]) => [user, new Set(texts.flatMap(addressIn))]));
  const known = blockOf(ipv4CidrBlock ?? '');
  const [neighbour] = used.get('NICs') ?? [];
  const block = known ?? (neighbour === undefined ? undefined : around(neighbour));
  const everyone = new Set([...used.values()].flatMap((each) => [...each]));
  const isFit = isPrivate(lan) && block !== undefined;
  return {
    lan,
    block,
    isBlockGuessed: known === undefined && block !== undefined,
    used,
    unseen: seen.filter(([, texts]) => texts === undefined).map(([user]) => user),
    clusters: attached ?? [],
    free: isFit ? freeAddresses(block, everyone) : { addresses: [], isBeyondManual: false },
  };
}

/** With or without a mask; IPv6 addresses are none here. */
function addressIn(text: string | undefined): number[] {
  const [host = ''] = (text ?? '').split('/');
  const address = addressOf(host);
  return address === undefined ? [] : [address];
}

/** IONOS gives private LANs a /24. */
function around(address: number): Block {
  const first = address - (address % 256);
  return { first, last: first + 255, prefix: 24 };
}

function attachments(cluster: Cluster, datacenterId: string, lanId: string) {
  const { connections = [] } = cluster.properties ?? {};
  return connections
    .filter((each) => isSameId(each.datacenterId, datacenterId) && each.lanId === lanId)
    .map(({ cidr }) => ({ cluster, cidr }));
}

function gatewayAddresses({ properties }: NatGateway, lanId: string): string[] {
  return (properties?.lans ?? []).filter(({ id }) => id === lanId).flatMap(({ gatewayIps = [] }) => gatewayIps);
}

function balancerAddresses({ properties }: LoadBalancer, lanId: string): string[] {
  const { listenerLan, targetLan, ips = [], lbPrivateIps = [] } = properties ?? {};
  return listenerLan === lanId || targetLan === lanId ? [...ips, ...lbPrivateIps] : [];
}

/** How many of the addresses lie in the LAN's block, by what uses them. */
export function usesWithin({ used, block }: LanView): Partial<Record<User, number>> {
  const counted = [...used].map(([user, addresses]) => {
    const inside = [...addresses].filter((each) => block === undefined || isWithin(each, block));
    return [user, inside.length] as const;
  });
  return Object.fromEntries(counted.filter(([, count]) => count > 0));
}
