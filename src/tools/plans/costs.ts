import { estimate } from '../../prices/estimate.ts';
import type { ClusterSize } from '../../prices/table.ts';
import type { CostChange } from '../../prices/words.ts';
import type { Context } from '../tool.ts';

/** Without `now` nothing is there yet, without `afterwards` nothing stays. Undefined where this server has no prices. */
export function costOf(
  { now, afterwards }: { now?: ClusterSize; afterwards?: ClusterSize },
  { prices }: Pick<Context, 'prices'>,
): CostChange | undefined {
  if (!prices) return undefined;
  return { now: now && estimate(now, prices), afterwards: afterwards && estimate(afterwards, prices) };
}
