import { AccessError } from './errors.ts';

/** Ascending: `read` sees, `write` also creates and changes, `full` also deletes. */
export const ACCESSES = ['read', 'write', 'full'] as const;
export type Access = (typeof ACCESSES)[number];

const SCOPES: Record<Access, string> = {
  read: 'clusters:read',
  write: 'clusters:write',
  full: 'clusters:delete',
};

const rankOf = (access: Access) => ACCESSES.indexOf(access);

export function isAccess(text: string | undefined): text is Access {
  return ACCESSES.some((access) => access === text);
}

export const includes = (access: Access, needed: Access) => rankOf(access) >= rankOf(needed);

export function lowerAccess(one: Access, other: Access): Access {
  return includes(other, one) ? one : other;
}

/** `prefix` is what the authorization server puts before the scopes of this server. */
export const scopeOf = (access: Access, prefix = '') => prefix + SCOPES[access];

export function scopesOf(access: Access, prefix = ''): string[] {
  return ACCESSES.filter((each) => includes(access, each)).map((each) => scopeOf(each, prefix));
}

/** The highest; undefined if no scope is known. Some servers cut the prefix off before they issue the token. */
export function accessOf(scopes: readonly string[], prefix = ''): Access | undefined {
  return ACCESSES.findLast((access) => scopes.includes(scopeOf(access)) || scopes.includes(scopeOf(access, prefix)));
}

export function notGranted(tool: string, needed: Access, prefix?: string): AccessError {
  return new AccessError(
    `This caller may not use ${tool}: it requires the scope ${scopeOf(needed, prefix)}, or a token of class ${needed}.`,
  );
}
