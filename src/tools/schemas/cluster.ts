import * as z from 'zod';
import { labelOf } from '../../text/labels.ts';
import { LONGEST_NAME } from '../../text/same-name.ts';
import { cut } from '../../text/visible.ts';
import { abridged } from './abridged.ts';
import { id } from './arguments.ts';

/** A name can have any length, an answer cannot. */
const MAX_TEXT = 2_000;

const flag = z.boolean().optional().catch(undefined);
export const number = z.number().optional().catch(undefined);
const whole = z.string().optional().catch(undefined);
export const text = z
  .string()
  .transform((value) => cut(value, MAX_TEXT))
  .optional()
  .catch(undefined);

/** The API omits that the time is UTC. Applying this twice changes nothing. */
const utc = z
  .string()
  .transform((value) => (/^\d\d:\d\d(:\d\d)?Z?$/.test(value) ? `${value.replace('Z', '')} UTC` : cut(value, MAX_TEXT)))
  .optional()
  .catch(undefined);

const MAX_DATE = 40;
const DATE = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d+)?)? ?(Z|[+-]\d\d:?\d\d)?)?$/i;

export const date = z
  .string()
  .refine((value) => value.length <= MAX_DATE && DATE.test(value) && !Number.isNaN(Date.parse(value)))
  .optional()
  .catch(undefined);

const MAX_ID = 128;
export const foreignId = z.string().refine((value) => value !== '' && value.length <= MAX_ID);

/** As the API has it: whatever the rest of a cluster is like, it must not hide the others. */
export const anyCluster = z.looseObject({ id: foreignId });
export type AnyCluster = z.output<typeof anyCluster>;

/** Only on clusters of v2. */
export const api = z.literal('v2').optional().catch(undefined).describe("On IONOS's API v2; else v1");

/** The others have the names that they have in the input of update_cluster. */
const MOST_READ = [
  ...['displayName', 'postgresVersion', 'location', 'instances', 'cores', 'ram', 'storageSize', 'storageType'],
  ...['dnsName', 'connections', 'maintenanceWindow', 'username'],
];

/** Only the ID is certain: an unknown, missing or odd value must not hide the rest. */
function shapeOf<Text extends z.ZodType<string | undefined>>(text: Text, time: Text) {
  const metadata = {
    state: text.describe('AVAILABLE: ready; else BUSY, DESTROYING, DEGRADED, FAILED, UNKNOWN'),
    statusMessage: text,
    createdDate: date,
    createdBy: text,
    lastModifiedDate: date,
    lastModifiedBy: text,
  };
  const properties = {
    displayName: text,
    description: text,
    postgresVersion: text,
    location: text,
    instances: number,
    cores: number.describe('Per instance'),
    ram: number.describe('MB per instance'),
    storageSize: number.describe('MB per instance'),
    storageType: text,
    dnsName: text.describe('Host name in the LAN'),
    connections: z
      .array(abridged(z.object({ datacenterId: text, lanId: text, cidr: text })))
      .optional()
      .catch(undefined),
    synchronizationMode: text,
    connectionPooler: abridged(z.object({ enabled: z.boolean().optional().catch(undefined), poolMode: text }))
      .optional()
      .catch(undefined),
    maintenanceWindow: abridged(z.object({ time, dayOfTheWeek: text }), { description: 'UTC' })
      .optional()
      .catch(undefined),
    backupLocation: text,
    backupRetentionDays: number,
    logsEnabled: flag,
    metricsEnabled: flag,
    username: text.describe('First user, on API v2'),
    database: text,
  };
  const cluster = z.object({
    id: foreignId,
    api,
    metadata: abridged(z.object(metadata), { listedKeys: ['state'] })
      .optional()
      .catch(undefined),
    properties: abridged(z.object(properties), { listedKeys: MOST_READ }).optional().catch(undefined),
  });
  return { cluster, row: z.object({ id: z.string(), api, ...metadata, ...properties, state: text }) };
}

export const { cluster, row } = shapeOf(text, utc);
export type Cluster = z.output<typeof cluster>;
export type Row = z.output<typeof row>;

/** Uncut, for decisions: the end of a shortened name is unknown. */
export const { cluster: wholeCluster } = shapeOf(whole, whole);

/** These replace an ID in other paths of the API. */
const LITERALS = ['backups', 'postgresversions'];
export const bareClusterId = id.refine((value) => !LITERALS.includes(value), 'is not the ID of a cluster');

/** A tool sees the ID of the cluster that has the name: named-cluster.ts. */
export const clusterId = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .refine((value) => value.length <= LONGEST_NAME, `must be at most ${LONGEST_NAME} characters long`)
  .refine((value) => !/^".*"$/s.test(value), 'must not be in quotation marks')
  .describe('Name or ID from list_clusters');

const MAX_TYPED = 128;

export function typedFor({ id, properties: { displayName } = {} }: Cluster): string {
  return displayName?.trim() && displayName.length <= MAX_TYPED ? displayName : id;
}

/** Dates alone have whole seconds. dnsName appears without a change. */
export function basisOf({ id, metadata = {}, properties: { dnsName: _, ...properties } = {} }: Cluster) {
  return [id, metadata.lastModifiedDate ?? metadata.createdDate, properties];
}

export function nameOf({ id, properties }: Cluster): string {
  return labelOf({ id, displayName: properties?.displayName });
}
