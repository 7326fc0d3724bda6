import { createHash } from 'node:crypto';
import { decodeJwt } from 'jose';

/** The header in which a caller brings its own IONOS token; what it signs in with here is another one. */
export const IONOS_TOKEN_HEADER = 'x-ionos-token';

/** The token in that header; undefined where none is there, or what is there could be none. */
export function readIonosToken(header: string | undefined): string | undefined {
  const sent = header?.trim();
  return sent && /^[!-~]{1,8192}$/.test(sent) ? sent : undefined;
}

/** Whose clusters an IONOS token reaches, so that two tokens of one contract count as one; nothing leads back to it. */
export function accountOf(token: string): string {
  return createHash('sha256')
    .update(contractOf(token) ?? token)
    .digest('base64url');
}

/** A token is a JWT of one contract. What it says is not verified here: IONOS does that. */
function contractOf(token: string): string | undefined {
  try {
    const { identity }: { identity?: { contractNumber?: unknown } } = decodeJwt(token);
    const { contractNumber } = identity ?? {};
    return typeof contractNumber === 'number' || typeof contractNumber === 'string'
      ? `contract ${contractNumber}`
      : undefined;
  } catch {
    return undefined;
  }
}
