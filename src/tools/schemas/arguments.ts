import * as z from 'zod';

/** Unknown keys that are named; the rest will be no better. */
const MAX_UNKNOWN = 10;

/** The object of a tool's arguments. An unknown key is named, with the reason in `refused` where there is one. */
export function args<Shape extends z.ZodRawShape>(shape: Shape, refused: Record<string, string> = {}) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys
            ?.slice(0, MAX_UNKNOWN)
            .map((key) => unknownKey(key, known, refused))
            .join('\n')
        : undefined,
  });
}

function unknownKey(key: string, known: readonly string[], refused: Record<string, string>): string {
  if (Object.hasOwn(refused, key)) return `${key}: ${refused[key]}`;
  const meant = known.find((name) => name.toLowerCase() === key.toLowerCase());
  return `${key}: is not known here${meant ? `; ${meant} is` : `. Known: ${known.join(', ')}`}`;
}

/** Some clients send numbers and booleans as text. `z.coerce` would also turn null, "" and [] into 0. */
export function wholeNumber(rule: z.ZodNumber = z.number()) {
  return z.preprocess(
    (value) => (typeof value === 'string' && /^\s*-?\d+\s*$/.test(value) ? Number(value) : value),
    rule.int(),
  );
}

export function bool() {
  return z.preprocess((value) => (value === 'true' ? true : value === 'false' ? false : value), z.boolean());
}

/** One of the API's words, which it writes in capitals. */
export function word<const Words extends readonly string[]>(words: Words) {
  return z.preprocess((value) => (typeof value === 'string' ? value.trim().toUpperCase() : value), z.enum(words));
}

/** Text that is made of digits, which models like to send as a number. */
export function digits(rule: z.ZodString = z.string()) {
  return z.preprocess((value) => (typeof value === 'number' ? String(value) : value), rule);
}

/** IDs are opaque, but none can leave its segment of a path. */
export const id = z.string().regex(/^[A-Za-z0-9-]{1,128}$/, 'must be 1 to 128 letters, digits and hyphens');
