import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { sandboxCredentials } from '../../src/sandbox/contracts.ts';
import { textOf } from '../helpers/pages.ts';
import { listen, start } from '../helpers/process.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { certificatesIn, ISSUED_PEM, listenWithTls, PEM } from '../helpers/tls.ts';

// A process starts slowly on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const TOKEN = 'planted-token-of-the-file';
const OTHERS = ['planted-token-of-another', 'planted-password', 'planted-s3-secret-key'];

/** A home with this file in it. */
function homeWith(file: object | string): string {
  const home = temporaryFolder('ionos-file');
  mkdirSync(path.join(home, '.ionos'));
  const text = typeof file === 'string' ? file : JSON.stringify(file);
  writeFileSync(path.join(home, '.ionos', 'config'), text, { mode: 0o600 });
  return home;
}

function fileFor(products: object[]) {
  const [other, password, s3SecretKey] = OTHERS;
  return {
    version: '1.0',
    currentProfile: 'work',
    profiles: [
      { name: 'work', environment: 'here', credentials: { token: TOKEN } },
      { name: 'lab', credentials: { token: other, username: 'me', password, s3SecretKey } },
    ],
    environments: [{ name: 'here', products }],
  };
}

const product = (name: string, endpoint: object) => ({ name, endpoints: [endpoint] });

async function run(env: Record<string, string>, ...tools: string[]) {
  const { initialize, call, child, ended } = start(['--api', 'v1'], env);
  await initialize();
  const texts: string[] = [];
  for (const tool of tools) texts.push((await call(tool)).result.content?.[0]?.text ?? '');
  child.stdin.end();
  return { texts, ...(await ended) };
}

test('no secret of the file comes out, whatever the API says', async () => {
  const { url } = await listen(({ headers }, response) => {
    const words = [headers.authorization, ...OTHERS].join(' and ');
    response.writeHead(422, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ httpStatus: 422, messages: [{ errorCode: '1', message: words }] }));
  });
  const HOME = homeWith(fileFor([product('psql', { name: url })]));

  const { texts, stdout, stderr } = await run({ HOME }, 'list_clusters');

  expect(texts[0]).toContain('[redacted]');
  for (const secret of [TOKEN, ...OTHERS]) expect(stdout + stderr).not.toContain(secret);
  expect(stderr).toContain('"profile":"work"');
});

test('a CA of the file counts for its host, beside those of the system', async () => {
  const [leaf, authority] = certificatesIn(ISSUED_PEM);
  const answer: Parameters<typeof listenWithTls>[0] = (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"items": []}');
  };
  const [psql, compute] = [await listenWithTls(answer, ISSUED_PEM), await listenWithTls(answer)];
  const products = [
    product('psql', { name: `https://localhost:${psql}`, certificateAuthData: authority?.toString() }),
    product('cloud', { name: `https://localhost:${compute}` }),
  ];
  const env = { HOME: homeWith(fileFor(products)), NODE_EXTRA_CA_CERTS: PEM };

  expect((await run(env, 'list_clusters', 'list_network_options')).texts).toEqual([
    expect.stringContaining('"clusters":[]'),
    expect.stringContaining('"datacenters":[]'),
  ]);
  const pinned = { ...env, IONOS_PINNED_CERT: leaf?.fingerprint256 ?? '' };
  expect((await run(pinned, 'list_clusters', 'list_network_options')).texts).toEqual([
    expect.stringContaining('"clusters":[]'),
    expect.stringContaining('that IONOS_PINNED_CERT does not name'),
  ]);
});

test('each of several profiles has its own token, addresses and contract', async () => {
  const payload = Buffer.from(JSON.stringify({ identity: { contractNumber: 31812345 } })).toString('base64url');
  const tokens = { work: `e30.${payload}.planted-work`, lab: 'planted-lab' };
  const asked: string[] = [];
  async function startApi(name: string) {
    const { url } = await listen(({ headers }, response) => {
      asked.push(`${name} ${headers.authorization}`);
      const items = [{ id: '5d7f1c28-9e4a-4b63-a1d0-8c2e6f4b7a15', properties: { displayName: `of-${name}` } }];
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ items }));
    });
    return { name, products: [product('psql', { name: url })] };
  }
  const file = {
    profiles: Object.entries(tokens).map(([name, token]) => ({ name, environment: name, credentials: { token } })),
    environments: [await startApi('work'), await startApi('lab')],
  };
  const args = ['--api', 'v1', '--profile', 'work', '--profile', 'lab'];
  const { initialize, call, child, ended } = start(args, { HOME: homeWith(file) });
  await initialize();

  const all = await call('list_clusters');
  const one = await call('list_clusters', { profile: 'lab' });
  child.stdin.end();
  const { stdout, stderr } = await ended;

  const rows = [
    { profile: 'work', displayName: 'of-work' },
    { profile: 'lab', displayName: 'of-lab' },
  ];
  expect(all.result.structuredContent).toMatchObject({ clusters: rows });
  expect(one.result.structuredContent).toMatchObject({ clusters: [{ displayName: 'of-lab' }] });
  const requests = Object.entries(tokens).map(([name, token]) => `${name} Bearer ${token}`);
  expect(asked.toSorted()).toEqual([...requests, requests[1]].toSorted());
  expect(stderr).toContain('"profiles":["work","lab"]');
  expect(stderr).toContain('"profile":"work","contract":"31812345"');
  expect(stdout + stderr).not.toContain('planted');
});

describe('with --sandbox, each of two profiles has a contract of its own', () => {
  const WIKI = '1e9b5c37-4d80-4a26-b7f3-6c0d2a8e9514';

  async function open(...more: string[]) {
    const started = start(['--sandbox', '--settle', '0', '--profile', 'work', '--profile', 'lab', ...more]);
    await started.initialize();
    return started;
  }

  test('with clusters of its own', async () => {
    const { call } = await open();
    const all = rowsIn((await call('list_clusters')).result);
    const namesOf = async (profile: string) =>
      rowsIn((await call('list_clusters', { profile })).result).map(({ displayName }) => displayName);
    const [work, lab] = [await namesOf('work'), await namesOf('lab')];

    expect(work).toEqual(['analytics-prod', 'inventory', 'legacy-crm', 'orders', 'telemetry']);
    expect(lab).toEqual(['experiments', 'measurements', 'wiki']);
    const rows = [...work.map((name) => ['work', name]), ...lab.map((name) => ['lab', name])];
    expect(all.map(({ profile, displayName }) => [profile, displayName])).toEqual(rows);
    const elsewhere = await call('get_cluster', { profile: 'work', clusterId: WIKI });
    expect(elsewhere.result).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('404') }] });
  });

  test('which its plans, results and audit lines name', async () => {
    const folder = temporaryFolder('ionos-file');
    const file = path.join(folder, 'audit.jsonl');
    const { call, child, ended } = await open('--audit-file', file, '--confirm', 'never');
    const change = { profile: 'lab', clusterId: 'wiki', displayName: 'handbook' };

    const plan = await call('update_cluster', { ...change, dryRun: true });
    const done = await call('update_cluster', change);
    child.stdin.end();
    const { stdout, stderr } = await ended;

    const whose = { profile: 'lab', contract: '32345678' };
    const summary = expect.stringContaining('In profile "lab", contract 32345678: ');
    expect(plan.result.structuredContent).toMatchObject({ ...whose, outcome: 'preview', plan: { summary } });
    expect(done.result.structuredContent).toMatchObject({ ...whose, outcome: 'started' });
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    const ofChange = lines.map((line) => JSON.parse(line)).filter(({ tool }) => tool === 'update_cluster');
    expect(ofChange.length).toBeGreaterThanOrEqual(2);
    for (const line of ofChange) expect(line).toMatchObject(whose);
    expect(stdout + stderr).not.toContain('Bearer');
  });

  test('and no more profiles than that', async () => {
    const { ended } = start(['--sandbox', '--profile', 'work', '--profile', 'lab', '--profile', 'home']);
    expect(await ended).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('--profile names 3 profiles, but the sandbox has only 2 contracts'),
    });
  });
});

test('the example for the sandbox shows both of its contracts', async () => {
  const sandbox = start(['sandbox', '--port', '0']);
  await expect.poll(() => sandbox.output.stdout).toMatch(/\/databases\/postgresql/);
  const [, port] = /:(\d+)\//.exec(sandbox.output.stdout) ?? [];
  const text = textOf('docs/examples/ionos-config-sandbox.yaml').replaceAll(':8080', `:${port}`);
  const args = ['--profile', 'work', '--profile', 'lab', '--confirm', 'never'];
  const { initialize, call, child, ended } = start(args, { HOME: homeWith(text) });
  await initialize();

  const rows = rowsIn((await call('list_clusters')).result);
  const plan = await call('update_cluster', { profile: 'lab', clusterId: 'measurements', cores: 3, dryRun: true });
  child.stdin.end();
  const { stdout, stderr } = await ended;

  expect(rows.map(({ profile, displayName, location }) => [profile, displayName, location])).toEqual([
    ['work', 'analytics-prod', 'de/fra'],
    ['work', 'inventory', 'de/fra'],
    ['work', 'legacy-crm', 'gb/lhr'],
    ['work', 'orders', 'de/txl'],
    ['work', 'telemetry', 'us/las'],
    ['lab', 'experiments', 'de/fra'],
    ['lab', 'measurements', 'fr/par'],
    ['lab', 'wiki', 'de/fra'],
  ]);
  expect(plan.result.structuredContent).toMatchObject({ profile: 'lab', contract: '32345678', outcome: 'preview' });
  for (const { authorization } of sandboxCredentials) {
    expect(stdout + stderr).not.toContain(authorization.replace('Bearer ', ''));
  }
});

const rowsIn = ({ structuredContent }: { structuredContent?: Record<string, unknown> }) =>
  Object(structuredContent).clusters as { profile: string; displayName: string; location: string }[];

test('a broken file ends the start, with every problem and no content', async () => {
  const file = { ...fileFor([]), currentProfile: TOKEN, version: OTHERS[0] };
  const { ended } = start([], { HOME: homeWith(file) });

  expect(await ended).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.not.stringContaining('planted'),
  });
  expect((await ended).stderr).toContain('ionos-postgres-mcp: ~/.ionos/config: version must be 1.0\n');
});
