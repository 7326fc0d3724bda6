import { isDeepStrictEqual } from 'node:util';
import { type Backups, sourceRules } from './backups.ts';
import { type ClusterProperties, changed, changeRules, DEFAULTS, ordered, orderRules } from './cluster-properties.ts';
import { createClusterStore, type Past, type SandboxCluster } from './cluster-store.ts';
import { type Content, EMPTY, withPassword } from './content.ts';
import type { Contract } from './contracts.ts';
import { page } from './pages.ts';
import { readJson } from './requests.ts';
import { clusterId, type Routes } from './routes.ts';
import { latest } from './times.ts';
import { check } from './validation.ts';

export type Clusters = ReturnType<typeof createClusters>;

export function createClusters(contract: Contract, now: () => number, settleMs: number, backups: Backups) {
  const store = createClusterStore(contract, now, settleMs, backups);
  const { all, find, forget, insert, write, succeed, changeable, show } = store;
  const order = orderRules(now);
  const source = sourceRules(now);

  return {
    add(properties: Partial<ClusterProperties>, past: Past = {}): SandboxCluster {
      const entry = insert({ ...DEFAULTS, ...properties }, 0, EMPTY, past);
      for (const [at, content] of past.contents ?? []) write(entry, content, at);
      return show(entry);
    },

    list: () => all().map((entry) => show(entry)),

    read: (id: string) => show(find(id)),

    content: (id: string) => latest(find(id).backup.contents),

    changeableContent: (id: string) => latest(changeable(id).backup.contents),

    write: (id: string, content: Content) => write(find(id), content),

    settle(id: string): void {
      find(id).busyUntil = now() + settleMs;
    },

    history: (id: string) => find(id).history,

    order(body: unknown): SandboxCluster {
      const { credentials, fromBackup, ...properties } = check(order, body).properties;
      const recovered = fromBackup ? backups.recover(fromBackup, properties, 'fromBackup.') : EMPTY;
      const content = withPassword(recovered, credentials.username, now());
      const entry = insert(ordered(properties), settleMs, content);
      entry.history.altered(entry.readyAt, recovered, content);
      return show(entry, 'BUSY');
    },

    change(id: string, body: unknown): SandboxCluster {
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

    /** The cluster, which this API no longer has; its backup ends. */
    release(id: string): SandboxCluster {
      const entry = changeable(id);
      const shown = show(entry);
      backups.end(entry.backup);
      forget(id);
      return shown;
    },

    remove(id: string): SandboxCluster {
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

function named(clusters: SandboxCluster[], part: string): SandboxCluster[] {
  return clusters.filter(({ properties }) => properties.displayName.toLowerCase().includes(part.toLowerCase()));
}
