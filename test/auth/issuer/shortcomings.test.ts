import { expect, test } from 'vitest';
import type { IssuerMetadata } from '../../../src/auth/issuer/discovery.ts';
import { type ClientNeeds, shortcomingsOf } from '../../../src/auth/issuer/shortcomings.ts';

const ISSUER = 'https://login.example.com';
const COMPLETE: IssuerMetadata = {
  url: `${ISSUER}/.well-known/oauth-authorization-server`,
  jwksUri: `${ISSUER}/keys`,
  authorizationEndpoint: `${ISSUER}/authorize`,
  tokenEndpoint: `${ISSUER}/token`,
  registrationEndpoint: `${ISSUER}/register`,
  takesClientIdDocuments: true,
  namesItself: false,
  codeChallengeMethods: ['plain', 'S256'],
  tokenAuthMethods: ['client_secret_post', 'none'],
  scopes: ['openid', 'clusters:read', 'clusters:write', 'clusters:delete'],
  claims: [],
};
const NEEDS: ClientNeeds = { scopes: ['clusters:read', 'clusters:write'], hasKeysUrl: false };

const wordsFor = (changes: Partial<IssuerMetadata>, needs: Partial<ClientNeeds> = {}) =>
  shortcomingsOf({ ...COMPLETE, ...changes }, { ...NEEDS, ...needs })?.replace(
    'The metadata of the authorization server has ',
    '',
  );

test.each<[string, Partial<IssuerMetadata>, Partial<ClientNeeds>]>([
  ['everything is there', {}, {}],
  ['it lists no scopes', { scopes: undefined }, {}],
  ['it lists an empty list of scopes', { scopes: [] }, {}],
  ['it lists scopes of OpenID Connect alone', { scopes: ['openid', 'profile', 'email', 'offline_access'] }, {}],
  ['it lists those and claims', { scopes: ['openid', 'nickname', 'phone'], claims: ['nickname'] }, {}],
  ['keys are configured', { jwksUri: undefined }, { hasKeysUrl: true }],
])('nothing is said where %s', (_, changes, needs) => {
  expect(wordsFor(changes, needs)).toBeUndefined();
});

const REGISTRATION =
  'neither client_id_metadata_document_supported nor a registration_endpoint: clients cannot register';
const NO_PKCE = 'clients that keep to the MCP specification refuse to sign in, even if PKCE works there';
const NO_SECRET = 'clients without a secret may refuse to sign in, so give them one if they do';

test.each<[Partial<IssuerMetadata>, string]>([
  [
    { takesClientIdDocuments: false },
    'no client_id_metadata_document_supported: clients register dynamically instead, so allow that there for those you want',
  ],
  [
    { registrationEndpoint: undefined },
    'no registration_endpoint: clients that have no client ID metadata document need the ID of a client that you create there',
  ],
  [
    { takesClientIdDocuments: false, registrationEndpoint: undefined },
    `${REGISTRATION}, so create a client there and enter its ID in each MCP client`,
  ],
  [{ codeChallengeMethods: undefined }, `no code_challenge_methods_supported: ${NO_PKCE}`],
  [
    { codeChallengeMethods: ['plain'] },
    'no S256 in code_challenge_methods_supported, only "plain": MCP clients refuse to sign in',
  ],
  [
    { codeChallengeMethods: [] },
    'no S256 in code_challenge_methods_supported, only an empty list: MCP clients refuse to sign in',
  ],
  [
    { tokenAuthMethods: undefined },
    `no "none" in token_endpoint_auth_methods_supported, which means client_secret_basic: ${NO_SECRET}`,
  ],
  [
    { tokenAuthMethods: ['client_secret_post', 'private_key_jwt'] },
    `no "none" in token_endpoint_auth_methods_supported, only "client_secret_post", "private_key_jwt": ${NO_SECRET}`,
  ],
  [{ tokenEndpoint: undefined }, 'no token_endpoint with https: nobody can sign in'],
  [
    { tokenEndpoint: undefined, authorizationEndpoint: undefined },
    'no authorization_endpoint and no token_endpoint with https: nobody can sign in',
  ],
  [{ jwksUri: undefined }, 'no jwks_uri, or an unsafe one: no token can be verified without --oauth-jwks-url'],
  [
    { scopes: ['openid', 'orders:read', 'clusters:read'] },
    'no clusters:write in scopes_supported: create what is missing there, since clients ask for it',
  ],
])('what is missing is said, and what to do: %j', (changes, words) => {
  expect(wordsFor(changes)).toBe(words);
});

test('all that is missing is said in one sentence', () => {
  const words = wordsFor({
    takesClientIdDocuments: false,
    registrationEndpoint: undefined,
    codeChallengeMethods: undefined,
    tokenAuthMethods: undefined,
  });
  expect(words?.split('; ').map((each) => each.split(/[: ,]/, 2).join(' '))).toEqual([
    'neither client_id_metadata_document_supported',
    'no code_challenge_methods_supported',
    'no "none"',
  ]);
});

test('foreign words are cut, escaped and counted', () => {
  const methods = ['a"b', 'line\nbreak', 'x'.repeat(300), '\u202e', 'five', 'six', 'seven'];
  expect(wordsFor({ codeChallengeMethods: methods })).toBe(
    `no S256 in code_challenge_methods_supported, only "a\\u{22}b", "line\\u{A}break", "${'x'.repeat(100)}…", ` +
      '"\\u{202E}", "five" and 2 more: MCP clients refuse to sign in',
  );
});
