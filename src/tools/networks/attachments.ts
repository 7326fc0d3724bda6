import * as z from 'zod';
import { readClusterList } from '../finding/cluster-list.ts';
import { text } from '../schemas/cluster.ts';
import type { Context } from '../tool.ts';
import { lanNumber } from './compute.ts';

/** Of a cluster to a LAN. */
export interface Attachment {
  /** Undefined for one that does not exist for the caller. */
  cluster?: { id: string; displayName?: string };
  datacenterId: string;
  lanId: string;
  /** Undefined where the API does not report it. */
  cidr?: string;
}

export interface Attachments {
  rows: readonly Attachment[];
  /** Where there can be others, in words that follow "clusters"; undefined if all are among the rows. */
  unseen?: string;
}

/** Whatever the rest of a cluster is like, it must not hide its address. */
const properties = z.object({ displayName: text, connections: z.array(z.unknown()).default([]) });
const connection = z.object({ datacenterId: z.string(), lanId: lanNumber, cidr: text });

export async function readAttachments(context: Context): Promise<Attachments> {
  const { items, unseen } = await readClusterList(context);
  const odd: string[] = [];
  const rows = items.flatMap((each) => {
    const { id } = each;
    const known = properties.safeParse(each.properties);
    const places = known.data?.connections.map((one) => connection.safeParse(one).data) ?? [undefined];
    if (places.includes(undefined)) odd.push(id);
    const cluster = context.everyCluster.isSeen(each) ? { id, displayName: known.data?.displayName } : undefined;
    return places.flatMap((one) => (one ? [{ cluster, ...one }] : []));
  });
  const where = [odd.length > 0 && `whose network is not readable (${odd.length})`, unseen];
  return { rows, unseen: where.filter(Boolean).join(', or ') || undefined };
}
