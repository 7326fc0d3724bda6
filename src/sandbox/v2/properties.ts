/** What API v2 has of a cluster; ram and storageSize in GB. */
export interface V2Properties {
  name: string;
  description?: string;
  version: string;
  instances: { count: number; cores: number; ram: number; storageSize: number };
  connection: { datacenterId: string; lanId: string; primaryInstanceAddress: string };
  maintenanceWindow: { time: string; dayOfTheWeek: string };
  replicationMode: string;
  connectionPooler: string;
  logsEnabled: boolean;
  metricsEnabled: boolean;
  backup: { location: string; retentionDays: number };
  /** Missing for a cluster that came from version 1. */
  credentials?: { username: string; database: string };
  /** Of the last order or change. */
  restoreFromBackup?: { sourceBackupId?: string; recoveryTargetDatetime?: string };
}

export const DEFAULTS: V2Properties = {
  name: 'cluster',
  version: '17',
  instances: { count: 1, cores: 2, ram: 4, storageSize: 20 },
  connection: {
    datacenterId: '6e1f4b0d-93a7-4c28-8d15-70b2f9ce3a46',
    lanId: '2',
    primaryInstanceAddress: '192.168.1.100/24',
  },
  maintenanceWindow: { time: '12:15:19', dayOfTheWeek: 'Monday' },
  replicationMode: 'ASYNCHRONOUS',
  connectionPooler: 'DISABLED',
  logsEnabled: false,
  metricsEnabled: false,
  backup: { location: 'eu-central-3', retentionDays: 7 },
};

export const BACKUP_LOCATIONS = ['eu-central-3', 'eu-central-4', 'us-central-1'] as const;

interface Written extends Omit<V2Properties, 'credentials'> {
  credentials?: { username: string; password: string; database: string };
}

/** As they are read: never with the password. `known` are the credentials of before. */
export function stored({ credentials, ...properties }: Written, known?: V2Properties['credentials']): V2Properties {
  if (!credentials) return { ...properties, credentials: known };
  const { username, database } = credentials;
  return { ...properties, credentials: { username, database } };
}
