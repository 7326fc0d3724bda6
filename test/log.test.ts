import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import type { LogLevel } from '../src/log.ts';
import { createLogger } from '../src/log.ts';

function logger(level: LogLevel) {
  const lines: string[] = [];
  const log = createLogger(level, { write: (line) => void lines.push(line) });
  return { log, lines, entries: () => lines.map((line) => JSON.parse(line)) };
}

test('a line is JSON with the level as a word, an ISO time and nothing about the machine', () => {
  const { log, entries } = logger('info');
  log.warn({ tool: 'get_cluster' }, 'slow');
  expect(entries()).toEqual([
    { level: 'warn', time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/), tool: 'get_cluster', msg: 'slow' },
  ]);
});

test('what is below the level is left out, and silent leaves out everything', () => {
  const quiet = logger('warn');
  quiet.log.info('no');
  quiet.log.warn('yes');
  expect(quiet.entries()).toEqual([expect.objectContaining({ msg: 'yes' })]);

  const silent = logger('silent');
  silent.log.fatal('no');
  expect(silent.lines).toEqual([]);
});

test('authorization, password and token are hidden at every depth in use, and in errors', () => {
  const { log, lines, entries } = logger('info');
  const secrets = { authorization: 'hush', Authorization: 'hush', password: 'hush', token: 'hush' };
  const nested = { ...secrets, a: { ...secrets, b: [{ ...secrets, c: { ...secrets } }] } };
  log.info(nested, 'hello');
  log.child(secrets).info('hello');
  log.error({ err: Object.assign(new Error('boom'), { request: { headers: secrets } }) });
  expect(lines.join('')).not.toContain('hush');
  expect(entries()[2].err).toMatchObject({ message: 'boom', request: { headers: { token: '[Redacted]' } } });
  expect(nested.a.password).toBe('hush');
});

test('it writes to stderr, never to stdout, and loses nothing at exit', () => {
  const code = `import { createLog } from './src/log.ts'; createLog('info', process.stderr).info('last words'); process.exit();`;
  const args = ['--import', 'tsx', '--input-type=module', '--eval', code];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(stdout).toBe('');
  expect(JSON.parse(stderr)).toMatchObject({ level: 'info', msg: 'last words' });
});
