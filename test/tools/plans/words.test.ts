import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Fetch } from '../../../src/api/client.ts';
import { createSandbox } from '../../../src/sandbox/index.ts';
import { ANALYTICS, ago, BACKUP, DAY, HOUR, OF_ANALYTICS, ORDERS } from '../../helpers/backups.ts';
import { order } from '../../helpers/orders.ts';
import { planOf } from '../../helpers/plans.ts';

// The sentences of every kind of plan, once. All other tests of plans hold facts.

const MINUTE = 60_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-03-04T12:00:00Z') });
  onTestFinished(() => void vi.useRealTimers());
});

/** A plan as a person reads it, line by line. */
async function linesOf(...call: Parameters<typeof planOf>): Promise<string> {
  const { summary, changes = [], effects } = await planOf(...call);
  const lines = changes.map(({ property, from = 'unknown', to }) => `${property}: ${from} → ${to}`);
  return [summary, ...lines, ...effects].join('\n');
}

interface Told {
  state?: string;
  createdDate?: string;
  properties?: object;
  backups?: object[];
  databases?: object[];
}

/** An API that tells this of one cluster and what belongs to it; what is left out cannot be read. */
function telling({ state = 'AVAILABLE', createdDate, properties = {}, backups, databases }: Told): Fetch {
  return async ({ url }) => {
    const { pathname } = new URL(url);
    const [last = '', before] = pathname.split('/').reverse();
    const list = { backups, databases }[last];
    if (list) return Response.json({ items: list });
    if (last === 'backups' || last === 'databases') return Response.json({}, { status: 403 });
    if (last === 'versions') return Response.json({ data: [{ name: '17' }] });
    if (before === 'backups') return Response.json(backups?.find((each) => Object(each).id === last));
    if (before === 'databases') return Response.json({ metadata: {}, properties: { name: last, owner: 'owner' } });
    if (before === 'users') return Response.json({ metadata: {}, properties: { username: last } });
    return Response.json({ id: last, metadata: { state, createdDate }, properties });
  };
}

const backupOf = (clusterId: string, id: string, { began = 6 * DAY, ...properties }: Record<string, unknown>) => ({
  id,
  metadata: { state: 'AVAILABLE', createdDate: ago(Number(began)) },
  properties: { clusterId, version: '16', earliestRecoveryTargetTime: ago(Number(began) - HOUR), ...properties },
});

describe('an order', () => {
  test('of several instances', async () => {
    expect(await linesOf('create_cluster', { ...order, instances: 3, cores: 4 })).toMatchInlineSnapshot(`
      "Order the PostgreSQL 16 cluster shop in de/txl, which costs money until it is deleted.
      displayName: unknown → shop
      postgresVersion: unknown → 16
      location: unknown → de/txl
      instances: unknown → 3
      cores: unknown → 4
      ram: unknown → 4096
      storageSize: unknown → 20480
      synchronizationMode: unknown → ASYNCHRONOUS
      storageType: unknown → SSD Premium
      connections: unknown → [object Object]
      username: unknown → shop_owner
      backupLocation: unknown → chosen by IONOS
      maintenanceWindow: unknown → chosen by IONOS
      connectionPooler: unknown → chosen by IONOS
      Size: 3 × 4 cores, 4096 MB of memory and 20480 MB of storage; in total 12 cores, 12288 MB of memory and 61440 MB of storage.
      Cost: 0.732 EUR per hour, 527.04 EUR per 30 days.
      Estimated, without liability, from this server's own prices of 2026-11-01; per hour: 12 cores 0.60 EUR, 12 GB of memory 0.12 EUR, 60 GB of storage 0.012 EUR. Not included: traffic, backup storage and VAT.
      The data center and the LAN could not be read (403): whether they exist, and whether 192.168.1.9/24 is free, was not checked."
    `);
  });

  test('says of a maintenance window that it is in UTC, and only of one', async () => {
    const maintenanceWindow = { time: '03:30:00', dayOfTheWeek: 'Sunday' };
    const sentence = /^The maintenance window is in UTC\.$/m;

    expect(await linesOf('create_cluster', { ...order, maintenanceWindow })).toMatch(sentence);
    expect(await linesOf('create_cluster', order)).not.toMatch(sentence);
    expect(await linesOf('update_cluster', { clusterId: ORDERS, maintenanceWindow })).toMatch(sentence);
    expect(await linesOf('update_cluster', { clusterId: ORDERS, cores: 4 })).not.toMatch(sentence);
    expect(await linesOf('delete_cluster', { clusterId: ORDERS })).not.toMatch(sentence);
  });

  test('that is like one before, with a password that is made, and with what IONOS may refuse', async () => {
    const sandbox = createSandbox();
    const { id } = sandbox.addCluster({ displayName: 'shop', location: 'de/txl' });
    const connections = [{ ...order.connections[0], cidr: '192.168.230.9/24' }];
    const credentials = { username: 'owner' };
    const rest = { ram: 2048, storageSize: 3_000_000, connections, credentials, dryRun: true };

    const lines = await linesOf('create_cluster', { ...order, ...rest }, { ...sandbox, credentialsDir: '/keys' });

    expect(lines.replaceAll(id, '(ID)')).toMatchInlineSnapshot(`
      "Order the PostgreSQL 16 cluster shop in de/txl, which costs money until it is deleted.
      displayName: unknown → shop
      postgresVersion: unknown → 16
      location: unknown → de/txl
      instances: unknown → 1
      cores: unknown → 2
      ram: unknown → 2048
      storageSize: unknown → 3000000
      synchronizationMode: unknown → ASYNCHRONOUS
      storageType: unknown → SSD Premium
      connections: unknown → [object Object]
      username: unknown → owner
      backupLocation: unknown → chosen by IONOS
      maintenanceWindow: unknown → chosen by IONOS
      connectionPooler: unknown → chosen by IONOS
      Size: 1 × 2 cores, 2048 MB of memory and 3000000 MB of storage.
      Cost: 0.705938 EUR per hour, 508.28 EUR per 30 days.
      Estimated, without liability, from this server's own prices of 2026-11-01; per hour: 2 cores 0.10 EUR, 2 GB of memory 0.02 EUR, 2929.69 GB of storage 0.585938 EUR. Not included: traffic, backup storage and VAT.
      The data center and the LAN could not be read (403): whether they exist, and whether 192.168.230.9/24 is free, was not checked.
      A strong password is generated and written to a new file in /keys, which only the user of this server can read.
      Without allowDuplicate it would not be sent: "shop" ((ID)) was ordered in this location less than 10 minutes ago, at 2026-03-04T12:00:00Z.
      IONOS may refuse less than 4096 MB of ram.
      The API documents a maximum storageSize of 2097152 MB.
      192.168.230.9/24 is in 10.208.0.0/12 or 192.168.230.0/24, which IONOS's manual (not the API) lists as blocked."
    `);
  });

  test('that is filled from a backup', async () => {
    const fromBackup = { backupId: OF_ANALYTICS, recoveryTargetTime: ago(HOUR) };

    expect(await linesOf('create_cluster', { ...order, fromBackup })).toMatchInlineSnapshot(`
      "Order the PostgreSQL 16 cluster shop in de/txl, which costs money until it is deleted.
      displayName: unknown → shop
      postgresVersion: unknown → 16
      location: unknown → de/txl
      instances: unknown → 1
      cores: unknown → 2
      ram: unknown → 4096
      storageSize: unknown → 20480
      synchronizationMode: unknown → ASYNCHRONOUS
      storageType: unknown → SSD Premium
      connections: unknown → [object Object]
      username: unknown → shop_owner
      backupLocation: unknown → chosen by IONOS
      maintenanceWindow: unknown → chosen by IONOS
      connectionPooler: unknown → chosen by IONOS
      Size: 1 × 2 cores, 4096 MB of memory and 20480 MB of storage.
      Cost: 0.144 EUR per hour, 103.68 EUR per 30 days.
      Estimated, without liability, from this server's own prices of 2026-11-01; per hour: 2 cores 0.10 EUR, 4 GB of memory 0.04 EUR, 20 GB of storage 0.004 EUR. Not included: traffic, backup storage and VAT.
      The data center and the LAN could not be read (403): whether they exist, and whether 192.168.1.9/24 is free, was not checked.
      Backup 7c9e2d54-8b1f-4a63-b0d7-5e3f19a8c462-d4k8w1z-15 of cluster 7c9e2d54-8b1f-4a63-b0d7-5e3f19a8c462, PostgreSQL 15, reaches from 2026-02-25T12:00:00Z until now; it is replayed up to, but not including, 2026-03-04T11:00:00.000Z.
      The content becomes one of PostgreSQL 16: a major upgrade, which cannot be undone and applications have to be ready for.
      The backup has 54480 MB (base backups and log together); the cluster has 20480 MB of storage. If the content of the backup does not fit, the restore fails."
    `);
  });
});

test('a change, each with its effects', async () => {
  const [connection] = order.connections;
  const three = { instances: 3, cores: 2, ram: 4096, storageSize: 20_480 };
  const changes: [present: object, wanted: object][] = [
    [{ postgresVersion: '16' }, { postgresVersion: '17' }],
    [{ connections: [connection] }, { connections: [] }],
    [{ connections: [] }, { connections: [connection] }],
    [{ connections: [connection] }, { connections: [{ ...connection, lanId: '7' }] }],
    [{ connections: [connection] }, { connections: [{ ...connection, cidr: '10.210.0.3/24' }] }],
    [{}, { storageSize: 30_720 }],
    [three, { cores: 4, ram: 8192 }],
    [three, { instances: 5 }],
    [{ ...three, synchronizationMode: 'STRICTLY_SYNCHRONOUS' }, { instances: 1 }],
    [
      { ...three, instances: 1 },
      { instances: 3, synchronizationMode: 'STRICTLY_SYNCHRONOUS' },
    ],
    [{ displayName: 'a' }, { displayName: 'b' }],
    [{}, { connectionPooler: { enabled: true } }],
  ];
  const lines = changes.map(([properties, wanted]) =>
    linesOf('update_cluster', { clusterId: 'c-1', ...wanted }, { fetch: telling({ properties }) }),
  );

  expect((await Promise.all(lines)).join('\n\n')).toMatchInlineSnapshot(`
    "Change the PostgreSQL cluster c-1.
    postgresVersion: 16 → 17
    The upgrade to another major version cannot be undone, takes minutes, and starts a new backup. The only way back is a new cluster from the present backup (fromBackup of create_cluster), as long as that is kept.
    IONOS does not document whether, or for how long, this interrupts the service.

    Change the PostgreSQL cluster c-1.
    connections: [object Object] → 
    The cluster is detached from its network: its databases are unreachable until it is attached again.

    Change the PostgreSQL cluster c-1.
    connections:  → [object Object]
    The cluster is attached to this LAN.
    The service is not interrupted.
    The data center and the LAN could not be read (403): whether they exist, and whether 192.168.1.9/24 is free, was not checked.

    Change the PostgreSQL cluster c-1.
    connections: [object Object] → [object Object]
    The cluster leaves its present LAN: clients there lose the connection. Its DNS name follows the new address within minutes.
    The data center and the LAN could not be read (403): whether they exist, and whether 192.168.1.9/24 is free, was not checked.

    Change the PostgreSQL cluster c-1.
    connections: [object Object] → [object Object]
    The address changes: open connections break. The DNS name follows within minutes.
    The data center and the LAN could not be read (403): whether they exist, and whether 10.210.0.3/24 is free, was not checked.
    10.210.0.3/24 is in 10.208.0.0/12 or 192.168.230.0/24, which IONOS's manual (not the API) lists as blocked.

    Change the PostgreSQL cluster c-1.
    storageSize: unknown → 30720
    Storage grows online, without downtime, and can never be reduced.
    The service is not interrupted.
    Size: ? × ? cores, ? MB of memory and 30720 MB of storage.
    The cost is not known: for cores, memory and storage, the size of the cluster is not known.

    Change the PostgreSQL cluster c-1.
    cores: 2 → 4
    ram: 4096 → 8192
    The nodes are replaced with one switchover: open connections break once.
    Size: 3 × 4 cores, 8192 MB of memory and 20480 MB of storage; in total 12 cores, 24576 MB of memory and 61440 MB of storage.
    The cost is not known: for storage, prices differ by storage type, and that of the cluster is not known.

    Change the PostgreSQL cluster c-1.
    instances: 3 → 5
    IONOS does not document whether, or for how long, this interrupts the service.
    Size: 5 × 2 cores, 4096 MB of memory and 20480 MB of storage; in total 10 cores, 20480 MB of memory and 102400 MB of storage.
    The cost is not known: for storage, prices differ by storage type, and that of the cluster is not known.

    Change the PostgreSQL cluster c-1.
    instances: 3 → 1
    Instances are removed. If one is the primary, a switchover follows, and open connections break once.
    No standby is left: if the only instance fails, the databases are unreachable until it is replaced.
    Size: 1 × 2 cores, 4096 MB of memory and 20480 MB of storage.
    The cost is not known: for storage, prices differ by storage type, and that of the cluster is not known.
    STRICTLY_SYNCHRONOUS with 1 instances: it needs at least 3 instances; with fewer the database can become read-only.

    Change the PostgreSQL cluster c-1.
    instances: 1 → 3
    synchronizationMode: unknown → STRICTLY_SYNCHRONOUS
    IONOS advises scaling to 3 instances first, waiting, and then switching the mode: with fewer the database can become read-only.
    IONOS does not document whether, or for how long, this interrupts the service.
    Size: 3 × 2 cores, 4096 MB of memory and 20480 MB of storage; in total 6 cores, 12288 MB of memory and 61440 MB of storage.
    The cost is not known: for storage, prices differ by storage type, and that of the cluster is not known.

    Change the PostgreSQL cluster "a" (c-1).
    displayName: a → b
    Calls, rules and URLs that name the cluster as before no longer find it.
    IONOS does not document whether, or for how long, this interrupts the service.

    Change the PostgreSQL cluster c-1.
    connectionPooler: unknown → [object Object]
    IONOS does not document whether, or for how long, this interrupts the service."
  `);
});

describe('the deletion of a cluster', () => {
  const deletion = (told: Told) => linesOf('delete_cluster', { clusterId: 'c-1' }, { fetch: telling(told) });

  test('whose backups remain', async () => {
    expect(await linesOf('delete_cluster', { clusterId: ANALYTICS })).toMatchInlineSnapshot(`
      "Delete the PostgreSQL cluster "analytics-prod" (7c9e2d54-8b1f-4a63-b0d7-5e3f19a8c462) with all its databases, users and data.
      PostgreSQL 15 in de/fra, created 2025-01-18T12:00:00Z, 410 days ago.
      Size: 3 × 8 cores, 32768 MB of memory and 512000 MB of storage; in total 24 cores, 98304 MB of memory and 1536000 MB of storage.
      Cost now: 2.385 EUR per hour, 1717.20 EUR per 30 days. Afterwards: nothing. Difference: -2.385 EUR per hour, -1717.20 EUR per 30 days.
      Estimated, without liability, from this server's own prices of 2026-11-01; per hour: 24 cores 1.20 EUR, 96 GB of memory 0.96 EUR, 1500 GB of storage 0.225 EUR. Not included: traffic, backup storage and VAT.
      Its data is lost except for these backups: 7c9e2d54-8b1f-4a63-b0d7-5e3f19a8c462-d4k8w1z-15 (PostgreSQL 15, from 2026-02-25T12:00:00Z until now, kept until 2026-03-11T12:00:00.000Z). Until then, fromBackup of create_cluster can bring it back in a new cluster. About the last 30 minutes may be missing."
    `);
  });

  test('with many backups, none of them active', async () => {
    const backups = Array.from({ length: 12 }, (_, n) =>
      backupOf('c-1', `b-${n}`, { began: (13 - n) * HOUR, isActive: false }),
    );

    expect(await deletion({ createdDate: ago(DAY), backups })).toMatchInlineSnapshot(`
      "Delete the PostgreSQL cluster c-1 with all its databases, users and data.
      PostgreSQL (unknown version) in an unknown location, created 2026-03-03T12:00:00.000Z, 1 day ago.
      Size: ? × ? cores, ? MB of memory and ? MB of storage.
      The cost is not known: for cores, memory and storage, the size of the cluster is not known.
      Its data is lost except for these backups: b-0 (PostgreSQL 16, from 2026-03-04T00:00:00.000Z to 2026-03-04T00:00:00.000Z, kept until 2026-03-11T00:00:00.000Z); b-1 (PostgreSQL 16, from 2026-03-04T01:00:00.000Z to 2026-03-04T01:00:00.000Z, kept until 2026-03-11T01:00:00.000Z); b-2 (PostgreSQL 16, from 2026-03-04T02:00:00.000Z to 2026-03-04T02:00:00.000Z, kept until 2026-03-11T02:00:00.000Z); b-3 (PostgreSQL 16, from 2026-03-04T03:00:00.000Z to 2026-03-04T03:00:00.000Z, kept until 2026-03-11T03:00:00.000Z); b-4 (PostgreSQL 16, from 2026-03-04T04:00:00.000Z to 2026-03-04T04:00:00.000Z, kept until 2026-03-11T04:00:00.000Z); b-5 (PostgreSQL 16, from 2026-03-04T05:00:00.000Z to 2026-03-04T05:00:00.000Z, kept until 2026-03-11T05:00:00.000Z); b-6 (PostgreSQL 16, from 2026-03-04T06:00:00.000Z to 2026-03-04T06:00:00.000Z, kept until 2026-03-11T06:00:00.000Z); b-7 (PostgreSQL 16, from 2026-03-04T07:00:00.000Z to 2026-03-04T07:00:00.000Z, kept until 2026-03-11T07:00:00.000Z); b-8 (PostgreSQL 16, from 2026-03-04T08:00:00.000Z to 2026-03-04T08:00:00.000Z, kept until 2026-03-11T08:00:00.000Z); b-9 (PostgreSQL 16, from 2026-03-04T09:00:00.000Z to 2026-03-04T09:00:00.000Z, kept until 2026-03-11T09:00:00.000Z); and 2 more. Until then, fromBackup of create_cluster can bring it back in a new cluster. Everything written since the last of them ended is lost for good."
    `);
  });

  test('without backups, or with unknown ones', async () => {
    expect(await deletion({ backups: [] })).toMatchInlineSnapshot(`
      "Delete the PostgreSQL cluster c-1 with all its databases, users and data.
      PostgreSQL (unknown version) in an unknown location.
      Size: ? × ? cores, ? MB of memory and ? MB of storage.
      The cost is not known: for cores, memory and storage, the size of the cluster is not known.
      No backup of it can be restored: this cannot be undone, and its data is lost for good."
    `);
    expect(await deletion({})).toMatchInlineSnapshot(`
      "Delete the PostgreSQL cluster c-1 with all its databases, users and data.
      PostgreSQL (unknown version) in an unknown location.
      Size: ? × ? cores, ? MB of memory and ? MB of storage.
      The cost is not known: for cores, memory and storage, the size of the cluster is not known.
      It is not known which of its backups remain, or for how long."
    `);
  });
});

describe('a restore in place', () => {
  const restore = (args: object, told?: Told) =>
    linesOf('restore_cluster', { clusterId: ORDERS, backupId: BACKUP, ...args }, told && { fetch: telling(told) });

  test('to the end of the present backup', async () => {
    expect(await restore({})).toMatchInlineSnapshot(`
      "Restore the PostgreSQL cluster "orders" (b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041) in place: its present content is replaced.
      The databases are unreachable during the restore (minutes or longer). The PostgreSQL version stays the same.
      The only way back is its present backup, b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041-q7m2x9a-16, which ends with this restore and is kept until 2026-03-11T12:00:00.000Z; about the last 30 minutes may be missing there too.
      Backup b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041-q7m2x9a-16 of cluster b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041, PostgreSQL 16, reaches from 2026-02-25T12:00:00Z until now; it is replayed as far as it reaches.
      Without recoveryTargetTime all of it is replayed, also what is to be undone.
      About the last 30 minutes may not be in the backup yet, and would be missing."
    `);
  });

  test('to a time, so long ago', async () => {
    const times = [MINUTE, 20 * MINUTE, 90 * MINUTE, 5 * HOUR, 3 * DAY].map(ago);
    const firsts = times.map(async (recoveryTargetTime) => (await restore({ recoveryTargetTime })).split('\n')[1]);

    expect((await Promise.all(firsts)).join('\n')).toMatchInlineSnapshot(`
      "Everything written since 2026-03-04T11:59:00.000Z (a moment ago) is lost: data, databases, users and passwords.
      Everything written since 2026-03-04T11:40:00.000Z (20 minutes ago) is lost: data, databases, users and passwords.
      Everything written since 2026-03-04T10:30:00.000Z (90 minutes ago) is lost: data, databases, users and passwords.
      Everything written since 2026-03-04T07:00:00.000Z (5 h ago) is lost: data, databases, users and passwords.
      Everything written since 2026-03-01T12:00:00.000Z (3 days ago) is lost: data, databases, users and passwords."
    `);
    expect(await restore({ recoveryTargetTime: ago(20 * MINUTE) })).toMatchInlineSnapshot(`
      "Restore the PostgreSQL cluster "orders" (b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041) in place: its present content is replaced.
      Everything written since 2026-03-04T11:40:00.000Z (20 minutes ago) is lost: data, databases, users and passwords.
      The databases are unreachable during the restore (minutes or longer). The PostgreSQL version stays the same.
      The only way back is its present backup, b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041-q7m2x9a-16, which ends with this restore and is kept until 2026-03-11T12:00:00.000Z; about the last 30 minutes may be missing there too.
      Backup b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041-q7m2x9a-16 of cluster b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041, PostgreSQL 16, reaches from 2026-02-25T12:00:00Z until now; it is replayed up to, but not including, 2026-03-04T11:40:00.000Z.
      About the last 30 minutes may not be in the backup yet, and would be missing."
    `);
  });

  test('from a backup that has ended: as far as it reaches, to a time, and to a time after its end', async () => {
    const old = backupOf(ORDERS, 'old', { began: 6 * DAY, isActive: false });
    const present = backupOf(ORDERS, 'present', { began: 2 * DAY, isActive: true });
    const backups = [present, old];
    const times = [undefined, ago(3 * DAY), ago(DAY)];
    const restores = times.map((recoveryTargetTime) => restore({ backupId: 'old', recoveryTargetTime }, { backups }));

    expect((await Promise.all(restores)).join('\n\n')).toMatchInlineSnapshot(`
      "Restore the PostgreSQL cluster b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041 in place: its present content is replaced.
      Everything written since 2026-03-02T12:00:00.000Z (2 days ago) is lost: data, databases, users and passwords.
      The databases are unreachable during the restore (minutes or longer). The PostgreSQL version stays the same.
      The only way back is its present backup, present, which ends with this restore and is kept until 2026-03-11T12:00:00.000Z; about the last 30 minutes may be missing there too.
      Backup old of cluster b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041, PostgreSQL 16, reaches from 2026-02-26T13:00:00.000Z to 2026-03-02T12:00:00.000Z; it is replayed as far as it reaches.

      Restore the PostgreSQL cluster b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041 in place: its present content is replaced.
      Everything written since 2026-03-01T12:00:00.000Z (3 days ago) is lost: data, databases, users and passwords.
      The databases are unreachable during the restore (minutes or longer). The PostgreSQL version stays the same.
      The only way back is its present backup, present, which ends with this restore and is kept until 2026-03-11T12:00:00.000Z; about the last 30 minutes may be missing there too.
      Backup old of cluster b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041, PostgreSQL 16, reaches from 2026-02-26T13:00:00.000Z to 2026-03-02T12:00:00.000Z; it is replayed up to, but not including, 2026-03-01T12:00:00.000Z.

      Restore the PostgreSQL cluster b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041 in place: its present content is replaced.
      Everything written since 2026-03-02T12:00:00.000Z (2 days ago) is lost: data, databases, users and passwords.
      The databases are unreachable during the restore (minutes or longer). The PostgreSQL version stays the same.
      The only way back is its present backup, present, which ends with this restore and is kept until 2026-03-11T12:00:00.000Z; about the last 30 minutes may be missing there too.
      Backup old of cluster b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041, PostgreSQL 16, reaches from 2026-02-26T13:00:00.000Z to 2026-03-02T12:00:00.000Z; it is replayed as far as it reaches.
      2026-03-03T12:00:00.000Z is after its end: nothing written after 2026-03-02T12:00:00.000Z comes back."
    `);
  });

  test('from a backup with an unknown end, without a way back', async () => {
    const backups = [backupOf(ORDERS, 'old', { isActive: false })];
    const times = [undefined, ago(3 * DAY)];
    const restores = times.map((recoveryTargetTime) => restore({ backupId: 'old', recoveryTargetTime }, { backups }));

    expect((await Promise.all(restores)).join('\n\n')).toMatchInlineSnapshot(`
      "Restore the PostgreSQL cluster b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041 in place: its present content is replaced.
      Everything written since the end of the backup is lost: data, databases, users and passwords.
      The databases are unreachable during the restore (minutes or longer). The PostgreSQL version stays the same.
      There is no way back: the cluster has no backup of its present content.
      Backup old of cluster b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041, PostgreSQL 16, reaches from 2026-02-26T13:00:00.000Z to its end, which the API does not report; it is replayed as far as it reaches.

      Restore the PostgreSQL cluster b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041 in place: its present content is replaced.
      Everything written since the end of the backup (at least since 2026-03-01T12:00:00.000Z) is lost: data, databases, users and passwords.
      The databases are unreachable during the restore (minutes or longer). The PostgreSQL version stays the same.
      There is no way back: the cluster has no backup of its present content.
      Backup old of cluster b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041, PostgreSQL 16, reaches from 2026-02-26T13:00:00.000Z to its end, which the API does not report; it is replayed up to, but not including, 2026-03-01T12:00:00.000Z.
      It is not known whether 2026-03-01T12:00:00.000Z is before the end of this backup. What was written after that end does not come back."
    `);
  });

  test('that takes the only backup with a base', async () => {
    const old = backupOf(ORDERS, 'old', { began: 6 * DAY, isActive: false });
    const present = { ...backupOf(ORDERS, 'present', { began: MINUTE }), properties: { isActive: true } };

    expect(await restore({ backupId: 'old' }, { backups: [present, old] })).toMatchInlineSnapshot(`
      "Restore the PostgreSQL cluster b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041 in place: its present content is replaced.
      Everything written since 2026-03-04T11:59:00.000Z (a moment ago) is lost: data, databases, users and passwords.
      The databases are unreachable during the restore (minutes or longer). The PostgreSQL version stays the same.
      There is no way back: its present backup, present, has no base backup yet, so nothing written since it began can be brought back.
      Backup old of cluster b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041, PostgreSQL 16, reaches from 2026-02-26T13:00:00.000Z to 2026-03-04T11:59:00.000Z; it is replayed as far as it reaches."
    `);
  });

  test('from the backup of another cluster, into too little room', async () => {
    expect(await restore({ backupId: OF_ANALYTICS })).toMatchInlineSnapshot(`
      "Restore the PostgreSQL cluster "orders" (b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041) in place: its present content is replaced.
      All data, databases, users and passwords of orders are replaced by those of the cluster 7c9e2d54-8b1f-4a63-b0d7-5e3f19a8c462.
      The databases are unreachable during the restore (minutes or longer). The PostgreSQL version stays the same.
      The only way back is its present backup, b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041-q7m2x9a-16, which ends with this restore and is kept until 2026-03-11T12:00:00.000Z; about the last 30 minutes may be missing there too.
      Backup 7c9e2d54-8b1f-4a63-b0d7-5e3f19a8c462-d4k8w1z-15 of cluster 7c9e2d54-8b1f-4a63-b0d7-5e3f19a8c462, PostgreSQL 15, reaches from 2026-02-25T12:00:00Z until now; it is replayed as far as it reaches.
      Without recoveryTargetTime all of it is replayed, also what is to be undone.
      The content becomes one of PostgreSQL 16: a major upgrade, which cannot be undone and applications have to be ready for.
      About the last 30 minutes may not be in the backup yet, and would be missing.
      The backup has 54480 MB (base backups and log together); the cluster has 20480 MB of storage. If the content of the backup does not fit, the restore fails."
    `);
  });

  test('from a backup of which little is known', async () => {
    const backup = { id: 'b-1', metadata: { state: 'FAILED' } };
    const backups = [{ ...backup, properties: { earliestRecoveryTargetTime: ago(DAY) } }];

    expect(await restore({ backupId: 'b-1' }, { backups })).toMatchInlineSnapshot(`
      "Restore the PostgreSQL cluster b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041 in place: its present content is replaced.
      All data, databases, users and passwords of b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041 are replaced by those of the cluster unknown.
      The databases are unreachable during the restore (minutes or longer). The PostgreSQL version stays the same.
      There is no way back: the cluster has no backup of its present content.
      Backup b-1 of cluster unknown, PostgreSQL unknown, reaches from 2026-03-03T12:00:00.000Z on; the API does not report whether it is still active; it is replayed as far as it reaches.
      The backup is FAILED, not AVAILABLE."
    `);
  });

  test('of a cluster whose backups cannot be listed', async () => {
    const whole = telling({ backups: [backupOf(ORDERS, 'b-1', { isActive: true })] });
    const fetch: Fetch = (request, init) =>
      request.url.includes('backups?') ? Promise.resolve(Response.json({}, { status: 403 })) : whole(request, init);

    expect(await linesOf('restore_cluster', { clusterId: ORDERS, backupId: 'b-1' }, { fetch })).toMatchInlineSnapshot(`
      "Restore the PostgreSQL cluster b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041 in place: its present content is replaced.
      The databases are unreachable during the restore (minutes or longer). The PostgreSQL version stays the same.
      It is not known whether there is a way back: its backups cannot be read.
      Backup b-1 of cluster b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041, PostgreSQL 16, reaches from 2026-02-26T13:00:00.000Z until now; it is replayed as far as it reaches.
      Without recoveryTargetTime all of it is replayed, also what is to be undone.
      About the last 30 minutes may not be in the backup yet, and would be missing."
    `);
  });
});

describe('a database', () => {
  const shop = { clusterId: ORDERS, name: 'shop' };

  test('that is created', async () => {
    expect(await linesOf('create_database', { ...shop, name: 'stock', owner: 'reporting' })).toMatchInlineSnapshot(
      `"Create the database stock, owned by reporting, in the PostgreSQL cluster "orders" (b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041)."`,
    );
  });

  test('that is deleted, with and without a backup of it', async () => {
    const told = [{ backups: [] }, {}].map(telling);
    const plans = [undefined, ...told].map((fetch) => linesOf('delete_database', shop, { fetch }));

    expect((await Promise.all(plans)).join('\n\n')).toMatchInlineSnapshot(`
      "Delete the database shop of the PostgreSQL cluster "orders" (b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041) with everything in it.
      Its owner is orders_owner.
      Only a backup of the whole cluster brings it back, kept until 2026-03-11T12:00:00.000Z and reaching back to 2026-02-25T12:00:00Z: in a new cluster with fromBackup of create_cluster, or in place with restore_cluster. About the last 30 minutes may be missing.

      Delete the database shop of the PostgreSQL cluster b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041 with everything in it.
      Its owner is owner.
      No backup can bring it back: this cannot be undone, and its data is lost for good.

      Delete the database shop of the PostgreSQL cluster b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041 with everything in it.
      Its owner is owner.
      It is not known whether a backup could bring it back."
    `);
  });
});

describe('a user', () => {
  const reporting = { clusterId: ORDERS, username: 'reporting' };
  const password = 'correct-horse-battery';
  const keeping = { credentialsDir: '/keys' };

  test('that is created, with a password that is given and one that is made', async () => {
    const app = { ...reporting, username: 'app' };
    const plans = [linesOf('create_user', { ...app, password }), linesOf('create_user', app, keeping)];

    expect((await Promise.all(plans)).join('\n\n')).toMatchInlineSnapshot(`
      "Create the user app in the PostgreSQL cluster "orders" (b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041).

      Create the user app in the PostgreSQL cluster "orders" (b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041).
      A strong password is generated and written to a new file in /keys, which only the user of this server can read."
    `);
  });

  test('that gets another password', async () => {
    const plans = [linesOf('update_user', { ...reporting, password }), linesOf('update_user', reporting, keeping)];

    expect((await Promise.all(plans)).join('\n\n')).toMatchInlineSnapshot(`
      "Change the password of the user reporting in the PostgreSQL cluster "orders" (b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041).
      Programs that use the old password can no longer log in. It cannot be read, so nobody can bring it back.

      Change the password of the user reporting in the PostgreSQL cluster "orders" (b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041).
      Programs that use the old password can no longer log in. It cannot be read, so nobody can bring it back.
      A strong password is generated and written to a new file in /keys, which only the user of this server can read."
    `);
  });

  test('that is deleted, and owns something, much, or nobody knows what', async () => {
    const owner = { ...reporting, username: 'orders_owner' };
    const databases = Array.from({ length: 12 }, (_, n) => ({ properties: { name: `d-${n}`, owner: 'orders_owner' } }));
    const plans = [
      linesOf('delete_user', reporting),
      linesOf('delete_user', owner),
      linesOf('delete_user', owner, { fetch: telling({ databases }) }),
      linesOf('delete_user', owner, { fetch: telling({}) }),
    ];

    expect((await Promise.all(plans)).join('\n\n')).toMatchInlineSnapshot(`
      "Delete the user reporting of the PostgreSQL cluster "orders" (b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041). This cannot be undone.
      Programs that use it can no longer log in.

      Delete the user orders_owner of the PostgreSQL cluster "orders" (b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041). This cannot be undone.
      Programs that use it can no longer log in.
      It owns shop, shop_staging; IONOS may refuse to delete an owner. Another owner takes SQL (ALTER DATABASE … OWNER TO, REASSIGN OWNED); update_user with a new password locks it out at once.

      Delete the user orders_owner of the PostgreSQL cluster b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041. This cannot be undone.
      Programs that use it can no longer log in.
      It owns d-0, d-1, d-2, d-3, d-4, d-5, d-6, d-7, d-8, d-9, and 2 more; IONOS may refuse to delete an owner. Another owner takes SQL (ALTER DATABASE … OWNER TO, REASSIGN OWNED); update_user with a new password locks it out at once.

      Delete the user orders_owner of the PostgreSQL cluster b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041. This cannot be undone.
      Programs that use it can no longer log in.
      It is not known which databases this user owns; IONOS may refuse to delete a user who owns one."
    `);
  });
});
