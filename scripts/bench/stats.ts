/** One thing that was measured. */
export interface Figure {
  name: string;
  unit: 'ms' | 'MB' | 'kB' | 'tokens' | 'calls/s' | 'packages' | 'errors' | 'ratio';
  /** The median where there are several samples. */
  value: number;
  /** The middle half of the samples lies between these. */
  low?: number;
  high?: number;
  samples?: number;
  /** What was measured beside it in the same run, and the value in its multiples. */
  reference?: { name: string; value: number };
  ratio?: number;
  /** What it must reach, and what it aims at. */
  bar?: string;
  aim?: string;
}

/** The value below which this share of all lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

export const median = (values: readonly number[]) => quantile(values, 0.5);

/** The middle of what was measured, with how far it spreads. */
export function spread(values: readonly number[], digits = 2) {
  const [low, value, high] = [0.25, 0.5, 0.75].map((share) => round(quantile(values, share), digits));
  return { value: value ?? Number.NaN, low, high, samples: values.length };
}

export function round(value: number, digits = 2): number {
  return Number(value.toFixed(digits));
}
