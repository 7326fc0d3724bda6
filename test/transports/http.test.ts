import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Fetch } from '../../src/api/client.ts';
import { tools } from '../../src/tools/index.ts';
import { direct, example, forTool, replied, resourceExamples } from '../helpers/examples.ts';
import { host } from '../helpers/in-process-host.ts';
import { order } from '../helpers/orders.ts';
import { post, raw } from '../helpers/raw-http.ts';
import { SKILL_URIS } from '../helpers/skills.ts';
import { ENVELOPE, hasNoAnswer, oddText } from '../helpers/wire.ts';

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
    expect(resources).toHaveLength(5 + SKILL_URIS.length);
    expect(made.structuredContent).toMatchObject({ outcome: 'started', cluster: { metadata: { state: 'BUSY' } } });
    expect(contents).toMatchObject([{ text: expect.stringContaining('{"versions":["14","15","16","17"],') }]);
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
      const before = world.requests.length;
      const result = await client.callTool({ name: tool, arguments: args });
      expect(result.isError, tool).toBeUndefined();
      expect(world.requests.slice(before), tool).toContainEqual(expect.objectContaining({ method, path }));
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

describe('a body', () => {
  const ask = async (url: string, body: string | object, headers: Record<string, string> = {}) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await post(`${url}/mcp`, text, { accept: 'application/json', ...headers });
    return { status: answer.status, json: answer.body === '' ? undefined : JSON.parse(answer.body) };
  };
  const call = (more: object, id: unknown = 2) => ({ jsonrpc: '2.0', id, method: 'tools/call', ...more });

  test.each([
    ['\ufeff{"jsonrpc":"2.0","id":2,"method":"tools/list","params":null}'],
    ['{"jsonrpc":"2.0","id":2,"method":"tools/list","params":[],"error":null}'],
    [call({ params: { name: 'list_clusters', arguments: null, _meta: null } })],
    [call({ params: { name: 'list_clusters', arguments: '{"limit":1}' } })],
    [
      {
        ...call({}),
        method: 'initialize',
        params: { protocolVersion: '2025-11-25', capabilities: { roots: null }, clientInfo: null },
      },
    ],
  ])('%j is served', async (body) => {
    const { url } = await host();
    expect(await ask(url, body)).toMatchObject({ status: 200, json: { id: 2, result: expect.any(Object) } });
  });

  test.each([
    ['{"jsonrpc":"2.0","id":2,"method":', 400, 2, -32700],
    ['', 400, null, -32000],
    [{ ...call({}), jsonrpc: '1.0' }, 400, 2, -32600],
    [call({ params: 7 }), 200, 2, -32602],
    [call({ params: { name: 7 } }), 200, 2, -32602],
    [[], 400, null, -32600],
  ])('%j is answered in words', async (body, status, id, code) => {
    const { url } = await host();
    const answer = await ask(url, body);
    expect(answer).toMatchObject({ status, json: { id, error: { code } } });
    expect(answer.json.error.message).toMatch(/^.{1,200}$/);
  });

  test.each([
    [[call({ params: { name: 'list_clusters' } }, 1), { id: 2 }], 400, [1, 2]],
    [[call({ params: { name: 'list_clusters', _meta: ENVELOPE } }, 1), call({}, 2)], 400, [1, 2]],
    [[call({ method: 'ping' }, 1), call({ method: 'initialize', params: { protocolVersion: 'x' } }, 2)], 400, [1, 2]],
    [[call({ method: 'ping' }, 1), call({ method: 'tools/list' }, 2)], 200, [1, 2]],
  ])('of several messages, %j, answers each ID', async (batch, status, ids) => {
    const { url } = await host();
    const { json, ...answer } = await ask(url, batch);
    expect(answer).toEqual({ status });
    expect(json.map(({ id }: { id: number }) => id)).toEqual(ids);
  });

  test('with what is wrong is one line of the log, in bounded number', async () => {
    const { url, log } = await host();
    for (let n = 0; n < 40; n += 1) await ask(url, 'garbage');
    const lines = log.filter(({ msg, level }) => msg === 'http' && level === 40);
    expect(lines).toHaveLength(30);
    expect(lines[0]).toMatchObject({ reason: expect.stringContaining('This is not valid JSON') });
  });

  test('is answered or needs no answer whatever it is, and the next is served', async () => {
    const { url } = await host();
    await fc.assert(
      fc.asyncProperty(oddText, async (text) => {
        const { status, body } = await post(`${url}/mcp`, text, { accept: 'application/json' });
        expect(status, body).toBeLessThan(500);
        // A batch of notifications is taken in silence.
        if (!hasNoAnswer(text) && !(status === 202 && text.trim().startsWith('['))) {
          for (const each of [JSON.parse(body)].flat()) expect(each.result ?? each.error, body).toBeTypeOf('object');
        }
        expect(await ask(url, { jsonrpc: '2.0', id: 'next', method: 'ping' })).toMatchObject({ status: 200 });
      }),
      { numRuns: 200, endOnFailure: true },
    );
  }, 30_000);
});

test('a slash at the end of a path changes nothing', async () => {
  const resource = {
    audience: [],
    scopes: [],
    metadata: {
      resource: 'https://h/mcp',
      authorization_servers: [],
      scopes_supported: [],
      bearer_methods_supported: [],
    },
    metadataUrl: 'https://h/.well-known/oauth-protected-resource/mcp',
    metadataPaths: ['/.well-known/oauth-protected-resource', '/.well-known/oauth-protected-resource/mcp'],
  };
  const { url } = await host({ resource });
  const get = async (path: string) => (await raw(url + path, { method: 'GET' })).status;

  for (const path of ['/healthz', '/readyz', ...resource.metadataPaths]) {
    expect([await get(path), await get(`${path}/`)], path).toEqual([200, 200]);
    expect(await get(`/${path}`), path).toBe(404);
  }
  expect(await get('//')).toBe(404);
  const body = '{"jsonrpc":"2.0","id":1,"method":"ping"}';
  expect((await post(`${url}/mcp/`, body)).status).toBe(200);
  expect((await post(`${url}/mcp/`, body, { 'content-type': 'text/plain' })).status).toBe(415);
  expect((await post(`${url}/messages/?sessionId=x`, body)).status).toBe(404);
  expect(JSON.parse((await post(`${url}/messages/?sessionId=x`, body)).body).error.message).toContain('SSE session');
  expect((await raw(`${url}/sse/`, { method: 'POST' })).status).toBe(405);
});

describe('of a batch', () => {
  const messages = (method: string, params: object, count: number) =>
    JSON.stringify(Array.from({ length: count }, (_, id) => ({ jsonrpc: '2.0', id, method, params })));
  const ref = { type: 'ref/resource', uri: 'ionos-postgresql://clusters/{clusterId}' };

  test.each([
    ['tools/call', { name: 'list_clusters' }],
    ['resources/list', {}],
    ['resources/read', { uri: 'ionos-postgresql://versions' }],
    ['completion/complete', { ref, argument: { name: 'clusterId', value: '' } }],
  ])('one %s calls IONOS, the others are refused in words', async (method, params) => {
    const { url, requests } = await host();
    const answer = await post(`${url}/mcp`, messages(method, params, 20), { accept: 'application/json' });
    const answers: { id: number; error?: { message: string } }[] = JSON.parse(answer.body);

    expect(answers.map(({ id }) => id).sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, id) => id));
    const refused = answers.filter((each) => JSON.stringify(each).includes('batches of calls are not supported'));
    expect(refused).toHaveLength(19);
    expect(requests.length).toBeLessThanOrEqual(1);
  });

  test('the first of any kind goes, alone', async () => {
    const { url, requests } = await host();
    const one = (id: number, method: string, params: object) => ({ jsonrpc: '2.0', id, method, params });
    await post(
      `${url}/mcp`,
      JSON.stringify([
        one(1, 'completion/complete', { ref, argument: { name: 'clusterId', value: '' } }),
        one(2, 'resources/list', {}),
        one(3, 'tools/call', { name: 'list_clusters' }),
        one(4, 'tools/list', {}),
      ]),
    );
    expect(requests).toHaveLength(1);
  });

  test('each request counts for the limits', async () => {
    const { url } = await host({ rateLimit: 10 });
    const ping = (count: number) => post(`${url}/mcp`, messages('ping', {}, count));
    expect((await ping(6)).status).toBe(200);
    expect((await ping(6)).status).toBe(429);

    const few = await host({ callerMaxCalls: 3 });
    expect((await post(`${few.url}/mcp`, messages('ping', {}, 3))).status).toBe(200);
    expect((await post(`${few.url}/mcp`, messages('ping', {}, 4))).status).toBe(429);
  });
});
