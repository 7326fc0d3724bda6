import { type Access, lowerAccess, scopesOf } from '../access.ts';
import type { Caller } from '../auth/caller.ts';

/**
 * Who makes a request over HTTP, and what it brings along besides its arguments. Over stdio there is none: the only
 * caller is the process that launched this one. Passed explicitly: AsyncLocalStorage slows every promise on Node 20.
 */
export interface HttpCaller {
  caller: Caller;
  /** Whose clusters it means, where callers bring credentials of their own; empty where all mean the same. */
  account: string;
  requestId: string;
  /** Headers for the requests to IONOS that this call makes: the caller's own credentials, W3C trace context. */
  upstream: Record<string, string>;
  /** Texts among them that never leave this process. */
  secrets: readonly string[];
}

/** As the MCP SDK hands it on to its handlers; `metadataUrl` goes into its challenges for a scope. */
export function toAuthInfo(httpCaller: HttpCaller, metadataUrl?: string) {
  const { name, access, expiresAt } = httpCaller.caller;
  const scopes = scopesOf(access);
  return { token: '', clientId: name, scopes, expiresAt, resourceMetadataUrl: metadataUrl, extra: { httpCaller } };
}

/** What has come with it; undefined over stdio. */
export function httpCallerIn(authInfo?: {
  extra?: { httpCaller?: HttpCaller } | Record<string, unknown>;
}): HttpCaller | undefined {
  const { httpCaller }: { httpCaller?: HttpCaller } = authInfo?.extra ?? {};
  return httpCaller;
}

/** What the operator offers and the caller of a request may use. */
export function granted(offered: Access, httpCaller: HttpCaller | undefined): Access {
  return httpCaller ? lowerAccess(offered, httpCaller.caller.access) : offered;
}

/** For logs and limits. */
export const callerName = (httpCaller: HttpCaller | undefined) => httpCaller?.caller.name ?? 'stdio';
