import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };

const root = path.join(import.meta.dirname, '../..');
const textOf = (file: string) => readFileSync(path.join(root, file), 'utf8');

interface Instruction {
  name: string;
  words: string;
}

/** The stages of the Dockerfile, each with its instructions from FROM on. */
const stages = textOf('Dockerfile')
  .replace(/^#.*\n/gm, '')
  .replace(/\\\n\s*/g, '')
  .split(/^(?=FROM )/m)
  .map((stage) => stage.split('\n').filter(Boolean))
  .filter((lines) => lines.length > 0)
  .map((lines) =>
    lines.map((line): Instruction => ({ name: line.split(' ')[0] ?? '', words: line.replace(/^\S+ /, '') })),
  );
const last = stages.at(-1) ?? [];

const wordsOf = (name: string, stage: Instruction[]) =>
  stage.filter((instruction) => instruction.name === name).map(({ words }) => words);
const theOnly = (name: string) => {
  const found = wordsOf(name, last);
  expect(found, name).toHaveLength(1);
  return found[0] ?? '';
};
/** The exec form: a JSON array, which needs no shell. */
const execForm = (name: string): string[] => JSON.parse(theOnly(name).replace(/^.*?(?=\[)/, ''));

/** What is copied from the build's context, by its place in the tree. */
const copied = (stage: Instruction[]) =>
  wordsOf('COPY', stage)
    .filter((words) => !words.startsWith('--from='))
    .flatMap((words) => words.split(' ').slice(0, -1));

describe('the Dockerfile', () => {
  test('pins the same image everywhere, one that this program runs on', () => {
    const images = new Set(stages.map((stage) => wordsOf('FROM', stage)[0]?.split(' ')[0]));

    expect(stages).toHaveLength(2);
    expect([...images]).toEqual([expect.stringMatching(/^node:(20|22|24)[\d.]*-[a-z]+-slim$/)]);
    expect(packageJson.engines.node).toBe('>=20');
  });

  test('installs by the lockfile and runs no script of a package', () => {
    const installs = stages.flatMap((stage) => wordsOf('RUN', stage)).filter((words) => !words.startsWith('npm run '));

    expect(installs).toEqual(['npm ci --ignore-scripts']);
    expect(wordsOf('RUN', last)).toEqual([]);
  });

  test('copies what exists, and the context holds nothing more', () => {
    const wanted = new Set(stages.flatMap(copied));
    const [nothing, ...admitted] = textOf('.dockerignore').trim().split('\n');

    for (const file of wanted) expect(existsSync(path.join(root, file)), file).toBe(true);
    expect(copied(last)).toEqual(['LICENSE']);
    expect(nothing).toBe('*');
    expect(admitted.sort()).toEqual([...wanted].map((file) => `!${file}`).sort());
  });

  test('takes from other stages what they make', () => {
    const names = stages.map((stage) => wordsOf('FROM', stage)[0]?.split(' AS ')[1]);
    const taken = wordsOf('COPY', last).flatMap((words) => [...words.matchAll(/^--from=(\S+) (\S+) (\S+)$/g)]);

    expect(taken.map(([, stage, from, to]) => [stage, from, to])).toEqual([['build', '/app/dist', 'dist']]);
    expect(names).toEqual(expect.arrayContaining(taken.map(([, stage]) => stage)));
    expect(new Set(stages.flatMap((stage) => wordsOf('WORKDIR', stage)))).toEqual(new Set(['/app']));
  });

  test('runs as somebody who is not root, by number', () => {
    expect(theOnly('USER')).toMatch(/^[1-9]\d*:[1-9]\d*$/);
  });

  test('names the port that the server listens on', () => {
    expect(theOnly('EXPOSE')).toBe('3000');
    expect(theOnly('HEALTHCHECK')).toContain('http://127.0.0.1:3000/healthz');
  });
});

/** Another user than the owner of the files, where this one may become another. */
const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

describe('what the container runs', { timeout: 60_000 }, () => {
  let app = '';

  beforeAll(() => {
    app = assemble();
    return () => {
      chmodSync(app, 0o755);
      rmSync(app, { recursive: true });
    };
  }, 60_000);

  const environment = () => ({ PATH: process.env.PATH, HOME: app, TMPDIR: app, NODE_ENV: 'production' });
  const options = () => ({ cwd: app, env: environment(), ...nobody });

  test('does not start as it is, since nothing says who may call', () => {
    const [, ...args] = [...execForm('ENTRYPOINT'), ...execForm('CMD')];

    const { status, stdout, stderr } = spawnSync(process.execPath, args, { ...options(), encoding: 'utf8' });

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^(ionos-postgres-mcp.*\n)+$/);
    expect(stderr).toContain('needs --auth token or --auth oauth');
    expect(stderr).toContain('needs --allowed-hosts or --public-url');
  });

  test('serves without any package beside it, passes its health check and writes no file', async () => {
    const before = contents(app);
    const [, ...entry] = execForm('ENTRYPOINT');
    const args = [
      ...entry,
      '--sandbox',
      '--transport',
      'http',
      '--port',
      '0',
      '--metrics-port',
      '0',
      '--drain-delay',
      '0',
    ];
    const server = spawn(process.execPath, args, options());
    onTestFinished(() => void server.kill('SIGKILL'));
    const ended = once(server, 'exit');

    const [line] = await Promise.race([once(createInterface(server.stdout), 'line'), ended]);
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(String(line))?.[0] ?? '';
    const isHealthy = () => {
      const [program, ...check] = execForm('HEALTHCHECK').map((word) => word.replace('http://127.0.0.1:3000', url));
      expect(program).toBe('node');
      return spawnSync(process.execPath, check, options()).status;
    };

    expect(url).not.toBe('');
    expect(isHealthy()).toBe(0);
    const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
    const params = { name: 'list_clusters', arguments: {} };
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
    expect(await (await fetch(`${url}/mcp`, { method: 'POST', headers, body })).text()).toContain('analytics-prod');

    server.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(isHealthy()).toBe(1);
    expect(contents(app)).toEqual(before);
  });
});

/** The files of the last stage, made as the stages before it make them: what is not copied is not there. */
function assemble(): string {
  const building = mkdtempSync(path.join(tmpdir(), 'ionos-postgres-mcp-build-'));
  const app = mkdtempSync(path.join(tmpdir(), 'ionos-postgres-mcp-'));
  const put = (file: string, into: string) => cpSync(path.join(root, file), path.join(into, file), { recursive: true });
  const isBuild = (stage: Instruction[]) => wordsOf('RUN', stage).includes('npm run build');

  for (const file of stages.filter(isBuild).flatMap(copied)) put(file, building);
  symlinkSync(path.join(root, 'node_modules'), path.join(building, 'node_modules'));
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: building });
  cpSync(path.join(building, 'dist'), path.join(app, 'dist'), { recursive: true });
  rmSync(building, { recursive: true });

  for (const file of copied(last)) put(file, app);
  chmodSync(app, 0o555);
  return app;
}

/** Every file with what a write would change. */
function contents(folder: string) {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return files.map((file) => {
    const { mtimeMs, size } = lstatSync(path.join(folder, file));
    return `${file} ${mtimeMs} ${size}`;
  });
}
