import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

export const SIGNED_SECONDS = 600;
export const SIGNED_MINUTES = SIGNED_SECONDS / 60;
const TIME_BYTES = 4;
const NONCE_BYTES = 5;
/** Only distinguishes a changed target from another subject; the MAC covers it. */
const BASIS_BYTES = 6;
/** By how much the clock of the replica that signed may be ahead. */
const AHEAD_SECONDS = SIGNED_SECONDS;
/** Half of SHA-256: resists guessing, and a model must copy each character. */
const MAC_BYTES = 16;
const HEAD_BYTES = TIME_BYTES + 1 + NONCE_BYTES + BASIS_BYTES;

/** `late` expired; `changed` was signed for another basis; `other` for another subject or with another key. */
export type Verdict = 'good' | 'late' | 'changed' | 'other';

export interface Signed {
  /** Plain data: who asks for what. */
  subject: unknown;
  /** Plain data: the state that the agreement rests on. */
  basis: unknown;
}

export interface Signer {
  /** 43 characters, different each time, valid for SIGNED_SECONDS. `round` is at most 255. */
  sign(signed: Signed, round?: number): string;
  /** Same for each spelling of a token, and not usable as a token. */
  nameOf(token: string): string;
  check(token: string, signed: Signed): { verdict: Verdict; round: number };
  digest(subject: unknown): string;
}

/** A token carries no authority: it is valid only for a caller who repeats the same call. */
export function createSigner(key: string | Buffer): Signer {
  const hmac = (purpose: string, ...parts: (Buffer | string)[]) => {
    const mac = createHmac('sha256', key).update(`${purpose}\0`);
    for (const part of parts) mac.update(part);
    return mac.digest();
  };
  const bytesOf = (token: string) => Buffer.from(token, 'base64url');
  const seconds = () => Math.floor(Date.now() / 1000);
  const seal = (head: Buffer, subject: unknown) =>
    Buffer.concat([head, hmac('seal', head, JSON.stringify(subject)).subarray(0, MAC_BYTES)]);
  const tagOf = (basis: unknown) => hmac('basis', JSON.stringify(basis) ?? '').subarray(0, BASIS_BYTES);

  return {
    nameOf: (token) => hmac('name', bytesOf(token)).toString('base64url'),
    digest: (subject) => hmac('digest', JSON.stringify(subject)).toString('base64url'),

    sign({ subject, basis }, round = 0) {
      const time = Buffer.alloc(TIME_BYTES);
      time.writeUInt32BE(seconds() + SIGNED_SECONDS);
      const head = Buffer.concat([time, Buffer.of(round), randomBytes(NONCE_BYTES), tagOf(basis)]);
      return seal(head, subject).toString('base64url');
    },

    check(token, { subject, basis }) {
      const given = bytesOf(token);
      const other = { verdict: 'other' as const, round: 0 };
      // The last letter has spare bits: only one of four spellings was issued.
      if (given.length !== HEAD_BYTES + MAC_BYTES) return other;
      if (given.toString('base64url') !== token.replace(/[^\w-]/g, '')) return other;
      const head = given.subarray(0, HEAD_BYTES);
      if (!timingSafeEqual(given, seal(head, subject))) return other;
      const round = head.readUInt8(TIME_BYTES);
      const left = head.readUInt32BE() - seconds();
      // Longer than its use is remembered, nothing is valid.
      if (left < 0 || left > SIGNED_SECONDS + AHEAD_SECONDS) return { verdict: 'late', round };
      const isSame = timingSafeEqual(head.subarray(-BASIS_BYTES), tagOf(basis));
      return { verdict: isSame ? 'good' : 'changed', round };
    },
  };
}
