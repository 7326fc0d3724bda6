import { setTimeout } from 'node:timers/promises';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { sandboxCredentials } from '../../src/sandbox/contracts.ts';
import { startHost } from '../helpers/child-process-host.ts';
import { tokensFile } from '../helpers/tokens-file.ts';
import { CHROMIUM, CHROMIUM_ARGUMENTS } from './chromium.ts';
import { answered, press } from './moving.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGUMENTS });
}, 60_000);
afterAll(() => browser.close());

/** The page of a hosted sandbox; nothing may go wrong in it, and it may ask nobody else. */
async function open(flags: string[] = []) {
  const host = await startHost(['--sandbox', '--settle', '0.5', ...flags]);
  const context = await browser.newContext();
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const problems: string[] = [];
  // A sign-in that is refused is told on the console by the browser itself.
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of 401/.test(message.text())) problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('request', (request) => {
    if (!request.url().startsWith(`${host.url}/`)) problems.push(`request to ${request.url()}`);
  });
  await page.goto(`${host.url}/`);
  onTestFinished(async () => {
    await context.close();
    expect(problems).toEqual([]);
  });
  return { ...host, page, view: page.frameLocator('#view') };
}

/** Each starts a server and a page. */
const SLOW = { timeout: 90_000 };

const token = (name: string) => `${name}-${'x'.repeat(40)}`;
const signIn = async (page: Page, value: string) => {
  await page.getByLabel('Access token').fill(value);
  await page.getByRole('button', { name: 'Sign in' }).click();
};

test('shows the clusters, and changes one once a person has pressed the button', SLOW, async () => {
  const { page, view } = await open();

  await view.getByText('analytics-prod').first().waitFor();
  await answered(page, () => page.locator('#clusters').selectOption({ label: 'orders (AVAILABLE)' }));
  await page.getByLabel('Memory, MB').fill('8192');
  await answered(page, () => page.getByRole('button', { name: 'Show the plan' }).first().click());
  await view.getByText('Difference: +').waitFor();
  await press(view.getByRole('button', { name: 'Do this' }));

  await view.getByText('AVAILABLE').first().waitFor();
  await expect.poll(() => view.locator('main').innerText(), { timeout: 15_000 }).toMatch(/8\sGB RAM/);
});

test('shows a plan before each change, also where the server asks for none', SLOW, async () => {
  const { page, view } = await open(['--confirm', 'never']);

  await view.getByText('analytics-prod').first().waitFor();
  await page.getByLabel('Cores').fill('2');
  await answered(page, () => page.getByRole('button', { name: 'Show the plan' }).first().click());
  await view.getByText('Difference: -').waitFor();
  await press(view.getByRole('button', { name: 'Do not' }));
  await view.getByText('declined').first().waitFor();
  await answered(page, () => page.getByRole('button', { name: /^Delete .*: show the plan$/ }).click());
  await view.getByRole('textbox', { name: 'type the name' }).waitFor();

  await answered(page, () => page.getByRole('button', { name: 'All clusters' }).click());
  await press(view.getByText('analytics-prod').first());
  await expect.poll(() => view.locator('main').innerText()).toMatch(/8 cores/);
});

test('names the cluster that its forms are about, whatever is open in the view', SLOW, async () => {
  const { page, view } = await open();

  await press(view.getByText('legacy-crm').first());
  await page.getByText('Change the size of analytics-prod').waitFor();
  await answered(page, () => page.locator('#clusters').selectOption({ label: 'orders (AVAILABLE)' }));
  await page.getByText('Change the size of orders').waitFor();
  await answered(page, () => page.getByRole('button', { name: 'Delete orders: show the plan' }).click());

  await view.getByRole('textbox', { name: 'type the name' }).waitFor();
});

test('hands no view the answer that an earlier one asked for', SLOW, async () => {
  const { page, view } = await open();
  await page.addInitScript(() => {
    window.addEventListener('message', ({ data }) => {
      document.documentElement.dataset.heard = `${document.documentElement.dataset.heard ?? ''}${JSON.stringify(data)}`;
    });
  });
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  await view.getByText('analytics-prod').first().waitFor();
  await answered(page, () => page.locator('#clusters').selectOption({ label: 'orders (AVAILABLE)' }));
  await page.getByLabel('Memory, MB').fill('8192');
  await answered(page, () => page.getByRole('button', { name: 'Show the plan' }).first().click());
  await view.getByRole('button', { name: 'Do this' }).waitFor();
  await page.route('**/mcp', async (route) => {
    if (route.request().postData()?.includes('update_cluster')) await released;
    await route.continue();
  });
  await press(view.getByRole('button', { name: 'Do this' }));
  const written = page.waitForResponse((response) => !!response.request().postData()?.includes('update_cluster'));

  await answered(page, () => page.locator('#clusters').selectOption({ label: 'analytics-prod (AVAILABLE)' }));
  await view.getByText('analytics-prod').first().waitFor();
  release();
  await (await written).finished();
  await setTimeout(500);

  const heard = await view.locator('html').getAttribute('data-heard');
  expect(heard).toContain('analytics-prod');
  expect(heard).not.toContain('"orders"');
});

test('deletes a cluster by its typed name alone, and not after a no', SLOW, async () => {
  const { page, view } = await open();
  await view.getByText('legacy-crm').first().waitFor();
  const plan = async (name: string) => {
    await answered(page, () => page.locator('#clusters').selectOption({ label: `${name} (AVAILABLE)` }));
    await answered(page, () => page.getByRole('button', { name: `Delete ${name}: show the plan` }).click());
  };
  const listed = async () => {
    await answered(page, () => page.getByRole('button', { name: 'All clusters' }).click());
    return page.locator('#clusters').innerText();
  };

  await plan('legacy-crm');
  await press(view.getByRole('button', { name: 'Do not' }));
  await view.getByText('declined').first().waitFor();
  // The server knows of it as well, if not at the same moment.
  const isKnown = async () => {
    await plan('legacy-crm');
    const words = view.getByText('The person declined').first();
    return words.waitFor({ timeout: 2_000 }).then(
      () => true,
      () => false,
    );
  };
  await expect.poll(isKnown, { timeout: 20_000 }).toBe(true);

  await plan('orders');
  await view.getByRole('textbox', { name: 'type the name' }).fill('orders');
  await press(view.getByRole('button', { name: 'Do this' }));
  await view
    .getByText(/deleted|gone/i)
    .first()
    .waitFor();
  await expect.poll(listed, { timeout: 30_000, interval: 1_000 }).not.toContain('orders');
  expect(await listed()).toContain('legacy-crm');
});

test('wants a sign-in where the server does, keeps it in memory alone, and asks again once it has ended', {
  timeout: 60_000,
}, async () => {
  const { file, write } = tokensFile({ owner: ['full', token('owner')] });
  const { page, view, url } = await open(['--auth', 'token', '--auth-tokens-file', file]);

  await signIn(page, token('nobody'));
  await page.getByText('The server did not accept the sign-in.').waitFor();
  await signIn(page, token('owner'));
  await view.getByText('analytics-prod').first().waitFor();

  const kept = await page.evaluate(() =>
    JSON.stringify([localStorage, sessionStorage, document.cookie, location.href]),
  );
  expect(kept).not.toContain('owner-x');
  expect(await page.content()).not.toContain('owner-x');
  expect(page.url()).toBe(`${url}/`);

  // The view asks for more, which would lead to the sign-in as well.
  for (const words of ['per 30 days', 'Community support']) await view.getByText(words).first().waitFor();
  write({ other: ['full', token('other')] });
  // The server reads the file again after a second.
  await setTimeout(1_500);
  await page.getByRole('button', { name: 'All clusters' }).click();
  await page.getByText('The sign-in has expired. Sign in again.').waitFor();
  expect(await page.locator('#work').isVisible()).toBe(false);
});

test('asks for a token of IONOS where the server itself wants no sign-in', SLOW, async () => {
  const { page, view } = await open(['--ionos-credentials', 'caller']);

  await view.getByText('token').first().waitFor();
  await page.getByLabel('IONOS token').fill(sandboxCredentials[0]?.authorization.replace('Bearer ', '') ?? '');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await view.getByText('analytics-prod').first().waitFor();
  await page.getByLabel('IONOS token').waitFor({ state: 'hidden' });
});

test('offers nothing to write to who may only read', async () => {
  const { file } = tokensFile({ reader: ['read', token('reader')] });
  const { page, view } = await open(['--auth', 'token', '--auth-tokens-file', file]);

  await signIn(page, token('reader'));

  await view.getByText('analytics-prod').first().waitFor();
  expect(await page.getByRole('button', { name: 'Show the plan' }).count()).toBe(0);
  expect(await page.getByRole('button', { name: /^Delete .*: show the plan$/ }).count()).toBe(0);
});

test('can be used without a mouse and with a screen reader', SLOW, async () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    const { page, view } = await open();
    await page.emulateMedia({ colorScheme });
    await view.getByText('analytics-prod').first().waitFor();
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
  }
});

test('runs no script of another origin, and is framed by nobody', async () => {
  const { url } = await open();

  const page = await fetch(`${url}/`);
  const view = await fetch(`${url}/view`);

  expect(page.headers.get('content-security-policy')).toBe("frame-ancestors 'none'");
  expect(view.headers.get('content-security-policy')).toBe("sandbox allow-scripts; frame-ancestors 'self'");
  const html = await page.text();
  expect(html).toMatch(/content="default-src 'none'; script-src 'sha256-[\w+/=]{44}'; style-src 'sha256-[\w+/=]{44}';/);
  expect(html).not.toMatch(/ on[a-z]+=|https?:\/\//);
});
