import { backupRoutes, createBackups } from './backups.ts';
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
import { hasCredential } from './requests.ts';
import { restoreRoutes } from './restores.ts';
import { createApp } from './routes.ts';
import { createUsers, userRoutes } from './users.ts';
import { versionRoutes } from './versions.ts';

export type { ClusterProperties, Fault, SandboxCluster };

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
  /** Adds a settled (AVAILABLE) cluster without validation */
  addCluster(properties?: Partial<ClusterProperties>): SandboxCluster;
  /** Throws if there is none */
  cluster(id: string): SandboxCluster;
  failNext(fault: Fault, times?: number): void;
}

/**
 * Imitates the API in memory. It decides strictly what the documentation leaves open:
 *
 * | Open question | Here |
 * |---|---|
 * | A change while BUSY or DESTROYING | 422; the API documents no 409. So too a restore and every write to users and databases |
 * | DELETE while BUSY | 200; DELETE documents no 422 |
 * | DELETE while DESTROYING | 200 with the same cluster; its end comes no sooner and no later |
 * | The answer to PATCH | BUSY, with the new values; AVAILABLE if they are the old ones |
 * | DNS name | missing until the cluster has been AVAILABLE for the first time |
 * | Codes of errors | 401 "315" and 503 "503" as seen live; for all others the status |
 * | Order of the checks | 401, 404 (path), 405, 415, 400, 404 (cluster, then what is in it), 422: BUSY, each field, the rest |
 * | A value of the wrong type | 422 like any other broken rule; 400 only for what is not JSON |
 * | What a backup must be to fill a cluster | 422, once every field is in order by itself: of the same or an older version, with a base, no larger than the disk, for at least 4096 MB of ram |
 * | Unknown fields | 422 each, except within `metadata` of a cluster, which is ignored whole |
 * | `null` | leaves `connections` of a PATCH as they are; 422 everywhere else |
 * | Fixed properties in a PATCH | 422, with the present value too |
 * | Present values of the others | no change, even where today's rules would refuse them |
 * | Bounds of storageSize and cores | 2048 to 2,097,152, any step; no maximum of cores |
 * | displayName, location, backupLocation | any text but none |
 * | Names of users and databases | 1 to 63 characters, any but control characters; case counts |
 * | Names that are taken | users postgres, admin, standby, ionos_cloud_admin; databases postgres, template0, template1: 422 |
 * | A user or database that exists already | 422; the API documents no 409 |
 * | System users | can be read by name without `system=true`; PATCH and DELETE 422. System databases: 404 |
 * | A PATCH of a user without a password | 422 |
 * | DELETE of a user | 422 while it owns a database; the cluster stays AVAILABLE, as with databases |
 * | An owner | a user who is there, made by SQL or not; 422 for those of the service |
 * | A new database | is in the next list; no lag |
 * | lastModified* of a cluster | by PATCH alone, not by a restore or its users |
 * | STRICTLY_SYNCHRONOUS with fewer than 3 instances | accepted: the manual warns, it does not refuse |
 * | Time of the maintenance window | HH:MM:SS, nothing else; Monday 12:15:19 if left out |
 * | cidr | the address of a host; the blocked networks are those of the contract, not the manual's longer list |
 * | datacenterId, lanId | any text but none; digits. Whether they exist is not checked |
 * | backupId | 422, not 404, if there is no such backup, or none yet in the lists |
 * | recoveryTargetTime | from earliestRecoveryTargetTime to now, even past the end of the backup; newest changes are there at once |
 * | The user of an order that the backup has already | stays, with the new password |
 * | The cluster during a restore | BUSY, with its new content at once; its backup ends at once, the next begins |
 * | A backup | AVAILABLE, in the lists once its cluster has been AVAILABLE since it began; the first base settleMs later, at most a minute |
 * | The end of a backup | the DELETE, upgrade or restore; it vanishes 7 days later. Until then its window moves on |
 * | /clusters/{id}/backups | 404 as soon as the cluster is gone; /clusters/backups has them still |
 * | The size of a backup | a tenth of the disk and 8 MB more each day, half of the disk at most |
 * | limit, offset, start, end, direction, system out of bounds | 422, not moved to the nearest |
 * | Lists | oldest first, users and databases by name; `filter.name` before paging; links keep the other parameters |
 * | Logs | both ends of the window included; 30 days to the ms; instances by number, without those that have no line |
 * | /infos | one version, the host of its swaggerUrl an internal one |
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
  const compute = createApp(COMPUTE_PATH, networkRoutes(clusters));
  const planned: Fault[] = [];

  const appFor = ({ url }: Request) => (new URL(url).pathname.startsWith(`${COMPUTE_PATH}/`) ? compute : app);
  const answer = async (request: Request) =>
    hasCredential(request) ? appFor(request).fetch(request) : errorResponse(401);
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
