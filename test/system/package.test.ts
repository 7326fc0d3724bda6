import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import serverJson from '../../server.json' with { type: 'json' };
import { loadConfig } from '../../src/config/index.ts';
import { listing } from '../../src/mcp/listing.ts';
import { copyRepository, installPackage } from '../helpers/installed.ts';
import { start, startNode } from '../helpers/process.ts';

const root = path.join(import.meta.dirname, '../..');
const REPOSITORY_NAME = 'ionos-postgres-mcp/ionos-postgres-mcp';
const LINK = new RegExp(`^https://([\\w.]+)/${REPOSITORY_NAME}/(?:blob/)?(v[\\d.]+)/([^#]+)`);

describe('the published package', { timeout: 60_000 }, () => {
  let copy = '';
  let made: ReturnType<typeof installPackage>;

  beforeAll(() => {
    copy = copyRepository();
    made = installPackage(copy);
    return () => [copy, made.folder].forEach((folder) => void rmSync(folder, { recursive: true }));
  }, 60_000);

  test('holds the program and its papers, and nothing of the repository', () => {
    const files = readdirSync(made.file());
    expect(files.sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'dist',
      'mcp.json',
      'package.json',
      'server.json',
    ]);
    const built = readdirSync(made.file('dist'));
    expect(built).toEqual(
      expect.arrayContaining(['index.js', 'main.js', 'app.html', 'page.html', 'THIRD-PARTY-LICENSES.txt']),
    );
    expect(
      built.filter((file) => !/\.js$|^(app|page)\.html$|^package\.json$|^THIRD-PARTY-LICENSES\.txt$/.test(file)),
    ).toEqual(['.claude-plugin', 'skills']);
    for (const { skill } of listing.prompts) {
      expect(readdirSync(made.file('dist', 'skills', skill.frontmatter.name))).toEqual(['SKILL.md']);
    }
    expect(made.size).toBeLessThan(1_600_000);
  });

  test('names no library that an install would fetch, runs nothing then, and is one package', () => {
    const manifest = JSON.parse(readFileSync(made.file('package.json'), 'utf8'));
    const { private: _, scripts, dependencies, devDependencies, ...published } = packageJson;
    expect(manifest).toEqual(published);
    expect(manifest).not.toHaveProperty('scripts');
    for (const step of ['preinstall', 'install', 'postinstall', 'prepare']) expect(scripts).not.toHaveProperty(step);
    expect(made.packages).toEqual([packageJson.name]);
  });

  test.each(['README.md', 'CHANGELOG.md'])('has a %s whose links lead to its version in the repository', (file) => {
    const targets = [...readFileSync(made.file(file), 'utf8').matchAll(/\]\(([^)\s]+)\)/g)].map(([, to = '']) => to);
    const ours = targets.filter((target) => target.includes(REPOSITORY_NAME));

    expect(ours).not.toEqual([]);
    expect(targets.filter((target) => !/^(https:\/\/|#)/.test(target))).toEqual([]);
    for (const target of ours) {
      const [, host, version, place = ''] = LINK.exec(target) ?? [];
      expect(version, target).toBe(`v${packageJson.version}`);
      expect(host, target).toBe(place.endsWith('.svg') ? 'raw.githubusercontent.com' : 'github.com');
      expect(existsSync(path.join(root, place)), target).toBe(true);
    }
  });

  test('leaves the repository as it was, also after one that was broken off', () => {
    const replaced = ['package.json', 'README.md', 'CHANGELOG.md'];
    const [ours, theirs] = [root, copy].map(
      (folder) => (name: string) => readFileSync(path.join(folder, name), 'utf8'),
    );
    const isAsOurs = () => replaced.map((name) => theirs?.(name) === ours?.(name));
    expect(isAsOurs()).toEqual([true, true, true]);
    const script = (name: string, ...args: string[]) =>
      execFileSync(process.execPath, ['--import', 'tsx', `scripts/build/${name}.ts`, ...args], {
        cwd: copy,
        stdio: 'pipe',
      });

    script('manifest', 'publish');
    expect(isAsOurs()).toEqual([false, false, false]);
    script('build');
    expect(isAsOurs()).toEqual([true, true, true]);

    script('manifest', 'publish');
    const manifest = path.join(copy, 'package.json');
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('0.1.0', '0.2.0'));
    expect(() => script('manifest', 'restore')).toThrow(/package\.json was changed since/);
    expect(theirs?.('kept.package.json')).toBe(ours?.('package.json'));
    for (const name of replaced) renameSync(path.join(copy, `kept.${name}`), path.join(copy, name));
  });

  test('runs by the name of the program', async () => {
    const program = path.join(made.folder, 'node_modules', '.bin', packageJson.name);
    expect(execFileSync(program, ['--version'], { encoding: 'utf8' })).toBe(`${packageJson.version}\n`);
    const { initialize, call } = startNode([program, '--sandbox']);
    await initialize();
    const { result } = await call('list_clusters');
    expect(result.content?.[0]?.text).toContain('analytics-prod');
  });

  test('brings the licence of each library that is in it', () => {
    const licences = readFileSync(made.file('dist', 'THIRD-PARTY-LICENSES.txt'), 'utf8');
    const named = new Set([...licences.matchAll(/^(\S+) \d+\.\d+\.\d+: /gm)].map(([, name]) => name));
    for (const name of Object.keys(packageJson.dependencies)) expect(named).toContain(name);
  });

  test('shows no path of the machine that built it', () => {
    for (const file of readdirSync(made.file('dist'), { recursive: true, withFileTypes: true })) {
      if (file.isFile()) expect(readFileSync(path.join(file.parentPath, file.name), 'utf8')).not.toContain(copy);
    }
  });
});

describe('what is built', () => {
  test('lists the tools that the source has', async () => {
    const { initialize, request } = start(['--sandbox']);
    await initialize();
    const { result } = await request('tools/list');
    expect(result).toMatchObject({ tools: JSON.parse(JSON.stringify(listing.tools.map(({ listed }) => listed))) });
  });
});

test.each([
  ['Start with list_clusters; the other tools', 'instructions.ts'],
  ['its present content is replaced', 'backup-words.ts'],
  ['HTTP+SSE         ', 'announcement.ts'],
])('the map of what is built leads from %j back to %s', (words, file) => {
  const dist = path.join(root, 'dist');
  const [name = '', code = ''] =
    readdirSync(dist)
      .filter((each) => each.endsWith('.js'))
      .map((each) => [each, readFileSync(path.join(dist, each), 'utf8')] as const)
      .find(([, text]) => text.includes(words)) ?? [];
  const before = code.slice(0, code.indexOf(words)).split('\n');
  const map = new SourceMap(JSON.parse(readFileSync(path.join(dist, 'maps', `${name}.map`), 'utf8')));

  const entry = map.findEntry(before.length - 1, before.at(-1)?.length ?? 0);

  if (!('originalSource' in entry)) throw new Error(`${name} has no entry there`);
  expect(path.basename(entry.originalSource)).toBe(file);
  const lines = readFileSync(path.join(root, 'src', entry.originalSource.split('src/').at(-1) ?? ''), 'utf8').split(
    '\n',
  );
  expect(lines.slice(entry.originalLine, entry.originalLine + 3).join('\n')).toContain(words.slice(0, 8));
});

describe('server.json', () => {
  const [npm] = serverJson.packages;

  test('names this package, in this version', () => {
    expect(serverJson).toMatchObject({ name: packageJson.mcpName, version: packageJson.version });
    expect(serverJson.packages).toHaveLength(1);
    expect(npm).toMatchObject({ registryType: 'npm', identifier: packageJson.name, version: packageJson.version });
  });

  test('names the repository, as package.json does, in the namespace of its name', () => {
    const { url } = serverJson.repository;
    expect(packageJson.repository.url).toBe(`git+${url}.git`);
    expect(url.replace('https://github.com/', 'io.github.')).toBe(serverJson.name);
    expect([packageJson.homepage, packageJson.bugs]).toEqual([`${url}#readme`, `${url}/issues`]);
  });

  test('keeps to the lengths that the registry allows', () => {
    expect(serverJson.description.length).toBeLessThanOrEqual(100);
    expect(serverJson.name).toMatch(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/);
  });

  test('shows the icon of this version in the repository', () => {
    const [icon] = serverJson.icons;
    const [, host, version, place = ''] = LINK.exec(icon?.src ?? '') ?? [];
    const png = readFileSync(path.join(root, place));

    expect([host, version]).toEqual(['raw.githubusercontent.com', `v${packageJson.version}`]);
    expect(icon?.mimeType).toBe('image/png');
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect(icon?.sizes).toEqual([`${png.readUInt32BE(16)}x${png.readUInt32BE(20)}`]);
  });

  test('asks for what the server takes, and keeps the token secret', () => {
    const asked = npm?.environmentVariables ?? [];
    expect(asked.filter(({ isSecret }) => isSecret).map(({ name }) => name)).toEqual(['IONOS_TOKEN']);
    const values = { IONOS_TOKEN: 'a-token', IONOS_CONTRACT_NUMBER: '31812345' };
    expect(asked.map(({ name }) => name).sort()).toEqual(Object.keys(values).sort());
    const most = Math.max(...(npm?.packageArguments ?? []).map(({ choices }) => choices.length));
    for (let choice = 0; choice < most; choice += 1) {
      const args = (npm?.packageArguments ?? []).flatMap(({ name, choices }) => [
        name,
        choices[choice % choices.length] ?? '',
      ]);
      expect(loadConfig(args, values, () => '')).toMatchObject({
        command: 'serve',
        access: args[1],
        writes: { confirm: args[3] },
      });
    }
    const defaults = (npm?.packageArguments ?? []).flatMap((each) => [each.name, each.default]);
    expect(loadConfig(defaults, values, () => '')).toEqual(loadConfig([], values, () => ''));
  });
});
