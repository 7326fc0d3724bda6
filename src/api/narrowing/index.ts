import { UnseenError } from '../../errors.ts';
import type { ApiClient } from '../client.ts';
import { isGone } from '../generations/finding.ts';
import type { ClusterReads, EveryCluster } from '../generations/port.ts';
import type { ClusterPort } from '../generations/writing/port.ts';
import { listed } from '../generations/writing/shown.ts';
import { narrowedClient } from './client.ts';
import { narrowedLists } from './rows.ts';
import { createSight, type Sight } from './sight.ts';
import { narrowedWrites } from './writes.ts';

interface Whole {
  v1: ApiClient;
  clusters: ClusterPort;
}

/**
 * What one call is given where only clusters that match exist for it: all ways to the others are closed here, so that
 * no tool has to think of it.
 */
export function narrowedTo(
  patterns: readonly string[],
  { v1, clusters }: Whole,
): Whole & { everyCluster: EveryCluster } {
  const sight = createSight(patterns, clusters);
  const { every, everySeen } = clusters;
  return {
    v1: narrowedClient(v1, sight),
    clusters: { ...narrowedReads(clusters, sight), ...narrowedWrites(clusters, sight) },
    everyCluster: { every, everySeen, isSeen: sight.isSeen },
  };
}

function narrowedReads(clusters: ClusterPort, sight: Sight): ClusterReads {
  const { patterns } = sight;
  const outside = `outside of what the URL of this server is for (clusters that match ${listed(patterns)})`;
  return {
    ...narrowedLists(clusters, sight),
    cluster: (id, schema, once) => sight.read(id, schema, (asked) => clusters.cluster(id, asked, once)),
    following(id) {
      const ask = clusters.following(id);
      return (schema) => sight.read(id, schema, ask);
    },
    backup: (id, schema) => sight.backup(id, schema),
    versions: clusters.versions,
    async upgrades(clusterId, call) {
      await sight.require(clusterId);
      return clusters.upgrades(clusterId, call);
    },
    async home(clusterId) {
      const isThere = await sight.require(clusterId).then(
        () => true,
        (error: unknown) => {
          if (!isGone(error) || error instanceof UnseenError) throw error;
          return false;
        },
      );
      return isThere ? clusters.home(clusterId) : undefined;
    },
    asksV1: clusters.asksV1,
    only: patterns,
    unlisted: clusters.unlisted,
    unseen: () => [clusters.unseen(), outside].filter(Boolean).join(', or '),
  };
}
