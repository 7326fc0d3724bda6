import { clusterIn, type SeenCluster, sizeIn } from './clusters.ts';
import { fieldsOf, flagOf, type JsonFields, listOf, numberOf, textOf } from './values.ts';

export interface SeenPlan {
  summary: string;
  changes: readonly { property: string; from?: unknown; to: unknown }[];
  effects: readonly string[];
  arguments: JsonFields;
}

/** What confirm_write takes; the token appears nowhere on the page. */
export interface ButtonOffer {
  tool: string;
  arguments: JsonFields;
  token: string;
  isTyped: boolean;
  /** The part of the note that is for the person; the rest tells a model how to ask. */
  note?: string;
}

export interface SeenCost {
  id?: string;
  profile?: string;
  name?: string;
  when?: string;
  instances?: number;
  cores?: number;
  ram?: number;
  storageSize?: number;
  per30Days?: string;
  currency?: string;
  unknown?: string;
}

export interface SeenTotal {
  profile?: string;
  clusters?: number;
  per30Days?: string;
  currency?: string;
  unknown?: string;
}

/** What the page shows of a result. */
export type Shown =
  | { kind: 'waiting' }
  | { kind: 'cancelled'; reason?: string }
  | { kind: 'message'; tone: 'problem' | 'info'; heading: string; text?: string }
  | { kind: 'clusters'; clusters: readonly SeenCluster[]; note?: string; hasMore: boolean }
  | { kind: 'cluster'; cluster: SeenCluster; heading?: string; note?: string }
  /** A cluster of which a result tells little; the rest is read. */
  | { kind: 'named'; clusterId: string; profile?: string; name?: string; state?: string; note?: string }
  | { kind: 'plan'; plan: SeenPlan; offer?: ButtonOffer; isPreview: boolean; note?: string }
  | { kind: 'costs'; costs: readonly SeenCost[]; totals: readonly SeenTotal[]; note?: string };

export const CONFIRM_META = 'ionos-postgresql/confirm';

/** What a host sends of a call; `input` is what the call was made with. */
export function shownOf(result: unknown, input: JsonFields): Shown {
  const { isError, structuredContent, content, _meta } = fieldsOf(result);
  const text = wordsIn(content);
  if (isError === true) return { kind: 'message', tone: 'problem', heading: 'The call failed', text };
  const data = fieldsOf(structuredContent);
  const note = textOf(data.note);
  if (typeof data.outcome === 'string') return shownOutcome(data, input, fieldsOf(_meta)[CONFIRM_META]);
  if (Array.isArray(data.clusters)) {
    const clusters = data.clusters.flatMap((each) => clusterIn(each) ?? []);
    return { kind: 'clusters', clusters, note, hasMore: data.nextOffset !== undefined };
  }
  if (Array.isArray(data.estimates)) {
    const totals = listOf(data.totals).map((each) => totalIn(fieldsOf(each)));
    return { kind: 'costs', costs: data.estimates.map((each) => costIn(fieldsOf(each))), totals, note };
  }
  const cluster = clusterIn(data);
  if (cluster) return { kind: 'cluster', cluster: withProfile(cluster, input), note };
  return { kind: 'message', tone: 'info', heading: 'Result', text: note ?? text };
}

const HEADINGS: Readonly<Record<string, string>> = {
  started: 'Started',
  done: 'Done',
  preview: 'Preview: nothing was sent',
  declined: 'Declined: nothing was sent',
  duplicate: 'This was already sent',
  gone: 'The cluster no longer exists',
};

function shownOutcome(data: JsonFields, input: JsonFields, meta: unknown): Shown {
  const isGone = data.outcome === 'gone' || data.state === 'GONE';
  const outcome = isGone ? 'gone' : String(data.outcome);
  const note = textOf(data.note);
  const heading = HEADINGS[outcome];
  if (outcome === 'needs_confirmation' || (outcome === 'preview' && data.plan !== undefined)) {
    const isPreview = outcome === 'preview';
    return { kind: 'plan', plan: planIn(data.plan), offer: isPreview ? undefined : offerIn(meta), isPreview, note };
  }
  const cluster = clusterIn(data.cluster);
  if (cluster) return { kind: 'cluster', cluster: withProfile(cluster, input), heading, note };
  const clusterId = textOf(input.clusterId);
  if ((outcome === 'reached' || outcome === 'waiting') && clusterId !== undefined) {
    const named = { clusterId, profile: textOf(input.profile), name: textOf(data.displayName) };
    return { kind: 'named', ...named, state: textOf(data.state), note };
  }
  return { kind: 'message', tone: 'info', heading: heading ?? outcome.slice(0, 80), text: note };
}

/** Several accounts differ by an argument that the rows of a list have as well. */
const withProfile = (cluster: SeenCluster, input: JsonFields) => ({
  ...cluster,
  profile: cluster.profile ?? textOf(input.profile),
});

function planIn(value: unknown): SeenPlan {
  const plan = fieldsOf(value);
  return {
    summary: textOf(plan.summary) ?? 'A write without a summary',
    changes: listOf(plan.changes).map((each) => {
      const { property, from, to } = fieldsOf(each);
      return { property: textOf(property) ?? 'unknown', from, to };
    }),
    effects: listOf(plan.effects).flatMap((each) => textOf(each) ?? []),
    arguments: fieldsOf(plan.arguments),
  };
}

function offerIn(value: unknown): ButtonOffer | undefined {
  const { tool, token, arguments: args, isTyped, note } = fieldsOf(value);
  if (typeof tool !== 'string' || typeof token !== 'string') return undefined;
  return { tool, token, arguments: fieldsOf(args), isTyped: flagOf(isTyped) ?? true, note: textOf(note) };
}

const costIn = (row: JsonFields): SeenCost => ({
  id: textOf(row.id),
  profile: textOf(row.profile),
  name: textOf(row.displayName),
  when: textOf(row.when),
  ...sizeIn(row),
  ...moneyIn(row),
});

const totalIn = (row: JsonFields): SeenTotal => ({
  profile: textOf(row.profile),
  clusters: numberOf(row.clusters),
  ...moneyIn(row),
});

const moneyIn = (row: JsonFields) => ({
  per30Days: textOf(row.per30Days),
  currency: textOf(row.currency),
  unknown: textOf(row.unknown),
});

/** The text of a result, as of an error. */
export function wordsIn(content: unknown): string | undefined {
  const words = listOf(content).flatMap((each) => textOf(fieldsOf(each).text) ?? []);
  return words.length > 0 ? words.join('\n') : undefined;
}
