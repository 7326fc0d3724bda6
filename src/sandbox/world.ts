import { backupRoutes, createBackups } from './backups.ts';
import { BILLING_PATH, billingRoutes, contractRoutes } from './billing.ts';
import { clusterRoutes, createClusters } from './clusters.ts';
import type { Contract } from './contracts.ts';
import { createDatabases, databaseRoutes } from './databases.ts';
import { lab } from './examples/lab.ts';
import { shop } from './examples/shop.ts';
import { addExamples, addV2Examples, type Examples } from './examples.ts';
import { infoRoutes } from './infos.ts';
import { logRoutes } from './logs.ts';
import { COMPUTE_PATH, networkRoutes } from './networks.ts';
import { DATABASES_PATH, QUOTA_PATH, quotaRoutes, takenBy, takenOnV2 } from './quota.ts';
import { restoreRoutes } from './restores.ts';
import { createApp, type SandboxCaller } from './routes.ts';
import { createUsers, userRoutes } from './users.ts';
import { createV2Clusters } from './v2/clusters.ts';
import { v2Routes } from './v2/routes.ts';
import { versionRoutes } from './versions.ts';

export const BASE_PATH = '/databases/postgresql';

interface WorldOptions {
  clock(): number;
  settleMs: number;
  /** From when on the examples are as old as they say. */
  startedAt: number;
}

export type World = ReturnType<typeof createWorld>;

const EXAMPLES: Record<Contract['name'], Examples> = { shop, lab };

/** All that a contract has, and the APIs that show it. */
export function createWorld(contract: Contract, { clock, settleMs, startedAt }: WorldOptions) {
  const examples = EXAMPLES[contract.name];
  const backups = createBackups(clock, settleMs);
  const clusters = createClusters(contract, clock, settleMs, backups);
  addExamples(clusters, examples.clusters, startedAt);
  const app = createApp(BASE_PATH, {
    ...versionRoutes((id) => clusters.read(id).properties.postgresVersion),
    ...clusterRoutes(clusters),
    ...backupRoutes(backups, clusters.read),
    ...restoreRoutes(clusters),
    ...userRoutes(createUsers(clusters, clock), clusters),
    ...databaseRoutes(createDatabases(clusters, clock), clusters),
    ...logRoutes(clusters, clock),
    ...infoRoutes,
  });
  const locationOf = (datacenterId: string) => examples.datacenters.find(({ id }) => id === datacenterId)?.location;
  const v2Clusters = createV2Clusters({ contract, now: clock, settleMs, locationOf });
  addV2Examples(v2Clusters, examples.v2Clusters, startedAt);
  const migrate = (id: string) => v2Clusters.adopt(clusters.release(id));
  const v2 = createApp('', v2Routes(v2Clusters, migrate));
  const connections = () => [
    ...clusters.list().flatMap(({ properties }) => properties.connections),
    ...v2Clusters.list().map(({ properties }) => properties.connection),
  ];
  const compute = createApp(COMPUTE_PATH, {
    ...networkRoutes(examples.datacenters, connections),
    ...contractRoutes,
  });
  const taken = () => [
    ...clusters.list().map(({ properties: { instances: count, ...each } }) => takenBy({ count, ...each })),
    ...v2Clusters.list().map(({ properties: { instances } }) => takenOnV2(instances)),
  ];
  const databases = createApp(DATABASES_PATH, quotaRoutes(examples.quota, taken));
  const billing = createApp(BILLING_PATH, billingRoutes(examples.prices, clock));

  function appFor(request: Request) {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith(`${COMPUTE_PATH}/`)) return compute;
    if (pathname.startsWith(`${BILLING_PATH}/`)) return billing;
    if (pathname === DATABASES_PATH + QUOTA_PATH) return databases;
    return isOfV2(request) ? v2 : app;
  }

  return {
    clusters,
    v2Clusters,
    migrate,
    fetch: (request: Request, caller: Omit<SandboxCaller, 'contract'>) =>
      appFor(request).fetch(request, { ...caller, contract }),
  };
}

/** The host of version 1 has nothing of version 2. */
function isOfV2({ url }: Request): boolean {
  const { hostname, pathname } = new URL(url);
  return hostname !== 'api.ionos.com' && !`${pathname}/`.startsWith(`${BASE_PATH}/`);
}
