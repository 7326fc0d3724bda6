import * as z from 'zod';
import { NoSuchIdError, UnseenError } from '../../errors.ts';
import { idKey } from '../../text/ids.ts';
import { path } from '../client.ts';
import { createFinder, isGone, isRegion, notFound, type Sources, unseenWords } from './finding.ts';
import { createLists, versionsOf } from './lists.ts';
import type { ClusterList } from './port.ts';
import { type Region, v2Of } from './regions.ts';
import { createClusterWrites } from './writing/index.ts';
import type { ClusterPort } from './writing/port.ts';

/** Clusters of both generations as if there was one. One that answers on both is v1's, which can do more. */
export function createJoined({ v1, regions, leavesOutRegions, homes, asking, ...writing }: JoinedOptions): ClusterPort {
  const lists = createLists({ v1, regions, homes, asking });
  const { cluster, backup, following, locate, homeOf } = createFinder({
    ...{ v1, regions, leavesOutRegions, homes, asking },
  });

  return {
    ...createClusterWrites({ ...writing, v1: v1 && { api: v1.api, reads: v1 }, regions, asking, homeOf }),
    cluster,
    following,
    asksV1: v1 !== undefined,
    unlisted: v1 ? undefined : "Clusters on version 1 of IONOS's API are not shown: --api v2 leaves them out.",
    rows: (list, item, asked) =>
      atHome(clusterOf(list), {
        region: (region) => lists.ofRegion(region, list, item, asked),
        otherwise: () => lists.rows(list, item, asked),
      }),
    every: (list, item) =>
      atHome(clusterOf(list), {
        region: (region) => lists.everyOf(region, list, item),
        otherwise: () => (v1 && clusterOf(list) !== undefined ? v1.every(list, item) : lists.every(list, item)),
      }),
    async everySeen(list, item, asked) {
      const { items, absent } = await lists.everySeen(list, item, asked);
      return { items, unseen: unseenWords(absent, { v1, leavesOutRegions }), absent };
    },
    backup,
    versions: (call) => (v1 ? v1.versions(call) : versionsOf(regions, asking)),
    upgrades: (clusterId, call) =>
      atHome(clusterId, {
        async region(region, seen) {
          const { properties } = seen === undefined ? await cluster(clusterId, versioned) : versioned.parse(seen);
          return v2Of(region, asking.scope).upgradesFrom(properties?.postgresVersion, call === 'deprecated');
        },
        otherwise: () => (v1 ? v1.upgrades(clusterId, call) : Promise.reject(notFound(path`clusters/${clusterId}`))),
      }),
    async home(clusterId) {
      const home = await homeOf(clusterId);
      return isRegion(home) ? 'v2' : home;
    },
    unseen() {
      const absent = regions.flatMap((region) => asking.absences.find(region) ?? []);
      return unseenWords(absent, { v1, leavesOutRegions });
    },
  };

  /** In the region that has the cluster, if one has; once more where it has moved there since it was seen on v1. */
  async function atHome<T>(clusterId: string | undefined, work: AtHome<T>): Promise<T> {
    if (clusterId === undefined) return work.otherwise();
    const { home, seen, missing } = await locate(clusterId);
    if (isRegion(home)) return work.region(home, seen);
    if (missing instanceof NoSuchIdError) throw missing;
    try {
      return await work.otherwise();
    } catch (error) {
      if (!isGone(error)) throw error;
      if (home === undefined) throw missing instanceof UnseenError ? missing : error;
      homes.forget(idKey(clusterId));
      const moved = await locate(clusterId);
      if (!isRegion(moved.home)) throw moved.missing instanceof UnseenError ? moved.missing : error;
      return work.region(moved.home, moved.seen);
    }
  }
}

type JoinedOptions = Sources & Pick<Parameters<typeof createClusterWrites>[0], 'newClusters' | 'ended'>;

interface AtHome<T> {
  /** `seen` is the cluster, if it was just read. */
  region(region: Region, seen: unknown): Promise<T>;
  /** On v1, or where nobody has the cluster. */
  otherwise(): Promise<T>;
}

const clusterOf = (list: ClusterList) => (list.of === 'backups' ? list.clusterId : undefined);

const versioned = z.object({
  properties: z
    .object({ postgresVersion: z.string().optional().catch(undefined) })
    .optional()
    .catch(undefined),
});
