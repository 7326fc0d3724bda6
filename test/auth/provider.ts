import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { exportJWK, generateKeyPair, type JWK, type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose';
import { onTestFinished, vi } from 'vitest';
import { listen } from '../helpers/process.ts';

export const RESOURCE = 'https://mcp.example.com/mcp';
export const SCOPES = 'clusters:read clusters:write clusters:delete';

/** A key pair to sign with; its public half has the ID. */
export async function createKey(kid: string, alg = 'RS256') {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const named = async (key: typeof publicKey): Promise<JWK> => ({ ...(await exportJWK(key)), kid, alg, use: 'sig' });
  return { kid, alg, privateKey, publicKey, privateJwk: await named(privateKey), publicJwk: await named(publicKey) };
}

export type Key = Awaited<ReturnType<typeof createKey>>;

const FIRST_KEY = createKey('first');

/** A token of our own making, as this key would sign it. */
export function sign(claims: JWTPayload, key: Key, header: Partial<JWTHeaderParameters> = {}): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: key.alg, kid: key.kid, ...header }).sign(key.privateKey);
}

/** oidc-provider on a port of this machine; it does not outlive the test. */
export async function startAuthorizationServer() {
  // it warns of settings that a test has no use for, from its import on
  for (const method of ['info', 'warn'] as const) {
    const spy = vi.spyOn(console, method).mockImplementation(() => {});
    onTestFinished(() => spy.mockRestore());
  }
  const { default: Provider } = await import('oidc-provider');

  const requests: string[] = [];
  let answer: RequestListener = () => {};
  const { server, url, port } = await listen((request, response) => {
    requests.push(request.url ?? '');
    answer(request, response);
  });
  const useKey = (key: Key) => {
    answer = new Provider(url, configuration(key)).callback();
  };
  const key = await FIRST_KEY;
  useKey(key);

  return {
    issuer: url,
    key,
    /** The paths that were asked for, in order. */
    requests,
    /** From now on this is the key, and the only one that is published. */
    useKey,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
    start: () => once(server.listen(port, '127.0.0.1'), 'listening'),
    /** A token as the server issues it. */
    async issue({ scope = SCOPES, resource = RESOURCE } = {}): Promise<string> {
      const form = { grant_type: 'client_credentials', client_id: 'team', client_secret: 'secret', scope, resource };
      const reply = await fetch(`${url}/token`, { method: 'POST', body: new URLSearchParams(form) });
      const { access_token: token } = (await reply.json()) as { access_token?: string };
      if (!token) throw new Error(`No token: ${reply.status}`);
      return token;
    },
  };
}

const configuration = (key: Key) => ({
  jwks: { keys: [key.privateJwk] },
  clients: [
    {
      client_id: 'team',
      client_secret: 'secret',
      token_endpoint_auth_method: 'client_secret_post',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      scope: `openid other:thing ${SCOPES}`,
    },
  ],
  scopes: ['openid', 'other:thing', ...SCOPES.split(' ')],
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: () => ({
        scope: `other:thing ${SCOPES}`,
        accessTokenFormat: 'jwt',
        accessTokenTTL: 600,
      }),
    },
  },
});
