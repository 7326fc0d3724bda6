import * as z from 'zod';
import { pastTime } from '../backup-reach.ts';
import { cidrOnV2 } from '../cidr.ts';
import { bodyOf, maintenanceWindow } from '../cluster-properties.ts';
import { databaseName, userName } from '../content.ts';
import { newerVersions, OFFERED_VERSIONS } from '../versions.ts';
import { BACKUP_LOCATIONS, type V2Properties } from './properties.ts';

const NAME = /^[A-Za-z0-9]$|^[A-Za-z0-9][A-Za-z0-9._-]*[A-Za-z0-9]$/;
const WORD = /^\w+$/;
const NOT_A_WORD = 'must have letters, digits and underscores alone';
const PASSWORD_KINDS = [/[a-z]/, /[A-Z]/, /\d/, /[@$!%*?&]/];

const instances = z.strictObject({
  count: z.int().min(1).max(5),
  cores: z.int().min(1).max(62),
  ram: z.int().min(4).max(240),
  storageSize: z.int().min(10).max(4096),
});

const connection = z.strictObject({
  datacenterId: z.guid(),
  lanId: z.string().regex(/^\d+$/, 'must be the number of a LAN, as a string'),
  primaryInstanceAddress: cidrOnV2,
});

const credentials = z.strictObject({
  username: userName.max(16).regex(WORD, NOT_A_WORD),
  password: z
    .string()
    .min(8)
    .refine(
      (text) => PASSWORD_KINDS.every((kind) => kind.test(text)),
      'must have a lower-case letter, a capital, a digit and one of @$!%*?&',
    ),
  database: databaseName.regex(WORD, NOT_A_WORD),
});

const retentionDays = z.int().min(1).max(365);

const shared = {
  name: z
    .string()
    .min(1)
    .max(63)
    .regex(
      NAME,
      'must have letters, digits, dots, underscores and hyphens alone, and begin and end with a letter or digit',
    ),
  description: z.string().optional(),
  connection,
  maintenanceWindow,
  replicationMode: z.enum(['ASYNCHRONOUS', 'STRICTLY_SYNCHRONOUS']),
  connectionPooler: z.enum(['DISABLED', 'TRANSACTION', 'SESSION']).default('DISABLED'),
  logsEnabled: z.boolean().default(false),
  metricsEnabled: z.boolean().default(false),
};

function hasEnoughInstances({ replicationMode, instances }: Pick<V2Properties, 'replicationMode' | 'instances'>) {
  return replicationMode !== 'STRICTLY_SYNCHRONOUS' || instances.count >= 3;
}
const TOO_FEW = { path: ['replicationMode'], message: 'must be ASYNCHRONOUS with fewer than 3 instances' };

const orderedProperties = (now: () => number) =>
  z
    .strictObject({
      ...shared,
      version: z.enum(OFFERED_VERSIONS),
      instances,
      backup: z.strictObject({ location: z.enum(BACKUP_LOCATIONS), retentionDays }),
      credentials,
      restoreFromBackup: z
        .strictObject({ sourceBackupId: z.guid(), recoveryTargetDatetime: pastTime(now).optional() })
        .optional(),
    })
    .refine(hasEnoughInstances, TOO_FEW);

export type V2Order = z.infer<ReturnType<typeof orderedProperties>>;

export const orderRules = (now: () => number) => bodyOf(orderedProperties(now));

/** What a PUT creates is an order, credentials included. */
export const createRules = (id: string, now: () => number) => orderRules(now).extend({ id: idRule(id) });

/** What is left out gets its default: nothing is taken over from `present` but credentials. */
export const replaceRules = (id: string, present: V2Properties, now: () => number) =>
  bodyOf(replacedProperties(present, now)).extend({ id: idRule(id) });

const replacedProperties = (present: V2Properties, now: () => number) => {
  const versions = [present.version, ...newerVersions(present.version)];
  const { location } = present.backup;
  return z
    .strictObject({
      ...shared,
      version: z.enum(versions),
      instances: instances.extend({
        storageSize: instances.shape.storageSize.refine(
          (size) => size >= present.instances.storageSize,
          'cannot be lowered',
        ),
      }),
      backup: z.strictObject({
        location: z.string().refine((given) => given === location, `cannot be changed from ${location}`),
        retentionDays,
      }),
      credentials: credentials.optional(),
      restoreFromBackup: z.strictObject({ recoveryTargetDatetime: pastTime(now) }).optional(),
    })
    .refine(hasEnoughInstances, TOO_FEW);
};

const idRule = (id: string) => z.guid({ abort: true }).refine((given) => given === id, 'must be the ID in the path');
