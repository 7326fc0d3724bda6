import { readBearerToken } from './authorization-header.ts';
import type { Caller } from './caller.ts';
import type { ProtectedResource } from './protected-resource.ts';
import { AuthorizationServerDownError, InvalidTokenError, NoTokenError, Refusal } from './refusals.ts';

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
    const caller = await verify(readBearerToken(request));
    if (!caller) throw new InvalidTokenError('unknown');
    return caller;
  }

  function refuse(error: unknown): Response {
    if (!(error instanceof Refusal)) throw error;
    onRefusal?.(error);
    const headers = { 'cache-control': 'no-store', ...wayOut(error, parameters) };
    return Response.json({ error: error.code }, { status: error.status, headers });
  }

  return (request) => identify(request).catch(refuse);
}

type Parameters = Record<string, string>;

function challengeParameters(options: Exclude<GateOptions, { mode: 'none' }>): Parameters {
  if (options.mode === 'token') return { realm: 'ionos-postgres-mcp' };
  return { resource_metadata: options.resource.metadataUrl, scope: options.resource.scopes.join(' ') };
}

function wayOut(refusal: Refusal, parameters: Parameters): Record<string, string> {
  if (refusal instanceof AuthorizationServerDownError) return { 'retry-after': String(refusal.retryAfter) };
  // RFC 6750: a request without a token gets no error code.
  const error: Parameters = refusal instanceof NoTokenError ? {} : { error: refusal.code };
  const all = Object.entries({ ...error, ...parameters }).map(([name, value]) => `${name}="${value}"`);
  return { 'www-authenticate': `Bearer ${all.join(', ')}` };
}
