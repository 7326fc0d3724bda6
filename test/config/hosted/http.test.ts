import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/index.ts';
import { ConfigError } from '../../../src/errors.ts';

type Env = Record<string, string>;

const account = { IONOS_TOKEN: 'secret-token' };
const tokens = { MCP_AUTH_TOKENS: 'desk:full:planted-caller-token' };

const noFile = (path: string): string => {
  throw new Error(`nobody asked for ${path}`);
};

type Line = string | string[];

function load(line: Line, env: Env = account) {
  const words = typeof line === 'string' ? line.split(' ').filter(Boolean) : line;
  const config = loadConfig(['--transport', 'http', ...words], env, noFile);
  if (config.command !== 'serve' || config.transport !== 'http') throw new Error(`unexpected: ${config.command}`);
  return config;
}

const http = (line: Line, env: Env = account) => load(line, env).http;

function problemsOf(line: Line, env: Env = account): readonly string[] {
  try {
    load(line, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

test('without further flags it serves this machine alone, and deletes nothing', () => {
  expect(load('')).toEqual({
    command: 'serve',
    transport: 'http',
    api: { apiUrl: 'https://api.ionos.com/databases/postgresql', authorization: 'Bearer secret-token' },
    v2: { isAlone: false, newClusters: 'v1', regions: expect.objectContaining({ length: 9 }) },
    accounts: [
      {
        credentials: { kind: 'token' },
        apiUrl: 'https://api.ionos.com/databases/postgresql',
        v2Urls: ['https://postgresql.{region}.ionos.com'],
      },
    ],
    access: 'write',
    writes: { confirm: 'costly', requireHuman: false, passwordEnv: {} },
    toolsets: ['clusters', 'backups', 'users', 'databases', 'logs', 'networks'],
    logLevel: 'info',
    secrets: ['secret-token'],
    warnings: [],
    http: {
      host: '127.0.0.1',
      port: 3000,
      auth: { mode: 'none' },
      ionosCredentials: 'server',
      allowedHosts: [],
      allowedOrigins: [],
      sse: true,
      page: true,
      trustProxy: 0,
      keepAliveTimeoutMs: 65_000,
      metricsHost: '127.0.0.1',
      drainTimeoutMs: 25_000,
      drainDelayMs: 5_000,
      maxCalls: 1000,
      callerMaxCalls: 1000,
      rateLimit: 600,
      writeRateLimit: 30,
    },
  });
});

test.each([
  ['', 'write'],
  ['--sandbox', 'full'],
  ['--access full', 'full'],
  ['--access read', 'read'],
  ['--read-only --sandbox', 'read'],
])('%j gives access to %s', (line, access) => {
  expect(load(line)).toMatchObject({ access });
});

test('every setting has its flag', () => {
  const line =
    '--host 0.0.0.0 --port 0 --public-url https://mcp.example.com --allowed-hosts internal:3000 ' +
    '--allowed-origins https://app.example.com --auth oauth --oauth-issuer https://login.example/realm/ ' +
    '--oauth-audience api://postgres --oauth-jwks-url https://login.example/keys?p=1 --ionos-credentials caller ' +
    '--no-sse --trust-proxy 2 --keep-alive-timeout 620 --metrics-port 9090 --metrics-host ::1 --drain-timeout 1.5 --drain-delay 0 ' +
    '--oauth-scope-prefix api://1234/ --oauth-scopes-claim Roles --oauth-max-age 604800 ' +
    '--max-calls 1 --caller-max-calls 2 --rate-limit 0 --write-rate-limit 7 --page --page-client-id 0a1b-page';
  expect(http(line)).toEqual({
    host: '0.0.0.0',
    port: 0,
    publicUrl: 'https://mcp.example.com',
    auth: {
      mode: 'oauth',
      issuer: 'https://login.example/realm/',
      audience: 'api://postgres',
      jwksUrl: 'https://login.example/keys?p=1',
      scopePrefix: 'api://1234/',
      scopesClaim: 'roles',
      maxAge: 604_800,
      pageClientId: '0a1b-page',
    },
    ionosCredentials: 'caller',
    allowedHosts: ['internal:3000', 'mcp.example.com'],
    allowedOrigins: ['https://app.example.com'],
    sse: false,
    page: true,
    trustProxy: 2,
    keepAliveTimeoutMs: 620_000,
    metricsPort: 9090,
    metricsHost: '::1',
    drainTimeoutMs: 1500,
    drainDelayMs: 0,
    maxCalls: 1,
    callerMaxCalls: 2,
    rateLimit: 0,
    writeRateLimit: 7,
  });
});

test("callers' tokens come from the environment or a file, which is not read here", () => {
  expect(http('--auth token', { ...account, ...tokens }).auth).toEqual({
    mode: 'token',
    source: { text: tokens.MCP_AUTH_TOKENS },
  });
  expect(http('--auth token --auth-tokens-file /run/secrets/callers').auth).toEqual({
    mode: 'token',
    source: { path: '/run/secrets/callers' },
  });
});

test("callers' tokens in the environment count as secrets, one by one", () => {
  const env = { ...account, MCP_AUTH_TOKENS: ' a:read:first-token, b:full:second-token\r\n#c:read:old\n\nd:x\n' };
  expect(load('--auth token', env).secrets).toEqual(['secret-token', 'first-token', 'second-token']);
});

test('a placeholder in place of the tokens is named once', () => {
  const problems = problemsOf('--auth token', { ...account, MCP_AUTH_TOKENS: '<label:class:token>' });
  expect(problems).toEqual([expect.stringContaining('MCP_AUTH_TOKENS still contains a placeholder')]);
});

test('with --ionos-credentials caller there is nothing of its own to fall back on', () => {
  const env = { IONOS_TOKEN: 'planted-own-token', IONOS_USERNAME: 'me', IONOS_TOKEN_FILE: '/nowhere' };
  const place = { IONOS_API_URL: 'localhost:8080', IONOS_CONTRACT_NUMBER: '31812345' };
  for (const line of ['--ionos-credentials caller', '--ionos-credentials caller --sandbox']) {
    const config = load(line, { ...env, ...place });
    expect(config.api.authorization).toBeUndefined();
    expect(config.http.ionosCredentials).toBe('caller');
    expect(JSON.stringify(config)).not.toMatch(/planted|Bearer/);
  }
  expect(load('--ionos-credentials caller', place).api).toEqual({
    apiUrl: 'http://localhost:8080/databases/postgresql',
    contractNumber: '31812345',
  });
});

test("in the sandbox only callers' tokens are read, and without it credentials are needed", () => {
  expect(load('--sandbox --auth token --port 0 --metrics-port 0', { IONOS_TOKEN: 'unread', ...tokens })).toMatchObject({
    api: { authorization: 'Bearer sandbox' },
    secrets: ['planted-caller-token'],
    warnings: [],
    http: { port: 0, metricsPort: 0 },
  });
  expect(problemsOf('', {})).toEqual([expect.stringContaining('no credentials')]);
});

test.each([
  ['https://mcp.example.com', 'https://mcp.example.com', 'mcp.example.com'],
  ['HTTPS://MCP.example.com:443/', 'https://mcp.example.com', 'mcp.example.com'],
  ['https://mcp.example.com:8443/a/b//', 'https://mcp.example.com:8443/a/b', 'mcp.example.com:8443,mcp.example.com'],
  ['http://localhost:3000', 'http://localhost:3000', 'localhost:3000,localhost'],
  ['http://127.0.0.2', 'http://127.0.0.2', '127.0.0.2'],
  ['http://[::1]:3000/x', 'http://[::1]:3000/x', '[::1]:3000,[::1]'],
])('--public-url %s means %s and allows its host, with its port and without', (given, publicUrl, hosts) => {
  const line = `--auth oauth --oauth-issuer https://login.example --public-url ${given}`;
  expect(http(line)).toMatchObject({ publicUrl, allowedHosts: hosts.split(',') });
});

test('a public URL of another machine needs callers who sign in, even if only loopback is listened on', () => {
  expect(problemsOf('--sandbox --transport http --public-url https://mcp.example.com', {})).toEqual([
    expect.stringContaining('--public-url of another machine needs --auth token or --auth oauth'),
  ]);
  expect(http('--public-url http://localhost:8080')).toMatchObject({ publicUrl: 'http://localhost:8080' });
});

test('hosts and origins come separated by commas, repeated, or both', () => {
  const line = '--allowed-hosts A.example,b_c:3000 --allowed-hosts=[::1]:80,10.0.0.1,a.example';
  const open = `--auth oauth --oauth-issuer https://login.example --public-url http://localhost`;
  expect(http(`${open} ${line}`).allowedHosts.slice(0, -1)).toEqual(['a.example', 'b_c:3000', '[::1]:80', '10.0.0.1']);
  const origins = '--allowed-origins https://A.example:443,http://b:3000 --allowed-origins vscode-webview://Abc';
  expect(http(`${open} ${origins}`).allowedOrigins).toEqual([
    'https://a.example',
    'http://b:3000',
    'vscode-webview://abc',
  ]);
});

const URLS = ['--public-url', '--oauth-issuer', '--oauth-jwks-url'];
const unsafe = [
  ...['http://mcp.example.com', 'http://127.0.0.1.example.com', 'http://0.0.0.0', 'ftp://mcp.example.com'],
  ...[
    'mcp.example.com',
    'https:mcp.example.com',
    'https://',
    'https://*.example.com',
    'https://a\\b',
    'https://m\u00fc.de',
  ],
  ...['https://planted@mcp.example.com', 'https://me:planted@mcp.example.com', 'https://mcp.example.com#planted'],
];

test.each(URLS.flatMap((flag) => unsafe.map((url) => [flag, url])))('%s %s is refused', (flag, url) => {
  const others = '--auth oauth --public-url https://mcp.example.com --oauth-issuer https://login.example';
  const problems = problemsOf(`${others} ${flag} ${url}`);
  expect(problems).toEqual([expect.stringMatching(new RegExp(`^${flag} accepts .*https://.*only for this machine`))]);
  expect(problems.join()).not.toContain('planted');
});

test.each([
  '*',
  'https://a.example',
  'a.example/',
  'a.example:x',
  'a:70000',
  '*.example',
  'a,',
  ',a',
  'me@a',
  '::1',
  'a b',
])('--allowed-hosts %s is refused', (hosts) => {
  const problem = problemsOf(['--allowed-hosts', hosts]);
  expect(problem).toEqual([expect.stringMatching(/^--allowed-hosts accepts host names.*no scheme and no wildcard$/)]);
});

test.each([
  '*',
  'null',
  'a.example',
  'https://a/',
  'https://a/b',
  'https://*.a',
  'https://me@a',
  'https://',
  'https://a,',
  'file://',
])('--allowed-origins %s is refused', (origins) => {
  const problem = problemsOf(['--allowed-origins', origins]);
  expect(problem).toEqual([expect.stringMatching(/^--allowed-origins accepts origins.*no path.*not null$/)]);
});

const PUBLIC = '--public-url https://mcp.example.com';
const OAUTH = `--auth oauth --oauth-issuer https://login.example ${PUBLIC}`;
const FILE = '--auth token --auth-tokens-file /callers';

test.each([
  ['--host [::1]', '--host accepts a host name or an IP address'],
  ['--port 65536', '--port accepts a port from 0 to 65535'],
  ['--public-url https://mcp.example.com?', '--public-url accepts'],
  ['--allowed-hosts a --allowed-hosts', '--allowed-hosts needs a value'],
  ['--auth basic', '--auth accepts none, token or oauth'],
  ['--auth token --auth-tokens-file=', '--auth token needs tokens'],
  [
    '--auth token --auth-tokens-file me:read:planted',
    '--auth-tokens-file contains a token; it must be the path of a file',
  ],
  [`--auth token --auth-tokens-file ${'planted'.repeat(7)}`, '--auth-tokens-file contains a token'],
  ['--auth token --auth-tokens-file eyJplanted.e30.x', '--auth-tokens-file contains a token'],
  [`${OAUTH} --oauth-issuer https://login.example?planted`, '--oauth-issuer accepts'],
  [`${OAUTH} --oauth-audience a\u00e9`, '--oauth-audience accepts a name without white space'],
  [`${OAUTH} --oauth-scope-prefix api://1234`, '--oauth-scope-prefix accepts the prefix of a scope'],
  [`${OAUTH} --oauth-scope-prefix a"b/`, '--oauth-scope-prefix accepts'],
  [`${OAUTH} --oauth-scopes-claim sub`, '--oauth-scopes-claim accepts scope, scp, roles or permissions'],
  [`${OAUTH} --oauth-max-age 59`, '--oauth-max-age accepts seconds from 60'],
  ['--oauth-scope-prefix team:', '--oauth-scope-prefix works only together with --auth oauth'],
  [`${FILE} --oauth-scopes-claim scp`, '--oauth-scopes-claim works only together with --auth oauth'],
  ['--oauth-max-age 60', '--oauth-max-age works only together with --auth oauth'],
  ['--ionos-credentials mine', '--ionos-credentials accepts server or caller'],
  ['--no-sse=yes', "'--no-sse' takes no value"],
  ['--trust-proxy 11', '--trust-proxy accepts a number of proxies from 0 to 10'],
  ['--keep-alive-timeout 0', '--keep-alive-timeout accepts seconds from 1 to 3600'],
  ['--keep-alive-timeout 3601', '--keep-alive-timeout accepts'],
  ['--rate-limit -1', '--rate-limit accepts requests a minute from 0 to 1000000'],
  ['--write-rate-limit x', '--write-rate-limit accepts'],
  ['--max-calls 0', '--max-calls accepts a number of calls from 1 to 100000'],
  ['--drain-delay 61', '--drain-delay accepts seconds from 0 to 60'],
  ['--drain-timeout 301', '--drain-timeout accepts seconds from 0 to 300'],
  ['--metrics-port 9090 --metrics-host a/b', '--metrics-host accepts'],
  ['--metrics-host 0.0.0.0', '--metrics-host works only together with --metrics-port'],
  ['--metrics-port 3000', '--port and --metrics-port are the same'],
  ['--auth token', '--auth token needs tokens: from --auth-tokens-file, or from MCP_AUTH_TOKENS'],
  [`--auth oauth ${PUBLIC}`, '--auth oauth needs --oauth-issuer'],
  ['--auth oauth --oauth-issuer https://login.example', '--auth oauth needs --public-url'],
  ['--auth-tokens-file /callers', '--auth-tokens-file works only together with --auth token'],
  [`${OAUTH} --auth-tokens-file /callers`, '--auth-tokens-file works only together with --auth token'],
  ['--oauth-issuer https://login.example', '--oauth-issuer works only together with --auth oauth'],
  [`${FILE} --oauth-audience a`, '--oauth-audience works only together with --auth oauth'],
  ['--oauth-jwks-url https://login.example', '--oauth-jwks-url works only together with --auth oauth'],
  [`--host 0.0.0.0 ${PUBLIC}`, 'needs --auth token or --auth oauth'],
  ['--sandbox --host mcp.example.com --allowed-hosts mcp.example.com', 'needs --auth token or --auth oauth'],
  [`--host :: ${FILE}`, 'needs --allowed-hosts or --public-url'],
  [`--host :: ${FILE} --allowed-hosts a --ionos-credentials caller`, 'need a --public-url with https://'],
  [`--host :: ${FILE} --public-url http://localhost --ionos-credentials caller`, 'need a --public-url with https://'],
])('%s is refused once, by name', (line, words) => {
  const problems = problemsOf(line);
  expect(problems).toEqual([expect.stringContaining(words)]);
  expect(problems.join()).not.toContain('planted');
});

const OPEN = [
  '--public-url https://abc.tunnel.example',
  '--allowed-hosts abc.tunnel.example',
  '--allowed-hosts localhost,10.0.0.1:3000',
  '--allowed-hosts [2001:db8::1]',
  '--allowed-origins https://app.example.com',
  '--allowed-origins http://localhost.example:3000',
  '--trust-proxy 1',
];

test.each(OPEN)('%s, by which others could call, needs callers who sign in', (line) => {
  for (const whose of ['', ' --ionos-credentials caller', ' --host ::1']) {
    expect(problemsOf(line + whose)).toEqual([
      expect.stringMatching(/^--[a-z-]+ .*needs --auth token or --auth oauth;/),
    ]);
  }
  expect(problemsOf(`${line} ${FILE}`)).toEqual([]);
});

test.each([
  ...['--allowed-hosts localhost:3000,127.0.0.1,[::1]', '--public-url https://localhost', '--trust-proxy 0'],
  ...[
    '--allowed-origins http://localhost:6274,vscode-webview://abc',
    ...OPEN.slice(1).map((line) => `--sandbox ${line}`),
  ],
])('%s needs nobody to sign in', (line) => {
  expect(problemsOf(line)).toEqual([]);
});

test.each([
  ['--auth none', 'MCP_AUTH_TOKENS works only together with --auth token'],
  [OAUTH, 'MCP_AUTH_TOKENS works only together with --auth token'],
  [FILE, '--auth-tokens-file and MCP_AUTH_TOKENS are both given'],
])('%s beside MCP_AUTH_TOKENS is refused, lest they be taken to count', (line, words) => {
  expect(problemsOf(line, { ...account, ...tokens })).toEqual([expect.stringContaining(words)]);
});

test.each(['localhost', 'LOCALHOST', '127.0.0.1', '127.8.9.10', '::1'])('%s needs no authentication', (host) => {
  expect(http(`--host ${host} --ionos-credentials caller`)).toMatchObject({ host, auth: { mode: 'none' } });
});

test.each(['0.0.0.0', '::', '::ffff:127.0.0.1', '127.0.0.1.example', 'localhost.example', 'my-host', '10.0.0.1'])(
  '%s needs authentication and names',
  (host) => {
    expect(problemsOf(`--host ${host}`)).toHaveLength(2);
    for (const line of [`${FILE} --allowed-hosts a`, `${FILE} ${PUBLIC}`, OAUTH]) {
      expect(http(`--host ${host} ${line}`)).toMatchObject({ host });
    }
  },
);

test("over stdio each flag of HTTP is refused, and MCP_AUTH_TOKENS is nobody's", () => {
  const argv = ['--no-sse', '--port', '1', '--auth-tokens-file', '/callers', '--allowed-hosts', '*'];
  for (const stdio of [[], ['--transport', 'stdio']]) {
    expect(() => loadConfig([...stdio, ...argv], { ...account, ...tokens }, noFile)).toThrow(
      new ConfigError(
        ['--no-sse', '--port', '--auth-tokens-file', '--allowed-hosts'].map(
          (flag) => `${flag} works only together with --transport http`,
        ),
      ),
    );
  }
  expect(loadConfig([], { ...account, ...tokens }, noFile)).toMatchObject({ secrets: ['secret-token'] });
});

test('all problems are named at once, and none for what another has made unsound', () => {
  const line =
    '--host 0.0.0.0 --port x --metrics-port x --public-url mcp --allowed-origins * --auth oauth --auth-tokens-file /f ' +
    '--ionos-credentials caller --access all';
  const about = [
    '--port',
    '--public-url',
    '--allowed-origins',
    '--metrics-port',
    '--auth-tokens-file',
    '--oauth-issuer',
  ];
  expect(problemsOf(line, { IONOS_API_URL: 'ftp://host' })).toEqual(
    [...about, '--access', 'IONOS_API_URL'].map((part) => expect.stringContaining(part)),
  );
});

test('HTTP flags are checked even where the transport is misspelt', () => {
  expect(() => loadConfig(['--transport', 'htpp', '--port', 'x'], account, noFile)).toThrow(
    /--transport accepts.*\n--port accepts/,
  );
});

const host = fc.constantFrom('127.0.0.1', 'localhost', '::1', '0.0.0.0', '::', 'mcp.example.com', '10.0.0.1');
const auth = fc.constantFrom('', '--auth none', FILE, OAUTH, '--auth oauth', '--auth token');
const some = (...lines: string[]) => fc.subarray(lines).map((chosen) => chosen.join(' '));

test('whatever is combined, beyond this machine nobody calls unknown, by any name, or with his token in the clear', () => {
  fc.assert(
    fc.property(
      host,
      auth,
      some(PUBLIC, '--allowed-hosts a', '--public-url http://localhost', '--ionos-credentials caller', '--sandbox'),
      (host, auth, others) => {
        const line = `--host ${host} ${auth} ${others}`;
        if (problemsOf(line).length > 0) return;
        const { http, api } = load(line);
        expect(api.authorization === undefined).toBe(http.ionosCredentials === 'caller');
        if (/^(127|local|::1)/.test(host)) return;
        expect(http.auth.mode).not.toBe('none');
        expect(http.allowedHosts).not.toEqual([]);
        if (http.ionosCredentials === 'caller') expect(http.publicUrl).toMatch(/^https:/);
      },
    ),
  );
});

test.each<[line: string, page: boolean]>([
  ['', true],
  ['--host localhost', true],
  ['--no-page', false],
  ['--page', true],
  ['--public-url http://127.0.0.1:3000', false],
  ['--auth token --trust-proxy 1', false],
  ['--auth token --allowed-hosts mcp.example.com', false],
  ['--auth token --host 0.0.0.0 --allowed-hosts mcp.example.com', false],
  ['--auth token --host 0.0.0.0 --allowed-hosts mcp.example.com --page', true],
])('%s has a page: %s', (line, page) => {
  const tokens: Env = line.includes('token') ? { MCP_AUTH_TOKENS: `a:read:${'x'.repeat(43)}` } : {};
  expect(load(line, { ...account, ...tokens })).toMatchObject({ http: { page } });
});

test.each([
  ['--page-client-id page', '--page-client-id works only together with --auth oauth'],
  [`${FILE} --page --page-client-id page`, '--page-client-id works only together with --auth oauth'],
  [`${OAUTH} --page-client-id page`, '--page-client-id needs --page: with --auth oauth there is no page by default'],
  [
    `${OAUTH} --no-page --page-client-id page`,
    '--page-client-id needs --page: with --auth oauth there is no page by default',
  ],
  [`${OAUTH} --page --page-client-id <client-id>`, '--page-client-id still contains a placeholder, <…>'],
  [`${OAUTH} --page --page-client-id a\u00e9`, '--page-client-id accepts the ID of a client, without white space'],
])('%s gives nobody a way to sign in on the page, and says why', (line, words) => {
  expect(problemsOf(line)).toEqual([expect.stringContaining(words)]);
});

test('a page is not wanted and unwanted at once', () => {
  expect(problemsOf('--page --no-page')).toEqual(['--page and --no-page contradict each other']);
});
