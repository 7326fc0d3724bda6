import * as z from 'zod';
import { cut } from '../../text/visible.ts';
import { optionalReads } from '../networks/optional-reads.ts';
import type { Context } from '../tool.ts';

/** What IONOS shows of a contract; each is undefined where these credentials may not read it. */
export interface ContractView {
  contract?: string;
  /** The owner's own words for it. */
  name?: string;
  /** E-mail address. */
  owner?: string;
  status?: string;
  /** Where the credentials see more than one, and nothing says which is meant. */
  others?: readonly string[];
}

const READ_MS = 6_000;
const LONGEST_TEXT = 100;
const MOST_OTHERS = 10;

const short = z
  .string()
  .transform((text) => cut(text, LONGEST_TEXT))
  .optional()
  .catch(undefined);
const number = z
  .union([z.string(), z.int()])
  .transform(String)
  .pipe(z.string().regex(/^\d{1,20}$/));

const contract = z.object({ contractNumber: number, owner: short, status: short });
const contracts = z.object({ items: rowsOf(z.object({ properties: contract })) });
const company = z.object({ contractId: number, reference: short });
const profile = z.object({ companies: rowsOf(company) });

/** Rows of another form are left out. */
function rowsOf<Row extends z.ZodType>(row: Row) {
  return z.array(z.unknown()).transform((rows) => rows.flatMap((each) => row.safeParse(each).data ?? []));
}

/** `known` is what the operator or the token says. */
export async function readContract(known: string | undefined, context: Context): Promise<ContractView> {
  const { api } = context;
  const read = optionalReads(context, READ_MS);
  const [fromCompute, fromBilling] = await Promise.all([
    read(() => api.compute.get('contracts', { query: { depth: 1, pretty: 'false' }, response: contracts })),
    read(() => api.billing.get('profile', { response: profile })),
  ]);
  const own = fromCompute?.items.map(({ properties }) => properties) ?? [];
  const companies = fromBilling?.companies ?? [];
  const seen = [...new Set([...own.map((each) => each.contractNumber), ...companies.map((each) => each.contractId)])];
  const [only] = seen;
  const number = known ?? (seen.length === 1 ? only : undefined);
  const { owner, status } = own.find((each) => each.contractNumber === number) ?? {};
  const name = companies.find((each) => each.contractId === number)?.reference;
  const others = number === undefined && seen.length > 1 ? seen.slice(0, MOST_OTHERS) : undefined;
  return { contract: number, name, owner, status, others };
}
