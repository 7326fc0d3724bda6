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

export const scopeOf = (access: Access) => SCOPES[access];

export function scopesOf(access: Access): string[] {
  return ACCESSES.filter((each) => includes(access, each)).map(scopeOf);
}

/** The highest; undefined if no scope is known. */
export function accessOf(scopes: readonly string[]): Access | undefined {
  return ACCESSES.findLast((access) => scopes.includes(scopeOf(access)));
}

export function notGranted(tool: string, needed: Access): AccessError {
  return new AccessError(
    `This caller may not use ${tool}: it takes the scope ${scopeOf(needed)}, or a token of the class ${needed}.`,
  );
}
