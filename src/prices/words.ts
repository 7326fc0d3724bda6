import { cut, quoted } from '../text/visible.ts';
import { Amount } from './amount.ts';
import {
  type Cost,
  differenceOf,
  type Estimate,
  type IncompleteEstimate,
  type PricedPart,
  type Sum,
} from './estimate.ts';
import { readUnit } from './meters/units.ts';
import type { NoPriceList, PriceRow } from './price-list.ts';

/** Without `now` nothing is there yet, without `afterwards` nothing stays. */
export interface CostChange {
  now?: Estimate;
  afterwards?: Estimate;
}

/** Sentences for a person who is about to agree to it. */
export function costWords({ now, afterwards }: CostChange): string[] {
  const basis = [afterwards, now].find((each) => each?.complete);
  const unknown = [now, afterwards].filter((each) => each?.complete === false);
  return [
    totals({ now, afterwards }),
    basis && basisWords(basis),
    ...new Set(unknown.map((each) => unknownWords(each))),
  ]
    .concat(caveatOf(basis))
    .filter((words): words is string => typeof words === 'string' && words !== '');
}

const caveatOf = ({ liability }: Partial<Estimate> = {}) =>
  liability ? [`IONOS says of its prices: ${quoted(cut(liability, LONGEST_CAVEAT))}`] : [];

/** Who asks. */
export interface Inquiry {
  /** About a cluster that is not there yet, whose arguments can still be given. */
  isNew?: boolean;
}

/** What holds for many estimates from the same prices, each sentence once. */
export function notesOn(estimates: readonly Estimate[], inquiry: Inquiry = {}): string[] {
  const basis = estimates.find((each) => each.complete);
  const unknown = [...new Set(estimates.map((each) => unknownWords(each, inquiry)))].filter(Boolean);
  const [shown, left] = within(LONGEST_REASONS, unknown);
  return [
    ...(basis ? [`${sourceWords(basis)}. ${leftOutWords(basis)}`] : []),
    ...shown,
    ...(left > 0 ? [`The rows have ${left} more ${left === 1 ? 'reason' : 'reasons'}.`] : []),
    ...caveatOf(basis),
  ];
}

/** Whole texts, the first one in any case, and how many are left. */
function within(most: number, texts: readonly string[]): [shown: string[], left: number] {
  let length = 0;
  const shown = texts.filter((text, n) => {
    length += text.length;
    return n === 0 || length <= most;
  });
  return [shown, texts.length - shown.length];
}

/** Of all clusters together. `unseen` says where there can be others, in words that follow "clusters". */
export function sumWords(sum: Sum, unseen?: string): string {
  if (sum.complete && unseen === undefined) return `Together: ${bothOf(sum)}.`;
  const others = unseen === undefined ? '' : `there can be clusters ${unseen}`;
  const { known, unknown, currencies } = sum.complete ? { known: sum, unknown: 0, currencies: [] } : sum;
  if (currencies.length > 1) {
    return `Prices in ${currencies.join(' and ')} cannot be added up${others && `, and ${others}`}.`;
  }
  const clusters = unknown > 0 && `the cost of ${unknown} ${unknown === 1 ? 'cluster' : 'clusters'} is not known`;
  const rest = known ? ` Without ${unknown === 1 && !others ? 'it' : 'them'}: ${bothOf(known)}.` : '';
  return `The total is not known, because ${[clusters, others].filter(Boolean).join(', and ')}.${rest}`;
}

const LONGEST_CAVEAT = 200;
const LONGEST_TEXT = 120;
const MOST_CANDIDATES = 5;
/** Characters; each can have candidates for three parts. */
const LONGEST_REASONS = 8_000;

function totals({ now, afterwards }: CostChange): string | undefined {
  if (now?.complete !== true && afterwards?.complete !== true) return undefined;
  if (!now && afterwards?.complete) return `Cost: ${bothOf(afterwards)}.`;
  const difference = differenceOf(now, afterwards);
  return [
    now && `Cost now: ${costOrUnknown(now)}.`,
    `Afterwards: ${afterwards ? costOrUnknown(afterwards) : 'nothing'}.`,
    `Difference: ${difference ? bothOf(difference, { isSigned: true }) : 'not known'}.`,
  ].join(' ');
}

const costOrUnknown = (estimate: Estimate) => (estimate.complete ? bothOf(estimate) : 'not known');

function bothOf(cost: Cost, style: Style = {}): string {
  const { perHour, per30Days, currency } = roundedCost(cost, style);
  return `${perHour} ${currency} per hour, ${per30Days} ${currency} per 30 days`;
}

function basisWords(estimate: Estimate): string {
  const parts = estimate.components.map(({ part, amount, cost, currency }) => {
    const what = {
      cores: amount.compare(ONE) === 0 ? 'core' : 'cores',
      memory: 'GB of memory',
      storage: 'GB of storage',
    }[part];
    return `${plain(amount, 0, 2)} ${what} ${perHour(cost, currency)}`;
  });
  return `${sourceWords(estimate)}; per hour: ${parts.join(', ')}. ${leftOutWords(estimate)}`;
}

const ONE = Amount.of(1) ?? Amount.zero;

function sourceWords({ source, date }: Estimate): string {
  const from = source === 'file' ? "this server's own prices" : "the contract's price list";
  return `Estimated, without liability, from ${from}${date ? ` of ${date}` : ''}`;
}

const leftOutWords = ({ leftOut }: Estimate) => `Not included: ${listed(leftOut)}.`;

function unknownWords(estimate: Estimate, inquiry: Inquiry = {}): string {
  if (estimate.complete) return '';
  const { missing, beside } = estimate;
  const isRemedied = beside.length > 0 || missing.every(({ reason }) => !NOT_BY_A_FILE.includes(reason));
  const remedy = beside.length > 0 ? DECISION : REMEDY;
  return [`The cost is not known: ${reasonsIn(estimate, candidateWords, inquiry)}.`, isRemedied && remedy]
    .filter(Boolean)
    .join(' ');
}

/** No price helps where it is the cluster that is not known, and who has a file needs no advice to have one. */
const NOT_BY_A_FILE: readonly Reason[] = ['unknown-size', 'unknown-location', 'unknown-storage', 'not-in-file'];

const REMEDY = 'The operator of this server can give prices in a file (--prices).';

const DECISION =
  'Whether these rows are charged is for the operator of this server to decide, with prices in a file (--prices).';

/** Without the rows of the price list. */
export const shortReason = (estimate: IncompleteEstimate, inquiry: Inquiry = {}) =>
  reasonsIn(estimate, () => '', inquiry);

function reasonsIn(
  { noList, missing, beside }: IncompleteEstimate,
  more: (rows: readonly PriceRow[]) => string,
  { isNew = false }: Inquiry,
): string {
  if (noList) return noListWords(noList);
  const reasons = new Map<string, string[]>();
  for (const { part, reason, entry, candidates } of missing) {
    const asked = isNew ? REASONS_OF_NEW[reason] : undefined;
    const words = asked ?? REASONS[reason] + (entry ? ` and lacks ${entry}` : '') + more(candidates);
    reasons.set(words, [...(reasons.get(words) ?? []), part]);
  }
  const ofParts = [...reasons].map(([words, parts]) => `for ${listed(parts)}, ${words}`);
  return [...ofParts, ...(beside.length > 0 ? [MAY_BE_CHARGED + more(beside)] : [])].join('; ');
}

const MAY_BE_CHARGED = 'the price list has other rows, which may be charged as well';

type Reason = IncompleteEstimate['missing'][number]['reason'];

const REASONS: Record<Reason, string> = {
  'no-row': 'the price list has no row that fits',
  'several-rows': 'several rows of the price list could be meant',
  'long-text': 'the row of the price list has a text that is too long for this server',
  'several-parts': 'the row of the price list is about several parts of a cluster',
  'unclear-kind': 'the row of the price list leaves open for which kind of storage it is',
  'unclear-place': 'the row of the price list has a word that can be a country or something else',
  contradiction: 'the words of the row of the price list do not agree with its unit',
  'unclear-type': 'the row of the price list leaves open how it is billed',
  'unclear-row': 'the row of the price list has words that this server does not know',
  'foreign-unit': 'the unit of the price cannot be converted',
  'no-price': 'the price cannot be read, or is too high to be one',
  'unknown-location': 'prices differ by location, and that of the cluster is not known',
  'unknown-storage': 'prices differ by storage type, and that of the cluster is not known',
  'list-cut': 'the price list has more rows than this server reads',
  'not-in-file': 'the file of --prices has no price',
  'unknown-size': 'the size of the cluster is not known',
  'several-currencies': 'the prices are in several currencies',
};

const REASONS_OF_NEW: Partial<Record<Reason, string>> = {
  'unknown-location': 'prices differ by location; give location',
  'unknown-storage': 'prices differ by storage type; give storageType',
};

function noListWords({ reason, details }: NoPriceList): string {
  switch (reason) {
    case 'not-permitted':
      return "only the contract's owner and its administrators may read prices, and these credentials may not";
    case 'no-contract':
      return 'these credentials show no contract';
    case 'several-contracts':
      return `these credentials see several contracts (${details.map((each) => cut(each, 20)).join(', ')}); IONOS_CONTRACT_NUMBER chooses one`;
    case 'no-answer':
      return `the price list could not be read: ${details.map((each) => quoted(cut(each, LONGEST_TEXT))).join(', ')}`;
  }
}

function candidateWords(rows: readonly PriceRow[]): string {
  if (rows.length === 0) return '';
  const more = rows.length > MOST_CANDIDATES ? ` and ${rows.length - MOST_CANDIDATES} more` : '';
  return `: ${rows.slice(0, MOST_CANDIDATES).map(rowWords).join(', ')}${more}`;
}

/** As it is, as far as it cannot be taken for markup. */
function rowWords({ text, unit, price, type, term, deprecated }: PriceRow): string {
  const about = [
    readUnit(unit) ? unit.replaceAll('*', ' × ') : quoted(cut(unit, LONGEST_UNIT)),
    price ? priceWords(price) : 'no price',
    typeWords(type),
    deprecated ? 'deprecated' : '',
    deprecated === undefined && 'not clear whether deprecated',
    Number.isNaN(term) && 'unreadable term',
  ];
  return `${quoted(cut(text, LONGEST_TEXT))} (${about.filter(Boolean).join(', ')})`;
}

/** Where it is not the usual one. */
function typeWords(type: string | undefined): string {
  if (type === undefined) return 'no type';
  return /^consumption/i.test(type) ? '' : `type ${quoted(cut(type, LONGEST_UNIT))}`;
}

const LONGEST_UNIT = 40;

function priceWords({ quantity, currency }: NonNullable<PriceRow['price']>): string {
  const isPlain = Amount.of(quantity) !== undefined && /^[a-z]{3}$/i.test(currency);
  return isPlain ? `${quantity} ${currency}` : quoted(cut(`${quantity} ${currency}`, LONGEST_UNIT));
}

function listed(words: readonly string[]): string {
  return words.length > 1 ? `${words.slice(0, -1).join(', ')} and ${words.at(-1)}` : words.join('');
}

interface Style {
  /** Differences have a sign. */
  isSigned?: boolean;
}

/** An hour costs so little that the places of the currency would not show it. */
const MORE_PLACES = 4;

/** Rounded as the currency is, with places that an hour needs. */
export function perHour(amount: Amount, currency: string, style: Style = {}): string {
  return `${hourly(amount, currency, style)} ${currency}`;
}

export function per30Days(cost: Cost, style: Style = {}): string {
  const { per30Days, currency } = roundedCost(cost, style);
  return `${per30Days} ${currency}`;
}

/** The same as data. */
export function roundedCost({ perHour, per30Days, currency }: Cost, style: Style = {}) {
  const places = placesOf(currency);
  return {
    perHour: hourly(perHour, currency, style),
    per30Days: plain(per30Days, places, places, style),
    currency,
  };
}

/** A part as data, with the words of its meter. */
export function roundedPart({ part, amount, cost, currency, text }: PricedPart) {
  return {
    part,
    amount: plain(amount, 0, 2),
    perHour: hourly(cost, currency),
    meter: text === undefined ? undefined : cut(text, LONGEST_TEXT),
  };
}

function hourly(amount: Amount, currency: string, style: Style = {}): string {
  const places = placesOf(currency);
  return plain(amount, places, places + MORE_PLACES, style);
}

function plain(amount: Amount, fewest: number, most: number, { isSigned = false }: Style = {}): string {
  const sign = isSigned && amount.sign > 0 ? '+' : '';
  const text = amount.toFixed(most, fewest);
  return amount.sign !== 0 && Number(text) === 0 ? nearlyZero(amount, most, sign) : sign + text;
}

function nearlyZero(amount: Amount, places: number, sign: string): string {
  const least = places === 0 ? '1' : `0.${'1'.padStart(places, '0')}`;
  return amount.sign > 0 ? `less than ${sign}${least}` : `more than -${least}`;
}

/** As ISO 4217 has it: none for JPY, two for EUR. */
function placesOf(currency: string): number {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
}
