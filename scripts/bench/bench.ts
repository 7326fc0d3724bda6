// Measures what the program costs, each figure beside another of the same run: npm run bench [-- --json] [-- --quick]
import os from 'node:os';
import { parseArgs } from 'node:util';
import { measureGrowth, measureOverhead } from './overhead.ts';
import { measureSize } from './size.ts';
import { measureMemory, measureStart, nodeAt } from './start.ts';
import { measureReplicas, measureState } from './state.ts';
import type { Figure } from './stats.ts';
import { measureCrowd, measureThroughput } from './throughput.ts';
import { measureTokens } from './tokens.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    /** So few rounds that only their running tells anything. */
    quick: { type: 'boolean' },
    /** Those parts alone, separated by commas. */
    only: { type: 'string' },
  },
});
const { json = false, quick = false, only } = values;

const LATER_NODE = '24';

const parts: Record<string, () => Promise<Figure[]>> = {
  start: () => measureStart(quick ? 1 : 25),
  start24: async () => {
    const node = nodeAt(LATER_NODE);
    return node ? measureStart(25, { node, label: ` on Node ${LATER_NODE}` }) : [];
  },
  memory: () => (quick ? measureMemory(1, 2) : measureMemory(5, 100)),
  overhead: () => measureOverhead(quick ? 4 : 2_000),
  throughput: () =>
    measureThroughput(
      quick ? { connections: [2], rounds: 1, ms: 50 } : { connections: [1, 16, 64], rounds: 15, ms: 1_000 },
    ),
  crowd: () => (quick ? measureCrowd(5, 20, 1) : measureCrowd(500, 200, 7)),
  state: async () => [
    ...(await measureState(quick ? { rounds: 1, calls: 4 } : { rounds: 15, calls: 300 })),
    ...(await measureReplicas(quick ? { rounds: 1, ms: 50 } : { rounds: 9, ms: 1_000 })),
  ],
  tokens: measureTokens,
  growth: () => (quick ? measureGrowth([10], 4) : measureGrowth([10, 100, 1_000, 10_000], 400)),
  size: measureSize,
};

// The programs that run end with this one, but not by a signal that only this one gets.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1));

/** They install what they measure. */
const SLOW = ['start24', 'size'];
const chosen = only?.split(',') ?? Object.keys(parts).filter((name) => !quick || !SLOW.includes(name));
const results: Record<string, Figure[]> = {};
for (const name of chosen) {
  const measure = parts[name];
  if (!measure) throw new Error(`There is no part ${name}; there are ${Object.keys(parts).join(', ')}`);
  results[name] = await measure();
  if (!json) print(name, results[name]);
}
if (json) process.stdout.write(`${JSON.stringify({ machine: machine(), results }, null, 2)}\n`);

function machine() {
  const [cpu] = os.cpus();
  return { node: process.version, platform: `${os.platform()} ${os.arch()}`, cpus: os.cpus().length, cpu: cpu?.model };
}

function print(name: string, figures: readonly Figure[]) {
  const rows = figures.map(({ name, unit, value, low, high, reference, ratio, bar = '', aim = '' }) => [
    name,
    `${value} ${unit}`,
    low === undefined ? '' : `${low} to ${high}`,
    reference ? `${reference.name} ${reference.value}` : '',
    ratio === undefined ? '' : `${ratio} ×`,
    [bar, aim && `aim ${aim}`].filter(Boolean).join(', '),
  ]);
  const widths = rows.reduce<number[]>(
    (widths, row) => row.map((cell, n) => Math.max(cell.length, widths[n] ?? 0)),
    [],
  );
  process.stdout.write(`\n${name}\n`);
  for (const row of rows) {
    process.stdout.write(
      `  ${row
        .map((cell, n) => cell.padEnd(widths[n] ?? 0))
        .join('  ')
        .trimEnd()}\n`,
    );
  }
}
