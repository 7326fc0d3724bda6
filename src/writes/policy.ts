import * as z from 'zod';
import type { ClusterPort } from '../api/generations/writing/port.ts';
import { ConfigError, RefusedError } from '../errors.ts';
import { type ClusterSize, placeOf } from '../prices/table.ts';
import { idKey, matchesPattern } from '../text/ids.ts';
import { withoutUndefined } from '../text/json.ts';
import { readCluster } from '../tools/finding/cluster-reads.ts';
import { startOf } from '../tools/plans/costs.ts';
import { SIZES, type Size, totalOf } from '../tools/plans/facts.ts';
import type { Demand } from '../tools/plans/plan.ts';
import { foreignId } from '../tools/schemas/cluster.ts';
import type { Context } from '../tools/tool.ts';
import type { Claim, ClaimHandle, Claims } from './claims.ts';
import { brokenByCost, hasCaps, type PricedChange } from './cost-caps.ts';
import { type Rules, readPolicy } from './policy-file.ts';

export interface Policy {
  /**
   * Claims what it admits, so that no other write can use the same quota. Undefined for a duplicate; throws
   * RefusedError.
   */
  admit(demand: Demand, claim: Partial<Claim>, accountKey: string, world: World): Promise<ClaimHandle | undefined>;
}

type World = Pick<Context, 'clusters' | 'everyCluster' | 'prices'> & { claims: Claims };

interface PolicyOptions {
  path: string;
  readFile(path: string, setting: string): string;
}

/** Reads the file for each write, and never before: a failure passes with its cause. */
export function createPolicy({ path, readFile }: PolicyOptions): Policy {
  function current(): Rules {
    try {
      return readPolicy(path, readFile);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      throw new RefusedError(
        "The operator's policy file cannot be read, and nothing is changed without it. The operator has to correct the file.",
      );
    }
  }

  return {
    async admit(demand, claim, accountKey, { clusters, everyCluster, prices, claims }) {
      const rules = current();
      const early = sizesOf(demand, await claims.of(accountKey));
      const broken = [
        ...brokenByName(rules, demand),
        ...brokenByCopy(rules, await sourceOf(rules, demand, clusters)),
        ...brokenByChoice(rules, demand),
        ...brokenBySize(rules, early),
      ];
      const isSound = broken.length === 0;
      const counts = isSound && needsTotal(rules, demand, early);
      const estimate = isSound && hasCaps(rules) && demand.sizes ? await prices.estimator() : undefined;
      const live = counts ? await survey(everyCluster) : [];
      return claims.place(accountKey, claim, (claimed) => {
        const sizes = sizesOf(demand, claimed);
        const others = othersOf(demand, live, claimed);
        const passed = [
          ...broken,
          ...(counts ? brokenByTotal(rules, demand, sizes, others) : []),
          ...(estimate && sizes
            ? brokenByCost(rules, pricedChange(demand, sizes), { estimate, others: [...others.values()] })
            : []),
        ];
        if (passed.length > 0) throw refusal(rules, passed);
        return { size: sizes?.after, place: demand.sizes && placeOf(demand.sizes) };
      });
    },
  };
}

function refusal({ owner }: Rules, broken: readonly string[]): RefusedError {
  const whose = owner ?? 'the operator of this server';
  return new RefusedError(
    `Blocked by a policy that ${whose} set. It cannot be overridden from this conversation:\n${broken.join('\n')}`,
  );
}

function brokenByName(rules: Rules, { verb, cluster, displayName }: Demand): string[] {
  if (!cluster) return [];
  const { neverChange, neverDelete, neverCopy } = rules;
  const unnamed = cluster.displayName === undefined && [...neverChange, ...neverDelete, ...neverCopy].length > 0;
  const hits = (patterns: string[]) => patterns.filter((pattern) => matchesPattern(pattern, cluster));
  const broken = [
    ...hits(neverChange).map(
      (pattern) => `neverChange "${pattern}": clusters that match this pattern cannot be changed or deleted`,
    ),
    ...(verb === 'delete' || verb === 'erase' ? hits(neverDelete) : []).map(
      (pattern) =>
        `neverDelete "${pattern}": clusters that match this pattern cannot be deleted or restored in place, nor can their databases be deleted`,
    ),
    // Otherwise a rename would remove the protection.
    ...keptNames('neverDelete', displayName === undefined ? [] : hits(neverDelete), cluster.id, displayName),
    ...keptNames('neverCopy', displayName === undefined ? [] : hits(neverCopy), cluster.id, displayName),
  ];
  if (broken.length === 0 && unnamed)
    return ['neverChange, neverDelete, neverCopy: the API does not report the name of this cluster'];
  return broken;
}

function keptNames(rule: string, patterns: readonly string[], id: string, displayName?: string): string[] {
  return patterns
    .filter((pattern) => !matchesPattern(pattern, { id, displayName }))
    .map((pattern) => `${rule} "${pattern}": clusters that match this pattern must keep a name that matches`);
}

interface Source {
  id?: string;
  displayName?: string;
}

async function sourceOf({ neverCopy }: Rules, { source }: Demand, clusters: ClusterPort): Promise<Source | undefined> {
  if (source?.id === undefined || neverCopy.length === 0) return source;
  const cluster = await readCluster(source.id, { clusters }).catch(() => undefined);
  return { id: source.id, displayName: cluster?.properties?.displayName };
}

function brokenByCopy({ neverCopy }: Rules, source: Source | undefined): string[] {
  if (source === undefined || neverCopy.length === 0) return [];
  const hits = neverCopy.filter((pattern) => matchesPattern(pattern, source));
  if (hits.length === 0 && source.displayName === undefined)
    return ['neverCopy: the name of the cluster that the backup belongs to cannot be read'];
  return hits.map(
    (pattern) =>
      `neverCopy "${pattern}": the content of clusters that match this pattern cannot be put into another cluster`,
  );
}

function brokenByChoice({ locations, versions }: Rules, { location, postgresVersion }: Demand): string[] {
  return [...notAmong('locations', locations, location), ...notAmong('versions', versions, postgresVersion)];
}

function notAmong(rule: string, allowed: string[] | undefined, chosen: string | undefined): string[] {
  if (chosen === undefined || allowed === undefined || allowed.includes(chosen)) return [];
  return [`${rule}: ${allowed.join(', ') || 'none'}; ${chosen} is not one of them`];
}

interface Sizes {
  before: Partial<Size>;
  after: Partial<Size>;
  /** From which the bill rises the most. */
  start: Partial<Size>;
}

/**
 * The API can lag behind this process's own recent writes, so the larger value counts of what stays, and the smaller one
 * of what is changed: what was made smaller a moment ago must not grow back past a limit.
 */
function sizesOf({ cluster, sizes }: Demand, claims: readonly Claim[]): Sizes | undefined {
  if (!sizes) return undefined;
  const wanted = withoutUndefined(sizes.wanted);
  if (!cluster) return { before: NOTHING, after: { ...NOTHING, ...wanted }, start: NOTHING };
  const present = sizes.present ?? {};
  const own = claims.filter((claim) => claim.cluster === idKey(cluster.id));
  const [most, least] = [largest(present, own), smallest(present, own)];
  const changed = SIZES.filter((each) => wanted[each] !== undefined && least[each] !== undefined);
  const before = { ...most, ...Object.fromEntries(changed.map((each) => [each, least[each]])) };
  const start = startOf([present, ...own.map(({ size = {} }) => size)], wanted);
  return { before, after: { ...most, ...wanted }, start };
}

function pricedChange({ cluster, sizes = { wanted: {} } }: Demand, { start, after }: Sizes): PricedChange {
  const place = placeOf(sizes);
  return {
    now: cluster && { ...start, ...place },
    afterwards: { ...start, ...withoutUndefined(sizes.wanted), ...place },
    most: { ...after, ...place },
  };
}

const NOTHING: Size = { instances: 0, cores: 0, ram: 0, storageSize: 0 };

const largest = (live: Partial<Size>, claims: readonly Claim[]) => extreme(Math.max, live, claims);
const smallest = (live: Partial<Size>, claims: readonly Claim[]) => extreme(Math.min, live, claims);

function extreme(of: typeof Math.max, live: Partial<Size>, claims: readonly Claim[]): Partial<Size> {
  const all = [live, ...claims.map(({ size }) => size ?? {})];
  const amounts = SIZES.map((each) => [each, all.flatMap((size) => size[each] ?? [])] as const);
  return Object.fromEntries(
    amounts.filter(([, found]) => found.length > 0).map(([each, found]) => [each, of(...found)]),
  );
}

/** A cluster that already exceeds a limit may still shrink. */
function* growing(sizes: Sizes | undefined, bounds: Partial<Size>) {
  if (!sizes) return;
  const [before, after] = [totalOf(sizes.before), totalOf(sizes.after)];
  const isChanged = SIZES.some((each) => sizes.before[each] !== sizes.after[each]);
  for (const quantity of isChanged ? SIZES : []) {
    const bound = bounds[quantity];
    if (bound === undefined) continue;
    const [was = 0, becomes] = [before?.[quantity], after?.[quantity]];
    if (becomes === undefined || becomes > was) yield { quantity, bound, was, becomes };
  }
}

const UNITS: Record<keyof Size, string> = { instances: '', cores: '', ram: ' MB', storageSize: ' MB' };

function brokenBySize({ perCluster }: Rules, sizes: Sizes | undefined): string[] {
  return [...growing(sizes, perCluster)].flatMap(({ quantity, bound, becomes }) => {
    const rule = `perCluster.${quantity}: at most ${bound}${UNITS[quantity]} in one cluster, over all its instances`;
    if (becomes === undefined) return [`${rule}; the API does not report how much this cluster has`];
    return becomes > bound ? [`${rule}; this would be ${becomes}`] : [];
  });
}

function needsTotal({ inTotal }: Rules, { verb }: Demand, sizes: Sizes | undefined): boolean {
  const { clusters, monthlyCost } = inTotal;
  if (verb === 'create' && clusters !== undefined) return true;
  return (monthlyCost !== undefined && sizes !== undefined) || [...growing(sizes, inTotal)].length > 0;
}

type Others = Map<string, ClusterSize>;

function brokenByTotal({ inTotal }: Rules, { verb }: Demand, sizes: Sizes | undefined, others: Others): string[] {
  const broken: string[] = [];
  if (verb === 'create' && inTotal.clusters !== undefined && others.size >= inTotal.clusters) {
    broken.push(`inTotal.clusters: at most ${inTotal.clusters}; there are ${others.size}`);
  }
  const totals = [...others.values()].map(totalOf);
  for (const { quantity, bound, was, becomes } of growing(sizes, inTotal)) {
    const rule = `inTotal.${quantity}: at most ${bound}${UNITS[quantity]} in all clusters together`;
    const rest = totals.reduce<number | undefined>((sum, each) => add(sum, each?.[quantity]), 0);
    if (rest === undefined || becomes === undefined) broken.push(`${rule}; the API does not report how much there is`);
    else if (rest + becomes > bound) broken.push(`${rule}; there are ${rest + was}, this would make ${rest + becomes}`);
  }
  return broken;
}

const add = (one: number | undefined, other: number | undefined) =>
  one === undefined || other === undefined ? undefined : one + other;

function othersOf({ cluster }: Demand, live: readonly Surveyed[], claims: readonly Claim[]): Others {
  const sizes = new Map(live.map(({ id, api, properties = {} }) => [idKey(id), { ...properties, api }]));
  const claimed = claims.filter(({ size }) => size).map(({ cluster: id }) => id);
  const ids = [...new Set([...sizes.keys(), ...claimed])].filter((id) => !cluster || id !== idKey(cluster.id));
  return new Map(
    ids.map((id) => {
      const own = claims.filter((claim) => claim.cluster === id);
      const live = sizes.get(id);
      // Writes that leave the size alone claim no place.
      const told = own.findLast(({ place }) => place)?.place;
      return [id, { ...largest(live ?? {}, own), ...placeOf(live ?? told ?? {}) }];
    }),
  );
}

const amount = z.number().optional().catch(undefined);
const text = z.string().optional().catch(undefined);
const surveyed = z.object({
  id: foreignId,
  api: z.literal('v2').optional(),
  properties: z
    .object({ instances: amount, cores: amount, ram: amount, storageSize: amount, location: text, storageType: text })
    .optional()
    .catch(undefined),
});
type Surveyed = z.output<typeof surveyed>;

async function survey({ every }: World['everyCluster']): Promise<Surveyed[]> {
  const rows = await every({ of: 'clusters' }, surveyed);
  return [...new Map(rows.map((row) => [row.id, row])).values()];
}
