import * as z from 'zod';
import { ConfigError, codeSuffix } from '../errors.ts';

/** The API reports each of these per instance. */
export const QUANTITIES = ['instances', 'cores', 'ram', 'storageSize'] as const;
export type Quantity = (typeof QUANTITIES)[number];

const limit = z.int().min(0).optional();
const limits = { instances: limit, cores: limit, ram: limit, storageSize: limit };
const texts = z.array(z.string().min(1));
const versions = z.array(z.union([z.string().min(1), z.number()]).transform(String));

const rulesSchema = z.strictObject({
  owner: z.string().min(1).optional(),
  /** IDs, or names in which * matches anything. */
  neverDelete: texts.default([]),
  /** Also prevents deletion. */
  neverChange: texts.default([]),
  /** Their content cannot be put into another cluster. */
  neverCopy: texts.default([]),
  /** Totals over all instances of a cluster; ram and storageSize in MB. */
  perCluster: z.strictObject(limits).default({}),
  inTotal: z.strictObject({ clusters: limit, ...limits }).default({}),
  locations: texts.optional(),
  versions: versions.optional(),
});
export type Rules = z.output<typeof rulesSchema>;

/** Lines that begin with // are comments. Throws a ConfigError that lists all problems. */
export function readPolicy(path: string, readFile: (path: string, setting: string) => string): Rules {
  const { data, error } = rulesSchema.safeParse(readJson(path, readFile), { error: words });
  if (data) return data;
  throw new ConfigError(
    error.issues.map(({ path: place, message }) => `--policy: ${place.join('.') || 'the file'} ${message}`),
  );
}

// Messages repeat neither path nor content: either could be a misplaced token.
function readJson(path: string, readFile: (path: string, setting: string) => string): unknown {
  let text: string;
  let problems: string[] = [];
  try {
    text = readFile(path, '--policy');
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError([`--policy: the file cannot be read${codeSuffix(error)}`]);
  }
  const json = text
    .split('\n')
    .map((line) => (line.trimStart().startsWith('//') ? '' : line))
    .join('\n');
  try {
    const value: unknown = JSON.parse(json);
    const twice = repeatedKeys(json);
    if (twice.length === 0) return value;
    problems = twice.map((place) => `--policy: ${place} is given more than once`);
  } catch (error) {
    const [place = ''] = / \(line \d+ column \d+\)$/.exec(error instanceof Error ? error.message : '') ?? [];
    throw new ConfigError([
      `--policy: the file is not JSON${place}; only whole lines that begin with // can be comments`,
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

function words(issue: z.core.$ZodRawIssue): string {
  if (issue.code === 'unrecognized_keys') return `has unknown rules: ${issue.keys.join(', ')}`;
  if (issue.code === 'too_small')
    return issue.origin === 'string' ? 'must not be empty' : `must be at least ${issue.minimum}`;
  if (issue.code === 'invalid_type') return `must be ${KINDS[issue.expected] ?? issue.expected}`;
  return 'must be a string or a number';
}

const KINDS: Record<string, string> = {
  array: 'a list',
  int: 'a whole number',
  number: 'a whole number',
  object: 'an object',
  string: 'a string',
};
