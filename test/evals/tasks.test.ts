import { describe, expect, onTestFinished, test } from 'vitest';
import type { Call, Task } from '../../scripts/evals/cases/case.ts';
import { tasks } from '../../scripts/evals/cases/tasks/index.ts';
import { openSession } from '../../scripts/evals/session.ts';
import { verify } from '../../scripts/evals/verify.ts';
import { straysBeside } from './strays.ts';

/** What a cluster needs at most until it can be changed again. */
const SETTLED_MS = 60_000;

async function inWorldOf({ person }: Task) {
  const session = await openSession({ person });
  onTestFinished(session.close);
  return session;
}

async function make(calls: readonly Call[], { call, clock }: Awaited<ReturnType<typeof inWorldOf>>) {
  for (const { tool, arguments: args } of calls) {
    clock.pass(SETTLED_MS);
    const { isError, text, content } = await call(tool, args);
    expect(isError, text).toBe(false);
    expect(['started', 'done'], text).toContain(Object(content).outcome);
  }
}

test('there are 20 tasks, each with a name of its own', () => {
  expect(new Set(tasks.map(({ id }) => id)).size).toBe(20);
});

describe.each(tasks.map((task) => [task.id, task] as const))('the task %s', (_, task) => {
  test('is fulfilled by its solution, but not by an unchanged world or with any other change', async () => {
    const session = await inWorldOf(task);
    const problems = async () => verify(task.expected, session.before, await session.after());

    const unchanged = await problems();
    await make(task.solution, session);
    const solved = await problems();

    expect(unchanged).not.toEqual([]);
    expect(solved).toEqual([]);
    let known = solved;
    for await (const stray of straysBeside(task.expected, session)) {
      const found = await problems();
      expect(
        found.filter((problem) => !known.includes(problem)),
        stray,
      ).not.toEqual([]);
      known = found;
    }
  });
});

const parts = tasks.flatMap((task) =>
  task.solution.length < 2
    ? []
    : task.solution.map((left) => {
        const without = task.solution.filter((call) => call !== left);
        return [task.id, `${left.tool} ${Object.values(left.arguments).join(' ')}`, { task, without }] as const;
      }),
);

test.each(parts)('the task %s is not fulfilled without %s', async (_, __, { task, without }) => {
  const session = await inWorldOf(task);
  for (const { tool, arguments: args } of without) {
    session.clock.pass(SETTLED_MS);
    // Without its first half, the second can be refused.
    await session.call(tool, args);
  }

  expect(verify(task.expected, session.before, await session.after())).not.toEqual([]);
});

const misses = tasks.flatMap((task) =>
  Object.entries(task.nearMisses).map(([miss, calls]) => [task.id, miss, { task, calls }] as const),
);

test.each(misses)('the task %s is not fulfilled by a near miss: %s', async (_, __, { task, calls }) => {
  const session = await inWorldOf(task);
  await make(calls, session);

  expect(verify(task.expected, session.before, await session.after())).not.toEqual([]);
});

test('a restore is not what only looks like it afterwards', async () => {
  const task = tasks.find(({ id }) => id === 'back-to-yesterday') ?? expect.fail();
  const session = await inWorldOf({ ...task, person: { types: 'invoices_tmp' } });
  await make(
    [
      { tool: 'delete_database', arguments: { clusterId: 'billing', name: 'invoices_tmp' } },
      { tool: 'create_database', arguments: { clusterId: 'billing', name: 'invoices', owner: 'invoicing' } },
    ],
    session,
  );

  expect(verify(task.expected, session.before, await session.after())).toContain('billing was restored 0 times');
});

test.each([
  ['more-memory', [{ cores: 8 }, { cores: 2 }]],
  ['more-memory', [{ displayName: 'brief' }, { displayName: 'orders' }]],
  ['more-memory', [{ ram: 12_288 }]],
  ['standby', [{ instances: 3 }, { instances: 1 }]],
  ['end-of-support', [{ postgresVersion: '15' }]],
])('what the task %s does not ask for shows even if it was undone or overtaken: %j', async (id, changes) => {
  const task = tasks.find((each) => each.id === id) ?? expect.fail();
  const session = await inWorldOf(task);
  const [name] = Object.keys(task.expected.changed ?? {});
  // It may have another name for a while.
  const clusterId = [...session.names].find(([, each]) => each === name)?.[0];
  await make(
    [...changes.map((values) => ({ tool: 'update_cluster', arguments: { clusterId, ...values } })), ...task.solution],
    session,
  );

  expect(verify(task.expected, session.before, await session.after())).toEqual(
    changes.map((values) => `${name}: PATCH of the cluster with ${Object.keys(values)} was not meant`),
  );
});

test.each<[id: string, calls: readonly Call['arguments'][]]>([
  ['pooler', [{ clusterId: 'billing', connectionPooler: { enabled: true } }]],
  ['more-memory', [{ clusterId: 'orders', ram: 8192, cores: 2, instances: 1 }]],
  ['standby', [{ clusterId: 'reporting', instances: 2, synchronizationMode: 'ASYNCHRONOUS' }]],
])('the task %s is fulfilled in another way as well: %j', async (id, calls) => {
  const task = tasks.find((each) => each.id === id) ?? expect.fail();
  const session = await inWorldOf(task);
  await make(
    calls.map((args) => ({ tool: 'update_cluster', arguments: args })),
    session,
  );

  expect(verify(task.expected, session.before, await session.after())).toEqual([]);
});

test('what the task more-memory asks for fails it if it is undone for a while', async () => {
  const task = tasks.find(({ id }) => id === 'more-memory') ?? expect.fail();
  const session = await inWorldOf(task);
  await make(
    [8192, 4096, 8192].map((ram) => ({ tool: 'update_cluster', arguments: { clusterId: 'orders', ram } })),
    session,
  );

  expect(verify(task.expected, session.before, await session.after())).toEqual([
    'orders: PATCH of the cluster with ram was not meant',
  ]);
});

test('every task has a near miss or a part that is not enough', () => {
  const proved = new Set([...parts, ...misses].map(([id]) => id));

  expect(tasks.filter(({ id }) => !proved.has(id))).toEqual([]);
});
