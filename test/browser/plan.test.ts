import { expect, test } from 'vitest';
import { connect } from '../helpers/connect.ts';
import { accessibilityProblems, type Called, type Result, setUpBrowser, textOf } from './view.ts';

const open = setUpBrowser();
const CONFIRM_META = 'ionos-postgresql/confirm';

const plan = {
  summary: 'Change the PostgreSQL cluster "orders".',
  changes: [
    { property: 'ram', from: 4096, to: 8192 },
    { property: 'maintenanceWindow', to: { time: '02:30:00', dayOfTheWeek: 'Sunday' } },
  ],
  effects: ['It restarts.', 'A <b>name</b>.'],
  arguments: { location: 'de/txl' },
};
const offer = {
  tool: 'update_cluster',
  arguments: { clusterId: 'orders', ram: 8192 },
  token: 'a-secret-token',
  isTyped: false,
};

const asking = (meta?: Record<string, unknown>): Result => ({
  structuredContent: { outcome: 'needs_confirmation', plan, note: 'Nothing was sent.' },
  ...(meta && { _meta: { [CONFIRM_META]: meta } }),
});
const never = () => new Promise<Result>(() => {});

test('a plan is shown as text: what would change, and the effects', async () => {
  const { show, view } = await open();
  await show(asking());

  await view.getByRole('heading', { name: plan.summary }).waitFor();
  expect(await view.getByRole('row').allInnerTexts()).toEqual([
    'Property\tNow\tAfterwards',
    'ram\t4,096\t8,192',
    'maintenanceWindow\t–\ttime 02:30:00, dayOfTheWeek Sunday',
  ]);
  expect(await view.getByRole('listitem').allInnerTexts()).toEqual(plan.effects);
});

test('on 320 px a number stays on its line', async () => {
  const { show, view } = await open({ width: 320 });
  await show(asking());
  const row = view.getByRole('row', { name: 'ram' });
  await row.waitFor();
  expect((await row.boundingBox())?.height).toBeLessThan(40);
});

test('without the means to agree there is no button, and the answer goes in the chat', async () => {
  const { show, view } = await open({ call: never });
  await show(asking());

  await view.getByText('To agree or to decline, answer in the chat.').waitFor();
  expect(await view.getByRole('button').count()).toBe(0);
});

test('a host that lets no tool be called gets no button either', async () => {
  const { show, view } = await open();
  await show(asking(offer));

  await view.getByText('answer in the chat').waitFor();
  expect(await view.getByRole('button').count()).toBe(0);
});

test('a cluster is deleted by a typed name and the button, and the deletion is followed', async () => {
  const server = await connect({ seesViews: true, confirm: 'destructive', isSandbox: true });
  const cluster = server.sandbox.addCluster({ displayName: 'old-orders' });
  const call = async ({ name, arguments: args }: Called) => (await server.call(name, args)) as Result;
  const { show, view, calls, told, passesUntil } = await open({ call, hasClock: true });
  const args = { clusterId: 'old-orders' };
  const asked = await call({ name: 'delete_cluster', arguments: args });
  const { token } = Object(asked._meta?.[CONFIRM_META]);
  await show(asked, args);

  const button = view.getByRole('button', { name: 'Do this' });
  expect(await button.isDisabled()).toBe(true);
  // How a model would ask is no matter of the person's.
  expect(await view.locator('.note').allInnerTexts()).toEqual(['Sandbox: no real cluster was touched.']);
  await view.getByLabel('To agree, type the name').fill('old-order');
  await button.click();
  await view.getByText('The typed name did not match').waitFor();
  expect(server.sandbox.cluster(cluster.id).metadata.state).toBe('AVAILABLE');

  await view.getByLabel('To agree, type the name').fill('old-orders');
  await button.click();
  await view.getByText('✕ Being deleted').waitFor();

  const [first, second] = calls.filter(({ name }) => name === 'confirm_write');
  const confirmed = { tool: 'delete_cluster', arguments: { clusterId: cluster.id } };
  expect(first?.arguments).toEqual({ ...confirmed, token, name: 'old-order' });
  expect(second?.arguments).toEqual({ ...confirmed, token: expect.any(String), name: 'old-orders' });
  expect(server.sandbox.cluster(cluster.id).metadata.state).toBe('DESTROYING');
  expect(server.log.find(({ outcome }) => outcome === 'started')).toMatchObject({ audit: true, agreed: 'app' });
  const words = JSON.stringify(await told());
  expect(words).toMatch(/the person agreed to: .*old-orders.* Outcome: started/);
  for (const { arguments: sent } of [first, second].flatMap((each) => each ?? [])) {
    expect(words + (await view.locator('html').innerHTML())).not.toContain(sent.token);
  }

  server.pass(3_600_000);
  await passesUntil(view.getByText('The cluster was deleted.'));
});

test('a name that does not match gets the new plan, and the new token counts', async () => {
  const call = async ({ arguments: { token } }: Called) =>
    token === 'a-secret-token'
      ? asking({ ...offer, token: 'another-token', isTyped: true, note: 'The typed name did not match.' })
      : { structuredContent: { outcome: 'done', cluster: { id: 'one', metadata: { state: 'AVAILABLE' } } } };
  const { show, view, calls } = await open({ call });
  await show(asking({ ...offer, isTyped: true }));

  await view.getByLabel('To agree, type the name').fill('ordres');
  await view.getByRole('button', { name: 'Do this' }).click();
  await view.getByRole('status').getByText('The typed name did not match.').waitFor();
  expect(await view.getByLabel('To agree, type the name').inputValue()).toBe('');
  await view.getByLabel('To agree, type the name').fill('orders');
  await view.getByRole('button', { name: 'Do this' }).click();
  await view.getByText('Done', { exact: true }).waitFor();

  expect(calls.flatMap(({ arguments: { token } }) => token ?? [])).toEqual(['a-secret-token', 'another-token']);
});

test('beside the button stands what a person should know, and not how a model would ask', async () => {
  const server = await connect({ seesViews: true, confirm: 'writes', isSandbox: true });
  const { show, view } = await open({ call: never });
  const args = { clusterId: 'orders', ram: 8192, confirmationToken: 'of-another-call' };
  const asked = (await server.call('update_cluster', args)) as Result;
  expect(asked.structuredContent?.note).toMatch(/call again within 10 minutes/);
  await show(asked, args);

  await view.getByRole('button', { name: 'Do this' }).waitFor();
  const [note, ...others] = await view.locator('.note').allInnerTexts();
  expect(note).toMatch(/^Sandbox: no real cluster was touched. Nothing was sent. .*this server was restarted/);
  expect(note).not.toMatch(/call again|If they agree/);
  expect(others).toEqual([]);
});

test('a button that was used before says so, and is gone', async () => {
  const server = await connect({ seesViews: true, confirm: 'writes' });
  const call = async ({ name, arguments: args }: Called) => (await server.call(name, args)) as Result;
  const { show, view } = await open({ call });
  const args = { clusterId: 'orders', ram: 8192 };
  const asked = await call({ name: 'update_cluster', arguments: args });
  const { token, ...rest } = Object(asked._meta?.[CONFIRM_META]);
  await call({ name: 'confirm_write', arguments: { ...rest, token } });
  server.pass(3_600_000);
  const more = { ...rest, arguments: { ...rest.arguments, cores: 3 }, token };
  await show({ ...asked, _meta: { [CONFIRM_META]: more } }, args);

  await view.getByRole('button', { name: 'Do this' }).click();
  await view.getByRole('status').getByText('This button has already been used').waitFor();
  expect(await view.getByRole('button').count()).toBe(0);
});

test('a write without a typed name needs the button alone, which works once', async () => {
  const { show, view, calls } = await open({ call: never });
  await show(asking(offer));

  const button = view.getByRole('button', { name: 'Do this' });
  await button.evaluate((element: HTMLElement) => {
    element.click();
    element.click();
  });
  await view.getByText('Sending…').waitFor();

  expect(await button.isDisabled()).toBe(true);
  expect(await view.getByRole('button', { name: 'Do not' }).isDisabled()).toBe(true);
  expect(calls).toEqual([
    { name: 'confirm_write', arguments: { tool: offer.tool, arguments: offer.arguments, token: offer.token } },
  ]);
});

test('an error keeps the plan and shows its text', async () => {
  const call = async () => ({ isError: true, content: [{ type: 'text' as const, text: 'Blocked by a policy.' }] });
  const { show, view, calls } = await open({ call });
  await show(asking(offer));
  await view.getByRole('button', { name: 'Do this' }).click();

  await view.getByRole('alert').getByText('Blocked by a policy.').waitFor();
  expect(await textOf(view)).toContain(plan.summary);
  await view.getByRole('button', { name: 'Do this' }).click();
  await expect.poll(() => calls.length).toBe(2);
});

test('without an answer the outcome is unknown, and the button is gone', async () => {
  const call = async (): Promise<Result> => {
    throw new Error('gone');
  };
  const { show, view, told } = await open({ call });
  await show(asking(offer));
  await view.getByRole('button', { name: 'Do this' }).click();

  await view.getByText('The write may have been sent.').waitFor();
  expect(await view.getByRole('button').count()).toBe(0);
  expect(JSON.stringify(await told())).toContain('the outcome is unknown');
});

test('a person can decline, of which server and model are told', async () => {
  const { show, view, calls, told } = await open({ call: never });
  await show(asking(offer));
  await view.getByRole('button', { name: 'Do not' }).click();

  await view.getByText('Declined. Nothing was sent.').waitFor();
  expect(await view.getByRole('button').count()).toBe(0);
  const { tool, arguments: args, token } = offer;
  expect(calls).toEqual([{ name: 'confirm_write', arguments: { tool, arguments: args, token, declined: true } }]);
  expect(await told()).toEqual([
    {
      content: [
        { type: 'text', text: `In the view, the person declined: ${JSON.stringify(plan.summary)} Nothing was sent.` },
      ],
    },
  ]);
});

test.each([
  ['declined', 'Declined: nothing was sent'],
  ['duplicate', 'This was already sent'],
  ['done', 'Done'],
])('the outcome %s has words', async (outcome, words) => {
  const { show, view } = await open();
  await show({ structuredContent: { outcome, note: 'A note.' } });
  await view.getByRole('heading', { name: words }).waitFor();
  await view.getByText('A note.').waitFor();
});

test('a preview has the plan and nothing to press', async () => {
  const { show, view } = await open({ call: never });
  await show({ structuredContent: { outcome: 'preview', plan }, _meta: { [CONFIRM_META]: offer } });
  await view.getByText('This is a preview. Nothing was sent.').waitFor();
  expect(await view.getByRole('button').count()).toBe(0);
});

test.each(['light', 'dark'])('a plan has no axe violation in the %s theme', async (theme) => {
  const { show, view, page } = await open({ call: never, context: { theme }, width: 320 });
  await show(asking({ ...offer, isTyped: true }));
  await view.getByRole('button', { name: 'Do this' }).waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  await view.getByLabel('To agree, type the name').fill('orders');
  expect(await accessibilityProblems(page)).toEqual([]);
});
