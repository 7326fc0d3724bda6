import * as z from 'zod';
import { args } from './arguments.ts';

/** The API rejects shorter ones. */
export const SHORTEST_PASSWORD = 10;

const RESERVED_USERS = ['postgres', 'admin', 'standby'];

export function notReserved<Name extends z.ZodType<string>>(name: Name) {
  return name.refine(
    (value) => !RESERVED_USERS.includes(value),
    `must not be a name that IONOS reserves: ${RESERVED_USERS.join(', ')}`,
  );
}

export const password = z
  .string()
  .min(SHORTEST_PASSWORD, `must have at least ${SHORTEST_PASSWORD} characters`)
  .refine(
    (value) => !/[\0\p{Cs}]/u.test(value),
    'contains a NUL character or half of a surrogate pair, so nobody could log in with it',
  );
export const passwordEnv = z.string().min(1);

export const credentials = args({
  username: notReserved(z.string().min(1, 'must not be empty')).describe('Login name, e.g. "app"'),
  password: password
    .optional()
    .describe('10 characters or more; if omitted, the server generates one into a file (not over HTTP)'),
  passwordEnv: passwordEnv.optional().describe('Instead of password: name of an environment variable of the server'),
}).describe(
  'First database user. With fromBackup it is not documented whether the old users stay, or whether this one can read their data',
);
