import { describe, expect, test } from 'vitest';
import { BACKUP, ORDERS } from '../helpers/backups.ts';
import { connect, errorOf, type World } from '../helpers/connect.ts';
import { order } from '../helpers/orders.ts';
import { planOf } from '../helpers/plans.ts';
import { writtenIn } from '../helpers/written.ts';

const MINUTE = 60_000;
const restore = { clusterId: ORDERS, backupId: BACKUP };
const filled = { ...order, allowDuplicate: true, postgresVersion: '16', ram: 4096, storageSize: 200_000 };

/** Every tool that takes a time, and the time that it sends. */
const TAKERS: readonly [tool: string, args: (time: string) => object, at: string, world?: World][] = [
  ['restore_cluster', (recoveryTargetTime) => ({ ...restore, recoveryTargetTime }), 'recoveryTargetTime'],
  [
    'create_cluster',
    (recoveryTargetTime) => ({ ...filled, fromBackup: { backupId: BACKUP, recoveryTargetTime } }),
    'fromBackup.recoveryTargetTime',
  ],
  ['get_cluster_logs', (start) => ({ clusterId: ORDERS, start }), 'start'],
  ['get_cluster_logs', (end) => ({ clusterId: ORDERS, end }), 'end'],
];

const TIMES: readonly [given: string, ms: number][] = [
  ['-90s', 90_000],
  ['-45m', 45 * MINUTE],
  ['-2H', 120 * MINUTE],
  ['-3d', 3 * 1440 * MINUTE],
  [' -30m ', 30 * MINUTE],
  ['"-30m"', 30 * MINUTE],
];

const timeIn = ({ path, body }: { path: string; body: unknown }): string => {
  const query = new URLSearchParams(path.split('?')[1]);
  const { recoveryTargetTime, properties } = Object(body);
  return recoveryTargetTime ?? properties?.fromBackup.recoveryTargetTime ?? query.get('start') ?? query.get('end');
};

describe.each(TAKERS)('%s', (tool, args, at) => {
  test.each(TIMES)(`takes %j for ${at}, and sends a time in UTC`, async (given, ms) => {
    const { call, requests } = await connect();

    const result = await call(tool, { ...args(given) });

    expect(result.isError, JSON.stringify(result.content)).toBeFalsy();
    const time = timeIn(
      requests.findLast(({ path, method }) => method === 'POST' || path.includes('logs')) ?? Object(),
    );
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(Math.abs(Date.now() - ms - Date.parse(time))).toBeLessThan(10_000);
  });

  test.each(['45m', '-45', '-2w', 'yesterday', '2026-03-04T05:06:07', '--1h'])('refuses %j in words', async (given) => {
    const { call, sent } = await connect();

    expect(errorOf(await call(tool, { ...args(given) }))).toContain(
      `${at} (${JSON.stringify(given)}): must be an ISO 8601 time with its zone, like 2026-03-04T05:06:07Z, or an age: -30m`,
    );
    expect(sent()).toEqual([]);
  });
});

test('now is a time as well', async () => {
  const { call, sent } = await connect();
  const before = Date.now();

  await call('restore_cluster', { ...restore, recoveryTargetTime: 'now' });

  const [{ body } = { body: undefined }] = sent();
  expect(Date.parse(Object(body).recoveryTargetTime)).toBeGreaterThanOrEqual(before);
});

test('a text that is not a time stays unchanged', async () => {
  const { call, requests } = await connect();

  await call('list_clusters', { name: '-45m' });

  expect(requests[0]?.path).toMatch(/filter\.name=-45m/);
});

const otherEnd = (text: string) => `${text.slice(0, -1)}${text.endsWith('0') ? '1' : '0'}`;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('an agreement to how long ago a time is', () => {
  const asked = { ...restore, recoveryTargetTime: '-45m' };
  const named = { confirmationName: 'orders' };

  async function asking() {
    const world = await connect({ confirm: 'destructive' });
    const { outcome, plan, confirmationToken = '', note } = writtenIn(await world.call('restore_cluster', asked));
    expect(outcome).toBe('needs_confirmation');
    const [, time = ''] = /recoveryTargetTime "-45m" is (\S+Z); send that time in the next call\./.exec(note) ?? [];
    expect(plan.effects.join(' ')).toContain(`up to, but not including, ${time}`);
    await pause(20);
    return { ...world, confirmationToken, time };
  }

  test.each(['the time of the plan', 'the same words'])('is to the moment of the plan, sent as %s', async (how) => {
    const { call, sent, confirmationToken, time } = await asking();
    const recoveryTargetTime = how === 'the same words' ? '-45m' : time;

    const result = await call('restore_cluster', { ...restore, ...named, recoveryTargetTime, confirmationToken });

    expect(writtenIn(result).outcome).toBe('started');
    expect(sent()).toMatchObject([{ body: { recoveryTargetTime: time } }]);
  });

  test.each([
    ['other words', () => ({ recoveryTargetTime: '-44m' })],
    ['another time', (time: string) => ({ recoveryTargetTime: new Date(Date.parse(time) + 1).toISOString() })],
    ['no time', () => ({ recoveryTargetTime: undefined })],
    ['another day of the token', (_: string, token: string) => ({ confirmationToken: otherEnd(token) })],
    ['a token without its day', (_: string, token: string) => ({ confirmationToken: token.split('.')[0] })],
  ])('is not to %s', async (_, change) => {
    const { call, sent, confirmationToken, time } = await asking();

    const args = { ...asked, ...named, confirmationToken, ...change(time, confirmationToken) };

    const again = writtenIn(await call('restore_cluster', args));
    expect(again.outcome).toBe('needs_confirmation');
    expect(again.note).toMatch(/confirmationToken is not valid for this call/);
    expect(sent()).toEqual([]);
  });

  test.each(['2025', '2026'] as const)('counts where a client of %s asks the person', async (era) => {
    let seen = '';
    const { call, sent } = await connect({
      era,
      confirm: 'destructive',
      async onQuestion({ message }) {
        seen = message;
        await pause(20);
        return { action: 'accept', content: { name: 'orders' } };
      },
    });

    const { outcome, note } = writtenIn(await call('restore_cluster', asked));

    expect(outcome).toBe('started');
    const [{ body } = { body: undefined }] = sent();
    const { recoveryTargetTime } = Object(body);
    expect(seen).toContain(`up to, but not including, ${recoveryTargetTime}`);
    expect(note).toContain(`recoveryTargetTime "-45m" is ${recoveryTargetTime}.`);
  });

  test('of an order as well', async () => {
    const { call, sent } = await connect({ confirm: 'writes' });
    const args = { ...filled, fromBackup: { backupId: BACKUP, recoveryTargetTime: '-45m' } };
    const { confirmationToken, note } = writtenIn(await call('create_cluster', args));
    const [, time] = /fromBackup\.recoveryTargetTime "-45m" is (\S+Z); send/.exec(note) ?? [];
    await pause(20);

    expect(writtenIn(await call('create_cluster', { ...args, confirmationToken })).outcome).toBe('started');
    expect(sent()).toMatchObject([{ body: { properties: { fromBackup: { recoveryTargetTime: time } } } }]);
  });

  test('without such a time has a token without a day', async () => {
    const { call } = await connect({ confirm: 'destructive' });

    expect(writtenIn(await call('restore_cluster', restore)).confirmationToken).toMatch(/^[\w-]{43}$/);
  });

  test('is planned with the time', async () => {
    const { effects } = await planOf('restore_cluster', asked);

    expect(effects.join(' ')).toMatch(/up to, but not including, \d{4}-\d\d-\d\dT[\d:.]+Z/);
  });
});
