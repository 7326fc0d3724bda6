import * as z from 'zod';
import { createReach, pastTime, type Span } from './backup-reach.ts';
import { type Content, EMPTY } from './content.ts';
import { refuse } from './errors.ts';
import { word } from './ids.ts';
import { page } from './pages.ts';
import { clusterId, type Routes } from './routes.ts';
import { before, DAY, date, latest, type Timeline } from './times.ts';

export interface StoredBackup extends Span {
  id: string;
  clusterId: string;
  version: string;
  location: string;
  /** MB; the cluster's when the backup began */
  storageSize: number;
  contents: Timeline<Content>;
}

interface Begun
  extends Pick<StoredBackup, 'clusterId' | 'version' | 'location' | 'storageSize' | 'createdAt' | 'readyAt'> {
  word?: string;
}

interface Target {
  postgresVersion: string;
  storageSize: number;
  ram: number;
}

export const sourceRules = (now: () => number) =>
  z.strictObject({
    backupId: z.string().min(1),
    recoveryTargetTime: pastTime(now).optional(),
  });

export type Source = z.infer<ReturnType<typeof sourceRules>>;

const KEPT = 7 * DAY;

export type Backups = ReturnType<typeof createBackups>;

export function createBackups(now: () => number, settleMs: number) {
  const backups = new Map<string, StoredBackup>();
  const { isListed, isGone, earliest } = createReach(now, settleMs);

  function listed(): StoredBackup[] {
    for (const [id, backup] of backups) if (isGone(backup)) backups.delete(id);
    return [...backups.values()].filter(isListed);
  }

  function size({ storageSize, createdAt, endedAt }: StoredBackup): number {
    const days = (Math.min(now(), endedAt) - createdAt) / DAY;
    return Math.floor(Math.min(storageSize / 10 + 8 * days, storageSize / 2));
  }

  function show(backup: StoredBackup) {
    const { id, clusterId, version, location, createdAt, endedAt } = backup;
    const from = earliest(backup);
    return {
      type: 'backup',
      id,
      metadata: { createdDate: date(createdAt), state: 'AVAILABLE' },
      properties: {
        clusterId,
        version,
        isActive: endedAt === Infinity,
        ...(from !== undefined && { earliestRecoveryTargetTime: date(from) }),
        size: size(backup),
        location,
      },
    };
  }

  function obstacles(backup: StoredBackup, { recoveryTargetTime }: Source, target: Target, field: string): string[] {
    const from = earliest(backup);
    const isTooEarly = recoveryTargetTime !== undefined && from !== undefined && Date.parse(recoveryTargetTime) < from;
    const rules: [isBroken: boolean, complaint: string][] = [
      [
        Number(backup.version) > Number(target.postgresVersion),
        'backupId must be a backup of the same or an older version of PostgreSQL',
      ],
      [from === undefined, 'backupId must be a backup whose first base backup is complete'],
      [size(backup) > target.storageSize, 'backupId must be a backup that fits into the storageSize of the cluster'],
      [target.ram < 4096, 'backupId can be restored only into a cluster with a ram of at least 4096'],
      [isTooEarly, 'recoveryTargetTime must not be before the earliestRecoveryTargetTime of the backup'],
    ];
    return rules.filter(([isBroken]) => isBroken).map(([, complaint]) => field + complaint);
  }

  return {
    begin({ word: given = word(crypto.randomUUID()), ...begun }: Begun, content: Content = EMPTY): StoredBackup {
      const id = `${begun.clusterId}-${given}-${begun.version}`;
      const contents: Timeline<Content> = [[begun.createdAt, content]];
      const backup = { ...begun, id, endedAt: Infinity, keptFor: KEPT, contents };
      backups.set(id, backup);
      return backup;
    },

    write(backup: StoredBackup, content: Content, at = now()): void {
      backup.contents.push([at, content]);
      const isOver = ([, next]: Timeline<Content>) => next !== undefined && next[0] <= at - KEPT;
      while (isOver(backup.contents)) backup.contents.shift();
    },

    end(backup: StoredBackup): void {
      backup.endedAt = Math.min(backup.endedAt, now());
    },

    list: (clusterId?: string) =>
      listed()
        .filter((backup) => clusterId === undefined || backup.clusterId === clusterId)
        .map(show),

    read: (id: string) => show(listed().find((backup) => backup.id === id) ?? refuse(404, 'the backup does not exist')),

    recover(source: Source, target: Target, field = ''): Content {
      const found = listed().find(({ id }) => id === source.backupId);
      const backup = found ?? refuse(422, `${field}backupId must be the ID of a backup`);
      const complaints = obstacles(backup, source, target, field);
      if (complaints.length > 0) refuse(422, ...complaints);
      const { recoveryTargetTime } = source;
      return recoveryTargetTime ? before(backup.contents, Date.parse(recoveryTargetTime)) : latest(backup.contents);
    },
  };
}

export function backupRoutes(backups: Backups, mustExist: (clusterId: string) => unknown): Routes {
  return {
    '/clusters/backups': {
      GET: (c) => c.json({ type: 'collection', id: 'backups', ...page(c, backups.list()) }),
    },
    '/clusters/backups/:backupId': {
      GET: (c) => c.json(backups.read(c.req.param('backupId') ?? '')),
    },
    '/clusters/:clusterId/backups': {
      GET: (c) => {
        const id = clusterId(c);
        mustExist(id);
        return c.json({ type: 'collection', id: `${id}/backups`, ...page(c, backups.list(id)) });
      },
    },
  };
}
