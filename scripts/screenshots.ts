// Pictures of the view for the documentation, from the sandbox: npm run screenshots
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { chromium } from 'playwright-core';
import { CHROMIUM, CHROMIUM_ARGUMENTS } from '../test/browser/chromium.ts';
import { launch, type Opening, type Result } from '../test/browser/open.ts';

const root = path.join(import.meta.dirname, '..');
const folder = path.join(root, 'docs/images');
const extensions = { 'io.modelcontextprotocol/ui': { mimeTypes: ['text/html;profile=mcp-app'] } };
const client = new Client({ name: 'screenshots', version: '1' }, { capabilities: { extensions } });
const args = [path.join(root, 'dist/index.js'), '--sandbox', '--confirm', 'writes'];
await client.connect(new StdioClientTransport({ command: process.execPath, args, stderr: 'ignore' }));
const call = async (name: string, args: Record<string, unknown>) =>
  (await client.callTool({ name, arguments: args })) as Result;
const browser = await launch();
mkdirSync(folder, { recursive: true });

interface Picture {
  tool: string;
  args?: Record<string, unknown>;
  /** Shown when the page is ready. */
  ready: string;
  /** Buttons that are pressed first. */
  pressed?: readonly string[];
  context?: Opening['context'];
}

async function take(name: string, { tool, args = {}, ready, pressed = [], context }: Picture) {
  const opening = {
    call: (params: { name: string; arguments: Record<string, unknown> }) => call(params.name, params.arguments),
    context,
  };
  const { show, view, page, close, problems } = await browser.open(opening);
  await show(await call(tool, args), args);
  for (const button of pressed) await view.getByRole('button', { name: button }).click();
  await view.getByText(ready).first().waitFor();
  await page.setViewportSize({ width: 700, height: 1_800 });
  await page.waitForTimeout(500);
  const frame = page.locator('iframe');
  await frame.evaluate((element) => element.style.setProperty('min-height', '0'));
  const picture = await frame.screenshot();
  writeFileSync(path.join(folder, `${name}.png`), picture);
  console.log(`docs/images/${name}.png: ${Math.round(picture.length / 1024)} kB`);
  await close();
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

/** For what shows no SVG. */
async function takeIcon() {
  const chromiumAlone = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGUMENTS });
  const page = await chromiumAlone.newPage({ viewport: { width: 512, height: 512 } });
  const svg = readFileSync(path.join(root, 'src/mcp/icon.svg'), 'utf8');
  await page.setContent(`<style>body { margin: 0 } svg { display: block }</style>${svg}`);
  writeFileSync(path.join(folder, 'icon.png'), await page.screenshot({ omitBackground: true }));
  await chromiumAlone.close();
}

await take('clusters', { tool: 'list_clusters', ready: 'per 30 days' });
await take('cluster', {
  tool: 'get_cluster',
  args: { clusterId: 'analytics-prod' },
  pressed: ['Show backups', 'Show users', 'Show databases'],
  ready: 'Restores from',
  context: { theme: 'dark' },
});
await take('plan', {
  tool: 'delete_cluster',
  args: { clusterId: 'orders' },
  ready: 'Do this',
});
await take('costs', { tool: 'estimate_cost', ready: 'for 5 clusters' });
await takeIcon();
await browser.close();
await client.close();
