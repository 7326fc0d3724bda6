/** The middle of what was measured, with how far it spreads. */
export interface Spread {
  median: number;
  /** The middle half lies between these. */
  low: number;
  high: number;
  samples: number;
}

/** The value below which this share of all lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

export function spread(values: readonly number[]): Spread {
  const [low, median, high] = [0.25, 0.5, 0.75].map((share) => quantile(values, share));
  return { median: round(median), low: round(low), high: round(high), samples: values.length };
}

export function round(value = Number.NaN, digits = 2): number {
  return Number(value.toFixed(digits));
}
