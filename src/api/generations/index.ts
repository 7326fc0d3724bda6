import type { ApiClient, CallScope } from '../client.ts';
import { narrowedTo } from '../narrowing/index.ts';
import { createAbsences } from './asking/absences.ts';
import { createHomes } from './homes.ts';
import { createJoined } from './joined.ts';
import type { ClusterReads, EveryCluster, Generation } from './port.ts';
import type { Region } from './regions.ts';
import { createV1 } from './v1.ts';
import { createClusterWrites, createEndedOrders, type Writing } from './writing/index.ts';
import type { ClusterPort } from './writing/port.ts';

export interface V2Access {
  regions: readonly Region[];
  /** Where orders go that name none. */
  newClusters: Generation;
  /** Whether v1 is left out. */
  isAlone: boolean;
  /** Whether there are regions that are left out. */
  leavesOutRegions?: boolean;
}

export interface ApisOptions {
  v1: ApiClient;
  /** Without it v1 alone is asked. */
  v2?: V2Access;
}

/** Both generations of the API, as a call uses them. */
export interface CallApis {
  v1: ApiClient;
  clusters: ClusterPort;
  everyCluster: EveryCluster;
}

export interface Apis {
  /** `credentialsKey` tells apart callers whose clusters are not the same. */
  forCall(scope: CallScope, credentialsKey?: string): CallApis;
}

export function createApis({ v1, v2 }: ApisOptions): Apis {
  const homes = createHomes<Region>();
  const absences = createAbsences();
  const ended = createEndedOrders();

  function clustersFor(bound: ApiClient, scope: CallScope, credentialsKey: string): ClusterPort {
    const asking = { scope, credentialsKey, absences: absences.of(credentialsKey, scope.headers?.authorization) };
    if (!v2) return { ...readsOf(bound), ...writesOf(bound, { asking, ended }) };
    const { isAlone, leavesOutRegions, regions, newClusters } = v2;
    const reads = {
      v1: isAlone ? undefined : createV1(bound),
      regions,
      leavesOutRegions,
      homes: homes.of(credentialsKey),
      asking,
    };
    return createJoined({ ...reads, newClusters: isAlone ? 'v2' : newClusters, ended });
  }

  return {
    forCall(scope, credentialsKey = '') {
      const bound = v1.forCall(scope);
      const clusters = clustersFor(bound, scope, credentialsKey);
      if (scope.onlyClusters) return narrowedTo(scope.onlyClusters, { v1: bound, clusters });
      const { every, everySeen } = clusters;
      return { v1: bound, clusters, everyCluster: { every, everySeen, isSeen: () => true } };
    },
  };
}

const writesOf = (api: ApiClient, { asking, ended }: Pick<Writing, 'asking' | 'ended'>) =>
  createClusterWrites({
    ...{ v1: { api, reads: createV1(api) }, regions: [], newClusters: 'v1', asking, ended },
    homeOf: async () => 'v1',
  });

/** Those of the account that a call is for. */
export function createApisByAccount(byAccount: ReadonlyMap<string, Apis>): Apis {
  return {
    forCall(scope, credentialsKey = '') {
      const apis = byAccount.get(credentialsKey);
      if (!apis) throw new Error('a call is for no account that is known');
      return apis.forCall(scope, credentialsKey);
    },
  };
}

function readsOf(api: ApiClient): ClusterReads {
  const v1 = createV1(api);
  return {
    ...v1,
    rows: async (...asked) => ({ ...(await v1.rows(...asked)), isPageable: true, absent: [] }),
    everySeen: async (list, item) => ({ items: await v1.every(list, item), unseen: NOT_REACHED, absent: [] }),
    following: (id) => (schema) => v1.cluster(id, schema),
    home: async () => 'v1',
    asksV1: true,
    unlisted: 'Clusters that IONOS has moved to version 2 of its API are not shown: --api v1 leaves them out.',
    unseen: () => NOT_REACHED,
  };
}

const NOT_REACHED = 'moved to version 2 of the API, which this server does not reach';
