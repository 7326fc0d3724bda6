import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Fetch } from '../../src/api/client.ts';
import { createSandbox } from '../../src/sandbox/index.ts';
import { connect, errorOf } from '../helpers/connect.ts';
import { order } from '../helpers/orders.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const INVENTORY = '5d7f1c28-9e4a-4b63-a1d0-8c2e6f4b7a15';
const V1_CLUSTER = 'b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041';
const SETTLED_MS = 120_000;
const inFrankfurt = { datacenterId: '3c95b7d2-6a40-4f18-b2e7-91d8c0f4a563', lanId: '1' };

type Fields = Record<string, unknown>;
type Connected = Awaited<ReturnType<typeof connect>>;

const { storageType: _, ...general } = order;
const orderOnV2 = { ...general, credentials: { ...order.credentials, password: 'planted-Password-1*' }, api: 'v2' };

const outcomeOf = (result: unknown) => (result as { structuredContent: Fields }).structuredContent;
const bodyOf = ({ sent }: Connected, method: string) =>
  sent().find((each) => each.method === method)?.body as { id?: string; properties: Fields };

/** Reads of the cluster by its plan and by the check that what it rests on still holds. */
const LOOKS_BEFORE = 2;

/** The sandbox, but for what the last look at the inventory before a PUT finds. */
function withLastLook(change: (cluster: { properties: { instances: Fields } }) => unknown): Fetch {
  const sandbox = createSandbox();
  let reads = 0;
  return async (request, init) => {
    const response = await sandbox.fetch(new Request(request, init));
    if (request.method !== 'GET' || !request.url.endsWith(INVENTORY) || !response.ok) return response;
    reads += 1;
    return reads > LOOKS_BEFORE ? Response.json(change(Object(await response.json()))) : response;
  };
}

describe('a change on v2', () => {
  test('sends the whole cluster, without its user, and only what is wanted is new', async () => {
    const host = await connect({ api: 'auto' });

    const { outcome } = outcomeOf(await host.call('update_cluster', { clusterId: INVENTORY, ram: 16_384 }));

    expect(outcome).toBe('started');
    expect(bodyOf(host, 'PUT')).toEqual({
      id: INVENTORY,
      properties: {
        name: 'inventory',
        description: 'Stock of the warehouses',
        version: '17',
        instances: { count: 2, cores: 4, ram: 16, storageSize: 100 },
        connection: expect.objectContaining({ primaryInstanceAddress: '10.20.30.10/24' }),
        maintenanceWindow: expect.objectContaining({ dayOfTheWeek: 'Monday' }),
        replicationMode: 'ASYNCHRONOUS',
        connectionPooler: 'TRANSACTION',
        logsEnabled: false,
        metricsEnabled: false,
        backup: { location: 'eu-central-3', retentionDays: 14 },
      },
    });
    host.pass(SETTLED_MS);
    const { properties } = outcomeOf(await host.call('get_cluster', { clusterId: INVENTORY }));
    expect(properties).toMatchObject({ ram: 16_384, cores: 4, description: 'Stock of the warehouses' });
  });

  test('counts as destructive, and its plan says what it may do to the user', async () => {
    const { call, sent } = await connect({ api: 'auto', confirm: 'destructive' });

    const { outcome, plan } = outcomeOf(await call('update_cluster', { clusterId: INVENTORY, cores: 6 }));

    expect(outcome).toBe('needs_confirmation');
    expect(JSON.stringify(plan)).toMatch(/nobody has tried what happens to that user/);
    expect(JSON.stringify(plan)).toMatch(/would be overwritten/);
    expect(sent()).toEqual([]);
  });

  test('sets the password of the user where one is given, and says so', async () => {
    const host = await connect({ api: 'auto' });
    const credentials = { username: 'keeper', database: 'stock', password: 'planted-Password-2*' };

    const { plan } = outcomeOf(await host.call('update_cluster', { clusterId: INVENTORY, cores: 6, credentials }));

    expect(bodyOf(host, 'PUT').properties.credentials).toEqual(credentials);
    expect(JSON.stringify(plan)).toMatch(/programs that use the old one can no longer log in/);
    expect(JSON.stringify(plan)).not.toMatch(/planted|nobody has tried/);
  });

  test('names no other user than the one that IONOS tells', async () => {
    const host = await connect({ api: 'auto' });
    const { id: clusterId } = Object(outcomeOf(await host.call('create_cluster', orderOnV2)).cluster);
    host.pass(SETTLED_MS);
    const change = (credentials: Fields) => host.call('update_cluster', { clusterId, credentials });

    const other = await change({ username: 'intruder', password: 'planted-Password-2*' });
    expect(errorOf(other)).toMatch(/credentials\.username \("intruder"\): the cluster has shop_owner; leave it out/);
    expect(outcomeOf(await change({ password: 'planted-Password-2*' }))).toMatchObject({ outcome: 'started' });
    expect(bodyOf(host, 'PUT').properties.credentials).toMatchObject({
      username: 'shop_owner',
      database: 'shop_owner',
    });
  });

  test('makes a password only where it is asked for, of the kind that v2 takes, into a file', async () => {
    const credentialsDir = temporaryFolder('passwords');
    const host = await connect({ api: 'auto', credentialsDir });
    const credentials = { username: 'keeper', database: 'stock', newPassword: true };

    const { note } = outcomeOf(await host.call('update_cluster', { clusterId: INVENTORY, credentials }));

    const [file = ''] = await readdir(credentialsDir);
    const kept = JSON.parse(await readFile(path.join(credentialsDir, file), 'utf8'));
    expect(note).toContain(file);
    expect(kept).toMatchObject({ username: 'keeper', cluster: 'inventory' });
    expect(bodyOf(host, 'PUT').properties.credentials).toEqual({
      username: 'keeper',
      database: 'stock',
      password: kept.password,
    });
    for (const kind of [/[a-z]/, /[A-Z]/, /\d/, /[@$!%*?&]/]) expect(kept.password).toMatch(kind);
  });

  test.each<[change: Fields, words: RegExp]>([
    [{ credentials: { username: 'a', database: 'b' } }, /credentials: give password, passwordEnv or newPassword/],
    [{ credentials: { password: 'planted-Password-2*' } }, /credentials\.username: IONOS does not tell it/],
    [{ credentials: { username: 'a', database: 'b', password: 'long-enough-1' } }, /password: must have 8 or more/],
    [{ displayName: 'two words' }, /displayName .*no blanks/],
    [{ storageSize: 110_000 }, /give 109568 or 110592/],
    [{ connections: [] }, /cannot be detached/],
    [
      { connectionPooler: { enabled: false, poolMode: 'session' } },
      /poolMode: API v2 has none while the pooler is off/,
    ],
    [{ storageSize: 20_480 }, /can only grow/],
    [{ postgresVersion: '15' }, /older/],
  ])('with %j is refused, and nothing is sent', async (change, words) => {
    const { call, sent } = await connect({ api: 'auto' });

    expect(errorOf(await call('update_cluster', { clusterId: INVENTORY, ...change }))).toMatch(words);
    expect(sent()).toEqual([]);
  });

  test.each(['description', 'backupRetentionDays', 'logsEnabled', 'credentials'])('alone has %s', async (name) => {
    const values: Fields = {
      description: 'x',
      backupRetentionDays: 9,
      logsEnabled: true,
      credentials: { password: 'planted-Password-2*' },
    };
    const { call, sent } = await connect({ api: 'auto' });

    expect(errorOf(await call('update_cluster', { clusterId: V1_CLUSTER, [name]: values[name] }))).toContain(name);
    expect(sent()).toEqual([]);
  });

  test('is not sent where the cluster has changed since the plan', async () => {
    const fetch = withLastLook((cluster) => {
      cluster.properties.instances.cores = 40;
      return cluster;
    });
    const { call, sent } = await connect({ api: 'auto', fetch });

    expect(errorOf(await call('update_cluster', { clusterId: INVENTORY, ram: 16_384 }))).toMatch(/has changed since/);
    expect(sent()).toEqual([]);
  });

  test('is not sent where the last look fails, and the password made for it is kept nowhere', async () => {
    const credentialsDir = temporaryFolder('passwords');
    const { call, sent } = await connect({ api: 'auto', credentialsDir, fetch: withLastLook(() => ({})) });
    const credentials = { username: 'keeper', database: 'stock', newPassword: true };

    const text = errorOf(await call('update_cluster', { clusterId: INVENTORY, credentials }));

    expect(text).toMatch(/Nothing was changed; call again/);
    expect(sent()).toEqual([]);
    expect(await readdir(credentialsDir)).toEqual([]);
  });

  test('that made a cluster instead is an alarm', async () => {
    const sandbox = createSandbox();
    const fetch: Fetch = async (request, init) => {
      const response = await sandbox.fetch(new Request(request, init));
      return request.method === 'PUT' ? Response.json(await response.json(), { status: 201 }) : response;
    };
    const { call } = await connect({ api: 'auto', fetch });

    const text = errorOf(await call('update_cluster', { clusterId: INVENTORY, cores: 6 }));
    expect(text).toMatch(/made a cluster \(201\).*costs money.*delete_cluster/);
    expect(text).not.toMatch(/Nothing was sent/);
  });

  describe('with a generated password', () => {
    const change = { clusterId: INVENTORY, credentials: { username: 'keeper', database: 'stock', newPassword: true } };

    /** The error, and the password in the file that it names. */
    async function failing(fetch: Fetch) {
      const credentialsDir = temporaryFolder('passwords');
      const { call } = await connect({ api: 'auto', credentialsDir, fetch });
      const text = errorOf(await call('update_cluster', change));
      const [name = '', ...others] = await readdir(credentialsDir);
      const file = path.join(credentialsDir, name);
      expect(text).toContain(`The password of keeper is in ${file}.`);
      expect(others).toEqual([]);
      const { password } = JSON.parse(await readFile(file, 'utf8'));
      expect(text).not.toContain(password);
      return { text, password };
    }

    test('names its file where the answer is lost, and says what a look has found', async () => {
      const sandbox = createSandbox();
      const { text } = await failing(async (request, init) => {
        if (request.method === 'PUT') throw new TypeError('fetch failed');
        return sandbox.fetch(new Request(request, init));
      });

      expect(text).toMatch(/found the cluster AVAILABLE\. The change may have taken effect anyway/);
    });

    test('names it where the change is under way', async () => {
      const sandbox = createSandbox();
      let sent: { properties: { credentials?: Fields } } | undefined;
      const { text, password } = await failing(async (request, init) => {
        if (request.method === 'PUT') sent = Object(await request.clone().json());
        const response = await sandbox.fetch(new Request(request, init));
        if (request.method === 'PUT') throw new TypeError('fetch failed');
        return response;
      });

      expect(text).toMatch(/found the cluster BUSY: most likely it is being changed\. Do not retry/);
      expect(sent?.properties.credentials?.password).toBe(password);
    });

    test('names it where a cluster was made instead', async () => {
      const sandbox = createSandbox();
      const { text } = await failing(async (request, init) => {
        const response = await sandbox.fetch(new Request(request, init));
        return request.method === 'PUT' ? Response.json(await response.json(), { status: 201 }) : response;
      });

      expect(text).toMatch(/made a cluster \(201\).*costs money/);
    });

    test('keeps no file where the service refuses', async () => {
      const sandbox = createSandbox();
      const credentialsDir = temporaryFolder('passwords');
      const fetch: Fetch = async (request, init) =>
        request.method === 'PUT'
          ? Response.json({ httpStatus: 422, messages: [] }, { status: 422 })
          : sandbox.fetch(new Request(request, init));
      const { call } = await connect({ api: 'auto', credentialsDir, fetch });

      expect(errorOf(await call('update_cluster', change))).not.toContain(credentialsDir);
      expect(await readdir(credentialsDir)).toEqual([]);
    });
  });

  test('without an answer says that it may have taken effect', async () => {
    const sandbox = createSandbox();
    const fetch: Fetch = async (request, init) => {
      if (request.method === 'PUT') throw new TypeError('fetch failed');
      return sandbox.fetch(new Request(request, init));
    };
    const { call } = await connect({ api: 'auto', fetch });

    expect(errorOf(await call('update_cluster', { clusterId: INVENTORY, cores: 6 }))).toMatch(/may have taken effect/);
  });
});

describe('an order on v2', () => {
  test('is complete, with what v2 wants given, and says what was chosen here', async () => {
    const host = await connect({ api: 'auto' });

    const { outcome, plan, cluster } = outcomeOf(await host.call('create_cluster', orderOnV2));

    expect(outcome).toBe('started');
    expect(bodyOf(host, 'POST')).toEqual({
      properties: {
        name: 'shop',
        version: '16',
        instances: { count: 1, cores: 2, ram: 4, storageSize: 20 },
        connection: expect.objectContaining({ lanId: '2', primaryInstanceAddress: '192.168.1.9/24' }),
        maintenanceWindow: { time: '02:00:00', dayOfTheWeek: 'Sunday' },
        replicationMode: 'ASYNCHRONOUS',
        backup: { location: 'eu-central-3', retentionDays: 7 },
        credentials: { username: 'shop_owner', password: 'planted-Password-1*', database: 'shop_owner' },
      },
    });
    expect(plan).toMatchObject({
      summary: expect.stringContaining("on IONOS's API v2"),
      arguments: { backupLocation: 'eu-central-3', backupRetentionDays: 7 },
    });
    expect(cluster).toMatchObject({ api: 'v2', metadata: { state: 'BUSY' } });
    host.pass(SETTLED_MS);
    const { id = '' } = Object(cluster);
    expect(outcomeOf(await host.call('get_cluster', { clusterId: id }))).toMatchObject({ api: 'v2' });
  });

  test('is the default where the operator says so, in the region of its location', async () => {
    const { call, requests } = await connect({ api: 'auto', newClusters: 'v2' });
    const { api: __, ...rest } = orderOnV2;

    await call('create_cluster', { ...rest, location: 'de/fra/2', connections: [inFrankfurt] });

    expect(requests.find(({ method }) => method === 'POST')?.path).toBe('de-fra:/clusters');
  });

  test.each<[order: Fields, words: RegExp]>([
    [{ storageType: 'HDD' }, /storageType: API v2 has one kind/],
    [{ location: 'xx/yyy' }, /location \("xx\/yyy"\): the data center lies in "de\/txl"/],
    [{ backupLocation: 'mars' }, /backupLocation \("mars"\): this region offers "eu-central-3"/],
    [{ postgresVersion: '9' }, /not offered/],
    [{ displayName: 'my shop', ram: 5000 }, /ram.*multiple|displayName/],
    [{ connections: [{ ...order.connections[0], cidr: '10.223.0.5/24' }] }, /which API v2 blocks/],
    [{ credentials: { username: 'shop', password: 'no-special-1' } }, /credentials\.password: must have 8 or more/],
  ])('with %j is refused, and nothing is sent', async (change, words) => {
    const { call, sent } = await connect({ api: 'auto' });

    expect(errorOf(await call('create_cluster', { ...orderOnV2, ...change }))).toMatch(words);
    expect(sent()).toEqual([]);
  });

  test.each<[order: Fields, words: RegExp]>([
    [{ description: 'x' }, /description: only clusters on API v2/],
    [{ credentials: { ...order.credentials, database: 'x' } }, /credentials\.database: only an order on API v2/],
  ])('alone has %j', async (change, words) => {
    const { call, sent } = await connect({ api: 'auto' });

    expect(errorOf(await call('create_cluster', { ...order, ...change }))).toMatch(words);
    expect(sent()).toEqual([]);
  });

  test.each([404, 405, 410, 501])('takes the place of one on v1 once v1 answers %i', async (status) => {
    const sandbox = createSandbox();
    const isOrderOnV1 = ({ method, url }: Request) => method === 'POST' && url.startsWith('https://api.ionos.com/');
    const fetch: Fetch = async (request, init) =>
      isOrderOnV1(request)
        ? Response.json({ httpStatus: status, messages: [] }, { status })
        : sandbox.fetch(new Request(request, init));
    const { call, requests } = await connect({ api: 'auto', fetch });
    const { api: __, ...rest } = orderOnV2;

    expect(errorOf(await call('create_cluster', rest))).toMatch(/no order on API v1 any more.*API v2: call again/);
    expect(outcomeOf(await call('create_cluster', rest))).toMatchObject({ outcome: 'started', cluster: { api: 'v2' } });
    expect(requests.filter(({ method }) => method === 'POST').map(({ path }) => path)).toEqual([
      'clusters',
      'de-txl:/clusters',
    ]);
  });

  test('is all there is for an order that v1 was meant for, once v1 takes none: it is not sent again', async () => {
    const sandbox = createSandbox();
    const isOrderOnV1 = ({ method, url }: Request) => method === 'POST' && url.startsWith('https://api.ionos.com/');
    const fetch: Fetch = async (request, init) =>
      isOrderOnV1(request)
        ? Response.json({ messages: [] }, { status: 410 })
        : sandbox.fetch(new Request(request, init));
    const { call, sent } = await connect({ api: 'auto', fetch });

    const onV1 = { ...order, api: 'v1' };
    expect(errorOf(await call('create_cluster', onV1))).toMatch(/^Nothing was ordered: IONOS takes no order on API v1/);
    expect(errorOf(await call('create_cluster', onV1))).toMatch(
      /^Nothing was sent\. IONOS has answered that it takes no more/,
    );
    expect(sent()).toHaveLength(1);
  });

  test('is where its backup is, without a word', async () => {
    const host = await connect({ api: 'auto' });
    const { backups } = outcomeOf(await host.call('list_cluster_backups', { clusterId: INVENTORY })) as {
      backups: { id: string }[];
    };
    const { api: __, ...rest } = {
      ...orderOnV2,
      postgresVersion: '17',
      connections: [inFrankfurt],
      location: 'de/fra',
    };

    const result = await host.call('create_cluster', { ...rest, fromBackup: { backupId: backups[0]?.id } });

    expect(outcomeOf(result)).toMatchObject({ outcome: 'started', cluster: { api: 'v2' } });
  });

  test('is refused where v2 is not asked', async () => {
    const { call, sent } = await connect({ api: 'v1' });

    expect(errorOf(await call('create_cluster', orderOnV2))).toMatch(/v2 is not asked by this server/);
    expect(sent()).toEqual([]);
  });
});

describe('a restore on v2', () => {
  const backupOf = async ({ call }: Connected, clusterId: string) => {
    const { backups } = outcomeOf(await call('list_cluster_backups', { clusterId })) as { backups: { id: string }[] };
    return backups[0]?.id ?? '';
  };

  test('sends the whole cluster with the moment in UTC, and a later change does not restore again', async () => {
    const host = await connect({ api: 'auto' });
    const backupId = await backupOf(host, INVENTORY);
    const recoveryTargetTime = new Date(Date.now() - 3_600_000).toISOString().replace(/\.\d+Z$/, '+00:00');

    const { outcome } = outcomeOf(
      await host.call('restore_cluster', { clusterId: INVENTORY, backupId, recoveryTargetTime }),
    );
    host.pass(SETTLED_MS);
    await host.call('update_cluster', { clusterId: INVENTORY, cores: 6 });

    const [restore, change] = host.sent().map(({ body }) => (body as { properties: Fields }).properties);
    expect(outcome).toBe('started');
    expect(restore?.restoreFromBackup).toEqual({
      recoveryTargetDatetime: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect(restore).toMatchObject({ name: 'inventory', instances: { count: 2, cores: 4 } });
    expect(change).not.toHaveProperty('restoreFromBackup');
  });

  test('takes the newest moment where none is given', async () => {
    const host = await connect({ api: 'auto' });

    await host.call('restore_cluster', { clusterId: INVENTORY, backupId: await backupOf(host, INVENTORY) });

    const { restoreFromBackup } = bodyOf(host, 'PUT').properties as { restoreFromBackup: Record<string, string> };
    expect(Math.abs(Date.now() - Date.parse(restoreFromBackup.recoveryTargetDatetime ?? ''))).toBeLessThan(60_000);
  });

  test('reads only the own backup, and never one of the other API', async () => {
    const host = await connect({ api: 'auto' });
    const [own, other] = [await backupOf(host, V1_CLUSTER), await backupOf(host, INVENTORY)];

    const onV1 = await host.call('restore_cluster', { clusterId: V1_CLUSTER, backupId: other });
    const onV2 = await host.call('restore_cluster', { clusterId: INVENTORY, backupId: own });
    expect(errorOf(onV1)).toMatch(/is a backup on API v2/);
    expect(errorOf(onV2)).toMatch(/is a backup on API v1/);
    expect(host.sent()).toEqual([]);
  });

  test('into a new cluster names the backup', async () => {
    const host = await connect({ api: 'auto' });
    const fromBackup = { backupId: await backupOf(host, INVENTORY) };

    const large = { ...orderOnV2, location: 'de/fra', connections: [inFrankfurt], postgresVersion: '17', fromBackup };
    expect(outcomeOf(await host.call('create_cluster', large))).toMatchObject({ outcome: 'started' });
    expect(bodyOf(host, 'POST').properties.restoreFromBackup).toEqual({ sourceBackupId: fromBackup.backupId });
    const onV1 = { ...order, api: 'v1', postgresVersion: '17', fromBackup };
    expect(errorOf(await host.call('create_cluster', { ...onV1, displayName: 'other' }))).toMatch(/backup on API v2/);
  });
});

test('a deletion on v2 needs the typed name, and the cluster is gone then', async () => {
  const host = await connect({ api: 'auto', confirm: 'destructive' });
  const { confirmationToken } = outcomeOf(await host.call('delete_cluster', { clusterId: INVENTORY }));
  const again = { clusterId: INVENTORY, confirmationToken, confirmationName: 'inventory' };

  expect(outcomeOf(await host.call('delete_cluster', again))).toMatchObject({ outcome: 'started' });
  host.pass(SETTLED_MS);
  expect(errorOf(await host.call('get_cluster', { clusterId: INVENTORY }))).toContain('There is no cluster');
});
