import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { REGIONS } from '../../src/api/generations/addresses.ts';
import { addressSchema } from '../../src/config/account/addresses.ts';
import { credentialsSchema } from '../../src/config/account/credentials.ts';
import { findIonosFile } from '../../src/config/account/find-ionos-file.ts';
import { chooseAccounts } from '../../src/config/account/profile.ts';
import { isOpenToOthers } from '../../src/config/files.ts';
import { readConfig, readFile } from '../../src/config/index.ts';
import { ConfigError } from '../../src/errors.ts';
import { sandboxCredentials } from '../../src/sandbox/contracts.ts';
import { textOf } from '../helpers/pages.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { certificatesIn, ISSUED_PEM, PEM } from '../helpers/tls.ts';

type Env = Record<string, string>;
type Files = Record<string, string>;

const HOME = '/home/me';
const DEFAULT = `${HOME}/.ionos/config`;
const TOKEN = 'planted-token-4711';
const OTHER = 'planted-token-0815';
const PASSWORD = '0123 planted pass';

const FILE = `
version: 1.0
currentProfile: user
profiles:
  - name: user
    environment: prod
    credentials:
      token: ${TOKEN}
  - name: Billing
    environment: gateway
    credentials: { username: me@example.com, password: ${PASSWORD}, s3SecretKey: planted-s3-key }
  - name: both
    credentials: { token: ${OTHER}, username: me, password: ${PASSWORD} }
  - name: empty
    environment: prod
environments:
  - name: prod
    products:
      - name: dns
        endpoints: [{ name: https://dns.de-fra.ionos.com }]
  - name: gateway
    products:
      - name: psql
        endpoints: [{ location: de/fra, name: https://no.example }, { name: gateway.example/pg }]
      - name: cloud
        endpoints: [{ name: https://compute.example/cloudapi/v6, skipTlsVerify: false }]
      - name: psqlv2
        endpoints:
          - { location: ' DE/TXL ', name: https://v2.example/txl/ }
          - { location: de/txl, name: https://second.example }
          - { name: https://global.example }
`;

const missing = (file: string, setting: string): never => {
  throw new ConfigError([`${setting}: no ${file}`], { cause: Object.assign(new Error('gone'), { code: 'ENOENT' }) });
};

async function load(line: string, env: Env = {}, files: Files = { [DEFAULT]: FILE }) {
  const asked: string[] = [];
  const config = await readConfig(line.split(' ').filter(Boolean), { HOME, ...env }, (file, setting) => {
    asked.push(file);
    return files[file] ?? missing(file, setting);
  });
  if (config.command !== 'serve') throw new Error(`unexpected: ${config.command}`);
  return { ...config, asked };
}

async function problemsOf(line: string, env: Env = {}, files?: Files): Promise<readonly string[]> {
  const error = await load(line, env, files).catch((error: unknown) => error);
  if (error instanceof ConfigError) return error.problems;
  if (error instanceof Error) throw error;
  return [];
}

const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

describe('credentials come from one source as a whole:', () => {
  test.each<[says: string, line: string, env: Env, authorization: string]>([
    ['the current profile', '', {}, `Bearer ${TOKEN}`],
    ['the profile of the environment', '', { IONOS_CURRENT_PROFILE: ' BILLING ' }, basic('me@example.com', PASSWORD)],
    [
      'the profile of the flag',
      '--profile billing',
      { IONOS_CURRENT_PROFILE: 'user' },
      basic('me@example.com', PASSWORD),
    ],
    ['the flag before the environment', '--profile user', { IONOS_TOKEN: 'own' }, `Bearer ${TOKEN}`],
    ['the environment before the file', '', { IONOS_TOKEN: 'own', IONOS_CURRENT_PROFILE: 'user' }, 'Bearer own'],
    ['a user of the environment', '', { IONOS_USERNAME: 'a', IONOS_PASSWORD: 'b' }, basic('a', 'b')],
    ['a token before user and password', '--profile both', {}, `Bearer ${OTHER}`],
    ['the current profile over HTTP', '--transport http', {}, `Bearer ${TOKEN}`],
  ])('%s', async (_, line, env, authorization) => {
    expect(await load(line, env)).toMatchObject({ api: { authorization } });
  });

  test('half of them in the environment is a mistake, whatever the file has', async () => {
    expect(await problemsOf('', { IONOS_USERNAME: 'me' })).toEqual([
      'IONOS_USERNAME is set, but IONOS_PASSWORD is not',
    ]);
  });

  test('of every profile they are redacted', async () => {
    const { secrets } = await load('');
    for (const secret of [TOKEN, OTHER, PASSWORD, 'planted-s3-key']) expect(secrets).toContain(secret);
  });

  test('a password of digits stays as it is written', async () => {
    const file = 'profiles: [{name: a, credentials: {username: 007, password: 0123456789}}]';
    const { api } = await load('--profile a', {}, { [DEFAULT]: file });
    expect(api.authorization).toBe(basic('007', '0123456789'));
  });
});

describe('the file is read', () => {
  test.each<[line: string, env: Env]>([
    ['', {}],
    ['--profile user', { IONOS_TOKEN: 'own' }],
    ['', { IONOS_TOKEN: 'own', IONOS_CURRENT_PROFILE: 'user' }],
  ])('with %j and %j', async (line, env) => {
    expect((await load(line, env)).asked).toEqual([DEFAULT]);
  });

  test.each<[line: string, env: Env]>([
    ['', { IONOS_TOKEN: 'own' }],
    ['', { IONOS_USERNAME: 'a', IONOS_PASSWORD: 'b' }],
    ['--sandbox', {}],
    ['--sandbox --profile user', { IONOS_CONFIG_FILE: '/elsewhere', IONOS_CURRENT_PROFILE: 'x' }],
    ['--transport http --ionos-credentials caller', {}],
  ])('not with %j and %j', async (line, env) => {
    expect((await load(line, env, {})).asked).toEqual([]);
  });

  test('from where IONOS_CONFIG_FILE says', async () => {
    const config = await load('', { IONOS_CONFIG_FILE: '~/mine.yaml' }, { [`${HOME}/mine.yaml`]: FILE });
    expect(config).toMatchObject({ asked: [`${HOME}/mine.yaml`], profile: 'user' });
  });

  test('as nothing where the default one is missing', async () => {
    expect(await problemsOf('', {}, {})).toEqual([expect.stringMatching(/^no credentials: /)]);
    expect(await load('', { IONOS_TOKEN: 'own', IONOS_CURRENT_PROFILE: 'x' }, {})).toMatchObject({
      api: { authorization: 'Bearer own' },
    });
  });

  test.each<[line: string, env: Env, problem: RegExp]>([
    ['', { IONOS_CONFIG_FILE: '/etc/ionos.yaml' }, /^IONOS_CONFIG_FILE: no \/etc\/ionos\.yaml$/],
    ['', { IONOS_CONFIG_FILE: '~other/config' }, /^IONOS_CONFIG_FILE begins with ~ and a name/],
    ['', { IONOS_CONFIG_FILE: '<file>' }, /^IONOS_CONFIG_FILE still contains a placeholder/],
    ['--profile user', {}, /^--profile: there is no file ~\/\.ionos\/config/],
  ])('as a problem where one that is named is missing: %j with %j', async (line, env, problem) => {
    expect(await problemsOf(line, { IONOS_TOKEN: 'own', ...env }, {})).toEqual([expect.stringMatching(problem)]);
  });

  test.each<[line: string, env: Env, problem: string]>([
    [
      '--profile nobody',
      {},
      '--profile: there is no such profile in ~/.ionos/config; it has: user, Billing, both, empty',
    ],
    [
      '',
      { IONOS_CURRENT_PROFILE: 'nobody' },
      'IONOS_CURRENT_PROFILE: there is no such profile in ~/.ionos/config; it has',
    ],
    [
      '--profile empty',
      { IONOS_TOKEN: 'own' },
      '~/.ionos/config: profiles[3].credentials has neither a token nor a user',
    ],
    ['--profile', {}, "--profile needs a value: the name of a profile in IONOS's configuration file"],
    ['--profile $PROFILE', {}, '--profile still contains a placeholder'],
    ['--profile user --transport http --ionos-credentials caller', {}, '--profile and --ionos-credentials caller'],
  ])('and %j with %j is a problem', async (line, env, problem) => {
    expect(await problemsOf(line, env)).toEqual([expect.stringContaining(problem)]);
  });

  test('without a current profile it says which there are', async () => {
    const [problem] = await problemsOf('', {}, { [DEFAULT]: FILE.replace('currentProfile: user', '') });
    expect(problem).toMatch(/^no credentials: .*no currentProfile: choose one with --profile; it has: user, Billing/);
  });
});

describe('a file with faults is refused, all of them at once:', () => {
  const problemsIn = (text: string) => problemsOf('', {}, { [DEFAULT]: text });

  test.each<[text: string, ...problems: string[]]>([
    ['', 'the file is empty'],
    ['# nothing', 'the file is empty'],
    [TOKEN, 'the file must be a mapping'],
    [`- ${TOKEN}`, 'the file must be a mapping'],
    [`profiles:\n  - name: a\n   credentials: ${TOKEN}`, 'not YAML (MISSING_CHAR, line 3)'],
    [`token: "${TOKEN}`, 'not YAML (MISSING_CHAR, line 1)'],
    [`name: ${TOKEN}\nname: ${TOKEN}`, 'not YAML (DUPLICATE_KEY, line 2)'],
    [`profiles: *${TOKEN}`, 'an alias (*) has no anchor (&), or there are too many aliases'],
    [`version: 2.0`, 'version must be 1.0'],
    [`profiles: ${TOKEN}`, 'profiles must be a list'],
    [`profiles: [${TOKEN}]`, 'profiles[0] must be a mapping'],
    [`profiles: [{name: [${TOKEN}]}]`, 'profiles[0].name must be a text'],
    [
      `profiles: [{name: a, credentials: ${TOKEN}}, {name: b, credentials: {token: {a: ${TOKEN}}}}]`,
      ...['profiles[0].credentials must be a mapping', 'profiles[1].credentials.token must be a text'],
    ],
    [
      'environments: [{name: e, products: [{name: dns, endpoints: [{name: a.example, skipTlsVerify: maybe}]}]}]',
      'environments[0].products[0].endpoints[0].skipTlsVerify must be true or false',
    ],
    [
      `currentProfile: ${TOKEN}
profiles: [{name: a, environment: ${TOKEN}}, {name: ' A '}, {environment: e}]
environments:
  - name: e
    products: [{name: dns, endpoints: [{name: ''}]}, {name: dns, endpoints: [{location: de/fra, name: a}]}, {name: nfs}]
  - name: e
  - {}`,
      'profiles[2].name is missing',
      'environments[2].name is missing',
      'environments[0].products[0].endpoints[0].name is missing',
      'profiles[1].name is the same as profiles[0].name',
      'environments[1].name is the same as environments[0].name',
      'environments[0].products[1].name is the same as environments[0].products[0].name',
      'environments[0].products[2] has no endpoints',
      'profiles[0].environment is not the name of an environment',
      'currentProfile is not the name of a profile',
    ],
  ])('%j', async (text, ...problems) => {
    expect(await problemsIn(text)).toEqual(problems.map((words) => `~/.ionos/config: ${words}`));
  });

  test('beside those of other settings', async () => {
    expect(await problemsOf('--access some', { IONOS_API_URL: 'ftp://x' }, { [DEFAULT]: '' })).toEqual([
      expect.stringContaining('--access'),
      expect.stringContaining('IONOS_API_URL'),
      '~/.ionos/config: the file is empty',
    ]);
  });

  test('but what is not known is ignored', async () => {
    const text = `${FILE}\nfailover: {maxRetries: 3}\nother: [1]\n`.replace(
      'name: user',
      'name: user\n    color: [red]',
    );
    expect(await load('', {}, { [DEFAULT]: text })).toMatchObject({ api: { authorization: `Bearer ${TOKEN}` } });
  });

  test('in time, whatever it holds', async () => {
    for (const text of ['['.repeat(130_000), '{a: '.repeat(32_000), '- '.repeat(64_000), '&a '.repeat(43_000)]) {
      expect(await problemsIn(text)).toEqual([expect.stringContaining('not YAML')]);
    }
    expect(await problemsIn(`a: &a [x]\nb: [${'*a,'.repeat(40_000)}]`)).toEqual([expect.stringContaining('alias')]);
  });
});

describe('several profiles', () => {
  const payload = (identity: object) => `e30.${Buffer.from(JSON.stringify({ identity })).toString('base64url')}.x`;

  test('have each their own credentials and addresses', async () => {
    const config = await load('--profile user --profile BILLING --regions de-txl', { IONOS_TOKEN: 'not this one' });

    expect(config.transport === 'stdio' && config.profiles).toEqual([
      {
        name: 'user',
        api: expect.objectContaining({
          apiUrl: 'https://api.ionos.com/databases/postgresql',
          authorization: `Bearer ${TOKEN}`,
        }),
        v2: expect.objectContaining({ regions: [{ name: 'de-txl', apiUrl: 'https://postgresql.de-txl.ionos.com' }] }),
      },
      {
        name: 'Billing',
        api: expect.objectContaining({
          apiUrl: 'https://gateway.example/pg/databases/postgresql',
          authorization: basic('me@example.com', PASSWORD),
        }),
        v2: expect.objectContaining({ regions: [{ name: 'de-txl', apiUrl: 'https://v2.example/txl' }] }),
      },
    ]);
    expect(config.secrets).not.toContain('not this one');
  });

  test('name the contract of their token', async () => {
    const tokens = [payload({ contractNumber: 31812345 }), payload({ contractNumber: '42' }), payload({}), 'e30.%.x'];
    const profiles = tokens.map((token, n) => ({ name: `p${n}`, credentials: { token } }));
    const line = profiles.map(({ name }) => `--profile ${name}`).join(' ');
    const config = await load(line, {}, { [DEFAULT]: JSON.stringify({ profiles }) });
    expect(config.transport === 'stdio' && config.profiles?.map(({ contract }) => contract)).toEqual([
      '31812345',
      '42',
      undefined,
      undefined,
    ]);
  });

  test('can be tried in the sandbox', async () => {
    const config = await load('--sandbox --profile one --profile two', { IONOS_CONTRACT_NUMBER: '1' }, {});
    expect(config.transport === 'stdio' && config.profiles?.map(({ name, api }) => [name, api.authorization])).toEqual([
      ['one', 'Bearer sandbox'],
      ['two', 'Bearer sandbox'],
    ]);
    expect(config.asked).toEqual([]);
  });

  test('are none where there is one', async () => {
    expect(await load('--profile user')).not.toMatchObject({ profiles: expect.anything() });
    expect(await load('--profile user')).toMatchObject({ profile: 'user' });
  });

  test.each<[line: string, env: Env, ...problems: string[]]>([
    ['--profile user --profile User', {}, '--profile names a profile twice'],
    [
      '--profile user --profile both --transport http',
      {},
      '--profile can be given several times only with --transport',
    ],
    [
      '--profile user --profile nobody --profile none',
      {},
      '--profile: there is no such profile in ~/.ionos/config; it has',
    ],
    ['--profile user --profile empty', {}, 'profiles[3].credentials has neither'],
    [
      '--profile user --profile both',
      { IONOS_CONTRACT_NUMBER: '31812345' },
      '--profile names several accounts, IONOS_CONTRACT_NUMBER one',
    ],
    ['--profile user --profile both', { IONOS_API_URL: 'ftp://x' }, 'IONOS_API_URL must begin with https://'],
    [`--sandbox --profile a --profile ${'a'.repeat(41)}`, {}, '--profile accepts several names only of up to 40'],
    ['--sandbox --profile a --profile a\u202e', {}, '--profile accepts several names only of up to 40'],
  ])('with %j and %j are a problem, named once', async (line, env, ...problems) => {
    expect(await problemsOf(line, env)).toEqual(problems.map((words) => expect.stringContaining(words)));
  });
});

describe('addresses', () => {
  const OWN = 'https://api.ionos.com/databases/postgresql';
  const GATEWAY = 'https://gateway.example/pg/databases/postgresql';
  const regionsOf = async (line: string, env: Env, files?: Files) =>
    Object.fromEntries(
      ((await load(line, env, files)).v2?.regions ?? []).map(({ name = '', apiUrl }) => [name, apiUrl] as const),
    );

  test.each<[line: string, env: Env, apiUrl: string, computeUrl?: string]>([
    ['', {}, OWN, 'https://api.ionos.com/cloudapi/v6'],
    ['--profile billing', {}, GATEWAY, 'https://compute.example/cloudapi/v6'],
    ['', { IONOS_TOKEN: 'own', IONOS_CURRENT_PROFILE: 'billing' }, GATEWAY, 'https://compute.example/cloudapi/v6'],
    ['', { IONOS_TOKEN: 'own' }, OWN],
    ['--profile billing', { IONOS_API_URL: 'https://own.example' }, 'https://own.example/databases/postgresql'],
    ['--profile billing', { IONOS_COMPUTE_URL: 'https://own.example' }, GATEWAY, 'https://own.example/cloudapi/v6'],
    ['--profile both', {}, OWN, 'https://api.ionos.com/cloudapi/v6'],
  ])('of v1 and Compute with %j and %j', async (line, env, apiUrl, computeUrl) => {
    const { api } = await load(line, env);
    expect(api.apiUrl).toBe(apiUrl);
    expect(api.computeUrl).toBe(computeUrl);
  });

  test('of v2 are those for exactly its location', async () => {
    expect(await regionsOf('--profile billing --regions de-txl,de-fra', {})).toEqual({
      'de-txl': 'https://v2.example/txl',
      'de-fra': 'https://postgresql.de-fra.ionos.com',
    });
  });

  test('of v2 come from IONOS_PSQL_V2_URL first, and from IONOS_API_URL alone last', async () => {
    const line = '--profile billing --regions de-txl';
    expect(await regionsOf(line, { IONOS_PSQL_V2_URL: 'https://own.example/{region}' })).toEqual({
      'de-txl': 'https://own.example/de-txl',
    });
    expect(await regionsOf(line, { IONOS_API_URL: 'https://own.example' })).toEqual({
      'de-txl': 'https://v2.example/txl',
    });
    expect(await regionsOf('--profile user', { IONOS_API_URL: 'https://own.example' })).toEqual({
      '': 'https://own.example',
    });
  });

  test('without a profile are those of the first environment that has the product', async () => {
    const files = { [DEFAULT]: FILE.replace('currentProfile: user', '') };
    expect((await load('', { IONOS_TOKEN: 'own', IONOS_CONFIG_FILE: DEFAULT }, files)).api.apiUrl).toBe(GATEWAY);
  });

  const withEndpoints = (...endpoints: string[]) => ({
    [DEFAULT]: `
currentProfile: a
profiles: [{name: a, environment: e, credentials: {token: ${TOKEN}}}]
environments: [{name: e, products: [${endpoints.join(', ')}]}]`,
  });
  const at = (product: number) => `~/.ionos/config: environments[0].products[${product}]`;

  test.each<[product: string, problem: string]>([
    ['{name: psql, endpoints: [{name: http://a.example}]}', '.endpoints[0].name must begin with https://'],
    ['{name: psql, endpoints: [{name: https://me:pw@a.example}]}', '.endpoints[0].name must not contain a user'],
    ['{name: psql, endpoints: [{name: javascript:1}]}', '.endpoints[0].name is not a URL'],
    ['{name: psql, endpoints: [{name: $HOST}]}', '.endpoints[0].name still contains a placeholder'],
    ['{name: psql, endpoints: [{location: de/fra, name: a.example}]}', ' has no endpoint without a location'],
    ['{name: psql, endpoints: [{name: a.example, skipTlsVerify: TRUE}]}', '.endpoints[0].skipTlsVerify is true'],
    ['{name: compute, endpoints: [{name: a.example, skipTlsVerify: true}]}', '.endpoints[0].skipTlsVerify is true'],
    ['{name: psqlv2, endpoints: [{name: b.example, location: de/fra, skipTlsVerify: true}]}', '.endpoints[0].skipTls'],
  ])('%s is refused', async (product, problem) => {
    expect(await problemsOf('', {}, withEndpoints(product))).toEqual([expect.stringContaining(`${at(0)}${problem}`)]);
  });

  test.each([
    '{name: dns, endpoints: [{name: http://a.example, skipTlsVerify: true}]}',
    '{name: psql, endpoints: [{location: de/fra, name: a.example, skipTlsVerify: true}, {name: a.example}]}',
    '{name: cloud, endpoints: [{location: de/fra, name: a.example}]}',
  ])('%s is not, since it is not used', async (product) => {
    expect(await problemsOf('', {}, withEndpoints(product))).toEqual([]);
  });

  test.each(['--regions de-txl', '--api v1'])('of regions that %s leaves out are not refused', async (line) => {
    const product = '{name: psqlv2, endpoints: [{location: de/fra, name: a.example, skipTlsVerify: true}]}';
    expect(await problemsOf(line, {}, withEndpoints(product))).toEqual([]);
    expect(await problemsOf('', {}, withEndpoints(product))).toHaveLength(1);
  });

  test('that are not used because of a variable are not refused', async () => {
    const files = withEndpoints('{name: psql, endpoints: [{name: a.example, skipTlsVerify: true}]}');
    expect(await problemsOf('', { IONOS_API_URL: 'https://own.example' }, files)).toEqual([]);
  });
});

describe('CAs of the file', () => {
  const pem = (file: string) => certificatesIn(file)[0]?.toString() ?? '';
  const [ONE, OTHER_CA] = [pem(PEM), pem(ISSUED_PEM)];
  const file = (environment: string | undefined, ...endpoints: (string | undefined)[]) =>
    JSON.stringify({
      currentProfile: 'a',
      profiles: [{ name: 'a', environment: 'e', credentials: { token: TOKEN } }],
      environments: [
        {
          name: 'e',
          certificateAuthData: environment,
          products: [
            { name: 'psql', endpoints: [{ name: 'https://pg.example/path', certificateAuthData: endpoints[0] }] },
            {
              name: 'psqlv2',
              endpoints: [{ name: 'v2.example:8443', location: 'de/txl', certificateAuthData: endpoints[1] }],
            },
            { name: 'dns', endpoints: [{ name: 'dns.example', certificateAuthData: 'none' }] },
          ],
        },
      ],
    });

  test('count for the host that they are given for', async () => {
    const { api } = await load('', {}, { [DEFAULT]: file(undefined, ONE, OTHER_CA) });
    expect(api.tls).toEqual({ pins: [], authorities: { 'pg.example:443': ONE, 'v2.example:8443': OTHER_CA } });
  });

  test('of an environment count for all hosts, beside those of endpoints', async () => {
    const { api } = await load('', {}, { [DEFAULT]: file(ONE, OTHER_CA) });
    expect(api.tls?.authorities).toEqual({
      '': ONE,
      'pg.example:443': `${ONE}\n${OTHER_CA}`,
      'v2.example:8443': ONE,
    });
  });

  test.each([TOKEN, '-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----'])(
    'have to be some: %j',
    async (text) => {
      expect(await problemsOf('', {}, { [DEFAULT]: file(undefined, text) })).toEqual([
        '~/.ionos/config: environments[0].products[0].endpoints[0].certificateAuthData is not a certificate in PEM form',
      ]);
      expect(await problemsOf('', {}, { [DEFAULT]: file(text) })).toContain(
        '~/.ionos/config: environments[0].certificateAuthData is not a certificate in PEM form',
      );
    },
  );

  test('that are not used are not looked at', async () => {
    const env = { IONOS_API_URL: 'https://own.example' };
    expect(await load('', env, { [DEFAULT]: file(undefined, 'none') })).toMatchObject({
      api: { apiUrl: expect.any(String) },
    });
  });
});

describe('permissions', () => {
  async function warningsWith(mode: number): Promise<readonly string[]> {
    const home = temporaryFolder('ionos-file');
    mkdirSync(path.join(home, '.ionos'));
    const file = path.join(home, '.ionos', 'config');
    writeFileSync(file, FILE);
    chmodSync(file, mode);
    const config = await readConfig([], { HOME: home }, readFile);
    return config.command === 'serve' ? config.warnings : [];
  }

  test.each([0o644, 0o604, 0o602])('of %o are warned of', async (mode) => {
    expect(await warningsWith(mode)).toEqual([expect.stringMatching(/^~\/\.ionos\/config: other users .* chmod 600/)]);
  });

  test.each([0o600, 0o640])('of %o are not', async (mode) => {
    expect(await warningsWith(mode)).toEqual([]);
  });

  test('say nothing on Windows', () => {
    expect(isOpenToOthers('/', 'linux')).toBe(true);
    expect(isOpenToOthers('/', 'win32')).toBe(false);
  });
});

test('the example of the documentation can be used once its tokens are filled in', async () => {
  const example = textOf('docs/examples/ionos-config.yaml');
  expect(await problemsOf('', {}, { [DEFAULT]: example })).toEqual([
    expect.stringContaining('profiles[0].credentials.token still contains a placeholder'),
  ]);
  const files = { [DEFAULT]: example.replace(/<.* of one .*>/, TOKEN).replace(/<.* of another .*>/, OTHER) };
  expect(await load('', {}, files)).toMatchObject({ api: { authorization: `Bearer ${TOKEN}` } });
  expect(await load('--profile lab', {}, files)).toMatchObject({
    api: { apiUrl: 'https://ionos.example.com/databases/postgresql', authorization: `Bearer ${OTHER}` },
  });
});

test('the example for the sandbox names its contracts, and no address but on this machine', async () => {
  const files = { [DEFAULT]: textOf('docs/examples/ionos-config-sandbox.yaml') };
  const config = await load('--profile work --profile lab', {}, files);

  const profiles = config.transport === 'stdio' ? (config.profiles ?? []) : [];
  expect(profiles.map(({ contract, api: { authorization } }) => ({ authorization, contract }))).toEqual(
    sandboxCredentials,
  );
  for (const { api, v2 } of profiles) {
    expect(v2?.regions.map(({ name }) => name)).toEqual(REGIONS);
    const urls = [api.apiUrl, api.computeUrl, ...(v2?.regions ?? []).map(({ apiUrl }) => apiUrl)];
    expect(urls.filter((url) => !url?.startsWith('http://127.0.0.1:8080/'))).toEqual([]);
  }
});

/** Keys and values of such files, with a secret in places where it belongs and where it does not. */
const scalar = fc.constantFrom(
  TOKEN,
  PASSWORD,
  'user',
  'prod',
  'psql',
  'psqlv2',
  'https://a.example',
  '',
  'true',
  '*a',
);
const key = fc.constantFrom(
  ...['name', 'environment', 'credentials', 'token', 'password', 'username', 'endpoints', 'products', 'location'],
  ...['skipTlsVerify', 'certificateAuthData', 'profiles', 'environments', 'currentProfile', 'version', TOKEN],
);
const { node } = fc.letrec((tie) => ({
  node: fc.oneof(
    { maxDepth: 6 },
    scalar,
    fc.array(tie('node'), { maxLength: 3 }),
    fc.dictionary(key, tie('node'), { maxKeys: 5 }),
  ),
}));

/** As loading it does, without all the other settings. */
async function problemsOfFile(text: string, profile?: string): Promise<readonly string[]> {
  const found = await findIonosFile({ flags: {}, isHosted: false }, { env: { HOME }, readFile: () => text });
  if (!found) throw new Error('it is not read');
  const { accounts, problems } = chooseAccounts(found, { flags: { profile }, isHosted: false }, {});
  const [{ chosen } = {}] = accounts;
  const [address, credentials] = [addressSchema(chosen), credentialsSchema(() => text, chosen)];
  const issues = [address, credentials].flatMap((schema) => schema.safeParse({}).error?.issues ?? []);
  return [...problems, ...issues.map(({ message }) => message)];
}

test('whatever it holds, no problem shows a secret', async () => {
  const text = fc.oneof(
    node.map((value) => JSON.stringify(value)),
    fc.record({ profiles: node, environments: node, currentProfile: scalar }).map((value) => JSON.stringify(value)),
    fc.tuple(fc.nat(FILE.length), fc.string()).map(([at, some]) => FILE.slice(0, at) + some + FILE.slice(at)),
    fc.tuple(fc.nat(FILE.length), fc.nat(30)).map(([at, length]) => FILE.slice(0, at) + FILE.slice(at + length)),
  );
  await fc.assert(
    fc.asyncProperty(text, fc.constantFrom(undefined, 'user', 'both'), async (text, profile) => {
      // A name is no secret: which there are is told.
      fc.pre(!/"(name|currentProfile)":"[^"]*planted/.test(text));
      for (const problem of await problemsOfFile(text, profile)) {
        expect(problem).not.toMatch(/planted|^$|undefined|Invalid input/);
      }
    }),
    { numRuns: 1000 },
  );
});
