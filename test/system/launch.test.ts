import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { PROGRAM, startNode } from '../helpers/process.ts';

const NAME = 'ionos-postgres-mcp';

/** Whether nobody else can put another folder in the place of this one. */
function isClosed(folder: string): boolean {
  const { uid, mode } = statSync(folder);
  const isOwn = (uid === 0 || uid === process.getuid?.()) && (mode & 0o022) === 0;
  return isOwn && (path.dirname(folder) === folder || isClosed(path.dirname(folder)));
}

/** The system's folder for temporary files is no home: everybody can write there. */
const PLACE = [import.meta.dirname, homedir()].find(isClosed);
if (PLACE === undefined)
  throw new Error('These tests need a folder, the project or the home, that nobody else can swap');

function makeHome(): string {
  const home = mkdtempSync(path.join(PLACE ?? '', '.ionos-postgres-mcp-test-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  chmodSync(home, 0o700);
  return home;
}

/** Stands for Node's own cache of compiled code, which Node 20 lacks: writes down the folder that it is given. */
const PRELOAD = `
  const { readlinkSync, writeFileSync } = require('node:fs');
  const nodeModule = require('node:module');
  nodeModule.enableCompileCache = (folder) => {
    const real = folder.startsWith('/proc/self/fd/') ? readlinkSync(folder) : folder;
    writeFileSync(process.env.SEEN, JSON.stringify({ folder, real }));
    if (process.env.SWAP) {
      require('node:fs').renameSync(real, real + '-away');
      require('node:fs').mkdirSync(real);
    }
    if (folder.startsWith('/proc')) writeFileSync(folder + '/written', '');
  };`;

/** Starts the program, has it answer, and says which folder it handed to Node for compiled code. */
async function run(env: Record<string, string>) {
  const place = makeHome();
  const [preload, seen] = [path.join(place, 'preload.cjs'), path.join(place, 'seen')];
  writeFileSync(preload, PRELOAD);
  const args = ['--require', preload, PROGRAM, '--sandbox', '--log-level', 'silent'];
  const { initialize, call, child, ended } = startNode(args, { ...env, SEEN: seen });
  const { result } = await initialize();
  expect(result.protocolVersion).toBe('2025-11-25');
  const { result: clusters } = await call('list_clusters');
  expect(clusters.isError).toBeUndefined();
  child.stdin.end();
  expect(await ended).toMatchObject({ code: 0, stderr: '' });
  return existsSync(seen) ? (JSON.parse(readFileSync(seen, 'utf8')) as { folder: string; real: string }) : undefined;
}

const ownFolder = (home: string) => path.join(home, '.cache', NAME);

function withFolder(home: string): string {
  mkdirSync(ownFolder(home), { recursive: true, mode: 0o700 });
  return ownFolder(home);
}

describe('compiled code is kept', () => {
  test('below the home', async () => {
    const HOME = makeHome();
    expect(await run({ HOME })).toMatchObject({ real: ownFolder(HOME) });
  });

  test('where the user wants caches, with the folders above', async () => {
    const [HOME, caches] = [makeHome(), path.join(makeHome(), 'not/there/yet')];
    expect(await run({ HOME, XDG_CACHE_HOME: caches })).toMatchObject({ real: path.join(caches, NAME) });
    expect(existsSync(ownFolder(HOME))).toBe(false);
  });

  test('below the home where XDG_CACHE_HOME is relative', async () => {
    const HOME = makeHome();
    expect(await run({ HOME, XDG_CACHE_HOME: 'caches' })).toMatchObject({ real: ownFolder(HOME) });
    expect(existsSync('caches')).toBe(false);
  });

  test.runIf(process.platform === 'linux')('in the folder that was checked, whatever takes its name then', async () => {
    const HOME = makeHome();
    const { folder } = (await run({ HOME, SWAP: '1' })) ?? {};
    expect(folder).toMatch(/^\/proc\/self\/fd\/\d+$/);
    expect(existsSync(path.join(ownFolder(HOME), 'written'))).toBe(false);
    expect(existsSync(path.join(`${ownFolder(HOME)}-away`, 'written'))).toBe(true);
  });
});

const OTHER = 12_345;
const isRoot = process.getuid?.() === 0;

describe('compiled code is kept nowhere', () => {
  test.each<[string, (home: string) => void]>([
    ['others can write to the folder', (home) => chmodSync(withFolder(home), 0o777)],
    ['a group can write to the folder', (home) => chmodSync(withFolder(home), 0o770)],
    ['others can write to the one above', (home) => chmodSync(path.dirname(withFolder(home)), 0o777)],
    ['others can write to the home', (home) => chmodSync(home, 0o777)],
    ['others can write to what is kept', (home) => writeWith(home, (file) => chmodSync(file, 0o666))],
    ['what is kept is a link', (home) => symlinkSync('/etc/passwd', path.join(withFolder(home), 'code'))],
    [
      'the folder is a link to where others can write',
      (home) => {
        mkdirSync(path.join(home, 'open'));
        chmodSync(path.join(home, 'open'), 0o777);
        mkdirSync(path.join(home, '.cache'));
        symlinkSync(path.join(home, 'open'), ownFolder(home));
      },
    ],
    ['the home is a file', (home) => writeFileSync(path.join(home, 'file'), '')],
  ])('where %s', async (what, prepare) => {
    const home = makeHome();
    prepare(home);
    expect(await run({ HOME: what === 'the home is a file' ? path.join(home, 'file') : home })).toBeUndefined();
  });

  // As sudo leads to that keeps HOME. Only root can play another user.
  test.runIf(isRoot).each<[string, (home: string) => void]>([
    ['the home', (home) => chownSync(home, OTHER, OTHER)],
    ['the folder', (home) => chownSync(withFolder(home), OTHER, OTHER)],
    ['a kept file', (home) => writeWith(home, (file) => chownSync(file, OTHER, OTHER))],
  ])('where %s belongs to another user', async (_, prepare) => {
    const HOME = makeHome();
    prepare(HOME);
    expect(await run({ HOME })).toBeUndefined();
  });

  test.each<[string, Record<string, string>]>([
    ['without a home', {}],
    ['with a home that is relative', { HOME: 'home' }],
    ['with a home where no folder can be made', { HOME: '/proc/none' }],
    ['where Node is told not to', { HOME: '/root', NODE_DISABLE_COMPILE_CACHE: '1' }],
  ])('%s', async (_, env) => {
    expect(await run(env)).toBeUndefined();
  });
});

function writeWith(home: string, work: (file: string) => void): void {
  const folder = path.join(withFolder(home), 'v24');
  mkdirSync(folder);
  const file = path.join(folder, 'code');
  writeFileSync(file, 'forged');
  work(file);
}

test.skipIf(process.platform === 'win32')('SIGUSR1 does nothing from the first line of the program on', async () => {
  const [HOME, place] = [makeHome(), makeHome()];
  const preload = path.join(place, 'preload.cjs');
  // Sent before anything else is loaded; the debugger would start while this waits.
  const code = `require('node:module').enableCompileCache = () => {
    process.kill(process.pid, 'SIGUSR1');
    for (const end = Date.now() + 300; Date.now() < end; );
    process.stderr.write('sent ');
  };`;
  writeFileSync(preload, code);
  const args = ['--require', preload, PROGRAM, '--sandbox', '--log-level', 'silent'];

  const { initialize, child, ended } = startNode(args, { HOME });
  expect((await initialize()).result.protocolVersion).toBe('2025-11-25');
  child.stdin.end();

  expect(await ended).toMatchObject({ code: 0, stderr: 'sent ' });
});
