import type { AuthInfo } from '@modelcontextprotocol/server';
import { expect, test } from 'vitest';
import { type HttpCaller, httpCallerIn, toAuthInfo } from '../../src/calls/http-caller.ts';

const httpCaller: HttpCaller = {
  caller: { name: 'laptop', access: 'write', expiresAt: 1_772_600_767 },
  accountKey: '',
  requestId: 'r-1',
  upstream: {},
  secrets: [],
  now: async () => undefined,
};

test('the SDK is handed the caller without a token, and hands on the rest', () => {
  const info: AuthInfo = toAuthInfo(httpCaller, 'https://mcp.example.com/.well-known/oauth-protected-resource/mcp');

  expect(info).toEqual({
    token: '',
    clientId: 'laptop',
    scopes: ['clusters:read', 'clusters:write'],
    expiresAt: 1_772_600_767,
    resourceMetadataUrl: 'https://mcp.example.com/.well-known/oauth-protected-resource/mcp',
    extra: { httpCaller },
  });
  expect(httpCallerIn(info)).toBe(httpCaller);
});

test('over stdio there is none', () => {
  expect(httpCallerIn(undefined)).toBeUndefined();
});
