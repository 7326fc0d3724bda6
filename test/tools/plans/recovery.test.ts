import { describe, expect, test } from 'vitest';
import type { Fetch } from '../../../src/api/client.ts';
import { createSandbox } from '../../../src/sandbox/index.ts';
import type { WayBack } from '../../../src/tools/plans/facts.ts';
import { ANALYTICS, ago, BACKUP, backupsIn, DAY, HOUR, OF_ANALYTICS, ORDERS, upgraded } from '../../helpers/backups.ts';
import { connect, errorOf, type World } from '../../helpers/connect.ts';
import { hurried } from '../../helpers/fake-clock.ts';
import { failReads } from '../../helpers/faults.ts';
import { order } from '../../helpers/orders.ts';
import { changeOutside } from '../../helpers/outside-change.ts';
import { factsOf, planOf } from '../../helpers/plans.ts';
import { writtenIn } from '../../helpers/written.ts';

type Connected = Awaited<ReturnType<typeof connect>>;

describe('the plan of a restore', () => {
  const factsOfRestore = (args: object, { sandbox }: Pick<Connected, 'sandbox'> = { sandbox: createSandbox() }) =>
    factsOf('restore', 'restore_cluster', { clusterId: ORDERS, ...args }, sandbox);

  test('has the cluster, the backup and how far back it reaches, and the way back until when', async () => {
    const facts = await factsOfRestore({ backupId: BACKUP });

    const from = expect.stringMatching(/^\d{4}-\d\d-\d\dT\S+Z$/);
    expect(facts).toEqual({
      kind: 'restore',
      at: from,
      cluster: { id: ORDERS, displayName: 'orders' },
      lost: { what: 'newest' },
      interruption: 'unreachable',
      wayBack: {
        by: 'backup',
        backups: [{ id: BACKUP, postgresVersion: '16', reach: { from, goesOn: true }, until: from }],
      },
      replay: {
        backup: { id: BACKUP, clusterId: ORDERS, postgresVersion: '16', state: 'AVAILABLE' },
        reach: { from, goesOn: true },
        isLate: false,
        missesNewest: true,
      },
    });
    expect(untilIn(facts.wayBack)).toEqual([expect.closeTo(Date.parse(facts.at) + 7 * DAY, -4)]);
  });

  test.each([
    [20 * 60_000, true],
    [40 * 60_000, false],
    [3 * DAY, false],
  ])('to a time %d ms ago loses all since then; whether its changes may be missing: %s', async (ms, missesNewest) => {
    const time = ago(ms);

    const { lost, replay } = await factsOfRestore({ backupId: BACKUP, recoveryTargetTime: time });

    expect(lost).toEqual({ what: 'written-since', since: time });
    expect(replay).toMatchObject({ time, isLate: false, missesNewest });
  });

  test('of an older backup of the cluster loses all since its end, whatever time is asked for', async () => {
    const world = await connect();
    const upgrade = Date.now();
    const { old, present } = await upgraded(world);
    expect(present).not.toBe(old);

    for (const [recoveryTargetTime, isLate] of [[undefined, false] as const, [ago(0), true] as const]) {
      const { lost, replay, wayBack } = await factsOfRestore({ backupId: old, recoveryTargetTime }, world);

      const { end = '' } = replay.reach;
      expect(Math.abs(Date.parse(end) - upgrade)).toBeLessThan(2_000);
      expect(lost).toEqual({ what: 'written-since', since: end });
      expect(replay).toMatchObject({ reach: { goesOn: false }, isLate, missesNewest: false });
      expect(wayBack).toMatchObject({ by: 'backup', backups: [{ id: present }] });
    }
    const before = ago(HOUR);
    const { lost } = await factsOfRestore({ backupId: old, recoveryTargetTime: before }, world);
    expect(lost).toEqual({ what: 'written-since', since: before });
  });

  test('has no way back where the present backup has no base yet', async () => {
    const world = await connect();
    await changeOutside(world.sandbox, ORDERS, { postgresVersion: '17' });
    world.pass(5_000);

    const { wayBack } = await factsOfRestore({ backupId: BACKUP }, world);

    expect(wayBack).toEqual({ by: 'none', baseless: expect.stringMatching(new RegExp(`^${ORDERS}-.*-17$`)) });
  });

  test('leaves open what the API does not report about a backup', async () => {
    const odd = { id: 'b-1', metadata: { state: 'FAILED' }, properties: { earliestRecoveryTargetTime: ago(DAY) } };
    const fetch: Fetch = async ({ url }) => {
      if (/backups\/b-1/.test(url)) return Response.json(odd);
      if (/backups\?/.test(url)) return Response.json({ type: 'collection', items: [odd] });
      return Response.json({ id: ORDERS, metadata: { state: 'AVAILABLE' }, properties: {} });
    };

    const facts = await factsOf('restore', 'restore_cluster', { clusterId: ORDERS, backupId: 'b-1' }, { fetch });

    expect(facts).toMatchObject({ cluster: { id: ORDERS }, lost: { what: 'all' }, wayBack: { by: 'none' } });
    expect(facts.replay).toEqual({
      backup: { id: 'b-1', state: 'FAILED' },
      reach: { from: odd.properties.earliestRecoveryTargetTime },
      isLate: false,
      missesNewest: false,
    });
  });

  test('leaves open whether a time is before an unknown end, and loses at least what came after it', async () => {
    const time = ago(HOUR);
    const properties = { clusterId: ORDERS, isActive: false, earliestRecoveryTargetTime: ago(DAY) };
    const ended = { id: 'b-1', metadata: { createdDate: ago(DAY) }, properties };
    const fetch: Fetch = async ({ url }) => {
      if (/backups\/b-1/.test(url)) return Response.json(ended);
      if (/backups\?/.test(url)) return Response.json({ items: [ended] });
      return Response.json({ id: ORDERS, metadata: { state: 'AVAILABLE' }, properties: {} });
    };
    const args = { clusterId: ORDERS, backupId: 'b-1' };

    const whole = await factsOf('restore', 'restore_cluster', args, { fetch });
    const timed = await factsOf('restore', 'restore_cluster', { ...args, recoveryTargetTime: time }, { fetch });

    expect([whole.lost, whole.replay.isLate]).toEqual([{ what: 'written-since' }, false]);
    expect([timed.lost, timed.replay.isLate]).toEqual([{ what: 'written-since', atLeastSince: time }, undefined]);
  });

  test('does without the backups of the cluster where they cannot be read', async () => {
    const world = await connect();
    failReads(world.sandbox, /b3d0a6c4[^/]*\/backups$/, { kind: 403 });

    expect((await factsOfRestore({ backupId: BACKUP }, world)).wayBack).toEqual({ by: 'unknown' });
    expect((await factsOfRestore({ backupId: OF_ANALYTICS }, world)).wayBack).toEqual({ by: 'unknown' });
  });

  test('of the backup of another cluster loses all, with a time as well', async () => {
    for (const recoveryTargetTime of [undefined, ago(DAY)]) {
      const { lost, wayBack } = await factsOfRestore({ backupId: OF_ANALYTICS, recoveryTargetTime });

      expect(lost).toEqual({ what: 'all', replacedBy: ANALYTICS });
      expect(wayBack).toMatchObject({ by: 'backup', backups: [{ id: BACKUP }] });
    }
  });

  test('has that the backup is larger than the storage, and nothing where it fits', async () => {
    const large = await factsOfRestore({ backupId: OF_ANALYTICS });
    const small = await factsOfRestore({ backupId: BACKUP });

    expect(large.replay.tightRoom).toEqual({ backupSize: expect.any(Number), storageSize: 20_480 });
    expect(large.replay.tightRoom?.backupSize).toBeGreaterThan(20_480);
    expect(small.replay.tightRoom).toBeUndefined();
  });
});

/** In ms since the epoch. */
function untilIn(wayBack: WayBack): number[] {
  return wayBack.by === 'backup' ? wayBack.backups.map(({ until = '' }) => Date.parse(until)) : [];
}

describe('a restore that cannot work is refused before anything is sent', () => {
  const time = 'recoveryTargetTime';

  test.each<[when: string, args: Record<string, string>, words: RegExp]>([
    ['does not exist', { backupId: 'gone-16' }, /^backupId \(gone-16\): does not exist; .*7 days, .*\. Backups: "/],
    ['the time is before the backup reaches', { [time]: ago(8 * DAY) }, /^recoveryTargetTime: .* must be between/],
    ['the time is in the future', { [time]: ago(-HOUR) }, /^recoveryTargetTime: .* must be between .* and now/],
    [
      'the time has no zone',
      { [time]: '2026-03-04T05:06:07' },
      /^recoveryTargetTime .*must be an ISO 8601 time with its zone,/,
    ],
    ['the ID leaves its place', { backupId: '../x' }, /^backupId \("\.\.\/x"\): must be 1 to 128/],
  ])('%s', async (_, args, words) => {
    for (const how of [{}, { dryRun: true }]) {
      const { call, sent, log } = await connect();

      const text = errorOf(await call('restore_cluster', { clusterId: ORDERS, backupId: BACKUP, ...args, ...how }));

      const [first, ...problems] = text.split('\n');
      expect(first).toBe('Nothing was sent. Correct this and call again:');
      expect(problems).toEqual([expect.stringMatching(words)]);
      expect(sent()).toEqual([]);
      expect(log).toMatchObject([{ outcome: 'refused', audit: true, target: `${ORDERS}/${args.backupId ?? BACKUP}` }]);
    }
  });

  test('the backup is of a newer version, and its base is not complete: both at once', async () => {
    const { call, sandbox, sent } = await connect();
    const { id } = sandbox.addCluster({ postgresVersion: '17' });
    const [backup] = backupsIn(await call('list_cluster_backups', { clusterId: id }));

    const text = errorOf(await call('restore_cluster', { clusterId: ORDERS, backupId: backup?.id }));

    expect(text).toMatch(
      /backupId \(.*\): is from PostgreSQL 17, and the cluster has 16; it needs the same or a newer version/,
    );
    expect(text).toMatch(/has no earliestRecoveryTargetTime: its first base backup is not complete/);
    expect(sent()).toEqual([]);
  });

  test('a version of two digits is not taken for an older one', async () => {
    const properties = { version: '9', clusterId: ORDERS, earliestRecoveryTargetTime: ago(DAY) };
    const { call } = await connect({
      fetch: async ({ url }) =>
        Response.json(
          url.includes('/backups')
            ? { id: 'b-9', properties, type: 'collection' }
            : { id: ORDERS, metadata: { state: 'AVAILABLE' }, properties: { postgresVersion: '10' } },
        ),
    });

    const result = await call('restore_cluster', { clusterId: ORDERS, backupId: 'b-9', dryRun: true });

    expect(writtenIn(result).outcome).toBe('preview');
  });

  test('the cluster has too little memory', async () => {
    const { call, sandbox, sent } = await connect();
    const { id } = sandbox.addCluster({ ram: 2048 });

    const text = errorOf(await call('restore_cluster', { clusterId: id, backupId: BACKUP }));

    expect(text).toMatch(/needs a cluster with at least 4096 MB of ram, and this one has 2048/);
    expect(sent()).toEqual([]);
  });

  test('the cluster is BUSY, or being deleted', async () => {
    const { call, sandbox, sent } = await connect();
    await changeOutside(sandbox, ORDERS, { cores: 8 });
    const { id } = sandbox.addCluster({ displayName: 'gone' });
    await call('delete_cluster', { clusterId: id });
    sent().length = 0;

    const busy = errorOf(await call('restore_cluster', { clusterId: ORDERS, backupId: BACKUP }));
    const leaving = errorOf(await call('restore_cluster', { clusterId: id, backupId: BACKUP }));

    expect(busy).toMatch(
      /^Nothing was sent\. The cluster "orders" \(.*\) is BUSY with another change.*wait_for_cluster/,
    );
    expect(leaving).toBe(`Nothing was sent. The cluster "gone" (${id}) is being deleted.`);
    expect(sent().filter(({ method }) => method === 'POST')).toEqual([]);
  });

  test.each(['neverDelete', 'neverChange'])('the policy says %s', async (rule) => {
    const policy = JSON.stringify({ owner: 'the platform team', [rule]: ['ord*'] });
    for (const how of [{}, { dryRun: true }]) {
      const { call, sent } = await connect({ policy });

      const text = errorOf(await call('restore_cluster', { clusterId: ORDERS, backupId: BACKUP, ...how }));

      expect(text).toMatch(
        new RegExp(`^Nothing was sent\\. Blocked by a policy that the platform team[\\s\\S]*${rule} "ord\\*"`),
      );
      expect(sent()).toEqual([]);
    }
  });
});

const AN_HOUR_AGO = new Date(Date.now() - HOUR).toISOString();

describe('an order that is to be filled from a backup', () => {
  const filled = (fromBackup: object, rest: object = {}) => ({ ...order, ...rest, fromBackup });

  test('sends which backup and up to when, and the new cluster has its databases', async () => {
    const { call, sent } = await connect();
    const fromBackup = { backupId: OF_ANALYTICS, recoveryTargetTime: AN_HOUR_AGO };

    const result = await call('create_cluster', filled(fromBackup, { storageSize: 512_000 }));

    expect(writtenIn(result).outcome).toBe('started');
    expect(sent()).toMatchObject([{ path: 'clusters', body: { properties: { fromBackup } } }]);
    const { id } = Object(result.structuredContent).cluster;
    const { databases } = Object((await call('list_databases', { clusterId: id })).structuredContent);
    expect(databases.map(({ name }: { name: string }) => name)).toEqual(['events', 'warehouse']);
  });

  test.each([undefined, AN_HOUR_AGO])('is planned with its backup, up to %s', async (recoveryTargetTime) => {
    const { filledFrom } = await factsOf('order', 'create_cluster', filled({ backupId: BACKUP, recoveryTargetTime }));

    expect(filledFrom).toEqual({
      backup: { id: BACKUP, clusterId: ORDERS, postgresVersion: '16', state: 'AVAILABLE' },
      reach: { from: expect.any(String), goesOn: true },
      time: recoveryTargetTime,
      isLate: false,
      missesNewest: recoveryTargetTime === undefined,
    });
  });

  test('is warned of too little room', async () => {
    const { filledFrom } = await factsOf('order', 'create_cluster', filled({ backupId: OF_ANALYTICS }));

    expect(filledFrom?.tightRoom).toMatchObject({ storageSize: 20_480 });
  });

  test.each<[when: string, fromBackup: object, rest: object, words: RegExp]>([
    ['no such backup', { backupId: 'gone' }, {}, /^fromBackup\.backupId \(gone\): does not exist/],
    ['an older version', {}, { postgresVersion: '15' }, /^fromBackup\.backupId \(.*\): is from PostgreSQL 16.* has 15/],
    [
      'too little memory',
      {},
      { ram: 2048 },
      /^fromBackup\.backupId \(.*\): needs a cluster with at least 4096 MB of ram/,
    ],
    ['too early', { recoveryTargetTime: ago(8 * DAY) }, {}, /^fromBackup\.recoveryTargetTime: .* must be between/],
    ['the future', { recoveryTargetTime: ago(-HOUR) }, {}, /^fromBackup\.recoveryTargetTime: .* must be between/],
  ])('is refused for %s before anything is sent', async (_, fromBackup, rest, words) => {
    for (const how of [{}, { dryRun: true }]) {
      const { call, sent } = await connect();

      const text = errorOf(
        await call('create_cluster', { ...filled({ backupId: BACKUP, ...fromBackup }, rest), ...how }),
      );

      expect(text.split('\n').slice(1)).toEqual([expect.stringMatching(words)]);
      expect(sent()).toEqual([]);
    }
  });

  test('is refused while the backup has no base, and goes out once it has one', async () => {
    const { call, sandbox, pass } = await connect();
    const { id } = sandbox.addCluster();
    const [backup] = backupsIn(await call('list_cluster_backups', { clusterId: id }));

    const text = errorOf(await call('create_cluster', filled({ backupId: backup?.id })));
    pass(60_000);
    const later = await call('create_cluster', filled({ backupId: backup?.id }));

    expect(text).toMatch(/fromBackup\.backupId \(.*\): has no earliestRecoveryTargetTime/);
    expect(writtenIn(later).outcome).toBe('started');
  });
});

describe('the plan of a deletion', () => {
  const wayBackOf = async ({ sandbox }: Pick<Connected, 'sandbox'>, clusterId = ORDERS) =>
    (await factsOf('deletion', 'delete_cluster', { clusterId }, sandbox)).wayBack;

  test('names the backup that remains, how far back it goes and until when it is kept', async () => {
    const wayBack = await wayBackOf({ sandbox: createSandbox() });

    const reach = { from: expect.stringMatching(/^\d{4}-/), goesOn: true };
    const backup = { id: BACKUP, postgresVersion: '16', reach, until: expect.any(String) };
    expect(wayBack).toEqual({ by: 'backup', backups: [backup] });
    expect(untilIn(wayBack)).toEqual([expect.closeTo(Date.now() + 7 * DAY, -4)]);
  });

  test('names each of several', async () => {
    const world = await connect();
    const { old, present } = await upgraded(world);

    const wayBack = await wayBackOf(world);

    const ended = { from: expect.any(String), end: expect.any(String), goesOn: false };
    expect(wayBack).toMatchObject({
      by: 'backup',
      backups: [
        { id: old, postgresVersion: '16', reach: ended },
        { id: present, postgresVersion: '17', reach: { goesOn: true } },
      ],
    });
    expect(untilIn(wayBack)).toHaveLength(2);
  });

  test('has no way back where no backup has a base', async () => {
    const sandbox = createSandbox();
    const { id } = sandbox.addCluster();

    expect(await wayBackOf({ sandbox }, id)).toMatchObject({ by: 'none' });
  });

  test.each([{ kind: 403 }, { kind: 503 }, { kind: 'drop' }, { kind: 'html' }] as const)(
    'does without them where their list fails with %j, and so does the deletion',
    async (fault) => {
      const world = await connect({ confirm: 'destructive', onQuestion: accept });
      failReads(world.sandbox, /\/backups$/, fault);

      expect(await hurried(() => wayBackOf(world))).toEqual({ by: 'unknown' });
      const done = await hurried(() => world.call('delete_cluster', { clusterId: ORDERS }));
      expect(writtenIn(done).outcome).toBe('started');
    },
  );

  const accept: NonNullable<World['onQuestion']> = () => ({ action: 'accept', content: { name: 'orders' } });
});

describe('the plan of the deletion of a database', () => {
  const shop = { clusterId: ORDERS, name: 'shop' };

  test('has its owner, and the backup that brings it back until when', async () => {
    const facts = await factsOf('database-deletion', 'delete_database', shop);

    expect(facts).toEqual({
      kind: 'database-deletion',
      cluster: { id: ORDERS, displayName: 'orders' },
      name: 'shop',
      owner: 'orders_owner',
      wayBack: { by: 'backup', backups: [expect.objectContaining({ id: BACKUP })] },
    });
    expect(untilIn(facts.wayBack)).toEqual([expect.closeTo(Date.now() + 7 * DAY, -4)]);
  });

  test('points to the backup from before an upgrade, where the present one has no base yet', async () => {
    const world = await connect();
    await changeOutside(world.sandbox, ORDERS, { postgresVersion: '17' });
    world.pass(5_000);

    const { effects } = await planOf('delete_database', shop, world.sandbox);

    expect(effects.join(' ')).toContain('Earlier data may be in an earlier backup of the whole cluster');
    expect(effects.join(' ')).not.toContain('No backup can bring it back');
  });

  test('counts on the present backup alone, and on none that cannot be read', async () => {
    const world = await connect();
    await changeOutside(world.sandbox, ORDERS, { postgresVersion: '17' });
    world.pass(5_000);
    expect((await factsOf('database-deletion', 'delete_database', shop, world.sandbox)).wayBack.by).toBe('none');

    failReads(world.sandbox, /\/backups$/, { kind: 403 });
    expect((await factsOf('database-deletion', 'delete_database', shop, world.sandbox)).wayBack.by).toBe('unknown');
  });
});

test('the plan of the deletion of a cluster claims nothing of a backup that may go on', async () => {
  const world = await connect();
  const whole = world.sandbox.fetch;
  world.sandbox.fetch = async (request) => {
    const response = await whole(request);
    if (!request.url.includes('/backups')) return response;
    const text = (await response.text()).replaceAll(/"isActive":(true|false),?/g, '');
    return new Response(text, response);
  };

  const { effects } = await planOf('delete_cluster', { clusterId: ORDERS }, world.sandbox);

  expect(effects.join(' ')).toContain('the API does not report whether one of them is still active');
  expect(effects.join(' ')).not.toContain('lost for good');
});

test('a cluster whose ID the API writes in capitals is not taken for another one', async () => {
  const world = await connect();
  const whole = world.sandbox.fetch;
  world.sandbox.fetch = async (request) => {
    const response = await whole(request);
    if (!request.url.includes('/backups')) return response;
    return new Response(
      (await response.text()).replaceAll(`"clusterId":"${ORDERS}"`, `"clusterId":"${ORDERS.toUpperCase()}"`),
      response,
    );
  };

  const restore = { clusterId: ORDERS, backupId: BACKUP };
  const { lost } = await factsOf('restore', 'restore_cluster', restore, world.sandbox);

  expect(lost).toEqual({ what: 'newest' });
});
