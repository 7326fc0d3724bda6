import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { SCHEMA } from '../../src/state/postgres/schema.ts';
import { hasPrograms, hasServer, pglite, postgres, type TestDatabase } from '../helpers/databases.ts';
import { order, unplaced } from '../helpers/orders.ts';
import { postgresWithTls } from '../helpers/postgres-tls.ts';
import { type CallResult, callTool, policyFile, recordingApi, startReplica } from '../helpers/replicas.ts';

// A process starts slowly on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

describe('two replicas that share a database', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await (hasServer ? postgres() : pglite());
  }, 60_000);
  afterAll(() => database.close());
  beforeEach(async () => void (await database.query(`DROP SCHEMA IF EXISTS ${SCHEMA} CASCADE`)));

  interface Given {
    args?: string[];
    env?: Record<string, string>;
    settleMs?: number;
    lagMs?: number;
  }

  async function twoReplicas({ args = [], env = {}, settleMs = 0, lagMs }: Given = {}) {
    const api = await recordingApi({ settleMs, lagMs, writeMs: 50 });
    const start = () => startReplica(api, args, { STATE_URL: database.url, ...env });
    const [one, other] = await Promise.all([start(), start()]);
    const urls = [one.url, other.url] as const;
    return {
      api,
      urls,
      call: (n: number, tool: string, given: Record<string, unknown>, headers?: Record<string, string>) =>
        callTool(urls[n % 2] ?? one.url, tool, given, headers),
      /** The same at both at once. */
      both: (tool: string, given: Record<string, unknown>) =>
        Promise.all(urls.map((url) => callTool(url, tool, given))),
    };
  }

  /** Agreed to, but not sent yet. */
  function agreed(given: Record<string, unknown>, result: CallResult) {
    if (result.kind !== 'written') throw new Error(JSON.stringify(result));
    const { plan, confirmationToken } = result.answer;
    return { ...given, ...plan?.arguments, confirmationToken };
  }

  const rows = z.object({ clusters: z.array(z.object({ id: z.string(), displayName: z.string() })) });
  const backupRows = z.object({ backups: z.tuple([z.object({ id: z.string() })]).rest(z.unknown()) });

  const outcomeOf = (result: CallResult) => (result.kind === 'written' ? result.answer.outcome : result.kind);
  const noteOf = (result: CallResult) => ('text' in result ? result.text : String(result.answer.note));

  test.each([
    { settleMs: 0, second: 'needs_confirmation' },
    { settleMs: 5_000, second: 'failed' },
  ])(
    'of one restore on both at once, one is done and the other says that the confirmation was used, in $settleMs ms',
    async ({ settleMs, second }) => {
      const { api, call, both } = await twoReplicas({ settleMs });
      // Of the others, no backup has a base yet.
      const examples = await call(0, 'list_clusters', {});
      const { clusters } = rows.parse(examples.kind === 'read' && examples.answer);
      const restores = clusters.map(({ id, displayName }) => ({ displayName, clusterId: id }));
      const agreements = await Promise.all(
        restores.map(async ({ displayName, clusterId }, n) => {
          const found = await call(n, 'list_cluster_backups', { clusterId });
          const [backup] = backupRows.parse(found.kind === 'read' && found.answer).backups;
          const given = { clusterId, backupId: backup.id };
          return { ...agreed(given, await call(n, 'restore_cluster', given)), confirmationName: displayName };
        }),
      );

      const pairs = await Promise.all(agreements.map((given) => both('restore_cluster', given)));

      for (const pair of pairs) {
        expect(pair.map(outcomeOf).sort(), JSON.stringify(pair)).toEqual([second, 'started'].sort());
        const refused = pair.find((result) => outcomeOf(result) === second);
        expect(refused && noteOf(refused)).toContain('This confirmation has already been used');
      }
      expect(api.writes.map(({ path, status }) => ({ path, status })).sort(byPath)).toEqual(
        restores.map(({ clusterId }) => ({ path: `clusters/${clusterId}/restore`, status: 202 })).sort(byPath),
      );
    },
  );

  const addressIn = (body: string) => sentOrder.parse(JSON.parse(body)).properties.connections[0].cidr;
  const sentOrder = z.object({
    properties: z.object({ connections: z.tuple([z.object({ cidr: z.string() })]) }),
  });

  const byPath = (one: { path: string }, other: { path: string }) => one.path.localeCompare(other.path);

  test.each(['never', 'writes'])('of one order on both at once, one is sent (--confirm %s)', async (confirm) => {
    const { api, call, both } = await twoReplicas({ args: ['--confirm', confirm] });
    const orders = Array.from({ length: 6 }, (_, n) => ({ ...unplaced, displayName: `ordered-${n}` }));

    const pairs = await Promise.all(
      orders.map(async (given, n) => {
        if (confirm === 'never') return both('create_cluster', given);
        // Two agreements, one of each replica. Plans of one order at once count as one too.
        const plans = [await call(0, 'create_cluster', given), await call(1, 'create_cluster', given)];
        return Promise.all(plans.map((plan, at) => call(n + at, 'create_cluster', agreed(given, plan))));
      }),
    );

    for (const pair of pairs)
      expect(pair.map(outcomeOf).sort(), JSON.stringify(pair)).toEqual(['duplicate', 'started']);
    expect(api.writes).toHaveLength(orders.length);
    expect(await api.totals()).toMatchObject({ clusters: 3 + orders.length });
  });

  test('orders at both at once get different addresses, although no list shows them yet', async () => {
    const { api, call } = await twoReplicas({ args: ['--confirm', 'never'], lagMs: 60_000 });
    const orders = Array.from({ length: 6 }, (_, n) => ({ ...unplaced, displayName: `ordered-${n}` }));

    const results = await Promise.all(orders.map((given, n) => call(n, 'create_cluster', given)));

    expect(results.map(outcomeOf)).toEqual(orders.map(() => 'started'));
    expect(new Set(api.writes.map(({ body }) => addressIn(body))).size).toBe(orders.length);
  });

  test('requests per minute are counted over both', async () => {
    const { call } = await twoReplicas({ args: ['--rate-limit', '10'] });

    const results = await Promise.all(Array.from({ length: 30 }, (_, n) => call(n, 'list_clusters', {})));

    expect(results.filter(({ kind }) => kind === 'read')).toHaveLength(10);
    const refused = results.filter((result) => result.kind === 'http' && result.status === 429);
    expect(refused).toHaveLength(20);
  });

  test('writes per minute are counted over both', async () => {
    const { api, call } = await twoReplicas({ args: ['--write-rate-limit', '6', '--confirm', 'never'] });
    const orders = Array.from({ length: 18 }, (_, n) => ({ ...unplaced, displayName: `ordered-${n}` }));

    const results = await Promise.all(orders.map((given, n) => call(n, 'create_cluster', given)));

    expect(results.filter((result) => outcomeOf(result) === 'started')).toHaveLength(6);
    expect(results.filter((result) => noteOf(result).includes('Too many writes in the last minute'))).toHaveLength(12);
    expect(api.writes).toHaveLength(6);
  });

  test('failed authentications of one address are counted over both', async () => {
    const args = ['--auth', 'token'];
    const { call } = await twoReplicas({ args, env: { MCP_AUTH_TOKENS: `alice:read:${'x'.repeat(43)}` } });
    const headers = { authorization: `Bearer ${'y'.repeat(43)}` };

    const results = await Promise.all(Array.from({ length: 90 }, (_, n) => call(n, 'list_clusters', {}, headers)));

    const statuses = results.map((result) => (result.kind === 'http' ? result.status : result.kind));
    expect(statuses.filter((status) => status === 401)).toHaveLength(60);
    expect(statuses.filter((status) => status === 429)).toHaveLength(30);
  });

  test('the totals of a policy hold over both', async () => {
    const { cores: before } = await (await recordingApi()).totals();
    const most = before + 5 * order.cores;
    const policy = policyFile({ inTotal: { cores: most } });
    const { api, call } = await twoReplicas({ args: ['--confirm', 'never', '--policy', policy] });
    const orders = Array.from({ length: 16 }, (_, n) => ({ ...unplaced, displayName: `ordered-${n}` }));

    const results = await Promise.all(orders.map((given, n) => call(n, 'create_cluster', given)));

    expect(results.map(outcomeOf).filter((outcome) => outcome === 'started')).toHaveLength(5);
    const refused = results.filter((result) => noteOf(result).includes('inTotal.cores'));
    expect(refused).toHaveLength(11);
    for (const { totals } of api.writes) expect(totals.cores).toBeLessThanOrEqual(most);
    expect(await api.totals()).toMatchObject({ cores: most });
  });
});

test.runIf(hasPrograms)('a database that cannot prove who it is keeps nothing, and the log says why', async () => {
  const { port, another, close } = await postgresWithTls();
  onTestFinished(close);
  const api = await recordingApi();
  const env = {
    STATE_URL: `postgres://postgres@localhost:${port}/postgres?sslmode=verify-full&sslrootcert=${another}`,
    NODE_TLS_REJECT_UNAUTHORIZED: '0',
  };
  const { url, output } = await startReplica(api, ['--confirm', 'never'], env);

  expect(await callTool(url, 'create_cluster', order)).toMatchObject({
    kind: 'failed',
    text: expect.stringContaining('The database that the replicas of this server share (--state-url) cannot be used'),
  });
  expect(await callTool(url, 'list_clusters', {})).toMatchObject({ kind: 'read' });
  expect(api.writes).toEqual([]);
  // Node adds a line of its own about that variable.
  const lines = output.stderr.split('\n').filter((line) => line.includes('"msg":"state"'));
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { level: 'warn', reason: expect.stringMatching(/unable to verify|self-signed/) },
  ]);
});
