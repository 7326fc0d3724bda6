import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** The built program, as `npm test` makes it before the tests. */
export const PROGRAM = fileURLToPath(new URL('../../dist/index.js', import.meta.url));

/** An answer over JSON-RPC, as far as the tests look into it. */
export interface Answer {
  jsonrpc: '2.0';
  id: number;
  result: {
    protocolVersion?: string;
    isError?: boolean;
    structuredContent?: Record<string, unknown>;
    content?: { type: 'text'; text: string }[];
  };
}

type Environment = Record<string, string>;
type AtEnd = (cleanUp: () => void) => void;

/**
 * Starts the built program with this environment and nothing of the test's own. It does not outlive the test, or what
 * `atEnd` stands for: of tests that run side by side, vitest cannot tell which one is meant.
 */
export function start(args: string[], env: Environment = {}, atEnd: AtEnd = onTestFinished) {
  // A test's own API is version 1 alone, unless it is about both.
  const isPlain = env.IONOS_API_URL !== undefined && !args.includes('--api') && args[0] !== 'sandbox';
  return startNode([PROGRAM, ...args, ...(isPlain ? ['--api', 'v1'] : [])], env, atEnd);
}

export function startNode(args: string[], env: Environment = {}, atEnd: AtEnd = onTestFinished) {
  return startWith(process.execPath, args, env, atEnd);
}

export function startWith(command: string, args: string[], env: Environment = {}, atEnd: AtEnd = onTestFinished) {
  const child = spawn(command, args, { env });
  atEnd(() => void child.kill('SIGKILL'));
  // Writing to a program that has ended is no failure of the test.
  child.stdin.on('error', () => {});

  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  /** Resolves when the program has ended, and with it whoever else holds its stdout and stderr. */
  const ended = once(child, 'close').then(([code, signal]: (number | string | null)[]) => ({
    code,
    signal,
    ...output,
  }));

  const answers = new Map<number, (answer: Answer) => void>();
  createInterface(child.stdout).on('line', (line) => {
    // Programs also write other JSON, over several lines.
    if (!line.startsWith('{"')) return;
    const message: Answer = JSON.parse(line);
    answers.get(message.id)?.(message);
  });
  let lastId = 0;

  const send = (line: string) => child.stdin.write(`${line}\n`);
  const notify = (method: string, params: object = {}) => send(JSON.stringify({ jsonrpc: '2.0', method, params }));
  function request(method: string, params: object = {}): Promise<Answer> {
    lastId += 1;
    const id = lastId;
    const answered = new Promise<Answer>((resolve) => answers.set(id, resolve));
    send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    const unanswered = ended.then(({ code, stderr }): never => {
      throw new Error(`No answer to ${method}: ended with ${code}\n${stderr}`);
    });
    const answer = Promise.race([answered, unanswered]);
    // Whoever does not wait for the answer does not mind that there is none.
    answer.catch(() => {});
    return answer;
  }

  return {
    child,
    output,
    ended,
    send,
    request,
    /** The handshake of the 2025 era. */
    async initialize(protocolVersion = '2025-11-25') {
      const clientInfo = { name: 'test', version: '0.0.0' };
      const answer = await request('initialize', { protocolVersion, capabilities: {}, clientInfo });
      notify('notifications/initialized');
      return answer;
    },
    call: (name: string, args: object = {}) => request('tools/call', { name, arguments: args }),
  };
}

/** A server on this machine in place of the API, or of a proxy; it does not outlive the test. */
export async function listen(answer: RequestListener = () => {}) {
  const server = createServer(answer);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { server, port, url: `http://127.0.0.1:${port}` };
}
