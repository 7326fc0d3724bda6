import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const fileAt = (place: string) => fileURLToPath(new URL(place, import.meta.url));
export const PROGRAM = fileAt('../../dist/index.js');
/** A key, and its certificate for api.example.invalid. */
const PEM = fileAt('../../test/helpers/api.example.invalid.pem');

/** With nothing of this machine's: NODE_EXTRA_CA_CERTS, for one, adds tens of milliseconds to each start of Node. */
export const environment = (more: Record<string, string> = {}) => {
  const { PATH = '', HOME = '' } = process.env;
  return { PATH, HOME, ...more };
};

export type Program = ChildProcessWithoutNullStreams;

/** Whatever becomes of the measuring, none of them outlives it. */
const running = new Set<Program>();
process.on('exit', () => {
  for (const program of running) program.kill('SIGKILL');
});

export function run(args: string[], env: Record<string, string> = {}, node = process.execPath): Program {
  const program = spawn(node, args, { env: environment(env), stdio: 'pipe' });
  running.add(program);
  program.on('exit', () => running.delete(program));
  // Writing to a program that has ended is told by its end.
  program.stdin.on('error', () => {});
  return program;
}

/** Rejects when the program ends, with the last that it wrote to stderr. */
export function failureOf(program: Program): Promise<never> {
  let last = '';
  program.stderr.on('data', (chunk) => {
    last = chunk;
  });
  const failure = once(program, 'close').then(([code, signal]): never => {
    throw new Error(`${program.spawnargs.slice(1).join(' ')} ended with ${code ?? signal}\n${last}`);
  });
  // That it ends when its time has come is no failure.
  failure.catch(() => {});
  return failure;
}

export async function end(program: Program): Promise<void> {
  if (program.exitCode !== null || program.signalCode !== null) return;
  const ended = once(program, 'exit');
  program.kill('SIGKILL');
  await ended;
}

interface Settings {
  flags?: string[];
  env?: Record<string, string>;
}

/** A program that prints where it listens, and the address. */
export async function listening(args: string[], env: Record<string, string> = {}) {
  const program = run(args, env);
  const address = new Promise<string>((resolve) => {
    createInterface(program.stdout).on('line', (line) => {
      const [url] = /https?:\/\/127\.0\.0\.1:\d+/.exec(line) ?? [];
      if (url) resolve(url);
    });
  });
  return { program, url: await Promise.race([address, failureOf(program)]) };
}

/** An API that answers at once, or after some time, with a page of so many clusters. */
export function startApi({ clusters = 1, delayMs = 0 } = {}) {
  return listening([fileAt('./api.mjs'), String(clusters), String(delayMs)]);
}

/** The same behind TLS and a proxy, with the settings that lead there. */
export async function startApiBehindProxy({ clusters = 1 } = {}) {
  const api = await listening([fileAt('./api.mjs'), String(clusters), '0', PEM]);
  const proxy = await listening([fileAt('./proxy.mjs'), new URL(api.url).port]);
  return {
    programs: [api.program, proxy.program],
    settings: { IONOS_API_URL: 'https://api.example.invalid', HTTPS_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: PEM },
  };
}

/** Megabytes that a process has had at most. */
export function peakMemory({ pid }: Program): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

interface Answer {
  id: number;
  error?: object;
  result: {
    isError?: boolean;
    content?: object[];
    instructions?: string;
    tools?: { name: string }[];
    structuredContent?: Record<string, unknown>;
  };
}

/** JSON-RPC over stdio, as bare as it gets; what stays without an answer rejects when the program ends. */
export function speak(program: Program) {
  const waiting = new Map<number, { resolve(answer: Answer): void; reject(error: Error): void }>();
  createInterface(program.stdout).on('line', (line) => {
    const answer: Answer = JSON.parse(line);
    waiting.get(answer.id)?.resolve(answer);
    waiting.delete(answer.id);
  });
  const failure = failureOf(program);
  failure.catch((error) => {
    for (const { reject } of waiting.values()) reject(error);
  });
  let last = 0;
  const send = (message: object) => program.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  function request(method: string, params: object = {}): Promise<Answer> {
    last += 1;
    const id = last;
    const answered = new Promise<Answer>((resolve, reject) => waiting.set(id, { resolve, reject }));
    send({ id, method, params });
    return program.exitCode === null && program.signalCode === null ? answered : failure;
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

/** The built program over stdio, on the API at that address or by these settings; a call that fails rejects. */
export async function stdioServer(api: string | Record<string, string>) {
  const settings = typeof api === 'string' ? { IONOS_API_URL: api } : api;
  const program = run([PROGRAM], { ...settings, IONOS_TOKEN: 'any' });
  const { initialize, request } = speak(program);
  const { result } = await initialize();
  return {
    program,
    request,
    result,
    async call(name: string, args = {}) {
      const answer = await request('tools/call', { name, arguments: args });
      if (!answer.error && !answer.result.isError) return answer;
      throw new Error(`${name}: ${JSON.stringify(answer.error ?? answer.result.content)}`);
    },
  };
}

/** The same over HTTP, without limits. */
export async function httpServer(apiUrl: string, { flags: more = [], env = {} }: Settings = {}) {
  const flags = ['--transport', 'http', '--port', '0', '--rate-limit', '0', '--drain-delay', '0', ...more];
  return listening([PROGRAM, ...flags], { IONOS_API_URL: apiUrl, IONOS_TOKEN: 'any', ...env });
}

export const HANDSHAKE = {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'bench', version: '0' },
};
