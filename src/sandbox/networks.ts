import type { Context } from 'hono';
import * as z from 'zod';
import { refuse } from './errors.ts';
import { idOf } from './ids.ts';
import { wholeNumber } from './pages.ts';
import type { Routes } from './routes.ts';
import { check } from './validation.ts';

export const COMPUTE_PATH = '/cloudapi/v6';

/** A resource of the Compute API with what is in it, of which `depth` decides how much is shown. */
interface Node {
  id: string;
  type: string;
  path: string;
  state?: string;
  properties: Record<string, unknown>;
  entities?: Record<string, readonly Node[]>;
}

interface ExampleLan {
  id: string;
  name: string;
  /** None: it is public. */
  block?: string;
  /** The addresses of its NICs. */
  ips: readonly string[];
  gatewayIps?: readonly string[];
}

export interface ExampleDatacenter {
  id: string;
  name: string;
  location: string;
  lans: readonly ExampleLan[];
}

const LOCATIONS = [
  'de/fra',
  'de/fra/2',
  'de/txl',
  'es/vit',
  'fr/par',
  'gb/bhx',
  'gb/lhr',
  'us/ewr',
  'us/las',
  'us/mci',
];

function treeOf(examples: readonly ExampleDatacenter[]): readonly Node[] {
  return examples.map(({ id, name, location, lans }) => {
    const path = `datacenters/${id}`;
    const natgateways = lans.flatMap(({ id: lanId, gatewayIps }): Node[] => {
      if (!gatewayIps) return [];
      const gatewayId = idOf(`${path}/natgateways/${lanId}`);
      const properties = { name: 'nat', publicIps: ['203.0.113.40'], lans: [{ id: Number(lanId), gatewayIps }] };
      return [{ id: gatewayId, type: 'natgateway', path: `${path}/natgateways/${gatewayId}`, properties }];
    });
    return {
      ...{ id, type: 'datacenter', path, state: 'AVAILABLE' },
      properties: { name, location, version: 4, features: ['SSD'] },
      entities: { lans: lans.map((lan) => lanNode(path, lan)), natgateways, networkloadbalancers: [] },
    };
  });
}

function lanNode(datacenter: string, { id, name, block, ips }: ExampleLan): Node {
  const server = idOf(`${datacenter}/servers`);
  const nics = ips.map((ip, n): Node => {
    const nicId = idOf(`${datacenter}/lans/${id}/nics/${n}`);
    return {
      ...{ id: nicId, type: 'nic', path: `${datacenter}/servers/${server}/nics/${nicId}`, state: 'AVAILABLE' },
      properties: { name: `nic-${n + 1}`, ips: [ip], dhcp: true, lan: Number(id), firewallActive: false },
    };
  });
  return {
    ...{ id, type: 'lan', path: `${datacenter}/lans/${id}`, state: 'AVAILABLE' },
    properties: { name, public: block === undefined, ipv4CidrBlock: block ?? null, ipFailover: [] },
    entities: { nics },
  };
}

const depthQuery = z.object({ depth: wholeNumber(0, 10).default(0) });
const position = z.object({ limit: wholeNumber(1).default(1000), offset: wholeNumber(0).default(0) });

interface Place {
  datacenterId: string;
  lanId: string;
}

/** Places for a cluster, as the Compute API shows them, with as many levels as `depth` asks for. */
export function networkRoutes(examples: readonly ExampleDatacenter[], taken: () => readonly Place[]): Routes {
  const datacenters = treeOf(examples);
  const datacenterOf = (c: Context) => found(datacenters, c.req.param('datacenterId'));
  const inside = (c: Context, kind: string) => datacenterOf(c).entities?.[kind] ?? [];
  const lanOf = (c: Context) => found(inside(c, 'lans'), c.req.param('lanId'));

  return {
    '/datacenters': { GET: (c) => c.json(collection(c, 'datacenters', datacenters)) },
    '/datacenters/:datacenterId': { GET: (c) => c.json(one(c, datacenterOf(c))) },
    '/datacenters/:datacenterId/lans': { GET: (c) => c.json(collection(c, 'lans', inside(c, 'lans'))) },
    '/datacenters/:datacenterId/lans/:lanId': {
      GET: (c) => c.json(one(c, lanOf(c))),
      DELETE: (c) => {
        const { id, entities } = lanOf(c);
        const datacenter = datacenterOf(c).id;
        const isAttached = taken().some(({ datacenterId, lanId }) => datacenterId === datacenter && lanId === id);
        if (isAttached) refuse(403, `Access Denied: Lan ${id} is delete-protected by DBAAS`);
        return refuse(422, entities?.nics?.length ? '[nics] the LAN has NICs' : 'the sandbox keeps its LANs');
      },
    },
    '/datacenters/:datacenterId/lans/:lanId/nics': {
      GET: (c) => c.json(collection(c, 'nics', lanOf(c).entities?.nics ?? [])),
    },
    ...Object.fromEntries(
      ['natgateways', 'networkloadbalancers', 'applicationloadbalancers'].map((kind) => [
        `/datacenters/:datacenterId/${kind}`,
        { GET: (c: Context) => c.json(collection(c, kind, inside(c, kind))) },
      ]),
    ),
    '/locations': {
      GET: (c) => {
        const items = LOCATIONS.map((id): Node => {
          return { id, type: 'location', path: `locations/${id}`, properties: { name: id, features: ['SSD'] } };
        });
        const { depth } = check(depthQuery, pick(c, 'depth'));
        const shown = items.map((item) => show(c, item, depth - 1));
        return c.json({ id: 'locations', type: 'collection', href: hrefOf(c, 'locations'), items: shown });
      },
    },
  };
}

function found(nodes: readonly Node[], id = ''): Node {
  return nodes.find((node) => node.id === id.toLowerCase()) ?? refuse(404, `there is no resource ${id}`);
}

/** Other parameters are ignored, as the API does. */
function pick(c: Context, ...names: string[]) {
  return Object.fromEntries(names.map((name) => [name, c.req.query(name)]));
}

function one(c: Context, node: Node) {
  return show(c, node, check(depthQuery, pick(c, 'depth')).depth);
}

/** The items are children: with depth 0 references. */
function collection(c: Context, id: string, nodes: readonly Node[]) {
  const { depth } = check(depthQuery, pick(c, 'depth'));
  const { limit, offset } = check(position, pick(c, 'limit', 'offset'));
  const link = (start: number) => {
    const url = new URL(c.req.url);
    url.searchParams.set('offset', String(start));
    return url.href;
  };
  return {
    ...{ id, type: 'collection', href: c.req.url.split('?')[0] },
    items: nodes.slice(offset, offset + limit).map((node) => show(c, node, depth - 1)),
    ...{ offset, limit },
    _links: { self: c.req.url, ...(offset + limit < nodes.length && { next: link(offset + limit) }) },
  };
}

function show(c: Context, { id, type, path, state, properties, entities = {} }: Node, depth: number): object {
  const reference = { id, type, href: hrefOf(c, path) };
  if (depth < 0) return reference;
  const metadata = state && { etag: `${id}-1`, createdDate: '2024-05-02T08:00:00Z', state };
  const children = Object.entries(entities).map(([kind, nodes]) => {
    const items = nodes.map((node) => show(c, node, depth - 2));
    return [kind, { id: `${id}/${kind}`, type: 'collection', href: hrefOf(c, `${path}/${kind}`), items }];
  });
  const inner = depth >= 1 && children.length > 0 ? { entities: Object.fromEntries(children) } : {};
  return { ...reference, ...(metadata && { metadata }), properties, ...inner };
}

function hrefOf(c: Context, path: string): string {
  const [base] = c.req.url.split(COMPUTE_PATH);
  return `${base}${COMPUTE_PATH}/${path}`;
}
