import * as z from 'zod';
import { args, id } from './arguments.ts';
import { cidrProblem, isDoubtful } from './cidr.ts';
import { moment } from './moment.ts';

// No bound may reject what the service accepts. Where sources disagree, the loosest bound applies, and the service's
// own 422
// does the rest.

const nameOrId = z.string().trim().min(1).max(200);

const connection = args({
  datacenterId: nameOrId.describe('ID or exact name, from list_network_options'),
  lanId: z.string().min(1).describe('Private LAN in it, e.g. "2"'),
  cidr: z
    .string()
    .superRefine((cidr, context) => {
      const problem = cidrProblem(cidr);
      if (problem) context.addIssue({ code: 'custom', message: problem });
    })
    .optional()
    .describe('IPv4 address for the cluster in the LAN, e.g. 192.168.1.5/24; default a free one'),
});

const megabytes = (example: string) => (issue: { code: string }) =>
  issue.code === 'too_small' ? `must be at least 2048. The unit is MB: ${example}` : undefined;

const MB: Readonly<Record<string, number>> = { m: 1, g: 1024, t: 1024 * 1024 };

/** For a text such as "200 GB". */
function inMegabytes({ input }: { input?: unknown }): string | undefined {
  const [, amount, unit = ''] = (typeof input === 'string' && /^(\d{1,7}) ?([mgt])i?b?$/i.exec(input.trim())) || [];
  const size = MB[unit.toLowerCase()];
  if (amount === undefined || size === undefined) return undefined;
  return `must be a number. The unit is MB: ${JSON.stringify(input)} is ${Number(amount) * size}`;
}

export const sizing = {
  instances: z.number().int().min(1).max(5).describe('One primary, the rest standbys'),
  cores: z.number().int().min(1).describe('CPU cores per instance, e.g. 2'),
  ram: z
    .number({ error: inMegabytes })
    .int()
    .min(2048, { error: megabytes('4 GB is 4096') })
    .multipleOf(1024, 'must be a multiple of 1024 (MB in whole GB): 4096, 5120, …')
    .describe('MB per instance; less than 4096 may be refused'),
  storageSize: z
    .number({ error: inMegabytes })
    .int()
    .min(2048, { error: megabytes('20 GB is 20480') })
    .describe('MB per instance, e.g. 20480'),
};

export const displayName = z
  .string()
  .min(1, 'must not be empty')
  .describe('Any name, e.g. "orders"; need not be unique');
export const postgresVersion = z.string().min(1).describe('Major version from list_postgres_versions, e.g. "16"');

export const synchronizationMode = z
  .enum(['ASYNCHRONOUS', 'STRICTLY_SYNCHRONOUS'])
  .describe('STRICTLY_SYNCHRONOUS loses no commit but needs 3 instances');

export const storageType = z
  .enum(['HDD', 'SSD', 'SSD Standard', 'SSD Premium'])
  .describe('SSD is an old name for SSD Premium');

/** Optional, and only for clusters of API v2. */
export const onV2 = {
  description: z.string().optional().describe('Free text; API v2 only'),
  backupRetentionDays: z.number().int().optional().describe('Days that backups are kept, 1 to 365; API v2 only'),
  logsEnabled: z.boolean().optional().describe("true sends logs to IONOS's Logging Service; API v2 only"),
  metricsEnabled: z.boolean().optional().describe('true sends metrics to its Monitoring Service; API v2 only'),
};

export const connections = z.array(connection);

/** Why an argument is refused for a cluster that exists. */
export const IMMUTABLE = 'cannot be changed after creation';

const time = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?( ?UTC|Z)?$/, 'must be a UTC time HH:MM:SS, like 03:30:00')
  .transform((value) => value.replace(/ ?UTC$|Z$/, '').replace(/^(\d\d:\d\d)$/, '$1:00'));

export const maintenanceWindow = args({
  time: time.describe('HH:MM:SS'),
  dayOfTheWeek: z
    .enum(['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'])
    .describe('Day it starts'),
}).describe('Start of the weekly four hours for restarts, in UTC');

export const connectionPooler = args({
  enabled: z.boolean().optional().describe('true turns it on'),
  poolMode: z.enum(['transaction', 'session']).optional().describe('Usually transaction'),
}).describe('PgBouncer on port 6432');

export const recoveryTargetTime = moment
  .optional()
  .describe('Replay up to this time: ISO 8601, or an age such as -45m; default all');

export const fromBackup = args({
  backupId: id
    .optional()
    .describe('From list_backups, of the same or an older major version; default the active one of copyOf'),
  recoveryTargetTime,
}).describe('Backup to fill it from');

export interface Sized {
  instances?: unknown;
  ram?: number;
  storageSize?: number;
  synchronizationMode?: string;
  connections?: readonly { datacenterId?: string; lanId?: string; cidr?: string }[];
}

const NEEDS_THREE = 'needs at least 3 instances; with fewer the database can become read-only';

function hasTooFew({ synchronizationMode, instances }: Sized): boolean {
  return synchronizationMode === 'STRICTLY_SYNCHRONOUS' && typeof instances === 'number' && instances < 3;
}

/** Of an order whose values are all settled. */
export const instanceProblems = (order: Sized): string[] =>
  hasTooFew(order) ? [`synchronizationMode (STRICTLY_SYNCHRONOUS): ${NEEDS_THREE}`] : [];

export function withEnoughInstances<Order extends z.ZodObject>(order: Order): Order {
  return order.refine((given) => !hasTooFew(given), {
    path: ['synchronizationMode'],
    error: NEEDS_THREE,
    when: () => true,
  });
}

/** The service may accept these although some source says otherwise. */
export type Warning =
  | { about: 'ram' | 'storageSize' }
  | { about: 'synchronizationMode'; instances: unknown }
  | { about: 'cidr'; cidr: string };

/** On API v2 the bounds are others, and refuse. */
export function warningsOf(asked: Sized, then: Sized = {}, api?: 'v2'): Warning[] {
  const { ram, storageSize, connections = [] } = asked;
  const onV1: (Warning | false)[] = [
    ram !== undefined && ram < 4096 && { about: 'ram' },
    storageSize !== undefined && storageSize > 2_097_152 && { about: 'storageSize' },
    ...connections.map(({ cidr = '' }) => isDoubtful(cidr) && { about: 'cidr' as const, cidr }),
  ];
  const warnings = [
    ...(api === undefined ? onV1 : []),
    hasTooFew(then) && { about: 'synchronizationMode' as const, instances: then.instances },
  ];
  return warnings.filter((warning) => warning !== false);
}

export function warningWords(warning: Warning): string {
  switch (warning.about) {
    case 'ram':
      return 'IONOS may refuse less than 4096 MB of ram.';
    case 'storageSize':
      return 'The API documents a maximum storageSize of 2097152 MB.';
    case 'synchronizationMode':
      return `STRICTLY_SYNCHRONOUS with ${warning.instances} instances: it ${NEEDS_THREE}.`;
    case 'cidr':
      return `${warning.cidr} is in 10.208.0.0/12 or 192.168.230.0/24, which IONOS's manual (not the API) lists as blocked.`;
  }
}
