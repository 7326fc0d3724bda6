import { ApiError, LostWriteError, MAY_EXIST, NoAnswerError } from '../../errors.ts';
import { shortened } from '../../text/labels.ts';
import { sentences } from '../../text/sentences.ts';
import { clustersListed } from '../finding/cluster-list.ts';
import { namedCluster } from '../plans/facts.ts';
import { lookalikeWords } from '../plans/words.ts';
import { type Cluster, nameOf, wholeCluster } from '../schemas/cluster.ts';
import type { Context } from '../tool.ts';
import { locationKey } from './location.ts';

export interface PlacedOrder {
  displayName: string;
  location: string;
}

/** Within this time, an equal order counts as the same one, sent again after its answer was lost. */
const SAME_ORDER_MS = 600_000;
/** By then the API's list usually shows the order. */
const LISTED_MS = 2_000;

/**
 * Clusters of this name; `recentIn` are those that the same order may have made, in a place or anywhere. A region that is
 * silent may have others.
 */
export async function namesakes(displayName: string, context: Context) {
  const own = () => context.clusters.everySeen({ of: 'clusters', name: displayName }, wholeCluster);
  const { items, absent } = (await clustersListed(context)) ?? (await own());
  const all = items.filter(({ properties }) => properties?.displayName === displayName);
  const isRecent = ({ metadata }: Cluster) =>
    Date.now() - Date.parse(metadata?.createdDate ?? '') < SAME_ORDER_MS && metadata?.state !== 'DESTROYING';
  const recentIn = (location?: string) =>
    all.filter(
      (each) =>
        isRecent(each) && (location === undefined || locationKey(each.properties?.location) === locationKey(location)),
    );
  return { all, recentIn, silent: absent.flatMap(({ region }) => region ?? []) };
}

export function lookalikeIn(cluster: Cluster) {
  return { ...namedCluster(cluster), createdDate: cluster.metadata?.createdDate };
}

export function duplicate(cluster: Cluster) {
  return {
    outcome: 'duplicate' as const,
    cluster,
    note: `Nothing was sent. ${lookalikeWords(lookalikeIn(cluster))} Was that this order? Ask the person. If they want another one, call again with allowDuplicate: true.`,
  };
}

interface LostOrder {
  order: PlacedOrder;
  passwordNote?: string;
  earlier: readonly string[];
}

/** Looks for an order whose answer was lost, and never repeats it. */
export async function lostOrder(
  error: unknown,
  { order, passwordNote, earlier }: LostOrder,
  context: Context,
): Promise<unknown> {
  if (!(error instanceof NoAnswerError || error instanceof ApiError)) return error;
  const found = context.signal.aborted ? MAY_EXIST : await lookFor(order, earlier, context).catch(() => MAY_EXIST);
  return new LostWriteError(error, sentences(found, passwordNote));
}

async function lookFor(order: PlacedOrder, earlier: readonly string[], context: Context): Promise<string> {
  const look = async () =>
    (await namesakes(order.displayName, context)).recentIn(order.location).filter(({ id }) => !earlier.includes(id));
  let found = await look();
  if (found.length === 0 && context.waitBudget(LISTED_MS) >= LISTED_MS) {
    await context.pause(LISTED_MS);
    found = await look();
  }
  if (found.length === 0) return `A check of the API found no new cluster of this name. ${MAY_EXIST}`;
  const sightings = found.map((each) => {
    const { state, createdDate } = each.metadata ?? {};
    return `${nameOf(each)}, ${shortened(state)}, created ${shortened(createdDate)}`;
  });
  return `A check of the API found: ${sightings.join('; ')}. Most likely that is this order: do not order again; continue with wait_for_cluster.`;
}
