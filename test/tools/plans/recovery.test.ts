import { describe, expect, test } from 'vitest';
import { ANALYTICS, ago, BACKUP, backupsIn, DAY, HOUR, OF_ANALYTICS, ORDERS, upgraded } from '../../helpers/backups.ts';
import { connect, errorOf, type World } from '../../helpers/connect.ts';
import { hurried } from '../../helpers/fake-clock.ts';
import { failReads } from '../../helpers/faults.ts';
import { order } from '../../helpers/orders.ts';
import { changeOutside } from '../../helpers/outside-change.ts';
import { writtenIn } from '../../helpers/written.ts';

describe('the preview of a restore', () => {
  async function previewOf(args: object, world?: Awaited<ReturnType<typeof connect>>) {
    const { call, sent } = world ?? (await connect({ confirm: 'destructive', requireHuman: true }));
    const result = writtenIn(await call('restore_cluster', { clusterId: ORDERS, ...args, dryRun: true }));
    expect(result).toMatchObject({ outcome: 'preview', note: 'Nothing was sent.' });
    expect(sent().filter(({ path }) => path.endsWith('restore'))).toEqual([]);
    return result.plan;
  }

  test('names the cluster, the backup and how far back it reaches', async () => {
    const { summary, effects } = await previewOf({ backupId: BACKUP });

    expect(summary).toBe(`Restore the PostgreSQL cluster orders (${ORDERS}) in place: what is in it now is replaced.`);
    const words = effects.join(' ');
    expect(words).toMatch(
      new RegExp(`Backup ${BACKUP} of cluster ${ORDERS}, PostgreSQL 16, reaches from 2\\S+ until now`),
    );
    expect(words).toMatch(/Nobody reaches its databases meanwhile.*version of PostgreSQL stays/);
    expect(words).toContain(`The only way back is its present backup, ${BACKUP}, which ends with this`);
  });

  test.each([
    [90 * 60_000, '90 minutes'],
    [5 * HOUR, '5 hours'],
    [3 * DAY, '3 days'],
  ])('to a time %d ms ago says how much of the own cluster is lost', async (ms, words) => {
    const time = ago(ms);

    const { effects } = await previewOf({ backupId: BACKUP, recoveryTargetTime: time });

    expect(effects[0]).toBe(
      `All that was written since ${time}, ${words} ago is lost: data, databases, users and passwords.`,
    );
    expect(effects.at(-1)).toContain(`it is replayed up to ${time}, without that moment.`);
  });

  test.each([
    [20 * 60_000, true],
    [40 * 60_000, false],
  ])('to a time %d ms ago says whether its changes may not be in the backup yet', async (ms, warned) => {
    const { effects } = await previewOf({ backupId: BACKUP, recoveryTargetTime: ago(ms) });

    expect(effects.join().includes('last 30 minutes may not be in the backup yet')).toBe(warned);
  });

  test('of the active backup without a time speaks of the last half hour alone', async () => {
    const { effects } = await previewOf({ backupId: BACKUP });

    expect(effects.join()).not.toContain('is lost');
    expect(effects.join()).toContain('it is replayed as far as it reaches.');
    expect(effects.at(-1)).toMatch(/^What was written in about the last 30 minutes may not be in the backup yet/);
  });

  test('of an older backup of the cluster says that all since its end is lost, whatever time is asked for', async () => {
    const world = await connect();
    const upgrade = Date.now();
    const { old, present } = await upgraded(world);
    expect(present).not.toBe(old);

    for (const [recoveryTargetTime, isLate] of [[undefined, false] as const, [ago(0), true] as const]) {
      const { effects } = await previewOf({ backupId: old, recoveryTargetTime }, world);

      const [, since = ''] =
        /^All that was written since (\S+), a moment ago is lost: data, /.exec(effects[0] ?? '') ?? [];
      expect(Math.abs(Date.parse(since) - upgrade)).toBeLessThan(2_000);
      expect(effects.join()).toMatch(new RegExp(`reaches from \\S+ to ${since};`));
      expect(effects.join().includes('lies after its end: nothing comes back that was written after')).toBe(isLate);
    }
  });

  test('says that there is no way back where the present backup has no base yet', async () => {
    const world = await connect();
    await changeOutside(world.sandbox, ORDERS, { postgresVersion: '17' });
    world.pass(5_000);

    const { effects } = await previewOf({ backupId: BACKUP }, world);

    expect(effects.join()).toMatch(/There is no way back: its present backup, \S+, has no base yet/);
  });

  test('says what it does not know of a backup that tells little of itself', async () => {
    const odd = { id: 'b-1', metadata: { state: 'FAILED' }, properties: { earliestRecoveryTargetTime: ago(DAY) } };
    const { call } = await connect({
      fetch: async ({ url }) => {
        if (/backups\/b-1/.test(url)) return Response.json(odd);
        if (/backups\?/.test(url)) return Response.json({ type: 'collection', items: [odd] });
        return Response.json({ id: ORDERS, metadata: { state: 'AVAILABLE' }, properties: {} });
      },
    });

    const result = await call('restore_cluster', { clusterId: ORDERS, backupId: 'b-1', dryRun: true });

    const words = writtenIn(result).plan.effects.join(' ');
    expect(words).toMatch(/replaced by those of the cluster unknown\..*no way back.*PostgreSQL unknown/);
    expect(words).toMatch(/whether it goes on, the API does not tell.*The backup is FAILED, not AVAILABLE\./);
  });

  test('of the backup of another cluster says whose content comes, with a time as well', async () => {
    for (const time of [undefined, ago(DAY)]) {
      const { effects } = await previewOf({ backupId: OF_ANALYTICS, recoveryTargetTime: time });

      expect(effects[0]).toBe(
        `All data, databases, users and passwords of orders are replaced by those of the cluster ${ANALYTICS}.`,
      );
    }
  });

  test('warns where the backup is larger than the storage, and not where it fits', async () => {
    const { effects } = await previewOf({ backupId: OF_ANALYTICS });
    const fits = await previewOf({ backupId: BACKUP });

    expect(effects.at(-1)).toMatch(/^The backup has \d+ MB.*cluster has 20480 MB of storage.*the restore fails\.$/);
    expect(fits.effects.join()).not.toContain('of storage');
  });
});

describe('a restore that cannot work is refused before anything is sent', () => {
  const time = 'recoveryTargetTime';

  test.each<[when: string, args: Record<string, string>, words: RegExp]>([
    [
      'there is no such backup',
      { backupId: 'gone-16' },
      /^backupId \(gone-16\): there is no such backup; .*7 days.*list_backups/,
    ],
    ['the time is before the backup reaches', { [time]: ago(8 * DAY) }, /^recoveryTargetTime: .* has to lie between/],
    ['the time is in the future', { [time]: ago(-HOUR) }, /^recoveryTargetTime: .* has to lie between .* and now/],
    ['the time has no zone', { [time]: '2026-03-04T05:06:07' }, /^recoveryTargetTime .*must be an ISO 8601 time/],
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
      /backupId \(.*\): is of PostgreSQL 17, and the cluster has 16; it takes the same or a newer version/,
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

    expect(text).toMatch(/takes a cluster with 4096 MB of ram or more, and this one has 2048/);
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

    expect(busy).toMatch(/^Nothing was sent\. The cluster orders \(.*\) is BUSY with another change.*wait_for_cluster/);
    expect(leaving).toBe(`Nothing was sent. The cluster gone (${id}) is being deleted.`);
    expect(sent().filter(({ method }) => method === 'POST')).toEqual([]);
  });

  test.each(['neverDelete', 'neverChange'])('the policy says %s', async (rule) => {
    const policy = JSON.stringify({ owner: 'the platform team', [rule]: ['ord*'] });
    for (const how of [{}, { dryRun: true }]) {
      const { call, sent } = await connect({ policy });

      const text = errorOf(await call('restore_cluster', { clusterId: ORDERS, backupId: BACKUP, ...how }));

      expect(text).toMatch(new RegExp(`^Nothing was sent\\. A rule set by the platform team[\\s\\S]*${rule} "ord\\*"`));
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

    expect(writtenIn(result).outcome).toBe('done');
    expect(sent()).toMatchObject([{ path: 'clusters', body: { properties: { fromBackup } } }]);
    const { id } = Object(result.structuredContent).cluster;
    const { databases } = Object((await call('list_databases', { clusterId: id })).structuredContent);
    expect(databases.map(({ name }: { name: string }) => name)).toEqual(['events', 'warehouse']);
  });

  test.each([
    [undefined, 'it is replayed as far as it reaches.'],
    [AN_HOUR_AGO, `it is replayed up to ${AN_HOUR_AGO}, without that moment.`],
  ])('is previewed with its backup, up to %s', async (recoveryTargetTime, words) => {
    const { call, sent } = await connect();

    const result = await call('create_cluster', { ...filled({ backupId: BACKUP, recoveryTargetTime }), dryRun: true });

    const { plan } = writtenIn(result);
    expect(plan.summary).toMatch(/^Order the PostgreSQL 16 cluster shop/);
    expect(plan.effects).toContainEqual(expect.stringMatching(`^Backup ${BACKUP} of cluster ${ORDERS}, PostgreSQL 16`));
    expect(plan.effects.join(' ')).toContain(words);
    expect(sent()).toEqual([]);
  });

  test('is warned of too little room', async () => {
    const { call } = await connect();

    const result = await call('create_cluster', { ...filled({ backupId: OF_ANALYTICS }), dryRun: true });

    expect(writtenIn(result).plan.effects.join(' ')).toMatch(/The backup has \d+ MB.*the cluster has 20480 MB/);
  });

  test.each<[when: string, fromBackup: object, rest: object, words: RegExp]>([
    ['no such backup', { backupId: 'gone' }, {}, /^fromBackup\.backupId \(gone\): there is no such backup/],
    ['an older version', {}, { postgresVersion: '15' }, /^fromBackup\.backupId \(.*\): is of PostgreSQL 16.* has 15/],
    ['too little memory', {}, { ram: 2048 }, /^fromBackup\.backupId \(.*\): takes a cluster with 4096 MB of ram/],
    ['too early', { recoveryTargetTime: ago(8 * DAY) }, {}, /^fromBackup\.recoveryTargetTime: .* has to lie between/],
    ['the future', { recoveryTargetTime: ago(-HOUR) }, {}, /^fromBackup\.recoveryTargetTime: .* has to lie between/],
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
    expect(writtenIn(later).outcome).toBe('done');
  });
});

describe('the preview of a deletion', () => {
  const remaining = async ({ call }: Awaited<ReturnType<typeof connect>>, clusterId = ORDERS) => {
    const result = await hurried(() => call('delete_cluster', { clusterId, dryRun: true }));
    return writtenIn(result).plan.effects.at(-1);
  };

  test('names the backup that remains, how far back it goes and for how long it is kept', async () => {
    expect(await remaining(await connect())).toMatch(
      new RegExp(
        `^These backups remain, for at most 7 days: ${BACKUP} \\(PostgreSQL 16, from \\d{4}-\\S* until now\\)\\. .*fromBackup`,
      ),
    );
  });

  test('names each of several', async () => {
    const world = await connect();
    const { old, present } = await upgraded(world);

    const words = await remaining(world);

    expect(words).toMatch(new RegExp(`${old} \\(PostgreSQL 16, from \\S+ to \\S+\\); ${present} \\(PostgreSQL 17, `));
  });

  test('says that nothing remains where no backup has a base', async () => {
    const world = await connect();
    const { id } = world.sandbox.addCluster();

    expect(await remaining(world, id)).toBe('No backup of it can be restored: what is in it is lost for good.');
  });

  test.each([{ kind: 403 }, { kind: 503 }, { kind: 'drop' }, { kind: 'html' }] as const)(
    'does without them where their list fails with %j, and so does the deletion',
    async (fault) => {
      const world = await connect({ confirm: 'destructive', onQuestion: accept });
      failReads(world.sandbox, /\/backups$/, fault);

      expect(await remaining(world)).toBe(
        'Which backups of it remain cannot be told now; IONOS keeps them for at most 7 days.',
      );
      const done = await hurried(() => world.call('delete_cluster', { clusterId: ORDERS }));
      expect(writtenIn(done).outcome).toBe('done');
    },
  );

  const accept: NonNullable<World['onQuestion']> = () => ({ action: 'accept', content: { name: 'orders' } });
});
