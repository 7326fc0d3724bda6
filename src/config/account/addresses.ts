import * as z from 'zod';
import {
  BASE_PATH,
  DEFAULT_V2_URL,
  type GENERATIONS,
  inRegion,
  REGION,
  REGIONS,
  rootOf,
  type V2Urls,
  v2Config,
} from '../../api/generations/addresses.ts';
import type { ProxyConfig } from '../../api/proxy.ts';
import type { TlsConfig } from '../../api/tls.ts';
import { isLoopback, isSecure, notAUrl, parseUrl, problem, schemeOf, withoutSlashes } from '../../secure-url.ts';
import { DEFAULT_API_URL, filledIn, from, orIssues, setting } from '../environment.ts';
import type { Environment } from '../paths.ts';
import { collected, computeEndpoint, type Endpoint, psqlEndpoint, psqlV2Endpoints } from './endpoints.ts';
import type { Chosen } from './ionos-file.ts';
import { readProxy } from './proxy.ts';
import { readAuthorities, readPins } from './trust.ts';

export interface ApiAddress {
  apiUrl: string;
  /** Where it is not on the host of `apiUrl`. */
  computeUrl?: string;
  /** Where it is not beside the Compute API. */
  billingUrl?: string;
  contractNumber?: string;
  proxy?: ProxyConfig;
  tls?: TlsConfig;
}

export interface ApiConfig extends ApiAddress {
  authorization: string;
}

/** What the flags say of the API. */
export interface AskedApis {
  generation?: (typeof GENERATIONS)[number];
  /** All of them if it is undefined. */
  regions?: readonly string[];
}

export const addressSchema = (chosen?: Chosen, asked: AskedApis = {}) =>
  z
    .custom<Environment>()
    .transform((env) => ({
      apiUrl: env,
      v2: env,
      computeUrl: env,
      billingUrl: env,
      contractNumber: env,
      pins: env,
      proxy: env,
    }))
    .pipe(
      z.object({
        apiUrl: from((env) => readApiUrl(env, chosen)),
        v2: from((env) => readV2Urls(env, chosen, asked)),
        computeUrl: from((env) => readComputeUrl(env, chosen)),
        billingUrl: from(readBillingUrl),
        contractNumber: from(readContractNumber),
        pins: from(readPins),
        proxy: from((env) => readProxy(env, () => readAll(env, chosen, asked))),
      }),
    )
    .transform(({ apiUrl, v2, computeUrl, billingUrl, contractNumber, pins, proxy }, context): Addresses => {
      const used = usedOf({ apiUrl, computeUrl, billingUrl, v2 }, asked);
      const authorities = orIssues(() => readAuthorities(chosen, used), context);
      const tls = (pins.length > 0 || Object.keys(authorities).length > 0) && { tls: { pins, authorities } };
      const others = { ...(computeUrl && { computeUrl }), ...(billingUrl && { billingUrl }) };
      const api = { apiUrl, ...others, contractNumber, ...tls };
      // The proxy could not reach this machine, and would see the credentials over http.
      const isNeedless = used.every((url) => isLoopback(new URL(url).hostname));
      if (!proxy || isNeedless) return { api, v2, secrets: [] };
      return { api: { ...api, proxy: proxy.config }, v2, secrets: proxy.password };
    });

type Addresses = { api: ApiAddress; v2: V2Urls; secrets: string[] };

interface ReadAddresses {
  apiUrl: string;
  computeUrl?: string;
  billingUrl?: string;
  v2: V2Urls;
}

function usedOf(
  { apiUrl, computeUrl = apiUrl, billingUrl = computeUrl, v2 }: ReadAddresses,
  { generation = 'auto', regions = REGIONS }: AskedApis,
): string[] {
  const ofV2 = v2Config({ generation, urls: v2, regions, newClusters: 'v1' })?.regions ?? [];
  return [apiUrl, computeUrl, billingUrl, ...ofV2.map(({ apiUrl }) => apiUrl)];
}

/** Throws ConfigError. */
function readAll(env: Environment, chosen: Chosen | undefined, asked: AskedApis): string[] {
  const [apiUrl, computeUrl] = [readApiUrl(env, chosen), readComputeUrl(env, chosen)];
  return usedOf({ apiUrl, computeUrl, billingUrl: readBillingUrl(env), v2: readV2Urls(env, chosen, asked) }, asked);
}

function readContractNumber(env: Environment): string | undefined {
  const value = setting(env, 'IONOS_CONTRACT_NUMBER')?.trim();
  if (value && !/^\d+$/.test(value)) problem('IONOS_CONTRACT_NUMBER must be digits only, as in 31812345');
  return value;
}

function readApiUrl(env: Environment, chosen?: Chosen): string {
  const own = setting(env, 'IONOS_API_URL');
  const given = own === undefined ? psqlEndpoint(chosen) : undefined;
  const url = given ? readEndpoint(given) : readAddress('IONOS_API_URL', own ?? DEFAULT_API_URL);
  return url.origin + withBasePath(url.pathname);
}

/**
 * IONOS's own programs use IONOS_API_URL for both generations, and ask v2 at its root; the file's addresses for v2 go
 * before that, since each is for one region.
 */
function readV2Urls(env: Environment, chosen: Chosen | undefined, asked: AskedApis): V2Urls {
  const template = env[V2_URL]?.trim();
  const asks = asked.generation === 'v1' ? [] : (asked.regions ?? REGIONS);
  const byRegion = template ? undefined : psqlV2Endpoints(chosen, asks);
  if (byRegion) {
    const urls = collected(byRegion, ([region, endpoint]) => [region, withoutSlashes(readEndpoint(endpoint).href)]);
    return { url: DEFAULT_V2_URL, byRegion: Object.fromEntries(urls) };
  }
  const urls = template ? readV2Template(template) : { url: rootBeside(env) ?? DEFAULT_V2_URL };
  const leavesOutRegions = asked.generation !== 'v1' && asks.length < REGIONS.length;
  if (leavesOutRegions && !urls.url.includes(REGION)) problem(withoutEffect(template ? V2_URL : 'IONOS_API_URL'));
  return urls;
}

const V2_URL = 'IONOS_PSQL_V2_URL';

function readV2Template(template: string): V2Urls {
  const urlIn = (region: string) =>
    withoutSlashes(readAddress(V2_URL, filledIn(inRegion(template, region), V2_URL)).href);
  if (!template.includes(REGION)) return { url: urlIn('') };
  return { url: template, byRegion: Object.fromEntries(REGIONS.map((region) => [region, urlIn(region)])) };
}

const withoutEffect = (name: string) =>
  `--regions has no effect: ${name} is one address for all regions of API v2. With {region} in ${V2_URL}, each has its own`;

/** Undefined for IONOS itself, and for what cannot be read, of which the problem is named elsewhere. */
function rootBeside(env: Environment): string | undefined {
  const { data: apiUrl = DEFAULT_API_URL } = from((env) => readApiUrl(env)).safeParse(env);
  return new URL(apiUrl).origin === new URL(DEFAULT_API_URL).origin ? undefined : rootOf(apiUrl);
}

function readComputeUrl(env: Environment, chosen?: Chosen): string | undefined {
  const own = setting(env, 'IONOS_COMPUTE_URL');
  if (own !== undefined) return withComputePath(readAddress('IONOS_COMPUTE_URL', own));
  if (!chosen || setting(env, 'IONOS_API_URL') !== undefined) return undefined;
  const given = computeEndpoint(chosen);
  return withComputePath(given ? readEndpoint(given) : new URL(new URL(DEFAULT_API_URL).origin));
}

function readBillingUrl(env: Environment): string | undefined {
  const own = setting(env, 'IONOS_BILLING_URL');
  return own === undefined ? undefined : withoutSlashes(readAddress('IONOS_BILLING_URL', own).href);
}

function withComputePath({ origin, pathname }: URL): string {
  const path = withoutSlashes(pathname);
  return origin + (/\/cloudapi\/v\d+$/.test(path) ? path : `${path}/cloudapi/v6`);
}

const readEndpoint = ({ setting, value }: Endpoint) => readAddress(setting, filledIn(value, setting));

function readAddress(name: string, value: string): URL {
  const { url, hasScheme } = parseUrl(name, value, schemeOf);
  if (url.username || url.password) problem(`${name} must not contain a user or password`);
  if (url.search || url.hash) problem(`${name} must not contain a query (?) or fragment (#)`);
  if (!isSecure(url)) {
    problem(`${name} must begin with https://; http:// is only for this machine (localhost, 127.0.0.1, [::1])`);
  }
  // Otherwise javascript:1 would count as a host.
  if (!hasScheme && !/[.[]|^localhost$/i.test(url.hostname)) problem(notAUrl(name));
  return url;
}

// IONOS's SDKs keep a path, ionosctl drops it. It is kept here, for a gateway below a path, except that of the Compute
// API, which this variable holds for other IONOS tools.
function withBasePath(path: string): string {
  const prefix = withoutSlashes(path).replace(/\/cloudapi\/v\d+$/, '');
  return prefix.endsWith(BASE_PATH) ? prefix : prefix + BASE_PATH;
}
