import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { listen, start } from '../helpers/process.ts';
import { certificatesIn, ISSUED_PEM, listenWithTls, PEM } from '../helpers/tls.ts';

// A process starts slowly on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const TOKEN = 'planted-token-of-the-file';
const OTHERS = ['planted-token-of-another', 'planted-password', 'planted-s3-secret-key'];

/** A home with this file in it. */
function homeWith(file: object | string): string {
  const home = mkdtempSync(path.join(tmpdir(), 'ionos-file-'));
  onTestFinished(() => rmSync(home, { recursive: true }));
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
