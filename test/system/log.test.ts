import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  constants,
  existsSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { type Answer, PROGRAM } from '../helpers/process.ts';
import { raw, rpc } from '../helpers/raw-http.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

// A process starts slowly on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const ORDERS = 'b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041';
const ANALYTICS = '7c9e2d54-8b1f-4a63-b0d7-5e3f19a8c462';
const RENAME = { clusterId: ORDERS, displayName: 'renamed' };

/** A folder that does not outlive the test. */
/** The built program with this as its stderr, over stdio. */
function start(stderr: number | 'pipe', ...args: string[]) {
  const child = spawn(process.execPath, [PROGRAM, '--sandbox', ...args], { env: {}, stdio: ['pipe', 'pipe', stderr] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const { stdin, stdout } = child;
  if (!stdin || !stdout) throw new Error('no pipes');
  stdin.on('error', () => {});
  const ended = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
  const answers = new Map<number, (answer: Answer) => void>();
  let printed = '';
  createInterface(stdout).on('line', (line) => {
    printed += line;
    if (!line.includes('"jsonrpc"')) return;
    const answer: Answer = JSON.parse(line);
    answers.get(answer.id)?.(answer);
  });
  let id = 0;
  function request(method: string, params: object): Promise<Answer> {
    id += 1;
    const answered = new Promise<Answer>((resolve) => answers.set(id, resolve));
    stdin?.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    return answered;
  }
  async function call(name: string, args: object = {}) {
    const { result } = await request('tools/call', { name, arguments: args });
    return { isError: result.isError ?? false, text: result.content?.[0]?.text ?? '' };
  }
  return {
    child,
    ended,
    call,
    printed: () => printed,
    async initialize() {
      const clientInfo = { name: 'test', version: '0' };
      await request('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo });
    },
    async stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

/** A pipe that is full and that nobody reads. */
function fullPipe() {
  const fifo = path.join(temporaryFolder('log'), 'pipe');
  execFileSync('mkfifo', [fifo]);
  const fd = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
  onTestFinished(() => closeSync(fd));
  const junk = Buffer.alloc(4096, '\n');
  try {
    for (;;) writeSync(fd, junk);
  } catch {
    // It is full.
  }
  return {
    fd: openForWriting(fifo),
    /** What came through it so far. */
    read() {
      const bytes = Buffer.alloc(1 << 20);
      try {
        return bytes.toString('utf8', 0, readSync(fd, bytes));
      } catch {
        return '';
      }
    },
  };
}

function openForWriting(file: string): number {
  const fd = openSync(file, 'a');
  onTestFinished(() => closeSync(fd));
  return fd;
}

const linesIn = (file: string): Record<string, unknown>[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line))
    : [];

const UNLOGGED = /^Nothing was sent\..*the log cannot be written/;

describe.skipIf(process.platform === 'win32')('a pipe that nobody reads', () => {
  test.each([
    ['info', 500],
    ['silent', 10],
  ])('keeps nothing from being read, and no write is sent (%s)', async (level, times) => {
    const { fd, read } = fullPipe();
    const { initialize, call, stop } = start(fd, '--log-level', level);
    await initialize();

    const reads = await Promise.all(Array.from({ length: times }, () => call('list_clusters')));
    const write = await call('update_cluster', RENAME);
    const after = await call('get_cluster', { clusterId: ORDERS });

    expect(reads.filter(({ isError }) => isError)).toEqual([]);
    expect(write).toEqual({ isError: true, text: expect.stringMatching(UNLOGGED) });
    expect(after.text).toContain('"displayName":"orders"');

    let shown = '';
    const reading = setInterval(() => {
      shown += read();
    }, 10);
    onTestFinished(() => clearInterval(reading));
    const again = await call('update_cluster', RENAME);
    expect(again.isError).toBe(false);
    await vi.waitUntil(() => shown.match(/"audit":true.*"outcome":"started"/), 10_000);
    expect(shown.match(/"msg":"begin"/g)).toHaveLength(2);
    expect(await stop()).toEqual({ code: 0, signal: null });
  });

  test('does not keep it from ending', async () => {
    const { fd } = fullPipe();
    const { initialize, call, stop } = start(fd);
    await initialize();
    await call('list_clusters');

    const stopped = performance.now();

    expect(await stop()).toEqual({ code: 0, signal: null });
    expect(performance.now() - stopped).toBeLessThan(5_000);
  });

  test('leaves a host alive, and ready to end', async () => {
    const { fd } = fullPipe();
    const { printed, stop } = start(
      fd,
      '--transport',
      'http',
      '--port',
      '0',
      '--rate-limit',
      '0',
      '--drain-delay',
      '0',
    );
    const url = await vi.waitUntil(() => /http:\/\/127\.0\.0\.1:\d+/.exec(printed())?.[0], 20_000);

    for (let n = 0; n < 5; n += 1) {
      const calls = Array.from({ length: 50 }, () => rpc(url, 'tools/call', { name: 'list_clusters', arguments: {} }));
      expect(new Set((await Promise.all(calls)).map(({ status }) => status))).toEqual(new Set([200]));
    }
    const write = await rpc(url, 'tools/call', { name: 'update_cluster', arguments: RENAME });

    expect(write.body).toContain('the log cannot be written');
    expect((await raw(`${url}/healthz`, { method: 'GET' })).status).toBe(200);
    expect(await stop()).toEqual({ code: 0, signal: null });
  });
});

describe.skipIf(!existsSync('/dev/full'))('a full disk', () => {
  test.each(['info', 'silent'])('is named where a write is refused, and reads go on (%s)', async (level) => {
    const { initialize, call, stop } = start(openForWriting('/dev/full'), '--log-level', level);
    await initialize();

    const write = await call('update_cluster', RENAME);
    const after = await call('get_cluster', { clusterId: ORDERS });

    expect(write).toEqual({ isError: true, text: expect.stringMatching(UNLOGGED) });
    expect(write.text).toContain('(ENOSPC)');
    expect(after.text).toContain('"displayName":"orders"');
    expect(await stop()).toEqual({ code: 0, signal: null });
  });
});

test('a reader that has hung up keeps nothing from being read, and no write is sent', async () => {
  const { child, initialize, call, stop } = start('pipe');
  child.stderr?.destroy();
  await initialize();

  const reads = [await call('list_clusters'), await call('list_clusters')];
  const write = await call('update_cluster', RENAME);

  expect(reads.filter(({ isError }) => isError)).toEqual([]);
  expect(write).toEqual({ isError: true, text: expect.stringMatching(UNLOGGED) });
  expect(await stop()).toEqual({ code: 0, signal: null });
});

test('a write that is killed in the middle leaves its trace, one that ends its outcome as well', async () => {
  const file = path.join(temporaryFolder('log'), 'log');
  const { child, initialize, call, ended } = start(openForWriting(file), '--latency', '200');
  await initialize();
  const lines = () => linesIn(file).filter(({ audit }) => audit);

  await call('update_cluster', { ...RENAME, dryRun: true });
  await call('update_cluster', RENAME);
  void call('update_cluster', { clusterId: ANALYTICS, displayName: 'renamed' });
  await vi.waitUntil(() => lines().length === 4, { timeout: 10_000, interval: 5 });
  child.kill('SIGKILL');
  await ended;

  const [preview, begin, end, killed, ...more] = lines();
  expect(preview).toMatchObject({ outcome: 'preview', msg: 'call' });
  expect(preview).not.toHaveProperty('write');
  expect(begin).toMatchObject({ caller: 'stdio', tool: 'update_cluster', target: ORDERS, msg: 'begin' });
  expect(begin?.write).toMatch(/^[\da-f]{8}$/);
  expect(end).toMatchObject({ outcome: 'started', write: begin?.write, msg: 'call' });
  expect(killed).toMatchObject({ target: ANALYTICS, msg: 'begin' });
  expect(killed?.write).not.toBe(begin?.write);
  expect(more).toEqual([]);
});

describe.skipIf(process.platform === 'win32')('--audit-file', () => {
  test('has the lines of writes, behind what was there, and for the owner alone', async () => {
    const file = path.join(temporaryFolder('log'), 'audit');
    const kept = path.join(temporaryFolder('log'), 'kept');
    writeFileSync(kept, '{"from":"before"}\n');
    const fresh = start('pipe', '--audit-file', file, '--access', 'write');
    await fresh.initialize();

    await fresh.call('list_clusters');
    await fresh.call('update_cluster', RENAME);
    await fresh.call('update_cluster', { clusterId: ORDERS, ram: 1 });
    const second = start('pipe', '--audit-file', kept);
    await second.initialize();
    await second.call('update_cluster', RENAME);

    expect(statSync(file).mode & 0o777).toBe(0o600);
    const [begin, end, refusal, ...more] = linesIn(file);
    expect(begin).toMatchObject({ tool: 'update_cluster', target: ORDERS, msg: 'begin' });
    expect(end).toMatchObject({ outcome: 'started', write: begin?.write });
    expect(refusal).toMatchObject({ outcome: 'refused', audit: true });
    expect(more).toEqual([]);
    expect(linesIn(kept)).toMatchObject([{ from: 'before' }, { msg: 'begin' }, { outcome: 'started' }]);
  });

  test('stands in for a stderr that nobody reads', async () => {
    const file = path.join(temporaryFolder('log'), 'audit');
    const { initialize, call } = start(fullPipe().fd, '--audit-file', file);
    await initialize();

    expect((await call('update_cluster', RENAME)).isError).toBe(false);
    expect(linesIn(file)).toMatchObject([{ msg: 'begin' }, { outcome: 'started' }]);
  });

  test('that was deleted takes no more writes', async () => {
    const file = path.join(temporaryFolder('log'), 'audit');
    const { initialize, call } = start('pipe', '--audit-file', file);
    await initialize();
    rmSync(file);

    expect((await call('update_cluster', RENAME)).text).toMatch(UNLOGGED);
    expect((await call('list_clusters')).isError).toBe(false);
  });

  test('that cannot be used ends the start in words', async () => {
    const place = temporaryFolder('log');
    const [link, pipe, missing] = ['link', 'pipe', 'no/such'].map((name) => path.join(place, name)) as [
      string,
      string,
      string,
    ];
    symlinkSync(path.join(place, 'real'), link);
    execFileSync('mkfifo', [pipe]);

    const starts = [place, link, pipe, missing, '/dev/null'].map(async (file) => {
      const log = path.join(temporaryFolder('log'), 'log');
      const { ended } = start(openForWriting(log), '--audit-file', file);
      return { ...(await ended), words: readFileSync(log, 'utf8') };
    });

    for (const { code, words } of await Promise.all(starts)) {
      expect(code).toBe(2);
      expect(words).toMatch(/^ionos-postgres-mcp: --audit-file/);
    }
    expect(existsSync(path.join(place, 'real'))).toBe(false);
  });
});
