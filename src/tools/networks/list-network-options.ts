import * as z from 'zod';
import { shortened } from '../../text/labels.ts';
import { sentences } from '../../text/sentences.ts';
import { cut } from '../../text/visible.ts';
import { defineRead } from '../define-tool.ts';
import { paging, rowsOf } from '../paging.ts';
import { abridged } from '../schemas/abridged.ts';
import { args } from '../schemas/arguments.ts';
import { text } from '../schemas/cluster.ts';
import { unspelled } from '../schemas/names.ts';
import { reads } from '../tool.ts';
import { quotaWords, readQuota } from '../writing/quota.ts';
import { type Datacenter, type Lan, readDatacenters } from './compute.ts';
import { datacenterId, findDatacenter } from './datacenters.ts';
import { textOf } from './ipv4.ts';
import { type LanView, usesWithin, viewLans } from './lan-view.ts';
import { USERS } from './uses.ts';

const datacenterRow = z.object({ id: z.string(), name: text, location: text, state: text });
const lanRow = z.object({
  id: z.string(),
  name: text,
  public: z.boolean().optional(),
  state: text,
  block: z.string().optional(),
  used: z.record(z.string(), z.number()).optional(),
  clusters: z.array(z.string()).optional(),
  freeAddresses: z.array(z.string()).optional(),
  note: z.string().optional(),
});

/** Clusters that one row names, and characters of a name. */
const MOST_CLUSTERS = 10;
const MAX_NAME = 100;

export const listNetworkOptions = defineRead({
  name: 'list_network_options',
  searchHint: 'datacenter LAN free IP',
  title: 'List data centers and LANs',
  description:
    'Lists where a new Postgres cluster could be attached (plugged in): datacenters with ID, name and location; with datacenterId, its LANs, private or not, and up to three free IP addresses in each. Use get_cluster for the network of an existing one.',
  ...reads,
  spansProfiles: true,
  input: args({
    datacenterId: datacenterId.optional().describe('ID or exact name of a data center, e.g. "shop"'),
    filter: z
      .string()
      .trim()
      .min(1)
      .optional()
      .describe('Part of the name or location, e.g. "de/fra"; with datacenterId of a LAN\'s name'),
    limit: paging.limit,
    offset: paging.offset,
  }),
  output: z.object({
    datacenters: z.array(abridged(datacenterRow, { listedKeys: ['id', 'name', 'location'] })).optional(),
    lans: z.array(abridged(lanRow, { listedKeys: ['id', 'name', 'public', 'block', 'freeAddresses'] })).optional(),
    datacenter: abridged(datacenterRow).optional(),
    nextOffset: z.number().optional(),
    note: z.string().optional(),
  }),
  async run({ datacenterId, filter = '', limit = 100, offset = 0 }, context) {
    const wanted = unspelled(filter).toLowerCase();
    const isFound = (...texts: (string | undefined)[]) =>
      wanted === '' || texts.some((each) => each?.toLowerCase().includes(wanted));
    if (datacenterId === undefined) {
      const all = await readDatacenters(context.api.compute);
      const quota = offset === 0 ? await readQuota(context) : undefined;
      const found = all.rows.filter(({ properties }) => isFound(properties?.name, properties?.location));
      const page = { items: found.slice(offset, offset + limit), hasMore: found.length > offset + limit };
      const { rows, nextOffset } = rowsOf(page, offset, datacenterRowOf);
      const notes = [
        rows.length === 0 && noneOf(all.rows.length, 'data centers', all.rows.map(placeOf)),
        !all.isWhole && partOf('data centers'),
        quota && quotaWords(quota),
      ];
      return { datacenters: rows, nextOffset, note: sentences(...notes) || undefined };
    }
    const datacenter = await findDatacenter(datacenterId, context.api.compute);
    const isWanted = ({ properties }: Lan) => isFound(properties?.name);
    const { views, count, hasMore, isWhole } = await viewLans(datacenter.id, { isWanted, offset, limit }, context);
    const { rows, nextOffset } = rowsOf({ items: views, hasMore }, offset, lanRowOf);
    const notes = [rows.length > 0 ? LOOKED_AT : noneOf(count, 'LANs'), !isWhole && partOf('LANs')];
    return { datacenter: datacenterRowOf(datacenter), lans: rows, nextOffset, note: sentences(...notes) || undefined };
  },
});

function datacenterRowOf({ id, metadata, properties }: Datacenter) {
  return { id, name: properties?.name, location: properties?.location, state: metadata?.state };
}

const MOST_NAMED = 10;

const placeOf = ({ properties: { name = '', location = '' } = {} }: Datacenter) =>
  `${shortened(cut(name, MAX_NAME))} in ${shortened(cut(location, MAX_NAME)) || 'an unknown location'}`;

const noneOf = (count: number, what: string, all: readonly string[] = []) =>
  count > 0
    ? sentences(
        `None of the ${count} ${what} matches, or there are no more of them.`,
        all.length > 0 && `There are: ${all.slice(0, MOST_NAMED).join(', ')}${all.length > MOST_NAMED ? ', …' : ''}.`,
      )
    : `These credentials see no ${what}: there may be some that nobody has shared with them.`;

const partOf = (what: string) => `There are ${what} that could not be read.`;

/** An address that none of these shows can be in use all the same. */
const LOOKED_AT = `freeAddresses are not seen in use by ${USERS.slice(0, -1).join(', ')} or PostgreSQL clusters. Not looked at: Kubernetes nodes, other managed services, and addresses set by hand inside a server.`;

function lanRowOf(view: LanView) {
  const { lan, access, block, clusters, free } = view;
  const { name, public: isPublic } = lan.properties ?? {};
  const row = { id: lan.id, name, public: isPublic, state: lan.metadata?.state };
  if (access === 'public') return { ...row, note: 'Public: a cluster needs a private LAN.' };
  const shownBlock = block && `${textOf(block.first)}/${block.prefix}`;
  if (access === 'unknown') {
    return { ...row, block: shownBlock, note: 'Whether it is private is unknown: a cluster needs a private LAN.' };
  }
  const names = clusters.flatMap(({ cluster, cidr }) =>
    cluster ? [[cut(cluster.displayName ?? '', MAX_NAME), cluster.id, cidr].join(' ').trim()] : [],
  );
  return {
    ...row,
    block: shownBlock,
    used: usesWithin(view),
    clusters:
      names.length > MOST_CLUSTERS
        ? [...names.slice(0, MOST_CLUSTERS), `and ${names.length - MOST_CLUSTERS} more`]
        : names,
    freeAddresses: free.addresses,
    note: sentences(...notesOn(view)) || undefined,
  };
}

function notesOn({ block, isBlockGuessed, isBeingDeleted, free, unseen, unseenInJoined, lan }: LanView) {
  const { state = 'AVAILABLE' } = lan.metadata ?? {};
  return [
    isBeingDeleted && `It is ${state}: no place for a cluster.`,
    block === undefined && 'Its block is unknown: the person has to name an address that is free.',
    isBlockGuessed && 'The API does not report its block; this is the /24 around the address of a NIC.',
    free.isBeyondManual && 'None of .3 to .10 is free; DHCP may hand out these later ones to another machine.',
    !isBeingDeleted && block !== undefined && free.addresses.length === 0 && 'No address is free.',
    unseen.length > 0 && `Could not be read, and may use addresses: ${unseen.join(', ')}.`,
    unseenInJoined.length > 0 && `Not seen in LANs that its Cross Connect joins to it: ${unseenInJoined.join(', ')}.`,
    !isBeingDeleted && state !== 'AVAILABLE' && 'It is being changed.',
  ];
}
