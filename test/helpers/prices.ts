import { estimate } from '../../src/prices/estimate.ts';
import type { CallPrices } from '../../src/prices/index.ts';
import { readPriceFile, tableOfFile } from '../../src/prices/price-file.ts';

/** Easy to reckon with. */
export const PRICES = readPriceFile('prices.json', () =>
  JSON.stringify({
    currency: 'EUR',
    date: '2026-11-01',
    perHour: {
      core: '0.05',
      ramGB: '0.01',
      storageGB: { HDD: '0.0001', 'SSD Standard': '0.00015', 'SSD Premium': '0.0002', v2: '0.0003' },
    },
  }),
);

export const callPrices: CallPrices = {
  estimator: async () => (size) => estimate(size, tableOfFile(PRICES)),
};
