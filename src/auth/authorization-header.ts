import { placeholderIn } from '../text/placeholder.ts';
import { IONOS_TOKEN_HEADER, isOfIonos } from './ionos-token.ts';
import { InvalidTokenError, NoTokenError } from './refusals.ts';

/** Reads the Authorization header only, never the query or body. Throws a Refusal. */
export function readBearerToken({ headers }: Request): string {
  const header = headers.get('authorization') ?? '';
  const credentials = /^bearer /i.test(header) ? header.slice('bearer '.length).trim() : '';
  if (!credentials) throw new NoTokenError('no bearer token');
  if (!/^[\w.~+/-]+=*$/.test(credentials)) throw new InvalidTokenError('not in the form of a bearer token');
  return credentials;
}

export const WANTED = 'This server expects its own token in the header Authorization: Bearer <token>';

export function slipIn({ headers }: Request): string | undefined {
  const authorization = headers.get('authorization')?.trim();
  if (authorization === undefined) {
    return headers.has(IONOS_TOKEN_HEADER) ? 'X-IONOS-Token alone is not enough' : undefined;
  }
  const [scheme = '', ...rest] = authorization.split(' ');
  const token = rest.join(' ').trim();
  if (!/^bearer$/i.test(scheme)) {
    const isOther = token !== '' && /^[a-z][a-z\d-]*$/i.test(scheme);
    return isOther ? 'it has a scheme other than Bearer' : 'the word Bearer before the token is missing';
  }
  if (token === '') return 'the token after Bearer is blank';
  const form = placeholderIn(token, 'token');
  if (form) return `it still contains a placeholder, ${form}`;
  return isOfIonos(token) ? 'it contains an IONOS token, which belongs in the header X-IONOS-Token' : undefined;
}
