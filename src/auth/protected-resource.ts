import type { Access } from '../access.ts';
import { scopesOf } from '../access.ts';
import { ConfigError } from '../errors.ts';
import { secureUrl } from '../secure-url.ts';

const WELL_KNOWN = '/.well-known/oauth-protected-resource';

export interface ResourceOptions {
  /** The MCP endpoint as callers write it; never taken from a request, whose Host anyone can choose. */
  publicUrl: string;
  issuer: string;
  /** The operator's: a scope that no token could use here is not asked for. */
  access: Access;
}

export type ProtectedResource = ReturnType<typeof describeResource>;

/** This server as a protected resource (RFC 9728): what its tokens are made out to, and where clients learn of it. */
export function describeResource({ publicUrl, issuer, access }: ResourceOptions) {
  const url = secureUrl('the public URL', publicUrl);
  if (url.search) throw new ConfigError(['the public URL takes no query (?)']);
  const path = url.pathname.replace(/\/+$/, '');
  const resource = url.origin + path;
  const scopes = scopesOf(access);
  return {
    /** The only audiences of a token for this server. */
    audience: [resource, `${resource}/`],
    scopes,
    metadataUrl: url.origin + WELL_KNOWN + path,
    /** Where the document is served: for this path, and at the root for clients that look only there. */
    metadataPaths: [...new Set([WELL_KNOWN + path, WELL_KNOWN])],
    metadata: {
      resource,
      authorization_servers: [issuer],
      scopes_supported: scopes,
      bearer_methods_supported: ['header'],
    },
  };
}
