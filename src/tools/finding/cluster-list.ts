import type { Seen } from '../../api/generations/port.ts';
import { type AnyCluster, anyCluster, type Cluster, wholeCluster } from '../schemas/cluster.ts';
import type { Context } from '../tool.ts';

/** A region of API v2 has less time than all that is read beside the clusters. */
const LONGEST_MS = 4_500;

type Listed = Seen<AnyCluster>;

const read = ({ everyCluster }: Context) =>
  everyCluster.everySeen({ of: 'clusters' }, anyCluster, { longestMs: LONGEST_MS });

/**
 * For a single plan: all that look through the clusters for it share one list, which is as old as the plan. What is
 * checked later, as after a write, needs a list of its own.
 */
export function withOneList(context: Context): Context {
  let list: Promise<Listed> | undefined;
  return {
    ...context,
    listed() {
      list ??= read(context);
      return list;
    },
  };
}

/** The list of the plan, or a new one; with clusters that do not exist for the caller and must not be named. */
export const readClusterList = (context: Context): Promise<Listed> => context.listed?.() ?? read(context);

/** The clusters in the list of the plan, and where there can be others; undefined outside of one. */
export async function clustersListed({ listed, everyCluster }: Context): Promise<Seen<Cluster> | undefined> {
  if (!listed) return undefined;
  const { items, ...seen } = await listed();
  return { items: items.filter(everyCluster.isSeen).map((each) => wholeCluster.parse(each)), ...seen };
}
