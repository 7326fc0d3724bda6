import type { Context } from 'hono';
import { ACCOUNT, type Maker, makerUrn, resourceUrn } from './account.ts';
import type { SandboxCluster } from './cluster-store.ts';
import { idOf } from './ids.ts';
import { page } from './pages.ts';
import { date } from './times.ts';

type Kind = 'user' | 'database';

interface Thing {
  name: string;
  maker: Maker;
  createdAt: number;
  modifiedAt?: number;
}

export function resource<T>(c: Context, cluster: SandboxCluster, kind: Kind, thing: Thing, properties: T) {
  const { name, maker, createdAt, modifiedAt } = thing;
  const path = `clusters/${cluster.id}/${kind}s/${encodeURIComponent(name)}`;
  return {
    type: kind,
    id: idOf(path),
    href: hrefOf(c, path),
    metadata: {
      createdBy: makerUrn(maker),
      ...(maker === 'account' && { createdByUserId: ACCOUNT.id }),
      createdDate: date(createdAt),
      ...(modifiedAt !== undefined && {
        lastModifiedBy: makerUrn('account'),
        lastModifiedByUserId: ACCOUNT.id,
        lastModifiedDate: date(modifiedAt),
      }),
      resourceURN: resourceUrn(cluster.properties.location, path),
    },
    properties,
  };
}

export function collection<T extends Thing>(
  c: Context,
  cluster: SandboxCluster,
  kind: Kind,
  things: readonly T[],
  show: (thing: T) => unknown,
) {
  const path = `clusters/${cluster.id}/${kind}s`;
  const { links, items, ...position } = page(c, things.toSorted(byName));
  return {
    type: 'collection',
    id: idOf(path),
    href: hrefOf(c, path),
    items: items.map(show),
    ...position,
    _links: links,
  };
}

function byName(a: Thing, b: Thing): number {
  return a.name < b.name ? -1 : 1;
}

function hrefOf(c: Context, path: string): string {
  const [base] = c.req.url.split('/clusters/');
  return `${base}/${path}`;
}
