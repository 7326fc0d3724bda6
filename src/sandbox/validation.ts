import type * as z from 'zod';
import { refuse } from './errors.ts';

export function check<T>(rules: z.ZodType<T>, value: unknown): T {
  const { success, data, error } = rules.safeParse(value, { error: rule });
  return success ? data : refuse(422, ...error.issues.flatMap(messages));
}

function messages(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `${fieldAt([...issue.path, key])} is not a known field`);
  }
  return [`${fieldAt(issue.path)} ${issue.message}`];
}

/** For example `connections[0].cidr`, without the outer `properties`. */
function fieldAt(path: PropertyKey[]): string {
  const [first, ...rest] = path;
  if (first === undefined) return 'the body';
  const steps = first === 'properties' && rest.length > 0 ? rest : path;
  return steps
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .slice(1);
}

const KINDS: Record<string, string> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a whole number',
  object: 'an object',
  string: 'a string',
};

const FORMATS: Record<string, string> = {
  cidrv4: 'an IPv4 address with a prefix length, such as 192.168.1.100/24',
  guid: 'a UUID',
  datetime: 'a time as in ISO 8601, such as 2026-03-04T05:06:07Z',
};

function rule(issue: z.core.$ZodRawIssue): string {
  if (issue.input === undefined) return 'is required';
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${KINDS[issue.expected] ?? issue.expected}`;
    case 'invalid_format':
      return `must be ${FORMATS[issue.format] ?? issue.format}`;
    case 'invalid_value':
      return `must be one of ${issue.values.join(', ')}`;
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'too_small':
      return `must ${amount(issue, 'at least', issue.minimum)}`;
    case 'too_big':
      return `must ${amount(issue, 'at most', issue.maximum)}`;
    default:
      return 'is not valid';
  }
}

function amount({ origin, exact }: { origin: string; exact?: boolean }, bound: string, count: number | bigint): string {
  const how = exact ? 'exactly' : bound;
  if (origin === 'string') return `have ${how} ${count} character${count === 1 ? '' : 's'}`;
  if (origin === 'array') return `have ${how} ${count} ${count === 1 ? 'entry' : 'entries'}`;
  return `be ${how} ${count}`;
}
