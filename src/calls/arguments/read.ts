import * as z from 'zod';
import type { Access } from '../../access.ts';
import { InputError } from '../../errors.ts';
import { placeOf } from '../../text/json.ts';
import { nearest } from '../../text/nearest.ts';
import { isSecretKey } from '../../text/secrets.ts';
import { cut } from '../../text/visible.ts';
import type { Redaction } from '../redaction.ts';
import type { Moment } from './moments.ts';
import { normalise } from './normalise.ts';

const MAX_PROBLEMS = 20;
const MAX_SHOWN = 80;
const MAX_LINE = 500;

const MAX_IGNORED = 5;

export interface ReadInput<Args> {
  args: Args;
  note?: string;
  moments: Moment[];
}

/**
 * Registers passwords for redaction first, so that no message repeats one. Throws InputError, and RefusedError if a
 * password occurs in another argument.
 */
export function readInput<Schema extends z.ZodObject>(
  { input, access }: { input: Schema; access: Access },
  raw: unknown,
  redaction: Redaction,
  now = Date.now(),
): ReadInput<z.output<Schema>> {
  const { args: given, ignored, moments } = normalise(input, raw, { ignoresUnknown: access === 'read', now });
  for (const password of passwordsIn(input, given)) redaction.add(password);
  const parsed = input.safeParse(given, { error: defaultWords });
  const known = Object.keys(input.shape);
  if (parsed.success) {
    for (const password of passwordsIn(input, parsed.data)) redaction.add(password);
    redaction.refuseIn(textsBesidePasswords(input, parsed.data));
    return { args: parsed.data, moments, note: ignored.length > 0 ? wordsForIgnored(ignored, known) : undefined };
  }
  const slips = firstOfEachPlace(parsed.error.issues).flatMap((issue) => problems(issue, given, redaction.hide));
  throw new InputError(ignored.length > 0 ? [...slips, wordsForIgnored(ignored, known)] : slips);
}

function wordsForIgnored(ignored: readonly string[], known: readonly string[]): string {
  const named = ignored.slice(0, MAX_IGNORED).map((key) => {
    const [meant] = nearest(key, known);
    return `${cut(key, MAX_SHOWN)}${meant === undefined ? '' : ` (did you mean ${meant}?)`}`;
  });
  const more = ignored.length > MAX_IGNORED ? ` and ${ignored.length - MAX_IGNORED} more` : '';
  return `Unknown arguments were ignored: ${named.join(', ')}${more}.`;
}

function passwordsIn(schema: z.ZodObject, given: unknown): string[] {
  return fieldsIn(schema, given).flatMap(({ key, value }) => {
    if (key !== PASSWORD) return [];
    return typeof value === 'string' || typeof value === 'number' ? [String(value)] : [];
  });
}

function textsBesidePasswords(schema: z.ZodObject, given: unknown): unknown[] {
  return fieldsIn(schema, given).flatMap(({ key, value }) => (key === PASSWORD ? [] : [value]));
}

const PASSWORD = 'password';

function fieldsIn(schema: z.ZodObject, given: unknown): { key: string; value: unknown }[] {
  if (typeof given !== 'object' || given === null) return [];
  return Object.entries(given).flatMap(([key, value]) => {
    const inner = objectIn(schema.shape[key]);
    return inner ? fieldsIn(inner, value) : [{ key, value }];
  });
}

function objectIn(schema: unknown): z.ZodObject | undefined {
  if (schema instanceof z.ZodOptional) return objectIn(schema.unwrap());
  return schema instanceof z.ZodObject ? schema : undefined;
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
  string: 'a string',
  boolean: 'true or false',
  object: 'an object',
  array: 'an array',
};

function unitOf(origin: string): string {
  if (origin === 'string') return ' characters long';
  return origin === 'array' ? ' entries long' : '';
}

function problems({ path, message, code }: z.core.$ZodIssue, given: unknown, hide: (text: string) => string): string[] {
  const where = placeOf(path);
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
