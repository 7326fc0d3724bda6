import { createHash } from 'node:crypto';
import { decodeJwt } from 'jose';

export const IONOS_TOKEN_HEADER = 'x-ionos-token';

/** Undefined if the header is absent or malformed. */
export function readIonosToken(header: string | undefined): string | undefined {
  const sent = header?.trim();
  return sent && /^[!-~]{1,8192}$/.test(sent) ? sent : undefined;
}

/** A hash of the contract, so that two tokens of one contract share an account. */
export function accountOf(token: string): string {
  return createHash('sha256')
    .update(contractOf(token) ?? token)
    .digest('base64url');
}

/** IONOS verifies the token; this server only reads its contract. */
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
