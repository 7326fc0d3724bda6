import * as z from 'zod';
import { RESERVED_USERS } from '../../api/generations/writing/bounds.ts';
import { args } from './arguments.ts';

/** The API rejects shorter ones. */
export const SHORTEST_PASSWORD = 10;

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

const fromEnv = passwordEnv.optional().describe('Instead: environment variable of the server');

export const orderCredentials = args({
  username: notReserved(z.string().min(1, 'must not be empty')).describe('Login name, e.g. "app"'),
  password: password.optional().describe('10 characters or more; default: generated into a file (not over HTTP)'),
  passwordEnv: fromEnv,
  database: z.string().min(1).optional().describe('First database, API v2 only; default as username'),
}).describe('First user. With fromBackup it is not documented whether the old users stay and their data can be read');

export const ownerCredentials = args({
  username: z.string().min(1).optional().describe('Default from get_cluster'),
  database: z.string().min(1).optional().describe('Default from get_cluster'),
  password: password.optional().describe('10 characters or more'),
  passwordEnv: fromEnv,
  newPassword: z.boolean().optional().describe('true generates one into a file (not over HTTP)'),
}).describe('API v2 only: also sets the password of the first user');
