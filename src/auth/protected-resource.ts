import type { Access } from '../access.ts';
import { scopesOf } from '../access.ts';
import { ConfigError } from '../errors.ts';
import { secureUrl, withoutSlashes } from '../secure-url.ts';

const WELL_KNOWN = '/.well-known/oauth-protected-resource';

export interface ResourceOptions {
  /** Never derived from a request, whose Host header anyone can choose. */
  publicUrl: string;
  issuer: string;
  access: Access;
  scopePrefix?: string;
}

export type ProtectedResource = ReturnType<typeof describeResource>;

export function describeResource({ publicUrl, issuer, access, scopePrefix }: ResourceOptions) {
  const url = secureUrl('the public URL', publicUrl);
  if (url.search) throw new ConfigError(['the public URL must not contain a query (?)']);
  const path = withoutSlashes(url.pathname);
  const resource = url.origin + path;
  const scopes = scopesOf(access, scopePrefix);
  return {
    audience: [resource, `${resource}/`],
    scopes,
    metadataUrl: url.origin + WELL_KNOWN + path,
    /** Some clients look only at the root. */
    metadataPaths: [...new Set([WELL_KNOWN + path, WELL_KNOWN])],
    metadata: {
      resource,
      authorization_servers: [issuer],
      scopes_supported: scopes,
      bearer_methods_supported: ['header'],
    },
  };
}
