import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from './helpers/temporary-folder.ts';

const root = path.join(import.meta.dirname, '..');
const src = path.join(root, 'src');
const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file))
  .map((file) => file.replaceAll(path.sep, '/'));
const text = (file: string) => readFileSync(path.join(src, file), 'utf8');
const source = (file: string) => text(file).replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');

interface Import {
  /** A path below src without its extension, or the name of a package. */
  from: string;
  /** Whether nothing of it is left when the program runs. */
  isType: boolean;
  isLazy: boolean;
}

function importsOf(file: string): Import[] {
  const statements = source(file).matchAll(/^(?:import|export)( type)?\b[^;]*?from '([^']+)'|\bimport\('([^']+)'\)/gm);
  return [...statements].map(([, type, fixed, lazy]) => {
    const from = fixed ?? lazy ?? '';
    const place = from.startsWith('.') ? path.posix.join(path.posix.dirname(file), from).replace(/\.tsx?$/, '') : from;
    return { from: place, isType: type !== undefined, isLazy: lazy !== undefined };
  });
}

/** A folder at the top of src, or a file there. */
const roomOf = (place: string) =>
  place.includes('/') ? place.slice(0, place.indexOf('/')) : place.replace(/\.ts$/, '');

/** What lies loose at the top of src and is not a way in: anyone may lean on it, and it leans on itself alone. */
const GROUND = ['access', 'errors', 'log', 'make-folder', 'memory', 'secure-url', 'signals', 'times', 'version'];

/**
 * Whom each room may import: a room, one file of it, or with `type ` before it types alone. Of its own files a room may
 * import all.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(GROUND.map((name) => [name, GROUND])),
  text: [],
  telemetry: GROUND,
  sandbox: [],
  app: [],
  page: [],
  api: [...GROUND, 'text', 'type telemetry'],
  auth: ['access', 'errors', 'secure-url', 'signals', 'api/credentials', 'text'],
  tools: ['access', 'errors', 'make-folder', 'memory', 'type state', 'api', 'prices', 'text'],
  resources: ['errors', 'tools', 'text'],
  prompts: ['errors', 'tools', 'text'],
  settings: ['errors'],
  state: GROUND,
  prices: ['errors', 'memory', 'signals', 'settings', 'api', 'text'],
  writes: ['errors', 'signals', 'times', 'state/state', 'settings', 'prices', 'tools', 'type api', 'text'],
  calls: [...GROUND, 'text', 'type state', 'type tools', 'type auth', 'type api', 'type prices', 'type telemetry'],
  mcp: [
    'access',
    'errors',
    'signals',
    'text',
    'calls',
    'writes',
    'tools',
    'prices',
    'resources',
    'prompts',
    'type api',
    'type state',
    'type telemetry',
    'telemetry/trace-context',
  ],
  transports: [
    ...GROUND,
    ...['mcp', 'calls', 'auth', 'text', 'type api', 'type state', 'api/credentials', 'telemetry/trace-context'],
    'tools/toolsets',
  ],
  config: [
    ...GROUND,
    'type auth',
    'type api',
    'type telemetry',
    'api/credentials',
    'api/no-proxy',
    'api/generations/addresses',
    'writes/policy-file',
    'writes/confirm',
    'prices/price-file',
    'tools/toolsets',
    'tools/schemas/credentials',
    'text/placeholder',
  ],
  'serve-http': [...GROUND, 'transports', 'mcp', 'auth', 'calls', 'type config', 'type api', 'type state'],
  main: [
    ...GROUND,
    'config',
    'api',
    'mcp',
    'transports',
    'serve-http',
    'sandbox',
    'install',
    'state',
    'telemetry',
    'text',
  ],
  install: ['errors', 'make-folder', 'version', 'config'],
  launch: ['make-folder'],
};

function isAllowed(room: string, { from, isType }: Import): boolean {
  return (MAY_IMPORT[room] ?? []).some((allowed) => {
    const place = allowed.replace(/^type /, '');
    return (from === place || from.startsWith(`${place}/`)) && (isType || place === allowed);
  });
}

const fileAt = (place: string) => files.find((file) => file.replace(/\.tsx?$/, '') === place);
const isOurs = ({ from }: Import) => fileAt(from) !== undefined;

describe('rooms', () => {
  test('each is known', () => {
    expect([...new Set(files.map(roomOf))].filter((room) => !(room in MAY_IMPORT))).toEqual([]);
  });

  test.each(files)('%s imports only what its room may', (file) => {
    const room = roomOf(file);
    const strange = importsOf(file).filter((each) => isOurs(each) && roomOf(each.from) !== room);
    expect(strange.filter((each) => !isAllowed(room, each)).map(({ from }) => from)).toEqual([]);
  });

  test('no two files import each other, not even in a round', () => {
    const seen = new Set<string>();
    const visit = (file: string, trail: readonly string[]) => {
      expect(trail, trail.join(' > ')).not.toContain(file);
      if (seen.has(file)) return;
      for (const { from } of importsOf(file).filter(isOurs)) visit(fileAt(from) ?? '', [...trail, file]);
      seen.add(file);
    };
    for (const way of ['main.ts', 'prices/index.ts', 'app/main.tsx', 'page/main.ts']) visit(way, []);
    expect(files.filter((file) => !seen.has(file) && file !== 'launch.ts')).toEqual([]);
  });

  test('main loads what only some runs need when they need it', () => {
    const fixed = importsOf('main.ts').filter((each) => isOurs(each) && !each.isLazy && !each.isType);
    expect(fixed.map(({ from }) => from).sort()).toEqual(
      ['config/index', 'config/paths', 'errors', 'mcp/server', 'signals', 'transports/stdio', 'version'].sort(),
    );
  });

  // Of the sandbox the number grows with what the API can do.
  test('none has more than 12 files side by side', () => {
    const counts = new Map<string, number>();
    for (const file of files) {
      const folder = path.posix.dirname(file);
      counts.set(folder, (counts.get(folder) ?? 0) + 1);
    }
    const full = [...counts].filter(([folder, count]) => count > 12 && folder !== 'sandbox');
    expect(full).toEqual([]);
  });
});

describe('packages', () => {
  const importersOf = (pattern: RegExp) =>
    files.filter((file) => importsOf(file).some(({ from }) => pattern.test(from)));

  test('only the client knows ky', () => {
    expect(importersOf(/^ky$/)).toEqual(['api/client.ts']);
  });

  test('only mcp and the transports know the SDK', () => {
    expect([...new Set(importersOf(/^@modelcontextprotocol\//).map(roomOf))].sort()).toEqual(['mcp', 'transports']);
  });

  test('only main, and what launches it, touches the process', () => {
    for (const file of files.filter((file) => !/^(main|launch)\.ts$/.test(file))) {
      expect(source(file), file).not.toMatch(/\bprocess\.(argv|env|exit|on|stdin|stdout|stderr)\b/);
      expect(source(file), file).not.toMatch(/\bconsole\./);
    }
  });
});

describe('names', () => {
  const typesOf = (file: string) => [...source(file).matchAll(/^export (?:interface|type|class) (\w+)/gm)];

  test('no two exported types have one', () => {
    const names = files.flatMap((file) => typesOf(file).map(([, name = '']) => name));
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  test('options say whose they are', () => {
    expect(files.filter((file) => /\b(interface|type) Options\b/.test(source(file)))).toEqual([]);
  });

  test('a transport names no tool', () => {
    for (const file of files.filter((file) => roomOf(file) === 'transports')) {
      expect(source(file)).not.toMatch(/_cluster/);
    }
  });
});

describe('size', () => {
  test.each(files)('%s holds one subject in at most 350 lines', (file) => {
    expect(text(file).split('\n').length).toBeLessThanOrEqual(350);
  });

  /** What the linter, which npm test runs over all files, says of a function with so many lines. */
  function lint(lines: number): string {
    const folder = temporaryFolder('lint');
    mkdirSync(path.join(folder, 'src'));
    cpSync(path.join(root, 'biome.json'), path.join(folder, 'biome.json'));
    const code = `export function long(): void {\n${'  console.log();\n'.repeat(lines)}}\n`;
    writeFileSync(path.join(folder, 'src/long.ts'), code);
    const biome = path.join(root, 'node_modules/.bin/biome');
    const { stdout, stderr } = spawnSync(biome, ['lint', '--vcs-enabled=false'], { cwd: folder, encoding: 'utf8' });
    return stdout + stderr;
  }

  test('the linter refuses a function beyond 80 lines', () => {
    expect(lint(80)).toMatch(/Checked \d+ files?/s);
    expect(lint(80)).not.toContain('noExcessiveLinesPerFunction');
    expect(lint(81)).toContain('noExcessiveLinesPerFunction');
  });
});
