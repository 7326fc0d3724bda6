import type { Access } from '../access.ts';
import { createGate, type Gate } from './gate.ts';
import { checkIssuer, type IssuerReport } from './issuer/check.ts';
import { type CodeFlow, createCodeFlow } from './issuer/code-flow.ts';
import { createDiscovery } from './issuer/discovery.ts';
import type { DocumentFetch } from './issuer/documents.ts';
import { createOAuthVerifier } from './oauth.ts';
import { describeResource, type ProtectedResource } from './protected-resource.ts';
import type { Refusal } from './refusals.ts';
import { createTokenVerifier } from './static-tokens.ts';

export type CallerAuth =
  | { mode: 'none' }
  | { mode: 'token'; source: { text: string } | { path: string } }
  | {
      mode: 'oauth';
      issuer: string;
      audience?: string;
      jwksUrl?: string;
      scopePrefix?: string;
      scopesClaim?: string;
      maxAge?: number;
      /** Of the public client with which people sign in on the page. */
      pageClientId?: string;
    };

export interface SignInOptions {
  auth: CallerAuth;
  publicUrl?: string;
  access: Access;
  readFile(path: string, setting: string, maxBytes: number): string;
  fetch?: DocumentFetch;
  onProblem(problem: string): void;
  onRefusal(refusal: Refusal): void;
}

export interface SignIn {
  gate: Gate;
  resource?: ProtectedResource;
  /** With OAuth: tells what MCP clients will miss at the authorization server. */
  checkIssuer?(ways: { report(report: IssuerReport): void; stop: AbortSignal }): Promise<void>;
  /** With a client for the page at /. */
  codeFlow?: CodeFlow;
}

export function createSignIn({ auth, publicUrl = '', access, ...options }: SignInOptions): SignIn {
  const { readFile, fetch = globalThis.fetch, onProblem, onRefusal } = options;
  if (auth.mode === 'none') return { gate: createGate({ mode: 'none' }) };
  if (auth.mode === 'token') {
    const { source } = auth;
    const verify = createTokenVerifier(
      'text' in source
        ? { name: 'MCP_AUTH_TOKENS', text: source.text }
        : { name: '--auth-tokens-file', path: source.path, readFile, onProblem },
    );
    return { gate: createGate({ mode: 'token', verify, onRefusal }) };
  }
  const { issuer, jwksUrl, scopePrefix, scopesClaim, maxAge, pageClientId } = auth;
  const resource = describeResource({ publicUrl: `${publicUrl}/mcp`, issuer, access, scopePrefix });
  const discovery = createDiscovery(issuer, fetch);
  const audience = auth.audience ? [auth.audience] : resource.audience;
  const scopesClaims = scopesClaim === undefined ? undefined : [scopesClaim];
  const scopes = { scopePrefix, scopesClaims };
  const verify = createOAuthVerifier({ discovery, jwksUrl, audience, ...scopes, maxAge, fetch, onProblem });
  const needs = { scopes: resource.scopes, hasKeysUrl: jwksUrl !== undefined };
  const page = { redirectUri: `${publicUrl}/`, resource: resource.metadata.resource, scopes: resource.scopes };
  return {
    gate: createGate({ mode: 'oauth', resource, verify, onRefusal }),
    resource,
    checkIssuer: (ways) => checkIssuer(discovery, needs, ways),
    codeFlow:
      pageClientId === undefined ? undefined : createCodeFlow({ discovery, clientId: pageClientId, ...page, fetch }),
  };
}
