import { excerpt } from '../../text/visible.ts';
import type { IssuerMetadata } from './discovery.ts';

export interface ClientNeeds {
  /** The scopes that this server advertises. */
  scopes: readonly string[];
  /** Whether the keys have an address of their own, in --oauth-jwks-url. */
  hasKeysUrl: boolean;
}

const MOST_SHOWN = 5;

/** What MCP clients will miss, and what to do about it, in one sentence; undefined if there is nothing. */
export function shortcomingsOf(metadata: IssuerMetadata, needs: ClientNeeds): string | undefined {
  const missing = [
    ...endpoints(metadata),
    ...registration(metadata),
    ...pkce(metadata),
    ...publicClients(metadata),
    ...keys(metadata, needs),
    ...unlistedScopes(metadata, needs),
  ];
  return missing.length === 0 ? undefined : `The metadata of the authorization server has ${missing.join('; ')}`;
}

function endpoints({ authorizationEndpoint, tokenEndpoint }: IssuerMetadata): string[] {
  const missing = [
    ...(authorizationEndpoint === undefined ? ['authorization_endpoint'] : []),
    ...(tokenEndpoint === undefined ? ['token_endpoint'] : []),
  ];
  return missing.length === 0 ? [] : [`no ${missing.join(' and no ')} with https: nobody can sign in`];
}

function registration({ takesClientIdDocuments, registrationEndpoint }: IssuerMetadata): string[] {
  if (takesClientIdDocuments && registrationEndpoint !== undefined) return [];
  if (takesClientIdDocuments) {
    return [
      'no registration_endpoint: clients that have no client ID metadata document need the ID of a client that you create there',
    ];
  }
  return registrationEndpoint !== undefined
    ? [
        'no client_id_metadata_document_supported: clients register dynamically instead, so allow that there for those you want',
      ]
    : [
        'neither client_id_metadata_document_supported nor a registration_endpoint: clients cannot register, so create a client there and enter its ID in each MCP client',
      ];
}

function pkce({ codeChallengeMethods }: IssuerMetadata): string[] {
  if (codeChallengeMethods?.includes('S256')) return [];
  return codeChallengeMethods === undefined
    ? [
        'no code_challenge_methods_supported: clients that keep to the MCP specification refuse to sign in, even if PKCE works there',
      ]
    : [
        `no S256 in code_challenge_methods_supported, only ${shown(codeChallengeMethods)}: MCP clients refuse to sign in`,
      ];
}

function publicClients({ tokenAuthMethods }: IssuerMetadata): string[] {
  if (tokenAuthMethods?.includes('none')) return [];
  // RFC 8414: the default.
  const instead =
    tokenAuthMethods === undefined ? 'which means client_secret_basic' : `only ${shown(tokenAuthMethods)}`;
  return [
    `no "none" in token_endpoint_auth_methods_supported, ${instead}: clients without a secret may refuse to sign in, so give them one if they do`,
  ];
}

function keys({ jwksUri }: IssuerMetadata, { hasKeysUrl }: ClientNeeds): string[] {
  if (jwksUri !== undefined || hasKeysUrl) return [];
  return ['no jwks_uri, or an unsafe one: no token can be verified without --oauth-jwks-url'];
}

const OPENID_SCOPES = ['openid', 'profile', 'email', 'address', 'phone', 'offline_access'];

/** Many servers list the scopes and claims of OpenID Connect alone, which says nothing of others. */
function unlistedScopes({ scopes, claims }: IssuerMetadata, needs: ClientNeeds): string[] {
  const listed = scopes?.filter((scope) => !OPENID_SCOPES.includes(scope) && !claims.includes(scope)) ?? [];
  const missing = needs.scopes.filter((scope) => !listed.includes(scope));
  if (listed.length === 0 || missing.length === 0) return [];
  return [`no ${missing.join(' ')} in scopes_supported: create what is missing there, since clients ask for it`];
}

function shown(values: readonly string[]): string {
  if (values.length === 0) return 'an empty list';
  const more = values.length > MOST_SHOWN ? ` and ${values.length - MOST_SHOWN} more` : '';
  return values.slice(0, MOST_SHOWN).map(excerpt).join(', ') + more;
}
