import { lowerAccess, scopesOf } from './auth/caller.ts';
import type { Origin } from './calls/http-caller.ts';
import type { Access } from './config/index.ts';
import { AccessError } from './errors.ts';

const INCLUDED: Record<Access, readonly Access[]> = {
  read: ['read'],
  write: ['read', 'write'],
  full: ['read', 'write', 'full'],
};

export const includes = (access: Access, needed: Access) => INCLUDED[access].includes(needed);

/** What the operator offers and the caller of a request may use. */
export function granted(offered: Access, origin: Origin | undefined): Access {
  return origin ? lowerAccess(offered, origin.caller.access) : offered;
}

export function notGranted(tool: string, needed: Access): AccessError {
  return new AccessError(
    `This caller may not use ${tool}: it takes the scope ${scopeFor(needed)}, or a token of the class ${needed}.`,
  );
}

export function scopeFor(access: Access): string {
  return scopesOf(access).at(-1) ?? '';
}
