import type { Access } from '../access.ts';

export interface Caller {
  /** Unique per caller; logs, limits and cache keys use it. */
  name: string;
  access: Access;
  /** Seconds since the epoch; undefined if the token names no expiry. */
  expiresAt?: number;
  /** Before the scopes that this caller's client has to ask for. */
  scopePrefix?: string;
  /** Whether X-IONOS-Token holds a token for this server too, which must not reach IONOS. */
  isTokenMisplaced?: boolean;
}
