import type { ApiClient, CallScope } from '../api/client.ts';
import { type Estimate, estimate, withoutList } from './estimate.ts';
import { tableOf } from './list-table.ts';
import { type PriceFile, tableOfFile } from './price-file.ts';
import type { NoPriceList } from './price-list.ts';
import { createReading, type PricedFor } from './reading.ts';
import type { ClusterSize, PriceTable } from './table.ts';

export interface PricesOptions {
  /** With the credentials of a call; its Billing API is asked. */
  apiFor(scope: CallScope, credentialsKey: string): ApiClient;
  /** Of the operator, in place of the contract's list. */
  file?: PriceFile;
  /** Milliseconds since the epoch; default Date.now */
  now?(): number;
}

/** An incomplete estimate where there is no price. */
export type Estimator = (size: ClusterSize) => Estimate;

export interface CallPrices {
  /** The same prices for all that a call asks. Rejects if the call ends first, or nothing can be sent. */
  estimator(): Promise<Estimator>;
}

export interface Prices {
  /** Reads nothing until it is asked. */
  forCall(call: CallScope, whose: PricedFor): CallPrices;
}

export function createPrices({ apiFor, file, now = Date.now }: PricesOptions): Prices {
  const ownTable = file && tableOfFile(file);
  const readList = createReading({ apiFor, now });

  async function readTable(call: CallScope, whose: PricedFor): Promise<PriceTable | NoPriceList> {
    if (ownTable) return ownTable;
    const found = await readList(call, whose);
    return 'rows' in found ? tableOf(found) : found;
  }

  return {
    forCall(call, whose) {
      let reading: Promise<PriceTable | NoPriceList> | undefined;
      return {
        async estimator() {
          reading ??= readTable(call, whose);
          const table = await reading;
          return (size) => ('find' in table ? estimate(size, table) : withoutList(table));
        },
      };
    },
  };
}
