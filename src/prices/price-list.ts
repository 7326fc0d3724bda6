import * as z from 'zod';
import { type ApiClient, path } from '../api/client.ts';
import { ApiError, NoAnswerError } from '../errors.ts';
import { cut } from '../text/visible.ts';

/** A text longer than this is cut, which recognition sees by its length. */
export const LONGEST_TEXT = 300;
/** More than any contract should have; each is a few hundred bytes. */
const MOST_ROWS = 300;

/** A meter as the Billing API shows it: its words are all that tells what it is. */
export interface PriceRow {
  text: string;
  unit: string;
  /** Undefined where it cannot be read, so that the row may still be charged. */
  deprecated?: boolean;
  /** consumption-based, commitment-based, or a word that is not known yet. */
  type?: string;
  /** Months of a commitment; not a number where it cannot be read. */
  term?: number;
  price?: { quantity: string; currency: string };
}

/** The contract's prices of everything that has to do with PostgreSQL. */
export interface PriceList {
  /** On which the prices were valid, YYYY-MM-DD. */
  date: string;
  contract: string;
  /** IONOS's own caveat. */
  liability?: string;
  rows: readonly PriceRow[];
  /** Whether there were more rows than are kept. */
  isCut: boolean;
}

/** Why there is no price list. */
export interface NoPriceList {
  reason: 'not-permitted' | 'no-contract' | 'several-contracts' | 'no-answer';
  /** The contracts, or what the API said. */
  details: readonly string[];
}

interface Asked {
  /** Of the operator; else the only one that the credentials have. */
  contractNumber?: string;
  date: string;
}

const short = z.string().transform((text) => cut(text.trim(), LONGEST_TEXT));
const decimal = z.union([z.string(), z.number()]).transform(String);
const truth = z
  .union([z.boolean(), z.stringbool()])
  .optional()
  .transform((value = false): boolean | undefined => value)
  .catch(undefined);

const row = z
  .object({
    meterDesc: short,
    unit: short.default('').catch(''),
    deprecated: truth,
    type: short.optional().catch('unknown'),
    term: z.coerce.number().optional().catch(Number.NaN),
    unitCost: z.object({ quantity: decimal, unit: short }).optional().catch(undefined),
  })
  .transform(({ meterDesc: text, unitCost, ...rest }): PriceRow => {
    return { text, ...rest, price: unitCost && { quantity: unitCost.quantity, currency: unitCost.unit } };
  });

const products = z.object({ liability: short.optional().catch(undefined), products: z.array(z.unknown()) });

function isOfPostgres(product: unknown): boolean {
  const { meterDesc }: { meterDesc?: unknown } = Object(product);
  // "Postgre SQL" and hyphens that cannot be seen are the same name.
  return typeof meterDesc === 'string' && /postgres/i.test(meterDesc.normalize('NFKC').replace(/\P{L}+/gu, ''));
}

/** Without pages: a contract with hundreds of data centers has a list of more than a megabyte. */
async function readRows(api: ApiClient, { contractNumber = '', date }: Asked): Promise<PriceList> {
  const answer = await api.billing.get(path`${contractNumber}/products`, { query: { date }, response: products });
  const kept = answer.products.filter(isOfPostgres);
  return {
    date,
    contract: contractNumber,
    liability: answer.liability,
    rows: kept.slice(0, MOST_ROWS).map((product) => row.parse(product)),
    isCut: kept.length > MOST_ROWS,
  };
}

/** Rejects where nothing could be sent, and otherwise says why there is none. */
export async function readPriceList(api: ApiClient, asked: Asked): Promise<PriceList | NoPriceList> {
  try {
    const found = asked.contractNumber ?? (await findContract(api));
    if (typeof found !== 'string') return found;
    return await readRows(api, { ...asked, contractNumber: found });
  } catch (error) {
    return noListBecause(error);
  }
}

function noListBecause(error: unknown): NoPriceList {
  if (error instanceof NoAnswerError) return { reason: 'no-answer', details: [error.reason] };
  if (!(error instanceof ApiError)) throw error;
  const details = [`${error.status} ${error.message}`.trim()];
  return { reason: [401, 403].includes(error.status) ? 'not-permitted' : 'no-answer', details };
}

/** A number beyond this would have been changed by reading it. */
const contractId = z.union([z.string(), z.int()]).transform(String);
const CONTRACT = /^\d{1,20}$/;

const profile = z.object({ companies: z.array(z.object({ contractId })) });
const contracts = z.object({ items: z.array(z.object({ properties: z.object({ contractNumber: contractId }) })) });

/** The only one that the credentials show; otherwise why there is none. */
export async function findContract(api: ApiClient): Promise<string | NoPriceList> {
  const [ofBilling, problem] = await orProblem(
    api.billing.get('profile', { response: profile }).then(({ companies }) => companies.map((each) => each.contractId)),
  );
  const [only, ...others] = soundOnes(ofBilling);
  if (only !== undefined && others.length === 0) return only;
  // A token is bound to one contract, which the Compute API then shows alone.
  const [ofCompute] = await orProblem(
    api.compute
      .get('contracts', { query: { depth: 1, pretty: 'false' }, response: contracts })
      .then(({ items }) => items.map(({ properties }) => properties.contractNumber)),
  );
  const known = soundOnes(ofCompute).filter((each) => only === undefined || [only, ...others].includes(each));
  if (known[0] !== undefined && known.length === 1) return known[0];
  const several = only === undefined ? known : [only, ...others];
  if (several.length > 0) return { reason: 'several-contracts', details: several.slice(0, MOST_NAMED) };
  return problem ?? { reason: 'no-contract', details: [] };
}

const MOST_NAMED = 10;

const soundOnes = (numbers: readonly string[] = []) => [...new Set(numbers)].filter((each) => CONTRACT.test(each));

async function orProblem<T>(work: Promise<T>): Promise<[T] | [undefined, NoPriceList]> {
  try {
    return [await work];
  } catch (error) {
    return [undefined, noListBecause(error)];
  }
}
