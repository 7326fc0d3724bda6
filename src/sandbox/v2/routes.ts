import type { Context } from 'hono';
import { refuse } from '../errors.ts';
import { idOf } from '../ids.ts';
import { readJson } from '../requests.ts';
import { clusterId, type Routes, type SandboxCaller } from '../routes.ts';
import { newerVersions, OFFERED_VERSIONS } from '../versions.ts';
import type { V2Clusters } from './clusters.ts';
import { BACKUP_LOCATIONS } from './properties.ts';

const HOST = /^postgresql\.([a-z]{2}-[a-z]{3})\./;

/** For a configuration file, which has an address for each region: one host can serve all of them. */
const IN_REGION = '/:region{[a-z]{2}-[a-z]{3}}';

/** Undefined where neither the host nor the path names one: then all of them answer. */
const regionOf = (c: Context) => HOST.exec(new URL(c.req.url).hostname)?.[1] ?? c.req.param('region');

const STATUS: Record<string, string> = { '17': 'RECOMMENDED', '14': 'DEPRECATED' };

export function v2Routes(clusters: V2Clusters, migrate: (id: string) => void): Routes {
  const routes = routesOf(clusters, migrate);
  const inRegion = Object.entries(routes).map(([path, handlers]) => [IN_REGION + path, handlers]);
  return { ...routes, ...Object.fromEntries(inRegion) };
}

function routesOf(clusters: V2Clusters, migrate: (id: string) => void): Routes {
  return {
    '/clusters': {
      GET: (c) => {
        const [name, state] = [c.req.query('filter.name')?.toLowerCase() ?? '', c.req.query('filter.state')];
        const all = clusters.list(regionOf(c)).filter(({ metadata, properties }) => {
          return properties.name.toLowerCase().includes(name) && (state === undefined || metadata.state === state);
        });
        return c.json(pageOf(c, 'clusters', all));
      },
      POST: async (c) => {
        const cluster = clusters.order(await readJson(c), regionOf(c));
        return c.json(withHref(c, 'clusters', cluster), 201);
      },
    },
    '/clusters/:clusterId': {
      GET: (c) => c.json(withHref(c, 'clusters', clusters.read(clusterId(c), regionOf(c)))),
      PUT: async (c) => {
        const { isNew, cluster } = clusters.put(clusterId(c), await readJson(c), regionOf(c));
        return c.json(withHref(c, 'clusters', cluster), isNew ? 201 : 200);
      },
      DELETE: (c) => {
        clusters.remove(clusterId(c), regionOf(c));
        return c.body(null, 202);
      },
    },
    '/backups': {
      GET: (c) => {
        const id = c.req.query('filter.clusterId');
        const all = clusters.backups(regionOf(c));
        return c.json(
          pageOf(
            c,
            'backups',
            all.filter(({ properties }) => id === undefined || properties.clusterId === id),
          ),
        );
      },
    },
    '/backups/:backupId': {
      GET: (c) => c.json(one(c, 'backups', clusters.backups(regionOf(c)), c.req.param('backupId'))),
    },
    '/backup-locations': { GET: (c) => c.json(pageOf(c, 'backup-locations', LOCATIONS)) },
    '/backup-locations/:locationId': {
      GET: (c) => c.json(one(c, 'backup-locations', LOCATIONS, c.req.param('locationId'))),
    },
    '/versions': { GET: (c) => c.json(pageOf(c, 'versions', VERSIONS)) },
    '/versions/:versionId': { GET: (c) => c.json(one(c, 'versions', VERSIONS, c.req.param('versionId'))) },
    '/sandbox/migrate': {
      POST: async (c) => {
        const { isRemote }: SandboxCaller = c.env;
        if (isRemote) refuse(403, 'only callers on the same machine can move clusters');
        const { clusterId: id }: { clusterId?: unknown } = Object(await c.req.json().catch(() => undefined));
        if (typeof id !== 'string') refuse(400, 'the body must be {"clusterId": "…"}');
        migrate(id);
        return c.json(withHref(c, 'clusters', clusters.read(id)));
      },
    },
  };
}

interface Resource {
  id: string;
}

const named = (kind: string, name: string, properties: object) => ({
  id: idOf(`v2/${kind}/${name}`),
  type: kind,
  metadata: {},
  properties,
});

const LOCATIONS = BACKUP_LOCATIONS.map((location) => named('backup-location', location, { location }));
const VERSIONS = OFFERED_VERSIONS.map((version) => {
  const status = STATUS[version] ?? 'SUPPORTED';
  return named('version', version, { version, status, canUpgradeTo: newerVersions(version) });
});

function withHref<T extends Resource>(c: Context, kind: string, resource: T) {
  const region = c.req.param('region');
  const root = new URL(c.req.url).origin + (region === undefined ? '' : `/${region}`);
  return { ...resource, href: `${root}/${kind}/${resource.id}` };
}

function one<T extends Resource>(c: Context, kind: string, all: readonly T[], id?: string) {
  return withHref(c, kind, all.find((each) => each.id === id) ?? refuse(404, `there is none in ${kind} of this ID`));
}

/** Without a total, and with a link to a next page even beyond the last, as the service has been seen to do. */
function pageOf<T extends Resource>(c: Context, kind: string, all: readonly T[]) {
  const limit = position(c, 'limit', 100, 1);
  const offset = position(c, 'offset', 0, 0);
  const link = (start: number) => {
    const url = new URL(c.req.url);
    url.searchParams.set('offset', String(start));
    url.searchParams.set('limit', String(limit));
    return url.href;
  };
  return {
    id: idOf(`v2/${kind}`),
    type: 'collection',
    href: new URL(c.req.url).href,
    items: all.slice(offset, offset + limit).map((each) => withHref(c, kind, each)),
    offset,
    limit,
    _links: {
      ...(offset > 0 && { prev: link(Math.max(0, offset - limit)) }),
      self: link(offset),
      next: link(offset + limit),
    },
  };
}

function position(c: Context, name: string, preset: number, min: number): number {
  const given = c.req.query(name);
  if (given === undefined) return preset;
  const isWhole = /^\d+$/.test(given) && Number(given) >= min && Number(given) <= 1_000_000;
  return isWhole ? Number(given) : refuse(400, `${name} must be a whole number, ${min} or more`);
}
