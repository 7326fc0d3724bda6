import { createHash } from 'node:crypto';
import { decodeJwt } from 'jose';
import { contractIn } from '../api/credentials.ts';
import { placeholderIn } from '../text/placeholder.ts';

export const IONOS_TOKEN_HEADER = 'x-ionos-token';
const MAX_LENGTH = 8192;

const NAME = 'The header X-IONOS-Token';

/** A problem repeats nothing from the token. Neither is set if the header is absent. */
export function readIonosToken(
  header: string | undefined,
  { authorization, isTokenMisplaced = false }: { authorization?: string; isTokenMisplaced?: boolean } = {},
): { token?: string; problem?: string } {
  if (header === undefined) {
    const [, sent = ''] = /^bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
    return isOfIonos(sent)
      ? { problem: 'The IONOS token is in the header Authorization, where it does not belong.' }
      : {};
  }
  const token = header.trim().replace(/^bearer(\s+|$)/i, '');
  if (token === '') return { problem: `${NAME} is blank.` };
  const form = placeholderIn(token, 'token');
  if (form) return { problem: `${NAME} still contains a placeholder, ${form}.` };
  if (/^basic\s/i.test(token)) return { problem: `${NAME} contains a user and password; only a token works here.` };
  if (token.length > MAX_LENGTH) return { problem: `${NAME} is longer than ${MAX_LENGTH} characters.` };
  if (!/^[!#-&(-+\--~]+$/.test(token)) {
    return {
      problem: `${NAME} contains a character that no token has: a space, comma, quotation mark or letter outside ASCII.`,
    };
  }
  if (isTokenMisplaced) {
    return { problem: `${NAME} contains the token for this server, which belongs in the header Authorization.` };
  }
  return { token };
}

/** A hash of the contract, so that two tokens of one contract share an account. */
export function accountOf(token: string): string {
  const contract = contractIn(token);
  return createHash('sha256')
    .update(contract === undefined ? token : `contract ${contract}`)
    .digest('base64url');
}

/** Unverified: anyone could have written such a token. */
export function isOfIonos(token: string): boolean {
  try {
    return /^ionos/i.test(decodeJwt(token).iss ?? '') || contractIn(token) !== undefined;
  } catch {
    return false;
  }
}
