import { backupRoutes, createBackups } from './backups.ts';
import { BILLING_PATH, billingRoutes, contractRoutes } from './billing.ts';
import type { ClusterProperties } from './cluster-properties.ts';
import type { SandboxCluster } from './cluster-store.ts';
import { clusterRoutes, createClusters } from './clusters.ts';
import { createDatabases, databaseRoutes } from './databases.ts';
import { errorResponse } from './errors.ts';
import { addExamples } from './examples.ts';
import { type Fault, pause, strike } from './faults.ts';
import { infoRoutes } from './infos.ts';
import { logRoutes } from './logs.ts';
import { COMPUTE_PATH, networkRoutes } from './networks.ts';
import { DATABASES_PATH, QUOTA_PATH, quotaRoutes, takenBy, takenOnV2 } from './quota.ts';
import { hasCredential } from './requests.ts';
import { restoreRoutes } from './restores.ts';
import { createApp, type SandboxCaller } from './routes.ts';
import { createUsers, userRoutes } from './users.ts';
import { createV2Clusters } from './v2-clusters.ts';
import { addV2Examples } from './v2-examples.ts';
import type { V2Properties } from './v2-properties.ts';
import { v2Routes } from './v2-routes.ts';
import type { V2Given } from './v2-store.ts';
import { versionRoutes } from './versions.ts';

export type { ClusterProperties, Fault, SandboxCluster, V2Properties };

export const BASE_PATH = '/databases/postgresql';

export interface SandboxOptions {
  /** Milliseconds since the epoch; default Date.now */
  clock?: () => number;
  /** How long a cluster stays BUSY or DESTROYING, default 5000 */
  settleMs?: number;
  latencyMs?: number;
  faults?: readonly Fault[];
  /** 0..1, default Math.random */
  random?: () => number;
}

export interface Sandbox {
  /** Rejects as fetch does if a fault breaks the connection or the request is aborted */
  fetch(request: Request): Promise<Response>;
  /** The same for a caller on another machine, who can move no cluster */
  fetchRemotely(request: Request): Promise<Response>;
  /** Adds a settled (AVAILABLE) cluster without validation */
  addCluster(properties?: Partial<ClusterProperties>): SandboxCluster;
  /** The same on version 2 */
  addV2Cluster(properties?: Partial<V2Properties>, given?: V2Given): { id: string };
  /** Moves a cluster from version 1 to version 2; throws if it is not there, or not AVAILABLE */
  migrate(id: string): void;
  /** Throws if there is none */
  cluster(id: string): SandboxCluster;
  failNext(fault: Fault, times?: number): void;
}

/** Imitates the API in memory. docs/sandbox.md lists what it decides where the documentation is silent. */
export function createSandbox(options: SandboxOptions = {}): Sandbox {
  const { clock = Date.now, settleMs = 5000, latencyMs = 0, faults = [], random = Math.random } = options;
  const backups = createBackups(clock, settleMs);
  const clusters = createClusters(clock, settleMs, backups);
  addExamples(clusters, clock());
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
  const v2Clusters = createV2Clusters(clock, settleMs);
  addV2Examples(v2Clusters, clock());
  const migrate = (id: string) => v2Clusters.adopt(clusters.release(id));
  const v2 = createApp('', v2Routes(v2Clusters, migrate));
  const connections = () => [
    ...clusters.list().flatMap(({ properties }) => properties.connections),
    ...v2Clusters.list().map(({ properties }) => properties.connection),
  ];
  const compute = createApp(COMPUTE_PATH, { ...networkRoutes(connections), ...contractRoutes });
  const taken = () => [
    ...clusters.list().map(({ properties: { instances: count, ...each } }) => takenBy({ count, ...each })),
    ...v2Clusters.list().map(({ properties: { instances } }) => takenOnV2(instances)),
  ];
  const databases = createApp(DATABASES_PATH, quotaRoutes(taken));
  const billing = createApp(BILLING_PATH, billingRoutes(clock));
  const planned: Fault[] = [];

  function appFor(request: Request) {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith(`${COMPUTE_PATH}/`)) return compute;
    if (pathname.startsWith(`${BILLING_PATH}/`)) return billing;
    if (pathname === DATABASES_PATH + QUOTA_PATH) return databases;
    return isOfV2(request) ? v2 : app;
  }
  const answer = async (request: Request, caller: SandboxCaller) =>
    hasCredential(request) ? appFor(request).fetch(request, caller) : errorResponse(401);
  const nextFault = () => planned.shift() ?? faults.find(({ chance = 1 }) => random() < chance);

  const fetchAs = (caller: SandboxCaller) => async (request: Request) => {
    request.signal.throwIfAborted();
    if (latencyMs > 0) await pause(latencyMs, request);
    const fault = nextFault();
    return fault ? strike(fault, request, () => answer(request, caller)) : answer(request, caller);
  };

  return {
    fetch: fetchAs({ isRemote: false }),
    fetchRemotely: fetchAs({ isRemote: true }),
    addCluster: (properties = {}) => clusters.add(properties),
    addV2Cluster: v2Clusters.add,
    migrate,
    cluster: (id) => clusters.read(id),
    failNext: (fault, times = 1) => {
      planned.push(...Array<Fault>(times).fill(fault));
    },
  };
}

/** The host of version 1 has nothing of version 2. */
function isOfV2({ url }: Request): boolean {
  const { hostname, pathname } = new URL(url);
  return hostname !== 'api.ionos.com' && !`${pathname}/`.startsWith(`${BASE_PATH}/`);
}
