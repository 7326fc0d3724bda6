import * as z from 'zod';
import { InputError } from '../../../errors.ts';
import { type ApiClient, path } from '../../client.ts';
import type { V1 } from '../v1.ts';
import type { Changing, Ordering } from './port.ts';
import type { BackupSource, Wish } from './wish.ts';

/** What v1 has no place for. */
const ON_V2_ALONE = ['description', 'backupRetentionDays', 'logsEnabled', 'metricsEnabled'] as const;
const OWNER_ON_V1 = 'credentials: cannot be changed with the cluster; update_user sets the password of a user';

const DATABASE_ON_V1 = 'credentials.database: only an order on API v2 makes one; on v1 create_database does';

/** Of an order that names none. */
export const STORAGE_ON_V1 = 'SSD Standard';

const onV2AloneProblems = (wanted: Wish) =>
  ON_V2_ALONE.filter((name) => wanted[name] !== undefined).map(
    (name) => `${name}: only clusters on API v2 have it, and this one is on v1`,
  );

const refusalOf = ({ api }: BackupSource) =>
  api === undefined ? undefined : 'is a backup on API v2; only clusters on API v2 can be filled from it';

export function v1Ordering(api: ApiClient, reads: V1): Ordering {
  return {
    api: 'v1',
    async complete(order) {
      const { credentials: { database } = {} } = order;
      const problems = [...onV2AloneProblems(order), ...(database === undefined ? [] : [DATABASE_ON_V1])];
      if (problems.length > 0) throw new InputError(problems);
      return order.storageType === undefined ? { ...order, storageType: STORAGE_ON_V1 } : order;
    },
    databaseOf: () => undefined,
    versions: () => reads.versions('either'),
    refusalOf,
    create: (properties, response) => api.post('clusters', { body: { properties }, response }),
  };
}

export function v1Changing(api: ApiClient): Changing {
  return {
    endangersUser: false,
    problems: (wanted) => [...onV2AloneProblems(wanted), ...(wanted.credentials ? [OWNER_ON_V1] : [])],
    refusalOf,
    change: (clusterId, properties, { response }) =>
      api.patch(path`clusters/${clusterId}`, { body: { properties }, response }),
    delete: (clusterId, response) => api.delete(path`clusters/${clusterId}`, { response }),
    async restore(clusterId, recovery) {
      await api.post(path`clusters/${clusterId}/restore`, { body: recovery, response: z.unknown() });
    },
  };
}
