import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { connectTo, KINDS, startHost } from '../helpers/child-process-host.ts';
import { CLIENT, ERROR, SERVER, startCollector } from '../helpers/collector.ts';
import { TOKEN } from '../helpers/connect.ts';
import { order } from '../helpers/orders.ts';
import { code, section, tablesIn } from '../helpers/pages.ts';
import { listen, PROGRAM, start, startNode } from '../helpers/process.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { listenWithTls } from '../helpers/tls.ts';

// A process starts slowly on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const IN_MESSAGE = 'aaaaaaaaaaaaaaaa';
const IN_HEADER = 'bbbbbbbbbbbbbbbb';
const traceparent = (spanId: string, flags = '01') => `00-${TRACE}-${spanId}-${flags}`;

/** An API that has no cluster, and the trace context that it got with each request. */
async function startApi() {
  const contexts: (string | string[] | undefined)[] = [];
  const { url } = await listen((request, response) => {
    contexts.push(request.headers.traceparent);
    response.setHeader('content-type', 'application/json').end('{"items":[]}');
  });
  return { contexts, env: { IONOS_API_URL: url, IONOS_TOKEN: TOKEN } };
}

/** How often the log says that nothing could be sent. */
const complaints = (stderr: string) => stderr.split('\n').filter((line) => line.includes('"msg":"telemetry"'));

describe('over stdio', () => {
  test('a call is a span of its caller’s trace, and the requests to IONOS are spans in it', async () => {
    const collector = await startCollector();
    const api = await startApi();
    const { initialize, request } = start([], { ...collector.env, ...api.env });
    await initialize();

    await request('tools/call', {
      name: 'list_clusters',
      arguments: {},
      _meta: { traceparent: traceparent(IN_MESSAGE), tracestate: 'vendor=1' },
    });
    await vi.waitUntil(() => collector.spans().length >= 3, { timeout: 10_000 });

    const call = collector.spans().find(({ name }) => name === 'tools/call list_clusters');
    expect(call).toMatchObject({
      kind: SERVER,
      traceId: TRACE,
      parentSpanId: IN_MESSAGE,
      traceState: 'vendor=1',
      status: { code: 0 },
      attributes: {
        'mcp.method.name': 'tools/call',
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': 'list_clusters',
        'jsonrpc.request.id': '2',
        'mcp.protocol.version': '2025-11-25',
        'network.transport': 'pipe',
      },
    });
    const [sent] = collector.spans().filter(({ kind }) => kind === CLIENT);
    const origin = new URL(api.env.IONOS_API_URL);
    expect(sent).toMatchObject({
      name: 'GET /databases/postgresql/clusters',
      traceId: TRACE,
      parentSpanId: call?.spanId,
      traceState: 'vendor=1',
      attributes: {
        'http.request.method': 'GET',
        'http.response.status_code': 200,
        'server.address': '127.0.0.1',
        'server.port': Number(origin.port),
        'url.template': '/databases/postgresql/clusters',
        'url.full': `${origin.origin}/databases/postgresql/clusters`,
      },
    });
    expect(api.contexts).toEqual([`00-${TRACE}-${sent?.spanId}-01`]);
    const handshake = collector.spans().find(({ name }) => name === 'initialize');
    expect(handshake).toMatchObject({ kind: SERVER, attributes: { 'mcp.protocol.version': '2025-11-25' } });
    expect(handshake?.parentSpanId ?? '').toBe('');
  });

  test('a failure is an error by its kind, without words', async () => {
    const collector = await startCollector();
    const { url } = await listen((_, response) => {
      response.writeHead(404, { 'content-type': 'application/json' }).end('{"messages":[{"message":"planted"}]}');
    });
    const { initialize, call } = start([], { ...collector.env, IONOS_API_URL: url, IONOS_TOKEN: TOKEN });
    await initialize();

    await call('list_clusters');
    await call('planted_tool');
    await vi.waitUntil(() => collector.spans().length >= 4, { timeout: 10_000 });

    const named = (name: string) => collector.spans().find((span) => span.name === name);
    expect(named('tools/call list_clusters')).toMatchObject({
      status: { code: ERROR },
      attributes: { 'error.type': 'tool_error' },
    });
    expect(named('tools/call')).toMatchObject({
      status: { code: ERROR },
      attributes: { 'error.type': '-32602', 'rpc.response.status_code': '-32602' },
    });
    expect(named('GET /databases/postgresql/clusters')).toMatchObject({
      status: { code: ERROR },
      attributes: { 'error.type': '404', 'http.response.status_code': 404 },
    });
    for (const { status } of collector.spans()) expect(status.message ?? '').toBe('');
    expect(collector.sent.map(({ body }) => body.toString()).join()).not.toContain('planted');
  });

  test('the durations of calls and of requests to IONOS are metrics', async () => {
    const collector = await startCollector();
    const { initialize, call } = start(['--sandbox'], collector.env);
    await initialize();
    await call('list_clusters');
    await call('list_clusters');
    const named = (name: string) => collector.metrics().find((metric) => metric.name === name);
    const calls = () =>
      named('mcp.server.operation.duration')?.histogram.dataPoints.find(
        ({ attributes }) => attributes['gen_ai.tool.name'] === 'list_clusters',
      );
    await vi.waitUntil(() => calls()?.count === 2, { timeout: 10_000 });

    expect(named('mcp.server.operation.duration')?.unit).toBe('s');
    expect(calls()?.explicitBounds).toEqual([0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300]);
    expect(calls()?.attributes).toEqual({
      'mcp.method.name': 'tools/call',
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'list_clusters',
      'mcp.protocol.version': '2025-11-25',
      'network.transport': 'pipe',
    });
    const [requests] = named('http.client.request.duration')?.histogram.dataPoints ?? [];
    expect(Object.keys(requests?.attributes ?? {}).sort()).toEqual(
      ['http.request.method', 'http.response.status_code', 'server.address', 'server.port'].sort(),
    );
  });

  test('what was not sent yet is sent at the end', async () => {
    const collector = await startCollector();
    const slow = { OTEL_BSP_SCHEDULE_DELAY: '60000', OTEL_METRIC_EXPORT_INTERVAL: '60000' };
    const { initialize, call, child, ended } = start(['--sandbox'], { ...collector.env, ...slow });
    await initialize();
    await call('list_clusters');
    expect(collector.sent).toEqual([]);

    child.stdin.end();

    expect(await ended).toMatchObject({ code: 0 });
    expect(collector.spans().map(({ name }) => name)).toContain('tools/call list_clusters');
    expect(collector.metrics().map(({ name }) => name)).toContain('mcp.server.operation.duration');
  });
});

describe.each(KINDS)('over HTTP (%s)', (kind) => {
  test('a call is in the trace of its message, else of its HTTP request', async () => {
    const collector = await startCollector();
    const { url, stop, ended } = await startHost(['--sandbox', '--drain-delay', '0'], collector.env);
    const client = await connectTo(kind, url, { headers: { traceparent: traceparent(IN_HEADER) } });

    await client.callTool({ name: 'list_postgres_versions', arguments: {} });
    await client.callTool({
      name: 'list_clusters',
      arguments: {},
      _meta: { traceparent: traceparent(IN_MESSAGE) },
    });
    await client.close();
    stop();
    await ended;

    const named = (name: string) => collector.spans().find((span) => span.name === `tools/call ${name}`);
    expect(named('list_postgres_versions')).toMatchObject({
      traceId: TRACE,
      parentSpanId: IN_HEADER,
      links: [],
      attributes: {
        'network.transport': 'tcp',
        'network.protocol.name': 'http',
        'mcp.protocol.version': kind === 'modern' ? '2026-07-28' : '2025-11-25',
      },
    });
    expect(named('list_clusters')).toMatchObject({
      traceId: TRACE,
      parentSpanId: IN_MESSAGE,
      links: [{ traceId: TRACE, spanId: IN_HEADER }],
    });
  });
});

describe('the variables of OpenTelemetry', () => {
  test('name the service and the replica, and what else there is to say of it', async () => {
    const collector = await startCollector();
    const own = {
      OTEL_SERVICE_NAME: 'postgres-of-team-a',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    };
    for (const env of [{}, own]) {
      const { initialize, child, ended } = start(['--sandbox'], { ...collector.env, ...env });
      await initialize();
      child.stdin.end();
      await ended;
    }

    const [plain, named] = collector.resources();
    expect(plain).toMatchObject({ 'service.name': 'ionos-postgres-mcp', 'service.version': expect.any(String) });
    expect(named).toMatchObject({
      'service.name': 'postgres-of-team-a',
      'deployment.environment.name': 'test',
      'service.instance.id': expect.not.stringMatching(String(plain?.['service.instance.id'])),
    });
  });

  test('send by protobuf where nothing else is asked for, with headers that are decoded', async () => {
    const collector = await startCollector();
    const { initialize, request, child, ended } = start(['--sandbox'], {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic%20planted',
    });
    await initialize();
    await request('tools/call', { name: 'list_clusters', _meta: { traceparent: traceparent(IN_MESSAGE) } });
    child.stdin.end();
    await ended;

    expect(collector.sent.map(({ path }) => path).sort()).toEqual(['/v1/metrics', '/v1/traces']);
    for (const { headers } of collector.sent) {
      expect(headers).toMatchObject({ 'content-type': 'application/x-protobuf', authorization: 'Basic planted' });
    }
    const traces = collector.sent.find(({ path }) => path === '/v1/traces')?.body;
    expect(traces?.includes('tools/call list_clusters')).toBe(true);
    expect(traces?.includes(Buffer.from(TRACE, 'hex'))).toBe(true);
  });

  test('leave out what the caller does not sample, but for its durations', async () => {
    const collector = await startCollector();
    const api = await startApi();
    const { initialize, request, child, ended } = start([], { ...collector.env, ...api.env });
    await initialize();
    await request('tools/call', { name: 'list_clusters', _meta: { traceparent: traceparent(IN_MESSAGE, '00') } });
    child.stdin.end();
    await ended;

    expect(collector.spans().map(({ name }) => name)).toEqual(['initialize']);
    expect(api.contexts).toEqual([expect.stringMatching(new RegExp(`^00-${TRACE}-[\\da-f]{16}-00$`))]);
    const [durations] = collector.metrics();
    expect(durations?.histogram.dataPoints).toHaveLength(2);
  });

  test('sample as they say', async () => {
    const collector = await startCollector();
    const { initialize, child, ended } = start(['--sandbox'], { ...collector.env, OTEL_TRACES_SAMPLER: 'always_off' });
    await initialize();
    child.stdin.end();
    await ended;

    expect(collector.spans()).toEqual([]);
    expect(collector.metrics()).toHaveLength(1);
  });

  test('pass on the trace of the caller where no traces are kept', async () => {
    const collector = await startCollector();
    const api = await startApi();
    const { url } = await startHost([], { ...collector.env, ...api.env, OTEL_TRACES_EXPORTER: 'none' });
    const client = await connectTo('modern', url, { headers: { traceparent: traceparent(IN_HEADER) } });

    await client.callTool({ name: 'list_clusters', arguments: {} });

    expect(new Set(api.contexts)).toEqual(new Set([traceparent(IN_HEADER)]));
  });

  test('gRPC is named in the log, and the server works without', async () => {
    const collector = await startCollector();
    const { initialize, call, child, ended } = start(['--sandbox'], {
      ...collector.env,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    });
    await initialize();
    expect((await call('list_clusters')).result.isError).toBeUndefined();
    child.stdin.end();

    const { stderr } = await ended;
    expect(stderr).toContain('OTEL_EXPORTER_OTLP_PROTOCOL must be http/protobuf or http/json');
    expect(collector.sent).toEqual([]);
  });

  test('a problem that the libraries find is in the log, once, without a secret', async () => {
    const collector = await startCollector();
    const { initialize, child, ended } = start(['--sandbox'], {
      ...collector.env,
      OTEL_EXPORTER_OTLP_HEADERS: 'api-key=planted-key-1',
      OTEL_TRACES_SAMPLER: 'planted-key-1',
    });
    await initialize();
    child.stdin.end();

    const { stdout, stderr } = await ended;
    expect(complaints(stderr)).toEqual([expect.stringContaining('OTEL_TRACES_SAMPLER')]);
    expect(stdout + stderr).not.toContain('planted-key-1');
  });
});

test('spans and metrics are those of the documentation', async () => {
  const collector = await startCollector();
  const args = ['--sandbox', '--fail', '503:0.3', '--drain-delay', '0'];
  const { url, stop, ended } = await startHost(args, collector.env);
  const client = await connectTo('modern', url);
  while (!collector.spans().some(({ attributes }) => 'http.request.resend_count' in attributes)) {
    await client.callTool({ name: 'list_clusters', arguments: {} });
  }
  await client.readResource({ uri: 'ionos-postgresql://versions' }).catch(() => {});
  await client.getPrompt({ name: 'review_clusters' });
  await client.getPrompt({ name: 'no_such_prompt' }).catch(() => {});
  await client.close();
  stop();
  await ended;

  const [spans = [], metrics = []] = tablesIn(section('docs/hosting.md', '## OpenTelemetry'));
  const attributesOf = (kind: number) =>
    collector.spans().flatMap((span) => (span.kind === kind ? Object.keys(span.attributes) : []));
  for (const [, kind, attributes] of spans.slice(1)) {
    const sent = attributesOf(kind === 'Server' ? SERVER : CLIENT);
    expect([...new Set(sent)].sort(), kind).toEqual(code(attributes).sort());
  }
  expect(collector.metrics().map(({ name }) => name)).toEqual(metrics.slice(1).flatMap(([name]) => code(name)));
});

test('no secret and no value of an argument is sent', async () => {
  const collector = await startCollector();
  const callers = 'planted-callers-token-'.padEnd(48, 'x');
  const bodies: string[] = [];
  const { url: api } = await listen(async (request, response) => {
    const body = (await request.toArray()).join('');
    bodies.push(body);
    const message = `planted-words ${request.headers.authorization} ${body}`;
    response.writeHead(request.method === 'GET' ? 200 : 422, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(request.method === 'GET' ? { items: [], data: [{ name: '16' }] } : { messages: [{ message }] }),
    );
  });
  const { url, output, stop, ended } = await startHost(
    ['--access', 'full', '--auth', 'token', '--ionos-credentials', 'caller', '--drain-delay', '0'],
    {
      ...collector.env,
      IONOS_API_URL: api,
      MCP_AUTH_TOKENS: `planted:full:${callers}`,
      OTEL_EXPORTER_OTLP_HEADERS: 'api-key=planted-key-of-the-collector-1',
    },
  );
  const client = await connectTo('modern', url, {
    headers: { authorization: `Bearer ${callers}`, 'x-ionos-token': TOKEN },
  });
  const credentials = { username: 'planted_user', password: 'planted-Password-1' };
  const made = { ...order, displayName: 'planted-cluster', credentials };

  const plan = await client.callTool({ name: 'create_cluster', arguments: made });
  const { confirmationToken = '' }: { confirmationToken?: string } = plan.structuredContent ?? {};
  expect(confirmationToken).not.toBe('');
  await client.callTool({ name: 'create_cluster', arguments: { ...made, confirmationToken } });
  await client.callTool({ name: 'get_user', arguments: { clusterId: 'planted-id', username: 'planted_user' } });
  await client.callTool({ name: 'planted_tool', arguments: {} }).catch(() => {});
  await client.readResource({ uri: 'ionos-postgresql://clusters/planted-id' }).catch(() => {});
  await client.getPrompt({ name: 'planted_prompt' }).catch(() => {});
  await client.complete({
    ref: { type: 'ref/resource', uri: 'ionos-postgresql://clusters/{clusterId}' },
    argument: { name: 'clusterId', value: 'planted-id' },
  });
  await client.close();
  stop();
  await ended;

  expect(bodies.join()).toContain('planted-Password-1');
  expect(collector.spans().map(({ name }) => name)).toEqual(
    expect.arrayContaining(['tools/call create_cluster', 'tools/call', 'resources/read', 'prompts/get']),
  );
  const template = '/databases/postgresql/clusters/{id}/users/{id}';
  expect(collector.spans().find(({ name }) => name === `GET ${template}`)?.attributes).toMatchObject({
    'url.template': template,
    'url.full': `${new URL(api).origin}/databases/postgresql/clusters/REDACTED/users/REDACTED`,
  });
  const sent = collector.sent.map(({ body }) => body.toString()).join('\n');
  expect(sent).not.toMatch(/planted/i);
  expect(sent).not.toContain(confirmationToken);
  expect(sent).not.toContain(TOKEN);
  expect(output.stderr + output.stdout).not.toContain('planted-key-of-the-collector-1');
});

describe('a collector that is away', () => {
  const quick = { OTEL_BSP_SCHEDULE_DELAY: '20', OTEL_METRIC_EXPORT_INTERVAL: '20', OTEL_EXPORTER_OTLP_TIMEOUT: '100' };

  test.each([
    ['where nobody listens', async () => ({ url: 'http://127.0.0.1:1', tries: () => 20 }), 'ECONNREFUSED'],
    [
      'that refuses',
      async () => {
        const { url, sent } = await startCollector({ status: 401 });
        return { url, tries: () => sent.length };
      },
      'it answered 401',
    ],
  ])('%s disturbs no call, and makes one line in the log', async (_, make, why) => {
    const { url, tries } = await make();
    const { initialize, call, child, ended } = start(['--sandbox'], { OTEL_EXPORTER_OTLP_ENDPOINT: url, ...quick });
    await initialize();
    for (let n = 0; n < 20 || tries() < 10; n += 1) {
      expect((await call('list_clusters')).result.isError).toBeUndefined();
    }
    child.stdin.end();

    const { stdout, stderr } = await ended;
    expect(complaints(stderr)).toEqual([expect.stringContaining(`nothing could be sent to the collector: ${why}`)]);
    for (const line of stdout.trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('jsonrpc');
  });

  test('where its certificate is not trusted gets nothing, whatever NODE_TLS_REJECT_UNAUTHORIZED says', async () => {
    const received: unknown[] = [];
    const port = await listenWithTls((request, response) => {
      received.push(request.url);
      response.end('{}');
    });
    const { initialize, child, ended } = start(['--sandbox'], {
      OTEL_EXPORTER_OTLP_ENDPOINT: `https://localhost:${port}`,
      NODE_TLS_REJECT_UNAUTHORIZED: '0',
    });
    await initialize();
    child.stdin.end();

    const { stderr } = await ended;
    expect(received).toEqual([]);
    expect(complaints(stderr)).toEqual([expect.stringMatching(/collector: [A-Z_]*CERT/)]);
  });

  test.each(['stdio', 'http'] as const)(
    'where it never answers, the end over %s waits a second for it',
    async (transport) => {
      const { url, server } = await listen(() => {});
      const env = { OTEL_EXPORTER_OTLP_ENDPOINT: url };
      const asked = once(server, 'request');
      if (transport === 'stdio') {
        const { initialize, child, ended } = start(['--sandbox'], env);
        await initialize();
        const since = performance.now();
        child.stdin.end();
        expect(await ended).toMatchObject({ code: 0 });
        expect(performance.now() - since).toBeLessThan(3_000);
      } else {
        const { url: here, stop, ended } = await startHost(['--sandbox', '--drain-delay', '0'], env);
        const client = await connectTo('modern', here);
        await client.callTool({ name: 'list_clusters', arguments: {} });
        await client.close();
        const since = performance.now();
        stop();
        expect(await ended).toMatchObject({ code: 0 });
        expect(performance.now() - since).toBeLessThan(3_000);
      }
      await asked;
    },
  );
});

test('without a collector nothing of it is loaded', async () => {
  const folder = temporaryFolder('preload');
  const preload = path.join(folder, 'preload.cjs');
  writeFileSync(preload, `process.on('exit', () => process.stderr.write(Object.keys(require.cache).join('\\n')));`);
  async function loadedWith(env: Record<string, string>) {
    const { initialize, call, child, ended } = startNode(['--require', preload, PROGRAM, '--sandbox'], env);
    await initialize();
    await call('list_clusters');
    child.stdin.end();
    const { stderr } = await ended;
    return stderr.split('\n').filter((line) => /telemetry-\w+\.js$/.test(line));
  }

  expect(await loadedWith({})).toEqual([]);
  expect(await loadedWith({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' })).toHaveLength(1);
});
