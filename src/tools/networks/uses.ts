import { isIPv6 } from 'node:net';
import { isSameId } from '../../text/ids.ts';
import type { Context } from '../tool.ts';
import { type Attachment, type Attachments, readAttachments } from './attachments.ts';
import {
  BALANCERS,
  failoverAddresses,
  type Lan,
  type ListReading,
  type LoadBalancer,
  type NatGateway,
  readLoadBalancers,
  readNatGateways,
  UNREADABLE,
} from './compute.ts';
import { addressOf } from './ipv4.ts';
import { optionalReads } from './optional-reads.ts';

/** What an address can be used by, as far as the API shows it. */
export const USERS = ['NICs', 'failover addresses', 'NAT gateways', 'load balancers', 'clusters'] as const;
export type AddressUser = (typeof USERS)[number];

/** What has addresses in the LANs of a data center, and is listed for all of them at once. */
export interface AddressSources {
  gateways: ListReading<NatGateway>;
  balancers: ListReading<LoadBalancer>;
  attachments: Attachments;
}

export async function readSources(datacenterId: string, ms: number, context: Context): Promise<AddressSources> {
  const { compute } = context.api;
  const optional = optionalReads(context, ms);
  const [gateways = UNREADABLE, attachments = { rows: [], unseen: '' }, ...balancers] = await Promise.all([
    optional(() => readNatGateways(datacenterId, compute)),
    optional(() => readAttachments(context)),
    ...BALANCERS.map((kind) => optional(() => readLoadBalancers(kind, datacenterId, compute))),
  ]);
  return {
    gateways,
    attachments,
    balancers: {
      rows: balancers.flatMap((each) => each?.rows ?? []),
      isWhole: balancers.every((each) => each?.isWhole),
    },
  };
}

export interface LanPlace {
  datacenterId: string;
  lanId: string;
}

interface SeenLan extends LanPlace {
  /** Undefined for one of another data center, of which NICs and clusters alone are looked at. */
  lan?: Lan;
  nics: ListReading<string[]> | undefined;
}

/** The addresses in use in one LAN, as the API writes them. */
export function usesOf(
  { lan, nics = UNREADABLE, ...place }: SeenLan,
  sources: AddressSources,
): Record<AddressUser, ListReading<string>> {
  const { gateways, balancers, attachments } = sources;
  const cidrs = attachmentsTo(place, attachments).map(({ cidr }) => cidr);
  return {
    NICs: { rows: nics.rows.flat(), isWhole: nics.isWhole },
    'failover addresses': lan ? failoverAddresses(lan) : UNREADABLE,
    'NAT gateways': lan ? gatheredFrom(gateways, (each) => ofGateway(each, place.lanId)) : UNREADABLE,
    'load balancers': lan ? gatheredFrom(balancers, (each) => ofBalancer(each, place.lanId)) : UNREADABLE,
    clusters: { rows: cidrs.flatMap((cidr) => cidr ?? []), isWhole: cidrs.every((cidr) => cidr !== undefined) },
  };
}

export function attachmentsTo({ datacenterId, lanId }: LanPlace, { rows }: Attachments): readonly Attachment[] {
  return rows.filter((each) => each.lanId === lanId && isSameId(each.datacenterId, datacenterId));
}

/** What is attached and shows no address has one all the same, which IONOS has given it. */
function gatheredFrom<Row>({ rows, isWhole }: ListReading<Row>, addressesIn: (row: Row) => readonly string[][]) {
  const each = rows.flatMap(addressesIn);
  return { rows: each.flat(), isWhole: isWhole && each.every(({ length }) => length > 0) };
}

const ofGateway = ({ properties }: NatGateway, lanId: string) =>
  properties.lans.filter(({ id }) => id === lanId).map(({ gatewayIps = [] }) => gatewayIps);

function ofBalancer({ properties }: LoadBalancer, lanId: string): string[][] {
  const { listenerLan, targetLan, ips = [], lbPrivateIps = [] } = properties;
  return listenerLan === lanId || targetLan === lanId ? [[...ips, ...lbPrivateIps]] : [];
}

/** As numbers, with or without a mask; IPv6 addresses are none here, and what is no address is not readable. */
export function numbersIn({ rows, isWhole }: ListReading<string>): { numbers: readonly number[]; isWhole: boolean } {
  const hosts = rows.map((text) => text.split('/', 1).join().trim()).filter((host) => !isIPv6(host));
  const numbers = hosts.flatMap((host) => addressOf(host) ?? []);
  return { numbers, isWhole: isWhole && numbers.length === hosts.length };
}
