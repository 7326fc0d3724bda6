import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const src = path.join(import.meta.dirname, '../src');
const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.replaceAll(path.sep, '/'));
const text = (file: string) => readFileSync(path.join(src, file), 'utf8');
const source = (file: string) => text(file).replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');

/** What a file imports: paths below src, or names of packages. */
function importsOf(file: string): string[] {
  const statements = source(file).matchAll(/^(?:import|export)\b[^;]*?from '([^']+)'|\bimport\('([^']+)'\)/gm);
  return [...statements].map(([, fixed, lazy]) => {
    const from = fixed ?? lazy ?? '';
    return from.startsWith('.') ? path.posix.join(path.posix.dirname(file), from) : from;
  });
}

const importersOf = (pattern: RegExp) => files.filter((file) => importsOf(file).some((from) => pattern.test(from)));
const inside = (folder: string) => files.filter((file) => file.startsWith(`${folder}/`));

describe('who may import whom', () => {
  test('only the client knows ky', () => {
    expect(importersOf(/^ky$/)).toEqual(['api/client.ts']);
  });

  test('only the server, its questions to people, and the transports know MCP', () => {
    for (const file of importersOf(/^@modelcontextprotocol\//)) {
      expect(file).toMatch(/^(server\.ts|handlers\.ts|asking\.ts|wire-schema\.ts|transports\/)/);
    }
  });

  test('the sandbox reads the documentation for itself', () => {
    for (const file of inside('sandbox')) {
      for (const from of importsOf(file)) expect(from, file).not.toMatch(/^(tools|api|resources|server|transports)\b/);
    }
    expect(importersOf(/^sandbox\//).filter((file) => !file.startsWith('sandbox/'))).toEqual(['index.ts']);
  });

  test('no import points backwards', () => {
    const order = ['config', 'api', 'tools', 'completions', 'resources', 'prompts', 'server', 'transports', 'index'];
    const rank = (file: string) => order.indexOf(file.split(/[/.]/)[0] ?? '');
    for (const file of files.filter((file) => rank(file) >= 0)) {
      for (const from of importsOf(file).filter((from) => from.endsWith('.ts') && rank(from) >= 0)) {
        expect(rank(from), `${file} imports ${from}`).toBeLessThanOrEqual(rank(file));
      }
    }
  });

  test('no two files import each other, not even in a round', () => {
    const seen = new Set<string>();
    const visit = (file: string, trail: readonly string[]) => {
      expect(trail, trail.join(' > ')).not.toContain(file);
      if (seen.has(file)) return;
      for (const from of importsOf(file)) if (files.includes(from)) visit(from, [...trail, file]);
      seen.add(file);
    };
    visit('main.ts', []);
  });

  test('only the entry, and what launches it, touches the process', () => {
    for (const file of files.filter((file) => !/^(index|launch)\.ts$/.test(file))) {
      expect(source(file), file).not.toMatch(/\bprocess\.(argv|env|exit|on|stdin|stdout|stderr)\b/);
      expect(source(file), file).not.toMatch(/\bconsole\./);
    }
  });

  test('tools name no transport, transports no tool', () => {
    for (const file of inside('transports')) {
      expect(importsOf(file).filter((from) => from.startsWith('tools/'))).toEqual([]);
      expect(source(file)).not.toMatch(/_cluster/);
    }
  });
});

test.each(files)('%s holds one subject in at most 350 lines', (file) => {
  expect(text(file).split('\n').length).toBeLessThanOrEqual(350);
});
