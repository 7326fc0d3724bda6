import * as z from 'zod';
import { DEFAULT_V2_URL, inRegion, REGION } from '../../api/generations/addresses.ts';
import type { ProxyConfig } from '../../api/proxy.ts';
import { isLoopback, isSecure, notAUrl, parseUrl, problem, schemeOf, withoutSlashes } from '../../secure-url.ts';
import { BASE_PATH, DEFAULT_API_URL, filledIn, from, setting, type VariableName } from '../environment.ts';
import type { Environment } from '../paths.ts';
import { readProxy } from './proxy.ts';

export interface ApiAddress {
  apiUrl: string;
  /** Where it is not on the host of `apiUrl`. */
  computeUrl?: string;
  contractNumber?: string;
  proxy?: ProxyConfig;
}

export interface ApiConfig extends ApiAddress {
  authorization: string;
}

export const addressSchema = () =>
  z
    .custom<Environment>()
    .transform((env) => ({ apiUrl: env, v2Url: env, computeUrl: env, contractNumber: env, proxy: env }))
    .pipe(
      z.object({
        apiUrl: from(readApiUrl),
        v2Url: from(readV2Url),
        computeUrl: from(readComputeUrl),
        contractNumber: from(readContractNumber),
        proxy: from((env) => readProxy(env, readApiUrl)),
      }),
    )
    .transform(({ apiUrl, v2Url, computeUrl, contractNumber, proxy }): Addresses => {
      const api = { apiUrl, ...(computeUrl && { computeUrl }), contractNumber };
      // The proxy could not reach this machine, and would see the credentials over http.
      if (!proxy || isLoopback(new URL(apiUrl).hostname)) return { api, v2Url, secrets: [] };
      return { api: { ...api, proxy: proxy.config }, v2Url, secrets: proxy.password };
    });

/** `v2Url` holds {region}, or is one for all regions. */
type Addresses = { api: ApiAddress; v2Url: string; secrets: string[] };

function readContractNumber(env: Environment): string | undefined {
  const value = setting(env, 'IONOS_CONTRACT_NUMBER')?.trim();
  if (value && !/^\d+$/.test(value)) problem('IONOS_CONTRACT_NUMBER must be digits only, as in 31812345');
  return value;
}

function readApiUrl(env: Environment): string {
  const url = readAddress('IONOS_API_URL', setting(env, 'IONOS_API_URL') ?? DEFAULT_API_URL);
  return url.origin + withBasePath(url.pathname);
}

/** IONOS's own programs use IONOS_API_URL for both generations, and ask v2 at its root. */
function readV2Url(env: Environment): string {
  const name = 'IONOS_PSQL_V2_URL';
  const template = env[name]?.trim();
  if (!template) return originOf(env) ?? DEFAULT_V2_URL;
  const url = readAddress(name, filledIn(inRegion(template, STAND_IN), name));
  return withoutSlashes(url.href).replaceAll(STAND_IN, REGION);
}

/** Undefined for IONOS itself, and for what cannot be read, of which the problem is named elsewhere. */
function originOf(env: Environment): string | undefined {
  const result = from(readApiUrl).safeParse(env);
  const origin = new URL(result.data ?? DEFAULT_API_URL).origin;
  return origin === new URL(DEFAULT_API_URL).origin ? undefined : origin;
}

/** In place of a region while the rest is read. */
const STAND_IN = 'any-region';

function readComputeUrl(env: Environment): string | undefined {
  const value = setting(env, 'IONOS_COMPUTE_URL');
  if (value === undefined) return undefined;
  const url = readAddress('IONOS_COMPUTE_URL', value);
  const path = withoutSlashes(url.pathname);
  return url.origin + (/\/cloudapi\/v\d+$/.test(path) ? path : `${path}/cloudapi/v6`);
}

function readAddress(name: VariableName, value: string): URL {
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
