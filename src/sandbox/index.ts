import { backupRoutes, createBackups } from './backups.ts';
import type { ClusterProperties } from './cluster-properties.ts';
import { type Cluster, clusterRoutes, createClusters } from './clusters.ts';
import { createDatabases, databaseRoutes } from './databases.ts';
import { errorResponse } from './errors.ts';
import { addExamples } from './examples.ts';
import { type Fault, pause, strike } from './faults.ts';
import { infoRoutes } from './infos.ts';
import { logRoutes } from './logs.ts';
import { hasCredential } from './requests.ts';
import { restoreRoutes } from './restores.ts';
import { createApp } from './routes.ts';
import { createUsers, userRoutes } from './users.ts';
import { versionRoutes } from './versions.ts';

export type { Cluster, ClusterProperties, Fault };

export const BASE_PATH = '/databases/postgresql';

export interface SandboxOptions {
  /** Milliseconds since the epoch; default Date.now */
  clock?: () => number;
  /** How long a cluster stays BUSY or DESTROYING, in ms; default 5000 */
  settleMs?: number;
  /** Pause before each answer, in ms; default 0; ends early when the request is aborted */
  latencyMs?: number;
  /** Faults that strike at random, each with its chance; the first that strikes counts */
  faults?: readonly Fault[];
  /** 0..1, default Math.random */
  random?: () => number;
}

export interface Sandbox {
  /** Answers as the API does; rejects as fetch does when a fault breaks the connection or the request is aborted */
  fetch(request: Request): Promise<Response>;
  /** Adds a settled (AVAILABLE) cluster, past all rules; what is left out gets sensible values */
  addCluster(properties?: Partial<ClusterProperties>): Cluster;
  /** A cluster as GET would report it now; throws if there is none */
  cluster(id: string): Cluster;
  /** The next `times` (default 1) requests fail like this, whatever they ask for */
  failNext(fault: Fault, times?: number): void;
}

/**
 * The API from memory. What its documentation leaves open is decided strictly, so that nobody comes to rely on luck:
 *
 * | Open question | Here |
 * |---|---|
 * | A change while BUSY or DESTROYING | 422; the API documents no 409 |
 * | DELETE while BUSY | 200; DELETE documents no 422 |
 * | DELETE while DESTROYING | 200 with the same cluster; its end comes no sooner and no later |
 * | The answer to PATCH | BUSY, with the new values; AVAILABLE if they are the old ones |
 * | DNS name | missing until the cluster has been AVAILABLE for the first time |
 * | Codes of errors | 401 "315" and 503 "503" as seen live; for all others the status |
 * | Order of the checks | 401, 404 (path), 405, 415, 400, 404 (cluster), 422 |
 * | A value of the wrong type | 422 like any other broken rule; 400 only for what is not JSON |
 * | A backup of a newer version than ordered | 422, once every field is in order by itself |
 * | Unknown fields | 422 each, except within `metadata`, which is ignored whole |
 * | `null` | leaves `connections` of a PATCH as they are; 422 everywhere else |
 * | Fixed properties in a PATCH | 422, with the present value too |
 * | Present values of the others | no change, even where today's rules would refuse them |
 * | Bounds of storageSize and cores | 2048 to 2,097,152, any step; no maximum of cores |
 * | displayName, location, backupLocation | any text but none |
 * | Names of users | 1 to 63 characters, any; postgres, admin, standby, ionos_cloud_admin refused |
 * | STRICTLY_SYNCHRONOUS with fewer than 3 instances | accepted: the manual warns, it does not refuse |
 * | Time of the maintenance window | HH:MM:SS, nothing else; Monday 12:15:19 if left out |
 * | cidr | the address of a host; the blocked networks are those of the contract, not the manual's longer list |
 * | datacenterId, lanId, backupId | any text but none; digits; the two shapes in the manual. Whether they exist is not checked |
 * | recoveryTargetTime | not in the future; how far back is not checked |
 * | limit, offset out of bounds | 422, not moved to the nearest |
 * | Lists | oldest order first; `filter.name` before paging; links keep the other parameters |
 * | /clusters/{id}/versions | the newer ones only; the deprecated /postgresversions the present one too |
 * | Rate limit | none; 429 and Retry-After come by faults |
 */
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
  const planned: Fault[] = [];

  const answer = async (request: Request) => (hasCredential(request) ? app.fetch(request) : errorResponse(401));
  const nextFault = () => planned.shift() ?? faults.find(({ chance = 1 }) => random() < chance);

  return {
    async fetch(request) {
      request.signal.throwIfAborted();
      if (latencyMs > 0) await pause(latencyMs, request);
      const fault = nextFault();
      return fault ? strike(fault, request, () => answer(request)) : answer(request);
    },
    addCluster: (properties = {}) => clusters.add(properties),
    cluster: (id) => clusters.read(id),
    failNext: (fault, times = 1) => {
      planned.push(...Array<Fault>(times).fill(fault));
    },
  };
}
