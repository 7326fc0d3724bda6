import { lowerAccess, scopesOf } from './auth/caller.ts';
import type { Access } from './config.ts';
import { AccessError } from './errors.ts';
import { currentOrigin } from './origin.ts';

const INCLUDED: Record<Access, readonly Access[]> = {
  read: ['read'],
  write: ['read', 'write'],
  full: ['read', 'write', 'full'],
};

export const includes = (granted: Access, needed: Access) => INCLUDED[granted].includes(needed);

/** What the operator offers and the caller of this request may use. */
export function grantedNow(offered: Access): Access {
  const origin = currentOrigin();
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
