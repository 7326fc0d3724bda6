import { InvalidTokenError, NoTokenError } from './refusals.ts';

/** Reads the Authorization header only, never the query or body. Throws a Refusal. */
export function readBearerToken({ headers }: Request): string {
  const [, credentials] = /^bearer +(.*)$/i.exec(headers.get('authorization') ?? '') ?? [];
  if (!credentials) throw new NoTokenError('no bearer token');
  if (!/^[\w.~+/-]+=*$/.test(credentials)) throw new InvalidTokenError('not in the form of a bearer token');
  return credentials;
}
