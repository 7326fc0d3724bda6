import { ConfigError } from '../../errors.ts';
import { problem } from '../../secure-url.ts';
import type { Chosen, FileEndpoint, FileEnvironment } from './ionos-file.ts';

/** An address that the file gives. */
export interface Endpoint {
  /** Where it stands. */
  setting: string;
  value: string;
}

/** Of API v1, which has one host for all locations. Throws ConfigError. */
export function psqlEndpoint(chosen: Chosen | undefined): Endpoint | undefined {
  const product = productIn(chosen, 'psql');
  if (!chosen || !product) return undefined;
  const endpoint = globalIn(product);
  if (!endpoint) return problem(`${chosen.source}: ${product.place} has no endpoint without a location`);
  return usable(endpoint, chosen);
}

/** Of the Compute API, unless the file has it by location alone. Throws ConfigError. */
export function computeEndpoint(chosen: Chosen): Endpoint | undefined {
  const product = productIn(chosen, 'cloud') ?? productIn(chosen, 'compute');
  const endpoint = product && globalIn(product);
  return endpoint && usable(endpoint, chosen);
}

/** Of API v2 by region, as in `de-txl`; undefined where the file says nothing about it. Throws ConfigError. */
export function psqlV2Endpoints(
  chosen: Chosen | undefined,
  regions: readonly string[],
): Map<string, Endpoint> | undefined {
  const product = productIn(chosen, 'psqlv2');
  if (!chosen || !product) return undefined;
  const asked = product.endpoints.flatMap(({ location = '', ...each }) => {
    const region = regionOf(location);
    return regions.includes(region) ? { region, each } : [];
  });
  // Of several for one location the first counts.
  return new Map(collected(asked.toReversed(), ({ region, each }) => [region, usable(each, chosen)]));
}

/** Host and port of a URL, or of a bare host. */
export function hostOf(address: string): string | undefined {
  const text = address.includes('://') ? address : `https://${address}`;
  if (!URL.canParse(text.trim())) return undefined;
  const { hostname, port, protocol } = new URL(text.trim());
  return `${hostname.replace(/^\[|\]$/g, '')}:${port || (protocol === 'http:' ? 80 : 443)}`;
}

/** The results of all; one ConfigError has the problems of all. */
export function collected<Item, Result>(items: Iterable<Item>, work: (item: Item) => Result): Result[] {
  const problems: string[] = [];
  const results = [...items].flatMap((item) => {
    try {
      return [work(item)];
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems);
      return [];
    }
  });
  if (problems.length > 0) throw new ConfigError(problems);
  return results;
}

type Product = FileEnvironment['products'][number];

/** In the first environment that has it. */
function productIn(chosen: Chosen | undefined, wanted: string): Product | undefined {
  return chosen?.environments.flatMap(({ products }) => products).find(({ name }) => name.trim() === wanted);
}

const globalIn = ({ endpoints }: Product) => endpoints.find(({ location }) => location === undefined);

/** `de-txl` for `de/txl`. */
const regionOf = (location: string) => location.trim().toLowerCase().replace('/', '-');

function usable({ place, name, skipTlsVerify }: Omit<FileEndpoint, 'location'>, { source }: Chosen): Endpoint {
  const setting = `${source}: ${place}`;
  if (skipTlsVerify) problem(`${setting}.skipTlsVerify is true, which is refused: ${UNCHECKED}`);
  return { setting: `${setting}.name`, value: name };
}

const UNCHECKED = 'anyone on the way could read the token. For a CA of your own, use certificateAuthData';
