import { describe, expect, test } from 'vitest';
import { ANALYTICS, BACKUP, OF_ANALYTICS, ORDERS } from '../helpers/backups.ts';
import { connect, errorOf } from '../helpers/connect.ts';

const PASSWORD = 'correct-horse-battery';

/** A sandbox whose looks are led astray: what is asked for here is answered from there. */
async function misled(from: RegExp, to: string) {
  const world = await connect({ confirm: 'never' });
  const { sandbox } = world;
  const whole = sandbox.fetch;
  sandbox.fetch = async (request) => {
    const url = new URL(request.url);
    if (request.method !== 'GET' || !from.test(url.pathname)) return whole(request);
    url.pathname = url.pathname.replace(from, to);
    return whole(new Request(url, request));
  };
  return world;
}

const OTHER_CLUSTER = [new RegExp(`${ORDERS}$`), ANALYTICS] as const;
const OTHER_USER = [/users\/reporting$/, 'users/orders_owner'] as const;
const OTHER_DATABASE = [/databases\/shop$/, 'databases/shop_staging'] as const;
const OTHER_BACKUP = [new RegExp(`${BACKUP}$`), OF_ANALYTICS] as const;

describe('an answer about a different resource than the requested one is not accepted', () => {
  test.each([
    ['get_cluster', {}, OTHER_CLUSTER],
    ['wait_for_cluster', { wait: 0 }, OTHER_CLUSTER],
    ['update_cluster', { cores: 8 }, OTHER_CLUSTER],
    ['delete_cluster', {}, OTHER_CLUSTER],
    ['restore_cluster', { backupId: BACKUP }, OTHER_CLUSTER],
    ['restore_cluster', { backupId: BACKUP }, OTHER_BACKUP],
    ['get_backup', { backupId: BACKUP }, OTHER_BACKUP],
    ['create_user', { username: 'app', password: PASSWORD }, OTHER_CLUSTER],
    ['get_user', { username: 'reporting' }, OTHER_USER],
    ['update_user', { username: 'reporting', password: PASSWORD }, OTHER_USER],
    ['delete_user', { username: 'reporting' }, OTHER_USER],
    ['delete_user', { username: 'reporting' }, OTHER_CLUSTER],
    ['create_database', { name: 'x', owner: 'reporting' }, OTHER_CLUSTER],
    ['get_database', { name: 'shop' }, OTHER_DATABASE],
    ['delete_database', { name: 'shop' }, OTHER_DATABASE],
  ] as const)('%s %j', async (tool, args, [from, to]) => {
    const { call, sent } = await misled(from, to);

    const result = await call(tool, tool === 'get_backup' ? args : { clusterId: ORDERS, ...args });

    expect(JSON.stringify(result)).toContain('the answer is about a different resource than the one requested');
    expect(JSON.stringify(result)).not.toContain('analytics-prod');
    expect(sent()).toEqual([]);
  });
});

test.each([ORDERS.toUpperCase(), ORDERS.replaceAll('-', '')])('an ID may be spelled %s', async (clusterId) => {
  const { call, sandbox } = await connect();
  const whole = sandbox.fetch;
  sandbox.fetch = (request) => whole(new Request(request.url.replace(clusterId, ORDERS), request));

  expect((await call('get_cluster', { clusterId })).structuredContent).toMatchObject({ id: ORDERS });
});

test('the answer to a change of another cluster is not shown as its own', async () => {
  const { call, sandbox } = await connect();
  const whole = sandbox.fetch;
  sandbox.fetch = async (request) => {
    const response = await whole(request);
    return request.method === 'PATCH'
      ? Response.json(Object.assign(Object(await response.json()), { id: ANALYTICS }))
      : response;
  };

  const text = errorOf(await call('update_cluster', { clusterId: ORDERS, cores: 8 }));

  expect(text).toMatch(/The request was sent, but the answer is about a different resource.*check with get_cluster/);
});

describe('the answer to a write that is about something else', () => {
  const user = { username: 'app', password: PASSWORD };
  test.each([
    ['create_user', user, 'POST', 'username'],
    ['update_user', { ...user, username: 'reporting' }, 'PATCH', 'username'],
    ['create_database', { name: 'x', owner: 'reporting' }, 'POST', 'name'],
  ] as const)('does not pass for the end of %s', async (tool, args, method, key) => {
    const { call, sandbox } = await connect({ confirm: 'never' });
    const whole = sandbox.fetch;
    sandbox.fetch = async (request) => {
      const response = await whole(request);
      return request.method === method
        ? Response.json({ id: 'x', properties: { [key]: 'mallory' } }, { status: 202 })
        : response;
    };

    const text = errorOf(await call(tool, { clusterId: ORDERS, ...args }));

    expect(text).toContain('the answer is about a different resource than the one requested');
    expect(text).not.toContain('mallory');
  });

  test.each([
    ['delete_user', 'users', { username: 'reporting' }],
    ['update_user', 'users', { username: 'reporting', password: PASSWORD }],
    ['delete_database', 'databases', { name: 'shop' }],
  ])('nor does %s rest on one without a name', async (tool, kind, args) => {
    const { call, sandbox, sent } = await connect({ confirm: 'never' });
    const whole = sandbox.fetch;
    sandbox.fetch = async (request) =>
      new RegExp(`/${kind}/`).test(request.url) ? Response.json({ id: 'x', properties: {} }) : whole(request);

    expect(errorOf(await call(tool, { clusterId: ORDERS, ...args }))).toContain('about a different resource');
    expect(sent()).toEqual([]);
  });
});
