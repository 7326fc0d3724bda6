import { describe, expect, test } from 'vitest';
import { complaints, NOON, order, world } from './world.ts';

interface Logs {
  instances: { name: string; messages: { time: string; message: string }[] }[];
}

const ORDERS = 'b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041';
const ANALYTICS = '7c9e2d54-8b1f-4a63-b0d7-5e3f19a8c462';
const DAY = 86_400_000;
const NOW = '2026-11-01T12:00:00Z';
const ago = (ms: number) => new Date(NOON - ms).toISOString();

function logWorld() {
  const { send, ...rest } = world({ settleMs: 5000 });
  const logs = async (query: Record<string, string> = {}, id = ORDERS) =>
    (await send<Logs>('GET', `/clusters/${id}/logs?${new URLSearchParams(query)}`)).body.instances;
  return {
    ...rest,
    send,
    logs,
    /** Oldest first, of all instances one after the other. */
    messages: async (query: Record<string, string> = {}, id = ORDERS) =>
      (await logs({ direction: 'FORWARD', limit: '5000', ...query }, id)).flatMap(({ messages }) =>
        messages.map(({ message }) => message),
      ),
  };
}

const times = (instances: Logs['instances']) => instances.flatMap(({ messages }) => messages.map(({ time }) => time));

test('without parameters the newest 100 lines come, newest first', async () => {
  const { logs } = logWorld();

  const [instance, ...others] = await logs();

  expect(others).toEqual([]);
  expect(instance?.name).toMatch(new RegExp(`^ionos-${ORDERS}-[a-z\\d]{7}-1$`));
  expect(instance?.messages).toHaveLength(100);
  expect(instance?.messages[0]).toEqual({
    time: expect.stringMatching(/^2026-11-01T\d\d:\d\d:\d\d\.\d{3}Z$/),
    message: expect.stringMatching(/^LOG: {2}checkpoint complete: /),
  });
  const found = times(await logs());
  expect(found).toEqual([...found].sort().reverse());
});

test('the limit counts the lines of all instances, and direction says which end is cut off', async () => {
  const { logs } = logWorld();
  const all = times(await logs({ limit: '5000' }, ANALYTICS)).sort();

  const newest = await logs({ limit: '10' }, ANALYTICS);
  const oldest = await logs({ limit: '10', direction: 'FORWARD' }, ANALYTICS);

  expect(newest.map(({ name }) => name.at(-1))).toEqual(['1', '2', '3']);
  expect(times(newest).sort()).toEqual(all.slice(-10));
  expect(times(oldest).sort()).toEqual(all.slice(0, 10));
  for (const { messages } of oldest) expect(messages).toEqual(messages.toSorted((a, b) => (a.time < b.time ? -1 : 1)));
});

test('lines go back 30 days, and not behind the beginning of the cluster', async () => {
  const { logs, send, pass } = logWorld();
  const { id } = (await send('POST', '/clusters', order())).body;
  pass(DAY);

  const [first = ''] = times(await logs({ direction: 'FORWARD' }));
  const found = times(await logs({ limit: '5000' }, id));

  expect(Date.parse(first)).toBeGreaterThanOrEqual(NOON - 29 * DAY);
  expect(Date.parse(first)).toBeLessThan(NOON - 28 * DAY);
  expect(found.sort()[0]).toBe('2026-11-01T12:00:05.000Z');
  expect(found.length).toBeLessThan(20);
});

test('a window of time gives the lines within, the same whenever it is asked for', async () => {
  const { logs, pass, send } = logWorld();
  const window = { start: ago(3 * DAY), end: ago(DAY) };

  const before = await logs(window, ANALYTICS);
  await send('PATCH', `/clusters/${ANALYTICS}`, { properties: { instances: 1, cores: 4 } });
  pass(5 * DAY);

  expect(times(before).length).toBeGreaterThan(20);
  for (const time of times(before)) expect(time >= window.start && time <= window.end).toBe(true);
  expect(await logs(window, ANALYTICS)).toEqual(before);
});

test('an empty window gives no instance', async () => {
  const { logs } = logWorld();

  expect(await logs({ start: ago(2), end: ago(1) })).toEqual([]);
});

test('times may have an offset and be as old as 30 days to the moment', async () => {
  const { send } = logWorld();
  const query = new URLSearchParams({ start: '2026-10-02T14:00:00+02:00', end: '2026-11-01T13:00:00+01:00' });

  expect((await send('GET', `/clusters/${ORDERS}/logs?${query}`)).status).toBe(200);
});

test.each([
  ['start', 'yesterday', 'start must be a time as in ISO 8601, such as 2026-03-04T05:06:07Z'],
  ['start', '', 'start must be a time as in ISO 8601, such as 2026-03-04T05:06:07Z'],
  ['start', ago(30 * DAY + 1), 'start must be at most 30 days ago'],
  ['start', NOW, 'start must be before end'],
  ['end', ago(31 * DAY), 'start must be before end'],
  ['end', '2026-11-01T12:00:00.001Z', 'end must not be in the future'],
  ['end', '2026-11-01', 'end must be a time as in ISO 8601, such as 2026-03-04T05:06:07Z'],
  ['direction', 'forward', 'direction must be one of BACKWARD, FORWARD'],
  ['limit', '0', 'limit must be a whole number from 1 to 5000'],
  ['limit', '5001', 'limit must be a whole number from 1 to 5000'],
  ['limit', 'all', 'limit must be a whole number from 1 to 5000'],
])('%s=%s is refused', async (name, value, complaint) => {
  const { send } = logWorld();

  const answer = await send('GET', `/clusters/${ORDERS}/logs?${new URLSearchParams({ [name]: value })}`);

  expect(answer.status).toBe(422);
  expect(complaints(answer)).toEqual([complaint]);
});

test('logs of an unknown cluster are refused with 404', async () => {
  const { send } = logWorld();

  expect((await send('GET', '/clusters/unknown/logs')).status).toBe(404);
});

describe('the history of a cluster', () => {
  const since = { start: NOW };

  test('begins when its database starts', async () => {
    const { send, messages, pass } = logWorld();
    const { id } = (await send('POST', '/clusters', order())).body;

    pass(4999);
    expect(await messages({}, id)).toEqual([]);
    pass(1);
    expect(await messages({}, id)).toEqual([
      'LOG:  starting PostgreSQL 16 on x86_64-pc-linux-gnu, 64-bit',
      'LOG:  listening on IPv4 address "0.0.0.0", port 5432',
      'LOG:  database system is ready to accept connections',
      'LOG:  statement: CREATE ROLE "billing_owner" LOGIN',
    ]);
  });

  test('mentions users and databases', async () => {
    const { send, messages, pass } = logWorld();
    const path = `/clusters/${ORDERS}`;
    const password = 'planted-password-1';
    pass(1);
    await send('POST', `${path}/users`, { properties: { username: 'a"b', password } });
    pass(5000);
    await send('PATCH', `${path}/users/reporting`, { properties: { password } });
    pass(5000);
    await send('POST', `${path}/databases`, { properties: { name: 'blog', owner: 'reporting' } });
    await send('DELETE', `${path}/databases/blog`);
    await send('DELETE', `${path}/users/reporting`);

    expect(await messages(since)).toEqual([
      'LOG:  statement: CREATE ROLE "a""b" LOGIN',
      'LOG:  statement: ALTER ROLE "reporting" LOGIN',
      'LOG:  statement: CREATE DATABASE "blog" OWNER "reporting"',
      'LOG:  statement: DROP DATABASE "blog"',
      'LOG:  statement: DROP ROLE "reporting"',
    ]);
  });

  test('of an example mentions what was created in the last 30 days', async () => {
    const { messages } = logWorld();

    expect((await messages()).filter((message) => message.includes('statement'))).toEqual([
      'LOG:  statement: CREATE ROLE "audit" LOGIN',
      'LOG:  statement: CREATE DATABASE "shop_staging" OWNER "orders_owner"',
    ]);
  });

  test('mentions a new version', async () => {
    const { send, messages, pass } = logWorld();
    pass(1);
    await send('PATCH', `/clusters/${ORDERS}`, { properties: { postgresVersion: '17' } });

    expect((await messages(since)).at(-1)).toBe('LOG:  database system is shut down');
    pass(5000);
    expect(await messages(since)).toContain('LOG:  starting PostgreSQL 17 on x86_64-pc-linux-gnu, 64-bit');
  });

  test('mentions a switchover, after which another instance is the primary', async () => {
    const { send, logs, pass } = logWorld();
    pass(1);
    await send('PATCH', `/clusters/${ANALYTICS}`, { properties: { ram: 65_536 } });
    pass(5000);
    await send('POST', `/clusters/${ANALYTICS}/users`, { properties: { username: 'u', password: 'planted-password' } });

    const [first, second] = await logs({ ...since, direction: 'FORWARD' }, ANALYTICS);

    expect(first?.messages[0]?.message).toBe('LOG:  received fast shutdown request');
    expect(second?.name).toMatch(/-2$/);
    expect(second?.messages.map(({ message }) => message)).toEqual(
      expect.arrayContaining(['LOG:  received promote request', 'LOG:  statement: CREATE ROLE "u" LOGIN']),
    );
  });

  test('mentions instances that are added and removed', async () => {
    const { send, logs, pass } = logWorld();
    const scale = async (instances: number) => {
      pass(1);
      const start = new Date(NOON + 1).toISOString();
      await send('PATCH', `/clusters/${ORDERS}`, { properties: { instances } });
      pass(5000);
      return (await logs({ start, direction: 'FORWARD' })).map(({ name, messages }) => [
        name.at(-1),
        messages.at(-1)?.message,
      ]);
    };

    expect(await scale(2)).toEqual([['2', 'LOG:  database system is ready to accept connections']]);
    expect(await scale(1)).toEqual([['2', 'LOG:  database system is shut down']]);
  });

  test('goes on with the first instance where the primary is taken away', async () => {
    const { send, logs, pass } = logWorld();
    const change = async (properties: object) => {
      pass(5000);
      await send('PATCH', `/clusters/${ANALYTICS}`, { properties });
    };
    await change({ cores: 4 });
    await change({ instances: 1 });
    pass(5000);
    const start = new Date(NOON + 15_000).toISOString();
    await send('DELETE', `/clusters/${ANALYTICS}/users/dashboards`);
    pass(1);

    expect(await logs({ start }, ANALYTICS)).toMatchObject([
      { name: expect.stringMatching(/-1$/), messages: [{ message: 'LOG:  statement: DROP ROLE "dashboards"' }] },
    ]);
  });

  test('mentions a restore', async () => {
    const { send, messages, pass } = logWorld();
    pass(1);
    const body = { backupId: `${ORDERS}-q7m2x9a-16`, recoveryTargetTime: '2026-10-30T00:00:00Z' };
    await send('POST', `/clusters/${ORDERS}/restore`, body);
    pass(5000);

    expect(await messages(since)).toContain('LOG:  starting point-in-time recovery to 2026-10-30T00:00:00Z');
    expect((await messages(since)).at(-1)).toBe('LOG:  database system is ready to accept connections');
  });

  test('ends with the cluster', async () => {
    const { send, messages, pass } = logWorld();
    pass(1);
    await send('DELETE', `/clusters/${ORDERS}`);

    expect((await messages(since)).at(-1)).toBe('LOG:  database system is shut down');
  });
});
