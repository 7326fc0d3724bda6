import { readFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { type Browser, type BrowserContext, chromium } from 'playwright-core';
import { CHROMIUM, CHROMIUM_ARGUMENTS } from './chromium.ts';

const root = path.join(import.meta.dirname, '../..');
const HOST = 'http://host.test/';
const VIEW = 'http://view.test/';

/** What web hosts send with a view that declares no domains. */
const POLICY =
  "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; media-src 'self' data:; connect-src 'none'";

export interface Called {
  name: string;
  arguments: Record<string, unknown>;
}

export interface Result {
  content?: { type: 'text'; text: string }[];
  structuredContent?: Record<string, unknown>;
  isError?: boolean;
  _meta?: Record<string, unknown>;
}

export interface Opening {
  /** Answers the calls of the view; without it the host offers no tools. */
  call?(params: Called): Promise<Result>;
  context?: Record<string, unknown>;
  width?: number;
  /** The view as a server sent it, instead of the one that was built. */
  html?: string;
  /** Whether the test moves the clock of the page. */
  hasClock?: boolean;
  /** Whether the host refuses to show the view. */
  isRefused?: boolean;
}

export interface Launching {
  /** The time in the pages, which then stands still. */
  now?: string;
  /** A configuration of fontconfig, instead of the system's. */
  fonts?: string;
  /** Further arguments of the browser. */
  args?: readonly string[];
}

export async function launch({ now, fonts, args = [] }: Launching = {}) {
  const env = { ...process.env, ...(fonts && { FONTCONFIG_FILE: fonts }) };
  const [browser, { outputFiles }] = await Promise.all([
    chromium.launch({ executablePath: CHROMIUM, args: [...CHROMIUM_ARGUMENTS, ...args], env }),
    build({
      entryPoints: [path.join(import.meta.dirname, 'page/host.ts')],
      bundle: true,
      format: 'iife',
      platform: 'browser',
      write: false,
    }),
  ]);
  const script = outputFiles[0]?.text ?? '';
  const shared = await newContext(browser);
  if (now !== undefined) await shared.clock.setFixedTime(now);
  return {
    /** A clock that a test moves is that of all pages of a context. */
    open: async (opening: Opening = {}) =>
      openView(opening.hasClock ? await newContext(browser) : shared, script, opening),
    close: () => browser.close(),
  };
}

async function newContext(browser: Browser): Promise<BrowserContext> {
  const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'Europe/Berlin', reducedMotion: 'reduce' });
  context.setDefaultTimeout(5_000);
  return context;
}

async function openView(context: BrowserContext, script: string, opening: Opening) {
  const { call, context: around = {}, width = 700, hasClock = false, isRefused = false } = opening;
  const page = await context.newPage();
  await page.setViewportSize({ width, height: 900 });
  const problems: string[] = [];
  const calls: Called[] = [];
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(String(error)));
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      console.error(`CSP: ${violatedDirective} ${blockedURI}`),
    );
  });
  await page.route('**', async (route) => {
    const url = route.request().url();
    if (url === HOST) {
      const body = `<!doctype html><html lang="en"><title>Host</title><style>body{margin:0}iframe{border:0;width:100%}</style><body><script>${script}</script>`;
      return route.fulfill({ contentType: 'text/html', body });
    }
    if (url === VIEW) {
      const body = opening.html ?? readFileSync(path.join(root, 'dist/app.html'), 'utf8');
      return route.fulfill({ contentType: 'text/html', headers: { 'content-security-policy': POLICY }, body });
    }
    if (!url.endsWith('/favicon.ico')) problems.push(`request to ${url}`);
    return route.abort();
  });
  await page.exposeFunction('callTool', async (params: Called) => {
    calls.push(params);
    return call?.(params);
  });
  if (hasClock) await page.clock.install();
  await page.goto(HOST);
  const capabilities = { updateModelContext: { text: {} }, ...(call && { serverTools: {} }) };
  if (isRefused) {
    await page.evaluate((url) => window.host.refuse(url), VIEW);
  } else {
    await page.evaluate(([url, able, told]) => window.host.open(url, able, told), [
      VIEW,
      capabilities,
      { locale: 'en-GB', timeZone: 'Europe/Berlin', theme: 'light', ...around },
    ] as const);
  }
  const send = (kind: Parameters<Window['host']['send']>[0], params: unknown) =>
    page.evaluate(([kind, params]) => window.host.send(kind, params), [kind, params] as const);
  return {
    page,
    /** What went wrong in the page. */
    problems,
    close: () => (hasClock ? context : page).close(),
    view: page.frameLocator('iframe'),
    calls,
    send,
    /** The result of a call with these arguments, as it arrives. */
    async show(result: Result, args: Record<string, unknown> = {}) {
      await send('input', args);
      await send('result', { content: [], ...result });
    },
    told: () => page.evaluate(() => window.host.told),
    lastSize: () => page.evaluate(() => window.host.sizes.at(-1)),
  };
}
