import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/index.ts';
import { ConfigError } from '../../../src/errors.ts';

const CA = '/etc/ca.pem';
const readFile = (path: string, setting: string) => {
  if (path === CA) return 'certificate';
  throw new ConfigError([`${setting}: ${path} does not exist`]);
};

function read(url: string | undefined, env: Record<string, string> = {}, transport = 'http') {
  const flags = url === undefined ? [] : ['--state-url', url];
  const config = loadConfig(['--sandbox', '--transport', transport, ...flags], env, readFile);
  if (config.command !== 'serve' || config.transport !== 'http') throw new Error('not over HTTP');
  return config;
}

function problemsOf(...given: Parameters<typeof read>): readonly string[] {
  try {
    read(...given);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe('the URL of the state', () => {
  test.each([
    'postgres://127.0.0.1/mcp',
    'postgresql://mcp:password@localhost:6432/mcp',
    'postgres://[::1]/mcp?sslmode=require',
    'postgres:///mcp?host=/var/run/postgresql',
    'postgres://%2Fvar%2Frun%2Fpostgresql/mcp',
    'postgres://mcp@db.example.com/mcp?sslmode=disable',
    'postgres://mcp@db.example.com/mcp?sslmode=require',
    'postgres://mcp@db.example.com/mcp?sslmode=verify-full',
    `postgres://mcp@db.example.com/mcp?sslmode=verify-ca&sslrootcert=${CA}`,
    `postgres://mcp@db.example.com/mcp?sslmode=verify-full&sslrootcert=${CA}`,
  ])('%s is taken as it is', (url) => {
    expect(read(url).http.stateUrl).toBe(url);
    expect(read(undefined, { STATE_URL: ` ${url}\n` }).http.stateUrl).toBe(url);
  });

  test('with the certificates of the system is checked in full', () => {
    const { http } = read('postgres://db.example.com/mcp?sslmode=require&sslrootcert=system');
    expect(http.stateUrl).toBe('postgres://db.example.com/mcp?sslmode=verify-full');
  });

  test.each<[url: string, problem: string]>([
    ['mysql://127.0.0.1/mcp', 'accepts a URL as in postgres://'],
    ['127.0.0.1:5432', 'accepts a URL as in postgres://'],
    ['host=127.0.0.1 dbname=mcp', 'accepts a URL as in postgres://'],
    ['postgres://mcp:a#b@127.0.0.1/mcp', 'has a #, which is %23 in a URL'],
    ['postgres://mcp:12#34@127.0.0.1/mcp', 'has a #, which is %23 in a URL'],
    ['postgres://127.0.0.1/mcp#', 'has a #, which is %23 in a URL'],
    ['postgres://one,two/mcp', 'names another machine, and so needs an sslmode'],
    ['postgres://db.example.com/mcp', 'names another machine, and so needs an sslmode: verify-full'],
    ['postgres://127.0.0.1.example.com/mcp', 'names another machine'],
    ['postgres://db.example.com/mcp?host=db.example.org', 'names another machine'],
    ['postgres://127.0.0.1/mcp?host=db.example.org', 'names another machine'],
    ['postgres://127.0.0.1/mcp?sslmode=prefer', 'as sslmode; prefer and allow can be talked out of TLS'],
    ['postgres://127.0.0.1/mcp?sslmode=no-verify', 'accepts disable, require, verify-ca, verify-full as sslmode'],
    ['postgres://127.0.0.1/mcp?sslmode=', 'accepts disable, require, verify-ca, verify-full as sslmode'],
    ['postgres://127.0.0.1/mcp?sslmode=require&sslmode=disable', 'has sslmode twice'],
    ['postgres://127.0.0.1/mcp?max=1000', 'accepts only the parameters sslmode, sslrootcert'],
    ['postgres://127.0.0.1/mcp?ssl=0', 'accepts only the parameters'],
    ['postgres://127.0.0.1/mcp?uselibpqcompat=false', 'accepts only the parameters'],
    ['postgres://db.example.com/mcp?sslmode=verify-ca', 'sslmode=verify-ca needs an sslrootcert'],
    [
      'postgres://db.example.com/mcp?sslmode=verify-full&sslrootcert=/none.pem',
      'sslrootcert of --state-url: /none.pem',
    ],
    [`postgres://mcp:${'$'}{PASSWORD}@127.0.0.1/mcp`, 'still contains a placeholder'],
    ['postgres://mcp:<password>@127.0.0.1/mcp', 'still contains a placeholder'],
  ])('%s is refused', (url, problem) => {
    expect(problemsOf(url).join('\n')).toContain(`${url.includes('/none.pem') ? '' : '--state-url'}`);
    expect(problemsOf(url).join('\n')).toContain(problem);
    expect(problemsOf(undefined, { STATE_URL: url }).join('\n')).toContain(problem.replace('--state-url', 'STATE_URL'));
  });

  test('is repeated in no problem, for it holds a password', () => {
    const url = 'postgres://mcp:a-secret-of-mine@db.example.com/mcp?sslmode=nonsense';
    expect(problemsOf(url).join('\n')).not.toContain('a-secret-of-mine');
  });

  test('is hidden wherever it would be shown, and its password, unless that is a common word', () => {
    const { secrets } = read('postgres://mcp:a-secret-of-mine@127.0.0.1/mcp');
    expect(secrets).toEqual(
      expect.arrayContaining(['postgres://mcp:a-secret-of-mine@127.0.0.1/mcp', 'a-secret-of-mine']),
    );
    expect(read('postgres://postgres:postgres@127.0.0.1/mcp').secrets).not.toContain('postgres');
  });

  test('as a flag goes before the one in the environment', () => {
    const { http } = read('postgres://127.0.0.1/flag', { STATE_URL: 'postgres://127.0.0.1/variable' });
    expect(http.stateUrl).toBe('postgres://127.0.0.1/flag');
  });

  test('is for HTTP alone', () => {
    expect(problemsOf('postgres://127.0.0.1/mcp', {}, 'stdio')).toEqual([
      '--state-url works only together with --transport http',
    ]);
  });

  test('without a key that the replicas share brings a warning', () => {
    const url = 'postgres://127.0.0.1/mcp';
    expect(read(url).warnings.join('\n')).toContain('MCP_SIGNING_KEY');
    expect(read(url, { MCP_SIGNING_KEY: 'k'.repeat(32) }).warnings).toEqual([]);
  });
});
