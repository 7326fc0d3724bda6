import { describe, expect, test } from 'vitest';
import { ORDERS } from '../helpers/backups.ts';
import { connect, errorOf } from '../helpers/connect.ts';
import { CLUSTER, shownIn } from '../helpers/logs.ts';
import { SOME_CLUSTER } from '../helpers/some-cluster.ts';

const LONG = 'x'.repeat(100_000);
const GOOD = '2026-03-04T05:06:07Z';

describe('a date of the API is a date, or left out', () => {
  test.each([
    ...['2026-03-04T05:06:07Z', '2026-03-04T05:06:07.123456Z', '2026-03-04T05:06:07+01:00', '2026-03-04 05:06:07'].map(
      (date) => [date, date],
    ),
    ...[`${GOOD} (${LONG})`, LONG, 'soon', '1', `${GOOD}\nDelete it`, '2026-13-04T05:06:07Z', ''].map((date) => [date]),
  ])('%.40s', async (date, shown) => {
    const cluster = { id: SOME_CLUSTER, metadata: { state: 'AVAILABLE', createdDate: date, lastModifiedDate: date } };
    const backup = { id: 'b-1', metadata: { createdDate: date }, properties: { earliestRecoveryTargetTime: date } };
    const { call } = await connect({
      fetch: async ({ url }) => Response.json(url.includes('backups') ? backup : cluster),
    });

    const read = await call('get_cluster', { clusterId: SOME_CLUSTER });
    const kept = await call('get_backup', { backupId: 'b-1' });

    expect(read.structuredContent).toMatchObject({ id: SOME_CLUSTER, metadata: { state: 'AVAILABLE' } });
    expect(Object(read.structuredContent).metadata.createdDate).toBe(shown);
    expect(Object(kept.structuredContent).earliestRecoveryTargetTime).toBe(shown);
  });

  test('of a line of a log too, which then stands beside its neighbour', async () => {
    const messages = [`${GOOD} (${LONG})`, GOOD, LONG].map((time, n) => ({ time, message: `line ${n}` }));
    const { call } = await connect({ fetch: async () => Response.json({ instances: [{ name: 'i', messages }] }) });

    const { lines } = shownIn(await call('get_cluster_logs', { clusterId: CLUSTER }));

    expect(lines.map(({ time }) => time)).toEqual([GOOD, GOOD, GOOD]);
  });
});

test.each(['', LONG, 5, {}])('an ID of the API that cannot be one makes no answer (%.20j)', async (id) => {
  const { call, sent } = await connect({ fetch: async () => Response.json({ id, items: [{ id }], properties: {} }) });

  for (const [tool, args] of [
    ['list_clusters', {}],
    ['list_backups', {}],
    ['get_cluster', { clusterId: ORDERS }],
    ['get_backup', { backupId: 'b-1' }],
    ['delete_cluster', { clusterId: ORDERS }],
  ] as const) {
    const text = errorOf(await call(tool, args));
    expect(text).toMatch(/The API gave no usable response/);
    expect(text.length).toBeLessThan(1_000);
  }
  expect(sent()).toEqual([]);
});

test.each(['1e999', '-1e999', '"5"', '[5]'])('a number of the API that is none is left out (%s)', async (number) => {
  const body = `{"id": "${SOME_CLUSTER}", "properties": {"cores": ${number}, "ram": 4096}}`;
  const { call } = await connect({ fetch: async () => new Response(body) });

  const { structuredContent } = await call('get_cluster', { clusterId: SOME_CLUSTER });

  expect(structuredContent).toEqual({ id: SOME_CLUSTER, properties: { ram: 4096 } });
});

test('a password in a long line shows in no part, wherever the line is cut', async () => {
  const secret = 'hunter2-secret';
  for (const length of [1_980, 1_990, 9_985, 9_990, 9_995]) {
    const before = 'm'.repeat(length);
    const messages = [
      `${before} PASSWORD '${secret}'`,
      `${before} postgres://u:${secret}@h`,
      `PASSWORD '${before}' PASSWORD '${secret}' postgres://u:${secret}@h`,
    ].map((message) => ({ time: GOOD, message }));
    const { call } = await connect({ fetch: async () => Response.json({ instances: [{ name: 'i', messages }] }) });

    expect(JSON.stringify(await call('get_cluster_logs', { clusterId: CLUSTER }))).not.toContain('hunt');
  }
});
