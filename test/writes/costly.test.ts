import { describe, expect, test } from 'vitest';
import { readPriceFile } from '../../src/prices/price-file.ts';
import type { Sandbox } from '../../src/sandbox/index.ts';
import { ASKABLE, type Settings, world, writtenIn } from '../helpers/client-kinds.ts';
import { connect, errorOf, type OnQuestion } from '../helpers/connect.ts';
import { unplaced as order } from '../helpers/orders.ts';

const ORDERS = 'b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041';
/** From 4 GB. By the prices of the tests that is 0.04 EUR an hour more, and 28.80 EUR for 30 days. */
const MORE = { clusterId: ORDERS, ram: 8192 };
const yes = { action: 'accept', content: { confirm: true } } as const;
const COSTLY = { confirm: 'costly' } as const;

describe.each(ASKABLE)('with --confirm costly, a client that can ask (%s)', (way) => {
  async function asked(answer: Awaited<ReturnType<OnQuestion>>, settings: Settings = {}) {
    const questions: string[] = [];
    const rest = await world(way, { ...COSTLY, ...settings }, ({ message }) => {
      questions.push(message);
      return answer;
    });
    return { questions, ...rest };
  }

  test('shows the price before an order, and orders once a person says yes', async () => {
    const { call, questions, sent } = await asked(yes);

    const result = writtenIn(await call('create_cluster', order));

    expect(result.outcome).toBe('started');
    expect(questions).toEqual([expect.stringContaining('Cost: 0.144 EUR per hour, 103.68 EUR per 30 days.')]);
    expect(sent()).toMatchObject([{ method: 'POST' }]);
  });

  test('shows the price of a larger cluster, now, afterwards and the difference', async () => {
    const { call, questions, sent } = await asked(yes);

    expect(writtenIn(await call('update_cluster', MORE)).outcome).toBe('started');
    expect(questions).toEqual([
      expect.stringContaining(
        'Cost now: 0.144 EUR per hour, 103.68 EUR per 30 days. Afterwards: 0.184 EUR per hour, 132.48 EUR per 30 days. Difference: +0.04 EUR per hour, +28.80 EUR per 30 days.',
      ),
    ]);
    expect(sent()).toMatchObject([{ method: 'PATCH' }]);
  });

  test.each([
    ['create_cluster', order],
    ['update_cluster', MORE],
  ])('sends nothing of %s after a no', async (name, args) => {
    const { call, sent, questions } = await asked({ action: 'decline' });

    expect(writtenIn(await call(name, args)).outcome).toBe('declined');
    expect(questions).toHaveLength(1);
    expect(sent()).toEqual([]);
  });

  test.each([
    ['less memory', { ram: 4096 }],
    ['another name', { displayName: 'orders-2' }],
    ['another maintenance window', { maintenanceWindow: { time: '03:00:00', dayOfTheWeek: 'Monday' } }],
  ])('is not asked about %s', async (_, change) => {
    const { call, questions, sandbox } = await asked(yes);
    const clusterId = sandbox.addCluster({ ram: 8192 }).id;

    expect(writtenIn(await call('update_cluster', { clusterId, ...change })).outcome).toBe('started');
    expect(questions).toEqual([]);
  });

  test('is asked about what destroys, however little that costs', async () => {
    const { call, questions } = await asked({ action: 'decline' }, { confirmAbove: '1000' });

    expect(writtenIn(await call('delete_cluster', { clusterId: ORDERS })).outcome).toBe('declined');
    expect(writtenIn(await call('update_cluster', { clusterId: ORDERS, storageSize: 21_504 })).outcome).toBe(
      'declined',
    );
    expect(questions).toHaveLength(2);
  });

  test.each([
    ['28.80', 0],
    ['28.79', 1],
    ['0', 1],
  ])('with --confirm-above %s is asked %i times about 28.80', async (confirmAbove, times) => {
    const { call, questions } = await asked(yes, { confirmAbove });

    expect(writtenIn(await call('update_cluster', MORE)).outcome).toBe('started');
    expect(questions).toHaveLength(times);
  });

  test('is asked about nothing of it with --confirm destructive', async () => {
    const { call, questions } = await asked(yes, { confirm: 'destructive' });

    expect(writtenIn(await call('create_cluster', order)).outcome).toBe('started');
    expect(writtenIn(await call('update_cluster', MORE)).outcome).toBe('started');
    expect(questions).toEqual([]);
  });
});

describe('a client that cannot ask', () => {
  test.each(['modern over stdio', '2025 over stdio', '2025 over HTTP'] as const)(
    'gets the plan with its price and a token (%s)',
    async (way) => {
      const { call, sent } = await world(way, COSTLY);

      const first = writtenIn(await call('update_cluster', MORE));
      expect(first).toMatchObject({ outcome: 'needs_confirmation', confirmationToken: expect.any(String) });
      expect(first.plan?.effects.join('\n')).toContain('Difference: +0.04 EUR per hour, +28.80 EUR per 30 days.');
      expect(sent()).toEqual([]);

      const { confirmationToken } = first;
      expect(writtenIn(await call('update_cluster', { ...MORE, confirmationToken })).outcome).toBe('started');
      expect(sent()).toMatchObject([{ method: 'PATCH' }]);
    },
  );

  test('sends nothing with --require-human', async () => {
    const { call, sent } = await world('modern over stdio', { ...COSTLY, requireHuman: true });

    expect(errorOf(await call('create_cluster', order))).toContain('A person has to agree to this');
    expect(sent()).toEqual([]);
  });
});

describe('a price that is not known', () => {
  const refused = async () => Response.json({ message: 'no rights' }, { status: 403 });

  test('is above every --confirm-above', async () => {
    const { call, sent } = await connect({ ...COSTLY, confirmAbove: '1000000', billing: refused });

    for (const [name, args] of [['create_cluster', order] as const, ['update_cluster', MORE] as const]) {
      const { outcome, plan } = writtenIn(await call(name, args));
      expect(outcome).toBe('needs_confirmation');
      expect(plan?.effects.join('\n')).toContain('The cost is not known: ');
    }
    expect(sent()).toEqual([]);
  });

  test('does not matter to what gets smaller', async () => {
    const { call, sandbox } = await connect({ ...COSTLY, billing: refused });
    const clusterId = sandbox.addCluster({ ram: 8192 }).id;

    expect(writtenIn(await call('update_cluster', { clusterId, ram: 4096 })).outcome).toBe('started');
  });
});

describe('where one size grows and another shrinks', () => {
  const traded = (sandbox: Sandbox) => ({
    clusterId: sandbox.addCluster({ cores: 2, ram: 8192 }).id,
    cores: 3,
    ram: 4096,
  });
  const pricing = (core: string, ramGB: string) =>
    readPriceFile('prices.json', () => JSON.stringify({ currency: 'EUR', perHour: { core, ramGB, storageGB: '0' } }));

  test.each([
    ['a person is asked, if it costs more', pricing('0.05', '0.01'), 'needs_confirmation'],
    ['nobody is asked, if it costs less', pricing('0.05', '0.10'), 'started'],
    ['nobody is asked, if it costs the same', pricing('0.04', '0.01'), 'started'],
  ])('%s', async (_, prices, outcome) => {
    const { call, sandbox } = await connect({ ...COSTLY, prices });

    expect(writtenIn(await call('update_cluster', traded(sandbox))).outcome).toBe(outcome);
  });

  test('a person is asked, if nobody knows what it costs', async () => {
    const { call, sandbox } = await connect({ ...COSTLY, billing: async () => Response.json({}, { status: 401 }) });

    expect(writtenIn(await call('update_cluster', traded(sandbox))).outcome).toBe('needs_confirmation');
  });
});

test('nobody is held to another price than the one they agreed to', async () => {
  const costing = (core: string) =>
    readPriceFile('prices.json', () =>
      JSON.stringify({ currency: 'EUR', perHour: { core, ramGB: '0.01', storageGB: '0' } }),
    );
  const more = { clusterId: ORDERS, cores: 4 };
  const before = await connect({ ...COSTLY, prices: costing('0.05') });
  const afterwards = await connect({ ...COSTLY, prices: costing('0.06') });
  const { confirmationToken } = writtenIn(await before.call('update_cluster', more));

  const again = writtenIn(await afterwards.call('update_cluster', { ...more, confirmationToken }));

  expect(again).toMatchObject({
    outcome: 'needs_confirmation',
    note: expect.stringContaining('or its price has changed'),
  });
  expect(afterwards.sent()).toEqual([]);
  const { confirmationToken: present } = again;
  expect(writtenIn(await afterwards.call('update_cluster', { ...more, confirmationToken: present })).outcome).toBe(
    'started',
  );
});

/** The API goes on showing the cluster as it is now. */
function freeze(sandbox: Sandbox, clusterId: string) {
  const whole = sandbox.fetch;
  const earlier = structuredClone(sandbox.cluster(clusterId));
  sandbox.fetch = async (request) => {
    const isOfCluster = request.method === 'GET' && request.url.endsWith(clusterId);
    return isOfCluster ? Response.json(earlier) : whole(request);
  };
}

test('a lag does not hide that more is paid than after the last change', async () => {
  const { call, sandbox, sent, pass } = await connect(COSTLY);
  const { id: clusterId } = sandbox.addCluster({ instances: 3, cores: 8, ram: 32_768 });
  freeze(sandbox, clusterId);

  expect(writtenIn(await call('update_cluster', { clusterId, cores: 1, ram: 4096 })).outcome).toBe('started');
  const again = writtenIn(await call('update_cluster', { clusterId, cores: 7, ram: 28_672 }));

  expect(again.outcome).toBe('needs_confirmation');
  // Now 3 × (1 core and 4 GB), afterwards 3 × (7 cores and 28 GB); 20 GB of storage each.
  expect(again.plan?.effects.join('\n')).toContain('Difference: +1.62 EUR per hour, +1166.40 EUR per 30 days.');
  expect(sent()).toHaveLength(1);
  pass(60_000);
  // What the last change set stays as it is, whatever the API shows.
  expect(writtenIn(await call('update_cluster', { clusterId, instances: 2 })).outcome).toBe('started');
});

test('a lag does not hide a size either that the call repeats from what the API shows', async () => {
  const { call, sandbox, sent } = await connect(COSTLY);
  const { id: clusterId } = sandbox.addCluster({ cores: 8 });
  freeze(sandbox, clusterId);
  await call('update_cluster', { clusterId, cores: 1 });

  const again = writtenIn(await call('update_cluster', { clusterId, displayName: 'renamed', cores: 8 }));

  expect(again.outcome).toBe('needs_confirmation');
  expect(again.plan?.effects.join('\n')).toContain('Difference: +0.35 EUR per hour, +252.00 EUR per 30 days.');
  expect(sent()).toHaveLength(1);
});

test('a lag does not make fewer instances save more than they do', async () => {
  const { call, sandbox } = await connect(COSTLY);
  const { id: clusterId } = sandbox.addCluster({ instances: 3, cores: 1, ram: 81_920 });
  freeze(sandbox, clusterId);
  await call('update_cluster', { clusterId, ram: 4096 });

  const again = writtenIn(await call('update_cluster', { clusterId, instances: 2, cores: 8 }));

  expect(again.outcome).toBe('needs_confirmation');
  // From 3 × (1 core and 4 GB) to 2 × (8 cores and 4 GB); with 80 GB it would be a saving.
  expect(again.plan?.effects.join('\n')).toContain('Difference: +0.606 EUR per hour');
});

test('what a lost change may have raised is not taken for a rise by the next one', async () => {
  const { call, sandbox } = await connect(COSTLY);
  const { id: clusterId } = sandbox.addCluster({ instances: 2, ram: 8192 });
  const larger = { clusterId, instances: 5 };
  const { confirmationToken } = writtenIn(await call('update_cluster', larger));
  const whole = sandbox.fetch;
  sandbox.fetch = async (request) => {
    return request.method === 'PATCH' ? Response.json({}, { status: 503 }) : whole(request);
  };
  expect(errorOf(await call('update_cluster', { ...larger, confirmationToken }))).toMatch(/^The API answered 503/);
  sandbox.fetch = whole;

  expect(writtenIn(await call('update_cluster', { clusterId, ram: 4096 })).outcome).toBe('started');
});
