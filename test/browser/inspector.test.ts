import { createServer } from 'node:net';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { connectTo, startHost } from '../helpers/child-process-host.ts';
import { PROGRAM, startWith } from '../helpers/process.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { CHROMIUM, CHROMIUM_ARGUMENTS } from './chromium.ts';
import { INSPECTOR, INSPECTOR_NODE } from './inspector.ts';
import { press } from './moving.ts';

/** Each starts several programs. */
const SLOW = { timeout: 90_000 };

/** The Inspector, which keeps nothing. */
function startInspector(args: string[], env: Record<string, string> = {}) {
  const HOME = temporaryFolder('inspector');
  return startWith(INSPECTOR_NODE, [INSPECTOR, ...args], { HOME, ...env });
}

describe('in its command line', SLOW, () => {
  const VIEW = {
    hasApp: true,
    resourceUri: 'ui://ionos-postgresql/clusters',
    // It asks for no permission, and its tools are for models as well as for views.
    csp: {},
    prefersBorder: true,
    resourceMimeType: 'text/html;profile=mcp-app',
  };

  async function appOf(tool: string, server: string[], ...options: string[]) {
    const args = ['--cli', ...server, '--method', 'tools/call', '--tool-name', tool, '--app-info', ...options];
    const { code, stdout, stderr } = await startInspector(args).ended;
    return { code, app: stdout === '' ? stderr : JSON.parse(stdout) };
  }

  const overStdio = () => [process.execPath, PROGRAM, '--sandbox'];
  const overHttp = async () => [`${(await startHost(['--sandbox'])).url}/mcp`];

  test.each([
    ['stdio', overStdio],
    ['HTTP', overHttp],
  ])('the MCP Inspector finds the view over %s', async (_, start) => {
    const server = await start();
    expect(await appOf('list_clusters', server)).toEqual({ code: 0, app: { ...VIEW, toolName: 'list_clusters' } });
    expect(await appOf('delete_cluster', server, '--advertise-apps')).toEqual({
      code: 0,
      app: { ...VIEW, toolName: 'delete_cluster' },
    });
  });

  test('it sees that the button is for views alone', async () => {
    const list = ['--cli', ...overStdio(), '--method', 'tools/list', '--advertise-apps'];
    const { stdout } = await startInspector(list).ended;
    const { tools }: { tools: { name: string }[] } = JSON.parse(stdout);
    expect(tools.filter((tool) => JSON.stringify(tool).includes('visibility'))).toMatchObject([
      { name: 'confirm_write', _meta: { ui: { visibility: ['app'] } } },
    ]);
  });

  test('it finds none where there is none', async () => {
    expect(await appOf('list_postgres_versions', overStdio(), '--advertise-apps')).toEqual({
      code: 2,
      app: { hasApp: false, toolName: 'list_postgres_versions' },
    });
  });
});

describe('in its page', SLOW, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGUMENTS });
  }, 60_000);
  afterAll(() => browser.close());

  /** What this tool returns, in the view; nothing may go wrong in it, and it may ask nobody but its host. */
  async function openApp(tool: string, args: Record<string, string> = {}) {
    const host = await startHost(['--sandbox', '--access', 'full']);
    const inspector = await startPage();
    const context = await browser.newContext();
    context.setDefaultTimeout(20_000);
    const problems: string[] = [];
    await context.addInitScript(() => {
      addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
        console.error(`CSP: ${violatedDirective} ${blockedURI}`),
      );
    });
    // The Inspector takes its fonts from there.
    await context.route('https://fonts.googleapis.com/**', (route) => route.fulfill({ contentType: 'text/css' }));
    const page = await context.newPage();
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('request', (request) => {
      if (request.frame().url() === 'about:srcdoc') problems.push(`request to ${request.url()}`);
    });
    onTestFinished(async () => {
      await context.close();
      expect(problems).toEqual([]);
    });
    await page.goto(
      `${inspector.url}/?${new URLSearchParams({
        serverUrl: `${host.url}/mcp`,
        transport: 'http',
        autoConnect: inspector.token,
        openApp: tool,
        appArgs: Buffer.from(JSON.stringify(args)).toString('base64url'),
      })}`,
    );
    await page.locator('[data-testid=connection-status][data-status=connected]').waitFor();
    await page.getByRole('button', { name: 'Open App' }).click();
    // In the frame that keeps the view apart is that of the view.
    return { ...host, view: page.frameLocator('iframe').frameLocator('iframe') };
  }

  async function startPage() {
    const token = 'a-token-of-the-tests';
    const port = await freePort();
    const { output } = startInspector(['--web'], {
      HOST: '127.0.0.1',
      CLIENT_PORT: String(port),
      // Any that is free.
      MCP_SANDBOX_PORT: '0',
      MCP_AUTO_OPEN_ENABLED: 'false',
      MCP_INSPECTOR_API_TOKEN: token,
      MCP_INSPECTOR_SECRET_STORE: 'memory',
    });
    await vi.waitUntil(() => output.stdout.includes('up and running'), { timeout: 30_000, interval: 50 });
    return { url: `http://127.0.0.1:${port}`, token };
  }

  test('the MCP Inspector shows the clusters, and one in full', async () => {
    const { view } = await openApp('list_clusters');

    await view.getByRole('heading', { name: '5 PostgreSQL clusters' }).waitFor();
    await view.getByText('per 30 days').first().waitFor();
    expect(await view.locator('.card h2').allTextContents()).toEqual([
      'analytics-prod',
      'inventory',
      'legacy-crm',
      'orders',
      'telemetry',
    ]);
    await press(view.getByRole('button', { name: 'analytics-prod' }));
    await view.getByRole('heading', { name: 'analytics-prod', level: 1 }).waitFor();
    await view.getByText('10.7.222.10/24').waitFor();
    await press(view.getByRole('button', { name: 'Show users' }));
    await view.getByRole('row', { name: 'dashboards' }).waitFor();
  });

  test('a person deletes a cluster by its typed name and the button', async () => {
    const { view, url, log } = await openApp('delete_cluster', { clusterId: 'orders' });

    await view.getByLabel('To agree, type the name').fill('orders');
    await press(view.getByRole('button', { name: 'Do this' }));
    await view.getByText('✕ Being deleted').waitFor();

    const client = await connectTo('modern', url);
    const { structuredContent } = await client.callTool({ name: 'get_cluster', arguments: { clusterId: 'orders' } });
    expect(structuredContent).toMatchObject({ metadata: { state: 'DESTROYING' } });
    expect(log().find(({ outcome }) => outcome === 'started')).toMatchObject({
      ...{ audit: true, tool: 'delete_cluster', agreed: 'app', clusterName: 'orders' },
    });
  });
});

/** The Inspector takes none of its own choice for its page. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('There is no free port');
  return address.port;
}
