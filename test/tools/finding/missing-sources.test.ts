import { ProtocolErrorCode } from '@modelcontextprotocol/server';
import { describe, expect, test } from 'vitest';
import { connect, errorOf } from '../../helpers/connect.ts';
import { hurried } from '../../helpers/fake-clock.ts';
import { isIn, played, refused, V1_HOST } from '../../helpers/regions.ts';

const ORDERS = 'b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041';
const INVENTORY = '5d7f1c28-9e4a-4b63-a1d0-8c2e6f4b7a15';
const NOWHERE = '00000000-0000-4000-8000-000000000000';

const inOneRegion = (status: number) => played((host) => (isIn(host, 'us-las') ? refused(status) : undefined));
const withoutRegions = (status: number) => played((host) => (host === V1_HOST ? undefined : refused(status)));
const withoutV1 = () => played((host) => (host === V1_HOST ? refused(503) : undefined));

const contentOf = ({ structuredContent }: { structuredContent?: unknown }) => Object(structuredContent);

describe('a list', () => {
  test.each([
    ['list_clusters', 'clusters', 2],
    ['list_backups', 'backups', 2],
  ])('%s without v1 has what the regions have', (tool, rows, count) =>
    hurried(async () => {
      const { call } = await connect({ api: 'auto', ...withoutV1() });
      const content = contentOf(await call(tool));

      expect(content[rows]).toHaveLength(count);
      expect(content.note).toBe(
        'Not shown: what is on API v1 (answered 503). All of it is asked again within a minute.',
      );
    }),
  );

  test('names v1 and regions in one note', () =>
    hurried(async () => {
      const { fetch } = played((host) => (host === V1_HOST || isIn(host, 'us-las') ? refused(503) : undefined));
      const { call } = await connect({ api: 'auto', fetch });

      expect(contentOf(await call('list_clusters')).note).toMatch(
        /^Not shown: what is on API v1 \(answered 503\); and what is in these regions of API v2: us-las \(answered 503\)\./,
      );
    }));

  test.each([
    [503, false],
    [403, true],
  ])('of v1 alone where all regions answer %i leads on: %s', async (status, isLeadingOn) => {
    const { call } = await connect({ api: 'auto', ...withoutRegions(status) });
    const { nextOffset, note } = contentOf(await call('list_clusters', { limit: 2 }));

    expect(nextOffset).toBe(isLeadingOn ? 2 : undefined);
    expect(note.includes('a larger limit')).toBe(!isLeadingOn);
    expect(note).toContain(`asked again within ${isLeadingOn ? 'ten minutes' : 'a minute'}.`);
  });

  test('from an offset says that it counts other rows while a region is missing', async () => {
    const { call } = await connect({ api: 'auto', ...inOneRegion(503) });
    const words = 'an offset counts other rows';

    expect(contentOf(await call('list_clusters', { offset: 1 })).note).toContain(words);
    expect(contentOf(await call('list_clusters')).note).not.toContain(words);
  });

  test.each([
    ['list_clusters', {}, 'clusters'],
    ['list_backups', {}, 'backups'],
    ['list_cluster_backups', { clusterId: ORDERS }, 'backups'],
    ['list_cluster_backups', { clusterId: INVENTORY }, 'backups'],
    ['list_users', { clusterId: ORDERS }, 'users'],
    ['list_databases', { clusterId: ORDERS }, 'databases'],
  ])('%s %j says where it has ended', async (tool, args, rows) => {
    const { call } = await connect({ api: 'auto' });
    const { note, ...content } = contentOf(await call(tool, { ...args, offset: 70 }));

    expect(content[rows]).toEqual([]);
    expect(note).toContain(`No more ${rows} from offset 70 on.`);
    expect(contentOf(await call(tool, args)).note ?? '').not.toContain('No more');
  });

  test('of the backups of a cluster on v2 says that v1 may have earlier ones', async () => {
    const words = 'list_backups may show earlier ones';
    const both = await connect({ api: 'auto' });
    const alone = await connect({ api: 'v2' });

    expect(contentOf(await both.call('list_cluster_backups', { clusterId: INVENTORY })).note).toContain(words);
    expect(contentOf(await both.call('list_cluster_backups', { clusterId: ORDERS })).note).toBeUndefined();
    expect(contentOf(await alone.call('list_cluster_backups', { clusterId: INVENTORY })).note).toBeUndefined();
  });
});

describe('a cluster that may be in a region that does not answer', () => {
  test.each([403, 503])('is not missing: %i', async (status) => {
    const { call, client } = await connect({ api: 'auto', ...inOneRegion(status) });
    const text = errorOf(await call('get_cluster', { clusterId: NOWHERE }));

    expect(text).toContain('not found, but it may be in a region of API v2 that does not answer (us-las)');
    expect(text).not.toContain('There is no cluster');
    for (const part of ['', '/versions', '/backups', '/users', '/databases']) {
      const reading = client.readResource({ uri: `ionos-postgresql://clusters/${NOWHERE}${part}` });
      await expect(reading, part).rejects.toThrow(/may be in a region.*\(us-las\)/);
      await expect(reading, part).rejects.toMatchObject({ code: ProtocolErrorCode.InternalError });
    }
  });

  test('nor is a backup', async () => {
    const { call } = await connect({ api: 'auto', ...inOneRegion(403) });
    const restore = await call('restore_cluster', { clusterId: ORDERS, backupId: NOWHERE });

    const text = errorOf(await call('get_backup', { backupId: NOWHERE }));
    expect(text).toContain('may be in a region');
    expect(text).not.toContain('There is no backup');
    expect(errorOf(restore)).toMatch(/not found, but it may be in a region/);
    expect(errorOf(restore)).not.toContain('does not exist');
  });

  test.each([
    [{ until: 'GONE' }, 'waiting'],
    [{ until: 'GONE', wait: 3 }, 'waiting'],
    [{ wait: 3 }, 'error'],
    [{}, 'error'],
  ])('is not reported GONE: wait_for_cluster %j', (args, outcome) =>
    hurried(async () => {
      const { call } = await connect({ api: 'auto', ...inOneRegion(503) });
      const started = Date.now();
      const result = await call('wait_for_cluster', { clusterId: NOWHERE, ...args });

      expect(Date.now() - started).toBeLessThan(20_000);
      if (outcome === 'error') return expect(errorOf(result)).toContain('may be in a region');
      expect(contentOf(result)).toEqual({
        outcome,
        seconds: expect.any(Number),
        note: expect.stringMatching(/is not known after \d+ s: .*\(us-las\)\. Call wait_for_cluster again\./),
      });
    }),
  );

  test('is GONE where it was DESTROYING before', () =>
    hurried(async () => {
      const { fetch, sandbox } = inOneRegion(403);
      const { call } = await connect({ api: 'auto', fetch });
      const { id } = sandbox.addCluster();

      expect(contentOf(await call('delete_cluster', { clusterId: id, wait: 30 }))).toMatchObject({ outcome: 'done' });
    }));

  test('does not turn AVAILABLE into the end of a wait, where it was seen before', () =>
    hurried(async () => {
      let isGone = false;
      const { fetch, sandbox } = played((host, { pathname }) => {
        if (isIn(host, 'us-las')) return refused(403);
        return isGone && pathname.endsWith(id) ? refused(404) : undefined;
      });
      const { id } = sandbox.addCluster();
      const { call } = await connect({ api: 'auto', fetch });
      setTimeout(() => {
        isGone = true;
      }, 1_000);

      expect(contentOf(await call('wait_for_cluster', { clusterId: id, until: 'AVAILABLE', wait: 10 }))).toMatchObject({
        outcome: 'waiting',
        note: expect.stringContaining('is not known'),
      });
    }));
});

test('a cluster that is missing may be in a region that is left out', async () => {
  const { call } = await connect({ api: 'auto', regions: ['de-fra', 'us-las'] });
  const clusterId = NOWHERE;

  expect(errorOf(await call('get_cluster', { clusterId }))).toMatch(
    /There is no cluster .* or in a region of API v2 that --regions leaves out\./,
  );
  const all = await connect({ api: 'auto' });
  expect(errorOf(await all.call('get_cluster', { clusterId }))).not.toContain('--regions');
});

test('waiting for an ID that nobody has asks every source twice, and v1 in between', () =>
  hurried(async () => {
    const { call, requests } = await connect({ api: 'auto' });
    const text = errorOf(await call('wait_for_cluster', { clusterId: NOWHERE }));

    expect(text).toContain('There is no cluster');
    const asked = requests.filter(({ path }) => path.endsWith(NOWHERE));
    expect(asked.filter(({ path }) => path.includes(':'))).toHaveLength(18);
    expect(asked.length).toBeLessThanOrEqual(24);
  }));

test('users are read where v1 does not let the cluster be read', async () => {
  const { fetch } = played((host, { pathname }) =>
    host === V1_HOST && pathname.endsWith(`/clusters/${ORDERS}`) ? refused(403) : undefined,
  );
  const { call } = await connect({ api: 'auto', fetch });

  expect(contentOf(await call('list_users', { clusterId: ORDERS })).users.length).toBeGreaterThan(0);
  expect(contentOf(await call('list_databases', { clusterId: ORDERS })).databases.length).toBeGreaterThan(0);
});

test.each(['get_cluster', 'list_users', 'list_cluster_versions', 'list_cluster_backups', 'wait_for_cluster'])(
  'on API v2 alone %s knows no ID that is no UUID',
  (tool) =>
    hurried(async () => {
      const { call, requests } = await connect({ api: 'v2' });
      const text = errorOf(await call(tool, { clusterId: 'invent0ry' }));

      expect(text).toContain('Nothing was sent: IDs on API v2 are UUIDs.');
      expect(text).toContain('There is no cluster "invent0ry"');
      expect(text).toContain('Similar: "inventory"');
      expect(requests.filter(({ path }) => path.includes('invent0ry'))).toEqual([]);
    }),
);
