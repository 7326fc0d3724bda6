import { isDeepStrictEqual } from 'node:util';
import { type Cluster, wholeCluster } from '../schemas/cluster.ts';
import type { Plan } from './plan.ts';

/** For a write that looks at its cluster once more. */
export const asPlanned = (plan: Plan) => ({
  schema: wholeCluster,
  isAsPlanned: (cluster: Cluster) => isDeepStrictEqual(cluster, plan.demand.seen),
});
