import { expect } from 'vitest';
import { createDiscovery } from '../../src/auth/issuer/discovery.ts';
import { createOAuthVerifier, type OAuthOptions } from '../../src/auth/oauth.ts';
import { InvalidTokenError } from '../../src/auth/refusals.ts';
import { type Key, RESOURCE, SCOPES, sign, startAuthorizationServer } from './provider.ts';

/** The reason where no key fits a token. */
export const NO_KEY = 'it is not signed with a key of the issuer';

type VerifierOptions = Omit<OAuthOptions, 'discovery' | 'fetch'> & { issuer: string; fetch?: OAuthOptions['fetch'] };

/** A verifier with a discovery of its own. */
export function verifierOf({ issuer, fetch = globalThis.fetch, ...options }: VerifierOptions) {
  return createOAuthVerifier({ discovery: createDiscovery(issuer, fetch), fetch, ...options });
}

/** A verifier before a real authorization server, with the clock that the verifier goes by. */
export async function world(options: Partial<VerifierOptions> = {}) {
  const server = await startAuthorizationServer();
  const clock = { now: Date.now() };
  const problems: string[] = [];
  const verify = verifierOf({
    issuer: server.issuer,
    audience: [RESOURCE, `${RESOURCE}/`],
    now: () => clock.now,
    onProblem: (problem) => problems.push(problem),
    ...options,
  });
  const seconds = (from: number) => Math.floor(clock.now / 1000) + from;
  return {
    server,
    verify,
    problems,
    seconds,
    pass: (ms: number) => {
      clock.now += ms;
    },
    /** A token as the server could have made it, but for these claims. */
    make: (claims: Record<string, unknown> = {}, key: Key = server.key, header = {}) =>
      sign(
        { iss: server.issuer, aud: RESOURCE, sub: 'alice', scope: SCOPES, exp: seconds(86_400), ...claims },
        key,
        header,
      ),
    keyFetches: () => server.requests.filter((path) => path === '/jwks').length,
  };
}

export type World = Awaited<ReturnType<typeof world>>;

/** Why the token is refused; fails where it is taken, or where the reason repeats a part of it. */
export async function refusal({ verify }: Pick<World, 'verify'>, token: string): Promise<string> {
  const error = await verify(token).then(
    () => new Error('taken'),
    (error: Error) => error,
  );
  expect(error).toBeInstanceOf(InvalidTokenError);
  for (const part of token.split('.').filter((part) => part.length > 8)) expect(error.stack).not.toContain(part);
  return error.message;
}
