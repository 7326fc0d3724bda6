import * as z from 'zod';
import type { CallerAuth } from '../auth/sign-in.ts';
import { isLoopback, isSecure } from '../secure-url.ts';
import { callerTokensSchema } from './environment.ts';
import { address, flagName, list, number, port, text, wanted, wholeNumber } from './flag-schemas.ts';

export interface HttpConfig {
  host: string;
  /** 0 takes any free one. */
  port: number;
  /** Where clients reach this server: origin and perhaps a path, without a slash at the end. Its only name for itself. */
  publicUrl?: string;
  auth: CallerAuth;
  /** Whose credentials go to the API; with `caller` this server has none of its own. */
  ionosCredentials: 'server' | 'caller';
  /** In lower case, the host of `publicUrl` among them; one without a port stands for every port. */
  allowedHosts: string[];
  /** As a browser spells them. */
  allowedOrigins: string[];
  sse: boolean;
  /** How many proxies in front append to X-Forwarded-For. */
  trustProxy: number;
  metricsPort?: number;
  metricsHost: string;
  drainTimeoutMs: number;
  /** How long it still takes calls after the signal to stop, until load balancers have noticed. */
  drainDelayMs: number;
  /** In flight at once, of all callers and of each. */
  maxCalls: number;
  callerMaxCalls: number;
  /** Requests a minute and caller; 0 is no limit. */
  rateLimit: number;
  writeRateLimit: number;
}

// a host that a browser or client can put into its Host header
const HOST = /^(\[[\da-f:.]+\]|\w([\w.-]*\w)?)(:\d{1,5})?$/i;
const WEB_URL = /^https?:\/\/(?=[!-~]+$)[^/?#@\\]+(\/[^?#\\]*)?(\?[^#]*)?$/i;

// an entry of such a file, or the token of one
const TOKEN = /:(read|write|full):|^[\w+=-]{43,}$/;

const isHost = (value: string) => HOST.test(value) && URL.canParse(`http://${value}`);
const isOrigin = (value: string) => isHost(value.replace(/^[a-z][a-z\d+.-]*:\/\//i, '')) && value.includes('://');

function isWebUrl(value: string): boolean {
  if (!WEB_URL.test(value) || !URL.canParse(value)) return false;
  const url = new URL(value);
  return isHost(url.hostname) && isSecure(url);
}

const ONLY_HERE = 'http:// is only for this machine';

const publicUrl = () =>
  text(
    '--public-url',
    `an https:// URL without user, query (?) and fragment (#), as in https://mcp.example.com/postgres; ${ONLY_HERE}`,
    (value) => isWebUrl(value) && !value.includes('?'),
  ).transform((value) => {
    const { origin, pathname } = new URL(value);
    return origin + pathname.replace(/\/+$/, '');
  });

const allowedHosts = () =>
  list(
    '--allowed-hosts',
    'host names, each with or without a port, as in mcp.example.com,mcp.internal:3000; no scheme and no wildcard',
    isHost,
  ).transform((hosts) => hosts.map((host) => host.toLowerCase()));

const allowedOrigins = () =>
  list(
    '--allowed-origins',
    'origins, as in https://app.example.com,http://localhost:6274; no path, no wildcard and not null',
    isOrigin,
  ).transform((origins) => origins.map(asBrowsersSpellIt));

function asBrowsersSpellIt(origin: string): string {
  const url = new URL(origin);
  return url.origin === 'null' ? origin.toLowerCase() : url.origin;
}

/** Each by its flag's name. */
const httpFlags = () => ({
  host: address('--host').default('127.0.0.1'),
  port: port('--port').default(3000),
  publicUrl: publicUrl().optional(),
  allowedHosts: allowedHosts().default([]),
  allowedOrigins: allowedOrigins().default([]),
  auth: z.enum(['none', 'token', 'oauth'], wanted('--auth', 'none, token or oauth')).default('none'),
  authTokensFile: text(
    '--auth-tokens-file',
    'the path of a file; the tokens go into that, or into MCP_AUTH_TOKENS',
    (value) => value.trim() !== '' && !TOKEN.test(value),
  ).optional(),
  oauthIssuer: text(
    '--oauth-issuer',
    `the https:// URL that the authorization server's tokens name as their issuer, without a query; ${ONLY_HERE}`,
    (value) => isWebUrl(value) && !value.includes('?'),
  ).optional(),
  oauthAudience: text('--oauth-audience', 'a name without white space, as a rule a URI', (value) =>
    /^[!-~]+$/.test(value),
  ).optional(),
  oauthJwksUrl: text('--oauth-jwks-url', `an https:// URL; ${ONLY_HERE}`, isWebUrl).optional(),
  ionosCredentials: z.enum(['server', 'caller'], wanted('--ionos-credentials', 'server or caller')).default('server'),
  noSse: z.literal(true).optional(),
  trustProxy: wholeNumber('--trust-proxy', 'a number of proxies', 0, 10).default(0),
  rateLimit: wholeNumber('--rate-limit', 'requests a minute', 0, 1_000_000).default(600),
  writeRateLimit: wholeNumber('--write-rate-limit', 'requests a minute', 0, 1_000_000).default(30),
  maxCalls: wholeNumber('--max-calls', 'a number of calls', 1, 100_000).default(1000),
  callerMaxCalls: wholeNumber('--caller-max-calls', 'a number of calls', 1, 100_000).default(100),
  drainDelay: number('--drain-delay', 'seconds', 0, 60).default(5),
  drainTimeout: number('--drain-timeout', 'seconds', 0, 300).default(25),
  metricsPort: port('--metrics-port').optional(),
  metricsHost: address('--metrics-host').optional(),
});

const settings = () => z.strictObject({ ...httpFlags(), callerTokens: callerTokensSchema.optional() });

type Settings = z.output<ReturnType<typeof settings>>;
type Name = keyof Settings;

interface Rule {
  /** What has to be sound in itself before the rule is asked. */
  about: readonly Name[];
  isBroken(settings: Settings): boolean;
  problem: string;
}

const ELSEWHERE = '--host with an address other than localhost, 127.0.0.1 or ::1';

const RULES: readonly Rule[] = [
  onlyWith('token', 'authTokensFile'),
  onlyWith('token', 'callerTokens', 'MCP_AUTH_TOKENS'),
  onlyWith('oauth', 'oauthIssuer'),
  onlyWith('oauth', 'oauthAudience'),
  onlyWith('oauth', 'oauthJwksUrl'),
  {
    about: ['auth', 'authTokensFile', 'callerTokens'],
    isBroken: ({ auth, authTokensFile, callerTokens }) => auth === 'token' && !authTokensFile && !callerTokens,
    problem: '--auth token needs tokens: from --auth-tokens-file, or from MCP_AUTH_TOKENS in the environment',
  },
  {
    about: ['auth', 'authTokensFile', 'callerTokens'],
    isBroken: ({ auth, authTokensFile, callerTokens }) => auth === 'token' && !!authTokensFile && !!callerTokens,
    problem: '--auth-tokens-file and MCP_AUTH_TOKENS are both given; only one of them can count',
  },
  {
    about: ['auth', 'oauthIssuer'],
    isBroken: ({ auth, oauthIssuer }) => auth === 'oauth' && !oauthIssuer,
    problem: '--auth oauth needs --oauth-issuer, the authorization server whose tokens count',
  },
  {
    about: ['auth', 'publicUrl'],
    isBroken: ({ auth, publicUrl }) => auth === 'oauth' && !publicUrl,
    problem: '--auth oauth needs --public-url, the name that tokens for this server are made out to',
  },
  {
    about: ['host', 'auth'],
    isBroken: ({ host, auth }) => !isLoopback(host) && auth === 'none',
    problem: `${ELSEWHERE} needs --auth token or --auth oauth; otherwise anybody there could call`,
  },
  {
    about: ['host', 'auth', 'publicUrl'],
    isBroken: ({ host, auth, publicUrl }) =>
      isLoopback(host) && auth === 'none' && publicUrl !== undefined && !isLoopback(new URL(publicUrl).hostname),
    problem: '--public-url of another machine needs --auth token or --auth oauth; a proxy there would let anybody call',
  },
  {
    about: ['host', 'allowedHosts', 'publicUrl'],
    isBroken: ({ host, allowedHosts, publicUrl }) => !isLoopback(host) && allowedHosts.length === 0 && !publicUrl,
    problem: `${ELSEWHERE} needs --allowed-hosts or --public-url, the names by which clients may call`,
  },
  {
    about: ['host', 'ionosCredentials', 'publicUrl'],
    isBroken: ({ host, ionosCredentials, publicUrl }) =>
      !isLoopback(host) && ionosCredentials === 'caller' && !publicUrl?.startsWith('https:'),
    problem: `${ELSEWHERE} and --ionos-credentials caller need a --public-url with https://, since callers send IONOS tokens there`,
  },
  {
    about: ['port', 'metricsPort'],
    isBroken: ({ port, metricsPort }) => port !== 0 && port === metricsPort,
    problem: '--port and --metrics-port are the same; the metrics have a port of their own',
  },
  {
    about: ['metricsPort', 'metricsHost'],
    isBroken: ({ metricsPort, metricsHost }) => metricsHost !== undefined && metricsPort === undefined,
    problem: '--metrics-host works only together with --metrics-port',
  },
];

function onlyWith(mode: CallerAuth['mode'], name: Name, label = flagName(name)): Rule {
  return {
    about: ['auth', name],
    isBroken: (settings) => settings.auth !== mode && settings[name] !== undefined,
    problem: `${label} works only together with --auth ${mode}`,
  };
}

/** The flags over HTTP and, as `callerTokens`, the environment; gives the secrets among them besides. */
export const httpSchema = () =>
  RULES.reduce(
    (schema, { about, isBroken, problem }) =>
      schema.refine((settings) => !isBroken(settings), {
        error: problem,
        when: ({ issues }) => !issues.some(({ path = [] }) => about.some((name) => name === path[0])),
      }),
    settings(),
  ).transform(toConfig);

function toConfig(flags: Settings): { config: HttpConfig; secrets: string[] } {
  const { host, port, publicUrl, allowedHosts, allowedOrigins, ionosCredentials, trustProxy } = flags;
  const { metricsPort, metricsHost = '127.0.0.1', maxCalls, rateLimit, writeRateLimit } = flags;
  const publicHosts = publicUrl === undefined ? [] : [new URL(publicUrl).host];
  const config = {
    ...{ host, port, publicUrl, ionosCredentials, trustProxy, metricsPort, metricsHost },
    ...{ maxCalls, rateLimit, writeRateLimit },
    // Without sign-in all callers are one.
    callerMaxCalls: flags.auth === 'none' ? maxCalls : flags.callerMaxCalls,
    auth: toAuth(flags),
    allowedHosts: [...new Set([...allowedHosts, ...publicHosts])],
    allowedOrigins: [...new Set(allowedOrigins)],
    sse: !flags.noSse,
    drainTimeoutMs: Math.round(flags.drainTimeout * 1000),
    drainDelayMs: Math.round(flags.drainDelay * 1000),
  };
  return { config, secrets: flags.callerTokens?.secrets ?? [] };
}

// the rules have seen to it that what a mode needs is there
function toAuth({ auth, authTokensFile, callerTokens, ...flags }: Settings): CallerAuth {
  if (auth === 'none') return { mode: auth };
  if (auth === 'token') {
    return { mode: auth, source: authTokensFile ? { path: authTokensFile } : { text: callerTokens?.text ?? '' } };
  }
  return { mode: auth, issuer: flags.oauthIssuer ?? '', audience: flags.oauthAudience, jwksUrl: flags.oauthJwksUrl };
}
