import type { CostChange } from '../../prices/words.ts';
import type { PlaceDoubt } from '../places/doubt.ts';
import type { Sized, Warning } from '../schemas/cluster-properties.ts';
import type { QuotaExcess } from '../writing/quota.ts';

/**
 * Everything that a plan's words are made from. Times are ISO 8601, sizes MB; no passwords. Undefined is what the API
 * omits.
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

export interface Existing {
  id: string;
  properties?: { displayName?: string };
}

export function namedCluster({ id, properties }: Existing): NamedCluster {
  return { id, displayName: properties?.displayName };
}

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
  connectionPooler?: { enabled?: boolean; poolMode?: string };
  description?: string;
  backupRetentionDays?: number;
  logsEnabled?: boolean;
  metricsEnabled?: boolean;
}

export const SIZES = ['instances', 'cores', 'ram', 'storageSize'] as const;

/** Per instance, except `instances`; ram and storageSize in MB. */
export type Size = Record<(typeof SIZES)[number], number>;

export interface SizeFacts {
  each: Partial<Size>;
  total?: Size;
}

export function sizeOf({ instances, cores, ram, storageSize }: Partial<Size>): SizeFacts {
  const each = { instances, cores, ram, storageSize };
  return { each, total: totalOf(each) };
}

export function totalOf({ instances, cores, ram, storageSize }: Partial<Size>): Size | undefined {
  if (instances === undefined || cores === undefined || ram === undefined || storageSize === undefined)
    return undefined;
  return { instances, cores: instances * cores, ram: instances * ram, storageSize: instances * storageSize };
}

export interface OrderFacts {
  kind: 'order';
  cost: CostChange;
  /** Which API it goes to, where that is not v1. */
  api?: 'v2';
  order: Order;
  size: SizeFacts;
  /** Chosen by the service. */
  defaults: readonly (keyof Order)[];
  /** Chosen here. */
  preset: readonly string[];
  /** Taken from another cluster; `left` has no place in the API that the order goes to, `unfit` in any order. */
  copied?: {
    from: NamedCluster;
    properties: readonly string[];
    left: readonly string[];
    unfit: readonly string[];
  };
  doubts: readonly PlaceDoubt[];
  username: string;
  database?: string;
  newPassword?: NewPasswordFile;
  filledFrom?: Replay;
  /** What IONOS says of the version; undefined if it says nothing. */
  supportStatus?: string;
  /** A cluster of this name that was ordered here less than 10 minutes ago, so that a real order would not be sent. */
  lookalike?: NamedCluster & { createdDate?: string };
  /** Regions of API v2 that gave no answer, where a cluster of this name may be. */
  silent: readonly string[];
  warnings: readonly Warning[];
  quota?: readonly QuotaExcess[];
}

export interface NewPasswordFile {
  folder: string;
}

export interface ChangeFacts {
  kind: 'change';
  /** Undefined where the size stays. */
  cost?: CostChange;
  cluster: NamedCluster;
  /** Others that have the new name. */
  namesakes?: readonly NamedCluster[];
  values: readonly { property: string; from?: unknown; to: unknown }[];
  effects: readonly ChangeEffect[];
  interruption: Interruption;
  size?: SizeFacts;
  supportStatus?: string;
  /** Of a change that sends the whole cluster again. */
  owner?: OwnerInChange;
  newPassword?: NewPasswordFile;
  doubts?: readonly PlaceDoubt[];
  warnings: readonly Warning[];
  quota?: readonly QuotaExcess[];
}

/** What the change does to the password of the cluster's first user. */
export type OwnerInChange = 'password left out' | 'password set';

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
  | 'last-standby'
  | 'pooler-off'
  | 'pooler-mode'
  | 'rename'
  | 'scale-before-mode';

/** As far as documented, from least to worst. */
export const INTERRUPTIONS = [
  'none',
  'unknown',
  'possible-switchover',
  'switchover',
  'connections-break',
  'unreachable',
] as const;
export type Interruption = (typeof INTERRUPTIONS)[number];

export interface FormerName {
  name: string;
  until: string;
}

export interface DeletionFacts {
  kind: 'deletion';
  cost: CostChange;
  at: string;
  cluster: NamedCluster;
  /** What this server has called it otherwise within a day. */
  formerNames?: readonly FormerName[];
  postgresVersion?: string;
  location?: string;
  createdDate?: string;
  size: SizeFacts;
  wayBack: WayBack;
}

export type WayBack =
  | { by: 'unknown' }
  | {
      by: 'none';
      /** ID of the present backup, if it has no base backup yet. */
      baseless?: string;
    }
  | { by: 'backup'; backups: readonly RemainingBackup[] };

export interface RemainingBackup {
  api?: 'v2';
  id: string;
  postgresVersion?: string;
  reach: Reach;
  until?: string;
}

export interface Reach {
  from?: string;
  /** Undefined if it is still active, or unknown. */
  end?: string;
  goesOn?: boolean;
}

export interface RestoreFacts {
  kind: 'restore';
  at: string;
  cluster: NamedCluster;
  /** What this server has called it otherwise within a day. */
  formerNames?: readonly FormerName[];
  lost: Lost;
  interruption: Interruption;
  wayBack: WayBack;
  replay: Replay;
  owner?: OwnerInChange;
}

export type Lost =
  | {
      what: 'all';
      replacedBy?: string;
    }
  | {
      what: 'written-since';
      since?: string;
      /** The latest possible value if `since` is unknown. */
      atLeastSince?: string;
    }
  /** Only what is not in the backup yet. */
  | { what: 'newest' };

export interface Replay {
  backup: { id: string; clusterId?: string; postgresVersion?: string; state?: string };
  reach: Reach;
  /** Without it, everything in the backup. */
  time?: string;
  /** Whether `time` is after the end of the backup; undefined if that is unknown. */
  isLate?: boolean;
  missesNewest: boolean;
  /** Of the cluster, if it is newer than that of the backup. */
  newVersion?: string;
  /** MB, if the content may not fit. */
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
  /** What this server has called it otherwise within a day. */
  formerNames?: readonly FormerName[];
  name: string;
  owner?: string;
  wayBack: WayBack;
  /** Whether an earlier backup may hold older data, although the present one cannot bring it back. */
  hasEarlier?: true;
}

export interface NewUserFacts {
  kind: 'new-user';
  cluster: NamedCluster;
  username: string;
  newPassword?: NewPasswordFile;
}

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
  owns?: readonly string[];
}
