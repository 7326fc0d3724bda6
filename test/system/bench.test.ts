import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { end, fileAt, listening, run, speak, stdioServer } from '../../scripts/bench/programs.ts';

const tsx = path.join(import.meta.dirname, '../../node_modules/.bin/tsx');

// What it measures on a busy machine says nothing; that it measures is all that is checked.
test('the benchmark runs', { timeout: 120_000 }, async () => {
  const bench = path.join(import.meta.dirname, '../../scripts/bench/bench.ts');

  const { stdout } = await promisify(execFile)(tsx, [bench, '--quick', '--json']);

  const { machine, results } = JSON.parse(stdout);
  expect(machine.node).toBe(process.version);
  const parts = ['start', 'memory', 'overhead', 'throughput', 'crowd', 'state', 'tokens', 'growth'];
  expect(Object.keys(results)).toEqual(parts);
  for (const part of parts) {
    for (const { name, value } of results[part]) {
      expect(value, name).toBeTypeOf('number');
      if (name.endsWith('failed')) expect(value, name).toBe(0);
    }
  }
});

describe('a program that is measured', () => {
  const failing = ['-e', 'process.stderr.write("no more"); setTimeout(() => process.exit(3), 100)'];

  test('fails what waits for it when it ends, and whoever asks later', async () => {
    const { request } = speak(run(failing));

    await expect(request('any')).rejects.toThrow(/ended with 3\nno more/);
    await expect(request('any')).rejects.toThrow('ended with 3');
    await expect(listening(failing)).rejects.toThrow('ended with 3');
  });

  test('has to do what it is asked', async () => {
    const { program, call } = await stdioServer('http://127.0.0.1:1');
    onTestFinished(() => end(program));

    await expect(call('get_cluster', { clusterId: '' })).rejects.toThrow(/^get_cluster: .*clusterId/);
  });

  test('does not outlive who measures', async () => {
    const script = `
      import { run } from ${JSON.stringify(fileAt('./programs.ts'))};
      const { pid } = run(['-e', 'setInterval(() => {}, 1000)']);
      process.stdout.write(String(pid), () => Promise.reject(new Error('it failed')));`;

    const { stdout } = await promisify(execFile)(tsx, ['--input-type=module', '-e', script]).catch((error) => error);

    expect(Number(stdout)).toBeGreaterThan(0);
    await expect.poll(() => isRunning(Number(stdout)), { timeout: 10_000 }).toBe(false);
  });
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
