import { differenceOf } from '../../prices/estimate.ts';
import type { Estimator } from '../../prices/index.ts';
import type { ClusterSize } from '../../prices/table.ts';
import type { CostChange } from '../../prices/words.ts';
import { SIZES, type Size } from './facts.ts';
import type { CostRise } from './plan.ts';

/** Without `now` nothing is there yet, without `afterwards` nothing stays. */
export function costOf({ now, afterwards }: SizeChange, estimate: Estimator): CostChange {
  return { now: now && estimate(now), afterwards: afterwards && estimate(afterwards) };
}

interface SizeChange {
  now?: ClusterSize;
  afterwards?: ClusterSize;
}

/** Whether there is more of anything; a size that is not known counts as none. */
export const grows = (present: Partial<Size>, after: Partial<Size>) =>
  SIZES.some((size) => Number(after[size]) > Number(present[size] ?? 0));

/**
 * What a change starts from where a cluster may have several sizes, so that the bill rises the most: what is changed was
 * the smallest. The rest stays, and fewer instances save the less, the smaller it is.
 */
export function startOf(sizes: readonly Partial<Size>[], wanted: Partial<Size>): Partial<Size> {
  const known = (size: keyof Size) => sizes.flatMap((each) => each[size] ?? []);
  const isSaving = Number(wanted.instances) < Math.min(...known('instances'));
  return Object.fromEntries(
    SIZES.filter((size) => known(size).length > 0).map((size) => {
      const extreme = wanted[size] !== undefined || isSaving ? Math.min : Math.max;
      return [size, extreme(...known(size))];
    }),
  );
}

/** Undefined where what is paid does not rise. Where a price is not known, whatever grows is paid for. */
export function riseOf({ now, afterwards }: SizeChange, cost: CostChange): CostRise | undefined {
  if (!afterwards || (now && !grows(now, afterwards))) return undefined;
  const by = differenceOf(cost.now, cost.afterwards);
  return now && by && by.perHour.sign <= 0 ? undefined : { by };
}
