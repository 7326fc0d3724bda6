import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const root = path.join(import.meta.dirname, '../..');

test('the package as installed works over every transport', { timeout: 120_000 }, async () => {
  const tsx = path.join(root, 'node_modules/.bin/tsx');
  const { stdout } = await promisify(execFile)(tsx, ['scripts/smoke.ts', '--here'], { cwd: root });

  expect(stdout).toMatch(/^installed: 1 package, \d+ kB unpacked$/m);
  expect(stdout).toContain(`Node ${process.version}: over stdio, HTTP and SSE, and the sandbox by itself`);
});
