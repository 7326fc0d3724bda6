import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { start } from '../helpers/process.ts';

function makeHome(): string {
  const home = mkdtempSync(path.join(tmpdir(), 'ionos-postgres-mcp-home-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  return home;
}

const NAME = 'ionos-postgres-mcp';

/** The one folder of this build among the caches there. */
function buildFolder(caches: string): string {
  const [name = '', ...others] = readdirSync(path.join(caches, NAME));
  expect(others).toEqual([]);
  return path.join(caches, NAME, name);
}

const filesBelow = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => path.join(parentPath, name));

/** Starts the program, has it answer, and ends it after so many milliseconds more. */
async function run(env: Record<string, string>, ms = 0) {
  const { initialize, call, child, ended } = start(['--sandbox'], env);
  const { result } = await initialize();
  expect(result.protocolVersion).toBe('2025-11-25');
  const { result: clusters } = await call('list_clusters');
  expect(clusters.isError).toBeUndefined();
  await new Promise((resolve) => setTimeout(resolve, ms));
  child.stdin.end();
  expect(await ended).toMatchObject({ code: 0 });
}

function flipped(code: Buffer, share: number): Buffer {
  const copy = Buffer.from(code);
  const at = Math.floor(copy.length * share);
  copy[at] = (copy[at] ?? 0) ^ 0xff;
  return copy;
}

/** V8 itself notices the first three of them. */
const DAMAGES: Record<string, (code: Buffer) => Buffer> = {
  'something else': () => Buffer.from('not compiled code'),
  nothing: () => Buffer.alloc(0),
  'half of it': (code) => code.subarray(0, code.length / 2),
  'a tail of zeros': (code) => Buffer.from(code).fill(0, Math.floor(code.length / 10)),
  'a flipped byte': (code) => flipped(code, 0.1),
  'a flipped byte further on': (code) => flipped(code, 0.6),
  'a flipped byte at the end': (code) => flipped(code, 0.999_99),
};

/** Milliseconds after which the compiled code has been kept. */
const KEPT = 4_000;

describe('the launcher', { timeout: 30_000 }, () => {
  test('keeps compiled code for this user alone, where the user wants caches, and starts from it', async () => {
    const [HOME, XDG_CACHE_HOME] = [makeHome(), makeHome()];
    const env = { HOME, XDG_CACHE_HOME };
    await run(env, KEPT);

    const folder = buildFolder(XDG_CACHE_HOME);
    const files = filesBelow(folder);
    expect(files.length).toBeGreaterThan(0);
    expect(readdirSync(HOME)).toEqual([]);
    for (const each of [path.dirname(folder), folder]) expect(statSync(each).mode & 0o777).toBe(0o700);

    const made = files.map((file) => statSync(file).mtimeMs);
    await run(env, KEPT);
    // Node would replace what it cannot use.
    expect(filesBelow(folder)).toEqual(files);
    expect(files.map((file) => statSync(file).mtimeMs)).toEqual(made);
  });

  test('starts all the same where the kept code is damaged, and replaces it', async () => {
    const good = makeHome();
    await run({ HOME: good }, KEPT);

    await Promise.all(
      Object.entries(DAMAGES).map(async ([what, damage]) => {
        const HOME = makeHome();
        cpSync(good, HOME, { recursive: true });
        const files = filesBelow(buildFolder(path.join(HOME, '.cache')));
        for (const file of files) writeFileSync(file, damage(readFileSync(file)));
        const damaged = files.map((file) => readFileSync(file));

        await run({ HOME }, KEPT);

        for (const [n, file] of files.entries()) {
          const kept = readFileSync(file);
          expect(kept.length, what).toBeGreaterThan(1_000);
          expect(kept.equals(damaged[n] ?? kept), what).toBe(false);
        }
      }),
    );
  });

  test('keeps nothing in a folder that others can write to, and where Node is told not to', async () => {
    const [first, second, third] = [makeHome(), makeHome(), makeHome()];
    const caches = [first, second].map((home) => path.join(home, '.cache'));
    await Promise.all([run({ HOME: first }), run({ HOME: second })]);
    const [all, build] = [path.join(caches[0] ?? '', NAME), buildFolder(caches[1] ?? '')];
    for (const folder of [all, build]) chmodSync(folder, 0o777);
    for (const file of [all, build].flatMap(filesBelow)) rmSync(file);

    const env = { HOME: third, NODE_DISABLE_COMPILE_CACHE: '1' };
    await Promise.all([run({ HOME: first }, KEPT), run({ HOME: second }, KEPT), run(env, KEPT)]);

    expect([all, build].flatMap(filesBelow)).toEqual([]);
    expect(readdirSync(third)).toEqual([]);
  });

  test('makes the folders above its own, as the XDG specification wants', async () => {
    const XDG_CACHE_HOME = path.join(makeHome(), 'not', 'there', 'yet');

    await run({ HOME: makeHome(), XDG_CACHE_HOME });

    expect(existsSync(buildFolder(XDG_CACHE_HOME))).toBe(true);
  });

  test.runIf(process.platform === 'linux')('starts with a home where no folder can be made', async () => {
    await run({ HOME: '/proc/none' });
  });

  test('leaves the memory alone where somebody has chosen how it grows, and starts from what is kept', async () => {
    const env = { HOME: makeHome(), NODE_OPTIONS: '--max-semi-space-size=16' };
    await run(env, KEPT);
    const files = filesBelow(buildFolder(path.join(env.HOME, '.cache')));
    const made = files.map((file) => statSync(file).mtimeMs);

    await run(env, KEPT);

    expect(made.length).toBeGreaterThan(0);
    expect(files.map((file) => statSync(file).mtimeMs)).toEqual(made);
  });

  test('starts without a home, and with one that is a file', async () => {
    const HOME = path.join(makeHome(), 'home');
    writeFileSync(HOME, '');
    await Promise.all([run({}), run({ HOME })]);
  });

  test('removes what other builds have left for a month', async () => {
    const HOME = makeHome();
    const folders = ['old', 'young'].map((name) => path.join(HOME, '.cache', NAME, name));
    for (const folder of folders) mkdirSync(folder, { recursive: true, mode: 0o700 });
    const date = new Date(Date.now() - 31 * 86_400_000);
    utimesSync(folders[0] ?? '', date, date);

    await run({ HOME });

    expect(folders.map((folder) => existsSync(folder))).toEqual([false, true]);
  });

  test('takes its own for used whenever it starts from it', async () => {
    const HOME = makeHome();
    await run({ HOME });
    const folder = buildFolder(path.join(HOME, '.cache'));
    const date = new Date(Date.now() - 31 * 86_400_000);
    utimesSync(folder, date, date);

    await run({ HOME });

    expect(Date.now() - statSync(folder).mtimeMs).toBeLessThan(86_400_000);
  });

  test('goes by the home where XDG_CACHE_HOME is relative', async () => {
    const HOME = makeHome();

    await run({ HOME, XDG_CACHE_HOME: 'caches' });

    expect(readdirSync(path.join(HOME, '.cache'))).toEqual([NAME]);
    expect(existsSync('caches')).toBe(false);
  });
});
