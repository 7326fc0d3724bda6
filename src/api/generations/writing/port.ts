import type * as z from 'zod';
import type { ClusterReads, Generation, OfferedVersions } from '../port.ts';
import type { BackupSource, Owner, Recovery, Wish } from './wish.ts';

export interface PasswordRule {
  allows(password: string): boolean;
  /** Continues "its password" or "the password". */
  says: string;
}

/** Where one generation takes orders. */
export interface Ordering {
  api: Generation;
  password?: PasswordRule;
  /**
   * The order with the values that have to be given here. Throws InputError with everything that this generation
   * would refuse.
   */
  complete<Order extends Wish>(order: Order): Promise<Order>;
  /** The database that is made for the first user; undefined if none is. */
  databaseOf(owner: Owner): string | undefined;
  versions(): Promise<OfferedVersions>;
  /** Why a new cluster cannot be filled from this backup. */
  refusalOf(source: BackupSource): string | undefined;
  /** `order` is complete and has the password. */
  create<Reply extends z.ZodType>(order: Wish, response: Reply): Promise<z.output<Reply>>;
}

/** A look right before a write that replaces all of a cluster. */
export interface LastLook<Seen extends z.ZodType> {
  schema: Seen;
  isAsPlanned(cluster: z.output<Seen>): boolean;
}

/** Writes to one cluster. */
export interface Changing {
  password?: PasswordRule;
  /** Whether any change may do harm to the cluster's user, because the whole cluster is sent again. */
  endangersUser: boolean;
  /** One line for each value that it would refuse; `present` is the cluster as it is. */
  problems(wanted: Wish, present: Wish): string[];
  /** Why the cluster cannot be restored in place from this backup. */
  refusalOf(source: BackupSource, clusterId: string): string | undefined;
  change<Seen extends z.ZodType, Reply extends z.ZodType>(
    clusterId: string,
    wanted: Wish,
    options: { last: LastLook<Seen>; response: Reply },
  ): Promise<z.output<Reply>>;
  delete<Reply extends z.ZodType>(clusterId: string, response: Reply): Promise<z.output<Reply>>;
  restore<Seen extends z.ZodType>(clusterId: string, recovery: Recovery, last: LastLook<Seen>): Promise<void>;
}

/** Writes to clusters of both generations. */
export interface ClusterWrites {
  /** Where an order goes that names none. */
  defaultApi(): Generation;
  /** Throws InputError where that generation, or v2 in that location, is not reached. */
  ordering(order: { api?: Generation; location: string }): Ordering;
  /** Throws as reading the cluster does. */
  changing(clusterId: string): Promise<Changing>;
}

/** Clusters of both generations, as a call sees them. */
export interface ClusterPort extends ClusterReads, ClusterWrites {}
