import path from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { expect, onTestFinished, test } from 'vitest';
import { type Called, type Result, setUpBrowser } from './view.ts';

const open = setUpBrowser();
const program = path.join(import.meta.dirname, '../../dist/index.js');
const UI = 'io.modelcontextprotocol/ui';

test('the program sends the view that its tools name, and it shows their results and carries out a write', async () => {
  const extensions = { [UI]: { mimeTypes: ['text/html;profile=mcp-app'] } };
  const client = new Client({ name: 'test', version: '0.0.0' }, { capabilities: { extensions } });
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args: [program, '--sandbox'], stderr: 'ignore' }),
  );
  onTestFinished(() => client.close());
  const call = async ({ name, arguments: args }: Called) =>
    (await client.callTool({ name, arguments: args })) as Result;
  const { tools } = await client.listTools();
  const { ui } = Object(tools.find(({ name }) => name === 'delete_cluster')?._meta);
  const { contents } = await client.readResource({ uri: ui.resourceUri });
  const { text: html } = Object(contents[0]);

  const { show, view } = await open({ call, html });
  await show(await call({ name: 'list_clusters', arguments: {} }));
  await view.getByText('5 PostgreSQL clusters').waitFor();

  const args = { clusterId: 'orders' };
  await show(await call({ name: 'delete_cluster', arguments: args }), args);
  await view.getByLabel('To agree, type the name').fill('orders');
  await view.getByRole('button', { name: 'Do this' }).click();
  await view.getByText('✕ Being deleted').waitFor();
  const { structuredContent } = await call({ name: 'get_cluster', arguments: args });
  expect(structuredContent).toMatchObject({ metadata: { state: 'DESTROYING' } });
});
