import type { Clusters } from './clusters.ts';
import { readJson } from './requests.ts';
import { clusterId, type Routes } from './routes.ts';

export function restoreRoutes(clusters: Clusters): Routes {
  return {
    '/clusters/:clusterId/restore': {
      POST: async (c) => {
        clusters.restore(clusterId(c), await readJson(c));
        return c.body(null, 202);
      },
    },
  };
}
