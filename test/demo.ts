// The life of a PostgreSQL cluster, told through the built server on its sandbox: npm run demo
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { order } from './helpers/orders.ts';

interface Cluster {
  id: string;
  metadata: { state: string };
  properties: Record<string, unknown>;
}
interface Written {
  outcome: string;
  cluster: Cluster;
}

const POLL_MS = 200;
const PATIENCE_MS = 10_000;

const transport = new StdioClientTransport({
  command: process.execPath,
  args: [fileURLToPath(new URL('../dist/index.js', import.meta.url)), '--sandbox', '--settle', '1'],
  stderr: 'pipe',
});
let log = '';
transport.stderr?.on('data', (chunk) => {
  log += chunk;
});
const client = new Client({ name: 'demo', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } });

const say = (line: string) => process.stdout.write(`${line}\n`);
let steps = 0;
function heading(words: string) {
  steps += 1;
  say(`\n${steps}. ${words}`);
}

function show(name: string, args: object) {
  say(`   → ${name} ${JSON.stringify(args, (key, value) => (key === 'password' ? '(hidden)' : value))}`);
}

const found = (words: string) => say(`   ← ${words}`);

/** Calls a tool; `text` is what a model reads. */
async function request(name: string, args: Record<string, unknown>) {
  const { isError = false, content, structuredContent } = await client.callTool({ name, arguments: args });
  const [first] = content;
  return { isError, text: first?.type === 'text' ? first.text : '', structuredContent };
}

async function call<T>(name: string, args: Record<string, unknown> = {}): Promise<T> {
  show(name, args);
  const { isError, text, structuredContent } = await request(name, args);
  assert.equal(isError, false, `${name} failed: ${text}`);
  return structuredContent as T;
}

/** Calls a tool that has to refuse. */
async function refused(name: string, args: Record<string, unknown>, words: RegExp) {
  show(name, args);
  const { isError, text } = await request(name, args);
  assert.ok(isError && words.test(text), `${name} should have been refused with ${words}: ${text}`);
  for (const line of text.split('\n')) found(line);
}

async function change(clusterId: string, properties: Record<string, unknown>) {
  const { outcome, cluster } = await call<Written>('update_cluster', { clusterId, ...properties });
  assert.equal(outcome, 'done');
  found(`${outcome}, the cluster is ${cluster.metadata.state}`);
  const after = await waitUntil(clusterId, 'AVAILABLE');
  for (const [name, value] of Object.entries(properties)) assert.equal(after?.properties[name], value, name);
  found(JSON.stringify(properties).replace(/[{}"]/g, '').replaceAll(',', ', ').replaceAll(':', ': '));
}

/** Reads the cluster until it is in this state, or gone. */
async function waitUntil(clusterId: string, wanted: 'AVAILABLE' | 'gone'): Promise<Cluster | undefined> {
  show('get_cluster', { clusterId });
  const started = Date.now();
  process.stdout.write('   …');
  for (let last = ''; Date.now() - started < PATIENCE_MS; await sleep(POLL_MS)) {
    const { isError, text } = await request('get_cluster', { clusterId });
    if (isError) assert.match(text, /^The API answered 404/);
    const cluster: Cluster | undefined = isError ? undefined : JSON.parse(text);
    const state = cluster?.metadata.state ?? 'gone';
    process.stdout.write(state === last ? '.' : ` ${state} `);
    last = state;
    if (state !== wanted) continue;
    say(`after ${((Date.now() - started) / 1000).toFixed(1)} s`);
    return cluster;
  }
  assert.fail(`The cluster is not ${wanted} after ${PATIENCE_MS / 1000} s`);
}

async function tell() {
  heading('Connect to the server');
  await client.connect(transport);
  const { tools } = await client.listTools();
  found(`protocol ${client.getNegotiatedProtocolVersion()}, ${tools.length} tools`);

  heading('Which clusters are there?');
  const { clusters } = await call<{ clusters: { displayName: string; state: string }[] }>('list_clusters');
  assert.equal(clusters.length, 3);
  found(clusters.map(({ displayName, state }) => `${displayName} (${state})`).join(', '));

  heading('Which PostgreSQL versions can a new one have?');
  const offered = await call<{ versions: string[] }>('list_postgres_versions');
  assert.ok(offered.versions.includes(order.postgresVersion));
  found(offered.versions.join(', '));

  heading('Order one, with a slip: sizes are in MB');
  await refused('create_cluster', { ...order, ram: 4 }, /ram \(4\).*4096/);

  heading('Order it properly');
  const { outcome, cluster } = await call<Written>('create_cluster', order);
  assert.equal(outcome, 'done');
  found(`${outcome}: ${cluster.id}, which is ${cluster.metadata.state}`);

  heading('Wait until it takes connections');
  const ready = await waitUntil(cluster.id, 'AVAILABLE');
  assert.match(String(ready?.properties.dnsName), /^pg-.*\.ionos\.com$/);
  found(`connect to ${ready?.properties.dnsName}`);

  heading('It does well: give it more of everything');
  await change(cluster.id, { instances: 2, cores: 4, ram: 8192, storageSize: 40960 });

  heading('Give it another name');
  await change(cluster.id, { displayName: 'shop-eu' });

  heading('Upgrade it: which versions can it have?');
  const { versions } = await call<{ versions: string[] }>('list_cluster_versions', { clusterId: cluster.id });
  assert.deepEqual(versions, ['17']);
  found(versions.join(', '));
  await change(cluster.id, { postgresVersion: '17' });

  heading('Delete it');
  const deleted = await call<Written>('delete_cluster', { clusterId: cluster.id });
  assert.equal(deleted.cluster.metadata.state, 'DESTROYING');
  found(`${deleted.outcome}, the cluster is ${deleted.cluster.metadata.state}`);
  await waitUntil(cluster.id, 'gone');
}

say('ionos-postgres-mcp on its sandbox: nothing here is real, and nothing costs money.');
try {
  await tell();
  say('\nAll as expected.');
} catch (error) {
  say(`\nNot as expected: ${error instanceof Error ? error.message : error}\n\nThe server's log:\n${log}`);
  process.exitCode = 1;
} finally {
  await client.close();
}
