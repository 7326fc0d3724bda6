import type { AuthInfo } from '@modelcontextprotocol/server';
import { expect, test } from 'vitest';
import { type Origin, originIn, toAuthInfo } from '../../src/calls/http-caller.ts';

const origin: Origin = {
  caller: { name: 'laptop', access: 'write', expiresAt: 1_772_600_767 },
  account: '',
  requestId: 'r-1',
  calls: 0,
  upstream: {},
  secrets: [],
};

test('the SDK is handed the caller without a token, and hands the origin on', () => {
  const info: AuthInfo = toAuthInfo(origin, 'https://mcp.example.com/.well-known/oauth-protected-resource/mcp');

  expect(info).toEqual({
    token: '',
    clientId: 'laptop',
    scopes: ['clusters:read', 'clusters:write'],
    expiresAt: 1_772_600_767,
    resourceMetadataUrl: 'https://mcp.example.com/.well-known/oauth-protected-resource/mcp',
    extra: { origin },
  });
  expect(originIn(info)).toBe(origin);
});

test('over stdio there is none', () => {
  expect(originIn(undefined)).toBeUndefined();
});
