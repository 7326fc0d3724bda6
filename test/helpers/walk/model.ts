import { expect } from 'vitest';
import { type Size, sizeIn } from './costs.ts';

export const SETTLE_MS = 5_000;
export const DAY_MS = 86_400_000;
const KEPT_MS = 7 * DAY_MS;

interface User {
  name: string;
  createdAt: number;
  modifiedAt?: number;
}

interface Database {
  name: string;
  owner: string;
  createdAt: number;
}

export interface Content {
  users: User[];
  databases: Database[];
}

export interface Backup {
  /** Known once it was listed. */
  id?: string;
  clusterId: string;
  version: string;
  location: string;
  storageSize: number;
  createdAt: number;
  readyAt: number;
  endedAt: number;
  contents: [since: number, content: Content][];
}

export interface Connection {
  datacenterId: string;
  lanId: string;
  cidr: string;
}

export interface Properties {
  displayName: string;
  postgresVersion: string;
  location: string;
  backupLocation: string;
  instances: number;
  cores: number;
  ram: number;
  storageSize: number;
  storageType: string;
  connections: Connection[];
  maintenanceWindow: { time: string; dayOfTheWeek: string };
  synchronizationMode: string;
  connectionPooler: { enabled: boolean; poolMode: string };
}

export interface Cluster {
  id: string;
  properties: Properties;
  createdAt: number;
  modifiedAt?: number;
  readyAt: number;
  busyUntil: number;
  goneAt: number;
  backup: Backup;
  /** What it was told by SQL, as its log shows it. */
  statements: [at: number, text: string][];
  sizes: [since: number, size: Partial<Size>][];
}

export const SYSTEM_USERS = ['ionos_cloud_admin', 'postgres', 'standby'];
const EMPTY: Content = { users: [], databases: [] };

export const date = (time: number) => new Date(time).toISOString().replace(/\.\d+/, '');
export const byName = <T extends { name: string }>(things: readonly T[]) =>
  things.toSorted((one, other) => (one.name < other.name ? -1 : 1));

export type Account = ReturnType<typeof createAccount>;

/** What there must be at IONOS, by its documentation and by what the sandbox decided where that is silent. */
export function createAccount(lagMs: number) {
  const clusters: Cluster[] = [];
  const backups: Backup[] = [];

  function begin(
    { id: clusterId, properties }: Pick<Cluster, 'id' | 'properties'>,
    times: Pick<Backup, 'createdAt' | 'readyAt'>,
    content: Content,
  ): Backup {
    const { postgresVersion: version, backupLocation: location, storageSize } = properties;
    const contents: Backup['contents'] = [[times.createdAt, content]];
    const backup = { clusterId, version, location, storageSize, ...times, endedAt: Infinity, contents };
    backups.push(backup);
    return backup;
  }

  function insert(id: string, properties: Properties, createdAt: number, readyAt: number, content = EMPTY): Cluster {
    const backup = begin({ id, properties }, { createdAt, readyAt }, content);
    const times = { createdAt, readyAt, busyUntil: readyAt, goneAt: Infinity };
    const sizes: Cluster['sizes'] = [[createdAt, sizeIn(properties)]];
    const cluster: Cluster = { id, properties, ...times, backup, statements: [], sizes };
    clusters.push(cluster);
    return cluster;
  }

  function write({ backup }: Cluster, content: Content, at: number): void {
    backup.contents.push([at, content]);
  }

  function succeed(cluster: Cluster, content: Content, at: number): void {
    cluster.backup.endedAt = at;
    cluster.backup = begin(cluster, { createdAt: at, readyAt: at + SETTLE_MS }, content);
  }

  return {
    clusters,
    backups,

    /** A settled cluster that was there before, its users and databases each since it was made. */
    adopt(id: string, properties: Properties, createdAt: number, { users, databases }: Content, modifiedAt?: number) {
      const cluster = insert(id, properties, createdAt, createdAt);
      cluster.modifiedAt = modifiedAt;
      const times = new Set([...users, ...databases].map((made) => made.createdAt));
      const until = <T extends User | Database>(made: T[], at: number) => made.filter((one) => one.createdAt <= at);
      for (const at of [...times].sort((a, b) => a - b)) {
        write(cluster, { users: until(users, at), databases: until(databases, at) }, at);
      }
      return cluster;
    },

    present: (now = Date.now()) => clusters.filter(({ goneAt }) => now < goneAt),

    /** As lists show them to a write. */
    listed(now = Date.now()) {
      return this.present(now).flatMap((cluster) => {
        const [, size] = cluster.sizes.findLast(([since]) => since <= now - lagMs) ?? [];
        return size ? [{ cluster, properties: { ...cluster.properties, ...size } }] : [];
      });
    },

    find: (id: string, now = Date.now()) => clusters.find((cluster) => cluster.id === id && now < cluster.goneAt),
    content: ({ backup }: Cluster) => backup.contents.at(-1)?.[1] ?? EMPTY,

    order(id: string, properties: Properties, username: string, recovered: Content | undefined, at: number): void {
      const content = recovered ?? EMPTY;
      const isThere = content.users.some(({ name }) => name === username);
      const cluster = insert(id, properties, at, at + SETTLE_MS, withPassword(content, username, at));
      cluster.statements.push([at + SETTLE_MS, `${isThere ? 'ALTER' : 'CREATE'} ROLE ${quoted(username)} LOGIN`]);
    },

    change(cluster: Cluster, properties: Properties, at: number): void {
      const isUpgrade = properties.postgresVersion !== cluster.properties.postgresVersion;
      Object.assign(cluster, { properties, modifiedAt: at, busyUntil: at + SETTLE_MS });
      cluster.sizes.push([at, sizeIn(properties)]);
      if (isUpgrade) succeed(cluster, this.content(cluster), at);
    },

    remove(cluster: Cluster, at: number): void {
      cluster.goneAt = at + SETTLE_MS;
      cluster.backup.endedAt = at;
    },

    restore(cluster: Cluster, content: Content, at: number): void {
      cluster.busyUntil = at + SETTLE_MS;
      succeed(cluster, content, at);
    },

    setPassword(cluster: Cluster, username: string, at: number): void {
      const content = this.content(cluster);
      const isThere = content.users.some(({ name }) => name === username);
      write(cluster, withPassword(content, username, at), at);
      cluster.busyUntil = at + SETTLE_MS;
      cluster.statements.push([at, `${isThere ? 'ALTER' : 'CREATE'} ROLE ${quoted(username)} LOGIN`]);
    },

    removeUser(cluster: Cluster, username: string, at: number): void {
      const { users, databases } = this.content(cluster);
      write(cluster, { users: users.filter(({ name }) => name !== username), databases }, at);
      cluster.statements.push([at, `DROP ROLE ${quoted(username)}`]);
    },

    addDatabase(cluster: Cluster, name: string, owner: string, at: number): void {
      const { users, databases } = this.content(cluster);
      write(cluster, { users, databases: [...databases, { name, owner, createdAt: at }] }, at);
      cluster.statements.push([at, `CREATE DATABASE ${quoted(name)} OWNER ${quoted(owner)}`]);
    },

    removeDatabase(cluster: Cluster, gone: string, at: number): void {
      const { users, databases } = this.content(cluster);
      write(cluster, { users, databases: databases.filter(({ name }) => name !== gone) }, at);
      cluster.statements.push([at, `DROP DATABASE ${quoted(gone)}`]);
    },
  };
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;

function withPassword({ users, databases }: Content, username: string, at: number): Content {
  const present = users.find(({ name }) => name === username);
  const user = present ? { ...present, modifiedAt: at } : { name: username, createdAt: at };
  return { users: [...users.filter((other) => other !== present), user], databases };
}

export function stateOf({ goneAt, busyUntil }: Cluster, now = Date.now()): string {
  if (goneAt < Infinity) return 'DESTROYING';
  return now < busyUntil ? 'BUSY' : 'AVAILABLE';
}

/** As list_clusters shows it in full; who made it is left out. */
export function clusterRow(cluster: Cluster, now = Date.now()) {
  const { id, properties, createdAt, modifiedAt, readyAt } = cluster;
  return {
    id,
    state: stateOf(cluster, now),
    createdDate: date(createdAt),
    lastModifiedDate: modifiedAt === undefined ? undefined : date(modifiedAt),
    ...properties,
    maintenanceWindow: { ...properties.maintenanceWindow, time: `${properties.maintenanceWindow.time} UTC` },
    dnsName: now < readyAt ? undefined : expect.stringMatching(/^pg-\w{16}\.postgresql\./),
  };
}

export const userRow = ({ name, createdAt, modifiedAt }: User) => ({
  username: name,
  system: false,
  createdDate: date(createdAt),
  lastModifiedDate: modifiedAt === undefined ? undefined : date(modifiedAt),
});

export const databaseRow = ({ name, owner, createdAt }: Database) => ({ name, owner, createdDate: date(createdAt) });

const happened = (at: number, { endedAt }: Backup, now: number) => at <= Math.min(now, endedAt);

/** In the lists from when its cluster is ready until seven days after its end. */
export function isListed(backup: Backup, now = Date.now()): boolean {
  return happened(backup.readyAt, backup, now) && now < backup.endedAt + KEPT_MS;
}

/** In whole seconds; undefined until the first base backup is complete. */
export function earliestOf(backup: Backup, now = Date.now()): number | undefined {
  const firstBase = backup.readyAt + SETTLE_MS;
  if (!happened(firstBase, backup, now)) return undefined;
  return Math.floor(Math.max(firstBase, now - KEPT_MS) / 1000) * 1000;
}

export function sizeOf({ storageSize, createdAt, endedAt }: Backup, now = Date.now()): number {
  const days = (Math.min(now, endedAt) - createdAt) / DAY_MS;
  return Math.floor(Math.min(storageSize / 10 + 8 * days, storageSize / 2));
}

/** `all` holds those of every cluster. */
export function backupRow(backup: Backup, all: readonly Backup[], now = Date.now()) {
  const { id, clusterId, version, location, createdAt, endedAt } = backup;
  const [end] = all
    .filter((other) => other.clusterId === clusterId && isListed(other, now))
    .map((other) => date(other.createdAt))
    .filter((began) => began > date(createdAt))
    .sort();
  const earliest = earliestOf(backup, now);
  return {
    id: id ?? expect.stringMatching(new RegExp(`^${clusterId}-[a-z0-9]{7}-${version}$`)),
    state: 'AVAILABLE',
    createdDate: date(createdAt),
    clusterId,
    version,
    isActive: endedAt === Infinity,
    end: endedAt === Infinity ? undefined : end,
    earliestRecoveryTargetTime: earliest === undefined ? undefined : date(earliest),
    size: sizeOf(backup, now),
    location,
  };
}

/** What the backup held just before a moment, or at its end. */
export function contentBefore({ contents }: Backup, time = Infinity): Content {
  return (contents.findLast(([since]) => since < time) ?? contents[0])?.[1] ?? EMPTY;
}
