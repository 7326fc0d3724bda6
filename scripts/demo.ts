// The life of a PostgreSQL cluster, told through the built server on its sandbox: npm run demo
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client, type ElicitResult } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { order } from '../test/helpers/orders.ts';

interface Cluster {
  id: string;
  metadata: { state: string };
  properties: Record<string, unknown>;
}
interface Written {
  outcome: string;
  cluster: Cluster;
  plan?: { summary: string; changes?: { property: string; from?: string; to: string }[]; effects: string[] };
  note?: string;
}
interface Waited {
  outcome: string;
  state: string;
  seconds: number;
  dnsName?: string;
}

const folder = mkdtempSync(path.join(tmpdir(), 'ionos-postgres-mcp-demo-'));
const transport = new StdioClientTransport({
  command: process.execPath,
  args: [
    fileURLToPath(new URL('../dist/index.js', import.meta.url)),
    '--sandbox',
    '--settle',
    '3',
    '--credentials-dir',
    folder,
  ],
  stderr: 'pipe',
});
let log = '';
transport.stderr?.on('data', (chunk) => {
  log += chunk;
});
const client = new Client(
  { name: 'demo', version: '1.0.0' },
  { versionNegotiation: { mode: 'auto' }, capabilities: { elicitation: {} } },
);

/** Whom the server asks; each question gets the next answer. */
const answers: ElicitResult[] = [];
client.setRequestHandler('elicitation/create', ({ params: { message } }) => {
  const answer = answers.shift() ?? { action: 'cancel' };
  for (const line of message.split('\n')) say(`   ? ${line}`);
  say(`   ! ${answer.action}${answer.content ? ` ${JSON.stringify(answer.content)}` : ''}`);
  return answer;
});

const UUID = /\b([\da-f]{8})(?:-[\da-f]{4}){3}-[\da-f]{12}/g;

/** Cuts IDs, since lines are to be read, and nobody can use an ID once the sandbox is gone. */
const say = (line: string) => process.stdout.write(`${line.replace(UUID, '$1…')}\n`);
let steps = 0;
function heading(words: string) {
  steps += 1;
  say(`\n${steps}. ${words}`);
}

function show(name: string, args: object) {
  say(`   → ${name} ${JSON.stringify(args, (key, value) => (key === 'password' ? '(hidden)' : value))}`);
}

const found = (words: string) => say(`   ← ${words}`);

/** All that has come out of the server, but for its log. */
let seen = '';

/** Calls a tool; `text` is what a model reads. */
async function request(name: string, args: Record<string, unknown>) {
  let shown = '';
  const onprogress = ({ message = '' }: { message?: string }) => {
    const [state = '', since] = message.split(', ');
    if (since !== undefined && state !== shown) say(`   … ${message}`);
    shown = state;
    seen += message;
  };
  const result = await client.callTool({ name, arguments: args }, { onprogress });
  const { isError = false, content, structuredContent } = result;
  seen += JSON.stringify(result);
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
  const { outcome, cluster } = await call<Written>('update_cluster', { clusterId, ...properties, wait: 30 });
  assert.equal(outcome, 'done');
  assert.equal(cluster.metadata.state, 'AVAILABLE');
  for (const [name, value] of Object.entries(properties)) assert.equal(cluster.properties[name], value, name);
  found(`${outcome}: ${JSON.stringify(properties).replace(/[{}"]/g, '').replaceAll(',', ', ').replaceAll(':', ': ')}`);
}

/** Waits, with progress, until the cluster is in this state. */
async function waitUntil(clusterId: string, until: 'AVAILABLE' | 'GONE'): Promise<Waited> {
  const waited = await call<Waited>('wait_for_cluster', { clusterId, until });
  assert.equal(waited.outcome, 'reached');
  found(`${waited.state} after ${waited.seconds} s`);
  return waited;
}

async function databasesOf(clusterId: string): Promise<string> {
  const { databases } = await call<{ databases: { name: string; owner: string }[] }>('list_databases', { clusterId });
  return databases.map(({ name, owner }) => `${name} (of ${owner})`).join(', ');
}

/** A moment to which the cluster can be restored, as soon as there is one. */
async function momentInBackup(clusterId: string): Promise<string> {
  for (;;) {
    const { structuredContent } = await request('list_cluster_backups', { clusterId });
    const { backups } = structuredContent as { backups: { isActive: boolean; earliestRecoveryTargetTime?: string }[] };
    const earliest = backups.find(({ isActive }) => isActive)?.earliestRecoveryTargetTime;
    if (earliest !== undefined && Date.parse(earliest) < Date.now()) return new Date().toISOString();
    await setTimeout(200);
  }
}

/** A private LAN with a free address in a data center there. */
async function placeIn(location: string): Promise<{ datacenterId: string; lanId: string }> {
  const { datacenters } = await call<{ datacenters: { id: string; name: string }[] }>('list_network_options', {
    filter: location,
  });
  const { id: datacenterId } = datacenters.find(({ name }) => name === 'staging') ?? assert.fail('no data center');
  const { lans } = await call<{ lans: { id: string; name: string; freeAddresses: string[] }[] }>(
    'list_network_options',
    { datacenterId },
  );
  const { id: lanId, name, freeAddresses } = lans.find((lan) => lan.freeAddresses?.length > 0) ?? assert.fail('no LAN');
  found(`the LAN ${name} of staging, where ${freeAddresses.join(', ')} are free`);
  return { datacenterId, lanId };
}

async function tell() {
  heading('Connect to the server');
  await client.connect(transport);
  const { tools } = await client.listTools();
  found(`protocol ${client.getNegotiatedProtocolVersion()}, ${tools.length} tools`);

  heading('Which clusters are there?');
  const { clusters } = await call<{ clusters: { displayName: string; state: string }[] }>('list_clusters');
  assert.equal(clusters.length, 5);
  found(clusters.map(({ displayName, state }) => `${displayName} (${state})`).join(', '));

  heading('Which PostgreSQL versions can a new one have?');
  const offered = await call<{ versions: string[] }>('list_postgres_versions');
  assert.ok(offered.versions.includes(order.postgresVersion));
  found(offered.versions.join(', '));

  heading('Order one, with a slip: sizes are in MB');
  await refused('create_cluster', { ...order, ram: 4 }, /ram \(4\).*4096/);

  heading('A small staging cluster in Frankfurt: where is there room?');
  const place = await placeIn('de/fra');

  heading('What would it be? A preview changes nothing');
  const username = order.credentials.username;
  const wish = { displayName: 'staging', connections: [place], credentials: { username } };
  const preview = await call<Written>('create_cluster', { ...wish, dryRun: true });
  assert.equal(preview.outcome, 'preview');
  for (const line of [preview.plan?.summary ?? '', ...(preview.plan?.effects ?? [])]) found(line);

  heading(
    'Order one like orders: a person sees the price and agrees. The server makes its password and keeps it to itself',
  );
  answers.push({ action: 'accept', content: { confirm: true } });
  const wanted = { displayName: order.displayName, copyOf: 'orders', credentials: { username } };
  const { outcome, cluster, note = '' } = await call<Written>('create_cluster', wanted);
  assert.equal(outcome, 'started');
  found(`${outcome}: ${cluster.id}, which is ${cluster.metadata.state}`);
  const [file = ''] = readdirSync(folder);
  const kept: { password: string } = JSON.parse(readFileSync(path.join(folder, file), 'utf8'));
  assert.equal(kept.password.length, 32);
  assert.ok(note.includes(path.join(folder, file)));
  if (process.platform !== 'win32') assert.equal(statSync(path.join(folder, file)).mode & 0o777, 0o600);
  found(`its password is in ${file}, which only this user can read`);

  heading('Wait until it accepts connections');
  const ready = await waitUntil(cluster.id, 'AVAILABLE');
  assert.match(String(ready.dnsName), /^pg-.*\.ionos\.com$/);
  found(`connect to ${ready.dnsName}`);

  heading('Make it larger: a person has to agree, since it costs more');
  answers.push({ action: 'accept', content: { confirm: true } });
  await change(cluster.id, { instances: 2, cores: 4, ram: 8192 });

  heading('Upgrade it: a person has to agree');
  const { versions } = await call<{ versions: string[] }>('list_cluster_versions', { clusterId: cluster.id });
  assert.deepEqual(versions, ['17']);
  answers.push({ action: 'accept', content: { confirm: true } });
  await change(cluster.id, { postgresVersion: '17' });

  heading('Give an application its user and its database');
  await call<Written>('create_user', { clusterId: cluster.id, username: 'web' });
  await waitUntil(cluster.id, 'AVAILABLE');
  await call<Written>('create_database', { clusterId: cluster.id, name: 'carts', owner: 'web' });
  found(`${await databasesOf(cluster.id)}; the password of web is in its own file`);

  heading('Someone deletes the database by mistake');
  const lastGoodMoment = await momentInBackup(cluster.id);
  answers.push({ action: 'accept', content: { name: 'carts' } });
  await call<Written>('delete_database', { clusterId: cluster.id, name: 'carts' });
  const { lines } = await call<{ lines: { message: string }[] }>('get_cluster_logs', {
    clusterId: cluster.id,
    start: '-1h',
    contains: 'drop database',
  });
  assert.equal(lines.length, 1);
  found(`the log says: ${lines[0]?.message}`);

  heading('Bring it back: restore the cluster to the moment before');
  const backups = await call<{ backups: { id: string; isActive: boolean }[] }>('list_cluster_backups', {
    clusterId: cluster.id,
  });
  const backupId = backups.backups.find(({ isActive }) => isActive)?.id;
  answers.push({ action: 'accept', content: { name: order.displayName } });
  await call<Written>('restore_cluster', { clusterId: cluster.id, backupId, recoveryTargetTime: lastGoodMoment });
  await waitUntil(cluster.id, 'AVAILABLE');
  assert.match(await databasesOf(cluster.id), /carts/);
  found(await databasesOf(cluster.id));

  heading('Delete its database? The person says no');
  answers.push({ action: 'decline' });
  const declined = await call<Written>('delete_database', { clusterId: cluster.id, name: 'carts' });
  assert.equal(declined.outcome, 'declined');
  found(`${declined.outcome}: ${declined.note}`);

  heading('Delete the cluster: the person types its name');
  answers.push({ action: 'accept', content: { name: order.displayName } });
  const deleted = await call<Written>('delete_cluster', { clusterId: cluster.id });
  assert.equal(deleted.cluster.metadata.state, 'DESTROYING');
  found(`${deleted.outcome}, the cluster is ${deleted.cluster.metadata.state}`);
  await waitUntil(cluster.id, 'GONE');

  heading('Search everything that was sent and logged for a password');
  const passwords = readdirSync(folder).map(
    (each) => JSON.parse(readFileSync(path.join(folder, each), 'utf8')).password,
  );
  assert.equal(passwords.length, 2);
  for (const password of passwords) assert.ok(!(seen + log).includes(password));
  found(`${seen.length + log.length} characters searched`);
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
  rmSync(folder, { recursive: true });
}
