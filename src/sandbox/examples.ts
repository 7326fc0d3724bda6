import type { ExamplePrices } from './billing.ts';
import type { ClusterProperties } from './cluster-properties.ts';
import type { Clusters } from './clusters.ts';
import { type Content, EMPTY } from './content.ts';
import type { Maker } from './contracts.ts';
import type { ExampleDatacenter } from './networks.ts';
import type { ExampleQuota } from './quota.ts';
import { DAY, type Timeline } from './times.ts';
import type { V2Clusters } from './v2/clusters.ts';
import type { V2Properties } from './v2/properties.ts';

interface Made {
  name: string;
  owner?: string;
  daysAgo: number;
  maker?: Maker;
}

interface Example {
  id: string;
  backupWord: string;
  createdDaysAgo: number;
  modifiedDaysAgo?: number;
  properties: Partial<ClusterProperties>;
  content: Made[];
}

interface V2Example {
  id: string;
  region: string;
  createdDaysAgo: number;
  properties: Partial<V2Properties>;
}

/** What a contract has at the start. The IDs are fixed because the documentation names them. */
export interface Examples {
  clusters: readonly Example[];
  v2Clusters: readonly V2Example[];
  datacenters: readonly ExampleDatacenter[];
  prices: ExamplePrices;
  quota: ExampleQuota;
}

export function addExamples(clusters: Clusters, examples: Examples['clusters'], now: number): void {
  const daysAgo = (days: number) => now - days * DAY;
  for (const { createdDaysAgo, modifiedDaysAgo, properties, content, ...ids } of examples) {
    clusters.add(properties, {
      ...ids,
      createdAt: daysAgo(createdDaysAgo),
      modifiedAt: modifiedDaysAgo === undefined ? undefined : daysAgo(modifiedDaysAgo),
      contents: growth(content, daysAgo),
    });
  }
}

export function addV2Examples(clusters: V2Clusters, examples: Examples['v2Clusters'], now: number): void {
  for (const { createdDaysAgo, properties, ...given } of examples) {
    clusters.add(properties, { ...given, createdAt: now - createdDaysAgo * DAY });
  }
}

function growth(made: Made[], timeOf: (daysAgo: number) => number): Timeline<Content> {
  let content = EMPTY;
  return made.map(({ name, owner, daysAgo, maker = 'account' }) => {
    const one = { name, maker, createdAt: timeOf(daysAgo) };
    const { users, databases } = content;
    content = owner ? { users, databases: [...databases, { ...one, owner }] } : { databases, users: [...users, one] };
    return [one.createdAt, content];
  });
}
