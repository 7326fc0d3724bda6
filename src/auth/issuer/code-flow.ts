import * as z from 'zod';
import { cut, visible } from '../../text/visible.ts';
import { AuthorizationServerDownError } from '../refusals.ts';
import type { Discovery, IssuerMetadata } from './discovery.ts';
import { type DocumentFetch, parsedBody, reasonOf, withinTime } from './documents.ts';

/** What the page needs to send a person to the authorization server. */
export interface CodeOffer {
  issuer: string;
  redirectUri: string;
  /** Lacks only state and code_challenge, which the page makes up for each sign-in. */
  authorizationUrl: string;
  namesIssuer: boolean;
}

export interface CodeFlow {
  /** Rejects with an AuthorizationServerDownError. */
  offer(): Promise<CodeOffer>;
  /** Resolves with the access token. Rejects with a CodeRefusedError or an AuthorizationServerDownError. */
  exchange(code: string, verifier: string): Promise<string>;
}

/** The authorization server does not give a token for this code. */
export class CodeRefusedError extends Error {
  override name = 'CodeRefusedError';
  constructor(
    message: string,
    /** As RFC 6749 has it, such as invalid_grant: foreign text. */
    readonly code: string,
  ) {
    super(message);
  }
}

interface CodeFlowOptions {
  discovery: Discovery;
  /** Of a client without a secret. */
  clientId: string;
  redirectUri: string;
  resource: string;
  scopes: readonly string[];
  fetch: DocumentFetch;
  now?(): number;
}

const EXCHANGE_MS = 10_000;
/** Bounds how often anyone who opens the page makes this server ask an authorization server that is down. */
const PAUSE_MS = 5000;
const MAX_REASON = 300;

const granted = z.object({ access_token: z.string().min(1), token_type: z.string() });
const denied = z.object({ error: z.string().min(1), error_description: z.string().optional().catch(undefined) });

/** The authorization code flow with PKCE. The page keeps the verifier; no state is kept here. */
export function createCodeFlow({ discovery, now = Date.now, ...options }: CodeFlowOptions): CodeFlow {
  const { clientId, redirectUri, resource, scopes, fetch } = options;
  const { issuer } = discovery;
  const { host } = new URL(issuer);
  let failed: { at: number; problem: string } | undefined;

  const down = (problem: string) =>
    new AuthorizationServerDownError(`The authorization server ${host} ${problem}`, PAUSE_MS / 1000);

  async function endpoints() {
    if (failed && now() - failed.at < PAUSE_MS) throw down(failed.problem);
    try {
      return endpointsIn(await discovery.read());
    } catch (error) {
      discovery.forget();
      failed = { at: now(), problem: `cannot be used to sign in: ${cut(reasonOf(error), MAX_REASON)}` };
      throw down(failed.problem);
    }
  }

  /** Without a redirect, which would send the code elsewhere. */
  async function ask(url: string, form: Record<string, string>) {
    try {
      return await withinTime(async (signal) => {
        const headers = { accept: 'application/json' };
        const body = new URLSearchParams(form);
        const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal });
        return { answer: await parsedBody(response), status: response.status };
      }, EXCHANGE_MS);
    } catch (error) {
      throw down(reasonOf(error));
    }
  }

  return {
    async offer() {
      const { authorization, namesIssuer } = await endpoints();
      const url = new URL(authorization);
      const parameters = {
        response_type: 'code',
        client_id: clientId,
        redirect_uri: redirectUri,
        scope: scopes.join(' '),
        resource,
        code_challenge_method: 'S256',
      };
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
      return { issuer, redirectUri, authorizationUrl: url.href, namesIssuer };
    },
    async exchange(code, verifier) {
      const { token } = await endpoints();
      const { answer, status } = await ask(token, {
        grant_type: 'authorization_code',
        code,
        code_verifier: verifier,
        client_id: clientId,
        redirect_uri: redirectUri,
        resource,
      });
      const success = granted.safeParse(answer).data;
      if (status === 200 && success?.token_type.toLowerCase() === 'bearer') return success.access_token;
      const refusal = denied.safeParse(answer).data;
      if (!refusal) {
        // The endpoint may have moved.
        discovery.forget();
        throw down(`gave no usable answer (status ${status})`);
      }
      throw refused(host, refusal, [code, verifier]);
    },
  };
}

function endpointsIn(metadata: IssuerMetadata) {
  const { authorizationEndpoint, tokenEndpoint, codeChallengeMethods, namesItself } = metadata;
  if (authorizationEndpoint === undefined || tokenEndpoint === undefined) {
    throw new Error('its metadata lack an authorization_endpoint or a token_endpoint with https');
  }
  // Many servers support it, but do not list it.
  if (codeChallengeMethods && !codeChallengeMethods.includes('S256')) {
    throw new Error('its metadata list PKCE without S256');
  }
  return { authorization: authorizationEndpoint, token: tokenEndpoint, namesIssuer: namesItself };
}

function refused(host: string, { error, error_description: more }: z.output<typeof denied>, secrets: string[]) {
  const isSafe = (text: string) => !secrets.some((secret) => text.includes(secret));
  const reasons = [error, more ?? ''].filter((text) => text !== '' && isSafe(text));
  const words = visible(cut(reasons.join(', '), MAX_REASON));
  return new CodeRefusedError(
    `The authorization server ${host} refused the sign-in: ${words}`,
    isSafe(error) ? error : '',
  );
}
