import type { Access } from '../access.ts';

/** Who calls, as far as the rest of the program needs to know: no credential of theirs is kept. */
export interface Caller {
  /** For the log, limits and keys of caches; no two callers share one. */
  name: string;
  access: Access;
  /** Seconds since the epoch, where the caller's token says when it ends. */
  expiresAt?: number;
}
