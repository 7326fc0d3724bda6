import { readFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { CHROMIUM, CHROMIUM_ARGUMENTS } from './chromium.ts';

const root = path.join(import.meta.dirname, '../..');
const HOST = 'http://host.test/';
const VIEW = 'http://view.test/';

/** So high that nothing has to be scrolled to: it would move when the frame is fitted to the view, and a click miss it. */
const HEIGHT = 2_000;

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
  // To load the host takes longer than the view.
  const unused: Host[] = [];
  return {
    async open(opening: Opening = {}) {
      if (!opening.hasClock) {
        const host = unused.pop() ?? (await loadHost(await shared.newPage(), script));
        return showView(host, opening, async () => {
          await host.page.evaluate(() => window.host.close());
          unused.push(host);
        });
      }
      // A clock that a test moves is that of all pages of a context.
      const context = await newContext(browser);
      const page = await context.newPage();
      await page.clock.install();
      return showView(await loadHost(page, script), opening, () => context.close());
    },
    close: () => browser.close(),
  };
}

async function newContext(browser: Browser): Promise<BrowserContext> {
  const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'Europe/Berlin', reducedMotion: 'reduce' });
  context.setDefaultTimeout(5_000);
  return context;
}

/** A page that shows one view after the other. */
interface Host {
  page: Page;
  /** Of the view that it shows. */
  present: { opening: Opening; problems: string[]; calls: Called[] };
}

async function loadHost(page: Page, script: string): Promise<Host> {
  const host: Host = { page, present: { opening: {}, problems: [], calls: [] } };
  page.on('console', (message) => message.type() === 'error' && host.present.problems.push(message.text()));
  page.on('pageerror', (error) => host.present.problems.push(String(error)));
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      console.error(`CSP: ${violatedDirective} ${blockedURI}`),
    );
  });
  await page.route('**', async (route) => {
    const url = route.request().url();
    if (url === HOST) {
      const body = `<!doctype html><html lang="en"><title>Host</title><style>body{margin:0}iframe{border:0;width:100%;min-height:${HEIGHT}px}</style><body><script>${script}</script>`;
      return route.fulfill({ contentType: 'text/html', body });
    }
    if (url === VIEW) {
      const body = host.present.opening.html ?? readFileSync(path.join(root, 'dist/app.html'), 'utf8');
      return route.fulfill({ contentType: 'text/html', headers: { 'content-security-policy': POLICY }, body });
    }
    if (!url.endsWith('/favicon.ico')) host.present.problems.push(`request to ${url}`);
    return route.abort();
  });
  await page.exposeFunction('callTool', async (params: Called) => {
    const { opening, calls } = host.present;
    calls.push(params);
    return opening.call?.(params);
  });
  await page.goto(HOST);
  return host;
}

async function showView(host: Host, opening: Opening, close: () => Promise<void>) {
  const { call, context: around = {}, width = 700, isRefused = false } = opening;
  const { page } = host;
  const present: Host['present'] = { opening, problems: [], calls: [] };
  host.present = present;
  await page.setViewportSize({ width, height: HEIGHT });
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
    problems: present.problems,
    close,
    view: page.frameLocator('iframe'),
    calls: present.calls,
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
