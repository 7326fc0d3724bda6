import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** In MCP a server may give one on initialize, which the client then sends with each request. */
export const SESSION_HEADER = 'mcp-session-id';

/**
 * Over stateless HTTP, a client of 2025 says only once what it can do. The ID holds that, so that any replica with the
 * same key reads it. It carries no authority: who has none, or a wrong one, is served as before.
 */
export interface SessionIds {
  /** Undefined for a client that declares nothing that matters here. */
  issue(caller: string, initialize: unknown): string | undefined;
  /** Whether the client renders views. */
  seesViews(caller: string, id: string | undefined): boolean;
}

const PREFIX = 'views.';
const NONCE_BYTES = 12;

export function createSessionIds(
  signingKey: string | undefined,
  declaresViews: (capabilities: unknown) => boolean,
): SessionIds {
  const key = signingKey ?? randomBytes(32);
  const macOf = (caller: string, nonce: string) =>
    createHmac('sha256', key).update(`session\0${caller}\0${nonce}`).digest('base64url');

  return {
    issue(caller, initialize) {
      const { capabilities }: { capabilities?: unknown } = Object(initialize);
      if (!declaresViews(capabilities)) return undefined;
      const nonce = randomBytes(NONCE_BYTES).toString('base64url');
      return `${PREFIX}${nonce}.${macOf(caller, nonce)}`;
    },

    seesViews(caller, id) {
      const [nonce = '', mac = '', ...more] = id?.startsWith(PREFIX) ? id.slice(PREFIX.length).split('.') : [];
      const [given, right] = [Buffer.from(mac), Buffer.from(macOf(caller, nonce))];
      return more.length === 0 && given.length === right.length && timingSafeEqual(given, right);
    },
  };
}
