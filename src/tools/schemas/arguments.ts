import * as z from 'zod';
import { nearest } from '../../text/nearest.ts';

const MAX_UNKNOWN = 10;

/** `refused` explains keys that are rejected on purpose. */
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

export const id = z.string().regex(/^[A-Za-z0-9-]{1,128}$/, 'must be 1 to 128 letters, digits and hyphens');
