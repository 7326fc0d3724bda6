import type { Access } from '../access.ts';

export interface Caller {
  /** Unique per caller; logs, limits and cache keys use it. */
  name: string;
  access: Access;
  /** Seconds since the epoch; undefined if the token names no expiry. */
  expiresAt?: number;
  /** Prefix of the scopes that this caller's client has to request. */
  scopePrefix?: string;
  /** X-IONOS-Token contains a token for this server, which must not reach IONOS. */
  isTokenMisplaced?: boolean;
}
