import { readBearerToken, slipIn, WANTED } from './authorization-header.ts';
import type { Caller } from './caller.ts';
import { IONOS_TOKEN_HEADER } from './ionos-token.ts';
import type { ProtectedResource } from './protected-resource.ts';
import {
  AuthorizationServerDownError,
  InsufficientScopeError,
  InvalidTokenError,
  NoTokenError,
  Refusal,
} from './refusals.ts';

interface Checked {
  /** Throws a Refusal; undefined stands for an unknown token. */
  verify(token: string): Caller | undefined | Promise<Caller | undefined>;
  onRefusal?(refusal: Refusal): void;
}

export type GateOptions =
  | { mode: 'none' }
  | ({ mode: 'token' } & Checked)
  | ({ mode: 'oauth'; resource: Pick<ProtectedResource, 'metadataUrl' | 'scopes'> } & Checked);

export type Gate = (request: Request) => Promise<Caller | Response>;

export function createGate(options: GateOptions): Gate {
  if (options.mode === 'none') return async () => ({ name: 'local', access: 'full' });
  const { verify, onRefusal } = options;
  const parameters = challengeParameters(options);

  async function identify(request: Request): Promise<Caller> {
    const token = readBearerToken(request);
    const caller = await verify(token);
    if (!caller) throw new InvalidTokenError('unknown');
    const sent = request.headers.get(IONOS_TOKEN_HEADER)?.replace(/^bearer +/i, '');
    // Static tokens cost nothing to look up; verifying another OAuth token would need its keys.
    const isOurs = sent !== undefined && (sent === token || (options.mode === 'token' && (await verify(sent))));
    return isOurs ? { ...caller, isTokenMisplaced: true } : caller;
  }

  function refuse(error: unknown, request: Request): Response {
    if (!(error instanceof Refusal)) throw error;
    onRefusal?.(error);
    const description = descriptionOf(error, request);
    const headers = { 'cache-control': 'no-store', ...wayOut(error, description, parameters) };
    return Response.json({ error: error.code, error_description: description }, { status: error.status, headers });
  }

  return (request) => identify(request).catch((error) => refuse(error, request));
}

/** Only characters that RFC 6750 allows between quotation marks. */
function descriptionOf(refusal: Refusal, request: Request): string {
  if (refusal instanceof AuthorizationServerDownError) return 'The authorization server cannot be reached; retry later';
  const slip = refusal instanceof InsufficientScopeError ? undefined : slipIn(request);
  const reason = refusal instanceof NoTokenError ? [] : [`Authentication failed: ${refusal.message}`];
  const advice = slip || reason.length === 0 ? [[WANTED, slip].filter(Boolean).join('; ')] : [];
  return [...reason, ...advice]
    .join('. ')
    .replaceAll('…', '...')
    .replace(/[^ !#-[\]-~]/g, "'");
}

type Parameters = Record<string, string>;

function challengeParameters(options: Exclude<GateOptions, { mode: 'none' }>): Parameters {
  if (options.mode === 'token') return { realm: 'ionos-postgres-mcp' };
  return { resource_metadata: options.resource.metadataUrl, scope: options.resource.scopes.join(' ') };
}

function wayOut(refusal: Refusal, description: string, parameters: Parameters): Record<string, string> {
  if (refusal instanceof AuthorizationServerDownError) return { 'retry-after': String(refusal.retryAfter) };
  // RFC 6750: a request without a token gets no error code.
  const error: Parameters =
    refusal instanceof NoTokenError ? {} : { error: refusal.code, error_description: description };
  const all = Object.entries({ ...error, ...parameters }).map(([name, value]) => `${name}="${value}"`);
  return { 'www-authenticate': `Bearer ${all.join(', ')}` };
}
