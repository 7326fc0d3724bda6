import {
  hourlyCost,
  isPriced,
  monthlyCost,
  QUANTITIES,
  type Rise,
  riseFrom,
  type Size,
  type Sized,
  unitsOf,
} from './costs.ts';
import type { Account, Cluster } from './model.ts';
import type { Settings } from './settings.ts';

const REMEMBERED_MS = 120_000;
const ONCE_MS = 600_000;
const ADDRESS_KEPT_MS = 600_000;

/** What a write wants to have, and of what. */
export interface Resize {
  /** Undefined for an order. */
  cluster?: Cluster;
  wanted: Partial<Sized>;
  storageType: string;
}

/** Where a cluster moves to. */
export interface Address {
  cluster: string;
  place: string;
}

interface Claim {
  cluster: string;
  size?: Sized;
  once?: string;
  until: number;
  /** Until when the same order is not sent again. */
  onceUntil: number;
}

interface Kept extends Pick<Claim, 'size' | 'once'> {
  wanted?: Partial<Size>;
  /** Unknown where the answer to an order was lost. */
  cluster?: string;
}

/** What the server remembers of what it sent, whatever the lists show, and what a policy makes of it. */
export function createServerMemory(account: Account, settings: Settings) {
  const { perCluster, inTotal } = settings;
  const hasPolicy = perCluster !== undefined || inTotal !== undefined;
  let all: Claim[] = [];
  let lost = 0;
  const addresses: (Address & { until: number })[] = [];
  /** The sizes that each cluster was to have last. */
  const asked = new Map<string, { size: Partial<Size>; until: number }>();

  const kept = () => all.filter(({ onceUntil }) => Date.now() < onceUntil);
  const claims = () => all.filter(({ until }) => Date.now() < until);
  const sizesOf = (id: string) => claims().flatMap(({ cluster, size }) => (cluster === id && size ? [size] : []));

  function extreme(of: typeof Math.max, sizes: readonly Sized[]): Sized {
    const storageType = sizes[0]?.storageType ?? '';
    const amounts = QUANTITIES.map((each) => [each, of(...sizes.map((size) => Number(size[each])))]);
    return { storageType, ...Object.fromEntries(amounts) };
  }

  const askedOf = (id: string): Partial<Size> => {
    const { size = {}, until = 0 } = asked.get(id) ?? {};
    return Date.now() < until ? size : {};
  };

  /** A change of a cluster that may have any of these sizes: from and to where most more is paid, and the most it can get. */
  function resized({ cluster, wanted, storageType }: Resize, others: (id: string) => Sized[]) {
    const own = { ...wanted, storageType };
    if (!cluster) return { after: own, most: own };
    const sizes = [cluster.properties, ...others(cluster.id)];
    const [most, least] = [extreme(Math.max, sizes), extreme(Math.min, sizes)];
    const ways = [most, least].map((rest): [Sized, Sized] => {
      const changed = QUANTITIES.filter((each) => wanted[each] !== undefined);
      const before = { ...rest, ...Object.fromEntries(changed.map((each) => [each, least[each]])) };
      return [before, { ...rest, ...wanted }];
    });
    const more = ([before, after]: [Sized, Sized]) => hourlyCost(after) - hourlyCost(before);
    const [[before, after] = [own, own]] = ways.toSorted((one, other) => more(other) - more(one));
    return { before, after, most: { ...most, ...wanted } };
  }

  /** Of each other cluster that is listed, or was sent, the most that it can have. */
  function others(own: string | undefined): Sized[] {
    const listed = new Map(account.listed().map(({ cluster, properties }) => [cluster.id, properties]));
    const sent = claims().flatMap(({ cluster, size }) => (size ? [cluster] : []));
    const ids = [...new Set([...listed.keys(), ...sent])].filter((id) => id !== own);
    return ids.map((id) => extreme(Math.max, [listed.get(id) ?? [], sizesOf(id)].flat()));
  }

  function isPastCap(after: Sized, own: string | undefined): boolean {
    if (!isPriced(settings, after)) return true;
    if (perCluster !== undefined && monthlyCost(after) > unitsOf(perCluster)) return true;
    if (inTotal === undefined) return false;
    const all = [after, ...others(own)];
    if (!all.every((size) => isPriced(settings, size))) return true;
    return all.reduce((sum, size) => sum + monthlyCost(size), 0) > unitsOf(inTotal);
  }

  return {
    /** How much more is paid, the size that counts from then on, and whether the policy keeps it from being sent. */
    judge(resize: Resize): { rise?: Rise; size?: Sized; isForbidden: boolean } {
      const { cluster } = resize;
      const plan = resized(resize, (id) => [{ ...resize, ...cluster?.properties, ...askedOf(id) }]);
      const rise = riseFrom(plan.before, plan.after, settings);
      if (!hasPolicy) return { rise, isForbidden: false };
      const { before, after, most } = resized(resize, sizesOf);
      const isRise = riseFrom(before, after, settings) !== undefined;
      return { rise, size: most, isForbidden: isRise && isPastCap(most, cluster?.id) };
    },

    hasSent: (once: string | undefined) => once !== undefined && kept().some((claim) => claim.once === once),

    /** The write may have been carried out, and was over by then. */
    keep({ cluster, wanted, ...claim }: Kept, over: number): void {
      const until = over + REMEMBERED_MS;
      lost += 1;
      all = [...kept(), { cluster: cluster ?? `lost ${lost}`, ...claim, until, onceUntil: over + ONCE_MS }];
      if (cluster && wanted) asked.set(cluster, { size: { ...askedOf(cluster), ...wanted }, until });
    },

    /** What is known to be deleted. */
    forget(id: string): void {
      all = all.filter(({ cluster }) => cluster !== id);
    },

    /** Whether another cluster was sent there, or may have been. */
    isTaken: ({ cluster, place }: Address) =>
      addresses.some((each) => each.place === place && each.cluster !== cluster && Date.now() < each.until),

    keepAddress: (address: Address, at: number) => void addresses.push({ ...address, until: at + ADDRESS_KEPT_MS }),
  };
}
