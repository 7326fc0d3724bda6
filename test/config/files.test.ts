import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readFile } from '../../src/config/files.ts';
import { loadConfig } from '../../src/config/index.ts';
import { homeFolder, shownPath, toPath } from '../../src/config/paths.ts';
import { ConfigError } from '../../src/errors.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const SECRET = 'planted-content';

const place = (name = 'file') => path.join(temporaryFolder('files'), name);

function written(content: string | Buffer): string {
  const file = place();
  writeFileSync(file, content);
  return file;
}

const problemOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'none';
};

const reading = (file: string, maxBytes?: number) => problemOf(() => readFile(file, '--policy', maxBytes));

const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16();

test.each<[string, string | Buffer]>([
  ['as it is', 'a\nb\u00e9'],
  ['with a byte order mark', '\ufeffa\nb\u00e9'],
  ['with line ends of Windows', 'a\r\nb\u00e9'],
  ['with line ends of old Macs', 'a\rb\u00e9'],
  ['in UTF-16, as PowerShell writes it', Buffer.from('\ufeffa\r\nb\u00e9', 'utf16le')],
  ['in UTF-16, the other way round', utf16be('\ufeffa\nb\u00e9')],
])('a file is read %s', (_, content) => {
  expect(readFile(written(content), '--policy')).toBe('a\nb\u00e9');
});

test.each<[string, Buffer]>([
  ['Latin-1', Buffer.from(`${SECRET}\u00e9`, 'latin1')],
  ['UTF-16 without a mark', Buffer.from(SECRET, 'utf16le')],
  ['UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0])],
  ['a program', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2, 3])],
])('%s is named as not being text in UTF-8', (_, content) => {
  const file = written(content);
  expect(reading(file)).toBe(`--policy: ${file} is not text in UTF-8; save it as UTF-8`);
});

test('a file that is too large is not read to its end', () => {
  expect(reading(written('x'.repeat(1024)), 1024)).toBe('none');
  expect(reading(written('x'.repeat(1025)), 1024)).toMatch(/ is larger than 1 kB$/);
  expect(reading(written(Buffer.alloc((1 << 20) + 1, 'x')))).toMatch(/ is larger than 1024 kB$/);
});

test('what is no regular file is refused, and nobody waits for it', () => {
  const fifo = place('fifo');
  expect(spawnSync('mkfifo', [fifo]).status).toBe(0);
  expect(reading(fifo)).toBe(`--policy: ${fifo} is not a regular file, but a pipe or a device`);
  const cwd = process.cwd();
  process.chdir(path.dirname(fifo));
  onTestFinished(() => process.chdir(cwd));
  expect(reading('fifo')).toBe('--policy: fifo is not a regular file, but a pipe or a device');
  expect(reading('/dev/null')).toContain('is not a regular file');
  expect(reading('/dev/zero')).toContain('is not a regular file');
  expect(reading(path.dirname(fifo))).toContain('is a folder');
});

test('a file that is missing or must not be read is named, with the reason', () => {
  const file = place('gone.json');
  expect(reading(file)).toBe(`--policy: cannot read ${file} (ENOENT)`);
  expect(reading(`${written('x')}/below`)).toContain('(ENOTDIR)');
  const closed = written(SECRET);
  chmodSync(closed, 0);
  if (os.userInfo().uid !== 0) expect(reading(closed)).toBe(`--policy: cannot read ${closed} (EACCES)`);
});

test('every setting that names a file says the same of it', () => {
  const fifo = place('fifo');
  spawnSync('mkfifo', [fifo]);
  const words = `${fifo} is not a regular file, but a pipe or a device`;
  expect(problemOf(() => loadConfig(['--sandbox', '--policy', fifo], {}, readFile))).toBe(`--policy: ${words}`);
  expect(problemOf(() => loadConfig([], { IONOS_TOKEN_FILE: fifo }, readFile))).toBe(`IONOS_TOKEN_FILE: ${words}`);
  const large = written('x'.repeat(65 * 1024));
  expect(problemOf(() => loadConfig([], { IONOS_TOKEN_FILE: large }, readFile))).toContain('is larger than 64 kB');
});

test.each([
  'eyJhbGciOiJSUzI1NiJ9.e30.c2ln',
  'Bearer abc.def',
  'me:full:planted',
  'Zm9vYmFyYmF6Zm9vYmFyYmF6Zm9vYmFyYmF6Zm9vYmFyYmF6',
])('a token in place of a path is named and not shown: %s', (token) => {
  for (const act of [
    () => loadConfig(['--sandbox', '--policy', token], {}, readFile),
    () => loadConfig(['--sandbox', '--credentials-dir', token], {}, readFile),
    () => loadConfig([], { IONOS_TOKEN_FILE: token }, readFile),
  ]) {
    expect(problemOf(act)).toMatch(/^\S+ contains a token; it must be the path of a file$/);
  }
});

test.each([
  ['/run/secrets/ionos', true],
  ['./policy.json', true],
  ['../x/tokens', true],
  ['C:\\Users\\me\\token.txt', true],
  ['policy.json', true],
  ['hunter2', false],
  ['correct horse battery staple', false],
  ['/9j4AAQSkZJRgABAQAAAQABAADs9j4AAQSkZJRg', false],
  ['/run/\u001b[31m', false],
  ['abc.0123456789abcdef0123456789abcdef.def', false],
])('of the path %j a message shows what cannot be a secret: %s', (text, isShown) => {
  expect(shownPath(text) === text).toBe(isShown);
});

const env = { HOME: '/home/me', USERPROFILE: '/home/me' };
const pathOf = (typed: string) => toPath(typed, '--policy', env);

test.each([
  ['~/pg', '/home/me/pg'],
  ['~', '/home/me'],
  [' ~/a/~b\n', '/home/me/a/~b'],
  ['/a/~/b', '/a/~/b'],
  ['a~1/b', 'a~1/b'],
  ['file:///run/secrets/x%20y', '/run/secrets/x y'],
  ['FILE:///run/x', '/run/x'],
  ['/mnt/c$/x', '/mnt/c$/x'],
  ['/a/100%/b', '/a/100%/b'],
])('the path %j is %s', (typed, meant) => {
  expect(path.normalize(pathOf(typed)).replace(/(?<=.)\/$/, '')).toBe(meant);
});

test.each([
  ['$HOME/pg', 'such as $HOME'],
  [['$', '{HOME}/pg'].join(''), 'such as $HOME'],
  ['/home/$USER/pg', 'such as $HOME'],
  ['$env:USERPROFILE\\pg', 'such as $HOME'],
  ['$(pwd)/pg', 'such as $HOME'],
  ['%USERPROFILE%\\pg', 'such as %USERPROFILE%'],
  ['C:\\Users\\%USERNAME%\\pg', 'such as %USERPROFILE%'],
  ['%ProgramFiles(x86)%\\pg', 'such as %USERPROFILE%'],
  ['~root/pg', 'begins with ~ and a name'],
  ['https://example.com/pg', 'must be a path, not a URL'],
  ['file://elsewhere/pg', 'names no file here'],
])('the path %j is refused in words', (typed, words) => {
  const problem = problemOf(() => pathOf(typed));
  expect(problem).toMatch(/^--policy /);
  expect(problem).toContain(words);
});

test('a home directory that is empty or relative does not count', () => {
  const own = homeFolder({});
  expect(own === undefined || path.isAbsolute(own)).toBe(true);
  for (const HOME of ['', ' ', '.', 'home/me']) expect(homeFolder({ HOME }, 'linux')).toBe(own);
  expect(homeFolder({ HOME: '/home/me' }, 'linux')).toBe('/home/me');
  expect(homeFolder({ HOME: '/x', USERPROFILE: '/Users/me' }, 'win32')).toBe('/Users/me');
});

test('flags and variables that name a file all take ~/', () => {
  const asked: string[] = [];
  const remembered = (file: string) => {
    asked.push(file);
    return file.endsWith('token') ? 'secret-token' : '{}';
  };
  const argv = ['--policy', '~/policy', '--credentials-dir', '~/pg'];
  const config = loadConfig(argv, { ...env, IONOS_TOKEN_FILE: '~/token' }, remembered);
  expect(asked).toEqual(['/home/me/policy', '/home/me/token']);
  expect(config).toMatchObject({ writes: { policy: '/home/me/policy', credentialsDir: '/home/me/pg' } });
  const http = ['--transport', 'http', '--sandbox', '--auth', 'token', '--auth-tokens-file', '~/callers'];
  expect(loadConfig(http, env, remembered)).toMatchObject({ http: { auth: { source: { path: '/home/me/callers' } } } });
});
