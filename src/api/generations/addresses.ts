import type { Generation } from './port.ts';

/** Of v1, below the root that it shares with IONOS's other APIs. */
export const BASE_PATH = '/databases/postgresql';

/** IONOS has its APIs below one address, and a gateway that stands before it usually does as well. */
export const rootOf = (apiUrl: string) => (apiUrl.endsWith(BASE_PATH) ? apiUrl.slice(0, -BASE_PATH.length) : apiUrl);

/** What stands for one of them in a URL. */
export const REGION = '{region}';
export const DEFAULT_V2_URL = 'https://postgresql.{region}.ionos.com';

export const inRegion = (url: string, region: string) => url.replaceAll(REGION, region);

/** Where IONOS has a host of API v2: https://docs.ionos.com/cloud/databases/postgresql/api/v2-api. */
export const REGIONS = [
  'de-txl',
  'de-fra',
  'fr-par',
  'es-vit',
  'gb-lhr',
  'gb-bhx',
  'us-las',
  'us-mci',
  'us-ewr',
] as const;

export const GENERATIONS = ['v1', 'v2', 'auto'] as const;

export interface V2Config extends Pick<V2Choice, 'newClusters'> {
  /** Whether v1 is left out. */
  isAlone: boolean;
  /** Whether not every region is asked. */
  leavesOutRegions?: boolean;
  /** By name; without one, an address for all of them. */
  regions: readonly { name?: string; apiUrl: string }[];
}

export interface V2Urls {
  /** Holds {region}, or is one for all of them. */
  url: string;
  /** Those that are elsewhere. */
  byRegion?: Readonly<Record<string, string>>;
}

interface V2Choice {
  generation: (typeof GENERATIONS)[number];
  urls: V2Urls;
  regions: readonly string[];
  /** Where orders go that name none. */
  newClusters: Generation;
}

/** Undefined where v1 alone is asked. */
export function v2Config({ generation, urls, regions, newClusters }: V2Choice): V2Config | undefined {
  const { url, byRegion = {} } = urls;
  if (generation === 'v1') return undefined;
  const isAlone = generation === 'v2';
  if (!url.includes(REGION)) return { isAlone, newClusters, regions: [{ apiUrl: url }] };
  const asked = regions.map((name) => ({ name, apiUrl: byRegion[name] ?? inRegion(url, name) }));
  return { isAlone, newClusters, ...(asked.length < REGIONS.length && { leavesOutRegions: true }), regions: asked };
}

/** Those with the usual form as one. */
export function v2Urls({ regions }: V2Config): string[] {
  const isUsual = ({ name = '', apiUrl }: V2Config['regions'][number]) => apiUrl === inRegion(DEFAULT_V2_URL, name);
  const others = regions.filter((region) => !isUsual(region)).map(({ apiUrl }) => apiUrl);
  return [...(others.length < regions.length ? [DEFAULT_V2_URL] : []), ...new Set(others)];
}
