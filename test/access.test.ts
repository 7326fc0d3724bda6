import { expect, test } from 'vitest';
import { accessOf, lowerAccess, scopesOf } from '../src/access.ts';

test.each([
  ['read', ['clusters:read']],
  ['write', ['clusters:write']],
  ['write', ['clusters:write', 'clusters:read']],
  ['full', ['clusters:delete']],
  ['full', ['openid', 'clusters:read', 'clusters:delete']],
] as const)('the highest scope decides: %s comes of %j', (access, scopes) => {
  expect(accessOf(scopes)).toBe(access);
});

test.each([[[]], [['openid']], [['clusters']], [['CLUSTERS:READ']], [['clusters:read ']]])(
  'nothing is allowed to %j',
  (scopes) => {
    expect(accessOf(scopes)).toBeUndefined();
  },
);

test('an access amounts to its own scope and those below', () => {
  expect(scopesOf('read')).toEqual(['clusters:read']);
  expect(scopesOf('write')).toEqual(['clusters:read', 'clusters:write']);
  expect(scopesOf('full')).toEqual(['clusters:read', 'clusters:write', 'clusters:delete']);
});

test('of two accesses the lower counts', () => {
  expect(lowerAccess('write', 'full')).toBe('write');
  expect(lowerAccess('write', 'read')).toBe('read');
  expect(lowerAccess('full', 'full')).toBe('full');
});
