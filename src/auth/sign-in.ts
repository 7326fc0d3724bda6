import type { Access } from '../access.ts';
import { createGate, type Gate } from './gate.ts';
import type { KeyFetch } from './key-discovery.ts';
import { createOAuthVerifier } from './oauth.ts';
import { describeResource, type ProtectedResource } from './protected-resource.ts';
import { createTokenVerifier } from './static-tokens.ts';

/** How callers sign in. */
export type CallerAuth =
  | { mode: 'none' }
  | { mode: 'token'; source: { text: string } | { path: string } }
  | {
      mode: 'oauth';
      /** To the letter, as it stands in a token. */
      issuer: string;
      audience?: string;
      jwksUrl?: string;
    };

export interface SignInOptions {
  auth: CallerAuth;
  /** Where clients reach this server; what tokens are made out to in `oauth`. */
  publicUrl?: string;
  /** The most that any caller gets here. */
  access: Access;
  readFile(path: string): string;
  /** For the authorization server's keys, where the API's way out is not Node's own. */
  fetch?: KeyFetch;
  /** Told when tokens or keys cannot be had. */
  onProblem(problem: string): void;
  onRefusal(refusal: Error): void;
}

export interface SignIn {
  gate: Gate;
  /** Described to clients in `oauth`; elsewhere there is none. */
  resource?: ProtectedResource;
}

/** What lets callers in, as the operator has chosen. */
export function createSignIn({ auth, publicUrl = '', access, ...options }: SignInOptions): SignIn {
  const { readFile, fetch, onProblem, onRefusal } = options;
  if (auth.mode === 'none') return { gate: createGate({ mode: 'none' }) };
  if (auth.mode === 'token') {
    const { source } = auth;
    const verify = createTokenVerifier(
      'text' in source
        ? { name: 'MCP_AUTH_TOKENS', text: source.text }
        : { name: source.path, path: source.path, readFile, onProblem },
    );
    return { gate: createGate({ mode: 'token', verify, onRefusal }) };
  }
  const { issuer, jwksUrl } = auth;
  const resource = describeResource({ publicUrl: `${publicUrl}/mcp`, issuer, access });
  const audience = auth.audience ? [auth.audience] : resource.audience;
  const verify = createOAuthVerifier({ issuer, jwksUrl, audience, fetch, onProblem });
  return { gate: createGate({ mode: 'oauth', resource, verify, onRefusal }), resource };
}
