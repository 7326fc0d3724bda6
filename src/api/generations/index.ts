import type { ApiClient, CallScope } from '../client.ts';
import type { ClusterReads } from './port.ts';
import { createV1 } from './v1.ts';

/** Both generations of the API, as calls use them. */
export interface Apis {
  forCall(scope: CallScope): { v1: ApiClient; clusters: ClusterReads };
}

export function createApis({ v1 }: { v1: ApiClient }): Apis {
  return {
    forCall(scope) {
      const bound = v1.forCall(scope);
      return { v1: bound, clusters: readsOf(bound) };
    },
  };
}

function readsOf(api: ApiClient): ClusterReads {
  const v1 = createV1(api);
  return {
    ...v1,
    rows: async (...asked) => ({ ...(await v1.rows(...asked)), isPageable: true, absent: [] }),
    everySeen: v1.every,
    home: async () => 'v1',
    unseen: () => 'moved to version 2 of the API, which this server does not reach',
  };
}
