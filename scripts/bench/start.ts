import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import {
  end,
  fileAt,
  HANDSHAKE,
  PROGRAM,
  peakMemory,
  run,
  speak,
  startApi,
  startApiBehindProxy,
  stdioServer,
} from './programs.ts';
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
  const lists: Record<'cold' | 'kept', number[]> = { cold: [], kept: [] };
  try {
    await warm(node, home);
    for (let n = 0; n < rounds; n += 1) {
      bare.push((await timeStart(node, [fileAt('./bare.mjs')])).initialize);
      const without = { ...TOKEN, NODE_DISABLE_COMPILE_CACHE: '1' };
      const first = await timeStart(node, [PROGRAM], without);
      const later = await timeStart(node, [PROGRAM], { ...TOKEN, HOME: home });
      cold.push(first.initialize);
      lists.cold.push(first.list - first.initialize);
      kept.push(later.initialize);
      lists.kept.push(later.list - later.initialize);
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
  const soon = { bar: '≤ 15', aim: '≤ 8' };
  return [
    { name: `spawn to initialize${label}, first start`, unit: 'ms', ...against(cold), ...goal },
    { name: `spawn to initialize${label}, later start`, unit: 'ms', ...against(kept), ...goal },
    { name: `from there to tools/list${label}, first start`, unit: 'ms', ...spread(lists.cold), ...soon },
    { name: `from there to tools/list${label}, later start`, unit: 'ms', ...spread(lists.kept), ...soon },
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

/** At most, of a bare Node that has echoed a line. */
async function bareMemory(): Promise<number> {
  const program = run([fileAt('./bare.mjs')]);
  await speak(program).request('any');
  const peak = peakMemory(program);
  await end(program);
  return peak;
}

/** At most, over stdio, after tools/list and so many calls. */
async function ownMemory(api: string | Record<string, string>, calls: number): Promise<number> {
  const { program, request, call } = await stdioServer(api);
  await request('tools/list');
  for (let n = 0; n < calls; n += 1) await call('list_clusters');
  const peak = peakMemory(program);
  await end(program);
  return peak;
}

/** Beside a bare Node, in turns, on the way to the API and through a proxy. Linux alone tells. */
export async function measureMemory(rounds: number, calls: number): Promise<Figure[]> {
  if (process.platform !== 'linux') return [];
  const api = await startApi({ clusters: 10 });
  const behindProxy = await startApiBehindProxy({ clusters: 10 });
  const bare: number[] = [];
  const direct: number[] = [];
  const proxied: number[] = [];
  for (let n = 0; n < rounds; n += 1) {
    bare.push(await bareMemory());
    direct.push(await ownMemory(api.url, calls));
    proxied.push(await ownMemory(behindProxy.settings, calls));
  }
  await Promise.all([api.program, ...behindProxy.programs].map(end));
  const base = median(bare);
  const figure = (name: string, peaks: number[]): Figure => ({
    ...{ name: `peak memory after ${calls} calls${name}`, unit: 'MB', ...spread(peaks, 1) },
    ...{ reference: { name: 'bare Node', value: round(base, 1) }, ratio: round(median(peaks) / base) },
    ...{ bar: '≤ 75', aim: '≤ 60' },
  });
  return [figure('', direct), figure(' through a proxy', proxied)];
}
