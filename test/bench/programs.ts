import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const fileAt = (place: string) => fileURLToPath(new URL(place, import.meta.url));
export const PROGRAM = fileAt('../../dist/index.js');

/** With nothing of this machine's: NODE_EXTRA_CA_CERTS, for one, adds tens of milliseconds to each start of Node. */
export const environment = (more: Record<string, string> = {}) => {
  const { PATH = '', HOME = '' } = process.env;
  return { PATH, HOME, ...more };
};

export type Program = ChildProcessWithoutNullStreams;

export function run(args: string[], env: Record<string, string> = {}, node = process.execPath): Program {
  return spawn(node, args, { env: environment(env), stdio: 'pipe' });
}

export async function end(program: Program): Promise<void> {
  if (program.exitCode !== null || program.signalCode !== null) return;
  const ended = once(program, 'exit');
  program.kill('SIGKILL');
  await ended;
}

/** A program that prints where it listens, and the address. */
export async function listening(args: string[], env: Record<string, string> = {}) {
  const program = run(args, env);
  const words: string[] = [];
  for await (const line of createInterface(program.stdout)) {
    words.push(line);
    const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? [];
    if (url) return { program, url };
  }
  throw new Error(`It does not listen: ${words.join('\n')}`);
}

/** An API that answers at once, or after some time, with a page of so many clusters. */
export function startApi({ clusters = 1, delayMs = 0 } = {}) {
  return listening([fileAt('./api.mjs'), String(clusters), String(delayMs)]);
}

/** Megabytes that a process has had at most. */
export function peakMemory({ pid }: Program): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

interface Answer {
  id: number;
  result: { instructions?: string; tools?: { name: string }[]; structuredContent?: Record<string, unknown> };
}

/** JSON-RPC over stdio, as bare as it gets. */
export function speak(program: Program) {
  const waiting = new Map<number, (answer: Answer) => void>();
  createInterface(program.stdout).on('line', (line) => {
    const answer: Answer = JSON.parse(line);
    waiting.get(answer.id)?.(answer);
  });
  let last = 0;
  const send = (message: object) => program.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  function request(method: string, params: object = {}): Promise<Answer> {
    last += 1;
    const id = last;
    const answered = new Promise<Answer>((resolve) => waiting.set(id, resolve));
    send({ id, method, params });
    return answered;
  }
  return {
    send,
    request,
    async initialize() {
      const answer = await request('initialize', HANDSHAKE);
      send({ method: 'notifications/initialized' });
      return answer;
    },
  };
}

/** The built program over stdio, on the API at that address. */
export async function stdioServer(apiUrl: string) {
  const program = run([PROGRAM], { IONOS_API_URL: apiUrl, IONOS_TOKEN: 'any' });
  program.stderr.resume();
  const { initialize, request } = speak(program);
  const { result } = await initialize();
  return {
    program,
    request,
    result,
    call: (name: string, args = {}) => request('tools/call', { name, arguments: args }),
  };
}

/** The same over HTTP, without limits. */
export async function httpServer(apiUrl: string) {
  const flags = ['--transport', 'http', '--port', '0', '--rate-limit', '0', '--drain-delay', '0'];
  const server = await listening([PROGRAM, ...flags], { IONOS_API_URL: apiUrl, IONOS_TOKEN: 'any' });
  server.program.stderr.resume();
  return server;
}

export const HANDSHAKE = {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'bench', version: '0' },
};
