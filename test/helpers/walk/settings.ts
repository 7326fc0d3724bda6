import fc from 'fast-check';
import { readPriceFile } from '../../../src/prices/price-file.ts';
import type { Confirm } from '../../../src/writes/confirm.ts';
import type { World } from '../connect.ts';
import { PRICES } from '../prices.ts';

/** With what the server is started, and how its world is. */
export interface Settings {
  confirm: Confirm;
  /** In EUR for 30 days. */
  confirmAbove?: string;
  prices: 'known' | 'none for HDD' | 'unknown';
  /** In EUR for 30 days. */
  perCluster?: string;
  inTotal?: string;
  /** How long lists show what there was before. */
  lagMs: number;
}

const optional = <T>(weight: number, arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

/** The clusters of the sandbox cost 103.68, 417.60 and 1,717.20 for 30 days; 28.80 are four gigabytes of memory. */
export const settings: fc.Arbitrary<Settings> = fc.record({
  confirm: fc.oneof(
    { weight: 5, arbitrary: fc.constant<Confirm>('costly') },
    { weight: 2, arbitrary: fc.constant<Confirm>('destructive') },
    { weight: 1, arbitrary: fc.constantFrom<Confirm>('writes', 'never') },
  ),
  confirmAbove: optional(1, fc.constantFrom('0', '28.80', '150', '500.50')),
  prices: fc.oneof(
    { weight: 5, arbitrary: fc.constant('known' as const) },
    { weight: 1, arbitrary: fc.constantFrom('none for HDD' as const, 'unknown' as const) },
  ),
  perCluster: optional(2, fc.constantFrom('103.68', '250', '800', '2000')),
  inTotal: optional(2, fc.constantFrom('1000', '2600', '3200', '4500')),
  lagMs: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constantFrom(20_000, 60_000) }),
});

const { storageGB } = PRICES.perHour;
const WITHOUT_HDD = readPriceFile('prices.json', () =>
  JSON.stringify({
    ...PRICES,
    perHour: { ...PRICES.perHour, storageGB: { ...Object(storageGB), HDD: undefined } },
  }),
);

/** The list of the contract is one that these credentials may not read. */
export function pricesOf({ prices }: Settings): World['prices'] {
  if (prices === 'unknown') return 'of the contract';
  return prices === 'known' ? PRICES : WITHOUT_HDD;
}

export function policyOf({ perCluster, inTotal }: Settings): string | undefined {
  if (perCluster === undefined && inTotal === undefined) return undefined;
  return JSON.stringify({
    perCluster: { monthlyCost: perCluster },
    inTotal: { monthlyCost: inTotal },
    currency: 'EUR',
  });
}
