import type { JWK, JWTHeaderParameters, JWTPayload } from 'jose';

/** An authorization server as its makers document it, which a test plays on this machine. */
export interface PlayedServer {
  name: string;
  /** The host that the recipe's issuer has in earnest. */
  host: RegExp;
  /** By path; `issuer` is that of the recipe, on this machine. */
  documents(issuer: string, key: JWK): Record<string, object>;
  /** What the server logs of these documents. */
  warning: string;
  header?: Partial<JWTHeaderParameters>;
  /** Claims that its access tokens have beside those that tell one caller from another. */
  claims: JWTPayload;
  callers: Record<
    string,
    { claims: JWTPayload; header?: Partial<JWTHeaderParameters>; access: 'read' | 'write' | 'full' }
  >;
  strangers: Record<string, Stranger>;
}

export interface Stranger {
  claims?: JWTPayload;
  /** In place of a token that the server signed. */
  token?: string;
  reason: string;
  value?: string;
}

const SERVER = 'https://mcp.example.com/mcp';
const CLIENT = '6e0c1c35-4a2e-4a55-9d9b-3b0d8f0f3a11';
const HAS = 'The metadata of the authorization server has';
const NO_REGISTRATION =
  'neither client_id_metadata_document_supported nor a registration_endpoint: clients cannot register, so create a ' +
  'client there and enter its ID in each MCP client';
const NO_DOCUMENTS =
  'no client_id_metadata_document_supported: clients register dynamically instead, so allow that there for those you want';
const NO_PKCE =
  'no code_challenge_methods_supported: clients that keep to the MCP specification refuse to sign in, even if PKCE works there';
const noNone = (...methods: string[]) =>
  `no "none" in token_endpoint_auth_methods_supported, only ${methods.map((each) => `"${each}"`).join(', ')}: clients ` +
  'without a secret may refuse to sign in, so give them one if they do';

const WRONG_AUDIENCE = 'InvalidTokenError: its aud is missing or not the expected one';
const WRONG_ISSUER = 'InvalidTokenError: its iss is missing or not the expected one';
const ID_TOKEN = 'InvalidTokenError: it is an ID token; clients have to send the access token';
const NO_SCOPE = 'InsufficientScopeError: it holds none of the scopes of this server';
const NOT_A_JWT =
  'InvalidTokenError: it is not a JWT; clients get one if they ask the authorization server for this server, with resource or audience';
const ENCRYPTED =
  'InvalidTokenError: it is an encrypted JWT, which only its issuer can read; clients have to ask for this server';

/** https://www.keycloak.org/securing-apps/mcp-authz-server and its OIDCWellKnownProvider */
export const keycloak: PlayedServer = {
  name: 'Keycloak',
  host: /^https:\/\/keycloak\./,
  documents(issuer, key) {
    const { pathname } = new URL(issuer);
    const at = `${issuer}/protocol/openid-connect`;
    return {
      [`${pathname}/.well-known/openid-configuration`]: {
        issuer,
        authorization_endpoint: `${at}/auth`,
        token_endpoint: `${at}/token`,
        introspection_endpoint: `${at}/token/introspect`,
        userinfo_endpoint: `${at}/userinfo`,
        end_session_endpoint: `${at}/logout`,
        jwks_uri: `${at}/certs`,
        registration_endpoint: `${issuer}/clients-registrations/openid-connect`,
        grant_types_supported: ['authorization_code', 'client_credentials', 'refresh_token'],
        response_types_supported: ['code', 'none', 'id_token', 'token', 'id_token token', 'code id_token'],
        subject_types_supported: ['public', 'pairwise'],
        id_token_signing_alg_values_supported: ['PS384', 'RS384', 'EdDSA', 'ES384', 'HS256', 'RS256'],
        token_endpoint_auth_methods_supported: [
          ...['private_key_jwt', 'client_secret_basic', 'client_secret_post', 'tls_client_auth', 'client_secret_jwt'],
        ],
        claims_supported: [
          'iss',
          'sub',
          'aud',
          'exp',
          'iat',
          'auth_time',
          'name',
          'preferred_username',
          'email',
          'acr',
        ],
        scopes_supported: [
          ...['openid', 'basic', 'profile', 'email', 'roles', 'web-origins', 'acr', 'offline_access'],
          ...['clusters:read', 'clusters:write', 'clusters:delete'],
        ],
        code_challenge_methods_supported: ['plain', 'S256'],
        tls_client_certificate_bound_access_tokens: true,
        authorization_response_iss_parameter_supported: true,
      },
      [`${pathname}/protocol/openid-connect/certs`]: { keys: [{ ...key, x5c: ['MIIC'], x5t: 'x5t' }] },
    };
  },
  warning: `${HAS} ${NO_DOCUMENTS}; ${noNone('private_key_jwt', 'client_secret_basic', 'client_secret_post', 'tls_client_auth', 'client_secret_jwt')}`,
  header: { typ: 'JWT' },
  claims: {
    jti: 'onrtac:5b1b2a70-2c6e-4c0a-a1a7-6b8b6a0d9b1e',
    aud: [SERVER, 'account'],
    sub: 'f3a1b7c2-1111-4a6e-8f63-7c1c7f0a2b55',
    typ: 'Bearer',
    azp: 'mcp-client',
    sid: '0d9b8a41-6b1e-4f7e-9d56-2e8c9e6f6f01',
    acr: '1',
    'allowed-origins': ['https://client.example.com'],
    realm_access: { roles: ['offline_access', 'default-roles-ops'] },
    preferred_username: 'alice',
    scope: 'openid profile clusters:read',
  },
  callers: {
    'a user with one scope': { claims: {}, access: 'read' },
    'a user with all of them': { claims: { scope: 'clusters:read clusters:write clusters:delete' }, access: 'full' },
    'a service account': {
      claims: { sub: 'service', azp: 'ci', client_id: 'ci', aud: SERVER, scope: 'clusters:read clusters:write' },
      access: 'write',
    },
  },
  strangers: {
    'a scope without the audience mapper': {
      claims: { aud: 'account' },
      reason: WRONG_AUDIENCE,
      value: 'aud: account',
    },
    'a scope that the role does not allow': {
      claims: { scope: 'openid profile' },
      reason: NO_SCOPE,
      value: 'scope: openid profile',
    },
    'an ID token': {
      claims: { aud: 'mcp-client', typ: 'ID', at_hash: 'MTIzNDU2Nzg5MDEyMzQ1Ng', scope: undefined },
      reason: ID_TOKEN,
      value: 'aud: mcp-client',
    },
  },
};

/** https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference */
export const entra: PlayedServer = {
  name: 'Microsoft Entra ID',
  host: /^https:\/\/login\.microsoftonline\.com/,
  documents(issuer, { alg: _, ...key }) {
    const { pathname, origin } = new URL(issuer);
    const [, tenant] = pathname.split('/');
    return {
      [`${pathname}/.well-known/openid-configuration`]: {
        token_endpoint: `${origin}/${tenant}/oauth2/v2.0/token`,
        token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
        jwks_uri: `${origin}/${tenant}/discovery/v2.0/keys`,
        response_modes_supported: ['query', 'fragment', 'form_post'],
        subject_types_supported: ['pairwise'],
        id_token_signing_alg_values_supported: ['RS256'],
        response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
        scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
        issuer,
        request_uri_parameter_supported: false,
        userinfo_endpoint: 'https://graph.microsoft.com/oidc/userinfo',
        authorization_endpoint: `${origin}/${tenant}/oauth2/v2.0/authorize`,
        device_authorization_endpoint: `${origin}/${tenant}/oauth2/v2.0/devicecode`,
        http_logout_supported: true,
        claims_supported: [
          'sub',
          'iss',
          'aud',
          'exp',
          'iat',
          'auth_time',
          'acr',
          'nonce',
          'preferred_username',
          'name',
        ],
        tenant_region_scope: 'EU',
        cloud_instance_name: 'microsoftonline.com',
      },
      [`/${tenant}/discovery/v2.0/keys`]: { keys: [{ ...key, x5t: key.kid, x5c: ['MIIC'], issuer }] },
    };
  },
  warning: `${HAS} ${NO_REGISTRATION}; ${NO_PKCE}; ${noNone('client_secret_post', 'private_key_jwt', 'client_secret_basic')}`,
  header: { typ: 'JWT' },
  claims: {
    aud: '00001111-aaaa-2222-bbbb-3333cccc4444',
    aio: 'ATQAy/8TAAAA',
    azp: CLIENT,
    azpacr: '0',
    name: 'Alice',
    oid: '690222be-ff1a-4d56-abd1-7e4f7d38e474',
    preferred_username: 'alice@example.com',
    rh: '0.AXkA',
    roles: ['clusters:read'],
    scp: 'clusters:delete clusters:read clusters:write',
    sub: 'HKZpfaHyWadeOouYlitjrI-KffTm222X5rrV3xDqfKQ',
    tid: 'aaaabbbb-0000-cccc-1111-dddd2222eeee',
    uti: 'fqiBqXLPj0eQa82S-IYFAA',
    ver: '2.0',
  },
  callers: {
    'a user with one role': { claims: {}, access: 'read' },
    'a user with the highest role': { claims: { roles: ['clusters:delete'] }, access: 'full' },
    'an application, which has no scp': {
      claims: { azpacr: '1', idtyp: 'app', roles: ['clusters:write'], scp: undefined, name: undefined },
      access: 'write',
    },
  },
  strangers: {
    'a user without a role': { claims: { roles: undefined }, reason: NO_SCOPE, value: 'roles: absent' },
    'a token of version 1': {
      claims: {
        ...{ aud: SERVER, iss: 'https://sts.windows.net/aaaabbbb-0000-cccc-1111-dddd2222eeee/' },
        ...{ appid: CLIENT, appidacr: '0', ver: '1.0', azp: undefined, azpacr: undefined },
      },
      reason: WRONG_ISSUER,
      value: 'iss: https://sts.windows.net/aaaabbbb-0000-cccc-1111-dddd2222eeee/',
    },
    'a token for Microsoft Graph': {
      claims: { aud: '00000003-0000-0000-c000-000000000000', scp: 'User.Read' },
      reason: WRONG_AUDIENCE,
      value: 'aud: 00000003-0000-0000-c000-000000000000',
    },
    'an ID token of the application for clients': {
      claims: { aud: CLIENT, azp: undefined, azpacr: undefined, scp: undefined, nonce: '678910' },
      reason: ID_TOKEN,
      value: `aud: ${CLIENT}`,
    },
    'an ID token of an application that is both': {
      claims: { azp: undefined, azpacr: undefined, scp: undefined, nonce: '678910', roles: ['clusters:delete'] },
      reason: ID_TOKEN,
      value: 'aud: 00001111-aaaa-2222-bbbb-3333cccc4444',
    },
  },
};

/** https://auth0.com/docs/secure/tokens/access-tokens/access-token-profiles */
const auth0: PlayedServer = {
  name: 'Auth0',
  host: /^https:\/\/example\.eu\.auth0\.com/,
  documents(issuer, key) {
    const metadata = {
      issuer,
      authorization_endpoint: `${issuer}authorize`,
      token_endpoint: `${issuer}oauth/token`,
      device_authorization_endpoint: `${issuer}oauth/device/code`,
      userinfo_endpoint: `${issuer}userinfo`,
      jwks_uri: `${issuer}.well-known/jwks.json`,
      registration_endpoint: `${issuer}oidc/register`,
      revocation_endpoint: `${issuer}oauth/revoke`,
      scopes_supported: [
        ...['openid', 'profile', 'offline_access', 'name', 'given_name', 'family_name', 'nickname', 'email'],
        ...['email_verified', 'picture', 'created_at', 'identities', 'phone', 'address'],
      ],
      response_types_supported: ['code', 'token', 'id_token', 'code token', 'code id_token'],
      code_challenge_methods_supported: ['S256', 'plain'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['HS256', 'RS256', 'PS256'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
      claims_supported: [
        ...['aud', 'auth_time', 'created_at', 'email', 'email_verified', 'exp', 'family_name', 'given_name', 'iat'],
        ...['identities', 'iss', 'name', 'nickname', 'phone_number', 'picture', 'sub'],
      ],
    };
    return {
      '/.well-known/oauth-authorization-server': metadata,
      '/.well-known/openid-configuration': metadata,
      '/.well-known/jwks.json': { keys: [{ ...key, x5t: 'x5t', x5c: ['MIIC'] }] },
    };
  },
  warning: `${HAS} ${NO_DOCUMENTS}; ${noNone('client_secret_basic', 'client_secret_post', 'private_key_jwt')}`,
  header: { typ: 'JWT' },
  claims: {
    sub: 'auth0|65f1c7e2a1b2c3d4e5f60718',
    aud: [SERVER, 'https://example.eu.auth0.com/userinfo'],
    azp: 'K1AUPhZq8mRi0Q0pjhkfu1D7y6KjDQja',
    scope: 'openid profile clusters:read',
  },
  callers: {
    'a user whose roles have one permission': { claims: {}, access: 'read' },
    'a user with all of them, in the profile of RFC 9068': {
      claims: {
        ...{ azp: undefined, client_id: 'tpc_K1AUPhZq8mRi0Q0pjhkfu1D7y6KjDQja', jti: '73WakrfVbNJBaAmhQtEeDv' },
        ...{ scope: 'openid clusters:read clusters:write clusters:delete', permissions: ['clusters:delete'] },
      },
      header: { typ: 'at+jwt' },
      access: 'full',
    },
    'a machine': {
      claims: { sub: 'ci@clients', aud: SERVER, azp: 'ci', gty: 'client-credentials', scope: 'clusters:write' },
      access: 'write',
    },
  },
  strangers: {
    'a user without permissions': {
      claims: { scope: 'openid profile', permissions: [] },
      reason: NO_SCOPE,
      value: 'scope: openid profile',
    },
    'a token for another API': {
      claims: { aud: 'https://example.eu.auth0.com/api/v2/' },
      reason: WRONG_AUDIENCE,
      value: 'aud: https://example.eu.auth0.com/api/v2/',
    },
    'an opaque token': { token: 'zVfq0Z1nS3mJ8kq2xYb7Lw5Rt9Hc4Dg6', reason: NOT_A_JWT },
    'an encrypted token': { token: 'eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..aXY.Y2lwaGVy.dGFn', reason: ENCRYPTED },
    'an ID token': {
      claims: { aud: 'K1AUPhZq8mRi0Q0pjhkfu1D7y6KjDQja', azp: undefined, scope: undefined, nonce: 'n', sid: 's' },
      reason: ID_TOKEN,
      value: 'aud: K1AUPhZq8mRi0Q0pjhkfu1D7y6KjDQja',
    },
  },
};

/** https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html */
const cognito: PlayedServer = {
  name: 'Amazon Cognito',
  host: /^https:\/\/cognito-idp\.eu-central-1\.amazonaws\.com/,
  documents(issuer, key) {
    const { pathname } = new URL(issuer);
    const domain = 'https://example.auth.eu-central-1.amazoncognito.com';
    return {
      [`${pathname}/.well-known/openid-configuration`]: {
        authorization_endpoint: `${domain}/oauth2/authorize`,
        end_session_endpoint: `${domain}/logout`,
        id_token_signing_alg_values_supported: ['RS256'],
        issuer,
        jwks_uri: `${issuer}/.well-known/jwks.json`,
        response_types_supported: ['code', 'token'],
        revocation_endpoint: `${domain}/oauth2/revoke`,
        scopes_supported: ['openid', 'email', 'phone', 'profile'],
        subject_types_supported: ['public'],
        token_endpoint: `${domain}/oauth2/token`,
        token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
        userinfo_endpoint: `${domain}/oauth2/userInfo`,
      },
      [`${pathname}/.well-known/jwks.json`]: { keys: [key] },
    };
  },
  warning: `${HAS} ${NO_REGISTRATION}; ${NO_PKCE}; ${noNone('client_secret_basic', 'client_secret_post')}`,
  claims: {
    sub: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
    'cognito:groups': ['operators'],
    version: 2,
    client_id: '1example23456789',
    aud: SERVER,
    origin_jti: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
    event_id: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
    token_use: 'access',
    scope: `openid ${SERVER}/clusters:read`,
    auth_time: 1_676_313_851,
    jti: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
    username: 'alice',
  },
  callers: {
    'a user with one scope': { claims: {}, access: 'read' },
    'a user with all of them': {
      claims: { scope: `${SERVER}/clusters:delete ${SERVER}/clusters:read ${SERVER}/clusters:write openid` },
      access: 'full',
    },
  },
  strangers: {
    'a machine, whose token has no aud': {
      claims: { sub: 'ci', client_id: 'ci', aud: undefined, username: undefined, scope: `${SERVER}/clusters:write` },
      reason: WRONG_AUDIENCE,
      value: 'aud: absent',
    },
    'a user of the SDK, whose token has neither aud nor scopes': {
      claims: { aud: undefined, scope: 'aws.cognito.signin.user.admin' },
      reason: WRONG_AUDIENCE,
      value: 'aud: absent',
    },
    'a token that is bound to another resource': {
      claims: { aud: 'https://other.example.com' },
      reason: WRONG_AUDIENCE,
      value: 'aud: https://other.example.com',
    },
    'a user without scopes of this server': {
      claims: { scope: 'openid profile' },
      reason: NO_SCOPE,
      value: 'scope: openid profile',
    },
    'an ID token': {
      claims: { aud: '1example23456789', token_use: 'id', client_id: undefined, scope: undefined },
      reason: ID_TOKEN,
      value: 'aud: 1example23456789',
    },
  },
};

export const playedServers: readonly PlayedServer[] = [keycloak, entra, auth0, cognito];
