import type { Settings } from './settings.ts';

export interface Size {
  instances: number;
  cores: number;
  ram: number;
  storageSize: number;
}

/** With the kind of storage, on which the price depends. */
export interface Sized extends Partial<Size> {
  storageType: string;
}

export const QUANTITIES = ['instances', 'cores', 'ram', 'storageSize'] as const;

/** What is given of them. */
export function sizeIn(values: Partial<Size>): Partial<Size> {
  const given = QUANTITIES.filter((each) => values[each] !== undefined);
  return Object.fromEntries(given.map((each) => [each, values[each]]));
}

/** So many make a euro; a megabyte of any storage costs a whole number of them. */
const UNITS = 100_000 * 1024;
const CORE = 5_000 * 1024;
const RAM_MB = 1_000;
const STORAGE_MB: Record<string, number> = { HDD: 10, 'SSD Standard': 15, 'SSD Premium': 20, SSD: 20 };
const HOURS = 720;

/** What an hour costs by the prices of the tests, in units; reckoned without the server's own code. */
export function hourlyCost({ instances = 0, cores = 0, ram = 0, storageSize = 0, storageType }: Sized): number {
  return instances * (cores * CORE + ram * RAM_MB + storageSize * (STORAGE_MB[storageType] ?? Number.NaN));
}

export const monthlyCost = (size: Sized) => hourlyCost(size) * HOURS;
export const unitsOf = (euros: string) => Math.round(Number(euros) * 100) * (UNITS / 100);
export const perHour = (units: number) => units / UNITS;
export const perMonth = (units: number) => (units * HOURS) / UNITS;

/** Whether the server can know what the cluster costs. */
export function isPriced({ prices }: Settings, { storageType }: Sized): boolean {
  return prices === 'known' || (prices === 'none for HDD' && storageType !== 'HDD');
}

/** That more is paid; by how much, in units for an hour, unless no price is known. */
export interface Rise {
  by?: number;
}

const isMore = (before: Partial<Size>, after: Partial<Size>) =>
  QUANTITIES.some((each) => Number(after[each]) > Number(before[each]));

/** Without `before`, nothing is there yet. */
export function riseFrom(before: Sized | undefined, after: Sized, settings: Settings): Rise | undefined {
  if (before && !isMore(before, after)) return undefined;
  if (!isPriced(settings, after)) return {};
  const by = hourlyCost(after) - (before ? hourlyCost(before) : 0);
  return before && by <= 0 ? undefined : { by };
}

/** Whether it is known to be no more than a person wants to be asked about. */
export function isSmall({ by }: Rise, { confirmAbove }: Settings): boolean {
  return by !== undefined && confirmAbove !== undefined && by * HOURS <= unitsOf(confirmAbove);
}
