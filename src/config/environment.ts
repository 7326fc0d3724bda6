import * as z from 'zod';
import { DEFAULT_V2_URL, inRegion, REGION } from '../api/generations/addresses.ts';
import { readNoProxy } from '../api/no-proxy.ts';
import type { ProxyConfig } from '../api/proxy.ts';
import { ConfigError } from '../errors.ts';
import { placeholderIn, type ValueKind } from '../placeholder.ts';
import {
  isLoopback,
  isSecure,
  notAUrl,
  orConfigError,
  parseUrl,
  problem,
  schemeOf,
  withoutSlashes,
} from '../secure-url.ts';
import type { ReadFile } from './files.ts';
import { type Environment, shownPath, toPath } from './paths.ts';

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

const BASE_PATH = '/databases/postgresql';
export const DEFAULT_API_URL = `https://api.ionos.com${BASE_PATH}`;

export interface Variable {
  names: readonly string[];
  /** For help and documentation; backticks mark code. */
  says: string;
  /** Markdown, for the documentation only. */
  more?: string;
  default?: string;
  /** Markdown, for the documentation only: what applies without a value. */
  otherwise?: string;
}

export const VARIABLES = [
  { names: ['IONOS_TOKEN'], says: 'API token', more: 'takes precedence' },
  {
    names: ['IONOS_TOKEN_FILE'],
    says: 'file that holds the API token',
    more: '`~/` is the home directory; variables such as `$HOME` are not expanded',
  },
  {
    names: ['IONOS_USERNAME', 'IONOS_PASSWORD'],
    says: 'user and password; rejected by IONOS for accounts with 2-factor login',
  },
  {
    names: ['IONOS_API_URL'],
    default: DEFAULT_API_URL,
    says: 'base URL of the API',
    more: 'the path is optional; http:// only for this machine',
  },
  {
    names: ['IONOS_COMPUTE_URL'],
    says: 'other base URL of the Compute API, which lists data centers and LANs',
    otherwise: '`/cloudapi/v6` beside `IONOS_API_URL`',
  },
  {
    names: ['IONOS_PSQL_V2_URL'],
    default: DEFAULT_V2_URL,
    says: 'base URL of API v2',
    more: 'with `{region}`, or one for all; while `IONOS_API_URL` is set, the default is the root of that address',
  },
  { names: ['IONOS_CONTRACT_NUMBER'], says: 'contract to act for, for resellers', more: 'digits only' },
  {
    names: ['HTTPS_PROXY', 'HTTP_PROXY'],
    says: 'proxy for requests to the API; the first one set is used',
    more: 'lower case works too; `http://`, `https://`, `socks5://`, `socks5h://` or `socks4a://`',
  },
  { names: ['ALL_PROXY'], says: 'proxy if neither of those is set', more: 'lower case works too' },
  { names: ['NO_PROXY'], says: 'hosts to reach without a proxy', more: 'lower case works too' },
  {
    names: ['MCP_AUTH_TOKENS'],
    says: 'HTTP only: entries of `--auth-tokens-file`, separated by newlines or commas',
  },
  {
    names: ['MCP_SIGNING_KEY'],
    otherwise: 'generated at startup',
    says: "32 characters or more; replicas that share it accept each other's tokens",
    more: 'that is, their confirmation tokens',
  },
] as const satisfies readonly Variable[];

type VariableName = (typeof VARIABLES)[number]['names'][number];

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
        proxy: from(readProxy),
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

export const credentialsSchema = (readFile: ReadFile) => from((env) => readCredentials(env, readFile));

export const callerTokensSchema = () => from(readCallerTokens);

function from<T>(read: (env: Environment) => T) {
  return z.custom<Environment>().transform((env, context) => orIssues(() => read(env), context));
}

export function orIssues<T>(work: () => T, context: z.RefinementCtx): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const problem of error.problems) context.addIssue(problem);
    return z.NEVER;
  }
}

const KINDS: Partial<Record<VariableName, ValueKind>> = {
  IONOS_TOKEN: 'token',
  IONOS_PASSWORD: 'password',
  MCP_AUTH_TOKENS: 'name',
  MCP_SIGNING_KEY: 'token',
};

/** Empty means unset: desktop clients pass on a field that was left blank. */
export function setting(env: Environment, name: VariableName | Lowercase<VariableName>): string | undefined {
  const value = env[name];
  if (!value?.trim()) return undefined;
  return filledIn(value, name, KINDS[name as VariableName]);
}

export function filledIn(value: string, setting: string, kind?: ValueKind): string {
  const form = placeholderIn(value, kind);
  return form === undefined ? value : problem(unfilled(setting, form));
}

export const unfilled = (setting: string, form: string) =>
  `${setting} still contains a placeholder, ${form}; replace it with the value`;

export interface CallerTokens {
  text: string;
  secrets: string[];
}

const LONG_TOKEN = 40;

function readCallerTokens(env: Environment): CallerTokens | undefined {
  const text = setting(env, 'MCP_AUTH_TOKENS');
  if (!text) return undefined;
  const entries = linesOf(text).flatMap((line) => line.split(','));
  const secrets = entries.map((entry) => entry.split(':').slice(2).join(':').trim()).filter(Boolean);
  // A longer one can be any text that someone made up.
  for (const secret of secrets) filledIn(secret, 'MCP_AUTH_TOKENS', secret.length < LONG_TOKEN ? 'token' : 'name');
  return { text, secrets };
}

const linesOf = (text: string) => text.split('\n').filter((line) => !line.trimStart().startsWith('#'));

interface Credentials {
  authorization: string;
  secrets: string[];
}

function readCredentials(env: Environment, readFile: ReadFile): Credentials {
  const token = setting(env, 'IONOS_TOKEN');
  if (token) return bearer(token, 'IONOS_TOKEN');
  const file = setting(env, 'IONOS_TOKEN_FILE');
  if (file) return readTokenFile(toPath(file, 'IONOS_TOKEN_FILE', env), readFile);
  return basic(setting(env, 'IONOS_USERNAME'), setting(env, 'IONOS_PASSWORD'));
}

const MAX_TOKEN_FILE = 64 * 1024;

function readTokenFile(path: string, readFile: ReadFile): Credentials {
  const text = readFile(path, 'IONOS_TOKEN_FILE', MAX_TOKEN_FILE).trim();
  if (!text) problem(`IONOS_TOKEN_FILE: ${shownPath(path)} is empty`);
  const source = `the file that IONOS_TOKEN_FILE names, ${shownPath(path)},`;
  return bearer(text, source);
}

function bearer(value: string, source: string): Credentials {
  const token = readToken(value, source);
  return { authorization: `Bearer ${token}`, secrets: [token] };
}

/** The token in a text; `source` says where that stands. Throws ConfigError. */
export function readToken(text: string, source: string): string {
  const token = filledIn(text, source, 'token')
    .trim()
    .replace(/^bearer(\s+|$)/i, '');
  if (/^[A-Z_]{3,}=[^=]/.test(token)) {
    problem(`${source} contains NAME=value, as in an .env file; it must contain the token alone`);
  }
  if (/^[!#-&(-~]+$/.test(token)) return token;
  return problem(
    `${source} contains a character that no token has: a space, line break, quotation mark or letter outside ASCII`,
  );
}

function basic(username: string | undefined, password: string | undefined): Credentials {
  if (!username && !password) {
    return problem(
      'no credentials: set IONOS_TOKEN, IONOS_TOKEN_FILE, or IONOS_USERNAME and IONOS_PASSWORD; or use --sandbox to try it without an account',
    );
  }
  if (!username) return problem('IONOS_PASSWORD is set, but IONOS_USERNAME is not');
  if (!password) return problem('IONOS_USERNAME is set, but IONOS_PASSWORD is not');
  if (username.includes(':')) return problem('IONOS_USERNAME contains a colon, which cannot be sent');
  const encoded = Buffer.from(`${username}:${password}`).toString('base64');
  return { authorization: `Basic ${encoded}`, secrets: [password, encoded] };
}

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

interface Proxy {
  config: ProxyConfig;
  password: string[];
}

const PROXIES = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY'] as const;

/** Every SOCKS 5 variant resolves names at the proxy here, as socks4a does. */
const PROXY_SCHEME = /^(https?|socks|socks4a|socks5h?):$/;

function readProxy(env: Environment): Proxy | undefined {
  const name = PROXIES.find((each) => env[each]?.trim());
  if (!name) return undefined;
  try {
    return parseProxy(name, env);
  } catch (error) {
    if (isReachedDirectly(env)) return undefined;
    throw error;
  }
}

function parseProxy(name: (typeof PROXIES)[number], env: Environment): Proxy {
  const { url } = parseUrl(name, setting(env, name) ?? '', () => 'http:');
  if (!PROXY_SCHEME.test(url.protocol)) problem(`${name} must begin with http://, https:// or socks5://`);
  const [, password = ''] = orConfigError(
    () => [url.username, url.password].map(decodeURIComponent),
    `${name} has a bare % in its user or password; write it as %25`,
  );
  return {
    config: { httpsProxy: url.href, noProxy: setting(env, 'no_proxy') ?? setting(env, 'NO_PROXY') ?? '' },
    password: [password, url.password].filter(Boolean),
  };
}

/** If the API's host needs no proxy, an unusable one does not matter. */
function isReachedDirectly(env: Environment): boolean {
  try {
    const { hostname, port, protocol } = new URL(readApiUrl(env));
    const host = hostname.replace(/^\[|\]$/g, '');
    const goesPast = readNoProxy(env.no_proxy?.trim() || env.NO_PROXY || '');
    return isLoopback(hostname) || goesPast({ host, port: Number(port) || (protocol === 'https:' ? 443 : 80) });
  } catch (error) {
    if (error instanceof ConfigError) return false;
    throw error;
  }
}
