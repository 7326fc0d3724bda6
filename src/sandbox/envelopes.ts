import type { Context } from 'hono';
import type { SandboxCluster } from './cluster-store.ts';
import { type Maker, makerUrn, resourceUrn } from './contracts.ts';
import { idOf } from './ids.ts';
import { page } from './pages.ts';
import { contractOf } from './routes.ts';
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
  const contract = contractOf(c);
  const path = `clusters/${cluster.id}/${kind}s/${encodeURIComponent(name)}`;
  return {
    type: kind,
    id: idOf(path),
    href: hrefOf(c, path),
    metadata: {
      createdBy: makerUrn(contract, maker),
      ...(maker === 'account' && { createdByUserId: contract.owner.id }),
      createdDate: date(createdAt),
      ...(modifiedAt !== undefined && {
        lastModifiedBy: makerUrn(contract, 'account'),
        lastModifiedByUserId: contract.owner.id,
        lastModifiedDate: date(modifiedAt),
      }),
      resourceURN: resourceUrn(contract, cluster.properties.location, path),
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
