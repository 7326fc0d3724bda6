import { describe, expect, test } from 'vitest';
import type { Sandbox } from '../../../src/sandbox/index.ts';
import { tools } from '../../../src/tools/index.ts';
import { ANALYTICS, BACKUP, OF_ANALYTICS, ORDERS } from '../../helpers/backups.ts';
import { order } from '../../helpers/orders.ts';
import { fieldsIn, INVENTORY, narrowedTo, textIn } from './world.ts';

const { password } = order.credentials;

describe('the name of a new cluster', () => {
  test('has to match, or nothing is ordered', async () => {
    const { call, sent, sandbox } = await narrowedTo('?clusters=shop-*');
    const words = 'displayName (\\"store\\"): must match \\"shop-*\\"';

    for (const args of [
      { ...order, displayName: 'store' },
      { ...order, displayName: 'store', dryRun: true },
    ]) {
      expect(textIn(await call('create_cluster', args))).toContain(words);
    }
    expect(sent()).toEqual([]);
    const made = fieldsIn(await call('create_cluster', { ...order, displayName: 'Shop-3' }));
    expect(made).toMatchObject({ outcome: 'started' });
    expect(sandbox.cluster(made.cluster.id).properties.displayName).toBe('Shop-3');
  });

  test('has to match on API v2 as well', async () => {
    const { call, sent } = await narrowedTo('?clusters=shop-*');
    const wanted = {
      api: 'v2',
      location: 'de/fra',
      connections: [{ datacenterId: 'a7c3e9d1-4b26-4f80-9e57-c1d2b3a4f506', lanId: '3', cidr: '10.20.30.77/24' }],
      credentials: { username: 'owner', password: 'Planted-password-1!' },
    };

    expect(textIn(await call('create_cluster', { ...wanted, displayName: 'store' }))).toContain('must match');
    expect(sent()).toEqual([]);
    const made = await call('create_cluster', { ...wanted, displayName: 'shop-3' });
    expect(fieldsIn(made)).toMatchObject({ outcome: 'started' });
  });

  test('is told with whatever else is wrong with the order', async () => {
    const { call } = await narrowedTo('?clusters=shop-*', { regions: [] });

    const words = textIn(await call('create_cluster', { ...order, displayName: 'store', description: 'on v2 alone' }));

    expect(words).toContain('displayName (\\"store\\"): must match');
    expect(words).toContain('description: only clusters on API v2 have it');
  });
});

describe('a new name', () => {
  test.each([
    ['on API v1', ORDERS, 'orders'],
    ['on API v2', INVENTORY, 'inventory'],
  ])('has to match, unless the cluster is meant by its ID (%s)', async (_, clusterId, name) => {
    const { call, sent, clientAt } = await narrowedTo(`?clusters=${name}*`);
    const renamed = (displayName: string, more = {}) =>
      call('update_cluster', { clusterId: name, displayName, ...more });

    for (const more of [{}, { dryRun: true }]) {
      expect(textIn(await renamed('analytics', more))).toContain(
        `displayName (\\"analytics\\"): must match \\"${name}*\\"`,
      );
    }
    expect(sent()).toEqual([]);
    expect(fieldsIn(await renamed(`${name}-2`))).toMatchObject({ outcome: 'started' });
    const byId = await clientAt(`?clusters=${clusterId}`);
    const change = () => byId.call('update_cluster', { clusterId, displayName: 'anything' });
    await expect.poll(async () => fieldsIn(await change()).outcome).toBe('started');
  });
});

/** A good call of every tool that writes to an existing cluster. */
const WRITES: Readonly<Record<string, Record<string, unknown>>> = {
  update_cluster: { cores: 4 },
  delete_cluster: {},
  restore_cluster: { backupId: BACKUP },
  create_user: { username: 'app', password },
  update_user: { username: 'reporting', password },
  delete_user: { username: 'reporting' },
  create_database: { name: 'stock', owner: 'orders_owner' },
  delete_database: { name: 'shop_staging' },
};

/** From the nth look at the cluster on, it has a name that does not match. */
function renameAfter(sandbox: Sandbox, looks: number) {
  const whole = sandbox.fetch;
  let seen = 0;
  sandbox.fetch = async (request) => {
    const response = await whole(request);
    const isLook = request.method === 'GET' && new URL(request.url).pathname.endsWith(`/clusters/${ORDERS}`);
    if (!isLook) return response;
    seen += 1;
    if (seen <= looks) return response;
    const { properties, ...rest } = Object(await response.json());
    return Response.json({ ...rest, properties: { ...properties, displayName: 'hidden' } });
  };
}

describe('a cluster that gets a name which does not match', () => {
  test('is so in the calls below for every tool that writes to one', () => {
    const wanted = tools.filter(({ access, input }) => access !== 'read' && 'clusterId' in input.shape);

    expect(Object.keys(WRITES).sort()).toEqual(wanted.map(({ name }) => name).sort());
  });

  test.each(Object.entries(WRITES))(
    'between any two looks of %s gets no write, the last of which is right before',
    async (tool, args) => {
      for (let looks = 0; ; looks += 1) {
        const { call, sandbox, sent, requests } = await narrowedTo('?clusters=ord*', { regions: [] });
        renameAfter(sandbox, looks);

        const answer = await call(tool, { clusterId: ORDERS, ...args });

        if (sent().length === 0) {
          expect(answer.isError, `after ${looks} looks`).toBe(true);
          expect(textIn(answer)).not.toContain('hidden');
          continue;
        }
        const before = requests.slice(
          0,
          requests.findIndex(({ method }) => method !== 'GET'),
        );
        expect(before.filter(({ path }) => path === `clusters/${ORDERS}`)).toHaveLength(looks);
        expect(before.at(-1)?.path).toBe(`clusters/${ORDERS}`);
        return;
      }
    },
    60_000,
  );
});

describe('a backup', () => {
  test('of a cluster that gets such a name fills no other one, however late that is', async () => {
    const args = { ...order, displayName: 'shop', fromBackup: { backupId: BACKUP } };

    for (let looks = 0; ; looks += 1) {
      const { call, sandbox, sent } = await narrowedTo('?clusters=shop,ord*', { regions: [] });
      renameAfter(sandbox, looks);

      const answer = await call('create_cluster', args);

      // One for the plan, one right before the order.
      if (looks === 2) {
        expect(sent()).toMatchObject([{ method: 'POST', path: 'clusters' }]);
        return;
      }
      expect(answer.isError, `after ${looks} looks`).toBe(true);
      expect(textIn(answer)).not.toContain('hidden');
      expect(sent()).toEqual([]);
    }
  });

  test('of a cluster that the URL leaves out replaces no content', async () => {
    const { call, sent } = await narrowedTo('?clusters=ord*');

    const answer = await call('restore_cluster', { clusterId: 'orders', backupId: OF_ANALYTICS });

    expect(answer.isError).toBe(true);
    expect(textIn(answer).replaceAll(OF_ANALYTICS, '')).not.toContain(ANALYTICS);
    expect(sent()).toEqual([]);
  });
});

describe('a confirmation', () => {
  test.each([
    ['?clusters=analytics-*', 'There is no cluster'],
    ['?read_only=true', 'not found'],
    ['?toolsets=users', 'not found'],
  ])('that was given at a wider URL opens nothing at %s', async (query, words) => {
    const { call, sent, clientAt } = await narrowedTo('', { confirm: 'destructive' });
    const { outcome, confirmationToken } = fieldsIn(await call('delete_cluster', { clusterId: ORDERS }));
    expect(outcome).toBe('needs_confirmation');
    const confirmed = { clusterId: ORDERS, confirmationToken, confirmationName: 'orders' };

    const narrower = await clientAt(query);
    const answer = await narrower.call('delete_cluster', confirmed).then(textIn, ({ message }: Error) => message);

    expect(answer).toContain(words);
    expect(sent()).toEqual([]);
    expect(fieldsIn(await call('delete_cluster', confirmed)).outcome).toBe('started');
  });

  test('is asked for where the URL has the cluster, and nowhere else', async () => {
    const { modern, sent } = await narrowedTo('', { confirm: 'destructive' });
    const asked: string[] = [];
    const deleteAt = async (query: string) => {
      const client = await modern(
        {},
        async ({ message }) => {
          asked.push(message);
          return { action: 'accept', content: { name: 'orders' } };
        },
        query,
      );
      return client.callTool({ name: 'delete_cluster', arguments: { clusterId: ORDERS } });
    };

    expect((await deleteAt('?clusters=analytics-*')).isError).toBe(true);
    expect([asked, sent()]).toEqual([[], []]);
    expect(fieldsIn(await deleteAt('?clusters=ord*')).outcome).toBe('started');
    expect(asked).toHaveLength(1);
  });
});
