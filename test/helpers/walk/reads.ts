import fc from 'fast-check';
import { expect } from 'vitest';
import * as z from 'zod';
import { hourlyCost, isPriced, perHour } from './costs.ts';
import {
  backupRow,
  byName,
  type Cluster,
  clusterRow,
  DAY_MS,
  databaseRow,
  isListed,
  SYSTEM_USERS,
  stateOf,
  userRow,
} from './model.ts';
import { MISSING, OFFERED } from './verdicts.ts';
import { type Rows, START, type World, withoutMakers } from './world.ts';

/** What a read is about: a cluster that may be gone, a user and a database that may be none, and a backup. */
export interface Subject {
  clusterId: string;
  username: string;
  name: string;
  backupId: string;
}

type Read = (world: World, subject: Subject, number: number) => Promise<void>;

/** Reads what is in a cluster, or hears that there is none. */
const inCluster =
  (tool: string, read: (world: World, cluster: Cluster, subject: Subject) => Promise<void>): Read =>
  async (world, subject) => {
    const cluster = world.account.find(subject.clusterId);
    if (cluster) return read(world, cluster, subject);
    const { username, name, clusterId } = subject;
    const inside = { get_user: { username }, get_database: { name } };
    await expectMissing(world, tool, { clusterId, ...inside[tool as keyof typeof inside] });
  };

async function expectMissing(world: World, tool: string, args: Record<string, unknown>): Promise<void> {
  const { text, result } = await world.read(tool, args);
  expect(result.isError, text).toBe(true);
  expect(text).toMatch(MISSING);
}

async function expectVersions(world: World, tool: string, args: Record<string, unknown>, versions: string[]) {
  expect((await world.read(tool, args)).data).toMatchObject({ versions });
}

/** As far as it is rounded. */
function expectCost(euros: unknown, units: number): void {
  expect(Math.abs(Number(euros) - perHour(units)), `${euros} EUR per hour`).toBeLessThan(0.000_000_6);
}

const newerThan = (present: string) => OFFERED.filter((version) => Number(version) > Number(present));
const STATES = ['AVAILABLE', 'GONE', 'BUSY', 'DESTROYING'];

/** Every tool that reads, each with what it has to tell. */
export const reads: Record<string, Read> = {
  async list_clusters(world, _, limit) {
    const [{ properties: { displayName = 'o' } = {} } = {}] = world.account.present().slice(-1);
    const name = displayName.slice(0, 2).toUpperCase();
    const rows = await world.list('list_clusters', { name, limit: limit + 1 }, 'clusters');
    const named = world.account
      .present()
      .filter(({ properties }) => properties.displayName.toUpperCase().includes(name));
    const summaries = named.map((cluster) => {
      const { id, state, displayName, postgresVersion, location, instances } = clusterRow(cluster);
      return { id, state, displayName, postgresVersion, location, instances };
    });
    expect(rows).toEqual(summaries);
  },

  get_cluster: inCluster('get_cluster', async (world, cluster) => {
    const { id, metadata, properties, connection } = Object(
      (await world.read('get_cluster', { clusterId: cluster.id })).data,
    );
    expect(withoutMakers({ id, ...metadata, ...properties })).toEqual(clusterRow(cluster));
    expect(connection !== undefined).toBe(properties.dnsName !== undefined);
  }),

  list_postgres_versions: (world) => expectVersions(world, 'list_postgres_versions', {}, OFFERED),
  list_versions: (world) => expectVersions(world, 'list_versions', {}, OFFERED),

  async get_account(world) {
    const { data } = await world.read('get_account', {});
    const [{ contract, quota }] = Object(data).accounts as [
      { contract: string; quota: { of: string; used: number }[] },
    ];
    expect(contract).toBe('31234567');
    expect(quota.find(({ of }) => of === 'PostgreSQL clusters')?.used).toBeGreaterThanOrEqual(
      world.account.present().length,
    );
  },

  async list_network_options(world) {
    const { data } = await world.read('list_network_options', { datacenterId: 'shop' });
    const places = data?.lans as { id: string; clusters?: string[] }[];
    const attached = world.account
      .present()
      .filter(
        ({ properties }) =>
          properties.connections[0]?.lanId === '2' &&
          properties.connections[0].datacenterId === Object(data?.datacenter).id,
      )
      .map(({ id, properties: { displayName, connections } }) => `${displayName} ${id} ${connections[0]?.cidr}`);
    expect(places.flatMap(({ clusters = [] }) => clusters).sort()).toEqual(attached.sort());
  },

  list_cluster_versions: inCluster(
    'list_cluster_versions',
    (world, { id: clusterId, properties: { postgresVersion } }) => {
      return expectVersions(world, 'list_cluster_versions', { clusterId }, newerThan(postgresVersion));
    },
  ),

  list_cluster_postgres_versions: inCluster(
    'list_cluster_postgres_versions',
    (world, { id: clusterId, properties: { postgresVersion } }) => {
      const versions = [postgresVersion, ...newerThan(postgresVersion)];
      return expectVersions(world, 'list_cluster_postgres_versions', { clusterId }, versions);
    },
  ),

  async wait_for_cluster(world, { clusterId }, wait) {
    const until = STATES[wait % STATES.length] ?? '';
    const was = world.account.find(clusterId);
    const { data, text, startedAt } = await world.read('wait_for_cluster', { clusterId, until, wait });
    if (!was && until !== 'GONE') return void expect(text).toMatch(MISSING);
    const cluster = world.account.find(clusterId);
    const state = cluster ? stateOf(cluster) : 'GONE';
    const waited = (Date.now() - startedAt) / 1000;
    const isDoubted = until === 'AVAILABLE' && waited < 5 && data?.outcome === 'waiting';
    const outcome = state === until && !isDoubted ? 'reached' : cluster ? 'waiting' : 'gone';
    expect(data).toMatchObject({ outcome, state, seconds: Math.round(waited) });
    expect(waited).toBeLessThanOrEqual(wait + 1);
    if (outcome === 'waiting') expect(waited).toBeGreaterThanOrEqual(wait);
  },

  async estimate_cost(world) {
    const { data } = await world.read('estimate_cost', {});
    const rows = new Map((data as Rows).estimates?.map(({ id, ...cost }) => [id, cost]));
    const clusters = world.account.present();
    expect([...rows.keys()].sort()).toEqual(clusters.map(({ id }) => id).sort());
    const priced = clusters.filter(({ properties }) => isPriced(world.settings, properties));
    for (const cluster of clusters) {
      const cost = rows.get(cluster.id);
      if (priced.includes(cluster)) expectCost(cost?.perHour, hourlyCost(cluster.properties));
      else expect(cost).toMatchObject({ unknown: expect.any(String) });
    }
    // Some may be on v2, which is not asked here.
    const [total] = (data as Rows).totals ?? [];
    const unknownClusters = clusters.length - priced.length;
    expect(total).toMatchObject({ clusters: clusters.length, ...(unknownClusters > 0 && { unknownClusters }) });
    const [, sum] = /: (\S+) EUR per hour/.exec(String(total?.unknown)) ?? [];
    const units = priced.reduce((all, { properties }) => all + hourlyCost(properties), 0);
    if (priced.length > 0) expectCost(sum, units);
  },

  async get_api_version(world, _, wait) {
    const all = wait % 2 === 0;
    const { data } = await world.read('get_api_version', { all });
    expect(data).toEqual(all ? { versions: [expect.any(String)] } : { version: expect.any(String) });
  },

  async list_backups(world, _, limit) {
    const rows = await world.list('list_backups', { limit: limit + 1 }, 'backups');
    const listed = world.account.backups.filter((backup) => isListed(backup));
    expect(rows).toEqual(listed.map((backup) => backupRow(backup, world.account.backups)));
  },

  list_cluster_backups: inCluster('list_cluster_backups', async (world, { id: clusterId }) => {
    const rows = await world.list('list_cluster_backups', { clusterId }, 'backups');
    const listed = world.account.backups.filter((backup) => backup.clusterId === clusterId && isListed(backup));
    expect(rows).toEqual(listed.map((backup) => backupRow(backup, world.account.backups)));
  }),

  async get_backup(world, { backupId }) {
    const backup = world.account.backups.find(({ id }) => id === backupId);
    if (!backup || !isListed(backup)) return expectMissing(world, 'get_backup', { backupId });
    const { data } = await world.read('get_backup', { backupId });
    // The call may have taken a second attempt, and its end is not the moment of its answer.
    const { now } = z.object({ now: z.iso.datetime() }).parse(data);
    expect(data).toEqual({ ...backupRow(backup, world.account.backups, Date.parse(now)), now });
  },

  list_users: inCluster('list_users', async (world, cluster) => {
    const rows = await world.list('list_users', { clusterId: cluster.id, system: true, limit: 2 }, 'users');
    const all = byName([...world.account.content(cluster).users, ...SYSTEM_USERS.map((name) => ({ name }))]);
    expect(rows.map(({ username }) => username)).toEqual(all.map(({ name }) => name));
    expect(rows.filter(({ system }) => system).map(({ username }) => username)).toEqual(SYSTEM_USERS);
  }),

  get_user: inCluster('get_user', async (world, cluster, { username }) => {
    const args = { clusterId: cluster.id, username };
    const user = world.account.content(cluster).users.find(({ name }) => name === username);
    if (!user && !SYSTEM_USERS.includes(username)) return expectMissing(world, 'get_user', args);
    const { data } = await world.read('get_user', args);
    if (user) expect(withoutMakers(data ?? {})).toEqual(userRow(user));
    else expect(data).toMatchObject({ username, system: true });
  }),

  list_databases: inCluster('list_databases', async (world, cluster) => {
    const rows = await world.list('list_databases', { clusterId: cluster.id, limit: 1 }, 'databases');
    expect(rows.map(withoutMakers)).toEqual(byName(world.account.content(cluster).databases).map(databaseRow));
  }),

  get_database: inCluster('get_database', async (world, cluster, { name }) => {
    const args = { clusterId: cluster.id, name };
    const database = world.account.content(cluster).databases.find((one) => one.name === name);
    if (!database) return expectMissing(world, 'get_database', args);
    expect(withoutMakers((await world.read('get_database', args)).data ?? {})).toEqual(databaseRow(database));
  }),

  get_cluster_logs: inCluster('get_cluster_logs', async (world, { id: clusterId, statements }) => {
    const since = Date.now() - 29 * DAY_MS;
    const start = new Date(Math.max(since, START + 1)).toISOString();
    const { data, text } = await world.read('get_cluster_logs', {
      clusterId,
      start,
      direction: 'FORWARD',
      contains: 'statement: ',
    });
    const told = statements.filter(([at]) => at >= Date.parse(start) && at <= Date.now());
    if (!data) throw new Error(text);
    const { lines = [] }: Partial<Rows> = Object(data);
    expect(lines.map(({ message }) => message)).toEqual(told.map(([, words]) => `LOG:  statement: ${words}`));
  }),
};

/** Each resource, with the tool that reads the same. */
const RESOURCES: Record<string, (subject: Subject) => [tool: string, args: Record<string, unknown>]> = {
  versions: () => ['list_postgres_versions', {}],
  'clusters/{}': ({ clusterId }) => ['get_cluster', { clusterId }],
  'clusters/{}/versions': ({ clusterId }) => ['list_cluster_versions', { clusterId }],
  'clusters/{}/backups': ({ clusterId }) => ['list_cluster_backups', { clusterId }],
  'clusters/{}/users': ({ clusterId }) => ['list_users', { clusterId }],
  'clusters/{}/users/{username}': ({ clusterId, username }) => ['get_user', { clusterId, username }],
  'clusters/{}/databases': ({ clusterId }) => ['list_databases', { clusterId }],
  'clusters/{}/databases/{name}': ({ clusterId, name }) => ['get_database', { clusterId, name }],
};

export const resourcePaths = fc.constantFrom(...Object.keys(RESOURCES));

/** A resource tells what its tool tells, or fails with it. */
export async function readResource(world: World, path: string, subject: Subject): Promise<void> {
  const [tool, args] = RESOURCES[path]?.(subject) ?? [''];
  const { data } = await world.read(tool, args ?? {});
  const place = path
    .replace('{}', subject.clusterId)
    .replace('{username}', () => encodeURIComponent(subject.username))
    .replace('{name}', () => encodeURIComponent(subject.name));
  const read = () => world.client.readResource({ uri: `ionos-postgresql://${place}` }, { cacheMode: 'bypass' });
  const { done, writes, lines } = await world.observe(() => read().catch((error: unknown) => ({ error })));
  expect(writes).toEqual([]);
  expect(lines).toMatchObject([{ outcome: data ? 'done' : 'failed' }]);
  if ('error' in done) return void expect(data, String(done.error)).toBeUndefined();
  const [first] = done.contents;
  const content: object | undefined = first && 'text' in first ? JSON.parse(first.text) : undefined;
  // The present time goes on between the two.
  expect({ ...content, now: 0 }).toEqual({ ...data, now: 0 });
}
