import { describe, expect, test, vi } from 'vitest';
import { writtenIn } from '../../helpers/client-kinds.ts';
import { connect, errorOf, type World } from '../../helpers/connect.ts';
import { unplaced as order } from '../../helpers/orders.ts';
import { changeOutside } from '../../helpers/outside-change.ts';

const ORDERS = 'b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041';
const META = 'ionos-postgresql/confirm';

interface ForTheView {
  tool: string;
  arguments: Record<string, unknown>;
  token: string;
  isTyped: boolean;
  note?: string;
}

type Result = Awaited<ReturnType<Awaited<ReturnType<typeof connect>>['call']>>;
const forView = ({ _meta }: Result) => _meta?.[META] as ForTheView | undefined;
/** All that a model reads of it. */
const read = ({ content, structuredContent }: Result) => JSON.stringify([content, structuredContent]);

describe.each(['2025', '2026'] as const)('a client of %s that renders views', (era) => {
  const open = (world: World = {}) => connect({ era, seesViews: true, confirm: 'costly', ...world });

  /** The first call, and what its view has. */
  async function shown(name: string, args: Record<string, unknown>, world: World = {}) {
    const rest = await open(world);
    const first = await rest.call(name, args);
    const view = forView(first);
    if (!view) throw new Error(`Nothing for the view: ${read(first)}`);
    const { isTyped: _, note: __, ...confirm } = view;
    const press = (more: object = {}) => rest.call('confirm_write', { ...confirm, ...more });
    return { ...rest, first, view, press };
  }

  test('has a tool for the view alone, where something can be written', async () => {
    const toolOf = async (world: World) => (await (await open(world)).client.listTools()).tools.at(-1);

    expect(await toolOf({})).toMatchObject({ name: 'confirm_write', _meta: { ui: { visibility: ['app'] } } });
    expect((await toolOf({ access: 'read' }))?.name).not.toBe('confirm_write');
    expect((await toolOf({ seesViews: false }))?.name).not.toBe('confirm_write');
  });

  test('gets a button beside the plan, of which the model reads nothing, and the write happens once it is pressed', async () => {
    const { first, view, press, sent, log } = await shown('update_cluster', { clusterId: ORDERS, ram: 8192 });

    expect(writtenIn(first)).toMatchObject({ outcome: 'needs_confirmation', plan: { summary: expect.any(String) } });
    expect(view).toMatchObject({ tool: 'update_cluster', arguments: { clusterId: ORDERS, ram: 8192 }, isTyped: false });
    expect(read(first)).not.toContain(view.token);
    expect(view.note).toBeUndefined();
    expect(sent()).toEqual([]);

    const result = await press();

    expect(writtenIn(result).outcome).toBe('started');
    expect(sent()).toMatchObject([{ method: 'PATCH', body: { properties: { ram: 8192 } } }]);
    expect(log.at(-1)).toMatchObject({ tool: 'update_cluster', target: ORDERS, agreed: 'app', outcome: 'started' });
  });

  test.each([
    [true, 'needs_confirmation'],
    ['true', 'needs_confirmation'],
    [1, 'needs_confirmation'],
    [false, 'started'],
  ])('gets a button where nobody has to agree, if it wants the plan first: %j', async (wants, outcome) => {
    const { client, sent } = await open({ confirm: 'never' });

    const result = await client.callTool({
      name: 'update_cluster',
      arguments: { clusterId: ORDERS, cores: 3 },
      _meta: { 'ionos-postgresql/plan-first': wants },
    });

    expect(Object(result.structuredContent).outcome).toBe(outcome);
    expect(sent()).toHaveLength(outcome === 'started' ? 1 : 0);
  });

  test('sends an order as the plan settled it', async () => {
    const passwords = { APP_DB_PASSWORD: 'correct-horse-battery' };
    const credentials = { username: 'shop', passwordEnv: 'APP_DB_PASSWORD' };
    const wish = { ...order, credentials, instances: undefined, cores: undefined };
    const { view, press, sent } = await shown('create_cluster', wish, { passwords });

    expect(view.arguments).toMatchObject({ instances: 1, cores: 2 });
    expect(writtenIn(await press()).outcome).toBe('started');
    expect(sent()).toMatchObject([{ method: 'POST', body: { properties: { instances: 1, cores: 2 } } }]);
  });

  test('deletes only with the name that the person types', async () => {
    const { view, press, sent, log } = await shown('delete_cluster', { clusterId: 'orders' });

    expect(view).toMatchObject({ arguments: { clusterId: ORDERS }, isTyped: true });
    for (const name of [undefined, '', 'order', ORDERS]) {
      expect(writtenIn(await press({ name }))).toMatchObject({
        outcome: 'needs_confirmation',
        note: expect.stringContaining('The typed name did not match; it can be typed again.'),
      });
    }
    expect(sent()).toEqual([]);

    expect(writtenIn(await press({ name: ' orders ' })).outcome).toBe('started');
    expect(sent()).toMatchObject([{ method: 'DELETE' }]);
    expect(log.at(-1)).toMatchObject({ agreed: 'app' });
  });

  test('is shown the present plan where the target has changed meanwhile', async () => {
    const { press, sandbox, pass, sent } = await shown('update_cluster', { clusterId: ORDERS, ram: 8192 });
    await changeOutside(sandbox, ORDERS, { cores: 7 });
    pass(60_000);

    const again = await press();

    expect(writtenIn(again)).toMatchObject({
      outcome: 'needs_confirmation',
      note: expect.stringContaining('has changed since the plan was shown'),
    });
    expect(writtenIn(again).plan?.effects.join()).toContain('7 cores');
    expect(forView(again)?.token).not.toBe(undefined);
    expect(forView(again)?.note).toBe(writtenIn(again).note);
    expect(sent()).toEqual([]);
  });

  test('can use a button once', async () => {
    const { press, pass, sent } = await shown('update_cluster', { clusterId: ORDERS, ram: 8192 });
    expect(writtenIn(await press()).outcome).toBe('started');
    pass(60_000);

    await press();
    const other = { clusterId: ORDERS, ram: 8192, cores: 3 };
    expect(writtenIn(await press({ arguments: other })).outcome).toBe('needs_confirmation');

    expect(sent()).toHaveLength(1);
  });

  test('is too late after ten minutes', async () => {
    const { press, sent } = await shown('update_cluster', { clusterId: ORDERS, ram: 8192 });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 601_000 });
    try {
      expect(writtenIn(await press()).note).toContain('more than 10 minutes ago');
    } finally {
      vi.useRealTimers();
    }
    expect(sent()).toEqual([]);
  });

  test.each([
    ['other arguments', { arguments: { clusterId: ORDERS, ram: 16_384 } }],
    ['another tool', { tool: 'delete_cluster', arguments: { clusterId: ORDERS }, name: 'orders' }],
    ['another token', { token: 'x'.repeat(43) }],
  ])('sends nothing for %s', async (_, more) => {
    const { press, sent } = await shown('update_cluster', { clusterId: ORDERS, ram: 8192 });

    expect(writtenIn(await press(more)).note).toContain('This button is not for this write');
    expect(sent()).toEqual([]);
  });

  test('has tokens of two kinds, neither of which does for the other', async () => {
    const { first, view, call, press, sent } = await shown('update_cluster', { clusterId: ORDERS, ram: 8192 });
    const { confirmationToken } = writtenIn(first);

    const asToken = { clusterId: ORDERS, ram: 8192, confirmationToken: view.token };
    expect(writtenIn(await call('update_cluster', asToken)).outcome).toBe('needs_confirmation');
    expect(writtenIn(await press({ token: confirmationToken })).outcome).toBe('needs_confirmation');
    expect(sent()).toEqual([]);
  });

  test('never gets a password, nor a button beside one', async () => {
    const { call } = await open();
    const password = 'correct-horse-battery';

    const given = await call('create_cluster', { ...order, credentials: { username: 'shop', password } });

    expect(writtenIn(given).outcome).toBe('needs_confirmation');
    expect(forView(given)).toBeUndefined();
    expect(JSON.stringify(given)).not.toContain(password);
  });

  test('with --require-human=app has the button alone', async () => {
    const { first, press, call, sent } = await shown('delete_cluster', { clusterId: ORDERS }, { requireHuman: 'app' });

    expect(first.structuredContent).not.toHaveProperty('confirmationToken');
    expect(writtenIn(first).note).toContain('The person can agree in the view of this result');
    const { outcome } = writtenIn(await call('delete_cluster', { clusterId: ORDERS, confirmationName: 'orders' }));
    expect(outcome).toBe('needs_confirmation');
    expect(sent()).toEqual([]);
    expect(writtenIn(await press({ name: 'orders' })).outcome).toBe('started');
  });

  test('gets no button for a token that was none, and so cannot make one', async () => {
    const { call, sent } = await open();

    const first = await call('confirm_write', {
      ...{ tool: 'delete_cluster', arguments: { clusterId: ORDERS }, name: 'orders' },
      token: 'junk',
    });

    expect(writtenIn(first)).toMatchObject({ outcome: 'needs_confirmation' });
    expect(first.structuredContent).not.toHaveProperty('confirmationToken');
    expect(forView(first)).toBeUndefined();
    expect(sent()).toEqual([]);
  });

  test('never sends a password through the view, whatever the view sends', async () => {
    const { call, sent } = await open();
    const args = { clusterId: ORDERS, username: 'reporting', password: 'correct-horse-battery' };

    const result = await call('confirm_write', { tool: 'update_user', arguments: args, token: 'junk' });

    expect(errorOf(result)).toContain('A view never gets a password');
    expect(JSON.stringify(result)).not.toContain('correct-horse');
    expect(sent()).toEqual([]);
  });

  test('says no by a button, after which the same is not asked for a minute', async () => {
    const { call, press, sent } = await shown('delete_cluster', { clusterId: ORDERS });

    expect(writtenIn(await press({ declined: true })).outcome).toBe('declined');

    expect(writtenIn(await press({ name: 'orders' })).outcome).toBe('declined');
    expect(writtenIn(await call('delete_cluster', { clusterId: ORDERS })).outcome).toBe('declined');
    expect(sent()).toEqual([]);
  });

  test('with --require-human cannot press what it was not given', async () => {
    const { call, client, sent } = await open({ requireHuman: true });
    const args = { tool: 'delete_cluster', arguments: { clusterId: ORDERS }, name: 'orders' };

    const first = await call('confirm_write', { ...args, token: 'junk' });

    expect(errorOf(first)).toContain('accepts no substitute (--require-human)');
    expect(forView(first)).toBeUndefined();
    expect((await client.listTools()).tools.map(({ name }) => name)).not.toContain('confirm_write');
    expect(sent()).toEqual([]);
  });

  test('that can elicit is asked all the same, and a no is final', async () => {
    let asked = 0;
    const { call, sent } = await open({
      onQuestion: () => {
        asked += 1;
        return { action: 'decline' };
      },
    });
    const args = { tool: 'delete_cluster', arguments: { clusterId: ORDERS }, name: 'orders', token: 'junk' };

    expect(writtenIn(await call('confirm_write', args)).outcome).toBe('declined');
    expect(writtenIn(await call('confirm_write', args)).outcome).toBe('declined');
    expect(asked).toBe(1);
    expect(sent()).toEqual([]);
  });

  test('with --require-human gets none', async () => {
    const { call } = await open({ requireHuman: true });

    const result = await call('delete_cluster', { clusterId: ORDERS });

    expect(errorOf(result)).toContain('accepts no substitute (--require-human)');
    expect(forView(result)).toBeUndefined();
  });

  test('is asked where it can elicit, and gets no button then', async () => {
    const { call } = await open({ onQuestion: () => ({ action: 'decline' }) });

    const result = await call('delete_cluster', { clusterId: ORDERS });

    expect(writtenIn(result).outcome).toBe('declined');
    expect(forView(result)).toBeUndefined();
  });

  test('gets a button of its own profile, and it counts there alone', async () => {
    const profiles = [{ name: 'work' }, { name: 'lab' }];
    const args = { profile: 'lab', clusterId: ORDERS, ram: 8192 };
    const { view, press, requests } = await shown('update_cluster', args, { profiles });

    expect(view.arguments).toMatchObject({ profile: 'lab' });
    expect(writtenIn(await press({ arguments: { ...view.arguments, profile: 'work' } })).outcome).toBe(
      'needs_confirmation',
    );
    expect(writtenIn(await press()).outcome).toBe('started');
    const sent = requests.filter(({ method }) => method !== 'GET');
    expect(sent).toMatchObject([{ profile: 'lab', method: 'PATCH' }]);
  });
});

describe('confirm_write', () => {
  test.each(['2025', '2026'] as const)('is unknown to a client of %s that renders no views', async (era) => {
    const { call, sent } = await connect({ era, confirm: 'costly' });

    await expect(call('confirm_write', { tool: 'update_cluster', arguments: {}, token: 'x' })).rejects.toThrow(
      'Tool confirm_write not found',
    );
    expect(sent()).toEqual([]);
  });

  test.each([
    ['nothing', {}],
    ['no token', { tool: 'update_cluster', arguments: {} }],
    ['arguments of another form', { tool: 'update_cluster', arguments: 'x', token: 'x' }],
    ['a tool that reads', { tool: 'get_cluster', arguments: { clusterId: ORDERS }, token: 'x' }],
    ['itself', { tool: 'confirm_write', arguments: {}, token: 'x' }],
    ['no tool', { tool: 'no_tool', arguments: {}, token: 'x' }],
  ])('is refused with %s', async (_, args) => {
    const { call, requests } = await connect({ seesViews: true, confirm: 'costly' });

    await expect(call('confirm_write', args)).rejects.toThrow(/Tool \S+ not found/);
    expect(requests).toEqual([]);
  });

  test('writes nothing that access leaves out', async () => {
    const { call, requests } = await connect({ seesViews: true, confirm: 'never', access: 'write' });

    await expect(
      call('confirm_write', { tool: 'delete_cluster', arguments: { clusterId: ORDERS }, token: 'x', name: 'orders' }),
    ).rejects.toThrow('Tool delete_cluster not found');
    expect(requests).toEqual([]);
  });
});
