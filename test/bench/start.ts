import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { end, fileAt, HANDSHAKE, PROGRAM, peakMemory, run, speak, startApi, stdioServer } from './programs.ts';
import { type Figure, median, round, spread } from './stats.ts';

/** Milliseconds after which the program has kept its compiled code for the next start. */
const KEPT_MS = 4_000;

const TOKEN = { IONOS_TOKEN: 'any' };

/** Milliseconds from the spawn to the answers. */
async function timeStart(node: string, args: string[], env: Record<string, string> = {}) {
  const started = performance.now();
  const program = run(args, env, node);
  const { request, send } = speak(program);
  await request('initialize', HANDSHAKE);
  const initialize = performance.now() - started;
  send({ method: 'notifications/initialized' });
  await request('tools/list');
  const list = performance.now() - started;
  await end(program);
  return { initialize, list };
}

/** Lets the program live until its compiled code is kept in that home. */
async function warm(node: string, HOME: string) {
  const program = run([PROGRAM], { ...TOKEN, HOME }, node);
  const { initialize, request } = speak(program);
  await initialize();
  await request('tools/list');
  await setTimeout(KEPT_MS);
  const ended = once(program, 'exit');
  program.stdin.end();
  await ended;
}

/** From spawn to the first answers, beside a bare Node that echoes a line, in turns. */
export async function measureStart(rounds: number, { node = process.execPath, label = '' } = {}): Promise<Figure[]> {
  const home = mkdtempSync(path.join(tmpdir(), 'ionos-postgres-mcp-bench-'));
  const bare: number[] = [];
  const cold: number[] = [];
  const kept: number[] = [];
  const list: number[] = [];
  try {
    await warm(node, home);
    for (let n = 0; n < rounds; n += 1) {
      bare.push((await timeStart(node, [fileAt('./bare.mjs')])).initialize);
      const without = { ...TOKEN, NODE_DISABLE_COMPILE_CACHE: '1' };
      cold.push((await timeStart(node, [PROGRAM], without)).initialize);
      const start = await timeStart(node, [PROGRAM], { ...TOKEN, HOME: home });
      kept.push(start.initialize);
      list.push(start.list - start.initialize);
    }
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
  const base = median(bare);
  const against = (times: number[]) => ({
    ...spread(times),
    reference: { name: 'bare Node', value: round(base) },
    ratio: round(median(times) / base),
  });
  const goal = { bar: '≤ 4.0 ×', aim: '≤ 2.5 ×' };
  return [
    { name: `spawn to initialize${label}, first start`, unit: 'ms', ...against(cold), ...goal },
    { name: `spawn to initialize${label}, later start`, unit: 'ms', ...against(kept), ...goal },
    { name: `from there to tools/list${label}`, unit: 'ms', ...spread(list), bar: '≤ 15', aim: '≤ 8' },
  ];
}

/** The path of another version of Node, or undefined where it cannot be had. */
export function nodeAt(version: string): string | undefined {
  try {
    const args = ['-y', `node@${version}`, '-p', 'process.execPath'];
    return execFileSync('npx', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}

/** Over stdio, after tools/list and so many calls. Linux alone tells. */
export async function measureMemory(calls: number): Promise<Figure[]> {
  if (process.platform !== 'linux') return [];
  const api = await startApi({ clusters: 10 });
  const { program, request, call } = await stdioServer(api.url);
  await request('tools/list');
  for (let n = 0; n < calls; n += 1) await call('list_clusters');
  const value = round(peakMemory(program), 1);
  await Promise.all([end(program), end(api.program)]);
  return [{ name: `peak memory after ${calls} calls`, unit: 'MB', value, bar: '≤ 75', aim: '≤ 60' }];
}
