import { type Access, lowerAccess, scopesOf } from '../access.ts';
import type { CredentialFacts } from '../api/credentials.ts';
import type { Caller } from '../auth/caller.ts';
import type { TraceContext } from '../telemetry/trace-context.ts';
import { visible } from '../text/visible.ts';
import type { Toolset } from '../tools/toolsets.ts';

/** What the URL leaves of what its caller may do; undefined is all of it. Equal URLs share one value. */
export interface Narrowing {
  access?: 'read';
  toolsets?: readonly Toolset[];
  /** IDs, or names in which * matches anything: no other cluster exists for the caller. */
  clusters?: readonly string[];
}

/** There is none over stdio. Passed explicitly, because AsyncLocalStorage slows every promise on Node 20. */
export interface HttpCaller {
  caller: Caller;
  /** Identifies the IONOS contract; empty if all callers share the server's credentials. */
  accountKey: string;
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
  narrowing?: Narrowing;
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
  if (!httpCaller) return offered;
  const { caller, narrowing: { access = offered } = {} } = httpCaller;
  return lowerAccess(lowerAccess(offered, caller.access), access);
}

/** What the operator offers and the URL leaves. */
export const toolsetsFor = (offered: readonly Toolset[], { toolsets }: Narrowing = {}): readonly Toolset[] =>
  toolsets ? offered.filter((each) => toolsets.includes(each)) : offered;

/** For a line of the log. */
export function loggedNarrowing(narrowing: Narrowing | undefined, hide = (text: string) => text) {
  const clusters = narrowing?.clusters?.map((pattern) => visible(hide(pattern)));
  return narrowing && { ...narrowing, clusters };
}

export const callerName = (httpCaller: HttpCaller | undefined) => httpCaller?.caller.name ?? 'stdio';
