import { createHash } from 'node:crypto';
import { decodeJwt } from 'jose';

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
