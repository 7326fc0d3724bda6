import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'acorn';
import { transformSync } from 'esbuild';
import { beforeAll, expect, test, vi } from 'vitest';

const src = path.join(import.meta.dirname, '../src');

interface Pattern {
  file: string;
  source: string;
  flags: string;
}

/** Every node of a syntax tree, whatever its kind. */
function* nodesIn(tree: unknown): Generator<Record<string, unknown>> {
  if (typeof tree !== 'object' || tree === null) return;
  yield tree as Record<string, unknown>;
  for (const child of Object.values(tree)) yield* nodesIn(child);
}

const isCallOf = (name: string, node: unknown) =>
  Object(Object(node).callee).name === name || Object(Object(Object(node).callee).property).name === name;

/** The patterns that stand in the code, and every place where one is put together or made of a text. */
function patternsIn(file: string): { literals: Pattern[]; made: string[] } {
  const { code } = transformSync(readFileSync(path.join(src, file), 'utf8'), {
    loader: file.endsWith('.tsx') ? 'tsx' : 'ts',
    target: 'esnext',
  });
  const nodes = [...nodesIn(parse(code, { ecmaVersion: 'latest', sourceType: 'module' }))];
  const literals = nodes
    .filter(({ type, regex }) => type === 'Literal' && regex)
    .map(({ regex }) => ({ file, source: Object(regex).pattern, flags: Object(regex).flags }));
  const made = nodes
    .filter(({ type }) => type === 'NewExpression' || type === 'CallExpression')
    .filter((node) => isCallOf('RegExp', node) || ['match', 'search', 'matchAll'].some((name) => isOfText(name, node)))
    .map(({ start, end }) => `${file}: ${code.slice(Number(start), Number(end))}`);
  return { literals, made };
}

/** A method that makes a pattern of a text which it is given. */
const isOfText = (method: string, node: unknown) =>
  isCallOf(method, node) && Object(Object(Object(node).arguments)[0]).type === 'Literal' && !isPattern(node);
const isPattern = (node: unknown) => Object(Object(Object(node).arguments)[0]).regex !== undefined;

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file));
const found = files.map(patternsIn);
const patterns = found.flatMap(({ literals }) => literals);
const unique = [...new Map(patterns.map((each) => [`/${each.source}/${each.flags}`, each])).entries()];

let check: typeof import('recheck')['checkSync'];
beforeAll(async () => {
  vi.stubEnv('RECHECK_SYNC_BACKEND', 'pure');
  check = (await import('recheck')).checkSync;
});

/** Linear, as automata or counted steps show; a timing is no part of it. */
const statusOf = ({ source, flags }: Omit<Pattern, 'file'>) => check(source, flags, { timeout: 60_000 }).status;

test('the search finds patterns, and the check reports the slow ones', () => {
  expect(patterns.length).toBeGreaterThan(60);
  expect(statusOf({ source: '^(a|a)*$', flags: '' })).toBe('vulnerable');
  expect(statusOf({ source: '\\s+$', flags: '' })).toBe('vulnerable');
});

test('none is put together at run time, where nothing could check it', () => {
  expect(found.flatMap(({ made }) => made)).toEqual([]);
});

test.each(unique)(
  '%s takes time in proportion to the text',
  (_, pattern) => {
    expect(statusOf(pattern), pattern.file).toBe('safe');
  },
  90_000,
);
