import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Fetch } from '../../src/api/client.ts';
import { ANALYTICS, ago, BACKUP, backupsIn, DAY, HOUR, OF_ANALYTICS, ORDERS, upgraded } from '../helpers/backups.ts';
import { connect, errorOf, type World } from '../helpers/connect.ts';
import { failReads, failWrites } from '../helpers/faults.ts';
import { planOf } from '../helpers/plans.ts';
import { writtenIn } from '../helpers/written.ts';

describe('the lists', () => {
  test('of all backups hold those of every cluster, deleted ones included, in one level', async () => {
    const { call, pass } = await connect();
    await call('delete_cluster', { clusterId: ANALYTICS });
    pass(10_000);

    const rows = backupsIn(await call('list_backups'));

    expect(rows.map(({ clusterId, isActive }) => [clusterId, isActive])).toEqual([
      [ORDERS, true],
      [ANALYTICS, false],
      ['e41a7f08-36d9-4c85-9f2b-d8c05b6a1e97', true],
    ]);
    expect(rows[0]).toEqual({
      id: BACKUP,
      state: 'AVAILABLE',
      createdDate: expect.any(String),
      clusterId: ORDERS,
      version: '16',
      isActive: true,
      earliestRecoveryTargetTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      size: expect.any(Number),
      location: 'eu-central-2',
    });
  });

  test('of one cluster hold its own, the active one and those from before an upgrade', async () => {
    const world = await connect();
    await upgraded(world);

    const rows = backupsIn(await world.call('list_cluster_backups', { clusterId: ORDERS }));

    expect(rows.map(({ clusterId }) => clusterId)).toEqual([ORDERS, ORDERS]);
    expect(rows.map(({ isActive }) => isActive)).toEqual([false, true]);
  });

  test.each([
    ['list_backups', {}, 'clusters/backups'],
    ['list_cluster_backups', { clusterId: ORDERS }, `clusters/${ORDERS}/backups`],
  ])('of %s come page by page, each once', async (tool, args, path) => {
    // How far back a backup reaches moves with the clock.
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const world = await connect();
    await upgraded(world);
    const whole = backupsIn(await world.call(tool, args));
    world.requests.length = 0;

    const seen: typeof whole = [];
    for (let offset: number | undefined = 0; offset !== undefined; ) {
      const page = await world.call(tool, { ...args, limit: 1, offset });
      seen.push(...backupsIn(page));
      offset = Object(page.structuredContent).nextOffset;
    }

    expect(seen).toEqual(whole);
    const pages = world.requests.filter(({ path }) => !path.endsWith('limit=1000'));
    expect(pages[1]?.path).toBe(`${path}?limit=1&offset=1`);
    expect(pages).toHaveLength(whole.length);
    expect(world.requests).toHaveLength(whole.length + 1);
  });

  test('show a backup whose first base is not complete without a time to go back to', async () => {
    const { call, sandbox } = await connect();
    const { id } = sandbox.addCluster();

    const [row] = backupsIn(await call('list_cluster_backups', { clusterId: id }));

    expect(row).toMatchObject({ clusterId: id, isActive: true });
    expect(row?.earliestRecoveryTargetTime).toBeUndefined();
  });
});

test('get_backup reads the backup it is given, as the lists show it', async () => {
  const { call, requests } = await connect();
  const [, wanted] = backupsIn(await call('list_backups'));

  const { structuredContent } = await call('get_backup', { backupId: wanted?.id });

  // The oldest point in time moves on by the second.
  const { earliestRecoveryTargetTime, ...rest } = Object(structuredContent);
  expect(rest).toEqual({ ...wanted, earliestRecoveryTargetTime: undefined, now: expect.any(String) });
  expect(Date.parse(earliestRecoveryTargetTime) - Date.parse(wanted?.earliestRecoveryTargetTime ?? '')).toBeLessThan(
    5_000,
  );
  expect(requests.at(-1)?.path).toBe(`clusters/backups/${OF_ANALYTICS}`);
  expect(errorOf(await call('get_backup', { backupId: 'none' }))).toMatch(/404: .*the backup does not exist/);
});

describe('times of backups', () => {
  const [OLD, MID, NEW] = [`${ORDERS}-old`, `${ORDERS}-mid`, `${ORDERS}-new`];
  const dates = { [OLD]: '2026-01-01T00:00:00Z', [MID]: '2026-02-01T00:00:00Z', [NEW]: '2026-03-01T00:00:00Z' };
  const rows = [...Object.entries(dates), [`${ANALYTICS}-other`, '2026-01-15T00:00:00Z']].map(
    ([id = '', createdDate]) => ({
      id,
      metadata: { createdDate },
      properties: { clusterId: id.slice(0, ORDERS.length), isActive: id === NEW },
    }),
  );
  /** An API with these backups, one a page unless more are asked for. */
  const fetch: Fetch = async ({ url }) => {
    const { pathname, searchParams } = new URL(url);
    const one = rows.find(({ id }) => pathname.endsWith(id));
    if (one) return Response.json(one);
    const offset = Number(searchParams.get('offset') ?? 0);
    const all = pathname.includes(`/${ORDERS}/`) ? rows.slice(0, 3) : rows;
    return Response.json({ items: all.slice(offset, offset + Number(searchParams.get('limit'))) });
  };
  const ends = [dates[MID], dates[NEW], undefined, undefined];

  test.each([{}, { limit: 1 }, { limit: 2 }, { limit: 4 }])(
    'tell the end of an ended one in lists of %j',
    async (args) => {
      const { call } = await connect({ fetch });
      const seen: unknown[] = [];
      for (let offset: number | undefined = 0; offset !== undefined; ) {
        const { structuredContent } = await call('list_backups', { ...args, offset });
        seen.push(...Object(structuredContent).backups.map(({ end }: { end?: string }) => end));
        offset = Object(structuredContent).nextOffset;
      }

      expect(seen).toEqual(ends);
    },
  );

  test.each(Object.keys(dates).map((id, n) => [id, ends[n]]))(
    'tell the end of %s, alone and in its cluster',
    async (backupId, end) => {
      const { call } = await connect({ fetch });

      expect(Object((await call('get_backup', { backupId })).structuredContent).end).toBe(end);
      const { backups } = Object((await call('list_cluster_backups', { clusterId: ORDERS })).structuredContent);
      expect(backups.find(({ id }: { id: string }) => id === backupId).end).toBe(end);
    },
  );

  test.each([
    ['list_backups', { limit: 1 }],
    ['list_cluster_backups', { clusterId: ORDERS, limit: 1 }],
    ['get_backup', { backupId: OLD }],
  ])('leave an end out of %s that cannot be read', async (tool, args) => {
    const { call } = await connect({
      fetch: (request, init) =>
        request.url.includes('limit=1000')
          ? Promise.resolve(new Response(null, { status: 403 }))
          : fetch(request, init),
    });

    const { isError, structuredContent } = await call(tool, args);

    expect(isError).toBeFalsy();
    expect(JSON.stringify(structuredContent)).not.toContain('"end"');
  });

  test.each([
    ['list_backups', {}],
    ['list_cluster_backups', { clusterId: ORDERS }],
    ['get_backup', { backupId: BACKUP }],
  ])('are told in %s with the present one', async (tool, args) => {
    const { call } = await connect();

    const { now } = Object((await call(tool, args)).structuredContent);

    expect(now).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    expect(Math.abs(Date.now() - Date.parse(now))).toBeLessThan(10_000);
  });
});

describe('restore_cluster', () => {
  test('sends the backup and the time, and says to wait', async () => {
    const { call, sandbox, sent, log } = await connect();
    const recoveryTargetTime = ago(DAY);

    const result = await call('restore_cluster', { clusterId: ORDERS, backupId: BACKUP, recoveryTargetTime });

    expect(sent()).toMatchObject([
      { method: 'POST', path: `clusters/${ORDERS}/restore`, body: { backupId: BACKUP, recoveryTargetTime } },
    ]);
    expect(result.structuredContent).toEqual({
      outcome: 'started',
      plan: {
        summary: expect.any(String),
        effects: expect.arrayContaining([expect.stringContaining(recoveryTargetTime)]),
      },
      note: 'Being restored: call wait_for_cluster until it is AVAILABLE.',
    });
    expect(sandbox.cluster(ORDERS).metadata.state).toBe('BUSY');
    expect(log).toMatchObject([
      { tool: 'restore_cluster', target: `${ORDERS}/${BACKUP}`, outcome: 'started', audit: true },
    ]);
  });

  test('sends no time where none is given', async () => {
    const { call, sent } = await connect();

    await call('restore_cluster', { clusterId: ORDERS, backupId: BACKUP, recoveryTargetTime: null });

    expect(sent().map(({ body }) => body)).toEqual([{ backupId: BACKUP }]);
  });

  test('brings back the databases and users of that time, and nothing that came later', async () => {
    const { call, pass } = await connect();
    const before = ago(1000);
    await call('delete_database', { clusterId: ORDERS, name: 'shop' });
    await call('create_user', { clusterId: ORDERS, username: 'late', password: 'correct-horse-battery' });
    pass(6_000);

    await call('restore_cluster', { clusterId: ORDERS, backupId: BACKUP, recoveryTargetTime: before });

    const { databases } = Object((await call('list_databases', { clusterId: ORDERS })).structuredContent);
    const { users } = Object((await call('list_users', { clusterId: ORDERS })).structuredContent);
    expect(databases.map(({ name }: { name: string }) => name)).toEqual(['shop', 'shop_staging']);
    expect(users.map(({ username }: { username: string }) => username)).not.toContain('late');
  });
});

describe('an agreement to a restore', () => {
  const restore = { clusterId: ORDERS, backupId: BACKUP };
  const asking = (name: string): World => ({
    confirm: 'destructive',
    onQuestion: () => ({ action: 'accept', content: { name } }),
  });

  test.each([
    ['orders', 'started', 1],
    ['order', 'declined', 0],
    ['', 'declined', 0],
  ])('is the name of the cluster: typed %j it is %s', async (name, outcome, count) => {
    const { call, sent } = await connect(asking(name));

    expect(writtenIn(await call('restore_cluster', restore)).outcome).toBe(outcome);
    expect(sent()).toHaveLength(count);
  });

  test('is a token and the name where the client cannot ask, and for this backup and time alone', async () => {
    const { call, sandbox, sent } = await connect({ confirm: 'destructive' });
    const { summary } = await planOf('restore_cluster', restore, sandbox);
    const { outcome, plan, confirmationToken } = writtenIn(await call('restore_cluster', restore));
    expect(outcome).toBe('needs_confirmation');
    expect(plan.summary).toBe(summary);
    const agreed = { ...restore, confirmationToken, confirmationName: 'orders' };

    const other = writtenIn(await call('restore_cluster', { ...agreed, recoveryTargetTime: ago(HOUR) }));
    const unnamed = writtenIn(await call('restore_cluster', { ...agreed, confirmationName: undefined }));
    expect(other.note).toMatch(/confirmationToken is not valid for this call/);
    expect(unnamed.note).toMatch(/confirmationName is missing/);
    expect(sent()).toEqual([]);

    expect(writtenIn(await call('restore_cluster', agreed)).outcome).toBe('started');
    expect(sent()).toMatchObject([{ body: { backupId: BACKUP } }]);
  });
});

test('an agreement to a restore is for this one alone, even when it is asked for again as long as it counts', async () => {
  const { call, pass, sent } = await connect({ confirm: 'destructive' });
  const restore = { clusterId: ORDERS, backupId: BACKUP };
  const { confirmationToken } = writtenIn(await call('restore_cluster', restore));
  const agreed = { ...restore, confirmationToken, confirmationName: 'orders' };
  expect(writtenIn(await call('restore_cluster', agreed)).outcome).toBe('started');
  pass(60_000);

  const later = Date.now() + 150_000;
  vi.spyOn(Date, 'now').mockReturnValue(later);
  onTestFinished(() => void vi.restoreAllMocks());

  expect(writtenIn(await call('restore_cluster', agreed)).note).toMatch(/This confirmation has already been used/);
  expect(sent()).toHaveLength(1);
});

describe('a restore whose answer is lost is not retried, and the error says what a check found', () => {
  test.each([
    ['lost', /found the cluster BUSY: most likely it is being restored\. Do not restore it again.*wait_for_cluster/],
    [
      'drop',
      /found the cluster AVAILABLE\. The restore may have begun anyway: before restoring again, check get_cluster/,
    ],
    [500, /^The API answered 500.*\n.*found the cluster AVAILABLE.*before restoring again.*list_cluster_backups/],
  ] as const)('%s', async (kind, words) => {
    const { call, sandbox, sent, log } = await connect();
    failWrites(sandbox, { kind });

    const text = errorOf(await call('restore_cluster', { clusterId: ORDERS, backupId: BACKUP }));

    expect(text).toMatch(words);
    expect(sent()).toHaveLength(1);
    expect(log).toMatchObject([{ outcome: 'failed', audit: true }]);
  });

  test('or that none was possible', async () => {
    const { call, sandbox } = await connect();
    failWrites(sandbox, { kind: 'lost' });
    const whole = sandbox.fetch;
    sandbox.fetch = async (request) => {
      if (request.method !== 'GET') failReads(sandbox, /./, { kind: 403 });
      return whole(request);
    };

    const text = errorOf(await call('restore_cluster', { clusterId: ORDERS, backupId: BACKUP }));

    expect(text).toMatch(/may have taken effect: check before retrying/);
  });
});
