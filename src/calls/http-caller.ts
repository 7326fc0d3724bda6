import { type Access, lowerAccess, scopesOf } from '../access.ts';
import type { CredentialFacts } from '../api/credentials.ts';
import type { Caller } from '../auth/caller.ts';
import type { TraceContext } from '../telemetry/trace-context.ts';

/** There is none over stdio. Passed explicitly, because AsyncLocalStorage slows every promise on Node 20. */
export interface HttpCaller {
  caller: Caller;
  /** Identifies the IONOS contract; empty if all callers share the server's credentials. */
  account: string;
  requestId: string;
  upstream: Record<string, string>;
  /** That of the HTTP request. */
  trace?: TraceContext;
  /** Of the caller's own for IONOS. */
  credentials?: CredentialFacts;
  /** Why a header for it gave no IONOS token. */
  ionosTokenProblem?: string;
  secrets: readonly string[];
  /** Whether the client declared earlier that it renders views (MCP Apps). */
  seesViews?: boolean;
  /** Authenticates again; undefined if that fails. */
  now(): Promise<Caller | undefined>;
}

export function toAuthInfo(httpCaller: HttpCaller, metadataUrl?: string) {
  const { name, access, expiresAt, scopePrefix } = httpCaller.caller;
  const scopes = scopesOf(access, scopePrefix);
  return { token: '', clientId: name, scopes, expiresAt, resourceMetadataUrl: metadataUrl, extra: { httpCaller } };
}

export function httpCallerIn(authInfo?: {
  extra?: { httpCaller?: HttpCaller } | Record<string, unknown>;
}): HttpCaller | undefined {
  const { httpCaller }: { httpCaller?: HttpCaller } = authInfo?.extra ?? {};
  return httpCaller;
}

export function granted(offered: Access, httpCaller: HttpCaller | undefined): Access {
  return httpCaller ? lowerAccess(offered, httpCaller.caller.access) : offered;
}

export const callerName = (httpCaller: HttpCaller | undefined) => httpCaller?.caller.name ?? 'stdio';
