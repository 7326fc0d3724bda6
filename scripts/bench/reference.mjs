// One tool on SDK v2 with bare ky, over HTTP, as one writes it in a quarter of an hour. Argument: the API's address.
import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import ky from 'ky';
import * as z from 'zod';

const [api = ''] = process.argv.slice(2);
const inputSchema = z.object({ clusterId: z.string() });

function create() {
  const server = new McpServer({ name: 'reference', version: '0.0.0' });
  server.registerTool('get_cluster', { description: 'Reads one cluster', inputSchema }, async ({ clusterId }) => {
    const data = await ky.get(`${api}/clusters/${clusterId}`, { headers: { authorization: 'Bearer any' } }).json();
    return { content: [{ type: 'text', text: JSON.stringify(data) }], structuredContent: data };
  });
  return server;
}

const { fetch } = createMcpHandler(create);
const server = createServer(getRequestListener((request) => fetch(request), { overrideGlobalObjects: false }));
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.stdout.write(`http://127.0.0.1:${server.address().port}\n`));
