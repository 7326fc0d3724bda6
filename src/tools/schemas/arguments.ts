import * as z from 'zod';
import { nearest } from '../../text/nearest.ts';

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
  const [meant] = nearest(key, known);
  return `${key}: is not a known argument${meant === undefined ? `. Known: ${known.join(', ')}` : `; did you mean ${meant}?`}`;
}

/** One key for all spellings of an ID: the API takes a UUID in either case, with hyphens and without. */
export function idKey(id: string): string {
  const key = id.toLowerCase();
  const digits = key.replaceAll('-', '');
  return /^[\da-f]{32}$/.test(digits) ? digits : key;
}

export const isSameId = (one: string | undefined, other: string | undefined) =>
  one !== undefined && other !== undefined && idKey(one) === idKey(other);

/** IDs are opaque, but none can leave its segment of a path. */
export const id = z.string().regex(/^[A-Za-z0-9-]{1,128}$/, 'must be 1 to 128 letters, digits and hyphens');
