import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { sourceRules } from './backups.ts';
import { cidr } from './cidr.ts';
import { userName } from './content.ts';
import { OFFERED_VERSIONS } from './versions.ts';

export interface Connection {
  datacenterId: string;
  lanId: string;
  cidr: string;
}

export interface ClusterProperties {
  displayName: string;
  postgresVersion: string;
  location: string;
  dnsName?: string;
  backupLocation: string;
  instances: number;
  cores: number;
  /** MB */
  ram: number;
  /** MB */
  storageSize: number;
  storageType: 'HDD' | 'SSD' | 'SSD Standard' | 'SSD Premium';
  /** Empty once the cluster is detached */
  connections: Connection[];
  maintenanceWindow: { time: string; dayOfTheWeek: (typeof DAYS)[number] };
  synchronizationMode: 'ASYNCHRONOUS' | 'SYNCHRONOUS' | 'STRICTLY_SYNCHRONOUS';
  connectionPooler: { enabled: boolean; poolMode: 'transaction' | 'session' };
}

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;

const connection = z.strictObject({
  datacenterId: z.string().min(1),
  lanId: z.string().regex(/^\d+$/, 'must be the number of a LAN, as a string'),
  cidr,
});

export const maintenanceWindow = z.strictObject({
  time: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/, 'must be a time of day as HH:MM:SS'),
  dayOfTheWeek: z.enum(DAYS),
});

const credentials = z.strictObject({ username: userName, password: z.string().min(10) });

const displayName = z.string().min(1);
const postgresVersion = z.enum(OFFERED_VERSIONS);
const instances = z.int().min(1).max(5);
const cores = z.int().min(1);
const ram = z.int().min(4096).multipleOf(1024);
const storageSize = z.int().min(2048).max(2_097_152);
const synchronizationMode = z.enum(['ASYNCHRONOUS', 'STRICTLY_SYNCHRONOUS']);
const connectionPooler = z.strictObject({
  enabled: z.boolean().optional(),
  poolMode: z.enum(['transaction', 'session']).optional(),
});

/** `metadata` is ignored. */
export const bodyOf = <T extends z.ZodType>(properties: T) =>
  z.strictObject({ metadata: z.unknown().optional(), properties });

const orderedProperties = (now: () => number) =>
  z.strictObject({
    displayName,
    postgresVersion,
    location: z.string().min(1),
    backupLocation: z.string().min(1).optional(),
    instances,
    cores,
    ram,
    storageSize,
    storageType: z.enum(['HDD', 'SSD', 'SSD Standard', 'SSD Premium']),
    connections: z.array(connection).length(1),
    maintenanceWindow: maintenanceWindow.optional(),
    credentials,
    synchronizationMode,
    fromBackup: sourceRules(now).optional(),
    connectionPooler: connectionPooler.optional(),
  });

export const orderRules = (now: () => number) => bodyOf(orderedProperties(now));

export type ClusterOrder = z.infer<ReturnType<typeof orderedProperties>>;

const fixed = z.never('cannot be changed').optional();
const FIXED = {
  location: fixed,
  backupLocation: fixed,
  storageType: fixed,
  credentials: fixed,
  fromBackup: fixed,
  dnsName: fixed,
};

export const changeRules = (present: ClusterProperties) =>
  bodyOf(z.preprocess((properties) => withoutRepetitions(properties, present), changedProperties(present)).optional());

const changedProperties = (present: ClusterProperties) =>
  z.strictObject({
    displayName: displayName.optional(),
    postgresVersion: postgresVersion
      .refine((version) => Number(version) > Number(present.postgresVersion), 'cannot be lowered')
      .optional(),
    instances: instances.optional(),
    cores: cores.optional(),
    ram: ram.optional(),
    storageSize: storageSize.refine((size) => size > present.storageSize, 'cannot be lowered').optional(),
    connections: z.array(connection).max(1).nullish(),
    maintenanceWindow: maintenanceWindow.optional(),
    synchronizationMode: synchronizationMode.optional(),
    connectionPooler: connectionPooler.optional(),
    ...FIXED,
  });

export type ClusterPatch = z.infer<ReturnType<typeof changedProperties>>;

/** Repeating a current value is no change, even if the rules now forbid it. */
function withoutRepetitions(properties: unknown, present: ClusterProperties): unknown {
  if (typeof properties !== 'object' || properties === null || Array.isArray(properties)) return properties;
  const before = new Map<string, unknown>(Object.entries(present));
  const isRepetition = ([name, value]: [string, unknown]) =>
    before.has(name) && !(name in FIXED) && isDeepStrictEqual(value, before.get(name));
  return Object.fromEntries(Object.entries(properties).filter((entry) => !isRepetition(entry)));
}

export const DEFAULTS: ClusterProperties = {
  displayName: 'cluster',
  postgresVersion: '16',
  location: 'de/txl',
  backupLocation: 'eu-central-2',
  instances: 1,
  cores: 2,
  ram: 4096,
  storageSize: 20_480,
  storageType: 'SSD Premium',
  connections: [{ datacenterId: '6e1f4b0d-93a7-4c28-8d15-70b2f9ce3a46', lanId: '2', cidr: '192.168.1.100/24' }],
  maintenanceWindow: { time: '12:15:19', dayOfTheWeek: 'Monday' },
  synchronizationMode: 'ASYNCHRONOUS',
  connectionPooler: { enabled: false, poolMode: 'transaction' },
};

/** No response shows credentials or the backup. */
export function ordered({
  connectionPooler,
  ...order
}: Omit<ClusterOrder, 'credentials' | 'fromBackup'>): ClusterProperties {
  return {
    ...DEFAULTS,
    ...order,
    // The API reports de/fra for an order in de/fra/2, known defect DB-4824.
    location: order.location === 'de/fra/2' ? 'de/fra' : order.location,
    connectionPooler: { ...DEFAULTS.connectionPooler, ...connectionPooler },
  };
}

export function changed(present: ClusterProperties, change: ClusterPatch): ClusterProperties {
  const { connections, connectionPooler, ...others } = change;
  return {
    ...present,
    ...others,
    connections: connections ?? present.connections,
    connectionPooler: { ...present.connectionPooler, ...connectionPooler },
  };
}
