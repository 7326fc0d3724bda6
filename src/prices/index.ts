import type { ApiClient, CallScope } from '../api/client.ts';
import { type Estimate, estimate, withoutList } from './estimate.ts';
import { tableOf } from './list-table.ts';
import { type PriceFile, tableOfFile } from './price-file.ts';
import type { NoPriceList } from './price-list.ts';
import { createReading } from './reading.ts';
import type { ClusterSize, PriceTable } from './table.ts';

export interface PricesOptions {
  /** Its Billing API is asked, with the credentials of each call. */
  api: ApiClient;
  contractNumber?: string;
  /** Of the operator, in place of the contract's list. */
  file?: PriceFile;
  /** Milliseconds since the epoch; default Date.now */
  now?(): number;
}

export interface CallPrices {
  /** Rejects if the call ends first, or nothing can be sent; that there are no prices is an incomplete estimate. */
  estimate(size: ClusterSize): Promise<Estimate>;
}

export interface Prices {
  /** Reads nothing until it is asked. */
  forCall(call: CallScope): CallPrices;
}

export function createPrices({ api, contractNumber, file, now = Date.now }: PricesOptions): Prices {
  const ownTable = file && tableOfFile(file);
  const readList = createReading({ api, contractNumber, now });

  async function readTable(call: CallScope): Promise<PriceTable | NoPriceList> {
    if (ownTable) return ownTable;
    const found = await readList(call);
    return 'rows' in found ? tableOf(found) : found;
  }

  return {
    forCall(call) {
      let reading: Promise<PriceTable | NoPriceList> | undefined;
      return {
        async estimate(size) {
          reading ??= readTable(call);
          const table = await reading;
          return 'find' in table ? estimate(size, table) : withoutList(table);
        },
      };
    },
  };
}
