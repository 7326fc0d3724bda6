import * as z from 'zod';

/** PostgreSQL's own limit. */
const MAX_LENGTH = 63;

/** The name of a user or of a database, which can be any text that keeps its place in a path. */
export const name = z
  .string()
  .min(1, 'must not be empty')
  .max(MAX_LENGTH)
  .refine((value) => value !== '.' && value !== '..', 'cannot be reached under such a name')
  .refine((value) => !/\p{Cs}/u.test(value), 'has half a character');
