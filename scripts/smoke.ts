// Installs the package as a user would, and runs it on each version of Node that it is for: npm run smoke
// With --here on the present one alone, which needs no network.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { getMcpConfigForManifest, unpackExtension } from '@anthropic-ai/mcpb';
import {
  Client,
  SSEClientTransport,
  StreamableHTTPClientTransport,
  type Transport,
} from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import packageJson from '../package.json' with { type: 'json' };
import { copyRepository, installPackage } from '../test/helpers/installed.ts';
import { order } from '../test/helpers/orders.ts';

const VERSIONS = ['20', '22', '24', '26'];
/** The program says on each of them that it needs a newer one. */
const TOO_OLD = ['12', '16', '18'];

const root = path.join(import.meta.dirname, '..');
const copy = copyRepository();
const { folder, size, packages, file } = installPackage(copy);
// Not below the folder for temporary files, where others can write, so that no compiled code is kept there.
const HOME = mkdtempSync(path.join(homedir(), '.ionos-postgres-mcp-smoke-'));
const CACHE = path.join(HOME, '.cache', packageJson.name);
/** Milliseconds after which the program has kept its compiled code for the next start. */
const KEPT_MS = 4_000;
const { PATH = '' } = process.env;

const run = (command: string, args: string[], cwd = folder) => execFileSync(command, args, { cwd, encoding: 'utf8' });
const say = (words: string) => process.stdout.write(`${words}\n`);

const nodeAt = (version: string) => run('npx', ['-y', `node@${version}`, '-p', 'process.execPath']).trim();

const ERAS = { '2025': 'legacy' as const, '2026': { pin: '2026-07-28' } };

async function connected<T>(transport: Transport, era: keyof typeof ERAS, use: (client: Client) => Promise<T>) {
  const client = new Client({ name: 'smoke', version: '0' }, { versionNegotiation: { mode: ERAS[era] } });
  await client.connect(transport);
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

async function call(client: Client, name: string, args: Record<string, unknown> = {}) {
  const { isError, content, structuredContent } = await client.callTool({ name, arguments: args });
  assert.ok(!isError, `${name}: ${JSON.stringify(content)}`);
  return structuredContent as Record<string, unknown>;
}

let ordered = 0;
/** An address that was ordered is kept for that order for ten minutes. */
function nextOrder() {
  ordered += 1;
  const [connection] = order.connections;
  return { ...order, connections: [{ ...connection, cidr: `192.168.1.${100 + ordered}/24` }] };
}

/** From the order to the deletion, with the agreement that both take. */
async function liveThrough(client: Client) {
  const given = nextOrder();
  const { tools } = await client.listTools();
  const { clusters } = await call(client, 'list_clusters');
  assert.ok((clusters as { displayName: string }[]).some(({ displayName }) => displayName === 'orders'));
  const asked = await call(client, 'create_cluster', given);
  assert.equal(asked.outcome, 'needs_confirmation');
  const { cluster } = await call(client, 'create_cluster', { ...given, confirmationToken: asked.confirmationToken });
  const { id: clusterId } = cluster as { id: string };
  await call(client, 'wait_for_cluster', { clusterId });
  const { outcome, confirmationToken } = await call(client, 'delete_cluster', { clusterId });
  assert.equal(outcome, 'needs_confirmation');
  await call(client, 'delete_cluster', { clusterId, confirmationToken, confirmationName: order.displayName });
  await call(client, 'wait_for_cluster', { clusterId, until: 'GONE' });
  return tools.length;
}

const SANDBOX = ['--sandbox', '--settle', '0.2', '--log-level', 'silent'];

const overStdio = (node: string, program: string) =>
  new StdioClientTransport({ command: node, args: [program, ...SANDBOX], env: { PATH, HOME }, stderr: 'ignore' });

/** Hosts the server, or the sandbox by itself, until the work at its address is done; it has to end as told. */
async function hosted(node: string, args: string[], work: (url: string) => Promise<unknown>) {
  const server = spawn(node, args, { env: { PATH, HOME }, stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = once(server, 'exit');
  const [line] = await once(createInterface(server.stdout), 'line');
  const [url = ''] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? [];
  await work(url);
  server.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null]);
}

async function smoke(version: string, node: string, program: string) {
  assert.equal(run(node, [program, '--version']), `${packageJson.version}\n`);
  assert.match(run(node, [program, '--help']), /^Usage: /);
  await connected(overStdio(node, program), '2025', async (client) => {
    await liveThrough(client);
    await setTimeout(KEPT_MS);
  });
  // Node 20 keeps none.
  if (version !== '20') {
    const [kept = ''] = readdirSync(CACHE).filter((name) => name.startsWith(`v${version}.`));
    assert.notEqual(readdirSync(path.join(CACHE, kept)).length, 0);
  }
  await connected(overStdio(node, program), '2026', liveThrough);
  const http = [program, ...SANDBOX, '--access', 'full', '--transport', 'http', '--port', '0', '--drain-delay', '0'];
  await hosted(node, http, async (url) => {
    const streamable = () => new StreamableHTTPClientTransport(new URL(`${url}/mcp`));
    for (const era of ['2025', '2026'] as const) await connected(streamable(), era, liveThrough);
    await connected(new SSEClientTransport(new URL(`${url}/sse`)), '2025', liveThrough);
  });
  await hosted(node, [program, 'sandbox', '--port', '0'], async (IONOS_API_URL) => {
    const env = { PATH, HOME, IONOS_API_URL, IONOS_TOKEN: 'any' };
    const transport = new StdioClientTransport({ command: node, args: [program, '--log-level', 'silent'], env });
    await connected(transport, '2026', (client) => call(client, 'list_clusters'));
  });
}

/** Credentials or not: nothing else of it runs there. */
function refuse(node: string, program: string) {
  const { status, stdout, stderr } = spawnSync(node, [program], {
    env: { PATH, HOME, IONOS_TOKEN: 'any' },
    encoding: 'utf8',
  });
  const version = run(node, ['--version']).trim().slice(1);
  assert.deepEqual(
    { status, stdout, stderr },
    { status: 2, stdout: '', stderr: `${packageJson.name} needs Node.js 20 or newer; this is Node.js ${version}.\n` },
  );
}

/** The bundle as Claude Desktop unpacks and starts it. */
async function smokeBundle() {
  run('npm', ['run', '--silent', 'mcpb'], root);
  const bundle = path.join(root, `${packageJson.name}-${packageJson.version}.mcpb`);
  const extensionPath = path.join(folder, 'extension');
  assert.ok(await unpackExtension({ mcpbPath: bundle, outputDir: extensionPath, silent: true }));
  const manifest = JSON.parse(readFileSync(path.join(extensionPath, 'manifest.json'), 'utf8'));
  const paths = { extensionPath, systemDirs: {}, pathSeparator: path.sep };
  assert.equal(await getMcpConfigForManifest({ ...paths, manifest, userConfig: {} }), undefined);
  const config = await getMcpConfigForManifest({ ...paths, manifest, userConfig: { token: 'any' } });
  const { command = '', args = [], env = {} } = config ?? {};
  const transport = new StdioClientTransport({
    command,
    args: [...args, '--sandbox'],
    env: { PATH, HOME, ...env },
    stderr: 'ignore',
  });
  await connected(transport, '2026', (client) => call(client, 'list_clusters'));
  say('bundle: asks for the token, installs and answers');
}

async function smokeEverywhere(program: string) {
  for (const version of VERSIONS) await smokeOn(version, nodeAt(version), program);
  for (const version of TOO_OLD) {
    refuse(nodeAt(version), program);
    say(`Node ${version}: refused, with both versions named`);
  }
  await smokeBundle();
}

async function smokeOn(version: string, node: string, program: string) {
  await smoke(version, node, program);
  say(`Node ${run(node, ['--version']).trim()}: over stdio, HTTP and SSE, and the sandbox by itself`);
}

try {
  assert.deepEqual(packages, [packageJson.name]);
  say(`installed: 1 package, ${Math.round(size / 1000)} kB unpacked`);
  const program = file(packageJson.bin['ionos-postgres-mcp']);
  const [present = ''] = process.versions.node.split('.');
  if (process.argv.includes('--here')) await smokeOn(present, process.execPath, program);
  else await smokeEverywhere(program);
} finally {
  for (const each of [copy, folder, HOME]) rmSync(each, { recursive: true });
}
