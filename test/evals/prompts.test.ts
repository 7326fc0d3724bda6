import { describe, expect, onTestFinished, test } from 'vitest';
import type { Call, ExpectedCall, Prompt } from '../../scripts/evals/cases/case.ts';
import { notBeforeNow } from '../../scripts/evals/cases/prompts/allowed.ts';
import { prompts } from '../../scripts/evals/cases/prompts/index.ts';
import { isExpectedCall, isQuestion, promptProblems, readArguments } from '../../scripts/evals/scoring.ts';
import { openSession } from '../../scripts/evals/session.ts';
import { DATA_CENTERS, NOW } from '../../scripts/evals/world.ts';
import { tools } from '../../src/tools/index.ts';

const ORDERS = 'b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041';
const ORDERS_HAS = new Map<string, unknown>([
  ['cores', 2],
  ['instances', 1],
]);
const world = {
  now: NOW,
  names: new Map([[ORDERS, 'orders'], ...DATA_CENTERS]),
  present: (cluster: string, property: string) => (cluster === 'orders' ? ORDERS_HAS.get(property) : undefined),
};
/** That of an ambiguous one follows its question. */
const called = prompts.map(({ id, expect }) => ({ id, expect: isQuestion(expect) ? expect.call : expect }));

describe('the prompts', () => {
  test('are 60, each with a name of its own and a text that no other has', () => {
    expect(new Set(prompts.map(({ id }) => id)).size).toBe(60);
    expect(new Set(prompts.map(({ text }) => text)).size).toBe(60);
  });

  test('want every tool at least once', () => {
    const wanted = new Set(called.map(({ expect }) => expect.tool));
    expect(tools.map(({ name }) => name).filter((name) => !wanted.has(name))).toEqual([]);
  });

  test('are in English and in German, and some want a question', () => {
    const count = (isCounted: (prompt: Prompt) => boolean) => prompts.filter(isCounted).length;

    expect(count(({ language }) => language === 'de')).toBeGreaterThanOrEqual(15);
    expect(count(({ language, expect }) => language === 'en' && !isQuestion(expect))).toBe(40);
    expect(count(({ expect }) => isQuestion(expect))).toBeGreaterThanOrEqual(6);
  });

  test.each(called)('of $id the expected arguments are such that the tool takes them', ({ expect: expected }) => {
    for (const args of [expected.arguments, ...(expected.or ?? [])]) {
      expect(readArguments({ tool: expected.tool, arguments: args }, NOW)).toBeDefined();
    }
    const { input } = tools.find(({ name }) => name === expected.tool) ?? expect.fail();
    expect(Object.keys(expected.also ?? {}).filter((key) => !(key in input.shape))).toEqual([]);
  });

  /** What whoever wrote them could not know: a backup of long ago, and databases of a cluster on API v2. */
  const ELSEWHERE = ['outside-10', 'outside-15'];

  test.each(called)(
    'of $id the expected call succeeds in their world',
    async ({ id, expect: { tool, arguments: args } }) => {
      const session = await openSession({ person: { types: String(args.name ?? args.username ?? args.clusterId) } });
      onTestFinished(session.close);
      // One cluster is BUSY at first.
      session.clock.pass(60_000);

      const { isError, text, content } = await session.call(tool, args);

      expect(isError, text).toBe(ELSEWHERE.includes(id));
      expect(Object(content).outcome).not.toBe('declined');
    },
  );

  test.each(called)('of $id the expected call meets the expectation', ({ expect: expected }) => {
    expect(isExpectedCall(expected, expected, world)).toBe(true);
  });
});

describe('a call', () => {
  const memory: ExpectedCall = { tool: 'update_cluster', arguments: { clusterId: 'orders', ram: 8192 } };
  const logs: ExpectedCall = {
    tool: 'get_cluster_logs',
    arguments: { clusterId: 'orders', start: '2026-10-27T07:30:00Z', contains: 'ERROR' },
    also: { end: notBeforeNow },
  };
  const place: ExpectedCall = {
    tool: 'update_cluster',
    arguments: { clusterId: 'orders', connections: [{ datacenterId: 'staging', lanId: '1' }] },
  };
  const there = { datacenterId: 'staging', lanId: '1' };
  const wait: ExpectedCall = { tool: 'wait_for_cluster', arguments: { clusterId: 'auth-prod' } };
  const list: ExpectedCall = { tool: 'list_clusters', arguments: { name: 'orders' } };
  const database: ExpectedCall = {
    tool: 'create_database',
    arguments: { clusterId: 'orders', name: 'shop', owner: 'etl' },
  };
  const order: ExpectedCall = {
    tool: 'create_cluster',
    arguments: { displayName: 'a', connections: [there], credentials: { username: 'app' } },
  };
  const [staging = ''] = [...DATA_CENTERS].find(([, name]) => name === 'staging') ?? [];

  test.each<[string, ExpectedCall, Call['arguments']]>([
    ['with the ID for the name', memory, { clusterId: ORDERS, ram: 8192 }],
    ['with a number as text', memory, { clusterId: 'orders', ram: '8192' }],
    ['that waits', memory, { clusterId: 'orders', ram: 8192, wait: 60 }],
    ['with an age for a time', logs, { clusterId: 'orders', start: '-2h', contains: 'error' }],
    [
      'with a time in another zone',
      logs,
      { clusterId: 'orders', start: '2026-10-27T08:30:00+01:00', contains: 'ERROR' },
    ],
    ['with what the tool does anyway', wait, { clusterId: 'auth-prod', until: 'AVAILABLE', wait: 30 }],
    ['from the first row on', list, { name: 'orders', offset: 0 }],
    ['with what the cluster has already', memory, { clusterId: 'orders', ram: 8192, cores: 2, instances: 1 }],
    ['with the name of the cluster in other letters', memory, { clusterId: 'Orders', ram: 8192 }],
    ['with its ID in other letters', memory, { clusterId: ORDERS.toUpperCase(), ram: 8192 }],
    ['with the defaults of an order', order, { ...order.arguments, api: 'v1', connectionPooler: { enabled: false } }],
    ['with an argument that is free', logs, { ...logs.arguments, end: '2026-10-27T09:30:00Z' }],
    [
      'with an address of its choice',
      place,
      { clusterId: 'orders', connections: [{ datacenterId: staging, lanId: '1', cidr: '10.12.30.9/24' }] },
    ],
  ])('is right %s', (_, expected, args) => {
    expect(isExpectedCall({ tool: expected.tool, arguments: args }, expected, world)).toBe(true);
  });

  test.each<[string, ExpectedCall, Call['arguments']]>([
    ['of another cluster', memory, { clusterId: 'orders-staging', ram: 8192 }],
    ['that waits for another state', wait, { clusterId: 'auth-prod', until: 'GONE' }],
    ['without the first rows', list, { name: 'orders', offset: 5 }],
    ['of a database in other letters', database, { clusterId: 'orders', name: 'Shop', owner: 'etl' }],
    ['with an address of nobody', place, { clusterId: 'orders', connections: [{ ...there, cidr: '1.2.3.4/8' }] }],
    ['with a pooler that nobody asked for', order, { ...order.arguments, connectionPooler: { enabled: true } }],
    ['in decimal units', memory, { clusterId: 'orders', ram: 8000 }],
    ['in GB', memory, { clusterId: 'orders', ram: 8 }],
    ['that changes more', memory, { clusterId: 'orders', ram: 8192, cores: 4 }],
    ['without an argument', memory, { clusterId: 'orders', cores: 4 }],
    ['two minutes off', logs, { ...logs.arguments, start: '2026-10-27T07:32:00Z' }],
    ['with so few rows that some are missing', logs, { ...logs.arguments, limit: 1 }],
    ['with a value of a free argument that is not', logs, { ...logs.arguments, end: '2026-10-27T08:00:00Z' }],
    ['an hour off', logs, { ...logs.arguments, start: '2026-10-27T08:30:00Z' }],
    ['into another LAN', place, { clusterId: 'orders', connections: [{ datacenterId: 'staging', lanId: '2' }] }],
    ['into no LAN', place, { clusterId: 'orders', connections: [] }],
  ])('is wrong %s', (_, expected, args) => {
    expect(isExpectedCall({ tool: expected.tool, arguments: args }, expected, world)).toBe(false);
  });

  test('of another tool is wrong', () => {
    expect(isExpectedCall({ ...memory, tool: 'estimate_cost' }, memory, world)).toBe(false);
    expect(isExpectedCall({ ...memory, tool: 'no_such_tool' }, memory, world)).toBe(false);
  });
});

describe('a prompt', () => {
  const write: ExpectedCall = { tool: 'delete_cluster', arguments: { clusterId: 'orders' } };
  const read: ExpectedCall = { tool: 'get_cluster', arguments: { clusterId: 'orders' } };
  const list: Call = { tool: 'list_clusters', arguments: {} };
  const backups: Call = { tool: 'list_backups', arguments: {} };
  const problems = (calls: readonly Call[], expect: Prompt['expect'], callsBeforeReply?: number) =>
    promptProblems({ calls, callsBeforeReply }, expect, world);

  test('lets look-ups precede the right call', () => {
    expect(problems([write], write)).toEqual([]);
    expect(problems([list, backups, write], write)).toEqual([]);
    expect(problems([list, read], read)).toEqual([]);
  });

  test.each<[looked: Call, right: ExpectedCall]>([
    [read, { tool: 'wait_for_cluster', arguments: { clusterId: 'orders' } }],
    [
      { tool: 'list_databases', arguments: { clusterId: 'orders' } },
      { tool: 'get_database', arguments: { clusterId: 'orders', name: 'shop' } },
    ],
    [
      { tool: 'list_network_options', arguments: {} },
      { tool: 'list_network_options', arguments: { datacenterId: 'staging' } },
    ],
  ])('lets %j precede what it is a look-up for', (looked, right) => {
    expect(problems([looked, right], right)).toEqual([]);
  });

  test('takes the versions of the newer endpoint for those of the other', () => {
    const versions: ExpectedCall = { tool: 'list_postgres_versions', arguments: {} };
    const newer: ExpectedCall = { tool: 'list_versions', arguments: {} };

    expect(problems([newer], versions)).toEqual([]);
    expect(problems([versions], newer)).not.toEqual([]);
  });

  test('tells a change beside the right call', () => {
    const other = { tool: 'delete_cluster', arguments: { clusterId: 'auth-prod' } };

    expect(problems([write, other], write)).toEqual([
      'beside delete_cluster came delete_cluster {"clusterId":"auth-prod"}',
    ]);
    expect(problems([write, backups], write)).toEqual([]);
  });

  test('tells a wrong call before the right one, or in its place', () => {
    expect(problems([backups, read], read)).toEqual(['before get_cluster came list_backups {}']);
    expect(problems([write, read], read)).toEqual(['before get_cluster came delete_cluster {"clusterId":"orders"}']);
    expect(problems([], read)).toEqual(['get_cluster was not called as expected, but nothing']);
    expect(problems([list], read)).toEqual(['get_cluster was not called as expected, but list_clusters {}']);
  });

  test('that is ambiguous wants no write before the person has answered, and then the one that they mean', () => {
    const question = { answer: 'I mean orders.', call: write };
    const other = { ...write, arguments: { clusterId: 'auth-prod' } };
    const preview = { ...other, arguments: { ...other.arguments, dryRun: true } };

    expect(problems([list, write], question, 1)).toEqual([]);
    expect(problems([preview, write], question, 1)).toEqual([]);
    expect(problems([list], question)).toEqual(['asked nothing']);
    expect(problems([write], question)).toEqual(['called delete_cluster instead of asking']);
    expect(problems([write, write], question, 1)).toEqual(['called delete_cluster instead of asking']);
    expect(problems([other], question, 0)).toEqual([
      'delete_cluster was not called as expected, but delete_cluster {"clusterId":"auth-prod"}',
    ]);
  });
});
