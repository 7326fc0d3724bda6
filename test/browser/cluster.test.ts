import { describe, expect, test } from 'vitest';
import { connect } from '../helpers/connect.ts';
import { accessibilityProblems, type Called, type Result, setUpBrowser } from './view.ts';

const open = setUpBrowser();

/** The view of one cluster of the sandbox, whose tools it can call unless `answers` has others. */
async function openCluster(
  name: string,
  { answers = {}, ...options }: Parameters<typeof open>[0] & { answers?: Record<string, Result> } = {},
) {
  const server = await connect({ api: 'auto' });
  const call = async ({ name, arguments: args }: Called) =>
    answers[name] ?? ((await server.call(name, args)) as Result);
  const opened = await open({ call, ...options });
  const show = async () =>
    opened.show((await server.call('get_cluster', { clusterId: name })) as Result, { clusterId: name });
  await show();
  await opened.view.getByRole('heading', { name, level: 1 }).waitFor();
  return { server, ...opened };
}

describe('one cluster', () => {
  test('shows its properties, its price and its window in the time zone of the person', async () => {
    const { view } = await openCluster('analytics-prod');
    await view.getByText('Cost per 30 days').waitFor();
    await view.getByText('until 11 Nov 2027').waitFor();

    const rows = await view.locator('dl > div').allInnerTexts();
    expect(rows.map((row) => row.split('\n'))).toEqual(
      expect.arrayContaining([
        ['PostgreSQL', '15'],
        ['Size', '3 instances × 8 cores, 32\u{A0}GB RAM, 500\u{A0}GB storage'],
        ['Cost per 30 days', '€1,717.20'],
        [
          'Maintenance from',
          expect.stringMatching(/^Sunday\W.*0[34]:30 (CET|CEST|GMT\+[12]) \(Sunday\W.*02:30 UTC\)$/),
        ],
        ['Connection pooler', 'on, session mode'],
      ]),
    );
  });

  test('reads backups, users, databases and log lines when a person asks for them', async () => {
    const { view, calls, page } = await openCluster('analytics-prod');
    const asked = () =>
      calls.map(({ name }) => name).filter((name) => !/^(estimate_cost|list_postgres_versions)$/.test(name));
    expect(asked()).toEqual([]);

    await view.getByRole('button', { name: 'Show backups' }).click();
    await view.getByText('Restores from').waitFor();
    const bar = view.locator('.bar .value');
    expect(Number(await bar.getAttribute('width'))).toBeCloseTo(100);
    await view.getByText('Oldest point in time to restore').waitFor();

    await view.getByRole('button', { name: 'Show users' }).click();
    await view.getByRole('row', { name: 'dashboards' }).waitFor();
    await view.getByRole('button', { name: 'Show databases' }).click();
    await view.getByRole('row', { name: 'warehouse analytics_owner' }).waitFor();

    await view.getByLabel('Only lines with').fill('restartpoint');
    await view.getByLabel('Only lines with').press('Enter');
    await view.locator('.log li').first().waitFor();
    for (const line of await view.locator('.log code').allInnerTexts()) expect(line).toContain('restartpoint');

    expect(asked()).toEqual(['list_cluster_backups', 'list_users', 'list_databases', 'get_cluster_logs']);
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  test('says that there is nothing, or why a read failed, and reads again', async () => {
    const text = 'The API answered 503: it is under maintenance.';
    const answers: Record<string, Result> = {
      list_users: { isError: true, content: [{ type: 'text', text }] },
      list_databases: { structuredContent: { databases: [] } },
      list_cluster_backups: { structuredContent: { backups: [], now: new Date().toISOString() } },
      get_cluster_logs: { structuredContent: { begin: '', lines: [], end: '' } },
    };
    const { view } = await openCluster('orders', { answers });
    await view.getByRole('button', { name: 'Show databases' }).click();
    await view.getByText('There is no database.').waitFor();
    await view.getByRole('button', { name: 'Show backups' }).click();
    await view.getByText('There is no backup.').waitFor();
    await view.getByRole('button', { name: 'Show log lines' }).click();
    await view.getByText('No line in the last 30 days.').waitFor();
    await view.getByRole('button', { name: 'Show users' }).click();
    await view.getByText(text).waitFor();

    answers.list_users = { structuredContent: { users: [{ username: '<b>bob</b>' }] } };
    await view.getByRole('button', { name: 'Try again' }).click();
    await view.getByRole('rowheader', { name: '<b>bob</b>' }).waitFor();
  });

  test('is read again only while a change is under way', async () => {
    const { page, calls } = await openCluster('orders', { hasClock: true });
    for (let second = 0; second < 10; second += 1) await page.clock.runFor(1_000);
    expect(calls.map(({ name }) => name)).not.toContain('get_cluster');
  });

  test('on API v2 has neither users nor databases', async () => {
    const { view } = await openCluster('inventory');
    await view.getByRole('button', { name: 'Show backups' }).waitFor();
    expect(await view.getByRole('button', { name: /^Show/ }).allInnerTexts()).toEqual([
      'Show backups',
      'Show log lines',
    ]);
  });

  test.each(['light', 'dark'])('has no axe violation in the %s theme, and fits 320 px', async (theme) => {
    const { view, page } = await openCluster('orders', { context: { theme }, width: 320 });
    await view.getByText('Cost per 30 days').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    const main = view.locator('main');
    expect(
      await main.evaluate(({ ownerDocument: { documentElement: all } }) => all.scrollWidth - all.clientWidth),
    ).toBe(0);
  });
});

describe('a change under way', () => {
  async function changing() {
    const server = await connect();
    const opened = await open({
      call: async ({ name, arguments: args }) => (await server.call(name, args)) as Result,
      hasClock: true,
    });
    const args = { clusterId: 'orders', instances: 2 };
    await opened.show((await server.call('update_cluster', args)) as Result, args);
    await opened.view.getByText('a change is under way').waitFor();
    const reads = () => opened.calls.filter(({ name }) => name === 'get_cluster').length;
    /** Reads after another second. */
    const looks = async () => {
      await opened.page.clock.runFor(1_000);
      return reads();
    };
    return { server, reads, looks, ...opened };
  }

  test('is followed until it is over, without another call', async () => {
    const { server, view, reads, passesUntil, page } = await changing();
    expect(await view.locator('.state').innerText()).toBe('◐ Busy');
    server.pass(3_600_000);
    await passesUntil(view.getByText('The state is now AVAILABLE.'));

    expect(await view.locator('.state').innerText()).toBe('● Available');
    expect(await view.getByText('2 instances × ').count()).toBe(1);
    const before = reads();
    for (let second = 0; second < 15; second += 1) await page.clock.runFor(1_000);
    expect(reads()).toBe(before);
  });

  test('is not followed once the host has taken the view down', async () => {
    const { reads, looks, page, view } = await changing();
    await expect.poll(looks, { timeout: 5_000 }).toBeGreaterThan(0);
    await page.evaluate(() => window.host.teardown());
    const before = reads();
    for (let second = 0; second < 15; second += 1) await looks();
    expect(reads()).toBe(before);
    expect(await view.locator('.state').innerText()).toBe('◐ Busy');
  });

  test('is not followed while the page is hidden', async () => {
    const { reads, looks, view } = await changing();
    const hide = (isHidden: boolean) =>
      view.locator('html').evaluate(({ ownerDocument }, value) => {
        Object.defineProperty(ownerDocument, 'hidden', { value, configurable: true });
      }, isHidden);
    await hide(true);
    for (let second = 0; second < 15; second += 1) await looks();
    expect(reads()).toBe(0);
    await hide(false);
    await expect.poll(looks, { timeout: 5_000 }).toBeGreaterThan(0);
  });

  test('is followed on its card as well', async () => {
    const server = await connect();
    const { show, view, passesUntil } = await open({
      call: async ({ name, arguments: args }) => (await server.call(name, args)) as Result,
      hasClock: true,
    });
    await server.call('update_cluster', { clusterId: 'orders', instances: 2 });
    await show((await server.call('list_clusters')) as Result);
    const card = view.locator('.card', { hasText: 'orders' });
    await card.getByText('Busy').waitFor();
    server.pass(3_600_000);
    await passesUntil(card.getByText('Available'));
  });

  test('that ends in the full view shows on the card afterwards', async () => {
    const server = await connect();
    const { show, view, passesUntil } = await open({
      call: async ({ name, arguments: args }) => (await server.call(name, args)) as Result,
      hasClock: true,
    });
    await server.call('delete_cluster', { clusterId: 'orders' });
    await show((await server.call('list_clusters')) as Result);
    await view.getByRole('button', { name: 'orders' }).click();
    server.pass(3_600_000);
    await passesUntil(view.getByText('The cluster was deleted.'));
    await view.getByRole('button', { name: 'Back to the list' }).click();
    await view.locator('.card', { hasText: 'orders' }).getByText('Deleted').waitFor();
  });
});

test('of a wait the cluster is read, and its note kept', async () => {
  const server = await connect();
  const { show, view } = await open({
    call: async ({ name, arguments: args }) => (await server.call(name, args)) as Result,
  });
  const args = { clusterId: 'orders' };
  await show((await server.call('wait_for_cluster', args)) as Result, args);
  await view.getByText('AVAILABLE after 0 s.').waitFor();
  await view.getByRole('heading', { name: 'Operation' }).waitFor();
});

describe('costs', () => {
  test('are bars with amounts, and a total', async () => {
    const server = await connect({ api: 'auto' });
    const { show, view, page } = await open();
    await show((await server.call('estimate_cost')) as Result);
    const first = view.locator('.bars li', { hasText: 'analytics-prod' });
    await first.getByText('€1,717.20').waitFor();
    expect(await first.locator('.value').getAttribute('width')).toBe('100');
    expect(await view.locator('.total').innerText()).toMatch(/^€[\d,.]+ for \d clusters$/);
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  test('that are not known say so, and changes have a sign', async () => {
    const { show, view } = await open({ width: 320 });
    const estimates = [
      { displayName: 'orders', when: 'difference', per30Days: '+10.50', currency: 'EUR' },
      { displayName: 'billing', unknown: "the contract's price list has no price of HDD" },
    ];
    await show({
      structuredContent: { estimates, totals: [{ clusters: 2, unknownClusters: 1, unknown: 'one is not known' }] },
    });
    await view.getByText('+€10.50').waitFor();
    await view.getByText("Not known: the contract's price list has no price of HDD").waitFor();
    await view.getByText('Total not known').waitFor();
    // A long reason leaves the name its place.
    expect((await view.locator('.named', { hasText: 'billing' }).boundingBox())?.width).toBeGreaterThan(100);
  });
});
