import type { Access } from '../config/index.ts';

/** Who calls, as far as the rest of the program needs to know: no credential of his is kept. */
export interface Caller {
  /** For the log, limits and keys of caches; no two callers share one. */
  name: string;
  access: Access;
  /** Seconds since the epoch, where the caller's token says when it ends. */
  expiresAt?: number;
}

const RANKED: readonly Access[] = ['read', 'write', 'full'];
const SCOPE: Record<Access, string> = {
  read: 'clusters:read',
  write: 'clusters:write',
  full: 'clusters:delete',
};

/** The scopes that an access amounts to: who may delete may also change and see. */
export function scopesOf(access: Access): string[] {
  return RANKED.slice(0, RANKED.indexOf(access) + 1).map((each) => SCOPE[each]);
}

/** What the highest of the scopes allows, with all below it; undefined where none of them is known here. */
export function accessOf(scopes: readonly string[]): Access | undefined {
  return RANKED.findLast((access) => scopes.includes(SCOPE[access]));
}

/** The lower of two, as of the operator's and the caller's. */
export function lowerAccess(one: Access, other: Access): Access {
  return RANKED.indexOf(one) < RANKED.indexOf(other) ? one : other;
}
