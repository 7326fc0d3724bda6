import { expect, test } from 'vitest';
import { describeResource } from '../../src/auth/protected-resource.ts';
import { ConfigError } from '../../src/errors.ts';

const ISSUER = 'https://login.example.com/';
const describe = (publicUrl: string) => describeResource({ publicUrl, issuer: ISSUER, access: 'full' });

test('the metadata name the resource as configured, its authorization server and its scopes', () => {
  expect(describe('https://mcp.example.com/mcp').metadata).toEqual({
    resource: 'https://mcp.example.com/mcp',
    authorization_servers: [ISSUER],
    scopes_supported: ['clusters:read', 'clusters:write', 'clusters:delete'],
    bearer_methods_supported: ['header'],
  });
});

test.each(['https://mcp.example.com/mcp', 'https://mcp.example.com/mcp/', 'https://MCP.example.com:443/mcp'])(
  'a token is made out to one resource, however it is written: %s',
  (publicUrl) => {
    const { audience, metadata, metadataUrl, metadataPaths } = describe(publicUrl);
    expect(metadata.resource).toBe('https://mcp.example.com/mcp');
    expect(audience).toEqual(['https://mcp.example.com/mcp', 'https://mcp.example.com/mcp/']);
    expect(metadataUrl).toBe('https://mcp.example.com/.well-known/oauth-protected-resource/mcp');
    expect(metadataPaths).toEqual([
      '/.well-known/oauth-protected-resource/mcp',
      '/.well-known/oauth-protected-resource',
    ]);
  },
);

test('an endpoint at the root of its host has its metadata there alone', () => {
  const { audience, metadataUrl, metadataPaths } = describe('https://mcp.example.com');
  expect(audience).toEqual(['https://mcp.example.com', 'https://mcp.example.com/']);
  expect(metadataUrl).toBe('https://mcp.example.com/.well-known/oauth-protected-resource');
  expect(metadataPaths).toEqual(['/.well-known/oauth-protected-resource']);
});

test('a scope that the operator left no use for is not offered', () => {
  const { scopes, metadata } = describeResource({
    publicUrl: 'http://localhost:3000/mcp',
    issuer: ISSUER,
    access: 'write',
  });
  expect(scopes).toEqual(['clusters:read', 'clusters:write']);
  expect(metadata.scopes_supported).toEqual(scopes);
});

test('scopes are offered as the authorization server qualifies them', () => {
  const { scopes, metadata } = describeResource({
    publicUrl: 'https://mcp.example.com/mcp',
    issuer: ISSUER,
    access: 'write',
    scopePrefix: 'api://1234/',
  });
  expect(scopes).toEqual(['api://1234/clusters:read', 'api://1234/clusters:write']);
  expect(metadata.scopes_supported).toEqual(scopes);
});

test.each([
  'mcp.example.com/mcp',
  'http://mcp.example.com/mcp',
  'https://mcp.example.com/mcp?team=1',
  'https://mcp.example.com/mcp#',
  'https://me@mcp.example.com/mcp',
])('the public URL cannot be %s', (publicUrl) => {
  expect(() => describe(publicUrl)).toThrow(ConfigError);
});
