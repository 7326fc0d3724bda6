import { type Caller, scopesOf } from '../auth/caller.ts';

/**
 * Where a call over HTTP comes from, and what it brings along besides its arguments. Over stdio there is none: the only
 * caller is the process that launched this one. It is handed from function to function, since Node 20 slows down every
 * promise where it is to be found by itself.
 */
export interface Origin {
  caller: Caller;
  /** Whose clusters it means, where callers bring credentials of their own; empty where all mean the same. */
  account: string;
  requestId: string;
  /** How many calls it has made so far: a batch would make many for the limits' one. */
  calls: number;
  /** Headers for the requests to IONOS that this call makes: the caller's own credentials, W3C trace context. */
  upstream: Record<string, string>;
  /** Texts among them that never leave this process. */
  secrets: readonly string[];
}

/** The caller as the MCP SDK hands him on to its handlers; `metadataUrl` goes into its challenges for a scope. */
export function toAuthInfo(origin: Origin, metadataUrl?: string) {
  const { name, access, expiresAt } = origin.caller;
  const scopes = scopesOf(access);
  return { token: '', clientId: name, scopes, expiresAt, resourceMetadataUrl: metadataUrl, extra: { origin } };
}

/** The origin that has come with it; undefined over stdio. */
export function originIn(authInfo?: { extra?: { origin?: Origin } | Record<string, unknown> }): Origin | undefined {
  const { origin }: { origin?: Origin } = authInfo?.extra ?? {};
  return origin;
}
