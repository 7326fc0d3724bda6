import { type ClusterProperties, createSandbox, type Sandbox } from '../../src/sandbox/index.ts';
import type { Clock } from './clock.ts';
import { GENERATED } from './writes.ts';

/** A Tuesday, two days after Europe's clocks went back; 16 days before PostgreSQL 14 has its last release. */
export const NOW = Date.parse('2026-10-27T09:30:00Z');
export const TIME_ZONE = 'Europe/Berlin';
export const SETTLE_MS = 20_000;

const DAY = 86_400_000;
const HOUR = 3_600_000;
const BEGINNING = NOW - 60 * DAY;

const SHOP = '6e1f4b0d-93a7-4c28-8d15-70b2f9ce3a46';
const ANALYTICS = 'd41f7a90-2e6b-4c35-97d8-0b5a1c3e8f27';
const OFFICE = '0a8d6c1f-5b92-4e7a-8c43-f6e20d917b35';
const STAGING = '3c95b7d2-6a40-4f18-b2e7-91d8c0f4a563';

/** Of the sandbox's examples. */
export const DATA_CENTERS: ReadonlyMap<string, string> = new Map([
  [SHOP, 'shop'],
  [ANALYTICS, 'analytics'],
  [OFFICE, 'office'],
  [STAGING, 'staging'],
]);

/** For which `passwordEnv` there are passwords. */
export const PASSWORDS = { NEW_DB_PASSWORD: 'a-password-of-the-evaluations' };

/** Whether the server made it up, and not the model. */
export const isGenerated = (password: unknown) => password === GENERATED;

/** A cluster that no longer exists. Its backup does. */
export const WIKI = 'f0b6d2c8-47e1-4a95-8d3b-2c9e7a1f5064';
export const WIKI_DELETED_AT = Date.parse('2026-10-25T16:00:00Z');
export const WIKI_BACKUP = `${WIKI}-k3n8p5q-15`;
const BILLING = '2d9c4e71-b8a3-4f60-95d7-1e8b3a6c0f42';
export const BILLING_BACKUP = `${BILLING}-h2v7x4c-15`;

interface Seed extends Partial<ClusterProperties> {
  id: string;
  displayName: string;
  /** The random part of the ID of its backup. */
  backupWord: string;
  users: readonly string[];
  /** Their names, each with its owner. */
  databases: Readonly<Record<string, string>>;
}

const on = (datacenterId: string, lanId: string, cidr: string) => [{ datacenterId, lanId, cidr }];

const SEEDS: readonly Seed[] = [
  {
    id: '4b7e1a90-c3d5-4628-9f0e-7a2b8d6c1e35',
    backupWord: 'r9t2m6w',
    ...{ displayName: 'orders-staging', postgresVersion: '16', location: 'de/fra', storageType: 'SSD Standard' },
    connections: on(STAGING, '1', '10.12.30.11/24'),
    users: ['orders_owner', 'etl'],
    databases: { shop: 'orders_owner' },
  },
  {
    id: '91f3c6d8-0e4a-4b72-a5c9-3d7f8b2e6104',
    backupWord: 'p4j8d1n',
    ...{ displayName: 'orders-archive', postgresVersion: '15', location: 'gb/lhr', storageType: 'HDD' },
    ...{ ram: 8192, storageSize: 204_800 },
    connections: on(OFFICE, '1', '172.16.20.7/22'),
    users: ['archive_owner', 'auditor'],
    databases: { orders_2023: 'archive_owner', orders_2024: 'archive_owner', ledger: 'archive_owner' },
  },
  {
    id: BILLING,
    backupWord: 'h2v7x4c',
    ...{ displayName: 'billing', postgresVersion: '15', location: 'de/txl' },
    ...{ instances: 2, cores: 4, ram: 16_384, storageSize: 102_400 },
    connections: on(SHOP, '2', '192.168.1.101/24'),
    users: ['billing_owner', 'invoicing'],
    databases: { ledger: 'billing_owner', invoices: 'invoicing' },
  },
  {
    id: 'c85a2f14-6d9b-4e03-b7f1-5a0c9e3d7268',
    backupWord: 'y6g3s0k',
    ...{ displayName: 'webshop-prod', postgresVersion: '16', location: 'de/fra' },
    ...{ instances: 3, cores: 4, ram: 16_384, storageSize: 81_920 },
    ...{ synchronizationMode: 'STRICTLY_SYNCHRONOUS', connectionPooler: { enabled: true, poolMode: 'transaction' } },
    connections: on(ANALYTICS, '4', '10.7.222.12/24'),
    users: ['web_owner', 'cms'],
    databases: { shop: 'web_owner', sessions: 'web_owner' },
  },
  {
    id: 'a3d60b59-8f27-4c1e-90ab-e4c7d2f58b13',
    backupWord: 'u7f1b9e',
    ...{ displayName: 'auth-prod', postgresVersion: '17', location: 'de/txl' },
    ...{ instances: 2, cores: 2, ram: 8192, storageSize: 30_720 },
    connections: on(SHOP, '2', '192.168.1.102/24'),
    users: ['auth_owner', 'sso'],
    databases: { identities: 'auth_owner' },
  },
  {
    id: '7e0f9b26-a5c4-4d38-8e61-b9d3f7a0c852',
    backupWord: 'c5w8l2v',
    ...{ displayName: 'reporting', postgresVersion: '16', location: 'de/fra', storageType: 'SSD Standard' },
    ...{ cores: 8, ram: 32_768, storageSize: 204_800 },
    connections: on(STAGING, '1', '10.12.30.12/24'),
    users: ['reporting_owner', 'dashboards'],
    databases: { reports: 'reporting_owner' },
  },
  {
    id: WIKI,
    backupWord: 'k3n8p5q',
    ...{ displayName: 'wiki', postgresVersion: '15', location: 'de/fra', storageType: 'SSD Standard' },
    connections: on(STAGING, '1', '10.12.30.13/24'),
    users: ['wiki_owner'],
    databases: { wiki: 'wiki_owner' },
  },
];

const IDS = new Map(SEEDS.map(({ id, displayName }) => [displayName, id]));

/** What happened since, in Berlin an hour later than in UTC. */
const EVENTS: readonly [at: string, method: string, cluster: string, path: string, properties?: object][] = [
  ['2026-10-22T08:00:00Z', 'PATCH', 'webshop-prod', '', { postgresVersion: '17' }],
  [new Date(WIKI_DELETED_AT).toISOString(), 'DELETE', 'wiki', ''],
  ['2026-10-26T12:20:00Z', 'POST', 'billing', '/users', { username: 'migrator', password: 'seeded-password' }],
  ['2026-10-26T13:40:00Z', 'POST', 'billing', '/databases', { name: 'invoices_tmp', owner: 'migrator' }],
  ['2026-10-26T14:10:00Z', 'DELETE', 'billing', '/databases/invoices'],
  ['2026-10-27T09:29:55Z', 'PATCH', 'auth-prod', '/users/sso', { password: 'seeded-password' }],
];

export interface EvalsWorld {
  sandbox: Sandbox;
  clock: Clock;
}

/** Twelve clusters, the same in every run: five examples of the sandbox, six of version 1 and one of version 2. */
export async function createWorld(clock: Clock): Promise<EvalsWorld> {
  clock.jumpTo(BEGINNING);
  const sandbox = createSandbox({ clock: clock.now, settleMs: SETTLE_MS });
  async function send(method: string, path: string, properties?: object) {
    const response = await sandbox.fetch(apiRequest(method, path, properties));
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  }

  for (const { id, backupWord, users, databases, ...properties } of SEEDS) {
    sandbox.addCluster(properties, { id, backupWord });
    for (const username of users) {
      await send('POST', `/clusters/${id}/users`, { username, password: 'seeded-password' });
      clock.pass(HOUR);
    }
    for (const [name, owner] of Object.entries(databases)) {
      await send('POST', `/clusters/${id}/databases`, { name, owner });
      clock.pass(HOUR);
    }
  }
  sandbox.addV2Cluster(
    { name: 'sensors', version: '16', connection: { ...v2Place, primaryInstanceAddress: '192.168.1.103/24' } },
    { id: 'e6b1d8f3-29a7-4c50-bd84-0f6a3c7e9d21', state: 'FAILED', statusMessage: 'The storage could not be attached' },
  );
  for (const [at, method, cluster, path, properties] of EVENTS) {
    clock.jumpTo(Date.parse(at));
    await send(method, `/clusters/${IDS.get(cluster)}${path}`, properties);
  }
  clock.jumpTo(NOW);
  return { sandbox, clock };
}

const v2Place = { datacenterId: SHOP, lanId: '2' };

/** Of version 1. */
export function apiRequest(method: string, path: string, properties?: object): Request {
  return new Request(`https://api.ionos.com/databases/postgresql${path}`, {
    method,
    headers: { authorization: 'Bearer of-the-evaluations', 'content-type': 'application/json' },
    body: properties && JSON.stringify({ properties }),
  });
}
