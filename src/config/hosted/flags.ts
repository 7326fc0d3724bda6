import { isSecure, withoutSlashes } from '../../secure-url.ts';
import { orIssues } from '../environment.ts';
import { flag, optional, repeated, toggle } from '../flag-row.ts';
import { address, choice, filePath, filled, list, number, port, text, wholeNumber } from '../flag-schemas.ts';
import { readStateUrl } from './state-url.ts';

export const THIS_MACHINE = '127.0.0.1';

const HOST = /^(\[[\da-f:.]+\]|\w([\w.-]*\w)?)(:\d{1,5})?$/i;
const WEB_URL = /^https?:\/\/(?=[!-~]+$)[^/?#@\\]+(\/[^?#\\]*)?(\?[^#]*)?$/i;

const isHost = (value: string) => HOST.test(value) && URL.canParse(`http://${value}`);
const isOrigin = (value: string) => isHost(value.replace(/^[a-z][a-z\d+.-]*:\/\//i, '')) && value.includes('://');

function isWebUrl(value: string): boolean {
  if (!WEB_URL.test(value) || !URL.canParse(value)) return false;
  const url = new URL(value);
  return isHost(url.hostname) && isSecure(url);
}

const isBareUrl = (value: string) => isWebUrl(value) && !value.includes('?');

// Characters of a scope; a URI needs a separator at its end.
const isPrefix = (value: string) => /^[!#-[\]-~]+$/.test(value) && !(value.includes('://') && /\w$/.test(value));

const ONLY_HERE = 'http:// is only for this machine';

function asBrowsersSpellIt(origin: string): string {
  const url = new URL(origin);
  return url.origin === 'null' ? origin.toLowerCase() : url.origin;
}

export const listenFlags = (given: { port: string; host?: string }) => ({
  host: flag({
    value: '<address>',
    default: THIS_MACHINE,
    says: 'address to listen on',
    more: given.host,
    schema: address,
  }),
  port: flag({
    value: '<number>',
    default: given.port,
    says: 'port to listen on, 0 for any free one',
    schema: port,
  }),
});

export const httpFlags = {
  ...listenFlags({ port: '3000', host: "any address other than this machine's own needs `--auth` and a name" }),
  publicUrl: optional({
    value: '<url>',
    says: 'URL by which clients reach it, without `/mcp`, as in `https://mcp.example.com/postgres`',
    more: 'https, or http on this machine',
    schema: (name) =>
      text(
        name,
        `an https:// URL without user, query (?) and fragment (#), as in https://mcp.example.com/postgres; ${ONLY_HERE}`,
        isBareUrl,
      ).transform((value) => {
        const { origin, pathname } = new URL(value);
        return origin + withoutSlashes(pathname);
      }),
  }),
  allowedHosts: repeated({
    value: '<hosts>',
    says:
      'hosts that clients may use, in addition to that of `--public-url`; one without a port matches every port; ' +
      'separated by commas, can be repeated',
    schema: (name) =>
      list(
        name,
        'host names, each with or without a port, as in mcp.example.com,mcp.internal:3000; no scheme and no wildcard',
        isHost,
      ).transform((hosts) => hosts.map((host) => host.toLowerCase())),
  }),
  allowedOrigins: repeated({
    value: '<origins>',
    says: 'origins whose web pages may call, as in `https://app.example.com`; separated by commas, can be repeated',
    schema: (name) =>
      list(
        name,
        'origins, as in https://app.example.com,http://localhost:6274; no path, no wildcard and not null',
        isOrigin,
      ).transform((origins) => origins.map(asBrowsersSpellIt)),
  }),
  auth: flag({
    value: '<mode>',
    default: 'none',
    says:
      'how callers authenticate: `none`, only on this machine; `token`, with tokens that you issue; `oauth`, with ' +
      'those of an authorization server',
    more: 'see [Who may call](hosting.md#who-may-call)',
    schema: (name) =>
      choice(name, ['none', 'token', 'oauth'], { synonyms: { off: 'none', tokens: 'token', oauth2: 'oauth' } }),
  }),
  authTokensFile: optional({
    value: '<path>',
    says: 'file with a line `label:class:token` for each token; the class is `read`, `write` or `full`',
    schema: filePath,
  }),
  oauthIssuer: optional({
    value: '<url>',
    says: 'the authorization server, exactly as in the `iss` of its tokens',
    schema: (name) =>
      text(
        name,
        `the https:// URL that the authorization server's tokens name as their issuer, without a query; ${ONLY_HERE}`,
        isBareUrl,
      ),
  }),
  oauthAudience: optional({
    value: '<uri>',
    otherwise: 'the URL of `/mcp`',
    says: 'required `aud` of its tokens, if not the URL of this server',
    schema: (name) => text(name, 'a name without white space, usually a URI', (value) => /^[!-~]+$/.test(value)),
  }),
  oauthJwksUrl: optional({
    value: '<url>',
    otherwise: 'discovered from the issuer',
    says: 'URL of its keys, if not discovered from the issuer',
    schema: (name) => text(name, `an https:// URL; ${ONLY_HERE}`, isWebUrl),
  }),
  oauthScopePrefix: optional({
    value: '<text>',
    says: 'prefix of the scopes of this server, as in `api://1234/`; tokens may omit it',
    more: 'for servers such as Entra ID, which qualify the scopes that clients ask for',
    schema: (name) => text(name, 'the prefix of a scope, ending in / or :, as in api://1234/', isPrefix),
  }),
  oauthScopesClaim: optional({
    value: '<claim>',
    otherwise: '`scope` and `scp`',
    says: 'claim that holds the scopes: `scope`, `scp`, `roles` or `permissions`',
    schema: (name) => choice(name, ['scope', 'scp', 'roles', 'permissions']),
  }),
  oauthMaxAge: optional({
    value: '<seconds>',
    default: '86400',
    says: 'longest remaining lifetime of a token, 60 to 31536000',
    schema: (name) => wholeNumber(name, 'seconds', 60, 31_536_000),
  }),
  ionosCredentials: flag({
    value: '<whose>',
    default: 'server',
    says:
      '`server`: all calls use the credentials below; `caller`: each call uses the token that its caller sends, and ' +
      'those below are not read',
    more: 'see [With whose rights](hosting.md#with-whose-rights)',
    schema: (name) => choice(name, ['server', 'caller']),
  }),
  page: toggle({
    says: 'serve a page for the browser at `/`, also where other machines reach the server',
    more: 'see [The page](hosting.md#the-page)',
  }),
  noPage: toggle({ says: 'serve no page; by default there is one where only this machine reaches the server' }),
  pageClientId: optional({
    value: '<id>',
    says: 'ID of the public client at the authorization server with which people sign in on the page',
    more: 'see [Sign-in on the page](hosting.md#sign-in-on-the-page)',
    schema: (name) =>
      text(name, 'the ID of a client, without white space, as the authorization server shows it', (value) =>
        /^[!-~]+$/.test(value),
      ),
  }),
  noSse: toggle({ says: 'leave out the older HTTP+SSE transport', more: 'that is `/sse` and `/messages`' }),
  trustProxy: flag({
    value: '<hops>',
    default: '0',
    says: 'number of proxies in front that append to X-Forwarded-For, 0 to 10',
    more: 'if this exceeds the real number, callers can choose the address that limits apply to',
    schema: (name) => wholeNumber(name, 'a number of proxies', 0, 10),
  }),
  rateLimit: flag({
    value: '<n>',
    default: '600',
    says: 'requests per minute and caller, 0 for no limit',
    schema: (name) => wholeNumber(name, 'requests a minute', 0, 1_000_000),
  }),
  writeRateLimit: flag({
    value: '<n>',
    default: '30',
    says: 'calls that write per minute and caller, 0 for no limit',
    schema: (name) => wholeNumber(name, 'requests a minute', 0, 1_000_000),
  }),
  maxCalls: flag({
    value: '<n>',
    default: '1000',
    says: 'calls in flight at once, 1 to 100000',
    schema: (name) => wholeNumber(name, 'a number of calls', 1, 100_000),
  }),
  callerMaxCalls: flag({
    value: '<n>',
    default: '100',
    says: 'calls in flight at once per authenticated caller, 1 to 100000',
    schema: (name) => wholeNumber(name, 'a number of calls', 1, 100_000),
  }),
  keepAliveTimeout: flag({
    value: '<seconds>',
    default: '65',
    says: 'how long an idle connection stays open, 1 to 3600; set it longer than the load balancer in front does',
    more: 'some use 600',
    schema: (name) => number(name, 'seconds', 1, 3600),
  }),
  drainDelay: flag({
    value: '<seconds>',
    default: '5',
    says: 'how long it still accepts calls after SIGTERM, so that load balancers notice, 0 to 60',
    schema: (name) => number(name, 'seconds', 0, 60),
  }),
  drainTimeout: flag({
    value: '<seconds>',
    default: '25',
    says: 'how long calls in flight may then take to finish, 0 to 300',
    schema: (name) => number(name, 'seconds', 0, 300),
  }),
  stateUrl: optional({
    value: '<postgres-url>',
    otherwise: '`STATE_URL`, else the memory of this process',
    says:
      'PostgreSQL database in which several replicas keep what they have to agree on; `STATE_URL` in the environment ' +
      'keeps its password out of the process list',
    more: 'see [Replicas](hosting.md#replicas)',
    schema: (name, surroundings) =>
      filled(name, 'the URL of a PostgreSQL database').transform((url, context) =>
        orIssues(() => readStateUrl(name, url, surroundings), context),
      ),
  }),
  metricsPort: optional({
    value: '<number>',
    says: 'serve Prometheus metrics on a port of their own, 0 for any free one',
    schema: port,
  }),
  metricsHost: optional({
    value: '<address>',
    default: THIS_MACHINE,
    says: 'address for that port',
    schema: address,
  }),
};
