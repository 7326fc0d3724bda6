import type * as z from 'zod';
import { InputError } from '../errors.ts';
import { isSecretKey } from '../text/secrets.ts';
import { cut } from '../text/visible.ts';

/** Some clients add these to the arguments of any tool. */
const INJECTED = ['toolCallId', 'sessionId', 'action', 'chatInput', '_sessionID'];
const MAX_PROBLEMS = 20;
const MAX_SHOWN = 80;
const MAX_LINE = 500;
const MAX_LEVELS = 64;

/** `hide` redacts values before they are truncated: part of a secret would not be recognized. Throws InputError. */
export function readInput<Schema extends z.ZodObject>(
  schema: Schema,
  raw: unknown,
  hide: (text: string) => string,
): z.output<Schema> {
  const given = withoutNulls(withoutInjected(raw, schema));
  const parsed = schema.safeParse(given, { error: defaultWords });
  if (parsed.success) return parsed.data;
  throw new InputError(firstOfEachPlace(parsed.error.issues).flatMap((issue) => problems(issue, given, hide)));
}

/** Drops follow-up problems, such as the length of a value that is not a list. */
function firstOfEachPlace(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue[] {
  const places = new Map<string, z.core.$ZodIssue>();
  for (const issue of issues) {
    const kind = issue.code === 'unrecognized_keys' ? issue.code : '';
    const place = [...issue.path, kind].join('\0');
    if (!places.has(place)) places.set(place, issue);
    if (places.size === MAX_PROBLEMS) break;
  }
  return [...places.values()];
}

/** Some clients send null for each optional argument that they omit. */
function withoutNulls(value: unknown, levels = MAX_LEVELS): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (levels === 0) throw new InputError([`the arguments are nested deeper than ${MAX_LEVELS} levels`]);
  if (Array.isArray(value)) return value.map((item) => withoutNulls(item, levels - 1));
  const entries = Object.entries(value).filter(([, item]) => item !== null);
  return Object.fromEntries(entries.map(([key, item]) => [key, withoutNulls(item, levels - 1)]));
}

function withoutInjected(raw: unknown, schema: z.ZodObject): unknown {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return raw;
  const dropped = INJECTED.filter((key) => !Object.hasOwn(schema.shape, key));
  return Object.fromEntries(Object.entries(raw).filter(([key]) => !dropped.includes(key)));
}

function defaultWords(issue: z.core.$ZodRawIssue): string | undefined {
  const needed = issue.code === 'invalid_value' ? `must be one of: ${issue.values.join(', ')}` : undefined;
  if (issue.input === undefined) return ['is missing', needed].filter(Boolean).join('; ');
  if (issue.code === 'invalid_type') return `must be ${EXPECTED[issue.expected] ?? issue.expected}`;
  if (issue.code === 'too_small') return `must be at least ${issue.minimum}${unitOf(issue.origin)}`;
  if (issue.code === 'too_big') return `must be at most ${issue.maximum}${unitOf(issue.origin)}`;
  return needed;
}

const EXPECTED: Record<string, string> = {
  int: 'a whole number',
  number: 'a number',
  string: 'a text',
  boolean: 'true or false',
  object: 'an object',
  array: 'an array',
};

function unitOf(origin: string): string {
  if (origin === 'string') return ' characters long';
  return origin === 'array' ? ' entries long' : '';
}

function problems({ path, message, code }: z.core.$ZodIssue, given: unknown, hide: (text: string) => string): string[] {
  const where = path.reduce<string>(
    (at, key) => (typeof key === 'number' ? `${at}[${key}]` : at ? `${at}.${String(key)}` : String(key)),
    '',
  );
  if (code === 'unrecognized_keys') {
    return message.split('\n').map((line) => cut(hide(where ? `${where}.${line}` : line), MAX_LINE));
  }
  if (!where) return [message];
  const value = shown(path, given);
  return [`${where}${value && ` (${cut(hide(value), MAX_SHOWN)})`}: ${message}`];
}

function shown(path: readonly PropertyKey[], given: unknown): string {
  const value = path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined),
    given,
  );
  if (value === undefined || (typeof value === 'object' && value !== null) || isSecretKey(path.at(-1) ?? '')) return '';
  return JSON.stringify(value);
}
