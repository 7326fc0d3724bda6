import { Amount } from '../prices/amount.ts';
import { type Estimate, sumOf } from '../prices/estimate.ts';
import type { Estimator } from '../prices/index.ts';
import type { ClusterSize } from '../prices/table.ts';
import { per30Days, shortReason } from '../prices/words.ts';
import { costOf, riseOf } from '../tools/plans/costs.ts';
import type { Rules } from './policy-file.ts';

export interface PricedChange {
  /** Undefined for an order. */
  now?: ClusterSize;
  afterwards: ClusterSize;
  /** What it can have then, if the API lags behind. */
  most: ClusterSize;
}

export const hasCaps = ({ perCluster, inTotal }: Rules) =>
  perCluster.monthlyCost !== undefined || inTotal.monthlyCost !== undefined;

/** A cluster that already costs more than the cap may still get cheaper. What is not known breaks the rule. */
export function brokenByCost(
  { perCluster, inTotal, currency }: Rules,
  change: PricedChange,
  { estimate, others }: { estimate: Estimator; others: readonly ClusterSize[] },
): string[] {
  const cost = costOf(change, estimate);
  if (!riseOf(change, cost)) return [];
  const own = estimate(change.most);
  return [
    ...exceeding({ rule: 'perCluster', scope: 'for one cluster', cap: perCluster.monthlyCost, currency }, [own]),
    ...exceeding({ rule: 'inTotal', scope: 'for all clusters together', cap: inTotal.monthlyCost, currency }, [
      own,
      ...others.map(estimate),
    ]),
  ];
}

interface Cap {
  rule: string;
  scope: string;
  cap?: string;
  currency?: string;
}

function exceeding({ rule, scope, cap = '', currency }: Cap, estimates: readonly Estimate[]): string[] {
  const most = Amount.of(cap);
  if (!most) return [];
  const said = `${rule}.monthlyCost: at most ${[cap, currency].filter(Boolean).join(' ')} per 30 days ${scope}`;
  const problem = problemWith(estimates, { most, currency });
  return problem === undefined ? [] : [`${said}; ${problem}`];
}

interface Allowed {
  most: Amount;
  currency?: string;
}

function problemWith(estimates: readonly Estimate[], { most, currency }: Allowed): string | undefined {
  const sum = sumOf(estimates);
  if (sum.complete) {
    if (currency !== undefined && sum.currency !== currency) return `the prices are in ${sum.currency}`;
    return sum.per30Days.compare(most) > 0 ? `this would be ${per30Days(sum)}` : undefined;
  }
  const [unknown] = estimates.filter((each) => !each.complete);
  if (unknown && !unknown.complete) return `the cost is not known: ${shortReason(unknown)}`;
  return `prices in ${sum.currencies.join(' and ')} cannot be added up`;
}
