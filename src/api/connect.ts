import { type ApiClientOptions, createApiClient } from './client.ts';
import type { V2Config } from './generations/addresses.ts';
import { type Apis, createApis } from './generations/index.ts';

interface Upstream {
  api: Omit<ApiClientOptions, 'fetch' | 'userAgent'>;
  /** Undefined where API v1 alone is asked. */
  v2?: V2Config;
}

export function connectApis({ api, v2 }: Upstream, way: Pick<ApiClientOptions, 'fetch' | 'userAgent'>): Apis {
  // No client of IONOS sends the contract number to v2.
  const v2Api = { ...api, ...way, contractNumber: undefined };
  const regions = v2?.regions.map(({ name, apiUrl }) => ({ name, client: createApiClient({ ...v2Api, apiUrl }) }));
  return createApis({ v1: createApiClient({ ...api, ...way }), v2: v2 && regions && { ...v2, regions } });
}
