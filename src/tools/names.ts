import * as z from 'zod';

/** PostgreSQL's own limit. */
const MAX_LENGTH = 63;

/** The name that a user or a database gets, which can be any text that keeps its place in a path. */
export const newName = z
  .string()
  .min(1, 'must not be empty')
  .max(MAX_LENGTH)
  .refine((value) => value !== '.' && value !== '..', 'cannot be reached under such a name')
  .refine((value) => !/\p{Cs}/u.test(value), 'has half a character');

/** The name of one that is there, as lists show it: what hides in it is spelled out. */
export const name = z.string().transform(unspelled).pipe(newName);

function unspelled(shown: string): string {
  return shown.replace(/\\u\{([\dA-F]{1,6})\}/g, (spelled, code) => {
    const point = Number.parseInt(code, 16);
    return point > 0x10ffff ? spelled : String.fromCodePoint(point);
  });
}
