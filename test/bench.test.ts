import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

// What it measures on a busy machine says nothing; that it measures is all that is checked.
test('the benchmark runs', { timeout: 120_000 }, async () => {
  const tsx = path.join(import.meta.dirname, '../node_modules/.bin/tsx');
  const bench = path.join(import.meta.dirname, 'bench/bench.ts');

  const { stdout } = await promisify(execFile)(tsx, [bench, '--quick', '--json']);

  const { machine, results } = JSON.parse(stdout);
  expect(machine.node).toBe(process.version);
  const parts = ['start', 'memory', 'overhead', 'throughput', 'crowd', 'tokens', 'growth'];
  expect(Object.keys(results)).toEqual(parts);
  for (const part of parts) {
    for (const { name, value } of results[part]) {
      expect(value, name).toBeTypeOf('number');
      if (name.endsWith('failed')) expect(value, name).toBe(0);
    }
  }
});
