import { describe, expect, test } from 'vitest';
import { connect } from '../helpers/connect.ts';
import { accessibilityProblems, type Called, type Result, setUpBrowser, textOf } from './view.ts';

const open = setUpBrowser();

const rowOf = (n: number) => ({
  id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
  state: n % 2 === 0 ? 'AVAILABLE' : 'FAILED',
  displayName: `cluster-${n}`,
  postgresVersion: '16',
  location: 'de/fra',
  instances: 2,
});

async function connectedView(options: Parameters<typeof open>[0] = {}) {
  const server = await connect();
  const call = async ({ name, arguments: args }: { name: string; arguments: Record<string, unknown> }) =>
    (await server.call(name, args)) as Result;
  return { server, ...(await open({ call, ...options })) };
}

describe('a list of clusters', () => {
  test('shows each with state, version, size and price', async () => {
    const { server, show, view, calls } = await connectedView();
    await show((await server.call('list_clusters')) as Result);

    const card = view.locator('.card', { hasText: 'analytics-prod' });
    await card.getByText('per 30 days').waitFor();
    await card.getByText('Community support').waitFor();

    expect((await card.innerText()).split('\n').filter(Boolean)).toEqual([
      'analytics-prod',
      '● Available',
      'PostgreSQL 15 · de/fra',
      'Community support until 11 Nov 2027',
      '3 instances × 8 cores, 32\u{A0}GB RAM, 500\u{A0}GB storage',
      '€1,717.20 per 30 days',
    ]);
    expect(calls.map(({ name }) => name).sort()).toEqual(['estimate_cost', 'list_clusters', 'list_postgres_versions']);
  });

  test('of several accounts are told apart, and each is read in its own', async () => {
    const profiles = ['shop', 'office'].map((name, n) => ({ name, contract: String(31_812_340 + n) }));
    const server = await connect({ profiles });
    const call = async ({ name, arguments: args }: Called) => (await server.call(name, args)) as Result;
    const { show, view, calls } = await open({ call });
    await show((await server.call('list_clusters')) as Result);
    const cards = view.locator('.card', { hasText: 'orders' });
    await cards.filter({ hasText: 'office' }).getByText('per 30 days').waitFor();
    expect(await cards.count()).toBe(2);

    await cards.filter({ hasText: 'office' }).getByRole('button').click();
    await view.getByRole('button', { name: 'Show users' }).click();
    await view.getByRole('table', { name: 'Users' }).waitFor();

    expect(calls.find(({ name }) => name === 'list_users')?.arguments).toMatchObject({ profile: 'office' });
  });

  test('opens one in full by keyboard, and leads back to its card', async () => {
    const { server, show, view, page } = await connectedView();
    await show((await server.call('list_clusters')) as Result);
    const card = view.getByRole('button', { name: 'orders' });

    await card.focus();
    await page.keyboard.press('Enter');
    await view.getByRole('heading', { name: 'Operation' }).waitFor();
    await view.getByRole('button', { name: 'Back to the list' }).press('Enter');

    await expect.poll(() => card.evaluate((element) => element === element.ownerDocument.activeElement)).toBe(true);
  });

  test('asks the host for nothing where that offers no tools', async () => {
    const { show, view, calls } = await open();
    await show({ structuredContent: { clusters: [rowOf(1), rowOf(2)] } });

    await view.getByText('2 PostgreSQL clusters').waitFor();
    expect(calls).toEqual([]);
  });

  test('says that there is none', async () => {
    const { show, view } = await open();
    await show({ structuredContent: { clusters: [], note: 'There are no clusters.' } });
    await view.getByRole('status').getByText('There are no clusters.').waitFor();
  });

  test('filters 300', async () => {
    const { show, view } = await open();
    const clusters = Array.from({ length: 300 }, (_, n) => rowOf(n));
    const began = Date.now();
    await show({ structuredContent: { clusters } });
    await view.getByText('300 PostgreSQL clusters').waitFor();
    expect(Date.now() - began).toBeLessThan(3_000);

    await view.getByRole('searchbox', { name: 'Filter' }).fill('failed cluster-299');
    await view.getByText('1 of 300 PostgreSQL clusters').waitFor();
    expect(await view.locator('.card').count()).toBe(1);
    await view.getByRole('searchbox', { name: 'Filter' }).fill('');
    // By key, as it moves while the cards above it are laid out.
    await view.getByRole('button', { name: 'Show all 300' }).press('Enter');
    await expect.poll(() => view.locator('.card').count()).toBe(300);
  });

  test('shows names as text, whatever is in them', async () => {
    const { show, view, page } = await open();
    const names = ['<img src=x onerror=alert(1)>', 'a\u{202E}b', '\\u{202E}evil', '</script><script>alert(1)</script>'];
    await show({ structuredContent: { clusters: names.map((displayName, n) => ({ ...rowOf(n), displayName })) } });

    await view.getByText('4 PostgreSQL clusters').waitFor();
    expect(await view.getByRole('heading', { level: 2 }).allTextContents()).toEqual(names);
    expect(await view.locator('img').count()).toBe(0);
    expect(page.frames()).toHaveLength(2);
  });

  test.each(['light', 'dark'])('has no axe violation in the %s theme, and fits 320 px', async (theme) => {
    const { server, show, view, page, lastSize } = await connectedView({ context: { theme }, width: 320 });
    await show((await server.call('list_clusters')) as Result);
    await view.getByText('per 30 days').first().waitFor();

    expect(await accessibilityProblems(page)).toEqual([]);
    const main = view.locator('main');
    expect(
      await main.evaluate(({ ownerDocument: { documentElement: all } }) => all.scrollWidth - all.clientWidth),
    ).toBe(0);
    await expect.poll(async () => (await lastSize())?.height).toBeGreaterThan(400);
  });
});

describe('what is not a result', () => {
  test('before the result it waits', async () => {
    const { view } = await open();
    expect(await textOf(view)).toBe('Waiting for the result…');
  });

  test('an error shows its text', async () => {
    const { show, view } = await open();
    await show({ isError: true, content: [{ type: 'text', text: 'The API answered 401: check the token.' }] });
    await view.getByRole('alert').getByText('The API answered 401: check the token.').waitFor();
  });

  test('a call that was cancelled says so', async () => {
    const { send, view } = await open();
    await send('cancelled', { reason: 'The person stopped it.' });
    await view.getByText('The call was cancelled').waitFor();
    expect(await textOf(view)).toContain('The person stopped it.');
  });

  test('the host can end it', async () => {
    const { page } = await open();
    expect(await page.evaluate(() => window.host.teardown())).toEqual({});
  });

  test('a change of language and theme is followed', async () => {
    const { show, send, view } = await connectedView();
    await show({
      structuredContent: { estimates: [{ displayName: 'orders', per30Days: '1551.96', currency: 'EUR' }] },
    });
    await view.getByText('€1,551.96').waitFor();

    await send('context', {
      locale: 'de-DE',
      theme: 'dark',
      safeAreaInsets: { top: 40, right: 0, bottom: 0, left: 7 },
      styles: { variables: { '--color-text-info': '#ff00ff' } },
    });

    await view.getByText('1.551,96').waitFor();
    expect(await view.locator('html').getAttribute('data-theme')).toBe('dark');
    expect(await view.locator('.value').evaluate((bar) => getComputedStyle(bar).fill)).toBe('rgb(255, 0, 255)');
    expect(await view.locator('main').boundingBox()).toMatchObject({ x: 7, y: 40 });
  });
});
