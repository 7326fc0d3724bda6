import * as z from 'zod';
import type { ApiClient } from '../../api/client.ts';
import { cut, literal } from '../../text/visible.ts';

/** A plan or a list does without it. */
const READ_MS = 2_000;
const MOST_ROWS = 20;
const MAX_TEXT = 60;

/** Sums over all managed databases of the contract, as IONOS writes them. */
export interface Quota {
  limits: ReadonlyMap<string, string>;
  usage: ReadonlyMap<string, string>;
}

const values = z.record(z.string(), z.unknown()).transform((all) => {
  const known = Object.entries(all).filter(([, value]) => typeof value === 'string' || typeof value === 'number');
  return new Map(known.slice(0, MOST_ROWS).map(([key, value]) => [key, String(value).trim()]));
});

/** One page of IONOS's documentation is all that is known of it: https://api.ionos.com/docs/quota/v1. */
const quotaReply = z
  .object({ quotaLimits: values, quotaUsage: values.optional().catch(undefined) })
  .transform(({ quotaLimits: limits, quotaUsage: usage = new Map() }): Quota => ({ limits, usage }));

interface QuotaAsking {
  api: Pick<ApiClient, 'databases'>;
  orUndefinedAfter<T>(ms: number, work: Promise<T>): Promise<T | undefined>;
}

/** Undefined where it cannot be read, or not in time. */
export function readQuota({ api, orUndefinedAfter }: QuotaAsking): Promise<Quota | undefined> {
  const reading = api.databases.get('quota', { response: quotaReply, once: true });
  return orUndefinedAfter(
    READ_MS,
    reading.catch(() => undefined),
  );
}

/** Kubernetes' notation: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity. */
const QUANTITY = /^(\d{1,20}(?:\.\d{0,20})?)(?:[eE]([+-]?\d{1,2}))? ?([a-zA-Z]{0,2})B?$/;

const DECIMAL = ['', 'k', 'M', 'G', 'T', 'P', 'E'];
const FACTORS = new Map<string, number>([
  ...DECIMAL.map((prefix, n) => [prefix, 1_000 ** n] as const),
  ...DECIMAL.slice(1).map((prefix, n) => [`${prefix === 'k' ? 'K' : prefix}i`, 1_024 ** (n + 1)] as const),
  ['K', 1_000],
  ['m', 1e-3],
  ['u', 1e-6],
  ['n', 1e-9],
]);

/** As a plain number, in bytes where it is one of memory; undefined for another notation. */
export function parseQuantity(text: string): number | undefined {
  const [, digits, exponent = '0', suffix = ''] = QUANTITY.exec(text.trim()) ?? [];
  const factor = FACTORS.get(suffix);
  if (digits === undefined || factor === undefined) return undefined;
  // Powers above zero are exact.
  const power = Number(exponent);
  return (power < 0 ? Number(digits) / 10 ** -power : Number(digits) * 10 ** power) * factor;
}

/** Per instance, except `instances` and `clusters`; ram and storageSize in MB. */
interface Counted {
  clusters?: number;
  instances?: number;
  cores?: number;
  ram?: number;
  storageSize?: number;
}

interface Resource {
  key: string;
  what: string;
  /** How many of the quota's own units one of this server's has: ram and storage are MB of 1024 × 1024 bytes. */
  unit: number;
  of(size: Counted): number | undefined;
}

const times = (count = Number.NaN, each = Number.NaN) => {
  const product = count * each;
  return Number.isNaN(product) ? undefined : product;
};

const GB = 1_024 ** 3;
const MB_IN_GB = 1_024;

const RESOURCES: readonly Resource[] = [
  { key: 'cpu', what: 'cores', unit: 1, of: ({ instances, cores }) => times(instances, cores) },
  {
    key: 'memory',
    what: 'GB of memory',
    unit: GB,
    of: ({ instances, ram }) => times(instances, ram && ram / MB_IN_GB),
  },
  {
    key: 'storage',
    what: 'GB of storage',
    unit: GB,
    of: ({ instances, storageSize }) => times(instances, storageSize && storageSize / MB_IN_GB),
  },
  {
    key: 'count/postgresclusters.dbaas.ionos.com',
    what: 'PostgreSQL clusters',
    unit: 1,
    of: ({ clusters }) => clusters,
  },
];

interface Remaining {
  limit: number;
  /** Undefined if that is not readable. */
  left?: number;
}

/** Undefined where there is no readable limit. */
function remainingOf({ key, unit }: Resource, { limits, usage }: Quota): Remaining | undefined {
  const limit = parseQuantity(limits.get(key) ?? '');
  const used = parseQuantity(usage.get(key) ?? '');
  if (limit === undefined) return undefined;
  return { limit: limit / unit, left: used === undefined ? undefined : Math.max(0, limit - used) / unit };
}

/** What is left for databases, in one sentence; undefined if the quota says nothing of what a cluster takes. */
export function quotaWords(quota: Quota): string | undefined {
  const rows = RESOURCES.filter(({ key }) => quota.limits.has(key)).map((resource) => rowWords(resource, quota));
  if (rows.length === 0) return undefined;
  return `Left of the contract's quota, which all its managed databases share: ${rows.join(', ')}. A GB is 1024 MB; each instance of a cluster counts.`;
}

export interface QuotaRow {
  of: string;
  /** As IONOS writes it, where this server cannot read it. */
  limit: number | string;
  used?: number | string;
}

/** What of the quota databases take. */
export function quotaRows(quota: Quota): QuotaRow[] {
  return RESOURCES.flatMap(({ key, what, unit }) => {
    const amountOf = (text: string | undefined) => {
      const amount = parseQuantity(text ?? '');
      return amount === undefined ? text && cut(text, MAX_TEXT) : Number((amount / unit).toFixed(2));
    };
    const limit = amountOf(quota.limits.get(key));
    return limit === undefined ? [] : [{ of: what, limit, used: amountOf(quota.usage.get(key)) }];
  });
}

function rowWords(resource: Resource, quota: Quota): string {
  const { key, what } = resource;
  const { limit, left } = remainingOf(resource, quota) ?? {};
  if (limit !== undefined && left !== undefined) return `${shown(left)} of ${shown(limit)} ${what}`;
  const said = (text: string | undefined) => (text === undefined ? 'not told' : literal(cut(text, MAX_TEXT)));
  return `${what} (limit ${said(quota.limits.get(key))}, in use ${said(quota.usage.get(key))})`;
}

const shown = (amount: number) => String(Number(amount.toFixed(2)));

/** Something of which an order or a change takes more than is left. */
export interface QuotaExcess extends Remaining {
  what: string;
  needed: number;
}

/** What a new cluster, or one that grows, takes beyond the quota; undefined for nothing, as far as that is known. */
export function excessOf(
  quota: Quota | undefined,
  after: Counted,
  before?: Counted,
): readonly QuotaExcess[] | undefined {
  if (!quota) return undefined;
  const beyond = RESOURCES.flatMap((resource) => {
    const needed = (resource.of(after) ?? 0) - (before ? (resource.of(before) ?? Number.POSITIVE_INFINITY) : 0);
    const remaining = remainingOf(resource, quota);
    const isBeyond = remaining !== undefined && needed > (remaining.left ?? remaining.limit);
    return isBeyond ? [{ what: resource.what, needed, ...remaining }] : [];
  });
  return beyond.length > 0 ? beyond : undefined;
}

export function excessWords({ what, needed, left, limit }: QuotaExcess): string {
  const room =
    left === undefined
      ? `all databases together can have ${shown(limit)}`
      : `${shown(left)} of ${shown(limit)} are left`;
  return `WARNING: this takes ${shown(needed)} more ${what}, and by the contract's quota ${room}. IONOS may refuse it; its support can raise the quota.`;
}
