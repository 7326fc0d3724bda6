import type { Context } from 'hono';
import { contractOf, type Routes } from './routes.ts';
import { date as timeOf } from './times.ts';

export const BILLING_PATH = '/billing';

const CURRENCY = 'EUR';
const LIABILITY = 'The sandbox made these prices up, without liability: nobody is billed, and IONOS has others.';

interface Product {
  meterId: string;
  meterDesc: string;
  unit: string;
  quantity?: string;
  deprecated?: boolean;
  /** Months of a commitment. */
  term?: number;
}

const HOURLY = '1hour';
const MEMORY = '1G*1hour';
const STORAGE = '1G*30Days';

/** Of PostgreSQL: a core, a gigabyte of memory, and one of each kind of storage. */
export interface ExamplePrices {
  us: readonly string[];
  elsewhere: readonly string[];
}

/** Meters for the countries of one suffix. */
function ofPostgres(prefix: string, suffix: string, [core, ram, ...storage]: readonly string[]): Product[] {
  const kinds = ['HDD ', 'SSD Standard ', 'SSD Premium ', ''];
  return [
    { meterId: `${prefix}1000`, meterDesc: `1h per core PostgreSQL${suffix}`, unit: HOURLY, quantity: core },
    { meterId: `${prefix}1100`, meterDesc: `1h per GB RAM PostgreSQL${suffix}`, unit: MEMORY, quantity: ram },
    ...kinds.map((kind, n) => ({
      meterId: `${prefix}1${n + 2}00`,
      meterDesc: `30d per 1GB ${kind}Storage PostgreSQL${suffix}`,
      unit: STORAGE,
      quantity: storage[n],
    })),
  ];
}

const productsAt = ({ elsewhere, us }: ExamplePrices): readonly Product[] => [
  { meterId: 'FA1000', meterDesc: '30d per static IP address', unit: '30Days', quantity: '3' },
  { meterId: 'FC1000', meterDesc: '1h core Intel Skylake (+1 hyperthread core)', unit: HOURLY, quantity: '0.03' },
  { meterId: 'FR1000', meterDesc: '1h per GB RAM', unit: MEMORY, quantity: '0.004' },
  { meterId: 'FS1000', meterDesc: '30d per 1 GB SSD Storage Premium', unit: STORAGE, quantity: '0.11' },
  { meterId: 'FM1000', meterDesc: '1h of MongoDB Playground first instance', unit: HOURLY, quantity: '0' },
  { meterId: 'FM1100', meterDesc: '1h per GB RAM MongoDB', unit: MEMORY, quantity: '0.009' },
  ...ofPostgres('FP', '', elsewhere),
  ...ofPostgres('FPUS', ' - US', us),
  { meterId: 'FP0900', meterDesc: '1h core PostgreSQL', unit: HOURLY, quantity: '0.07', deprecated: true },
  { meterId: 'FP1012', meterDesc: '1h per core PostgreSQL', unit: HOURLY, quantity: '0.04', term: 12 },
  { meterId: 'FP1900', meterDesc: '30d per 1GB PostgreSQL Backup Storage', unit: STORAGE, quantity: '0.02' },
  { meterId: 'FP2000', meterDesc: '1h of PostgreSQL Playground instance', unit: HOURLY },
];

function metadataOf(c: Context) {
  const { number: contractId, customerId, reference } = contractOf(c);
  return { contractId, customerId, reference };
}

const shown = ({ meterId, meterDesc, unit, quantity, deprecated = false, term }: Product) => ({
  ...{ meterId, meterDesc, deprecated, unit, term: term ?? null },
  type: term === undefined ? 'consumption-based' : 'commitment-based',
  unitCost: quantity === undefined ? null : { quantity, unit: CURRENCY },
});

const refusal = (status: number, message: string) => Response.json({ message }, { status });

function isDay(text: string): boolean {
  const time = Date.parse(text);
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(time) && timeOf(time).startsWith(text);
}

/** The Billing API, as far as prices are read. */
export function billingRoutes(prices: ExamplePrices, clock: () => number): Routes {
  const products = productsAt(prices).map(shown);
  return {
    '/profile': { GET: (c) => c.json({ companies: [metadataOf(c)] }) },
    '/:contract/products': {
      GET: (c) => {
        if (c.req.param('contract') !== contractOf(c).number) return refusal(403, 'no rights to this contract');
        const day = c.req.query('date') ?? timeOf(clock()).slice(0, 10);
        if (!isDay(day)) return refusal(400, 'date must be a day as in 2026-11-27');
        return c.json({ metadata: metadataOf(c), liability: LIABILITY, products });
      },
    },
  };
}

const LIMITS = { coresPerContract: 100, coresProvisioned: 0, ramPerContract: 204_800, ramProvisioned: 0 };

/** Part of the Compute API. */
export const contractRoutes: Routes = {
  '/contracts': {
    GET: (c) => {
      const href = c.req.url.split('?')[0];
      const { number, owner } = contractOf(c);
      const properties = { contractNumber: Number(number), owner: owner.name, status: 'BILLABLE' };
      const contract = {
        type: 'contract',
        properties: { ...properties, regDomain: 'ionos.de', resourceLimits: LIMITS },
      };
      return c.json({ id: 'contracts', type: 'collection', href, items: [contract] });
    },
  },
};
