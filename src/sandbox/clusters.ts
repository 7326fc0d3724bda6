import { isDeepStrictEqual } from 'node:util';
import { ACCOUNT } from './account.ts';
import { type Backup, type Backups, sourceRules } from './backups.ts';
import { type ClusterProperties, changed, changeRules, DEFAULTS, ordered, orderRules } from './cluster-properties.ts';
import { type Content, EMPTY, withPassword } from './content.ts';
import { refuse } from './errors.ts';
import { createHistory, type History } from './history.ts';
import { page } from './pages.ts';
import { readJson } from './requests.ts';
import { clusterId, type Routes } from './routes.ts';
import { date, latest, type Timeline } from './times.ts';
import { check } from './validation.ts';

export interface Cluster {
  type: 'cluster';
  id: string;
  metadata: {
    createdDate: string;
    createdBy: string;
    createdByUserId: string;
    lastModifiedDate?: string;
    lastModifiedBy?: string;
    lastModifiedByUserId?: string;
    state: State;
  };
  properties: ClusterProperties;
}

type State = 'AVAILABLE' | 'BUSY' | 'DESTROYING';

/** Times are milliseconds since the epoch. The state follows from them and the clock, so that nothing has to tick. */
interface Entry {
  id: string;
  properties: ClusterProperties;
  createdAt: number;
  modifiedAt?: number;
  /** The end of its creation, from when on it has a DNS name */
  readyAt: number;
  busyUntil: number;
  /** The end of its removal */
  goneAt: number;
  /** The one it writes to; its latest content is the cluster's */
  backup: Backup;
  history: History;
}

interface Past {
  id?: string;
  createdAt?: number;
  modifiedAt?: number;
  backupWord?: string;
  contents?: Timeline<Content>;
}

export type Clusters = ReturnType<typeof createClusters>;

export function createClusters(now: () => number, settleMs: number, backups: Backups) {
  const entries = new Map<string, Entry>();
  const order = orderRules(now);
  const source = sourceRules(now);

  function present(): Map<string, Entry> {
    for (const [id, { goneAt }] of entries) if (now() >= goneAt) entries.delete(id);
    return entries;
  }

  function find(id: string): Entry {
    return present().get(id) ?? refuse(404, 'the cluster does not exist');
  }

  function insert(properties: ClusterProperties, settlesIn: number, content: Content, past: Past = {}): Entry {
    const { id = crypto.randomUUID(), createdAt = now(), modifiedAt, backupWord } = past;
    const { location, dnsName = dnsNameOf(id, location) } = properties;
    const named = { ...structuredClone(properties), dnsName };
    const readyAt = createdAt + settlesIn;
    const entry: Entry = {
      id,
      properties: named,
      createdAt,
      modifiedAt,
      readyAt,
      busyUntil: readyAt,
      goneAt: Infinity,
      backup: backups.begin({ ...begun(id, named), createdAt, readyAt, word: backupWord }, content),
      history: createHistory(named, readyAt),
    };
    entries.set(id, entry);
    return entry;
  }

  function write(entry: Entry, content: Content, at = now()): void {
    entry.history.altered(at, latest(entry.backup.contents), content);
    backups.write(entry.backup, content, at);
  }

  /** A new backup begins, with what the cluster then holds. */
  function succeed(entry: Entry, content: Content): void {
    backups.end(entry.backup);
    const times = { createdAt: now(), readyAt: now() + settleMs };
    entry.backup = backups.begin({ ...begun(entry.id, entry.properties), ...times }, content);
  }

  function changeable(id: string): Entry {
    const entry = find(id);
    const state = stateOf(entry);
    if (state !== 'AVAILABLE') refuse(422, `the cluster is ${state}; it can be changed only while it is AVAILABLE`);
    return entry;
  }

  function stateOf({ goneAt, busyUntil }: Entry): State {
    if (goneAt < Infinity) return 'DESTROYING';
    return now() < busyUntil ? 'BUSY' : 'AVAILABLE';
  }

  function show(entry: Entry, state = stateOf(entry)): Cluster {
    const { dnsName, ...properties } = structuredClone(entry.properties);
    return {
      type: 'cluster',
      id: entry.id,
      metadata: {
        createdDate: date(entry.createdAt),
        createdBy: ACCOUNT.name,
        createdByUserId: ACCOUNT.id,
        ...(entry.modifiedAt !== undefined && {
          lastModifiedDate: date(entry.modifiedAt),
          lastModifiedBy: ACCOUNT.name,
          lastModifiedByUserId: ACCOUNT.id,
        }),
        state,
      },
      properties: now() < entry.readyAt ? properties : { ...properties, dnsName },
    };
  }

  return {
    /** Puts a settled cluster there, past all rules */
    add(properties: Partial<ClusterProperties>, past: Past = {}): Cluster {
      const entry = insert({ ...DEFAULTS, ...properties }, 0, EMPTY, past);
      for (const [at, content] of past.contents ?? []) write(entry, content, at);
      return show(entry);
    },

    list: () => [...present().values()].map((entry) => show(entry)),

    read: (id: string) => show(find(id)),

    /** Its users and databases */
    content: (id: string) => latest(find(id).backup.contents),

    /** The same of a cluster that takes changes; any other is refused */
    changeableContent: (id: string) => latest(changeable(id).backup.contents),

    write: (id: string, content: Content) => write(find(id), content),

    settle(id: string): void {
      find(id).busyUntil = now() + settleMs;
    },

    /** What its instances logged, and when which of them ran */
    history: (id: string) => find(id).history,

    order(body: unknown): Cluster {
      const { credentials, fromBackup, ...properties } = check(order, body).properties;
      const recovered = fromBackup ? backups.recover(fromBackup, properties, 'fromBackup.') : EMPTY;
      const content = withPassword(recovered, credentials.username, now());
      const entry = insert(ordered(properties), settleMs, content);
      entry.history.altered(entry.readyAt, recovered, content);
      return show(entry, 'BUSY');
    },

    change(id: string, body: unknown): Cluster {
      const entry = changeable(id);
      const { properties: old } = entry;
      const { properties: change = {} } = check(changeRules(old), body);
      const properties = changed(old, change);
      if (isDeepStrictEqual(properties, old)) return show(entry);
      Object.assign(entry, { properties, modifiedAt: now(), busyUntil: now() + settleMs });
      entry.history.reshaped(now(), entry.busyUntil, old, properties);
      if (properties.postgresVersion !== old.postgresVersion) succeed(entry, latest(entry.backup.contents));
      return show(entry, 'BUSY');
    },

    restore(id: string, body: unknown): void {
      const entry = changeable(id);
      const from = check(source, body);
      const content = backups.recover(from, entry.properties);
      entry.busyUntil = now() + settleMs;
      entry.history.restored(now(), entry.busyUntil, entry.properties, from.recoveryTargetTime);
      succeed(entry, content);
    },

    remove(id: string): Cluster {
      const entry = find(id);
      if (entry.goneAt === Infinity) {
        entry.goneAt = now() + settleMs;
        backups.end(entry.backup);
        entry.history.removed(now());
      }
      return show(entry);
    },
  };
}

function begun(
  clusterId: string,
  { postgresVersion: version, backupLocation: location, storageSize }: ClusterProperties,
) {
  return { clusterId, version, location, storageSize };
}

function dnsNameOf(id: string, location: string): string {
  const region = location.toLowerCase().split('/').slice(0, 2).join('-');
  return `pg-${id.replaceAll('-', '').slice(0, 16)}.postgresql.${region}.ionos.com`;
}

export function clusterRoutes(clusters: Clusters): Routes {
  return {
    '/clusters': {
      GET: (c) => {
        const found = named(clusters.list(), c.req.query('filter.name') ?? '');
        return c.json({ type: 'collection', id: 'clusters', ...page(c, found) });
      },
      POST: async (c) => c.json(clusters.order(await readJson(c))),
    },
    '/clusters/:clusterId': {
      GET: (c) => c.json(clusters.read(clusterId(c))),
      PATCH: async (c) => c.json(clusters.change(clusterId(c), await readJson(c))),
      DELETE: (c) => c.json(clusters.remove(clusterId(c))),
    },
  };
}

function named(clusters: Cluster[], part: string): Cluster[] {
  return clusters.filter(({ properties }) => properties.displayName.toLowerCase().includes(part.toLowerCase()));
}
