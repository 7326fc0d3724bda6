import type { ApiClient, CallScope } from '../api/client.ts';
import { createReading, type ListOrReason } from './reading.ts';

export interface PricesOptions {
  /** Its Billing API is asked, with the credentials of each call. */
  api: ApiClient;
  contractNumber?: string;
  /** Milliseconds since the epoch; default Date.now */
  now?(): number;
}

export interface Prices {
  /** Reads nothing until it is asked. */
  forCall(call: CallScope): { list(): Promise<ListOrReason> };
}

export function createPrices({ api, contractNumber, now = Date.now }: PricesOptions): Prices {
  const read = createReading({ api, contractNumber, now });
  return { forCall: (call) => ({ list: () => read(call) }) };
}
