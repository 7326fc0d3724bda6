import * as z from 'zod';
import { ApiError, InputError, UnseenError } from '../../errors.ts';
import { isSameId } from '../../text/ids.ts';
import { shortened } from '../../text/labels.ts';
import { backupsInstead, KEPT } from '../finding/missing.ts';
import type { Context } from '../tool.ts';
import { id } from './arguments.ts';
import { api, date, foreignId, number, text } from './cluster.ts';
import { aboutId } from './identity.ts';

const metadata = {
  state: text,
  createdDate: date.describe('When it began; the API does not report when its last base backup was taken'),
};
const properties = {
  clusterId: text,
  version: text.describe('PostgreSQL major version'),
  isActive: z.boolean().optional().catch(undefined).describe('A cluster still writes to it'),
  earliestRecoveryTargetTime: date.describe('Missing until a first base backup is complete'),
  size: number.describe('MB'),
  location: text,
};

export const backup = z.object({
  id: foreignId,
  api,
  metadata: z.object(metadata).optional().catch(undefined),
  properties: z
    // v2 tells the end.
    .object({ ...properties, latestRecoveryTargetTime: date })
    .optional()
    .catch(undefined),
});
export type Backup = z.output<typeof backup>;

export const backupRow = z.object({
  id: z.string(),
  api,
  ...metadata,
  end: text.describe('Once inactive: when the next backup of its cluster began'),
  ...properties,
});

export function toBackupRow(backup: Backup, siblings?: readonly Backup[]): z.output<typeof backupRow> {
  const { id, api, metadata, properties = {} } = backup;
  const { clusterId, version, isActive, earliestRecoveryTargetTime, size, location } = properties;
  const own = siblings?.filter((other) => isSameId(other.properties?.clusterId, clusterId));
  const end = isActive === false ? endOf(backup, own) : undefined;
  return {
    id,
    ...(api && { api }),
    clusterId,
    version,
    isActive,
    earliestRecoveryTargetTime,
    end,
    size,
    location,
    ...metadata,
  };
}

/** A backup that is not active ended when the next one of its cluster began. */
export function endOf({ id, metadata, properties }: Backup, siblings: readonly Backup[] = []): string | undefined {
  if (properties?.latestRecoveryTargetTime !== undefined) return properties.latestRecoveryTargetTime;
  const began = Date.parse(metadata?.createdDate ?? '');
  const [end] = siblings
    .filter((other) => other.id !== id)
    .flatMap((other) => other.metadata?.createdDate ?? [])
    .filter((date) => Date.parse(date) > began)
    .sort((one, other) => Date.parse(one) - Date.parse(other));
  return end;
}

export const backupId = id.describe('From list_backups');

export async function readBackup(backupId: string, at: string, context: Context): Promise<Backup> {
  try {
    return aboutId(await context.clusters.backup(backupId, backup), backupId);
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404)) throw error;
    const instead = (await backupsInstead(backupId, context)) ?? 'See list_backups';
    const what = error instanceof UnseenError ? error.message : `does not exist; ${KEPT}`;
    throw new InputError([`${at} (${shortened(backupId)}): ${what}. ${instead}`]);
  }
}
