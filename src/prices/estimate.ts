import { Amount } from './amount.ts';
import { PARTS, type Part } from './meters/vocabulary.ts';
import type { NoPriceList, PriceRow } from './price-list.ts';
import type { ClusterSize, NoUnitPrice, PriceTable, UnitPrice } from './table.ts';

/** Exact; rounded where it is shown. */
export interface Cost {
  perHour: Amount;
  per30Days: Amount;
  currency: string;
}

export interface PricedPart extends UnitPrice {
  part: Part;
  /** Cores, or gigabytes of 1024 MB, of all instances. */
  amount: Amount;
  /** Of the whole amount. */
  cost: Amount;
}

export interface MissingPart extends Omit<NoUnitPrice, 'reason'> {
  part: Part;
  reason: NoUnitPrice['reason'] | 'unknown-size' | 'several-currencies';
}

interface Basis {
  components: readonly PricedPart[];
  source?: PriceTable['source'];
  /** Of the price list. */
  date?: string;
  /** IONOS's own caveat. */
  liability?: string;
  leftOut: readonly string[];
}

export interface CompleteEstimate extends Basis, Cost {
  complete: true;
}

/** Has no total. */
export interface IncompleteEstimate extends Basis {
  complete: false;
  missing: readonly MissingPart[];
  /** Rows of the price list that may be charged as well, so that all parts together are no total. */
  beside: readonly PriceRow[];
  /** Why there are no prices at all. */
  noList?: NoPriceList;
}

export type Estimate = CompleteEstimate | IncompleteEstimate;

/** What no estimate contains. */
export const LEFT_OUT = ['traffic', 'backup storage', 'VAT'] as const;

export function estimate(size: ClusterSize, table: PriceTable): Estimate {
  const found = PARTS.map((part) => pricedPart(part, size, table));
  const components = found.filter((each) => 'cost' in each);
  const { source, date, liability } = table;
  const basis = { components, source, date, liability, leftOut: LEFT_OUT };
  const missing = found.filter((each) => 'reason' in each);
  const beside = table.beside(size);
  if (missing.length > 0 || beside.length > 0) return { complete: false, missing, beside, ...basis };
  const [currency, ...others] = new Set(components.map((each) => each.currency));
  if (currency === undefined || others.length > 0) {
    const reason = 'several-currencies';
    return { complete: false, missing: PARTS.map((part) => ({ part, reason, candidates: [] })), beside, ...basis };
  }
  return { complete: true, ...costOf(total(components.map(({ cost }) => cost)), currency), ...basis };
}

export function withoutList(noList: NoPriceList): IncompleteEstimate {
  return { complete: false, missing: [], beside: [], noList, components: [], leftOut: LEFT_OUT };
}

const HOURS_OF_30_DAYS = amountOf(720);
const MB_OF_GB = amountOf(1024);

function costOf(perHour: Amount, currency: string): Cost {
  return { perHour, per30Days: perHour.times(HOURS_OF_30_DAYS), currency };
}

const total = (amounts: readonly Amount[]) => amounts.reduce((sum, each) => sum.plus(each), Amount.zero);

function pricedPart(part: Part, size: ClusterSize, table: PriceTable): PricedPart | MissingPart {
  const amount = amountIn(size, part);
  if (!amount) return { part, reason: 'unknown-size', candidates: [] };
  const price = table.find(part, size);
  if ('reason' in price) return { part, ...price };
  return { part, amount, ...price, cost: price.perHour.times(amount) };
}

function amountIn({ instances, cores, ram, storageSize }: ClusterSize, part: Part): Amount | undefined {
  const each = { cores, memory: ram, storage: storageSize }[part];
  if (!isCount(instances) || !isCount(each)) return undefined;
  const all = amountOf(instances).times(amountOf(each));
  return part === 'cores' ? all : all.dividedBy(MB_OF_GB);
}

const isCount = (value: number | undefined): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

function amountOf(count: number): Amount {
  const amount = Amount.of(count);
  if (!amount) throw new RangeError('not a count');
  return amount;
}

/** Of all clusters together. */
export type Sum =
  | ({ complete: true } & Cost)
  | {
      complete: false;
      /** How many estimates are not in it. */
      unknown: number;
      /** More than one cannot be added up. */
      currencies: readonly string[];
      /** What is known of it, which is not the total. */
      known?: Cost;
    };

export function sumOf(estimates: readonly Estimate[]): Sum {
  const complete = estimates.filter((each) => each.complete);
  const unknown = estimates.length - complete.length;
  const currencies = [...new Set(complete.map((each) => each.currency))];
  const [currency, ...others] = currencies;
  if (currency === undefined || others.length > 0) return { complete: false, unknown, currencies };
  const cost = costOf(total(complete.map(({ perHour }) => perHour)), currency);
  return unknown === 0 ? { complete: true, ...cost } : { complete: false, unknown, currencies, known: cost };
}

/** Undefined where one is not known. Without `now` nothing is there yet, without `afterwards` nothing stays. */
export function differenceOf(now: Estimate | undefined, afterwards: Estimate | undefined): Cost | undefined {
  if (now?.complete === false || afterwards?.complete === false) return undefined;
  const [currency, ...others] = new Set([now, afterwards].flatMap((each) => each?.currency ?? []));
  if (currency === undefined || others.length > 0) return undefined;
  const [before, after] = [now?.perHour ?? Amount.zero, afterwards?.perHour ?? Amount.zero];
  return costOf(after.minus(before), currency);
}
