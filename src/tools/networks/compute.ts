import * as z from 'zod';
import { path } from '../../api/client.ts';
import { id } from '../schemas/arguments.ts';
import { text } from '../schemas/cluster.ts';
import type { Context } from '../tool.ts';
import { isUnreadable } from './optional-reads.ts';

/** Rows that one request asks for, which is also the API's default, and requests that one list takes at most. */
const PAGE = 1_000;
const MOST_PAGES = 5;

export type Compute = Context['api']['compute'];

/** What is odd, or was not sent, is not among the rows, and the list is not whole. */
export interface ListReading<Row> {
  rows: readonly Row[];
  isWhole: boolean;
}

const inside = <Shape extends z.ZodRawShape>(shape: Shape) => z.object(shape).optional().catch(undefined);
const metadata = inside({ state: text });

/** IDs that cannot be part of a path are odd: what they stand for cannot be read. */
const datacenter = z.object({ id, metadata, properties: inside({ name: text, location: text }) });
export type Datacenter = z.output<typeof datacenter>;

/** Nulls arrive as missing. With an address of another type a row is odd: it would hide what is in use. */
const addresses = z.array(z.string()).optional();

/** The same number is a text in the LAN and an integer in what is attached to it. */
export const lanNumber = z.union([z.number(), z.string()]).transform(String);

/** Without its LAN a NIC is a reference, which hides its addresses. */
const nic = z
  .object({ properties: z.object({ ips: addresses, lan: z.unknown().optional() }) })
  .refine(({ properties: { ips, lan } }) => ips !== undefined || lan !== undefined)
  .transform(({ properties }) => properties.ips ?? []);

const lan = z.object({
  id: lanNumber.pipe(id),
  metadata,
  properties: inside({
    name: text,
    public: z.boolean().optional().catch(undefined),
    ipv4CidrBlock: text,
    pcc: z.unknown().optional(),
    ipFailover: z.unknown().optional(),
  }),
  entities: inside({ nics: z.unknown().optional() }),
});
export type Lan = z.output<typeof lan>;

const natGateway = z.object({
  properties: z.object({ lans: z.array(z.object({ id: lanNumber, gatewayIps: addresses })).default([]) }),
});
export type NatGateway = z.output<typeof natGateway>;

const loadBalancer = z.object({
  properties: z.object({ listenerLan: lanNumber, targetLan: lanNumber, ips: addresses, lbPrivateIps: addresses }),
});
export type LoadBalancer = z.output<typeof loadBalancer>;

const peer = z.object({ id: lanNumber.pipe(id), datacenterId: id });
const crossConnect = z.object({ properties: z.object({ peers: z.array(z.unknown()) }) });

const failover = z.object({ ip: z.string() });

export const readDatacenters = (compute: Compute) => readAll(compute, 'datacenters', datacenter, { depth: 1 });

/** With depth 3 they hold their NICs, which can be too much for one answer. */
export function readLans(datacenterId: string, compute: Compute, asked: { depth: 1 | 3; once?: boolean }) {
  return readAll(compute, path`datacenters/${datacenterId}/lans`, lan, asked);
}

/** The addresses of each NIC, as the answer about a LAN holds them; undefined where it does not hold all. */
export function nicsWithin({ entities }: Lan): ListReading<string[]> | undefined {
  const { success, data } = page.safeParse(entities?.nics);
  if (!success || hasNext(data)) return undefined;
  const { rows, isWhole } = readRows(data.items, nic);
  return isWhole ? { rows, isWhole } : undefined;
}

/** The addresses of each NIC. */
export function readNics(datacenterId: string, lanId: string, compute: Compute): Promise<ListReading<string[]>> {
  return readAll(compute, path`datacenters/${datacenterId}/lans/${lanId}/nics`, nic, { depth: 1 });
}

export function failoverAddresses({ properties }: Lan): ListReading<string> {
  if (!properties) return UNREADABLE;
  const { ipFailover = [] } = properties;
  if (!Array.isArray(ipFailover)) return UNREADABLE;
  const { rows, isWhole } = readRows(ipFailover, failover);
  return { rows: rows.map(({ ip }) => ip), isWhole };
}

export const UNREADABLE = { rows: [], isWhole: false };

export function readNatGateways(datacenterId: string, compute: Compute): Promise<ListReading<NatGateway>> {
  return readAll(compute, path`datacenters/${datacenterId}/natgateways`, natGateway, { depth: 1 });
}

export const BALANCERS = ['networkloadbalancers', 'applicationloadbalancers'] as const;

/** Both kinds have addresses of the same shape. */
export function readLoadBalancers(kind: (typeof BALANCERS)[number], datacenterId: string, compute: Compute) {
  return readAll(compute, `${path`datacenters/${datacenterId}`}/${kind}`, loadBalancer, { depth: 1 });
}

/** The LANs that a Cross Connect makes one network. */
export async function readPeers(crossConnectId: string, compute: Compute) {
  if (!id.safeParse(crossConnectId).success) return undefined;
  const query = { depth: 1, pretty: 'false' };
  const { properties } = await compute.get(path`pccs/${crossConnectId}`, { query, response: crossConnect });
  return readRows(properties.peers, peer);
}

const page = z.object({
  items: z.array(z.unknown()),
  limit: z.number().positive().optional().catch(undefined),
  _links: inside({ next: z.unknown().optional() }),
});

/** The API tells no total. */
function hasNext({ items, limit = PAGE, _links }: z.output<typeof page>): boolean {
  const isFull = items.length >= Math.min(PAGE, limit);
  return items.length > 0 && (_links ? _links.next !== undefined : isFull);
}

function readRows<Row extends z.ZodType>(items: readonly unknown[], row: Row): ListReading<z.output<Row>> {
  const rows = items.flatMap((item) => {
    const { success, data } = row.safeParse(item);
    return success ? [data] : [];
  });
  return { rows, isWhole: rows.length === items.length };
}

/** Throws as the client does where not even the first page can be read. */
async function readAll<Row extends z.ZodType>(
  compute: Compute,
  from: string,
  row: Row,
  { depth, once }: { depth: number; once?: boolean },
): Promise<ListReading<z.output<Row>>> {
  const items: unknown[] = [];
  const whatCame = () => ({ ...readRows(items, row), isWhole: false });
  for (let n = 0, last = ''; n < MOST_PAGES; n += 1) {
    const query = { limit: PAGE, offset: items.length || undefined, depth, pretty: 'false' };
    const next = await compute.get(from, { query, response: page, once }).catch((error: unknown) => {
      if (n === 0 || !isUnreadable(error)) throw error;
    });
    const content = JSON.stringify(next?.items);
    if (!next || content === last) return whatCame();
    last = content;
    items.push(...next.items);
    if (!hasNext(next)) return readRows(items, row);
  }
  return whatCame();
}
