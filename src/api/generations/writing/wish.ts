/** What a cluster is wanted to be, in v1's names, with what v2 alone has; ram and storageSize in MB. */
export interface Wish {
  displayName?: string;
  description?: string;
  postgresVersion?: string;
  location?: string;
  instances?: number;
  cores?: number;
  ram?: number;
  storageSize?: number;
  storageType?: string;
  connections?: readonly WishedConnection[];
  synchronizationMode?: string;
  connectionPooler?: { enabled?: boolean; poolMode?: string };
  maintenanceWindow?: { time?: string; dayOfTheWeek?: string };
  backupLocation?: string;
  backupRetentionDays?: number;
  logsEnabled?: boolean;
  metricsEnabled?: boolean;
  credentials?: Owner;
  fromBackup?: Recovery;
}

export interface WishedConnection {
  datacenterId?: string;
  lanId?: string;
  cidr?: string;
}

/** The first user of a cluster, and on v2 the database that is made for it. */
export interface Owner {
  username?: string;
  password?: string;
  database?: string;
}

export interface Recovery {
  backupId: string;
  /** ISO 8601; without it, everything in the backup. */
  recoveryTargetTime?: string;
}

/** What a plan knows of the backup that it restores from. */
export interface BackupSource {
  api?: 'v2';
  clusterId?: string;
  isActive?: boolean;
}
