import { InvalidTokenError, NoTokenError } from './refusals.ts';

/** The bearer token with which a caller signs in; throws a Refusal. A token anywhere else is not looked at. */
export function readBearerToken({ headers }: Request): string {
  const [, credentials] = /^bearer +(.*)$/i.exec(headers.get('authorization') ?? '') ?? [];
  if (!credentials) throw new NoTokenError('no bearer token');
  if (!/^[\w.~+/-]+=*$/.test(credentials)) throw new InvalidTokenError('not in the form of a bearer token');
  return credentials;
}
