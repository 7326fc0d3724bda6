import * as z from 'zod';
import type { ProxyConfig } from '../api/proxy.ts';
import { ConfigError, codeSuffix } from '../errors.ts';
import { isLoopback, isSecure } from '../secure-url.ts';

export type Environment = Readonly<Record<string, string | undefined>>;
export type ReadFile = (path: string) => string;

export interface ApiAddress {
  /** Without a slash at the end. */
  apiUrl: string;
  contractNumber?: string;
  proxy?: ProxyConfig;
}

export interface ApiConfig extends ApiAddress {
  /** The finished header. */
  authorization: string;
}

const BASE_PATH = '/databases/postgresql';
export const DEFAULT_API_URL = `https://api.ionos.com${BASE_PATH}`;

/** All that is to be said of an environment variable, or of some that belong together. */
export interface Variable {
  names: readonly string[];
  /** In help and in the documentation, where backticks mark code. */
  says: string;
  /** In the documentation alone, in Markdown. */
  more?: string;
  default?: string;
  /** In the documentation alone, in Markdown: what holds when it is not set and no value says it. */
  otherwise?: string;
}

export const VARIABLES = [
  { names: ['IONOS_TOKEN'], says: 'API token, preferred', more: 'goes before the others' },
  {
    names: ['IONOS_TOKEN_FILE'],
    says: 'or a file that holds it',
    more: 'outside a shell write its path in full, without `~`',
  },
  {
    names: ['IONOS_USERNAME', 'IONOS_PASSWORD'],
    says: 'or a user and password; refused by IONOS for accounts with 2-factor login',
  },
  {
    names: ['IONOS_API_URL'],
    default: DEFAULT_API_URL,
    says: 'other base URL',
    more: 'with or without that path; http:// only for this machine',
  },
  { names: ['IONOS_CONTRACT_NUMBER'], says: 'contract to act for, for resellers', more: 'digits only' },
  {
    names: ['HTTPS_PROXY', 'HTTP_PROXY'],
    says: 'proxy to reach the API through, the first that is set',
    more: 'lower case works as well',
  },
  { names: ['NO_PROXY'], says: 'hosts that need none', more: 'lower case works as well' },
  {
    names: ['MCP_AUTH_TOKENS'],
    says: 'over HTTP: the lines of `--auth-tokens-file`, in its place; commas do too',
  },
  {
    names: ['MCP_SIGNING_KEY'],
    otherwise: 'made at the start',
    says: "32 characters or more; replicas that share it take each other's tokens",
    more: 'that is, their confirmation tokens',
  },
] as const satisfies readonly Variable[];

type VariableName = (typeof VARIABLES)[number]['names'][number];

/** Where the API is and the way there, with the values that no output may show. */
export const addressSchema = () =>
  z
    .custom<Environment>()
    .transform((env) => ({ apiUrl: env, contractNumber: env, proxy: env }))
    .pipe(z.object({ apiUrl: from(readApiUrl), contractNumber: from(readContractNumber), proxy: from(readProxy) }))
    .transform(({ apiUrl, contractNumber, proxy }): { api: ApiAddress; secrets: string[] } => {
      // the proxy could not reach this machine, and over http it would be shown the credentials
      if (!proxy || isLoopback(new URL(apiUrl).hostname)) return { api: { apiUrl, contractNumber }, secrets: [] };
      return { api: { apiUrl, contractNumber, proxy: proxy.config }, secrets: proxy.password };
    });

/** How to sign in to the API. */
export const credentialsSchema = (readFile: ReadFile) => from((env) => readCredentials(env, readFile));

/** The tokens that callers of this server sign in with, if they stand in the environment. */
export const callerTokensSchema = () => from(readCallerTokens);

function from<T>(read: (env: Environment) => T) {
  return z.custom<Environment>().transform((env, context) => orIssues(() => read(env), context));
}

/** Each problem of a ConfigError is an issue of its own. */
export function orIssues<T>(work: () => T, context: z.RefinementCtx): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const problem of error.problems) context.addIssue(problem);
    return z.NEVER;
  }
}

function problem(text: string): never {
  throw new ConfigError([text]);
}

/** Empty is not set: desktop clients pass on a field that was left blank. */
export function setting(env: Environment, name: VariableName | Lowercase<VariableName>): string | undefined {
  const value = env[name];
  if (!value?.trim()) return undefined;
  if (/^(\$\{[\w .:-]+\}|<[\w .:-]+>)$/.test(value.trim())) {
    problem(`${name} still holds a placeholder, \${…} or <…>; the value itself has to be there, without these signs`);
  }
  return value;
}

export interface CallerTokens {
  /** As it stands there, for whoever checks the entries. */
  text: string;
  secrets: string[];
}

function readCallerTokens(env: Environment): CallerTokens | undefined {
  const text = setting(env, 'MCP_AUTH_TOKENS');
  if (!text) return undefined;
  const entries = text.replace(/^\s*#.*$/gm, '').split(/[\n,]/);
  return { text, secrets: entries.map((entry) => entry.split(':').slice(2).join(':').trim()).filter(Boolean) };
}

interface Credentials {
  authorization: string;
  secrets: string[];
}

function readCredentials(env: Environment, readFile: ReadFile): Credentials {
  const token = setting(env, 'IONOS_TOKEN');
  if (token) return bearer(token, 'IONOS_TOKEN');
  const path = setting(env, 'IONOS_TOKEN_FILE')?.trim();
  if (path) return bearer(readTokenFile(path, readFile), `the file that IONOS_TOKEN_FILE names, ${path},`);
  return basic(setting(env, 'IONOS_USERNAME'), setting(env, 'IONOS_PASSWORD'));
}

function readTokenFile(path: string, readFile: ReadFile): string {
  if (/^(Bearer\s+)?eyJ[\w-]+\./.test(path)) {
    problem('IONOS_TOKEN_FILE holds a token; it takes the path of a file, a token goes into IONOS_TOKEN');
  }
  const text = orConfigError(
    () => readFile(path),
    (reason) => `IONOS_TOKEN_FILE: cannot read ${path}${reason}`,
  );
  return text.trim() || problem(`IONOS_TOKEN_FILE: ${path} is empty`);
}

function orConfigError<T>(work: () => T, wording: (reason: string) => string): T {
  try {
    return work();
  } catch (error) {
    return problem(wording(codeSuffix(error)));
  }
}

function bearer(value: string, source: string): Credentials {
  const token = value.trim().replace(/^bearer(\s+|$)/i, '');
  if (!/^[!#-&(-~]+$/.test(token)) {
    problem(`${source} holds something that no token has: a space, line break, quotation mark or letter outside ASCII`);
  }
  return { authorization: `Bearer ${token}`, secrets: [token] };
}

function basic(username: string | undefined, password: string | undefined): Credentials {
  if (!username && !password) {
    return problem(
      'no credentials: set IONOS_TOKEN, or IONOS_TOKEN_FILE, or IONOS_USERNAME + IONOS_PASSWORD; or try it without an account with --sandbox',
    );
  }
  if (!username) return problem('IONOS_PASSWORD is set, but IONOS_USERNAME is not');
  if (!password) return problem('IONOS_USERNAME is set, but IONOS_PASSWORD is not');
  if (username.includes(':')) return problem('IONOS_USERNAME has a colon in it, which cannot be sent');
  const encoded = Buffer.from(`${username}:${password}`).toString('base64');
  return { authorization: `Basic ${encoded}`, secrets: [password, encoded] };
}

function readContractNumber(env: Environment): string | undefined {
  const value = setting(env, 'IONOS_CONTRACT_NUMBER')?.trim();
  if (value && !/^\d+$/.test(value)) problem('IONOS_CONTRACT_NUMBER has to be digits only, as in 31812345');
  return value;
}

function readApiUrl(env: Environment): string {
  const url = parseUrl('IONOS_API_URL', setting(env, 'IONOS_API_URL') ?? DEFAULT_API_URL, schemeOf);
  if (url.username || url.password) problem('IONOS_API_URL has a user or password in it; it takes neither');
  if (url.search || url.hash) problem('IONOS_API_URL has a query (?) or fragment (#) in it; it takes neither');
  if (!isSecure(url)) {
    problem('IONOS_API_URL has to begin with https://; http:// is only for this machine (localhost, 127.0.0.1, [::1])');
  }
  return url.origin + withBasePath(url.pathname);
}

// IONOS's SDKs keep a path and ionosctl drops it: kept, or a gateway under a path of its own would be missed. The Compute
// API's path is none, but stands in this variable for other IONOS tools.
function withBasePath(path: string): string {
  const prefix = path.replace(/\/+$/, '').replace(/\/cloudapi\/v\d+$/, '');
  return prefix.endsWith(BASE_PATH) ? prefix : prefix + BASE_PATH;
}

function parseUrl(name: string, value: string, schemeFor: (url: URL) => string): URL {
  const text = value.trim();
  const unusable = () => `${name} is not a URL, as in https://host.example:8080/path`;
  if (/\s|^https?:(?!\/\/)/i.test(text)) return problem(unusable());
  return orConfigError(() => {
    if (/^[a-z][a-z\d+.-]*:\/\//i.test(text)) return new URL(text);
    return new URL(`${schemeFor(new URL(`https://${text}`))}//${text}`);
  }, unusable);
}

const schemeOf = (url: URL) => (isLoopback(url.hostname) ? 'http:' : 'https:');

interface Proxy {
  config: ProxyConfig;
  /** As written and as sent; none where the proxy asks for none. */
  password: string[];
}

function readProxy(env: Environment): Proxy | undefined {
  const name = (['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY'] as const).find((each) => setting(env, each));
  if (!name) return undefined;
  const url = parseUrl(name, env[name] ?? '', () => 'http:');
  if (!/^(https?|socks5?):$/.test(url.protocol)) problem(`${name} has to begin with http://, https:// or socks5://`);
  const [, password = ''] = orConfigError(
    () => [url.username, url.password].map(decodeURIComponent),
    () => `${name} has a % in its user or password that encodes nothing; write it as %25`,
  );
  return {
    config: { httpsProxy: url.href, noProxy: env.no_proxy || env.NO_PROXY || '' },
    password: [password, url.password].filter(Boolean),
  };
}
