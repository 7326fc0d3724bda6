import { type Fields, isFields, placeOf } from '../../text/json.ts';
import { cut, visible } from '../../text/visible.ts';

/** The keys come from the client. */
const MAX_PLACE = 120;
const MAX_REPAIRS = 16;

export interface WireSchema<Output> {
  '~standard': { validate(value: unknown): Validated<Output> };
}

type Validated<Output> = { value: Output; issues?: undefined } | { value?: undefined; issues: readonly WireIssue[] };

interface WireIssue {
  message: string;
  path?: readonly (PropertyKey | { key: PropertyKey })[] | undefined;
  code?: unknown;
  expected?: unknown;
  values?: unknown;
  errors?: unknown;
}

export interface Checked<Output> {
  output: Output;
  input: unknown;
}

export interface Problem {
  words: string;
  isInParams: boolean;
}

export function check<Output>(schema: WireSchema<Output>, given: unknown): Checked<Output> | Problem {
  const { value, issues } = schema['~standard'].validate(given);
  if (issues === undefined) return { output: value, input: given };
  const input = repaired(given, issues);
  if (input === given) return problemOf(issues, given);
  // Once: what is in an empty object is never wrong.
  const again = schema['~standard'].validate(input);
  return again.issues === undefined ? { output: again.value, input } : problemOf(again.issues, input);
}

/** Some languages cannot tell an empty object from an empty list. */
function repaired(given: unknown, issues: readonly WireIssue[]): unknown {
  const paths = issues.filter(wantsObject).map(pathOf);
  return paths
    .filter((path) => isEmptyList(valueAt(given, path)))
    .slice(0, MAX_REPAIRS)
    .reduce(withObjectAt, given);
}

function problemOf([issue = { message: '' }]: readonly WireIssue[], input: unknown): Problem {
  const path = pathOf(issue);
  return { words: wordsOf(issue, path, input), isInParams: path[0] === 'params' };
}

function pathOf({ path = [] }: WireIssue): PropertyKey[] {
  return path.map((step) => (typeof step === 'object' ? step.key : step));
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null && Object.hasOwn(at, key) ? Reflect.get(at, key) : undefined),
    value,
  );
}

const isEmptyList = (value: unknown) => Array.isArray(value) && value.length === 0;

const wantsObject = ({ expected }: WireIssue) => expected === 'object' || expected === 'record';

function withObjectAt(value: unknown, [key, ...rest]: readonly PropertyKey[]): unknown {
  if (key === undefined) return {};
  if (Array.isArray(value)) return value.map((item, at) => (at === key ? withObjectAt(item, rest) : item));
  const fields: Fields = isFields(value) ? value : {};
  return { ...fields, [key]: withObjectAt(Reflect.get(fields, key), rest) };
}

function wordsOf(issue: WireIssue, path: readonly PropertyKey[], value: unknown): string {
  const place = shownPlace(path);
  if (path.length > 0 && valueAt(value, path) === undefined) return `${place} is missing`;
  if (issue.code === 'invalid_union' && Array.isArray(issue.errors)) return wordsOfUnion(issue.errors, path, value);
  return `${place} ${ruleOf(issue)}`;
}

/** Describes the closest form; of several, what each expects. */
function wordsOfUnion(forms: readonly (readonly WireIssue[])[], path: readonly PropertyKey[], value: unknown): string {
  const least = Math.min(...forms.map((issues) => issues.length));
  const nearest = forms.filter((issues) => issues.length === least);
  const [[first] = []] = nearest;
  if (nearest.length === 1 && first) return wordsOf(first, [...path, ...pathOf(first)], value);
  const rules = nearest.map(([issue]) => issue && pathOf(issue).length === 0 && ruleOf(issue));
  if (rules.some((rule) => typeof rule !== 'string'))
    return `${shownPlace(path)} has none of the forms that the protocol allows`;
  return `${shownPlace(path)} ${[...new Set(rules)].join(' or ').replaceAll(' or must be ', ' or ')}`;
}

function ruleOf({ code, expected, values }: WireIssue): string {
  if (code === 'invalid_value' && Array.isArray(values)) {
    const [only] = values;
    return values.length === 1 ? `must be ${JSON.stringify(only)}` : `must be one of: ${values.join(', ')}`;
  }
  return typeof expected === 'string' && EXPECTED[expected] ? `must be ${EXPECTED[expected]}` : 'is not valid';
}

const EXPECTED: Partial<Record<string, string>> = {
  object: 'an object',
  record: 'an object',
  array: 'an array',
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};

function shownPlace(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'it';
  return cut(visible(cut(placeOf(path), MAX_PLACE)), MAX_PLACE * 2);
}
