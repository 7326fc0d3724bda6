import { AsyncLocalStorage } from 'node:async_hooks';
import type { Caller } from './auth/caller.ts';

/** Where a call comes from, and what it brings along besides its arguments. Nothing of it outlives the request. */
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

const origins = new AsyncLocalStorage<Origin>();

/** Everything that `work` starts, however late, belongs to this origin. */
export function within<T>(origin: Origin, work: () => T): T {
  return origins.run(origin, work);
}

/** For what may outlive a request, such as a connection that is kept: it would hold the origin in which it was made. */
export function outside<T>(work: () => T): T {
  return origins.exit(work);
}

/** Undefined over stdio, where the only caller is the process that launched this one. */
export function currentOrigin(): Origin | undefined {
  return origins.getStore();
}
