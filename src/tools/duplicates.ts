import { ApiError, LostOrderError, MAY_EXIST, NoAnswerError } from '../errors.ts';
import { pageOf } from './paging.ts';
import { type Cluster, nameOf, shortened, wholeCluster } from './schemas/cluster.ts';
import type { Context } from './tool.ts';

/** What makes two orders the same, as far as a person can tell. */
export interface PlacedOrder {
  displayName: string;
  location: string;
}

/** Milliseconds in which an order like one before is taken for the same, sent again after its answer was lost. */
const SAME_ORDER_MS = 600_000;
/** Milliseconds until the API's list can be expected to show what was ordered. */
const LISTED_MS = 2_000;

/** The clusters of this name, and those of them that were ordered lately in this place. */
export async function namesakes({ displayName, location }: PlacedOrder, { api }: Context) {
  const query = { 'filter.name': displayName, limit: 1_000 };
  const { items = [] } = await api.get('clusters', { query, response: pageOf(wholeCluster) });
  const all = items.filter(({ properties }) => properties?.displayName === displayName);
  const recent = all.filter(
    ({ metadata, properties }) =>
      placeOf(properties?.location) === placeOf(location) &&
      Date.now() - Date.parse(metadata?.createdDate ?? '') < SAME_ORDER_MS &&
      metadata?.state !== 'DESTROYING',
  );
  return { all, recent };
}

/** The API reports de/fra for what was ordered in de/fra/2, its known defect DB-4824. */
export function placeOf(location = ''): string {
  return location.toLowerCase().replace(/^de\/fra\/2$/, 'de/fra');
}

export function duplicate(twin: Cluster) {
  return {
    outcome: 'duplicate' as const,
    cluster: twin,
    note: `Nothing was sent. ${wordsForTwin(twin)} Was that this order? Ask the person. If another one is wanted, call again with allowDuplicate: true.`,
  };
}

export function wordsForTwin(twin: Cluster): string {
  return `${nameOf(twin)} was ordered in this place less than 10 minutes ago, at ${shortened(twin.metadata?.createdDate)}.`;
}

interface Lost {
  order: PlacedOrder;
  /** Where its password is kept. */
  kept?: string;
  /** The IDs of clusters that were there before. */
  known: readonly string[];
}

/** An order whose answer is lost is looked for, never sent again. */
export async function lostOrder(error: unknown, { order, kept, known }: Lost, context: Context): Promise<unknown> {
  if (!(error instanceof NoAnswerError || error instanceof ApiError)) return error;
  const found = context.signal.aborted ? MAY_EXIST : await lookFor(order, known, context).catch(() => MAY_EXIST);
  return new LostOrderError(error, [found, kept].filter(Boolean).join(' '));
}

async function lookFor(order: PlacedOrder, known: readonly string[], context: Context): Promise<string> {
  const look = async () => (await namesakes(order, context)).recent.filter(({ id }) => !known.includes(id));
  let found = await look();
  if (found.length === 0 && context.waitBudget(LISTED_MS) >= LISTED_MS) {
    await context.pause(LISTED_MS);
    found = await look();
  }
  if (found.length === 0) return `A look at the API found no cluster of this name that is new. ${MAY_EXIST}`;
  const words = found.map((each) => {
    const { state, createdDate } = each.metadata ?? {};
    return `${nameOf(each)}, ${shortened(state)}, created ${shortened(createdDate)}`;
  });
  return `A look at the API found: ${words.join('; ')}. Most likely that is this order: do not order again, but go on with wait_for_cluster.`;
}
