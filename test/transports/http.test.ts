import { describe, expect, test } from 'vitest';
import type { Fetch } from '../../src/api/client.ts';
import { tools } from '../../src/tools/index.ts';
import { direct, example, forTool, replied, resourceExamples } from '../helpers/examples.ts';
import { host } from '../helpers/in-process-host.ts';
import { order } from '../helpers/orders.ts';

describe.each(['modern', 'auto', 'handshake', 'legacy', 'sse'] as const)('a client over HTTP (%s)', (kind) => {
  test('lists tools, calls them, reads resources and completes IDs', async () => {
    const world = await host();
    const client = await world[kind]();

    const listed = (await client.listTools()).tools.map(({ name }) => name);
    const { resources } = await client.listResources();
    const made = await client.callTool({ name: 'create_cluster', arguments: order });
    const { contents } = await client.readResource({ uri: 'ionos-postgresql://versions' });
    const { completion } = await client.complete({
      ref: { type: 'ref/resource', uri: 'ionos-postgresql://clusters/{clusterId}' },
      argument: { name: 'clusterId', value: 'b3d0' },
    });

    expect(listed).toEqual(tools.map(({ name }) => name));
    expect(resources).toHaveLength(4);
    expect(made.structuredContent).toMatchObject({ outcome: 'done', cluster: { metadata: { state: 'BUSY' } } });
    expect(contents).toMatchObject([{ text: '{"versions":["14","15","16","17"]}' }]);
    expect(completion.values).toEqual(['b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041']);
  });

  test('gets from every tool and resource what the API answers', async () => {
    let reply: unknown;
    let fetch: Fetch = async () => replied(reply);
    const world = await host({ fetch: (...request) => fetch(...request) });
    const client = await world[kind]();

    for (const each of direct) {
      const { tool, args, method, path } = each;
      fetch = forTool(each, async () => replied(each.reply));
      const result = await client.callTool({ name: tool, arguments: args });
      expect(result.isError, tool).toBeUndefined();
      expect(world.requests.at(-1), tool).toMatchObject({ method, path });
    }
    fetch = async () => replied(reply);
    for (const { uri, tool } of resourceExamples) {
      reply = example(tool).reply;
      const { contents } = await client.readResource({ uri });
      expect(contents, uri).toMatchObject([{ uri, mimeType: 'application/json' }]);
    }
  });

  test('that goes away in the middle of a call stops it upstream', async () => {
    const world = await host({
      fetch: (_, { signal }) => new Promise((_, no) => signal.addEventListener('abort', () => no(signal.reason))),
    });
    const client = await world[kind]();

    const call = client.callTool({ name: 'list_clusters', arguments: {} }).catch(() => 'gone');
    await expect.poll(() => world.requests.length).toBe(1);
    await client.close();

    expect(await call).toBe('gone');
    await expect.poll(() => world.requests[0]?.signal.aborted, { timeout: 2_000 }).toBe(true);
  });
});
