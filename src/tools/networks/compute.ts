import * as z from 'zod';
import { path } from '../../api/client.ts';
import { ApiError, InputError, NoAnswerError } from '../../errors.ts';
import { isSameId } from '../../ids.ts';
import { quoted } from '../../text/visible.ts';
import { foreignId, text } from '../schemas/cluster.ts';
import type { Context } from '../tool.ts';

/** Rows that one request asks for, which is also the API's default, and requests that one list takes at most. */
const PAGE = 1_000;
const MOST_PAGES = 5;

type Compute = Context['api']['compute'];

const list = <Item extends z.ZodType>(item: Item) => z.object({ items: z.array(item).default([]) });
const texts = z.array(z.string()).optional().catch(undefined);
const inside = <Shape extends z.ZodRawShape>(shape: Shape) => z.object(shape).optional().catch(undefined);
const metadata = inside({ state: text });

const datacenter = z.object({ id: foreignId, metadata, properties: inside({ name: text, location: text }) });
export type Datacenter = z.output<typeof datacenter>;

const nic = z.object({ id: foreignId, properties: inside({ ips: texts }) });
export type Nic = z.output<typeof nic>;

const lan = z.object({
  id: foreignId,
  metadata,
  properties: inside({
    name: text,
    public: z.boolean().optional().catch(undefined),
    ipv4CidrBlock: text,
    pcc: text,
    ipFailover: z
      .array(z.object({ ip: text }))
      .optional()
      .catch(undefined),
  }),
  entities: inside({ nics: list(nic).optional().catch(undefined) }),
});
export type Lan = z.output<typeof lan>;

/** A LAN is a text in one place, and the same number in another. */
const lanNumber = z.union([z.number(), z.string()]).transform(String).optional().catch(undefined);

const natGateway = z.object({
  properties: inside({
    lans: z
      .array(z.object({ id: lanNumber, gatewayIps: texts }))
      .optional()
      .catch(undefined),
  }),
});
export type NatGateway = z.output<typeof natGateway>;

const loadBalancer = z.object({
  properties: inside({ listenerLan: lanNumber, targetLan: lanNumber, ips: texts, lbPrivateIps: texts }),
});
export type LoadBalancer = z.output<typeof loadBalancer>;

const crossConnect = z.object({
  properties: inside({
    peers: z
      .array(z.object({ id: foreignId, datacenterId: foreignId }))
      .optional()
      .catch(undefined),
  }),
});

export async function readDatacenters(compute: Compute): Promise<Datacenter[]> {
  return readAll(compute, 'datacenters', datacenter, 1);
}

/** The data center of this ID or, case ignored, of exactly this name. Throws InputError with what there is. */
export async function findDatacenter(wanted: string, compute: Compute): Promise<Datacenter> {
  const all = await readDatacenters(compute);
  const isNamed = ({ properties }: Datacenter) => properties?.name?.toLowerCase() === wanted.toLowerCase();
  const found = all.filter(({ id }) => isSameId(id, wanted));
  const [one, ...others] = found.length > 0 ? found : all.filter(isNamed);
  if (one && others.length === 0) return one;
  const candidates = (one ? [one, ...others] : all).slice(0, MOST_NAMED).map(labelOf).join(', ');
  throw new InputError([
    one
      ? `datacenterId (${quoted(wanted)}): is the name of several data centers; use an ID: ${candidates}`
      : `datacenterId (${quoted(wanted)}): there is no such data center that these credentials can see. There are: ${candidates || 'none'}`,
  ]);
}

const MOST_NAMED = 20;

const labelOf = ({ id, properties }: Datacenter) =>
  `${quoted(properties?.name ?? '')} (${id}, ${properties?.location ?? 'unknown location'})`;

/** With their NICs, where the API spells them out. */
export function readLans(datacenterId: string, compute: Compute): Promise<Lan[]> {
  return readAll(compute, path`datacenters/${datacenterId}/lans`, lan, 3);
}

export function readNics(datacenterId: string, lanId: string, compute: Compute): Promise<Nic[]> {
  return readAll(compute, path`datacenters/${datacenterId}/lans/${lanId}/nics`, nic, 1);
}

export function readNatGateways(datacenterId: string, compute: Compute): Promise<NatGateway[]> {
  return readAll(compute, path`datacenters/${datacenterId}/natgateways`, natGateway, 1);
}

/** Both kinds, whose addresses have the same shape. */
export async function readLoadBalancers(datacenterId: string, compute: Compute): Promise<LoadBalancer[]> {
  const kinds = [
    path`datacenters/${datacenterId}/networkloadbalancers`,
    path`datacenters/${datacenterId}/applicationloadbalancers`,
  ];
  return (await Promise.all(kinds.map((from) => readAll(compute, from, loadBalancer, 1)))).flat();
}

/** The LANs that a Cross Connect makes one network. */
export async function readPeers(crossConnectId: string, compute: Compute) {
  const query = { depth: 1, pretty: 'false' };
  const { properties } = await compute.get(path`pccs/${crossConnectId}`, { query, response: crossConnect });
  return properties?.peers ?? [];
}

/** Undefined where these credentials may not read it, or the API gives no usable answer. */
export async function ifTold<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (signal.aborted || !(error instanceof ApiError || error instanceof NoAnswerError)) throw error;
    return undefined;
  }
}

/** The API tells no total. A page that is not full is the last; throws NoAnswerError where there are too many. */
async function readAll<Item extends z.ZodType>(compute: Compute, from: string, item: Item, depth: number) {
  const found: z.output<Item>[] = [];
  for (let n = 0; n < MOST_PAGES; n += 1) {
    const query = { limit: PAGE, offset: n * PAGE || undefined, depth, pretty: 'false' };
    const { items } = await compute.get(from, { query, response: list(item) });
    found.push(...items);
    if (items.length < PAGE) return found;
  }
  throw new NoAnswerError('GET', `the list is longer than ${MOST_PAGES * PAGE} entries`, true);
}
