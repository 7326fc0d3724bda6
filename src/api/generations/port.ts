import type * as z from 'zod';

/** Of IONOS's API for PostgreSQL: v1 has one host for all, v2 one for each region. */
export type Generation = 'v1' | 'v2';

/** A list, and what of it is wanted. */
export type ClusterList = { of: 'clusters'; name?: string } | { of: 'backups'; clusterId?: string };

export interface AskedRows {
  limit?: number;
  offset?: number;
  /** Whether it is never tried again, as for a look that only serves a message. */
  once?: boolean;
}

/** What is missing in an answer: a region of v2, or v1 where none is named. */
export interface AbsentSource {
  region?: string;
  reason: string;
  /** Whether it is likely to answer again before a list is read to its end. */
  isBrief: boolean;
}

export interface Rows<Item> {
  items: Item[];
  hasMore: boolean;
  /** Whether the next call can go on from an offset: it counts other rows where a region is missing. */
  isPageable: boolean;
  absent: readonly AbsentSource[];
  /** Where v1 was not asked about a cluster of v2: it may have rows from before the cluster moved. */
  isOfV2Alone?: boolean;
}

export interface AskedSeen {
  /** For the regions of v2, where less than usual is at hand. */
  longestMs?: number;
}

export interface Seen<Item> {
  items: Item[];
  /** Where there can be others, in words; undefined if everything was asked and has answered. */
  unseen?: string;
  /** The part of it that may answer another time. */
  absent: readonly AbsentSource[];
}

export interface OfferedVersions {
  versions: string[];
  /** What IONOS says of each. */
  supportStatus?: Record<string, string>;
  /** Why there may be more than these. */
  note?: string;
  /** Of what was read from v2. */
  api?: 'v2';
}

/**
 * Clusters, backups and versions in the names and units of v1, whichever generation has them. Schemas are applied to
 * what v1 sends, or to the same made of what v2 sends, with `api: "v2"` added. Throws as ApiClient does; a path
 * in an error is v1's.
 */
export interface ClusterReads {
  rows<Item extends RowSchema>(list: ClusterList, item: Item, asked: AskedRows): Promise<Rows<z.output<Item>>>;
  /** Every row, for whoever counts. Throws RefusedError where the end cannot be reached, or a region is missing. */
  every<Item extends RowSchema>(list: ClusterList, item: Item): Promise<z.output<Item>[]>;
  /** Every row of the regions that answer. */
  everySeen<Item extends RowSchema>(list: ClusterList, item: Item, asked?: AskedSeen): Promise<Seen<z.output<Item>>>;
  cluster<Schema extends z.ZodType>(id: string, schema: Schema, once?: boolean): Promise<z.output<Schema>>;
  backup<Schema extends z.ZodType>(id: string, schema: Schema): Promise<z.output<Schema>>;
  /** Those a new cluster can have; by the call that replaces the deprecated one, or by that first. */
  versions(call: 'newer' | 'either'): Promise<OfferedVersions>;
  /** Those a cluster can be upgraded to; with its present one by the deprecated call. */
  upgrades(clusterId: string, call: 'newer' | 'deprecated'): Promise<OfferedVersions>;
  /**
   * For whoever reads one cluster again and again: after a search that did not find it, the regions are searched again
   * only from time to time.
   */
  following(id: string): <Schema extends z.ZodType>(schema: Schema) => Promise<z.output<Schema>>;
  /**
   * Which generation has the cluster; undefined if it is not there, or v1 does not let it be read. Throws as reading it
   * does where it may be somewhere all the same, or v1 is not asked.
   */
  home(clusterId: string): Promise<Generation | undefined>;
  /** Whether v1 is asked at all. */
  asksV1: boolean;
  /** What may exist beside an empty list, in words; undefined if all was asked. */
  unlisted?: string;
  /** Patterns of the only clusters that exist for the caller; undefined where that is all of them. */
  only?: readonly string[];
  /** Where a cluster that was not found could be all the same, in words; undefined if everything was asked. */
  unseen(): string | undefined;
}

/**
 * Every cluster, also those that do not exist for the caller: to count them, and to find the addresses in use. Nothing
 * may name one of those.
 */
export interface EveryCluster extends Pick<ClusterReads, 'every' | 'everySeen'> {
  /** Whether the cluster, as the API shows it, exists for the caller. */
  isSeen(cluster: unknown): boolean;
}

export type RowSchema = z.ZodType<{ id: string }>;
