import { isDeepStrictEqual } from 'node:util';
import { type ClusterProperties, changed, changeRules, DEFAULTS, ordered, orderRules } from './cluster-properties.ts';
import { refuse } from './errors.ts';
import { page } from './pages.ts';
import { readJson } from './requests.ts';
import { clusterId, type Routes } from './routes.ts';
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
}

interface Past {
  id?: string;
  createdAt?: number;
  modifiedAt?: number;
}

export type Clusters = ReturnType<typeof createClusters>;

export function createClusters(now: () => number, settleMs: number) {
  const entries = new Map<string, Entry>();
  const order = orderRules(now);

  function present(): Map<string, Entry> {
    for (const [id, { goneAt }] of entries) if (now() >= goneAt) entries.delete(id);
    return entries;
  }

  function find(id: string): Entry {
    return present().get(id) ?? refuse(404, 'the cluster does not exist');
  }

  function insert(properties: ClusterProperties, readyAt: number, past: Past = {}): Entry {
    const { id = crypto.randomUUID(), createdAt = now(), modifiedAt } = past;
    const { location, dnsName = dnsNameOf(id, location) } = properties;
    const named = { ...structuredClone(properties), dnsName };
    const entry = { id, properties: named, createdAt, modifiedAt, readyAt, busyUntil: readyAt, goneAt: Infinity };
    entries.set(id, entry);
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
    add: (properties: Partial<ClusterProperties>, past?: Past) =>
      show(insert({ ...DEFAULTS, ...properties }, now(), past)),

    list: () => [...present().values()].map((entry) => show(entry)),

    read: (id: string) => show(find(id)),

    order(body: unknown): Cluster {
      const { properties } = check(order, body);
      return show(insert(ordered(properties), now() + settleMs), 'BUSY');
    },

    change(id: string, body: unknown): Cluster {
      const entry = find(id);
      const state = stateOf(entry);
      if (state !== 'AVAILABLE') refuse(422, `the cluster is ${state}; it can be changed only while it is AVAILABLE`);
      const { properties: change = {} } = check(changeRules(entry.properties), body);
      const properties = changed(entry.properties, change);
      if (isDeepStrictEqual(properties, entry.properties)) return show(entry);
      Object.assign(entry, { properties, modifiedAt: now(), busyUntil: now() + settleMs });
      return show(entry, 'BUSY');
    },

    remove(id: string): Cluster {
      const entry = find(id);
      entry.goneAt = Math.min(entry.goneAt, now() + settleMs);
      return show(entry);
    },
  };
}

/** All credentials are let in, so that there is but one account. */
const ACCOUNT = { name: 'sandbox@example.com', id: '1f0c8f0a-3a41-4f0e-9a55-6f1f5b0f7f10' };

function date(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+/, '');
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
