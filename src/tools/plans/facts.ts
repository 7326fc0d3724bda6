import type { Sized, Warning } from '../schemas/cluster-properties.ts';

/**
 * What a plan knows; its words are made from this alone. Times are ISO 8601, sizes MB. No password is in it. What the API
 * leaves out is undefined.
 */
export type Facts =
  | OrderFacts
  | ChangeFacts
  | DeletionFacts
  | RestoreFacts
  | NewDatabaseFacts
  | DatabaseDeletionFacts
  | NewUserFacts
  | NewPasswordFacts
  | UserDeletionFacts;

export interface NamedCluster {
  id: string;
  displayName?: string;
}

/** A cluster as the API tells of it. */
export interface Existing {
  id: string;
  properties?: { displayName?: string };
}

export function namedCluster({ id, properties }: Existing): NamedCluster {
  return { id, displayName: properties?.displayName };
}

/** What is ordered of a cluster, without its credentials and the backup that fills it. */
export interface Order extends Sized {
  displayName: string;
  postgresVersion: string;
  location: string;
  instances: number;
  cores: number;
  ram: number;
  storageSize: number;
  storageType?: string;
  backupLocation?: string;
  maintenanceWindow?: object;
  connectionPooler?: object;
}

/** What the API has for each instance of a cluster, and how many there are; ram and storageSize in MB. */
export interface Size {
  instances: number;
  cores: number;
  ram: number;
  storageSize: number;
}

export interface SizeFacts {
  each: Partial<Size>;
  /** Over all instances. */
  total?: Size;
}

export function sizeOf({ instances, cores, ram, storageSize }: Partial<Size>): SizeFacts {
  const each = { instances, cores, ram, storageSize };
  return { each, total: totalOf(each) };
}

/** The same over all instances; undefined where the API leaves out what it takes to tell. */
export function totalOf({ instances, cores, ram, storageSize }: Partial<Size>): Size | undefined {
  if (instances === undefined || cores === undefined || ram === undefined || storageSize === undefined)
    return undefined;
  return { instances, cores: instances * cores, ram: instances * ram, storageSize: instances * storageSize };
}

export interface OrderFacts {
  kind: 'order';
  order: Order;
  size: SizeFacts;
  /** Properties whose values are left to the service. */
  defaults: readonly (keyof Order)[];
  /** The first database user. */
  username: string;
  newPassword?: NewPasswordFile;
  filledFrom?: Replay;
  /** A cluster of this name that was ordered in this place lately, so that a real order would not be sent. */
  lookalike?: NamedCluster & { createdDate?: string };
  warnings: readonly Warning[];
}

/** Where a password will be that the server makes. */
export interface NewPasswordFile {
  folder: string;
}

export interface ChangeFacts {
  kind: 'change';
  cluster: NamedCluster;
  values: readonly { property: string; from?: unknown; to: unknown }[];
  effects: readonly ChangeEffect[];
  interruption: Interruption;
  /** Afterwards, where it changes. */
  size?: SizeFacts;
  warnings: readonly Warning[];
}

/** What a change brings besides its new values: the rows of CHANGE_EFFECTS. */
export type ChangeEffect =
  | 'upgrade'
  | 'detach'
  | 'attach'
  | 'move'
  | 'readdress'
  | 'grow-storage'
  | 'replace-nodes'
  | 'replace-only-node'
  | 'remove-standbys'
  | 'scale-before-mode';

/** How the service is interrupted, as far as a source tells; from the least to the worst. */
export const INTERRUPTIONS = [
  'none',
  'unknown',
  'possible-switchover',
  'switchover',
  'connections-break',
  'unreachable',
] as const;
export type Interruption = (typeof INTERRUPTIONS)[number];

export interface DeletionFacts {
  kind: 'deletion';
  at: string;
  cluster: NamedCluster;
  postgresVersion?: string;
  location?: string;
  createdDate?: string;
  size: SizeFacts;
  wayBack: WayBack;
}

/** What can be brought back after the write. */
export type WayBack =
  | { by: 'unknown' }
  | {
      by: 'none';
      /** The ID of the present backup, where that has no base yet. */
      baseless?: string;
    }
  | { by: 'backup'; backups: readonly RemainingBackup[] };

export interface RemainingBackup {
  id: string;
  postgresVersion?: string;
  reach: Reach;
  /** When IONOS drops it, or what is in it now. */
  until?: string;
}

/** How far a backup reaches. */
export interface Reach {
  /** Its first base. */
  from?: string;
  /** Undefined where it goes on, or nothing tells. */
  end?: string;
  goesOn?: boolean;
}

export interface RestoreFacts {
  kind: 'restore';
  at: string;
  cluster: NamedCluster;
  lost: Lost;
  interruption: Interruption;
  wayBack: WayBack;
  replay: Replay;
}

/** What a restore in place takes from the cluster. */
export type Lost =
  | {
      what: 'all';
      /** The ID of the cluster whose content comes instead. */
      replacedBy?: string;
    }
  | {
      what: 'written-since';
      /** Undefined where that is the end of the backup, which nobody tells. */
      since?: string;
      /** The latest that it can be, where `since` is not told. */
      atLeastSince?: string;
    }
  /** Only what is not in the backup yet. */
  | { what: 'newest' };

/** The backup that is replayed into a cluster, and up to when. */
export interface Replay {
  backup: { id: string; clusterId?: string; postgresVersion?: string; state?: string };
  reach: Reach;
  /** The moment that is asked for; without it all that the backup holds. */
  time?: string;
  /** Whether that lies after the end of the backup; undefined where nobody tells that end. */
  isLate?: boolean;
  /** Whether what was written in the last half hour may be missing. */
  missesNewest: boolean;
  /** MB, where what is in the backup may not fit. */
  tightRoom?: { backupSize: number; storageSize: number };
}

export interface NewDatabaseFacts {
  kind: 'new-database';
  cluster: NamedCluster;
  name: string;
  owner: string;
}

export interface DatabaseDeletionFacts {
  kind: 'database-deletion';
  cluster: NamedCluster;
  name: string;
  owner?: string;
  wayBack: WayBack;
  /** Where the present backup is no way back: whether an earlier one may hold what was there before. */
  hasEarlier?: true;
}

export interface NewUserFacts {
  kind: 'new-user';
  cluster: NamedCluster;
  username: string;
  newPassword?: NewPasswordFile;
}

/** The old password is lost: nobody can read it. */
export interface NewPasswordFacts {
  kind: 'new-password';
  cluster: NamedCluster;
  username: string;
  newPassword?: NewPasswordFile;
}

export interface UserDeletionFacts {
  kind: 'user-deletion';
  cluster: NamedCluster;
  username: string;
  /** Names of databases; undefined where they cannot be read now. */
  owns?: readonly string[];
}
