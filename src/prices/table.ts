import type { Amount } from './amount.ts';
import type { Doubt } from './meters/meter.ts';
import type { Part } from './meters/vocabulary.ts';
import type { PriceRow } from './price-list.ts';

/** Of a cluster that is there or wished for, as API v1 names it; each is undefined where it is not known. */
export interface ClusterSize {
  instances?: number;
  /** Per instance, as are the next two, which are in MB. */
  cores?: number;
  ram?: number;
  storageSize?: number;
  storageType?: string;
  location?: string;
  /** Version 2 of the API has one kind of storage. */
  api?: 'v2';
}

/** Where and on which storage: what a price can depend on apart from the amount. */
export type PricedAt = Pick<ClusterSize, 'location' | 'storageType' | 'api'>;

export const placeOf = ({ location, storageType, api }: PricedAt): PricedAt => ({ location, storageType, api });

export interface UnitPrice {
  /** Of one core or one gigabyte for an hour. */
  perHour: Amount;
  currency: string;
  /** The meter's own words; none in an operator's file. */
  text?: string;
}

export interface NoUnitPrice {
  reason:
    | 'no-row'
    | 'several-rows'
    | Doubt
    | 'foreign-unit'
    | 'no-price'
    | 'unknown-location'
    | 'unknown-storage'
    | 'list-cut'
    | 'not-in-file';
  /** Of an operator's file, which lacks it. */
  entry?: string;
  /** Rows that could be meant, as they are. */
  candidates: readonly PriceRow[];
}

/** Prices from whatever source. */
export interface PriceTable {
  source: 'list' | 'file';
  date?: string;
  liability?: string;
  /** Rows of PostgreSQL that may be charged there as well: their words say none of the parts. */
  beside(place: PricedAt): readonly PriceRow[];
  find(part: Part, place: PricedAt): UnitPrice | NoUnitPrice;
}
