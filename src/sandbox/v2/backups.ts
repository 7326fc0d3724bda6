import { createReach, type Span } from '../backup-reach.ts';
import { refuse } from '../errors.ts';
import { idOf } from '../ids.ts';
import { DAY, date } from '../times.ts';
import type { V2Properties } from './properties.ts';

/** A cluster of version 2, whose retention is that of its backups, even when it is gone. */
interface Owner {
  id: string;
  region: string;
  properties: V2Properties;
}

export interface V2Backup extends Span {
  id: string;
  cluster: Owner;
  version: string;
}

const FIELD = 'restoreFromBackup';

export function createV2Backups(now: () => number, settleMs: number) {
  const backups = new Map<string, V2Backup>();
  const { isListed, isGone, earliest } = createReach(now, settleMs);

  function listed(): V2Backup[] {
    for (const [id, backup] of backups) if (isGone(backup)) backups.delete(id);
    return [...backups.values()].filter(isListed);
  }

  function show(backup: V2Backup) {
    const { id, cluster, version, endedAt } = backup;
    const from = earliest(backup);
    return {
      id,
      type: 'backup',
      metadata: {},
      properties: {
        clusterId: cluster.id,
        postgresClusterVersion: version,
        isActive: endedAt === Infinity,
        ...(from !== undefined && { earliestRecoveryTargetTime: date(from) }),
        latestRecoveryTargetTime: endedAt === Infinity ? null : date(endedAt),
        location: cluster.properties.backup.location,
      },
    };
  }

  function reaches(backup: V2Backup, moment: string): boolean {
    const from = earliest(backup);
    const at = Date.parse(moment);
    return from !== undefined && at >= from && at <= Math.min(now(), backup.endedAt);
  }

  return {
    /** The ID of a cluster's first backup is the same at every start. */
    begin(cluster: Owner, { createdAt, readyAt }: Pick<Span, 'createdAt' | 'readyAt'>): V2Backup {
      const first = idOf(`backups/${cluster.id}`);
      const id = backups.has(first) ? crypto.randomUUID() : first;
      const backup = {
        id,
        cluster,
        version: cluster.properties.version,
        createdAt,
        readyAt,
        endedAt: Infinity,
        get keptFor() {
          return cluster.properties.backup.retentionDays * DAY;
        },
      };
      backups.set(id, backup);
      return backup;
    },

    end(backup: V2Backup): void {
      backup.endedAt = Math.min(backup.endedAt, now());
    },

    list: (region?: string) =>
      listed()
        .filter(({ cluster }) => isIn(cluster, region))
        .map(show),

    /** Refuses what an order cannot be filled from. */
    mustFill({ sourceBackupId, recoveryTargetDatetime }: Source, version: string, region?: string): void {
      const found = listed().find(({ id, cluster }) => id === sourceBackupId && isIn(cluster, region));
      const backup = found ?? refuse(422, `${FIELD}.sourceBackupId must be the ID of a backup of this region`);
      const isTooNew = Number(backup.version) > Number(version);
      if (isTooNew) refuse(422, `${FIELD}.sourceBackupId must be a backup of the same or an older version`);
      if (earliest(backup) === undefined) refuse(422, `${FIELD}.sourceBackupId must be a backup with a first base`);
      if (recoveryTargetDatetime !== undefined && !reaches(backup, recoveryTargetDatetime)) refuse(422, OUT_OF_REACH);
    },

    /** Refuses a moment that none of the cluster's own backups has. */
    mustReach(cluster: Owner, moment: string): void {
      const isWithin = listed().some((backup) => backup.cluster === cluster && reaches(backup, moment));
      if (!isWithin) refuse(422, OUT_OF_REACH);
    },
  };
}

/** Without a region, all are meant. */
const isIn = ({ region }: Owner, wanted = region) => region === wanted;

interface Source {
  sourceBackupId: string;
  recoveryTargetDatetime?: string;
}

const OUT_OF_REACH =
  `${FIELD}.recoveryTargetDatetime must be from the earliestRecoveryTargetTime ` +
  'to the latestRecoveryTargetTime of the backup';
