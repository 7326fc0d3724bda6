import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import path from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';
import type { Access } from '../../src/access.ts';
import { createGate } from '../../src/auth/gate.ts';
import { createCodeFlow } from '../../src/auth/issuer/code-flow.ts';
import { createDiscovery } from '../../src/auth/issuer/discovery.ts';
import { createOAuthVerifier } from '../../src/auth/oauth.ts';
import { describeResource } from '../../src/auth/protected-resource.ts';
import { SCOPES } from '../auth/provider.ts';
import { startLoginServer } from '../helpers/child-process-host.ts';
import { host } from '../helpers/in-process-host.ts';
import { listen } from '../helpers/process.ts';
import { CHROMIUM, CHROMIUM_ARGUMENTS } from './chromium.ts';

export const CLIENT_ID = 'page';

/** A proxy that has the public name of the server, here below a path, which it strips. */
export async function publish(prefix = '') {
  const place = { target: '' };
  const { port } = await listen((incoming, outgoing) => {
    const { method, url = '', headers } = incoming;
    const inside = url.slice(prefix.length).replace(/^(?!\/)/, '/');
    const sent = request(place.target + inside, { method, headers, agent: false }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    sent.on('error', () => void outgoing.destroy());
    incoming.pipe(sent);
  });
  // Another name than that of the authorization server, so that the two share no cookies.
  return { publicUrl: `http://localhost:${port}${prefix}`, place };
}

/** An authorization server that knows the page of a server with this URL. */
export const serverKnowing = (publicUrl: string, scope = SCOPES) =>
  startLoginServer({
    scope,
    clients: [
      {
        client_id: CLIENT_ID,
        token_endpoint_auth_method: 'none',
        redirect_uris: [`${publicUrl}/`],
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
  });

const builtPage = (name: string) => async () =>
  readFileSync(path.join(import.meta.dirname, '../../dist', name), 'utf8');

interface World {
  scope?: string;
  access?: Access;
  callersOwnToken?: boolean;
  /** What the tokens have to be for, if not for this server. */
  audience?: string;
  /** Whether the authorization server can be reached. */
  isUp?: boolean;
}

/** One browser for the tests of a file. */
export function setUpSignIn() {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGUMENTS });
  }, 60_000);
  afterAll(() => browser.close());

  /** A server whose clock the test moves, with its page, behind an authorization server. */
  async function world({ scope, access = 'full', audience, isUp = true, ...options }: World = {}) {
    const { publicUrl, place } = await publish();
    const login = await serverKnowing(publicUrl, scope);
    const discovery = createDiscovery(login.issuer, fetch);
    const resource = describeResource({ publicUrl: `${publicUrl}/mcp`, issuer: login.issuer, access });
    const clock = { aheadMs: 0 };
    const now = () => Date.now() + clock.aheadMs;
    const verify = createOAuthVerifier({ discovery, audience: audience ? [audience] : resource.audience, fetch, now });
    const { scopes, metadata } = resource;
    const hosted = await host({
      ...{ access, publicUrl, resource, ...options },
      gate: createGate({ mode: 'oauth', resource, verify }),
      codeFlow: createCodeFlow({
        ...{ discovery, fetch, scopes, resource: metadata.resource },
        ...{ clientId: CLIENT_ID, redirectUri: `${publicUrl}/` },
      }),
      pages: { page: builtPage('page.html'), view: builtPage('app.html') },
    });
    place.target = hosted.url;
    if (!isUp) login.stop();
    const pass = (ms: number) => {
      clock.aheadMs += ms;
    };
    return { ...hosted, ...(await open(publicUrl, login.issuer)), publicUrl, login, pass };
  }

  /** The page of the server with this URL. Nothing may go wrong in it, and it may ask nobody else. */
  async function open(publicUrl: string, issuer: string) {
    const { origin } = new URL(publicUrl);
    const context = await browser.newContext();
    context.setDefaultTimeout(20_000);
    // The pages of the authorization server would load a font.
    await context.route(
      ({ hostname }) => !['localhost', '127.0.0.1'].includes(hostname),
      (route) => route.abort(),
    );
    const page = await context.newPage();
    const problems: string[] = [];
    const isOurs = (url: string) => url.startsWith(origin);
    page.on('console', (message) => {
      const isTold = /status of (4\d\d|503)/.test(message.text());
      if (message.type() === 'error' && isOurs(message.location().url || page.url()) && !isTold)
        problems.push(message.text());
    });
    page.on('pageerror', (error) => isOurs(page.url()) && problems.push(String(error)));
    page.on('request', (request) => {
      const isNavigation = request.isNavigationRequest() && request.frame() === page.mainFrame();
      if (isNavigation || !isOurs(request.frame().url()) || isOurs(request.url())) return;
      problems.push(`request to ${request.url()}`);
    });
    await page.addInitScript(() => {
      addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, documentURI }) =>
        console.error(`CSP of ${documentURI}: ${violatedDirective} ${blockedURI}`),
      );
    });
    await page.goto(`${publicUrl}/`);
    onTestFinished(async () => {
      await context.close();
      expect(problems).toEqual([]);
    });
    const button = page.getByRole('button', { name: `Sign in with ${new URL(issuer).host}` });
    return { page, context, view: page.frameLocator('#view'), button };
  }

  return { world, open };
}

/** As a person does it at the authorization server. */
export async function approve(page: Page): Promise<void> {
  await page.getByPlaceholder('Enter any login').fill('alice');
  await page.getByPlaceholder('and password').fill('any');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
}

/** What the page sends to the server to get a token, and what comes back. */
export function watchExchanges(page: Page) {
  const exchanges: { code: string; verifier: string }[] = [];
  const tokens: string[] = [];
  page.on('request', (request) => {
    if (request.url().endsWith('/page/token')) exchanges.push(request.postDataJSON());
  });
  page.on('response', async (response) => {
    if (!response.url().endsWith('/page/token')) return;
    const { token } = await response.json().catch(() => ({}));
    if (token) tokens.push(token);
  });
  return { exchanges, tokens };
}
