import * as z from 'zod';
import { BASE_PATH, DEFAULT_V2_URL } from '../api/generations/addresses.ts';
import { ConfigError } from '../errors.ts';
import { problem } from '../secure-url.ts';
import { placeholderIn, type ValueKind } from '../text/placeholder.ts';
import type { Environment } from './paths.ts';

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
    names: ['IONOS_CONFIG_FILE'],
    default: '~/.ionos/config',
    says: "configuration file of IONOS's own tools",
    more: "see [IONOS's configuration file](#ionoss-configuration-file)",
  },
  {
    names: ['IONOS_CURRENT_PROFILE'],
    otherwise: '`currentProfile` of that file',
    says: 'profile of that file; `--profile` takes precedence',
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
    names: ['IONOS_BILLING_URL'],
    says: 'other base URL of the Billing API, which has the price list',
    otherwise: '`/billing` beside the Compute API',
  },
  {
    names: ['IONOS_PSQL_V2_URL'],
    default: DEFAULT_V2_URL,
    says: 'base URL of API v2',
    more: 'with `{region}`, or one for all; while `IONOS_API_URL` is set, the default is the root of that address',
  },
  { names: ['IONOS_CONTRACT_NUMBER'], says: 'contract to act for, for resellers', more: 'digits only' },
  {
    names: ['IONOS_PINNED_CERT'],
    says: 'only TLS certificates with these SHA-256 fingerprints are accepted',
    more: 'in addition to the usual check; see [Pinned certificates](#pinned-certificates)',
  },
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
  {
    names: ['STATE_URL'],
    says: 'HTTP only: same as `--state-url`, which takes precedence',
  },
  {
    names: ['OTEL_EXPORTER_OTLP_ENDPOINT'],
    says: 'collector to send traces and metrics to; nothing is sent without it',
    more: 'see [OpenTelemetry](hosting.md#opentelemetry), also for its other variables',
  },
] as const satisfies readonly Variable[];

export type VariableName = (typeof VARIABLES)[number]['names'][number];

export const callerTokensSchema = () => from(readCallerTokens);

export function from<T>(read: (env: Environment) => T) {
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
