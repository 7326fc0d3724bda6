import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { build } from 'esbuild';
import { beforeAll, expect, test } from 'vitest';
import { host } from '../helpers/in-process-host.ts';

const root = path.join(import.meta.dirname, '../..');
const cache = path.join(root, 'node_modules/.cache/conformance');

/** The official suite, released and to come; what is not named here needs sessions, or tools and prompts of its own. */
const SUITES = [
  {
    name: '@modelcontextprotocol/conformance',
    scenarios: ['server-initialize', 'ping', 'tools-list', 'resources-list', 'dns-rebinding-protection'],
  },
  {
    name: 'conformance-next',
    scenarios: [
      'server-initialize',
      'server-session-lifecycle',
      'ping',
      'tools-list',
      'resources-list',
      'sep-2164-resource-not-found',
      'dns-rebinding-protection',
      'http-header-validation',
      'input-required-result-unsupported-methods',
      'input-required-result-validate-input',
    ],
  },
];

const fileOf = (suite: string) => path.join(cache, `${path.basename(suite)}.mjs`);

/** The suite imports a function of node:fs that Node 20 lacks, and needs it for nothing that is run here. */
beforeAll(async () => {
  mkdirSync(cache, { recursive: true });
  const fs = path.join(cache, 'fs.mjs');
  writeFileSync(fs, "export * from 'node:fs';\nexport const globSync = () => [];\n");
  for (const { name } of SUITES) {
    await build({
      entryPoints: [
        path.join(path.dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), 'dist/index.js'),
      ],
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      alias: { fs },
      outfile: fileOf(name),
      logLevel: 'error',
    });
  }
});

async function run(suite: string, url: string, scenario: string): Promise<{ code: number; output: string }> {
  const child = spawn(
    process.execPath,
    [fileOf(suite), 'server', '--url', `${url}/mcp`, '--scenario', scenario, '--verbose'],
    {
      cwd: cache,
    },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  const code = await new Promise<number>((resolve) => child.on('close', (status) => resolve(status ?? -1)));
  return { code, output };
}

const all = SUITES.flatMap(({ name, scenarios }) => scenarios.map((scenario) => [name, scenario] as const));

test.each(all)('%s passes %s', { timeout: 30_000 }, async (suite, scenario) => {
  const { url } = await host();

  const { code, output } = await run(suite, url, scenario);

  expect(output).not.toContain('"status": "FAILURE"');
  expect(output).not.toContain('"status": "WARNING"');
  expect(code, output.slice(-2_000)).toBe(0);
});

test.each([
  ['server-stateless', /Not testable: server does not list the diagnostic tool/],
  ['caching', /prompts\/list returned JSON-RPC error -32601/],
])(
  'conformance-next passes of %s what needs no tool or prompt of its own',
  { timeout: 30_000 },
  async (scenario, lacking) => {
    const { url } = await host();

    const { output } = await run('conformance-next', url, scenario);

    const failures = output.split('"status": "FAILURE"').slice(1);
    expect(output.split('"status": "SUCCESS"').length).toBeGreaterThan(5);
    for (const failure of failures) expect(failure.slice(0, 1_000)).toMatch(lacking);
  },
);
