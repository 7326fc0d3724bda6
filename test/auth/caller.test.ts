import type { AuthInfo } from '@modelcontextprotocol/server';
import { expect, test } from 'vitest';
import { accessOf, type Caller, lowerAccess, scopesOf, toAuthInfo } from '../../src/auth/caller.ts';

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

test('the SDK is handed the caller without a token', () => {
  const caller: Caller = { name: 'laptop', access: 'write', expiresAt: 1_772_600_767 };
  const info: AuthInfo = toAuthInfo(caller, 'https://mcp.example.com/.well-known/oauth-protected-resource/mcp');
  expect(info).toEqual({
    token: '',
    clientId: 'laptop',
    scopes: ['clusters:read', 'clusters:write'],
    expiresAt: 1_772_600_767,
    resourceMetadataUrl: 'https://mcp.example.com/.well-known/oauth-protected-resource/mcp',
    extra: { caller },
  });
});
