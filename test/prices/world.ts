import { type CallScope, createApiClient, type Fetch } from '../../src/api/client.ts';
import { createPrices } from '../../src/prices/index.ts';
import type { PriceFile } from '../../src/prices/price-file.ts';
import { createReading, type PricedFor } from '../../src/prices/reading.ts';

type Answer = Response | Error | ((request: Request, signal: AbortSignal) => Promise<Response>);

export const product = (meterDesc: string, unit: string, quantity: string | number, over: object = {}) => ({
  meterId: 'X1000',
  meterDesc,
  deprecated: false,
  unit,
  type: 'consumption-based',
  term: null,
  unitCost: { quantity, unit: 'EUR' },
  ...over,
});

export const listOf = (...products: unknown[]) => ({
  metadata: { contractId: '31812345', customerId: '1', reference: null },
  liability: 'without liability',
  products,
});

export const profileOf = (...ids: (string | number)[]) => ({ companies: ids.map((contractId) => ({ contractId })) });
export const contractsOf = (...numbers: number[]) => ({
  items: numbers.map((contractNumber) => ({ properties: { contractNumber } })),
});

export const refusal = (status: number) => Response.json({ error: 'no rights' }, { status });

/** Prices at a played Billing API: an answer for each path, the requests that came, and calls. */
export function world(
  answers: Record<string, Answer | object>,
  given: { contractNumber?: string; file?: PriceFile } = {},
) {
  const requests: Request[] = [];
  const fetch: Fetch = async (request, { signal }) => {
    requests.push(request);
    const found = answers[new URL(request.url).pathname] ?? refusal(404);
    if (found instanceof Error) throw found;
    if (typeof found === 'function') return found(request, signal);
    return found instanceof Response ? found.clone() : Response.json(found);
  };
  const api = createApiClient({
    apiUrl: 'https://api.example/databases/postgresql',
    authorization: 'Bearer planted',
    contractNumber: given.contractNumber,
    userAgent: 'ionos-postgres-mcp/9.9.9',
    fetch,
  });
  const { file, contractNumber: contract } = given;
  const apiFor = (scope: CallScope) => api.forCall(scope);
  const options = { apiFor, file, now: () => Date.parse('2026-11-27T23:30:00Z') };
  const read = createReading(options);
  const prices = createPrices(options);
  return {
    requests,
    paths: () => requests.map(({ url }) => url.replace('https://api.example', '')),
    read: (call: CallScope, whose: Partial<PricedFor> = {}) => read(call, { credentialsKey: '', contract, ...whose }),
    prices: { forCall: (call: CallScope) => prices.forCall(call, { credentialsKey: '', contract }) },
  };
}

export function call(over: Partial<CallScope> = {}): CallScope {
  return { signal: new AbortController().signal, deadline: Date.now() + 45_000, ...over };
}
