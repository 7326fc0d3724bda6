import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from 'vitest';
import { startHost } from '../helpers/child-process-host.ts';
import { approve, CLIENT_ID, publish, serverKnowing, setUpSignIn, watchExchanges } from './oauth.ts';

const { world, open } = setUpSignIn();

/** Each starts two servers and a page. */
const SLOW = { timeout: 90_000 };

test(
  'signs in at the authorization server, below a path too, keeps nothing of it, and takes a pasted token',
  SLOW,
  async () => {
    const { publicUrl, place } = await publish('/postgres');
    const { issuer } = await serverKnowing(publicUrl);
    const oauth = ['--auth', 'oauth', '--oauth-issuer', issuer, '--public-url', publicUrl];
    const { url } = await startHost(['--sandbox', ...oauth, '--page', '--page-client-id', CLIENT_ID]);
    place.target = url;
    const { page, context, view, button } = await open(publicUrl, issuer);
    const { exchanges, tokens } = watchExchanges(page);

    await button.click();
    await approve(page);
    await view.getByText('analytics-prod').first().waitFor();

    expect(page.url()).toBe(`${publicUrl}/`);
    await expect.poll(() => tokens).toEqual([expect.stringMatching(/^ey/)]);
    expect(exchanges).toHaveLength(1);
    const cdp = await context.newCDPSession(page);
    const { entries } = await cdp.send('Page.getNavigationHistory');
    const kept = JSON.stringify([
      await page.evaluate(() => [{ ...localStorage }, { ...sessionStorage }, document.cookie, history.state]),
      await context.storageState({ indexedDB: true }),
      await page.content(),
    ]);
    const secrets = [...tokens, ...exchanges.flatMap(({ code, verifier }) => [code, verifier])];
    expect(secrets).toHaveLength(3);
    for (const secret of secrets) {
      expect(kept).not.toContain(secret);
      expect(JSON.stringify(entries)).not.toContain(secret);
    }

    await page.reload();
    await button.waitFor();
    expect(await page.locator('#work').isVisible()).toBe(false);

    await page.getByLabel('Access token').fill(tokens[0] ?? '');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await view.getByText('analytics-prod').first().waitFor();
  },
);

test('asks for a code with PKCE, for this server and its scopes', SLOW, async () => {
  const { page, button, login, publicUrl } = await world({ access: 'write' });
  const asked = page.waitForRequest((request) => request.url().startsWith(`${login.issuer}/auth?`));

  await button.click();

  const { searchParams } = new URL((await asked).url());
  expect(Object.fromEntries(searchParams)).toEqual({
    response_type: 'code',
    client_id: CLIENT_ID,
    redirect_uri: `${publicUrl}/`,
    scope: 'clusters:read clusters:write',
    resource: `${publicUrl}/mcp`,
    state: expect.stringMatching(/^[\w-]{43}$/),
    code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    code_challenge_method: 'S256',
  });
});

test('offers nothing to write to who was granted only reading', SLOW, async () => {
  const { page, view, button } = await world({ scope: 'clusters:read' });

  await button.click();
  await approve(page);

  await view.getByText('analytics-prod').first().waitFor();
  expect(await page.getByRole('button', { name: 'Show the plan' }).count()).toBe(0);
  expect(await page.getByRole('button', { name: /^Delete .*: show the plan$/ }).count()).toBe(0);
});

test('asks to sign in again once the token has expired, which then works', SLOW, async () => {
  const { page, view, button, pass } = await world();
  await button.click();
  await approve(page);
  await view.getByText('analytics-prod').first().waitFor();

  // The view asks for more, which would lead to the sign-in as well.
  for (const words of ['per 30 days', 'Community support']) await view.getByText(words).first().waitFor();
  pass(700_000);
  await page.getByRole('button', { name: 'All clusters' }).click();
  await page.getByText('The sign-in has expired. Sign in again.').waitFor();
  expect(await page.locator('#work').isVisible()).toBe(false);
  expect(await page.locator('#clusters option').count()).toBe(0);

  pass(-700_000);
  await button.click();
  await view.getByText('analytics-prod').first().waitFor();
});

test('takes no code that belongs to no sign-in of its own, and sends nothing', SLOW, async () => {
  const { page, button, publicUrl, login } = await world();
  const { exchanges } = watchExchanges(page);
  const refused = async (query: string) => {
    await page.goto(`${publicUrl}/?${query}`);
    await page.getByText('belongs to no sign-in of this window, or was used already. Nothing was sent.').waitFor();
    expect(page.url()).toBe(`${publicUrl}/`);
    await button.waitFor();
  };

  await refused('code=planted&state=planted');
  await refused('code=planted');
  await refused('code=planted&state=');
  await refused('error=planted&error_description=planted');
  expect(await page.content()).not.toContain('planted');

  await page.route(`${login.issuer}/auth?*`, (route) => route.fulfill({ body: 'a page to sign in' }));
  await button.click();
  await page.getByText('a page to sign in').waitFor();
  await refused('code=planted&state=planted');
  expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  expect(exchanges).toEqual([]);
});

test('takes no code of another authorization server', SLOW, async () => {
  for (const iss of ['&iss=https://evil.example', '&iss=', '']) {
    const { page, button, publicUrl, login } = await world();
    const { exchanges } = watchExchanges(page);
    await page.route(`${login.issuer}/auth?*`, (route) => {
      const state = new URL(route.request().url()).searchParams.get('state');
      const location = `${publicUrl}/?code=planted&state=${state}${iss}`;
      return route.fulfill({ status: 302, headers: { location } });
    });

    await button.click();

    await page.getByText('from another authorization server than the sign-in began with').waitFor();
    expect(exchanges).toEqual([]);
  }
});

test('sends a code once, and says so where the authorization server knows it already', SLOW, async () => {
  const { page, view, button, publicUrl, login } = await world();
  const { exchanges } = watchExchanges(page);
  const returned: string[] = [];
  page.on('request', (request) => {
    if (request.isNavigationRequest() && request.url().startsWith(`${publicUrl}/?`)) returned.push(request.url());
  });
  await button.click();
  await approve(page);
  await view.getByText('analytics-prod').first().waitFor();
  const [url = ''] = returned;
  expect(url).toContain('code=');

  await page.goto(url);
  await page.getByText('or was used already. Nothing was sent.').waitFor();
  expect(exchanges).toHaveLength(1);

  // As whoever could read the address and the storage in time.
  const state = new URL(url).searchParams.get('state');
  const kept = { state, verifier: exchanges[0]?.verifier, issuer: login.issuer };
  await page.evaluate((text) => sessionStorage.setItem('sign-in', text), JSON.stringify(kept));
  await page.goto(url);
  await page.getByText(/refused the sign-in: invalid_grant.*Sign in again/).waitFor();
  expect(exchanges).toHaveLength(2);
  await button.waitFor();
});

test('says why the authorization server refuses, as text', SLOW, async () => {
  const { page, button, login, publicUrl } = await world();
  await button.click();
  await page.getByText('Cancel').click();
  await page.getByText(`${new URL(login.issuer).host} refused the sign-in: access_denied, End-User aborted`).waitFor();
  expect(page.url()).toBe(`${publicUrl}/`);

  const hostile = `<img src=x onerror="document.title='hacked'">\u{202E}${'x'.repeat(5_000)}`;
  await page.route(`${login.issuer}/auth?*`, (route) => {
    const { searchParams } = new URL(route.request().url());
    const back = new URL(`${publicUrl}/?error=server_error`);
    back.searchParams.set('state', searchParams.get('state') ?? '');
    back.searchParams.set('iss', login.issuer);
    back.searchParams.set('error_description', hostile);
    return route.fulfill({ status: 302, headers: { location: back.href } });
  });
  await button.click();

  await page.getByText('server_error, <img src=x').waitFor();
  const words = await page.locator('#status').innerText();
  expect(words).toContain('\u{FFFD}');
  expect(words.length).toBeLessThan(500);
  expect(await page.title()).toBe('PostgreSQL clusters');
  expect(await page.locator('img').count()).toBe(0);
});

test('takes a pasted token where the authorization server is down, and says that it is', SLOW, async () => {
  const { page, button } = await world({ isUp: false });

  await page.getByText(/cannot be used to sign in: .*Try again later/).waitFor();

  expect(await button.count()).toBe(0);
  expect(await page.getByLabel('Access token').isVisible()).toBe(true);
});

test('says why the server does not accept a token, and lets a person sign in as another', SLOW, async () => {
  for (const options of [{ audience: 'https://other.example' }, { scope: 'clusters:none' }]) {
    const { page, button } = await world(options);

    await button.click();
    await approve(page);

    await page.getByText(/its aud is missing|none of the scopes/).waitFor();
    expect(await page.locator('#work').isVisible()).toBe(false);
    await button.waitFor();
  }
});

test('keeps the sign-in while it asks for a token of IONOS', SLOW, async () => {
  const { page, view, button } = await world({ callersOwnToken: true });
  await button.click();
  await approve(page);

  await view.getByText('token').first().waitFor();
  await page.getByLabel('IONOS token').fill('a-token-of-ionos');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();

  await view.getByText('analytics-prod').first().waitFor();
  expect(await page.locator('#sign-in').isVisible()).toBe(false);
});

test('opened by another name says where to sign in', SLOW, async () => {
  const { page, button, url, publicUrl } = await world();

  await page.goto(`${url}/`);
  await button.click();

  await page.getByText(`open this page at ${publicUrl}/`).waitFor();
  expect(page.url()).toBe(`${url}/`);
});

test('offers the sign-in without a mouse and with a screen reader', SLOW, async () => {
  const { page, button, login } = await world();
  await button.waitFor();
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
  }

  await expect.poll(() => button.evaluate((element) => element === document.activeElement)).toBe(true);
  await page.keyboard.press('Enter');
  await page.waitForURL(`${login.issuer}/**`);
});
