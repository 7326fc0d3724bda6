import * as z from 'zod';
import type { CallerAuth } from '../../auth/sign-in.ts';
import { isLoopback } from '../../secure-url.ts';
import { callerTokensSchema, from, setting } from '../environment.ts';
import { flagName, type Surroundings, shapeOf } from '../flag-row.ts';
import { httpFlags, THIS_MACHINE } from './flags.ts';
import { readStateUrl } from './state-url.ts';

/** Neither by its address nor by a proxy do others reach it. */
const isForThisMachine = ({ host, publicUrl, allowedHosts, trustProxy }: Settings) =>
  isLoopback(host) && publicUrl === undefined && allowedHosts.length === 0 && trustProxy === 0;

const settings = (surroundings: Surroundings) =>
  z.strictObject({
    ...shapeOf(httpFlags, surroundings),
    sandbox: z.literal(true).optional(),
    callerTokens: callerTokensSchema().optional(),
    stateVariable: stateVariableSchema(surroundings).optional(),
  });

const stateVariableSchema = (surroundings: Surroundings) =>
  from((env) => {
    const url = setting(env, 'STATE_URL');
    return url === undefined ? undefined : readStateUrl('STATE_URL', url, surroundings);
  });

type Settings = z.output<ReturnType<typeof settings>>;
type Name = keyof Settings;

interface Rule {
  about: readonly Name[];
  isBroken(settings: Settings): boolean;
  problem: string;
}

const SIGN_IN = '--auth token or --auth oauth';
const ELSEWHERE = '--host with an address other than localhost, 127.0.0.1 or ::1';

const RULES: readonly Rule[] = [
  onlyWith('token', 'authTokensFile'),
  onlyWith('token', 'callerTokens', 'MCP_AUTH_TOKENS'),
  onlyWith('oauth', 'oauthIssuer'),
  onlyWith('oauth', 'oauthAudience'),
  onlyWith('oauth', 'oauthJwksUrl'),
  onlyWith('oauth', 'oauthScopePrefix'),
  onlyWith('oauth', 'oauthScopesClaim'),
  onlyWith('oauth', 'oauthMaxAge'),
  onlyWith('oauth', 'pageClientId'),
  {
    about: ['auth', 'authTokensFile', 'callerTokens'],
    isBroken: ({ auth, authTokensFile, callerTokens }) => auth === 'token' && !authTokensFile && !callerTokens,
    problem: '--auth token needs tokens: from --auth-tokens-file, or from MCP_AUTH_TOKENS in the environment',
  },
  {
    about: ['auth', 'authTokensFile', 'callerTokens'],
    isBroken: ({ auth, authTokensFile, callerTokens }) => auth === 'token' && !!authTokensFile && !!callerTokens,
    problem: '--auth-tokens-file and MCP_AUTH_TOKENS are both given; use only one of them',
  },
  {
    about: ['auth', 'oauthIssuer'],
    isBroken: ({ auth, oauthIssuer }) => auth === 'oauth' && !oauthIssuer,
    problem: '--auth oauth needs --oauth-issuer, the authorization server whose tokens are accepted',
  },
  {
    about: ['auth', 'publicUrl'],
    isBroken: ({ auth, publicUrl }) => auth === 'oauth' && !publicUrl,
    problem: '--auth oauth needs --public-url, the audience of tokens for this server',
  },
  {
    about: ['host', 'auth'],
    isBroken: ({ host, auth }) => !isLoopback(host) && auth === 'none',
    problem: `${ELSEWHERE} needs ${SIGN_IN}; otherwise anyone there could call`,
  },
  opensToOthers('publicUrl', ({ publicUrl }) => publicUrl !== undefined && isElsewhere(publicUrl), {
    problem: `--public-url of another machine needs ${SIGN_IN}; a proxy there would let anyone call`,
    inSandbox: true,
  }),
  opensToOthers('allowedHosts', ({ allowedHosts }) => allowedHosts.some((host) => isElsewhere(`http://${host}`)), {
    problem: `--allowed-hosts with a name of another machine needs ${SIGN_IN}; a proxy or tunnel there would let anyone call`,
  }),
  opensToOthers('allowedOrigins', ({ allowedOrigins }) => allowedOrigins.some(isElsewhere), {
    problem: `--allowed-origins with a web site of another machine needs ${SIGN_IN}; its pages could call unasked`,
  }),
  opensToOthers('trustProxy', ({ trustProxy }) => trustProxy > 0, {
    problem: `--trust-proxy needs ${SIGN_IN}; whoever reaches the proxy in front could call`,
  }),
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
    about: ['page', 'noPage'],
    isBroken: ({ page, noPage }) => page === true && noPage === true,
    problem: '--page and --no-page contradict each other',
  },
  {
    about: ['auth', 'page', 'pageClientId'],
    isBroken: ({ auth, page, pageClientId }) => auth === 'oauth' && pageClientId !== undefined && !page,
    problem: '--page-client-id needs --page: with --auth oauth there is no page by default',
  },
  {
    about: ['port', 'metricsPort'],
    isBroken: ({ port, metricsPort }) => port !== 0 && port === metricsPort,
    problem: '--port and --metrics-port are the same; the metrics need a port of their own',
  },
  {
    about: ['metricsPort', 'metricsHost'],
    isBroken: ({ metricsPort, metricsHost }) => metricsHost !== undefined && metricsPort === undefined,
    problem: '--metrics-host works only together with --metrics-port',
  },
];

/** Such a setting lets others call through a proxy on this machine; the sandbox holds nobody's data. */
function opensToOthers(
  name: Name,
  isOpen: (settings: Settings) => boolean,
  { problem, inSandbox = false }: { problem: string; inSandbox?: boolean },
): Rule {
  return {
    about: ['host', 'auth', name],
    isBroken: (settings) =>
      settings.auth === 'none' && isLoopback(settings.host) && (inSandbox || !settings.sandbox) && isOpen(settings),
    problem,
  };
}

/** Other schemes belong to programs on this machine, such as vscode-webview. */
function isElsewhere(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return /^https?:$/.test(protocol) && !isLoopback(hostname);
}

function onlyWith(mode: CallerAuth['mode'], name: Name, label = flagName(name)): Rule {
  return {
    about: ['auth', name],
    isBroken: (settings) => settings.auth !== mode && settings[name] !== undefined,
    problem: `${label} works only together with --auth ${mode}`,
  };
}

export const httpSchema = (surroundings: Surroundings) =>
  settings(surroundings)
    .check(
      ...RULES.map(({ about, isBroken, problem }) =>
        z.refine<Settings>((settings) => !isBroken(settings), {
          error: problem,
          when: ({ issues }) => !issues.some(({ path = [] }) => about.some((name) => name === path[0])),
        }),
      ),
    )
    .transform(toConfig);

function toConfig(flags: Settings) {
  const { publicUrl, allowedHosts, metricsHost = THIS_MACHINE, maxCalls } = flags;
  // Some proxies pass the name on without its port.
  const { host: publicHost, hostname } = new URL(publicUrl ?? 'http://none');
  const publicHosts = publicUrl === undefined ? [] : [publicHost, hostname];
  const state = flags.stateUrl ?? flags.stateVariable;
  const config = {
    host: flags.host,
    port: flags.port,
    /** Without a trailing slash. This server has no other name for itself. */
    publicUrl,
    auth: toAuth(flags),
    ionosCredentials: flags.ionosCredentials,
    /** Lower case, with the host of `publicUrl`; one without a port matches every port. */
    allowedHosts: [...new Set([...allowedHosts, ...publicHosts])],
    allowedOrigins: [...new Set(flags.allowedOrigins)],
    sse: !flags.noSse,
    page: flags.page ?? (!flags.noPage && isForThisMachine(flags)),
    trustProxy: flags.trustProxy,
    keepAliveTimeoutMs: Math.round(flags.keepAliveTimeout * 1000),
    stateUrl: state?.url,
    metricsPort: flags.metricsPort,
    metricsHost,
    drainDelayMs: Math.round(flags.drainDelay * 1000),
    drainTimeoutMs: Math.round(flags.drainTimeout * 1000),
    /** Without authentication, all callers count as one. */
    maxCalls,
    callerMaxCalls: flags.auth === 'none' ? maxCalls : flags.callerMaxCalls,
    rateLimit: flags.rateLimit,
    writeRateLimit: flags.writeRateLimit,
  };
  return { config, secrets: [...(flags.callerTokens?.secrets ?? []), ...(state?.secrets ?? [])] };
}

export type HttpConfig = ReturnType<typeof toConfig>['config'];

// The rules ensure that each mode has what it needs.
function toAuth({ auth, authTokensFile, callerTokens, ...flags }: Settings): CallerAuth {
  if (auth === 'none') return { mode: auth };
  if (auth === 'token') {
    return { mode: auth, source: authTokensFile ? { path: authTokensFile } : { text: callerTokens?.text ?? '' } };
  }
  return {
    mode: auth,
    issuer: flags.oauthIssuer ?? '',
    audience: flags.oauthAudience,
    jwksUrl: flags.oauthJwksUrl,
    scopePrefix: flags.oauthScopePrefix,
    scopesClaim: flags.oauthScopesClaim,
    maxAge: flags.oauthMaxAge,
    pageClientId: flags.pageClientId,
  };
}
