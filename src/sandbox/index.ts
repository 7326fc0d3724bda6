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
  cluster(id: string): SandboxCluster;
  failNext(fault: Fault, times?: number): void;
}

/**
 * Imitates the API in memory. Where the documentation leaves a question open, it is strict:
 *
 * | Open question | Here |
 * |---|---|
 * | A change while BUSY or DESTROYING | 422; the API documents no 409. The same for a restore and every write to users and databases |
 * | DELETE while BUSY | 200; DELETE documents no 422 |
 * | DELETE while DESTROYING | 200 with the same cluster; its end does not move |
 * | The response to PATCH | BUSY, with the new values; AVAILABLE if they are the old ones |
 * | DNS name | missing until the cluster has been AVAILABLE for the first time |
 * | Error codes | 401 "315" and 503 "503" as seen live; for all others the status |
 * | Order of the checks | 401, 404 (path), 405, 415, 400, 404 (cluster, then what is in it), 422: BUSY, each field, the rest |
 * | A value of the wrong type | 422 like any other broken rule; 400 only for invalid JSON |
 * | What a backup must be to fill a cluster | 422, after each field is valid: the same or an older version, with a base backup, no larger than the disk, at least 4096 MB of ram |
 * | Unknown fields | 422 each, except within `metadata` of a cluster, which is ignored |
 * | `null` | keeps the `connections` of a PATCH; 422 everywhere else |
 * | Fixed properties in a PATCH | 422, with the present value too |
 * | Present values of the others | no change, even where the present rules would reject them |
 * | Bounds of storageSize and cores | 2048 to 2,097,152, any step; no maximum of cores |
 * | displayName, location, backupLocation | any non-empty text |
 * | Names of users and databases | 1 to 63 characters, any but control characters; case counts |
 * | Reserved names | users postgres, admin, standby, ionos_cloud_admin; databases postgres, template0, template1: 422 |
 * | An existing user or database | 422; the API documents no 409 |
 * | System users | can be read by name without `system=true`; PATCH and DELETE 422. System databases: 404 |
 * | A PATCH of a user without a password | 422 |
 * | DELETE of a user | 422 while it owns a database; the cluster stays AVAILABLE, as with databases |
 * | An owner | an existing user, created by SQL or not; 422 for the service's own |
 * | A new database | appears in the next list, without lag |
 * | lastModified* of a cluster | changed only by PATCH, not by a restore or by its users |
 * | STRICTLY_SYNCHRONOUS with fewer than 3 instances | accepted: the manual only warns |
 * | Time of the maintenance window | HH:MM:SS, nothing else; Monday 12:15:19 if omitted |
 * | cidr | the address of a host; the blocked networks are those of the contract, not the manual's longer list |
 * | datacenterId, lanId | any non-empty text; digits. Their existence is not checked |
 * | backupId | 422, not 404, if the backup does not exist or is not listed yet |
 * | recoveryTargetTime | from earliestRecoveryTargetTime to now, even past the end of the backup; the newest changes are included at once |
 * | The user of an order who is already in the backup | stays, with the new password |
 * | The cluster during a restore | BUSY, with its new content at once; its backup ends at once, the next begins |
 * | A backup | AVAILABLE, in the lists once its cluster has been AVAILABLE since it began; the first base settleMs later, at most a minute |
 * | The end of a backup | the DELETE, upgrade or restore; it vanishes 7 days later. Until then its window moves on |
 * | /clusters/{id}/backups | 404 as soon as the cluster is gone; /clusters/backups still lists them |
 * | The size of a backup | a tenth of the disk plus 8 MB a day, at most half of the disk |
 * | limit, offset, start, end, direction, system out of bounds | 422, not moved to the nearest |
 * | Lists | oldest first, users and databases by name; `filter.name` before paging; links keep the other parameters |
 * | Logs | both ends of the window included; 30 days to the ms; instances by number, without empty ones |
 * | /infos | one version, with an internal host in its swaggerUrl |
 * | /clusters/{id}/versions | newer ones only; the deprecated /postgresversions adds the present one |
 * | Rate limit | none; faults can produce 429 and Retry-After |
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
