import * as z from 'zod';
import type { ApiClient } from './api/client.ts';
import type { Claim, Claims, Placed } from './claims.ts';
import { ConfigError, RefusedError } from './errors.ts';
import { QUANTITIES, type Quantity, type Rules, readPolicy } from './policy-rules.ts';
import { hasNext, pageOf } from './tools/page.ts';
import { type Demand, type Size, sizeOf } from './tools/plan.ts';

export interface Policy {
  /**
   * Judges a write by the rules as they are now, and where a total counts, by all clusters as they are now. What it lets
   * pass is claimed in the same step, so that no other write of this process can take the same room. Undefined where the
   * same write is claimed already; throws RefusedError.
   */
  admit(demand: Demand, claim: Partial<Claim>, account: string, api: ApiClient): Promise<Placed | undefined>;
}

interface Options {
  /** What the operator calls the file. */
  path: string;
  readFile(path: string): string;
  claims: Claims;
}

/** Reads the file anew for each write; throws ConfigError if it cannot be used now. */
export function createPolicy({ path, readFile, claims }: Options): Policy {
  readPolicy(path, readFile);

  function current(): Rules {
    try {
      return readPolicy(path, readFile);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      throw new RefusedError(
        "The operator's policy cannot be read at the moment, and without it nothing is changed. The operator has to correct its file.",
      );
    }
  }

  return {
    async admit(demand, claim, account, api) {
      const rules = current();
      const broken = [...brokenByName(rules, demand), ...brokenByChoice(rules, demand), ...brokenBySize(rules, demand)];
      const counts = broken.length === 0 && needsTotal(rules, demand);
      const live = counts ? await survey(api) : [];
      // From here to the claim nothing is awaited.
      if (counts) broken.push(...brokenByTotal(rules, demand, withClaims(live, claims.of(account))));
      if (broken.length > 0) throw refusal(rules, broken);
      return claims.place(account, claim);
    },
  };
}

function refusal({ owner }: Rules, broken: readonly string[]): RefusedError {
  const whose = owner === undefined ? 'by the operator of this server' : `by ${owner}`;
  return new RefusedError(
    `A rule set ${whose} forbids it, and nobody in this conversation can lift it:\n${broken.join('\n')}`,
  );
}

/** Whether a pattern means this cluster: its ID, or its name, in which * stands for anything; upper and lower case alike. */
function matches(pattern: string, { id, displayName = '' }: { id?: string; displayName?: string }): boolean {
  if (pattern.toLowerCase() === id?.toLowerCase()) return true;
  const name = displayName.toLowerCase();
  // No regular expression: names can have any length, and some would take for ever.
  const [first = '', ...rest] = pattern.toLowerCase().split('*');
  const last = rest.pop();
  if (last === undefined) return name === first;
  const end = name.length - last.length;
  let at = first.length;
  if (at > end || !name.startsWith(first) || !name.endsWith(last)) return false;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

function brokenByName(rules: Rules, { verb, cluster, displayName }: Demand): string[] {
  if (!cluster) return [];
  const { neverChange, neverDelete } = rules;
  const unnamed = cluster.displayName === undefined && [...neverChange, ...neverDelete].length > 0;
  const hits = (patterns: string[]) => patterns.filter((pattern) => matches(pattern, cluster));
  const broken = [
    ...hits(neverChange).map((pattern) => `neverChange "${pattern}": such a cluster is neither changed nor deleted`),
    ...(verb === 'delete' ? hits(neverDelete) : []).map(
      (pattern) => `neverDelete "${pattern}": such a cluster is never deleted`,
    ),
    // Or a cluster would lose its protection with its name.
    ...(displayName === undefined ? [] : hits(neverDelete))
      .filter((pattern) => !matches(pattern, { id: cluster.id, displayName }))
      .map((pattern) => `neverDelete "${pattern}": such a cluster keeps a name of this form`),
  ];
  if (broken.length === 0 && unnamed)
    return ['neverChange, neverDelete: the API does not tell the name of this cluster'];
  return broken;
}

function brokenByChoice({ locations, versions }: Rules, { location, postgresVersion }: Demand): string[] {
  return [...notAmong('locations', locations, location), ...notAmong('versions', versions, postgresVersion)];
}

function notAmong(rule: string, allowed: string[] | undefined, chosen: string | undefined): string[] {
  if (chosen === undefined || allowed === undefined || allowed.includes(chosen)) return [];
  return [`${rule}: ${allowed.join(', ') || 'none'}; ${chosen} is not among them`];
}

/** What grows, with what it would become; a limit that is already exceeded does not keep anyone from less. */
function* growing({ size }: Demand, bounds: Partial<Record<Quantity, number>>) {
  if (!size) return;
  for (const quantity of QUANTITIES) {
    const bound = bounds[quantity];
    if (bound === undefined) continue;
    const after = size.after?.[quantity];
    const before = size.before?.[quantity] ?? 0;
    if (after === undefined || after > before) yield { quantity, bound, before, after };
  }
}

const UNITS: Record<Quantity, string> = { instances: '', cores: '', ram: ' MB', storageSize: ' MB' };

function brokenBySize({ perCluster }: Rules, demand: Demand): string[] {
  return [...growing(demand, perCluster)].flatMap(({ quantity, bound, after }) => {
    const rule = `perCluster.${quantity}: at most ${bound}${UNITS[quantity]} in one cluster, over all its instances`;
    if (after === undefined) return [`${rule}; the API does not tell how much this cluster has`];
    return after > bound ? [`${rule}; this would be ${after}`] : [];
  });
}

function needsTotal({ inTotal }: Rules, demand: Demand): boolean {
  const another = demand.verb === 'create' && inTotal.clusters !== undefined;
  return another || [...growing(demand, inTotal)].length > 0;
}

type Sizes = Map<string, Partial<Size>>;

function brokenByTotal({ inTotal }: Rules, demand: Demand, others: Sizes): string[] {
  const { verb, cluster } = demand;
  if (cluster) others.delete(cluster.id);
  const broken: string[] = [];
  if (verb === 'create' && inTotal.clusters !== undefined && others.size >= inTotal.clusters) {
    broken.push(`inTotal.clusters: at most ${inTotal.clusters}; there are ${others.size}`);
  }
  for (const { quantity, bound, after, before } of growing(demand, inTotal)) {
    const rule = `inTotal.${quantity}: at most ${bound}${UNITS[quantity]} in all clusters together`;
    const amounts = [...others.values()].map((size) => size[quantity]);
    const rest = amounts.reduce<number | undefined>((sum, each) => add(sum, each), 0);
    if (rest === undefined || after === undefined) broken.push(`${rule}; the API does not tell how much there is`);
    else if (rest + after > bound) broken.push(`${rule}; there are ${rest + before}, this would make ${rest + after}`);
  }
  return broken;
}

const add = (one: number | undefined, other: number | undefined) =>
  one === undefined || other === undefined ? undefined : one + other;

/** What there is, and what this process has asked for while the API may not show it yet: of both the larger. */
function withClaims(live: readonly { id: string; size: Partial<Size> }[], claims: readonly Claim[]): Sizes {
  const sizes: Sizes = new Map(live.map(({ id, size }) => [id, size]));
  for (const { cluster, size } of claims) {
    if (!size) continue;
    const known = sizes.get(cluster);
    const larger = QUANTITIES.map((each) => [each, Math.max(size[each], known?.[each] ?? 0)]);
    sizes.set(cluster, Object.fromEntries(larger));
  }
  return sizes;
}

const PAGE = 1_000;
const MOST_PAGES = 20;

const amount = z.number().optional().catch(undefined);
const surveyed = z.object({
  id: z.string(),
  properties: z
    .object({ instances: amount, cores: amount, ram: amount, storageSize: amount })
    .optional()
    .catch(undefined),
});
const surveyPage = pageOf(surveyed);

/** Every cluster with its size over all instances. */
async function survey(api: ApiClient) {
  const found = new Map<string, { id: string; size: Partial<Size> }>();
  for (let offset = 0; offset < PAGE * MOST_PAGES; ) {
    const page = await api.get('clusters', { query: { limit: PAGE, offset }, response: surveyPage });
    const { items = [] } = page;
    for (const { id, properties = {} } of items) found.set(id, { id, size: sizeOf(properties) ?? {} });
    if (!hasNext(page, PAGE)) return [...found.values()];
    offset += items.length;
  }
  throw new RefusedError(
    `There are more clusters than can be counted (${PAGE * MOST_PAGES}), and a rule needs their total.`,
  );
}
