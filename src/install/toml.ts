import { parse, TomlError } from 'smol-toml';
import { ConfigError } from '../errors.ts';
import { isTable, lineBreakOf, type Route, type Syntax } from './syntax.ts';

/**
 * TOML, line by line; only tables with a header of their own can be changed. `codex mcp add` is no alternative: it
 * rewrites all servers and drops their comments, https://github.com/openai/codex/issues/45432
 */
export const toml: Syntax = {
  isByPart: false,

  parse(text, file) {
    try {
      return parse(text, { integersAsBigInt: 'asNeeded' });
    } catch (error) {
      // The parser's message quotes lines of the file, which may hold secrets.
      if (!(error instanceof TomlError)) throw error;
      const { line, column } = error;
      throw new ConfigError([`${file} is broken at line ${line}, column ${column}. Nothing was changed`]);
    }
  },

  set(text, route, value) {
    const eol = lineBreakOf(text);
    const block = [`[${route.map(keyOf).join('.')}]`, ...assignments(value)].map((line) => line + eol).join('');
    const own = sectionsOf(text, route);
    const [first] = own;
    if (first) return withoutSections(text, own, block);
    const start = text === '' || text.endsWith('\n') ? text : `${text}${eol}`;
    return start.trim() === '' ? start + block : `${start}${eol}${block}`;
  },

  remove: (text, route) => withoutSections(text, sectionsOf(text, route)),
};

const keyOf = (key: string | number) => (/^[\w-]+$/.test(String(key)) ? String(key) : literal(String(key)));

const assignments = (value: unknown) =>
  isTable(value) ? Object.entries(value).map(([key, each]) => `${keyOf(key)} = ${literal(each)}`) : [];

/** A string, list or table. JSON's strings are valid in TOML but for one character. */
function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (isTable(value)) return `{ ${assignments(value).join(', ')} }`;
  return JSON.stringify(value).replaceAll('\x7f', '\\u007F');
}

const linesOf = (text: string) => text.split(/(?<=\n)/);

/** The lines from the header of a table to its last one that is not blank or a comment. */
interface Section {
  from: number;
  to: number;
}

/** The sections of the table with this route and of the tables in it. */
function sectionsOf(text: string, route: Route): Section[] {
  const lines = linesOf(text);
  const heads = lines.flatMap((line, at) => {
    const keys = keysOf(line);
    return keys ? [{ at, isOwn: route.every((key, depth) => keys[depth] === key) }] : [];
  });
  return heads.flatMap(({ at, isOwn }, index) => {
    if (!isOwn) return [];
    let to = heads[index + 1]?.at ?? lines.length;
    while (to > at + 1 && /^(#|$)/.test((lines[to - 1] ?? '').trim())) to -= 1;
    return [{ from: at, to }];
  });
}

/** The keys in the header of a table; undefined for any other line. */
function keysOf(line: string): string[] | undefined {
  if (!line.trimStart().startsWith('[')) return undefined;
  try {
    const keys: string[] = [];
    for (let inner: unknown = parse(line); ; ) {
      const table = Array.isArray(inner) ? inner[0] : inner;
      const [key] = isTable(table) ? Object.keys(table) : [];
      if (key === undefined || !isTable(table)) return keys;
      keys.push(key);
      inner = table[key];
    }
  } catch {
    return undefined;
  }
}

/** Removes the sections, and puts a block in place of the first. */
function withoutSections(text: string, sections: readonly Section[], block?: string): string {
  const lines: (string | undefined)[] = linesOf(text);
  for (const [index, { from, to }] of sections.entries()) {
    const isBlankBefore = from > 0 && lines[from - 1]?.trim() === '';
    const isBlankAfter = to >= lines.length || lines[to]?.trim() === '';
    const isKept = block !== undefined && index === 0;
    lines.fill(undefined, from, to);
    if (isKept) lines[from] = block;
    else if (isBlankBefore && isBlankAfter) lines[from - 1] = undefined;
  }
  return lines.filter((line) => line !== undefined).join('');
}
