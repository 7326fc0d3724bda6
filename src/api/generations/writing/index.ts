import { ApiError, InputError, isUndone, OrdersEndedError } from '../../../errors.ts';
import { createMemory } from '../../../memory.ts';
import { type ApiClient, path } from '../../client.ts';
import { notFound, type Sources } from '../finding.ts';
import type { Home } from '../homes.ts';
import type { Generation } from '../port.ts';
import { type Region, v2Of } from '../regions.ts';
import type { V1 } from '../v1.ts';
import type { ClusterWrites, Ordering } from './port.ts';
import { shown } from './shown.ts';
import { UNDOCUMENTED } from './unknowns.ts';
import { v1Changing, v1Ordering } from './v1.ts';
import { v2Changing, v2Ordering } from './v2.ts';

const ENDED_MS = 3_600_000;
const MOST_REMEMBERED = 10_000;

/** The accounts for which v1 has said that it takes no more orders. */
export const createEndedOrders = () => createMemory<true>(ENDED_MS, MOST_REMEMBERED);
export type EndedOrders = ReturnType<typeof createEndedOrders>;

export interface Writing {
  v1?: { api: ApiClient; reads: V1 };
  regions: Sources['regions'];
  asking: Sources['asking'];
  /** Where orders go that name none. */
  newClusters: Generation;
  ended: EndedOrders;
  homeOf(clusterId: string): Promise<Home<Region> | undefined>;
}

export function createClusterWrites({ v1, regions, asking, newClusters, ended, homeOf }: Writing): ClusterWrites {
  const { scope, credentialsKey } = asking;
  const placeIn = (region: Region) => ({
    api: region.client.forCall(scope),
    reads: v2Of(region, scope),
    region: region.name,
    signal: scope.signal,
  });

  function onV1(): Ordering {
    if (!v1) throw new InputError(['api: v1 is not asked by this server (--api v2)']);
    const ordering = v1Ordering(v1.api, v1.reads);
    if (regions.length === 0) return ordering;
    return {
      ...ordering,
      create: (order, response) =>
        ordering.create(order, response).catch((error: unknown) => {
          if (!isEnd(error)) throw error;
          ended.set(credentialsKey, true);
          throw new OrdersEndedError(endWords(error));
        }),
    };
  }

  const defaultApi = () => (ended.get(credentialsKey) ? 'v2' : newClusters);

  return {
    defaultApi,
    ordering({ api = defaultApi(), location }) {
      if (api === 'v1' && regions.length > 0 && ended.get(credentialsKey)) throw new OrdersEndedError(ENDED);
      if (api === 'v1') return onV1();
      if (regions.length === 0) throw new InputError(['api: v2 is not asked by this server (--api v1)']);
      const wanted = regionOf(location);
      const region = regions.find(({ name = wanted }) => name === wanted);
      if (region) return v2Ordering(placeIn(region));
      const names = regions.map(({ name }) => name).join(', ');
      throw new InputError([`location (${shown(location)}): lies in no region of API v2; there are ${names}`]);
    },
    async changing(clusterId) {
      const home = await homeOf(clusterId);
      if (home !== undefined && home !== 'v1') return v2Changing(placeIn(home));
      if (!v1) throw notFound(path`clusters/${clusterId}`);
      return v1Changing(v1.api);
    },
  };
}

/** `de-fra` for de/fra and de/fra/2, which have one host. */
const regionOf = (location: string) => location.toLowerCase().split('/').slice(0, 2).join('-');

const isEnd = (error: unknown): error is ApiError =>
  error instanceof ApiError && UNDOCUMENTED.ordersEnded.some((status) => status === error.status);

function endWords(error: ApiError): string {
  const outcome = isUndone(error) ? 'Nothing was ordered: ' : 'Check list_clusters before ordering again: ';
  return `${outcome}IONOS takes no order on API v1 any more, as its answer ${error.status} is read here. For an hour from now on new clusters go to API v2: call again, the plan is made anew.`;
}

const ENDED =
  'Nothing was sent. IONOS has answered that it takes no more orders on API v1. On API v2 a cluster can be ordered without api: "v1" and without a backup of API v1, which fills no cluster there.';
