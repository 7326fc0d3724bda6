import { expect, test } from 'vitest';
import { readFile } from '../../src/config/files.ts';
import { loadConfig } from '../../src/config/index.ts';
import { ConfigError } from '../../src/errors.ts';

type Env = Record<string, string>;

const unfilled = (name: string) => `\${${name}}`;

const account = { IONOS_TOKEN: 'secret-token' };

const noFile = (path: string, setting: string): string => {
  throw new ConfigError([`${setting}: no ${path}`]);
};

function serve(env: Env, readFile = noFile) {
  const config = loadConfig([], env, readFile);
  if (config.command !== 'serve') throw new Error(`unexpected: ${config.command}`);
  return config;
}

function problemsOf(env: Env, readFile = noFile): readonly string[] {
  try {
    serve(env, readFile);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

test.each<[string, Env]>([
  ['as it is', { IONOS_TOKEN: 'secret-token' }],
  ['with white space around it', { IONOS_TOKEN: ' secret-token\r\n' }],
  ['as the whole header', { IONOS_TOKEN: 'Bearer secret-token' }],
  ['before a file', { IONOS_TOKEN: 'secret-token', IONOS_TOKEN_FILE: '/missing' }],
  ['before user and password', { IONOS_TOKEN: 'secret-token', IONOS_USERNAME: 'me', IONOS_PASSWORD: 'pw' }],
  ['before half an account', { IONOS_TOKEN: 'secret-token', IONOS_USERNAME: 'me' }],
  [
    'before fields that a client left unfilled',
    { IONOS_TOKEN: 'secret-token', IONOS_USERNAME: unfilled('user_config.user') },
  ],
])('the token is taken %s', (_, env) => {
  expect(serve(env)).toMatchObject({ api: { authorization: 'Bearer secret-token' }, secrets: ['secret-token'] });
});

test.each(['secret-token\n', '\ufeffsecret-token\r\n', 'Bearer secret-token'])(
  'the token is read from a file: %j',
  (text) => {
    const files: Env = { '/run/secrets/ionos': text };
    const env = { IONOS_TOKEN: '', IONOS_TOKEN_FILE: '/run/secrets/ionos', IONOS_USERNAME: 'me' };
    const config = serve(env, (path, setting) => files[path] ?? noFile(path, setting));
    expect(config).toMatchObject({ api: { authorization: 'Bearer secret-token' }, secrets: ['secret-token'] });
  },
);

test.each([
  'planted',
  'planted-planted',
  'pl/anted',
  '0123456789abcdef'.repeat(4),
  'eyJplanted.e30.x',
  'a:read:planted',
])('a token in the place of its file is not shown (%s)', (IONOS_TOKEN_FILE) => {
  const problems = problemsOf({ IONOS_TOKEN_FILE }, readFile);

  expect(problems).toEqual([expect.stringMatching(/^IONOS_TOKEN_FILE/)]);
  expect(problems.join()).not.toMatch(/planted|0123456789abcdef/);
});

test('a token file that cannot be read, or is empty, is named', () => {
  const env = { IONOS_TOKEN_FILE: '/run/secrets/ionos' };
  expect(problemsOf(env)).toEqual(['IONOS_TOKEN_FILE: no /run/secrets/ionos']);
  expect(problemsOf(env, () => ' \n')).toEqual(['IONOS_TOKEN_FILE: /run/secrets/ionos is empty']);
});

test('a token in place of the path of its file is not repeated', () => {
  const problems = problemsOf({ IONOS_TOKEN_FILE: 'eyJhbGciOiJSUzI1NiJ9.e30.c2ln' });
  expect(problems).toEqual([expect.stringContaining('IONOS_TOKEN_FILE contains a token')]);
  expect(problems.join()).not.toContain('eyJ');
});

test.each(['IONOS_PSQL_V2_URL', 'IONOS_COMPUTE_URL', 'IONOS_BILLING_URL'])(
  '%s on this machine takes the proxy from nothing else',
  (name) => {
    const env = { ...account, HTTPS_PROXY: 'http://proxy.example:3128', [name]: 'http://127.0.0.1:9002' };
    expect(serve(env).api.proxy).toMatchObject({ httpsProxy: 'http://proxy.example:3128/' });
  },
);

test('a token in capitals with padding is no line of an .env file', () => {
  expect(serve({ IONOS_TOKEN: 'AAAABBBBCCCC==' }).api).toHaveProperty('authorization', 'Bearer AAAABBBBCCCC==');
});

test.each(['IONOS_TOKEN=planted-token', 'TOKEN=planted-token'])(
  'a token is not the line of an .env file: %s',
  (text) => {
    for (const problems of [problemsOf({ IONOS_TOKEN: text }), problemsOf({ IONOS_TOKEN_FILE: '/file' }, () => text)]) {
      expect(problems).toEqual([expect.stringContaining('contains NAME=value')]);
      expect(problems.join()).not.toContain('planted');
    }
  },
);

test.each(['se cret', 'se\ncret', 'se\u0000cret', 's\u00e9cret', '"secret"', 'Bearer'])(
  'the token %j, which no header can carry, is refused without showing it',
  (token) => {
    for (const problems of [
      problemsOf({ IONOS_TOKEN: token }),
      problemsOf({ IONOS_TOKEN_FILE: '/file' }, () => token),
    ]) {
      expect(problems).toEqual([expect.stringContaining('a character that no token has')]);
      expect(problems.join()).not.toMatch(/cret"?[^s]/);
    }
  },
);

test('user and password become Basic, encoded as UTF-8', () => {
  const config = serve({ IONOS_USERNAME: 'j\u00f6rg@example.com', IONOS_PASSWORD: ' p\u00e4ss:w\u00f6rd ' });
  const encoded = Buffer.from('j\u00f6rg@example.com: p\u00e4ss:w\u00f6rd ', 'utf8').toString('base64');
  expect(config.api.authorization).toBe(`Basic ${encoded}`);
  expect(config.secrets).toEqual([' p\u00e4ss:w\u00f6rd ', encoded]);
});

test.each<[string, Env]>([
  ['IONOS_USERNAME is set, but IONOS_PASSWORD is not', { IONOS_USERNAME: 'me' }],
  ['IONOS_PASSWORD is set, but IONOS_USERNAME is not', { IONOS_PASSWORD: 'secret', IONOS_USERNAME: '' }],
  ['IONOS_USERNAME contains a colon', { IONOS_USERNAME: 'me:too', IONOS_PASSWORD: 'secret' }],
  ['no credentials', { IONOS_TOKEN: '', IONOS_TOKEN_FILE: ' ', IONOS_USERNAME: '', IONOS_PASSWORD: '' }],
])('it says that %s', (words, env) => {
  expect(problemsOf(env)).toEqual([expect.stringContaining(words)]);
});

test.each<Env>([
  { IONOS_TOKEN: unfilled('IONOS_TOKEN') },
  { IONOS_TOKEN: unfilled('env:IONOS_TOKEN') },
  { IONOS_TOKEN: unfilled('user_config.ionos_token') },
  { IONOS_TOKEN: '<your token>' },
  { IONOS_TOKEN_FILE: unfilled('HOME') },
  { IONOS_USERNAME: '<user>', IONOS_PASSWORD: 'secret' },
  { IONOS_USERNAME: 'me', IONOS_PASSWORD: unfilled('IONOS_PASSWORD') },
  { ...account, IONOS_API_URL: unfilled('IONOS_API_URL') },
  { ...account, IONOS_CONTRACT_NUMBER: '<number>' },
  { IONOS_TOKEN: `Bearer ${unfilled('IONOS_TOKEN')}` },
  { IONOS_TOKEN: 'YOUR_TOKEN' },
  { IONOS_TOKEN: 'eyJ...' },
  { IONOS_TOKEN: '%IONOS_TOKEN%' },
  { IONOS_TOKEN_FILE: '/path/to/token' },
  { IONOS_TOKEN_FILE: '<file>' },
  { ...account, IONOS_API_URL: `https://${unfilled('HOST')}/x` },
  { ...account, IONOS_CONTRACT_NUMBER: 'YOUR_CONTRACT_NUMBER' },
])('a placeholder that was never filled in is named: %j', (env) => {
  expect(problemsOf(env)).toEqual([expect.stringMatching(/^IONOS_\w+ still contains a placeholder/)]);
});

const HOME = 'https://api.ionos.com/databases/postgresql';

test.each([
  ['', HOME],
  ['https://api.ionos.com', HOME],
  ['https://api.ionos.com/', HOME],
  [' https://api.ionos.com/databases/postgresql\n', HOME],
  ['https://api.ionos.com/databases/postgresql//', HOME],
  ['HTTPS://API.IONOS.COM:443', HOME],
  ['api.ionos.com', HOME],
  ['api.ionos.com/', HOME],
  ['api.ionos.com/databases/postgresql/', HOME],
  ['https://api.ionos.com/cloudapi/v6', HOME],
  ['api.ionos.com:8443', 'https://api.ionos.com:8443/databases/postgresql'],
  ['https://gateway.example/ionos', 'https://gateway.example/ionos/databases/postgresql'],
  ['gateway.example/ionos/databases/postgresql/', 'https://gateway.example/ionos/databases/postgresql'],
  ['http://localhost:8080', 'http://localhost:8080/databases/postgresql'],
  ['localhost:8080', 'http://localhost:8080/databases/postgresql'],
  ['localhost:443', 'http://localhost:443/databases/postgresql'],
  ['127.0.0.1:8080/databases/postgresql', 'http://127.0.0.1:8080/databases/postgresql'],
  ['127.8.9.10', 'http://127.8.9.10/databases/postgresql'],
  ['[::1]:8080', 'http://[::1]:8080/databases/postgresql'],
  ['https://localhost', 'https://localhost/databases/postgresql'],
  ['https://xn--pi-7lc.example', 'https://xn--pi-7lc.example/databases/postgresql'],
  ['https://[2001:db8::1]:8443', 'https://[2001:db8::1]:8443/databases/postgresql'],
  ['https://gateway:8443', 'https://gateway:8443/databases/postgresql'],
])('IONOS_API_URL %j means %s', (IONOS_API_URL, apiUrl) => {
  expect(serve({ ...account, IONOS_API_URL }).api.apiUrl).toBe(apiUrl);
});

test.each([
  ['http://api.ionos.com', 'must begin with https://'],
  ['http://127.0.0.1.example.com', 'must begin with https://'],
  ['http://localhost.example.com', 'must begin with https://'],
  ['http://0.0.0.0:8080', 'must begin with https://'],
  ['ftp://api.ionos.com', 'must begin with https://'],
  ['file:///etc/passwd', 'must begin with https://'],
  ['https://me:secret@api.ionos.com', 'user or password'],
  ['localhost@evil.example', 'user or password'],
  ['https://api.ionos.com?key=secret', 'query'],
  ['https://api.ionos.com/#secret', 'fragment'],
  ['https:api.ionos.com', 'is not a URL'],
  ['https://', 'is not a URL'],
  ['api ionos com', 'is not a URL'],
  ['::1', 'is not a URL'],
  ['//evil.example', 'is not a URL'],
  ['///evil.example', 'is not a URL'],
  ['javascript:1', 'is not a URL'],
  ['mailto:x', 'is not a URL'],
  ['gateway:8443', 'is not a URL'],
  ['https:/api.ionos.com', 'is not a URL'],
  ['https:///api.ionos.com', 'is not a URL'],
  ['https:\\\\api.ionos.com', 'is not a URL'],
  ['https://api.ionos.com\\@evil.example', 'is not a URL'],
  ['https://api.ionos.com\t.evil.example', 'is not a URL'],
  ['https://\u0430pi.ionos.com', 'is not a URL'],
  ['https://api\u3002ionos\u3002com', 'is not a URL'],
  ['https://%61pi.ionos.com', 'is not a URL'],
  ['https://api..ionos.com', 'is not a URL'],
  ['https://api.ionos.com:', 'is not a URL'],
  ['https://api.ionos.com:65536', 'is not a URL'],
  ['https://[::1', 'is not a URL'],
  ['https://@evil.example:443@api.ionos.com', 'user or password'],
  ['http://[::ffff:7f00:1]', 'must begin with https://'],
  ['http://127.0.0.1.nip.io', 'must begin with https://'],
  ['data://text', 'must begin with https://'],
])('IONOS_API_URL %j is refused', (IONOS_API_URL, words) => {
  const problems = problemsOf({ ...account, IONOS_API_URL });
  expect(problems).toEqual([expect.stringContaining(words)]);
  expect(problems.join()).not.toContain('secret');
});

test('the contract number is digits', () => {
  expect(serve({ ...account, IONOS_CONTRACT_NUMBER: ' 31812345 ' }).api.contractNumber).toBe('31812345');
  expect(serve({ ...account, IONOS_CONTRACT_NUMBER: '' }).api.contractNumber).toBeUndefined();
  const problems = problemsOf({ ...account, IONOS_CONTRACT_NUMBER: '31-812' });
  expect(problems).toEqual([expect.stringContaining('IONOS_CONTRACT_NUMBER')]);
});

test.each<[Env, string]>([
  [{ HTTPS_PROXY: 'http://proxy:3128' }, 'http://proxy:3128/'],
  [{ HTTPS_PROXY: 'proxy:3128' }, 'http://proxy:3128/'],
  [{ https_proxy: 'https://lower', HTTPS_PROXY: 'http://upper' }, 'https://lower/'],
  [{ HTTPS_PROXY: 'http://first', HTTP_PROXY: 'http://second' }, 'http://first/'],
  [{ HTTPS_PROXY: '', http_proxy: 'http://second' }, 'http://second/'],
])('%j leads through the proxy %s', (env, httpsProxy) => {
  expect(serve({ ...account, ...env }).api.proxy).toEqual({ httpsProxy, noProxy: '' });
});

test.each<[Env, string]>([
  [{ HTTPS_PROXY: 'socks5h://proxy:1080' }, 'socks5h://proxy:1080'],
  [{ HTTPS_PROXY: 'SOCKS5://proxy:1080' }, 'socks5://proxy:1080'],
  [{ HTTPS_PROXY: 'socks://me:pw@proxy' }, 'socks://me:pw@proxy'],
  [{ HTTPS_PROXY: 'socks4a://proxy' }, 'socks4a://proxy'],
  [{ HTTPS_PROXY: 'HTTP://Proxy:3128' }, 'http://proxy:3128/'],
  [{ ALL_PROXY: '10.0.0.1:3128' }, 'http://10.0.0.1:3128/'],
  [{ all_proxy: 'socks5h://lower', ALL_PROXY: 'http://upper' }, 'socks5h://lower'],
  [{ ALL_PROXY: 'http://all', http_proxy: 'http://http' }, 'http://http/'],
])('the words of a proxy are taken for what they mean: %j', (env, httpsProxy) => {
  expect(serve({ ...account, ...env }).api.proxy).toEqual({ httpsProxy, noProxy: '' });
});

test.each(['socks4://proxy', 'ftp://proxy', 'http:proxy', 'http://pr\u00f6xy', '//proxy', unfilled('PROXY')])(
  'a proxy that cannot be used (%s) stops the start only where it would be used',
  (HTTPS_PROXY) => {
    expect(problemsOf({ ...account, HTTPS_PROXY })).toEqual([expect.stringContaining('HTTPS_PROXY')]);
    for (const env of <Env[]>[
      { NO_PROXY: 'other.example,.ionos.com' },
      { no_proxy: '*' },
      { NO_PROXY: 'api.ionos.com:443,ionos.com' },
      { IONOS_API_URL: 'http://localhost:8080' },
      { IONOS_API_URL: 'https://[::1]' },
    ]) {
      expect(serve({ ...account, HTTPS_PROXY, ...env }).api.proxy).toBeUndefined();
    }
    for (const env of <Env[]>[
      { NO_PROXY: 'api.ionos.com:8443,ionos.com:8443' },
      { NO_PROXY: 'api.ionos.com' },
      { NO_PROXY: 'postgresql.de-fra.ionos.com,api.ionos.com' },
      { IONOS_API_URL: 'http://localhost:8080', IONOS_COMPUTE_URL: 'https://compute.example' },
      { IONOS_API_URL: 'http://localhost:8080', IONOS_PSQL_V2_URL: 'https://{region}.example' },
    ]) {
      expect(problemsOf({ ...account, HTTPS_PROXY, ...env }), JSON.stringify(env)).toHaveLength(1);
    }
  },
);

test('NO_PROXY is handed on, and this machine is never reached through a proxy', () => {
  const env = { ...account, HTTPS_PROXY: 'http://proxy', NO_PROXY: 'one.example,two.example' };
  expect(serve(env).api.proxy?.noProxy).toBe('one.example,two.example');
  expect(serve({ ...env, no_proxy: '*' }).api.proxy?.noProxy).toBe('*');
  expect(serve({ ...env, IONOS_API_URL: 'localhost:8080' }).api.proxy).toBeUndefined();
});

test.each<Env>([
  { IONOS_COMPUTE_URL: 'https://compute.example' },
  { IONOS_BILLING_URL: 'https://billing.example/billing' },
  { IONOS_PSQL_V2_URL: 'https://{region}.example' },
  { IONOS_PSQL_V2_URL: 'https://v2.example' },
])('the API on this machine leaves the proxy to %j', (env) => {
  const proxied = { ...account, HTTPS_PROXY: 'http://me:p4ss@proxy', IONOS_API_URL: 'http://localhost:8080', ...env };
  expect(serve(proxied).api.proxy?.httpsProxy).toContain('proxy');
  expect(serve(proxied).secrets).toContain('p4ss');
});

test('the Billing API has an address of its own where one is given', () => {
  expect(serve({ ...account, IONOS_BILLING_URL: 'https://prices.example/billing/' }).api).toMatchObject({
    billingUrl: 'https://prices.example/billing',
  });
  expect(serve(account).api).not.toHaveProperty('billingUrl');
  expect(problemsOf({ ...account, IONOS_BILLING_URL: 'http://prices.example' })).toEqual([
    expect.stringMatching(/^IONOS_BILLING_URL must begin with https:/),
  ]);
});

test("a proxy's password counts as a secret and is in no problem", () => {
  const config = serve({ ...account, HTTPS_PROXY: 'http://me:p%40ss@proxy' });
  expect(config.secrets).toEqual(['secret-token', 'p@ss', 'p%40ss']);
  for (const proxy of ['ftp://me:p4ss@proxy', 'http://me:p4ss%@proxy', 'http://me:p4ss@pr oxy']) {
    const problems = problemsOf({ ...account, HTTPS_PROXY: proxy });
    expect(problems).toEqual([expect.stringContaining('HTTPS_PROXY')]);
    expect(problems.join()).not.toContain('p4ss');
  }
});

const [PIN, OTHER_PIN] = ['0A', 'f3'].map((pair) => Array(32).fill(pair).join(':'));

test.each<[value: string, pins: unknown[]]>([
  [PIN ?? '', [PIN]],
  [PIN?.replaceAll(':', '').toLowerCase() ?? '', [PIN]],
  [PIN?.replaceAll(':', ' ') ?? '', [PIN]],
  [`${PIN},${OTHER_PIN}`, [PIN, OTHER_PIN?.toUpperCase()]],
  [` ${PIN}\n ${OTHER_PIN}, `, [PIN, OTHER_PIN?.toUpperCase()]],
  [`sha256 Fingerprint=${PIN} SHA256 Fingerprint=${OTHER_PIN}`, [PIN, OTHER_PIN?.toUpperCase()]],
])('the certificates of %j are pinned', (IONOS_PINNED_CERT, pins) => {
  expect(serve({ ...account, IONOS_PINNED_CERT }).api.tls).toEqual({ pins, authorities: {} });
});

test.each(['yes', 'AB:CD', `${PIN},AB`, `${PIN}:00`, `sha256/${'A'.repeat(43)}=`])('%j is no fingerprint', (value) => {
  expect(problemsOf({ ...account, IONOS_PINNED_CERT: value })).toEqual([
    expect.stringMatching(/^IONOS_PINNED_CERT must hold SHA-256 fingerprints/),
  ]);
});

test('no certificate is pinned where the variable is blank', () => {
  expect(serve({ ...account, IONOS_PINNED_CERT: ' ' }).api).not.toHaveProperty('tls');
});
