import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { textOf } from '../../src/config/help.ts';
import { type Config, loadConfig, readFile } from '../../src/config/index.ts';
import { stateFolder } from '../../src/config/writes.ts';
import { ConfigError } from '../../src/errors.ts';
import { version } from '../../src/version.ts';

const TOKEN = 'planted-token-4711';
const PASSWORD = 'planted password 0815';
const account = { IONOS_TOKEN: TOKEN };

const noFile = (path: string): string => {
  throw new Error(`nobody asked for ${path}`);
};

const load = (line: string, env: Record<string, string> = {}) => loadConfig(words(line), env, noFile);
const words = (line: string) => line.split(' ').filter(Boolean);

function problemsOf(line: string, env: Record<string, string> = {}): readonly string[] {
  try {
    load(line, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

function printed(line: string): string {
  const config = load(line);
  return config.command === 'print' ? textOf(config.page) : '';
}

const EVERY_REGION = ['de-txl', 'de-fra', 'fr-par', 'es-vit', 'gb-lhr', 'gb-bhx', 'us-las', 'us-mci', 'us-ewr'].map(
  (name) => ({ name, apiUrl: `https://postgresql.${name}.ionos.com` }),
);

test('with a token and no flags it serves everything over stdio and logs at info', () => {
  expect(load('', account)).toEqual({
    command: 'serve',
    api: { apiUrl: 'https://api.ionos.com/databases/postgresql', authorization: `Bearer ${TOKEN}` },
    v2: { isAlone: false, newClusters: 'v1', regions: EVERY_REGION },
    transport: 'stdio',
    accounts: [
      {
        credentials: { kind: 'token' },
        apiUrl: 'https://api.ionos.com/databases/postgresql',
        v2Urls: ['https://postgresql.{region}.ionos.com'],
      },
    ],
    access: 'full',
    writes: {
      confirm: 'costly',
      requireHuman: false,
      credentialsDir: expect.stringMatching(/ionos-postgres-mcp.credentials$/),
      passwordEnv: {},
    },
    toolsets: ['clusters', 'backups', 'users', 'databases', 'logs', 'networks'],
    logLevel: 'info',
    secrets: [TOKEN],
    warnings: [],
  });
});

test('without credentials it names every way out and does not fall into the sandbox', () => {
  const [problem, ...others] = problemsOf('');
  for (const way of ['IONOS_TOKEN', 'IONOS_TOKEN_FILE', 'IONOS_USERNAME and IONOS_PASSWORD', '--sandbox']) {
    expect(problem).toContain(way);
  }
  expect(others).toEqual([]);
});

test('--sandbox leaves the account and everything about the real API alone', () => {
  const config = load('--sandbox', {
    IONOS_TOKEN: TOKEN,
    IONOS_TOKEN_FILE: '/nowhere',
    IONOS_API_URL: 'ftp://nowhere',
    IONOS_CONTRACT_NUMBER: 'none',
    HTTPS_PROXY: '::',
  });
  expect(config).toEqual({
    command: 'serve',
    api: { apiUrl: 'https://api.ionos.com/databases/postgresql', authorization: 'Bearer sandbox' },
    v2: { isAlone: false, newClusters: 'v1', regions: EVERY_REGION },
    sandbox: { settleMs: 5000, latencyMs: 0, faults: [] },
    transport: 'stdio',
    accounts: [
      {
        credentials: { kind: 'token' },
        apiUrl: 'https://api.ionos.com/databases/postgresql',
        v2Urls: ['https://postgresql.{region}.ionos.com'],
      },
    ],
    access: 'full',
    writes: expect.objectContaining({ confirm: 'costly', passwordEnv: {} }),
    toolsets: ['clusters', 'backups', 'users', 'databases', 'logs', 'networks'],
    logLevel: 'info',
    secrets: [],
    warnings: [],
  });
  expect(JSON.stringify(config)).not.toContain(TOKEN);
});

test('flags set the speed of the sandbox and its faults', () => {
  expect(load('--sandbox --settle 0.5 --latency=20 --fail 503:0.1 --fail lost:1')).toMatchObject({
    sandbox: {
      settleMs: 500,
      latencyMs: 20,
      faults: [
        { kind: 503, chance: 0.1 },
        { kind: 'lost', chance: 1 },
      ],
    },
  });
});

test('the command sandbox serves only the sandbox, without credentials', () => {
  expect(load('sandbox')).toEqual({
    command: 'sandbox',
    host: '127.0.0.1',
    port: 8080,
    sandbox: { settleMs: 5000, latencyMs: 0, faults: [] },
  });
  expect(load('sandbox --host ::1 --port 0 --settle 1 --fail drop:0.5')).toEqual({
    command: 'sandbox',
    host: '::1',
    port: 0,
    sandbox: { settleMs: 1000, latencyMs: 0, faults: [{ kind: 'drop', chance: 0.5 }] },
  });
});

test('flags that the command sandbox shares may stand before it, those of the server may not', () => {
  expect(load('--settle 2 sandbox')).toMatchObject({ command: 'sandbox', sandbox: { settleMs: 2000 } });
  expect(problemsOf('--read-only --sandbox sandbox')).toEqual([expect.stringContaining('--read-only, --sandbox')]);
});

test.each([
  ['--access read', 'read'],
  ['--access=write', 'write'],
  ['--access full', 'full'],
  ['--read-only', 'read'],
  ['--read-only --access read', 'read'],
])('%s gives access to %s', (line, access) => {
  expect(load(line, account)).toMatchObject({ access });
});

test.each([
  ['--access all', '--access accepts read, write or full'],
  ['--access', '--access needs a value: read, write or full'],
  ['--access=x', '--access accepts'],
  ['--read-only --access full', '--read-only and --access full contradict each other'],
  ['--log-level loud', '--log-level accepts trace, debug, info, warn, error or silent'],
  ['--sandbox --settle 3601', '--settle accepts seconds from 0 to 3600'],
  ['--sandbox --settle -1', '--settle accepts'],
  ['--sandbox --settle 1e3', '--settle accepts'],
  ['--sandbox --latency soon', '--latency accepts milliseconds from 0 to 60000'],
  ['--sandbox --fail 200:1', '--fail accepts'],
  ['--sandbox --fail 503:1.5', '--fail accepts'],
  ['--sandbox --fail 503', '--fail accepts what:chance, as in 503:0.1'],
  ['--sandbox --fail', '--fail needs a value'],
  ['--settle 1', '--settle works only together with --sandbox'],
  ['--latency 1', '--latency works only together with --sandbox'],
  ['--fail 503:1', '--fail works only together with --sandbox'],
  ['sandbox --port 65536', '--port accepts a port from 0 to 65535'],
  ['sandbox --port 80.5', '--port accepts'],
  ['sandbox --host [::1]', '--host accepts a host name or an IP address'],
  ['--transport sse', '--transport accepts stdio or http'],
  ['--transport', '--transport needs a value'],
  ['--transport http sandbox', '--transport: not for the command sandbox'],
  ['--auth-token-file x', "unknown option '--auth-token-file' (Did you mean --auth-tokens-file?)"],
  ['-- --auth', "'--auth' is not expected here"],
  ['--acess read', "unknown option '--acess' (Did you mean --access?)"],
  ['sandbox --prot 1', "unknown option '--prot' (Did you mean --port?)"],
  ['-- -1', 'unknown option'],
  ['-x', "unknown option '-x'"],
  ['--read-only=yes', "'--read-only' takes no value"],
  ['-- --read-only', "'--read-only' is not expected here"],
  ['sandbx', "unexpected argument: the only commands are 'sandbox', 'install' and 'uninstall'"],
  ['install', 'install needs a client: one of claude-desktop, claude-code, cursor, vscode, windsurf, codex, gemini'],
  ['install curser', 'install does not know this client (did you mean cursor?); it takes one of claude-desktop'],
  ['uninstall vscoda', 'uninstall does not know this client (did you mean vscode?)'],
  ['install cursor vscode', 'unexpected argument'],
  ['install cursor --port 80 --settle 1', '--port, --settle: not for the command install'],
  ['uninstall cursor --print --read-only', '--print, --read-only: not for the command uninstall'],
  ['install cursor --read-only --access full', '--read-only and --access full contradict each other'],
  ['install cursor --token x', "unknown option '--token': credentials come from the environment or a file"],
  ['install cursor --name 9lives', '--name accepts up to 40 letters'],
  ['--yes', '--yes works only together with the command install'],
  ['--name x', '--name works only together with the command install'],
])('%s is refused by name', (line, words) => {
  expect(problemsOf(line, account)).toEqual([expect.stringContaining(words)]);
});

test('install and uninstall ask for nothing of the account, and pass on what the server is started with', () => {
  const entry = { client: 'cursor', sandbox: false, name: 'ionos-postgres', yes: false, print: false, args: [] };
  expect(load('install cursor')).toEqual({ command: 'install', ...entry });
  expect(load('uninstall Cursor --yes --name mine')).toEqual({
    ...{ command: 'uninstall', ...entry },
    ...{ yes: true, name: 'mine' },
  });
  expect(load('install VS_Code --sandbox --print --access READ --toolsets logs,clusters')).toEqual({
    ...{ command: 'install', client: 'vscode', sandbox: true, name: 'ionos-postgres-sandbox', yes: false, print: true },
    args: ['--access', 'read', '--toolsets', 'clusters,logs'],
  });
  expect(load('install claude --read-only --toolsets all')).toMatchObject({
    client: 'claude-code',
    args: ['--read-only'],
  });
});

test.each<[string, object]>([
  ['--log-level WARN', { logLevel: 'warn' }],
  ['--log-level warning', { logLevel: 'warn' }],
  ['--log-level=Off', { logLevel: 'silent' }],
  ['--access READ', { access: 'read' }],
  ['--access read_only', { access: 'read' }],
  ['--access Read-Write', { access: 'write' }],
  ['--confirm None', { writes: { confirm: 'never' } }],
  ['--transport STDIO', { transport: 'stdio' }],
  ['--transport streamable-http', { transport: 'http' }],
  ['--transport streamableHttp --auth NONE', { transport: 'http' }],
  ['--transport Streamable_HTTP --ionos-credentials Server', { transport: 'http' }],
  ['--toolsets ALL', { toolsets: ['clusters', 'backups', 'users', 'databases', 'logs', 'networks'] }],
  ['--toolsets Logs,CLUSTERS', { toolsets: ['clusters', 'logs'] }],
  ['--read-only=true', { access: 'read' }],
  ['--read-only TRUE', { access: 'read' }],
  ['--read-only=1 --access read', { access: 'read' }],
  ['--read-only=false', { access: 'full' }],
  ['--read-only false --access write', { access: 'write' }],
  ['--transport http --no-sse=True', { http: { sse: false } }],
  ['--require-human 0', { writes: { requireHuman: false } }],
  ['--require-human', { writes: { requireHuman: true } }],
  ['--require-human=app', { writes: { requireHuman: 'app' } }],
  ['--require-human App', { writes: { requireHuman: 'app' } }],
])('%s is taken for what it means', (line, config) => {
  expect(load(line, account)).toMatchObject(config);
});

test.each([
  ['--read-only=maybe', "'--read-only' takes no value"],
  ['--read-only=app', "'--read-only' takes no value"],
  ['--require-human=view', "'--require-human' takes no value but app"],
  ['--read-only --access FULL', '--read-only and --access full contradict'],
  ['true', 'unexpected argument'],
  ['--access read true', 'unexpected argument'],
  ['--access constructor', '--access accepts read, write or full'],
])('%s is refused all the same', (line, words) => {
  expect(problemsOf(line, account)).toEqual([expect.stringContaining(words)]);
});

test('a flag with an empty value counts as not given', () => {
  const empty = [
    '--policy',
    '',
    '--access=',
    '--log-level',
    ' ',
    '--toolsets',
    '',
    '--password-env=',
    '--settle=',
    '--port',
    '',
  ];
  expect(loadConfig([...empty, '--read-only='], account, noFile)).toEqual(load('', account));
  const http = [
    '--public-url=',
    '--auth-tokens-file',
    '',
    '--oauth-audience=',
    '--allowed-hosts',
    '',
    '--metrics-port=',
  ];
  expect(loadConfig(['--transport', 'http', ...http], account, noFile)).toEqual(load('--transport http', account));
  expect(
    loadConfig(['--allowed-hosts', '', '--allowed-hosts=localhost', '--transport=http'], account, noFile),
  ).toMatchObject({
    http: { allowedHosts: ['localhost'] },
  });
});

test.each([
  ...[
    '--access <level>',
    '--policy %POLICY%',
    '--credentials-dir {{dir}}',
    '--log-level $LOG_LEVEL',
    '--toolsets [sets]',
  ],
  ...[
    '--password-env $DB_PASSWORD',
    '--sandbox --settle <seconds>',
    '--sandbox --fail $FAIL',
    '--confirm ...',
    '--access TODO',
  ],
  ...['--transport http --port $PORT', '--transport http --public-url https://YOUR_DOMAIN/mcp'],
  ...['--transport http --allowed-hosts localhost,your-host', '--transport http --trust-proxy <hops>'],
  ...['--auth oauth --oauth-issuer https://{tenant}.auth0.com --public-url http://localhost --transport http'],
  ...['--transport http --auth token --auth-tokens-file /path/to/tokens', '--transport $TRANSPORT'],
])('a placeholder in a flag is named once: %s', (line) => {
  expect(problemsOf(line, account)).toEqual([expect.stringMatching(/^--[a-z-]+ still contains a placeholder, /)]);
});

test('a password that callers may use is no unexpanded variable', () => {
  const value = ['$', '{DB_PASSWORD}'].join('');
  expect(problemsOf('--password-env DB', { ...account, DB: value })).toEqual([
    expect.stringMatching(/^DB, which --password-env names, still contains a placeholder/),
  ]);
  expect(problemsOf('--password-env DB', { ...account, DB: '<changeme>$$' })).toEqual([]);
});

test('all problems are named at once', () => {
  const problems = problemsOf('zork --acess read --access some --settle 9999 --log-level', {
    IONOS_API_URL: 'ftp://host',
    IONOS_CONTRACT_NUMBER: 'x',
    IONOS_USERNAME: 'me',
    HTTPS_PROXY: 'gopher://proxy',
  });
  const about = [
    'unexpected argument',
    '--acess',
    'only together',
    '--settle accepts',
    '--access accepts',
    '--log-level',
  ];
  const environment = ['IONOS_API_URL', 'IONOS_CONTRACT_NUMBER', 'HTTPS_PROXY', 'IONOS_PASSWORD'];
  expect(problems).toEqual([...about, ...environment].map((part) => expect.stringContaining(part)));
});

test.each([`--token ${TOKEN}`, `--token=${TOKEN}`, `--ionos-password ${TOKEN}`])(
  'a credential on the command line is refused without repeating it',
  (line) => {
    expect(problemsOf(line)[0]).toContain('come from the environment or a file');
    expect(problemsOf(line).join()).not.toContain(TOKEN);
  },
);

test('--version prints the version of the package', () => {
  expect(printed('--version')).toBe(`${version}\n`);
});

test('--help wins over problems and needs no credentials', () => {
  expect(printed('--nonsense --help')).toBe(printed('--help'));
  expect(printed('sandbox --help')).toContain('Usage: ionos-postgres-mcp sandbox [options]');
});

test('--help names every environment variable that is read', () => {
  const asked = new Set<string>();
  const env = new Proxy<Record<string, string>>({}, { get: (_, name) => void asked.add(String(name)) });
  expect(() => loadConfig(words('--transport http --auth token'), env, noFile)).toThrow(ConfigError);

  const read = [...asked].filter((name) => name === name.toUpperCase());
  expect(read).toEqual(expect.arrayContaining(['IONOS_TOKEN_FILE', 'MCP_AUTH_TOKENS']));
  for (const name of read) expect(printed('--help')).toContain(name);
});

const SAMPLES: Record<string, string> = {
  '<generation>': 'v1',
  '<regions>': 'de-txl,de/fra',
  '<level>': 'info',
  '<kind>': 'http',
  '<mode>': 'none',
  '<whose>': 'caller',
  '<seconds>': '1',
  '<ms>': '1',
  '<amount>': '9.50',
  '<n>': '1',
  '<hops>': '1',
  '<what:chance>': '503:0.1',
  '<address>': 'localhost',
  '<number>': '1',
  '<url>': 'https://host.example/path',
  '<uri>': 'https://host.example/path',
  '<text>': 'api://1234/',
  '<claim>': 'roles',
  '<path>': '/run/secrets/callers',
  '<which>': 'writes',
  '<names>': 'APP_DB_PASSWORD',
  '<sets>': 'clusters,logs',
  '<name>': 'work',
  '<postgres-url>': 'postgres://127.0.0.1/mcp',
  '<id>': 'a-client',
  '<hosts>': 'one.example,two.example:3000',
  '<origins>': 'https://one.example,http://two.example:3000',
};

/** What a flag needs beside it. */
const COMPANY: Record<string, string> = {
  '--auth-tokens-file': '--auth token',
  '--public-url': '--auth oauth --oauth-issuer https://host.example',
  '--oauth-issuer': '--auth oauth --public-url https://host.example',
  '--oauth-audience': '--auth oauth --public-url https://host.example --oauth-issuer https://host.example',
  '--oauth-jwks-url': '--auth oauth --public-url https://host.example --oauth-issuer https://host.example',
  '--oauth-scope-prefix': '--auth oauth --public-url https://host.example --oauth-issuer https://host.example',
  '--oauth-scopes-claim': '--auth oauth --public-url https://host.example --oauth-issuer https://host.example',
  '--oauth-max-age': '--auth oauth --public-url https://host.example --oauth-issuer https://host.example',
  '--page-client-id': '--page --auth oauth --public-url https://host.example --oauth-issuer https://host.example',
  '--metrics-host': '--metrics-port 9090',
};

const documented = (line: string) =>
  [...printed(`${line} --help`).matchAll(/^ {2}(?:-\w, )?(--[\w-]+)(?: (<\S+>))?/gm)].map(([, flag = '', value]) => {
    const sample = flag === '--access' ? 'read' : flag === '--oauth-max-age' ? '3600' : (SAMPLES[value ?? ''] ?? '');
    return [line, COMPANY[flag], flag, sample].filter((part) => part !== undefined).join(' ');
  });

/** There is no such place over HTTP. */
const hosted = documented('--sandbox --transport http').filter((line) => !line.includes('--credentials-dir'));

const fileOf = (_: string, flag: string) =>
  flag === '--prices' ? '{"currency": "EUR", "perHour": {"core": 1}}' : '{}';

test.each([...hosted, '--sandbox --credentials-dir passwords', ...documented('sandbox')])(
  'the documented flag is taken: %s',
  (line) => {
    const env = { APP_DB_PASSWORD: 'ten characters' };
    expect(() => loadConfig(words(line), env, fileOf)).not.toThrow();
  },
);

describe('what is about writes', () => {
  test('is taken from flags, and the passwords that they allow from the environment', () => {
    const flags = '--confirm writes --require-human --credentials-dir kept --password-env ONE,TWO --password-env THREE';
    const values = { ONE: 'first password', TWO: 'second password', THREE: 'third password', FOUR: 'not allowed' };
    const key = 'k'.repeat(32);

    const config = load(`--sandbox ${flags}`, { ...values, MCP_SIGNING_KEY: ` ${key}\n` });

    const { FOUR: _, ...passwordEnv } = values;
    expect(config).toMatchObject({
      writes: {
        confirm: 'writes',
        requireHuman: true,
        signingKey: key,
        credentialsDir: path.resolve('kept'),
        passwordEnv,
      },
      secrets: [key, ...Object.values(passwordEnv)],
    });
    expect(JSON.stringify(config)).not.toContain('not allowed');
  });

  test.each<[line: string, env: Record<string, string>, problem: RegExp]>([
    ['--confirm always', {}, /^--confirm accepts never, destructive, costly or writes$/],
    ['--confirm', {}, /^--confirm needs a value/],
    ['--confirm-above ten', {}, /^--confirm-above accepts an amount of zero or more, as in 10 or 9\.50$/],
    ['--confirm-above=-1', {}, /^--confirm-above accepts an amount/],
    ['--confirm-above 1e3', {}, /^--confirm-above accepts an amount/],
    ['--confirm-above 10,50', {}, /^--confirm-above accepts an amount/],
    ['--confirm-above 10EUR', {}, /^--confirm-above accepts an amount/],
    ['--confirm writes --confirm-above 10', {}, /^--confirm-above and --confirm writes contradict each other$/],
    ['--confirm never --confirm-above 10', {}, /^--confirm-above and --confirm never contradict each other$/],
    ['--confirm never --require-human', {}, /^--require-human and --confirm never contradict each other$/],
    ['--password-env APP', {}, /^APP, which --password-env names, is not set$/],
    ['--password-env APP', { APP: 'short' }, /^APP, which --password-env names, has fewer than 10 characters$/],
    [
      '--password-env IONOS_TOKEN',
      { IONOS_TOKEN: TOKEN },
      /^--password-env accepts names.*none that begins with IONOS_ or MCP_/,
    ],
    ['--password-env mcp_signing_key', {}, /^--password-env accepts/],
    ['--password-env A=B', {}, /^--password-env accepts/],
    ['--policy nowhere.json', {}, /^--policy: the file cannot be read$/],
    ['--prices nowhere.json', {}, /^--prices: the file cannot be read$/],
    ['--prices', {}, /^--prices needs a value: the path of a file$/],
    ['--credentials-dir x --transport http', {}, /^--credentials-dir works only together with --transport stdio$/],
    ['', { MCP_SIGNING_KEY: 'short' }, /^MCP_SIGNING_KEY must have at least 32 characters/],
    ['', { MCP_SIGNING_KEY: '<key>' }, /^MCP_SIGNING_KEY still contains a placeholder/],
  ])('%s with %j is refused at the start', (line, env, problem) => {
    expect(problemsOf(`--sandbox ${line}`, env)).toEqual([expect.stringMatching(problem)]);
  });

  test('reads prices of the operator once', () => {
    const prices = () => '{"currency": "EUR", "perHour": {"core": 0.05}}';
    const config = loadConfig(['--sandbox', '--prices', 'prices.json'], {}, prices);
    expect(config).toMatchObject({ prices: { currency: 'EUR', perHour: { core: '0.05' } } });
    expect(loadConfig(['--sandbox'], {}, prices)).toMatchObject({ prices: undefined });
  });

  test('names all problems of prices beside the others', () => {
    const prices = () => '{"currency": "euros", "perHour": {"cores": 1}}';
    const act = () => loadConfig(['--sandbox', '--prices', 'p.json', '--confirm', 'no'], {}, prices);

    expect(wordsShown(act).split('\n')).toEqual([
      '--prices: currency must be a currency, as in EUR',
      '--prices: perHour has unknown entries: cores',
      expect.stringMatching(/^--confirm accepts/),
    ]);
  });

  test('names all problems of a policy beside the others', () => {
    const policy = () => '{"neverDelet": [], "versions": 5}';
    const act = () => loadConfig(['--sandbox', '--policy', 'p.json', '--confirm', 'no'], {}, policy);

    expect(wordsShown(act).split('\n')).toEqual([
      expect.stringMatching(/^--confirm accepts/),
      '--policy: versions must be a list',
      '--policy: the file has unknown rules: neverDelet',
    ]);
  });

  test.each<[NodeJS.Platform, Record<string, string>, string]>([
    ['linux', { HOME: '/home/me' }, '/home/me/.local/state/ionos-postgres-mcp/credentials'],
    ['linux', { HOME: '/home/me', XDG_STATE_HOME: '/state' }, '/state/ionos-postgres-mcp/credentials'],
    ['linux', { HOME: '/home/me', XDG_STATE_HOME: 'relative' }, '/home/me/.local/state/ionos-postgres-mcp/credentials'],
    ['darwin', { HOME: '/Users/me' }, '/Users/me/Library/Application Support/ionos-postgres-mcp/credentials'],
    ['win32', { LOCALAPPDATA: '/Local' }, '/Local/ionos-postgres-mcp/credentials'],
  ])('keeps new passwords on %s with %j in %s', (platform, env, folder) => {
    expect(stateFolder(env, platform)).toBe(folder);
  });

  test.each(['', 'home/me', '~'])('does not keep them below the folder it runs in, where HOME is %j', (HOME) => {
    for (const platform of ['linux', 'darwin', 'win32'] as const) {
      const folder = stateFolder({ HOME, USERPROFILE: HOME }, platform);
      expect(folder === undefined || path.isAbsolute(folder), folder).toBe(true);
    }
  });

  test.each(['--sandbox', '--read-only', '--sandbox --require-human', '--read-only --toolsets logs'])(
    'starts without a home directory: %s',
    (line) => {
      const user = vi.spyOn(os, 'userInfo').mockImplementation(() => {
        throw Object.assign(new Error('no such user'), { code: 'ERR_SYSTEM_ERROR' });
      });
      onTestFinished(() => user.mockRestore());
      expect(load(line, account)).toMatchObject({ command: 'serve', writes: { credentialsDir: undefined } });
      expect(load(`${line} --credentials-dir /kept`, account)).toMatchObject({ writes: { credentialsDir: '/kept' } });
      expect(problemsOf(`${line} --credentials-dir ~/kept`, account)).toEqual([
        expect.stringContaining('this user has no home directory'),
      ]);
    },
  );
});

test('every flag is documented with its default', () => {
  const defaults = [
    'stdio',
    'full',
    'info',
    'costly',
    '5',
    '0',
    '127.0.0.1',
    '8080',
    '3000',
    'none',
    'server',
    '600',
    '30',
  ];
  const text = (printed('--help') + printed('sandbox --help')).replace(/\s+/g, ' ');
  for (const value of [...defaults, '1000', '25']) expect(text).toContain(`(default: ${value})`);
  expect(documented('--sandbox')).toContain('--sandbox --access read');
  expect(documented('--sandbox')).toContain('--sandbox --metrics-port 9090 --metrics-host localhost');
  expect(documented('sandbox')).toContain('sandbox --port 1');
});

test('--help fits into 100 columns', () => {
  for (const line of printed('--help').split('\n')) expect(line.length, line).toBeLessThanOrEqual(100);
});

const flags = [...new Set(printed('--help').match(/--[a-z][a-z-]+/g))];

const argument = fc.oneof(
  fc.constantFrom(
    ...flags,
    ...['sandbox', '0', '503:1', 'read', 'info', '--', '-h', '-V', 'help', '--token', '--settle=1'],
    ...['--transport=http', '--auth=token', '--auth=oauth', '--public-url=https://host', '--host=0.0.0.0'],
    ...[`--public-url=https://${TOKEN}@host`, `--auth-tokens-file=me:read:${TOKEN}`, `--oauth-issuer=${TOKEN}`],
    ...[
      `--allowed-hosts=${TOKEN}/`,
      `--allowed-origins=${TOKEN}`,
      '--allowed-origins=x://[::1]',
      '--oauth-issuer=https://x',
    ],
    ...[TOKEN, PASSWORD, `--token=${TOKEN}`, `--access=${PASSWORD}`, `--fail=${TOKEN}`, `-p${PASSWORD}`, `--${TOKEN}`],
  ),
  fc.string(),
  fc.string().map((text) => `--${text}`),
);
const text = fc.oneof(fc.string({ unit: 'binary' }), fc.webUrl(), fc.constantFrom('', '<x>', 'localhost:1'));
const environment = fc.record(
  {
    IONOS_TOKEN: fc.constantFrom(TOKEN, `Bearer ${TOKEN}`, `${TOKEN} ${TOKEN}`, `${TOKEN}\u00e9`, ''),
    IONOS_TOKEN_FILE: text,
    IONOS_USERNAME: fc.oneof(text, fc.constant(`${PASSWORD}:`)),
    IONOS_PASSWORD: fc.constantFrom(PASSWORD, ''),
    IONOS_API_URL: fc.oneof(
      text,
      fc.constant(`https://me:${PASSWORD}@host`),
      fc.constant(`https://host?${TOKEN}`),
      fc.constant(TOKEN),
    ),
    IONOS_CONTRACT_NUMBER: fc.oneof(text, fc.constant(TOKEN)),
    HTTPS_PROXY: fc.oneof(text, fc.constant(`ftp://me:${TOKEN}@proxy`), fc.constant(`http://me:%${TOKEN}@proxy`)),
    no_proxy: text,
    MCP_AUTH_TOKENS: fc.oneof(text, fc.constantFrom(`me:read:${TOKEN}`, `<${TOKEN}>`, TOKEN, '')),
  },
  { requiredKeys: [] },
);
const file = fc.oneof(fc.constantFrom(TOKEN, `${TOKEN} x`, ''), fc.constant(undefined));

const start = fc.constantFrom([], ['--transport=http'], ['--transport=http', '--sandbox']);

test('whatever is given, it answers with a config or a ConfigError, and shows no secret', () => {
  fc.assert(
    fc.property(start, fc.array(argument), environment, file, (first, rest, env, content) => {
      const read = content === undefined ? readFile : () => content;
      const shown = wordsShown(() => loadConfig([...first, ...rest], env, read));
      expect(shown).not.toContain(TOKEN);
      expect(shown).not.toContain(PASSWORD);
    }),
    { numRuns: 2000 },
  );
}, 60_000);

function wordsShown(act: () => Config): string {
  try {
    const config = act();
    return config.command === 'print' ? textOf(config.page) : '';
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error.problems.length).toBeGreaterThan(0);
    for (const problem of error.problems) expect(problem).not.toMatch(/^$|undefined|Invalid input/);
    return error.message;
  }
}

describe('both generations of the API', () => {
  const v2Of = (line: string, env: Record<string, string> = {}) => {
    const config = load(line, { ...account, ...env });
    if (config.command !== 'serve') throw new Error('serves nothing');
    return config.v2;
  };

  test('are asked unless one is chosen', () => {
    expect(v2Of('--api v1')).toBeUndefined();
    expect(v2Of('--api V2')?.isAlone).toBe(true);
    expect(v2Of('--api auto --regions de/fra,us-las')).toEqual({
      isAlone: false,
      newClusters: 'v1',
      leavesOutRegions: true,
      regions: [
        { name: 'de-fra', apiUrl: 'https://postgresql.de-fra.ionos.com' },
        { name: 'us-las', apiUrl: 'https://postgresql.us-las.ionos.com' },
      ],
    });
  });

  test.each([
    [{ IONOS_API_URL: 'api.ionos.com' }, { name: 'de-txl', apiUrl: 'https://postgresql.de-txl.ionos.com' }],
    [
      { IONOS_PSQL_V2_URL: 'https://any-region.example/{region}/any-region' },
      { name: 'de-txl', apiUrl: 'https://any-region.example/de-txl/any-region' },
    ],
    [
      { IONOS_PSQL_V2_URL: 'https://postgresql.{region}.ionos.com/v2/' },
      { name: 'de-txl', apiUrl: 'https://postgresql.de-txl.ionos.com/v2' },
    ],
    [
      { IONOS_API_URL: 'https://one.example', IONOS_PSQL_V2_URL: 'https://two.example/{region}' },
      { name: 'de-txl', apiUrl: 'https://two.example/de-txl' },
    ],
  ])('with %j v2 is asked there', (env, region) => {
    expect(v2Of('--regions de-txl', env)?.regions).toEqual([region]);
  });

  test.each([
    [{ IONOS_API_URL: 'http://localhost:8080' }, 'http://localhost:8080'],
    [{ IONOS_API_URL: 'https://gateway.example/databases/postgresql/' }, 'https://gateway.example'],
    [{ IONOS_API_URL: 'https://gateway.example/ionos' }, 'https://gateway.example/ionos'],
    [{ IONOS_API_URL: 'https://gateway.example/a/b/databases/postgresql' }, 'https://gateway.example/a/b'],
    [{ IONOS_API_URL: 'https://gateway.example/ionos/cloudapi/v6' }, 'https://gateway.example/ionos'],
    [{ IONOS_PSQL_V2_URL: 'https://v2.example/' }, 'https://v2.example'],
    [
      { IONOS_API_URL: 'https://one.example', IONOS_PSQL_V2_URL: 'https://any-region.example' },
      'https://any-region.example',
    ],
  ])('with %j one address serves all regions', (env, apiUrl) => {
    for (const line of ['', '--api v2', '--regions all']) expect(v2Of(line, env)?.regions).toEqual([{ apiUrl }]);
    expect(problemsOf('--regions de-txl', { ...account, ...env })).toEqual([
      expect.stringMatching(/^--regions has no effect: IONOS_(API|PSQL_V2)_URL is one address for all regions/),
    ]);
    expect(v2Of('--sandbox --regions de-txl', env)?.regions).toHaveLength(1);
  });

  test('what v1 alone is asked for needs no regions, and no way to them', () => {
    for (const own of <Record<string, string>[]>[{}, { IONOS_API_URL: 'https://one.example' }]) {
      expect(problemsOf('--api 1 --regions de-txl', { ...account, ...own })).toEqual([
        '--regions works only together with --api v2 or auto',
      ]);
    }
    const env = { ...account, HTTPS_PROXY: 'gopher://proxy', NO_PROXY: 'api.ionos.com' };
    expect(load('--api v1', env)).toMatchObject({ command: 'serve' });
    expect(problemsOf('', env)).toEqual([expect.stringContaining('HTTPS_PROXY')]);
    const inBerlin = { ...env, NO_PROXY: 'api.ionos.com,postgresql.de-txl.ionos.com' };
    expect(load('--regions de-txl', inBerlin)).toMatchObject({ command: 'serve' });
  });

  test.each([
    ['--api v3', {}, '--api accepts v1, v2 or auto'],
    ['--regions de-ber', {}, '--regions accepts some of de-txl,'],
    ['', { IONOS_PSQL_V2_URL: 'http://postgresql.{region}.example' }, 'IONOS_PSQL_V2_URL must begin with https://'],
    [
      '',
      { IONOS_PSQL_V2_URL: 'https://a:b@{region}.example' },
      'IONOS_PSQL_V2_URL must not contain a user or password',
    ],
    ['', { IONOS_PSQL_V2_URL: 'https://{host}.example' }, 'IONOS_PSQL_V2_URL still contains a placeholder'],
  ])('%s with %j is a problem', (line, env, problem) => {
    expect(problemsOf(line, { ...account, ...env })).toEqual([expect.stringContaining(problem)]);
  });
});
