import { PassThrough } from 'node:stream';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import * as fc from 'fast-check';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createApiClient, type Fetch } from '../../src/api/client.ts';
import { createApis } from '../../src/api/generations/index.ts';
import { createServers } from '../../src/mcp/server.ts';
import { createSandbox } from '../../src/sandbox/index.ts';
import { createMemoryState } from '../../src/state/memory.ts';
import { TOOLSETS } from '../../src/tools/toolsets.ts';
import { createStdioTransport, runStdio } from '../../src/transports/stdio.ts';
import { createProblemLog } from '../../src/transports/wire/problem-log.ts';
import { ACCOUNT, VIEW_HTML } from '../helpers/account.ts';
import { hurried } from '../helpers/fake-clock.ts';
import { skillText } from '../helpers/skills.ts';
import { ENVELOPE, hasNoAnswer, oddText } from '../helpers/wire.ts';

interface Said {
  id?: unknown;
  result?: Record<string, unknown>;
  error?: { code: number; message: string };
}

/** The server behind a pair of streams. */
function connect(fetch?: Fetch) {
  const sandbox = createSandbox();
  const api = createApiClient({
    apiUrl: 'https://api.ionos.com/databases/postgresql',
    authorization: 'Bearer x',
    userAgent: 'ionos-postgres-mcp/test',
    fetch: fetch ?? ((request, init) => sandbox.fetch(new Request(request, init))),
  });
  const log: Record<string, unknown>[] = [];
  const logger = pino({ level: 'warn' }, { write: (line: string) => log.push(JSON.parse(line)) });
  const servers = createServers({
    apis: async () => createApis({ v1: api }),
    logger: async () => pino({ level: 'silent' }),
    version: '0.0.0',
    viewHtml: async () => VIEW_HTML,
    skillText,
    state: async () => createMemoryState(),
    access: 'full',
    toolsets: TOOLSETS,
    sandbox: false,
    secrets: [],
    accounts: [ACCOUNT],
    passwords: { passwordEnv: {} },
    writes: { confirm: 'never', requireHuman: false },
  });
  const [input, output] = [new PassThrough(), new PassThrough()];
  const problems = createProblemLog(() => logger, 'stdio');
  const transport = createStdioTransport({ input, output, log: problems });
  const handle = serveStdio(servers.create, { transport, onerror: ({ message }) => problems(message) });
  onTestFinished(() => handle.close());

  const said: Said[] = [];
  let waiting = () => {};
  let rest = '';
  output.on('data', (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    said.push(...lines.map((line) => JSON.parse(line)));
    waiting();
  });
  const send = (text: string | object) => input.write(`${typeof text === 'string' ? text : JSON.stringify(text)}\n`);
  /** The first answer of which this is true, among those that were not looked at. */
  function answer(isMeant: (message: Said) => boolean): Promise<Said> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('There is no answer')), 5_000);
      waiting = () => {
        const at = said.findIndex(isMeant);
        if (at === -1) return;
        clearTimeout(timer);
        waiting = () => {};
        resolve(said.splice(at, 1)[0] ?? {});
      };
      waiting();
    });
  }
  return {
    ...{ input, output, transport, servers, log, said, send, answer },
    ask(id: number | string, method: string, params?: unknown) {
      send({ jsonrpc: '2.0', id, method, ...(params !== undefined && { params }) });
      return answer((message) => message.id === id);
    },
  };
}

const hanging: Fetch = (_, { signal }) =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

describe('a line', () => {
  test.each([
    ['\ufeff{"jsonrpc":"2.0","id":2,"method":"tools/list","params":null}', { tools: expect.any(Array) }],
    ['{"jsonrpc":"2.0","id":2,"method":"tools/list","params":[]}\r', { tools: expect.any(Array) }],
    [
      '{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"list_clusters","arguments":null,"_meta":[]}}',
      { structuredContent: expect.any(Object) },
    ],
    [
      '{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"list_clusters","arguments":"{\\"limit\\":1}"}}',
      { structuredContent: expect.any(Object) },
    ],
    [
      '{"jsonrpc":"2.0","id":2,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{"roots":null},"clientInfo":{"name":"x","version":"1","title":null}}}',
      { protocolVersion: '2025-11-25' },
    ],
  ])('%j is served', async (line, result) => {
    const { send, answer } = connect();
    send(line);
    expect(await answer(({ id }) => id === 2)).toMatchObject({ result });
  });

  test.each([
    ['garbage', null, -32700],
    ['{"jsonrpc":"2.0","id":4,"method":"ping"', 4, -32700],
    ['{"jsonrpc":"1.0","id":4,"method":"ping"}', 4, -32600],
    ['[{"jsonrpc":"2.0","id":4,"method":"ping"}]', 4, -32600],
    ['{"jsonrpc":"2.0","id":4,"method":"tools/call","params":7}', 4, -32602],
  ])('%j is answered and logged once, and the next is served', async (line, id, code) => {
    const { send, answer, ask, log } = connect();
    send(line);
    const { error, ...rest } = await answer((message) => message.error !== undefined);

    expect(rest).toEqual({ jsonrpc: '2.0', id });
    expect(error).toEqual({ code, message: expect.stringMatching(/^.{1,200}$/) });
    expect(log).toMatchObject([{ level: 40, msg: 'stdio', reason: error?.message }]);
    expect(await ask(5, 'ping')).toMatchObject({ result: {} });
  });

  test('of 11 MB is answered as soon as it is too long, skipped to its end, and the next is served', async () => {
    const { input, answer, ask } = connect();
    const part = 'x'.repeat(1_000_000);
    input.write(`{"jsonrpc":"2.0","id":"long","method":"tools/call","params":{"name":"${part}`);
    for (let n = 0; n < 11; n += 1) input.write(part);

    expect(await answer(({ id }) => id === 'long')).toMatchObject({
      error: { code: -32600, message: 'The message is longer than 10485760 bytes' },
    });
    input.write(`"}}\n`);
    expect(await ask(5, 'ping')).toMatchObject({ result: {} });
  });

  test('of 10 MB in small pieces is read whole', async () => {
    const { input, ask } = connect();
    for (let n = 0; n < 1_000; n += 1) input.write(' '.repeat(10_000));
    expect(await ask(5, 'ping')).toMatchObject({ result: {} });
  });

  test('a batch is answered for each ID', async () => {
    const { send, answer } = connect();
    send([
      { jsonrpc: '2.0', id: 1, method: 'ping' },
      { jsonrpc: '2.0', method: 'notifications/initialized' },
      { jsonrpc: '2.0', id: 'b', method: 'ping' },
    ]);
    for (const id of [1, 'b']) {
      const { error } = await answer((message) => message.id === id);
      expect(error?.message).toContain('send each message separately');
    }
  });

  test('problems in great number are lines in bounded number', async () => {
    const { send, ask, log } = connect();
    for (let n = 0; n < 500; n += 1) send(`garbage ${'x'.repeat(1_000)}`);
    await ask(5, 'ping');
    expect(log).toHaveLength(30);
    expect(JSON.stringify(log).length).toBeLessThan(10_000);
  });
});

describe('a cancellation stops the call', () => {
  test.each([
    [2, { requestId: '2' }],
    ['2', { requestId: 2 }],
    [2, { requestId: 2, reason: { code: 1 } }],
    [2, { requestId: 2, reason: null, _meta: null }],
  ])('of %j with %j', async (id, params) => {
    const aborted = { count: 0, started: 0 };
    const { send, ask } = connect((request, init) => {
      aborted.started += 1;
      init.signal.addEventListener('abort', () => {
        aborted.count += 1;
      });
      return hanging(request, init);
    });
    send({ jsonrpc: '2.0', id, method: 'tools/call', params: { name: 'list_clusters' } });
    await expect.poll(() => aborted.started).toBe(1);

    send({ jsonrpc: '2.0', method: 'notifications/cancelled', params });

    await expect.poll(() => aborted.count).toBe(1);
    expect(await ask(5, 'ping')).toMatchObject({ result: {} });
  });
});

describe('streams', () => {
  test('what a client does not read keeps the server from reading more, until it does', async () => {
    const { input, output, ask } = connect();
    output.pause();
    for (let n = 0; n < 200; n += 1)
      input.write(`${JSON.stringify({ jsonrpc: '2.0', id: n, method: 'tools/list' })}\n`);
    await expect.poll(() => input.isPaused(), { timeout: 5_000 }).toBe(true);
    const unread = output.writableLength;
    await expect.poll(() => output.writableLength).toBe(unread);

    output.resume();

    expect(await ask('last', 'ping')).toMatchObject({ result: {} });
    expect(unread).toBeLessThan(20_000_000);
  });

  test('a broken output ends it once, and what is sent afterwards fails quietly', async () => {
    const { output, transport, log, ask } = connect();
    await ask(1, 'ping');
    let closed = 0;
    const { onclose } = transport;
    transport.onclose = () => {
      closed += 1;
      onclose?.();
    };

    output.destroy(new Error('EPIPE'));
    await expect.poll(() => closed).toBe(1);

    await expect(transport.send({ jsonrpc: '2.0', method: 'notifications/message' })).rejects.toThrow('disconnected');
    await transport.close();
    expect(closed).toBe(1);
    expect(log.filter(({ reason }) => String(reason).includes('EPIPE'))).toHaveLength(1);
  });

  test('the end of the input ends it, after the last line', async () => {
    const { input, transport, said } = connect();
    const closed = new Promise<void>((resolve) => {
      const { onclose } = transport;
      transport.onclose = () => {
        onclose?.();
        resolve();
      };
    });
    input.end('garbage');
    await closed;
    await expect.poll(() => said).toMatchObject([{ id: null, error: { code: -32700 } }]);
  });
});

const LAST = '{"jsonrpc":"2.0","id":"last","method":"tools/call","params":{"name":"list_clusters"}}';

/** What a client is answered to its last call, where the API takes so long, and how long it all took on the clock. */
async function endWith(lastLine: string, apiMs: number) {
  let isSlow = false;
  const world = connect(async () => {
    if (isSlow) await new Promise((resolve) => setTimeout(resolve, apiMs));
    return Response.json({ items: [] });
  });
  // What the first call loads is no part of the time.
  await world.ask('first', 'tools/call', { name: 'list_clusters' });
  isSlow = true;
  const closed = new Promise<void>((resolve) => {
    const { onclose } = world.transport;
    world.transport.onclose = () => {
      onclose?.();
      resolve();
    };
  });
  const took = await hurried(async () => {
    const started = Date.now();
    world.input.end(lastLine);
    await closed;
    return Date.now() - started;
  });
  // Past what may still come.
  await new Promise((resolve) => setImmediate(resolve));
  return { took, answered: world.said.filter(({ id }) => id === 'last') };
}

describe('at the end of its input a client is answered', () => {
  test.each([`${LAST}\n`, LAST])('what it asked last, with a line end or without one: %j', async (line) => {
    const { took, answered } = await endWith(line, 0);

    expect(answered).toMatchObject([{ result: { structuredContent: { clusters: [] } } }]);
    expect(took).toBeLessThan(500);
  });

  test('what takes less than half a second, and not a moment later it ends', async () => {
    const { took, answered } = await endWith(LAST, 400);

    expect(answered).toMatchObject([{ result: { structuredContent: { clusters: [] } } }]);
    expect(took).toBeLessThan(500);
  });

  test('nothing that takes longer', async () => {
    expect(await endWith(LAST, 2_000)).toEqual({ took: 500, answered: [] });
  });

  test('before the server ends', async () => {
    let isSlow = false;
    const { servers } = connect(async (request, init) => {
      const later = new Promise((resolve) => setTimeout(resolve, 400));
      if (isSlow) await Promise.race([later, hanging(request, init)]);
      return Response.json({ items: [] });
    });
    const [input, output] = [new PassThrough(), new PassThrough()];
    let said = '';
    output.on('data', (chunk) => {
      said += chunk;
    });
    const stop = new AbortController().signal;
    const logger = async () => pino({ level: 'silent' });
    const running = runStdio({ servers, logger, input, output, stop });
    input.write(`${LAST.replace('last', 'first')}\n`);
    await expect.poll(() => said).toContain('"first"');

    isSlow = true;
    await hurried(async () => {
      input.end(LAST);
      await running;
    });

    await expect.poll(() => said).toContain('"last"');
    expect(said).not.toContain('"isError"');
  });
});

describe('whatever line comes, it is answered or needs no answer, and the next request is served', () => {
  test.each([
    ['2025', 'ping', undefined],
    ['2026', 'tools/list', { _meta: ENVELOPE }],
  ])(
    '%s',
    async (_, method, params) => {
      const { send, ask, said, answer } = connect();
      await ask('first', method, params);
      let next = 0;
      await fc.assert(
        fc.asyncProperty(oddText, async (line) => {
          said.length = 0;
          send(line);
          next += 1;
          const { error } = await ask(`next ${next}`, method, params);
          expect(error).toBeUndefined();
          if (!hasNoAnswer(line)) await answer((message) => 'result' in message || 'error' in message);
        }),
        { numRuns: 400, endOnFailure: true },
      );
    },
    30_000,
  );
});
