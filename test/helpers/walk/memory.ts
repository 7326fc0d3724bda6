import { isPriced, monthlyCost, QUANTITIES, riseFrom, type Sized, unitsOf } from './costs.ts';
import type { Account, Cluster } from './model.ts';
import type { Settings } from './settings.ts';

const REMEMBERED_MS = 120_000;
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
}

interface Kept extends Pick<Claim, 'size' | 'once'> {
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

  const claims = () => all.filter(({ until }) => Date.now() < until);
  const sizesOf = (id: string) => claims().flatMap(({ cluster, size }) => (cluster === id && size ? [size] : []));

  function extreme(of: typeof Math.max, sizes: readonly Sized[]): Sized {
    const storageType = sizes[0]?.storageType ?? '';
    const amounts = QUANTITIES.map((each) => [each, of(...sizes.map((size) => Number(size[each])))]);
    return { storageType, ...Object.fromEntries(amounts) };
  }

  /** Before and after, as far as the API may lag behind. */
  function resized({ cluster, wanted, storageType }: Resize): { before?: Sized; after: Sized } {
    if (!cluster) return { after: { ...wanted, storageType } };
    const sizes = [cluster.properties, ...sizesOf(cluster.id)];
    const [most, least] = [extreme(Math.max, sizes), extreme(Math.min, sizes)];
    const changed = QUANTITIES.filter((each) => wanted[each] !== undefined);
    const before = { ...most, ...Object.fromEntries(changed.map((each) => [each, least[each]])) };
    return { before, after: { ...most, ...wanted } };
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
    /** The size that counts from then on, and whether the policy keeps it from being sent. */
    judge(resize: Resize | undefined): { size?: Sized; isForbidden: boolean } {
      if (!hasPolicy || !resize) return { isForbidden: false };
      const { before, after } = resized(resize);
      const isRise = riseFrom(before, after, settings) !== undefined;
      return { size: after, isForbidden: isRise && isPastCap(after, resize.cluster?.id) };
    },

    hasSent: (once: string | undefined) => once !== undefined && claims().some((claim) => claim.once === once),

    /** The write may have been carried out, and was over by then. */
    keep({ cluster, ...claim }: Kept, over: number): void {
      lost += 1;
      all = [...claims(), { cluster: cluster ?? `lost ${lost}`, ...claim, until: over + REMEMBERED_MS }];
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
