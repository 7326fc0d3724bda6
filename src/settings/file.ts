import type * as z from 'zod';
import { ConfigError, codeSuffix } from '../errors.ts';

export interface SettingsSource {
  path: string;
  /** Which names the file. */
  flag: string;
  /** What the entries of the file are called. */
  entries: string;
  readFile(path: string, flag: string): string;
}

/** Reads JSON in which lines that begin with // are comments. Throws a ConfigError that lists all problems. */
export function readSettingsFile<T>(schema: z.ZodType<T>, file: SettingsSource): T {
  const { data, error } = schema.safeParse(readJson(file), { error: wordsFor(file) });
  if (error === undefined) return data;
  throw new ConfigError(
    error.issues.map(({ path: place, message }) => `${file.flag}: ${place.join('.') || 'the file'} ${message}`),
  );
}

// Messages repeat neither path nor content: either could be a misplaced token.
function readJson({ path, flag, readFile }: SettingsSource): unknown {
  let text: string;
  let problems: string[] = [];
  try {
    text = readFile(path, flag);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError([`${flag}: the file cannot be read${codeSuffix(error)}`]);
  }
  const json = text
    .split('\n')
    .map((line) => (line.trimStart().startsWith('//') ? '' : line))
    .join('\n');
  try {
    const value: unknown = JSON.parse(json);
    const twice = repeatedKeys(json);
    if (twice.length === 0) return value;
    problems = twice.map((place) => `${flag}: ${place} is given more than once`);
  } catch (error) {
    const [place = ''] = / \(line \d+ column \d+\)$/.exec(error instanceof Error ? error.message : '') ?? [];
    throw new ConfigError([
      `${flag}: the file is not JSON${place}; only whole lines that begin with // can be comments`,
    ]);
  }
  throw new ConfigError(problems);
}

/** JSON.parse silently takes the last of repeated keys. Expects valid JSON. */
function repeatedKeys(json: string): string[] {
  const found = new Set<string>();
  const around: { keys?: Set<string>; at: string }[] = [];
  let last = '';
  for (const [token] of json.matchAll(TOKEN)) {
    const inside = around.at(-1);
    if (token === '{' || token === '[') around.push({ keys: token === '{' ? new Set() : undefined, at: '' });
    if (token === '}' || token === ']') around.pop();
    if (token === ':' && inside?.keys) {
      inside.at = JSON.parse(last);
      if (inside.keys.has(inside.at)) found.add(around.flatMap(({ keys, at }) => (keys ? [at] : [])).join('.'));
      inside.keys.add(inside.at);
    }
    last = token;
  }
  return [...found];
}

const TOKEN = /"(?:[^"\\]|\\.)*"?|[{}[\]:]/g;

const wordsFor =
  ({ entries }: SettingsSource) =>
  (issue: z.core.$ZodRawIssue): string | undefined => {
    if (issue.code === 'unrecognized_keys') return `has unknown ${entries}: ${issue.keys.join(', ')}`;
    if (issue.code === 'too_small')
      return issue.origin === 'string' ? 'must not be empty' : `must be at least ${issue.minimum}`;
    return issue.code === 'invalid_type' ? `must be ${KINDS[issue.expected] ?? issue.expected}` : undefined;
  };

const KINDS: Record<string, string> = {
  array: 'a list',
  int: 'a whole number',
  number: 'a whole number',
  object: 'an object',
  record: 'an object',
  string: 'a string',
};
