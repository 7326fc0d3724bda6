import { decodeJwt, decodeProtectedHeader, errors, type JWTPayload } from 'jose';
import { InvalidTokenError, type RefusalDetails } from './refusals.ts';

interface Wanted {
  issuer: string;
  audience: readonly string[];
}

const ID_TOKEN = 'it is an ID token; clients have to send the access token';
const OPAQUE =
  'it is not a JWT; clients get one if they ask the authorization server for this server, with resource or audience';
const ENCRYPTED = 'it is an encrypted JWT, which only its issuer can read; clients have to ask for this server';

/** jose's messages can repeat parts of the token, so the words are ours; what it contains is for the log alone. */
export function tokenProblem(error: unknown, token: string, wanted: Wanted): InvalidTokenError {
  if (error instanceof errors.JWTExpired) return new InvalidTokenError('expired');
  if (error instanceof errors.JWTClaimValidationFailed) return claimProblem(error, wanted);
  if (error instanceof errors.JOSEAlgNotAllowed) {
    return new InvalidTokenError('it is not signed with an accepted algorithm', told('alg', headerOf(token).alg));
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return new InvalidTokenError('its signature is not valid', signerOf(token, wanted));
  }
  if (error instanceof errors.JWKSNoMatchingKey) {
    return new InvalidTokenError('it is not signed with a key of the issuer', signerOf(token, wanted));
  }
  if (error instanceof errors.JWKSMultipleMatchingKeys) {
    return new InvalidTokenError('it does not name its key (kid), and several of the issuer would fit');
  }
  if (!(error instanceof errors.JOSEError)) return new InvalidTokenError('its key cannot be used');
  const parts = token.split('.').length;
  if (parts === 3) return new InvalidTokenError(`it is not a valid JWT (${error.code})`);
  return new InvalidTokenError(parts === 5 ? ENCRYPTED : OPAQUE);
}

function claimProblem({ claim, payload }: errors.JWTClaimValidationFailed, wanted: Wanted): InvalidTokenError {
  if (isIdToken(payload)) return new InvalidTokenError(ID_TOKEN, told('aud', payload.aud));
  const expected: Record<string, RefusalDetails> = {
    aud: { expected: wanted.audience.join(' or '), flag: '--oauth-audience' },
    iss: { expected: wanted.issuer, flag: '--oauth-issuer' },
  };
  const details = { ...told(claim, payload[claim]), ...expected[claim] };
  return new InvalidTokenError(`its ${claim} is missing or not the expected one`, details);
}

/** Nobody vouches for these claims, but most often they tell which issuer the client went to. */
function signerOf(token: string, { issuer }: Wanted): RefusalDetails {
  const { iss } = claimsOf(token);
  return iss === issuer
    ? told('kid', headerOf(token).kid)
    : { ...told('unverified iss', iss), expected: issuer, flag: '--oauth-issuer' };
}

/** An ID token is for the client that it names, which may pass it on; not every issuer marks it by its type. */
export function refuseIdToken(payload: JWTPayload): void {
  if (isIdToken(payload)) throw new InvalidTokenError(ID_TOKEN, told('aud', payload.aud));
}

const MARKS_OF_ID_TOKENS = ['at_hash', 'c_hash', 's_hash'];
const OF_ACCESS_TOKENS = ['scope', 'scp', 'client_id', 'azp', 'appid'];

function isIdToken(payload: JWTPayload): boolean {
  return (
    payload.token_use === 'id' ||
    payload.typ === 'ID' ||
    MARKS_OF_ID_TOKENS.some((name) => name in payload) ||
    ('nonce' in payload && !OF_ACCESS_TOKENS.some((name) => name in payload))
  );
}

/** Such as `aud: https://other.example.com/mcp`. */
export function told(name: string, value: unknown): RefusalDetails {
  return { value: `${name}: ${textOf(value)}` };
}

function textOf(value: unknown): string {
  if (value === undefined) return 'absent';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function headerOf(token: string): Partial<ReturnType<typeof decodeProtectedHeader>> {
  try {
    return decodeProtectedHeader(token);
  } catch {
    return {};
  }
}

function claimsOf(token: string): JWTPayload {
  try {
    return decodeJwt(token);
  } catch {
    return {};
  }
}
