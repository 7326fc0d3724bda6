import { createHash } from 'node:crypto';
import { type JWTPayload, jwtVerify } from 'jose';
import { accessOf, scopesOf } from '../access.ts';
import { secureUrl } from '../secure-url.ts';
import type { Caller } from './caller.ts';
import type { Discovery } from './issuer/discovery.ts';
import type { DocumentFetch } from './issuer/documents.ts';
import { createKeyLoader } from './key-discovery.ts';
import { AuthorizationServerDownError, InsufficientScopeError, InvalidTokenError } from './refusals.ts';
import { createSigningKeys } from './signing-keys.ts';
import { refuseIdToken, tokenProblem, told } from './token-problems.ts';

export interface OAuthOptions {
  discovery: Discovery;
  audience: string[];
  /** Undefined: discovered from the issuer. */
  jwksUrl?: string;
  scopePrefix?: string;
  scopesClaims?: readonly string[];
  maxAge?: number;
  fetch: DocumentFetch;
  now?(): number;
  onProblem?(problem: string): void;
}

const MAX_TOKEN_LENGTH = 8192;
const SKEW_SECONDS = 60;
const MAX_AGE_SECONDS = 86_400;
/** Other types serve another purpose, such as logout, or need a proof that this server does not check. */
const TYPES = ['at+jwt', 'jwt'];
/** Asymmetric only: with HS256, the public key would serve as a shared secret. */
const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];

/** Throws InvalidTokenError, InsufficientScopeError or AuthorizationServerDownError. */
export function createOAuthVerifier(options: OAuthOptions): (token: string) => Promise<Caller> {
  const { discovery, audience, fetch, now = Date.now, onProblem = () => {} } = options;
  const { maxAge = MAX_AGE_SECONDS } = options;
  const { issuer } = discovery;
  const load = createKeyLoader({ discovery, jwksUrl: keysUrl(options), fetch });
  const keys = createSigningKeys({ load, now, onProblem });

  async function claimsOf(token: string): Promise<JWTPayload> {
    if (token.length > MAX_TOKEN_LENGTH) throw new InvalidTokenError(`longer than ${MAX_TOKEN_LENGTH} characters`);
    try {
      const { payload, protectedHeader } = await jwtVerify(token, keys, {
        algorithms: ALGORITHMS,
        issuer,
        audience,
        requiredClaims: ['exp'],
        clockTolerance: SKEW_SECONDS,
        currentDate: new Date(now()),
      });
      checkType(protectedHeader.typ);
      refuseIdToken(payload);
      // RFC 7800: such a token is only good with a proof that this server does not ask for.
      if (payload.cnf !== undefined)
        throw new InvalidTokenError('it is bound to a key (cnf), so it is no bearer token');
      checkTimes(payload, Math.floor(now() / 1000), maxAge);
      return payload;
    } catch (error) {
      if (error instanceof AuthorizationServerDownError || error instanceof InvalidTokenError) throw error;
      throw tokenProblem(error, token, { issuer, audience });
    }
  }

  return async (token) => toCaller(await claimsOf(token), options);
}

function checkType(typ: unknown) {
  const type = typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : typ;
  if (typ !== undefined && !TYPES.some((each) => each === type)) {
    throw new InvalidTokenError('its typ is not at+jwt', told('typ', typ));
  }
}

/** jose leaves these checks to its callers. JSON can contain 1e999, which is infinite. */
function checkTimes({ exp = Number.POSITIVE_INFINITY, iat = 0 }: JWTPayload, now: number, maxAge: number) {
  if (!(exp <= now + maxAge + SKEW_SECONDS)) {
    throw new InvalidTokenError(`its exp is more than ${maxAge} seconds ahead, see --oauth-max-age`);
  }
  if (!(iat <= now + SKEW_SECONDS)) throw new InvalidTokenError('its iat is in the future');
}

function keysUrl({ jwksUrl }: OAuthOptions): string | undefined {
  return jwksUrl === undefined ? undefined : secureUrl('the URL of the keys', jwksUrl).href;
}

const SCOPES_CLAIMS = ['scope', 'scp'];

function toCaller(claims: JWTPayload, { scopePrefix, scopesClaims = SCOPES_CLAIMS }: OAuthOptions): Caller {
  const { sub, client_id: clientId, exp } = claims;
  const id = [sub, clientId].find((each) => typeof each === 'string' && each !== '');
  if (typeof id !== 'string') throw new InvalidTokenError('it has neither sub nor client_id');
  const access = accessOf(readScopes(scopesClaims.map((name) => claims[name])), scopePrefix);
  if (!access) throw withoutScope(claims, scopesClaims, scopePrefix);
  return { name: printable(id), access, expiresAt: exp, scopePrefix };
}

function withoutScope(claims: JWTPayload, names: readonly string[], prefix?: string): InsufficientScopeError {
  const present = names.filter((name) => name in claims);
  return new InsufficientScopeError('it holds none of the scopes of this server', {
    value: (present.length > 0 ? present : names).map((name) => told(name, claims[name]).value).join('; '),
    expected: scopesOf('full', prefix).join(' or '),
    flag: '--oauth-scopes-claim',
  });
}

function readScopes(claims: unknown[]): string[] {
  return claims.flat().flatMap((claim) => (typeof claim === 'string' ? claim.split(' ') : []));
}

/** At most 128 printable ASCII characters, unique per subject because limits and caches use it as a key. */
function printable(subject: string): string {
  const name = [...Buffer.from(subject)]
    .map((byte) => (byte > 0x20 && byte < 0x7f && byte !== 0x25 ? String.fromCharCode(byte) : percent(byte)))
    .join('');
  // An encoded name never contains `%~`.
  return name.length <= 128 ? name : `${name.slice(0, 62)}%~${createHash('sha256').update(subject).digest('hex')}`;
}

const percent = (byte: number) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
