import { createHmac, timingSafeEqual } from 'node:crypto';

export const SIGNED_SECONDS = 300;
const TIME_BYTES = 4;
/** Half of SHA-256: resists guessing, and a model must copy each character. */
const MAC_BYTES = 16;

export interface Signer {
  /** 27 characters, valid for SIGNED_SECONDS. `subject` is plain data. */
  sign(subject: unknown): string;
  /** Same for each spelling of a token, and not usable as a token. */
  nameOf(token: string): string;
  /** `late` expired; `other` was signed for another subject or with another key. */
  check(token: string, subject: unknown): 'good' | 'late' | 'other';
}

/** A token carries no authority: it is valid only for a caller who repeats the same call. */
export function createSigner(key: string | Buffer): Signer {
  function seal(until: number, subject: unknown): Buffer {
    const time = Buffer.alloc(TIME_BYTES);
    time.writeUInt32BE(until);
    const mac = createHmac('sha256', key).update(time).update(JSON.stringify(subject)).digest();
    return Buffer.concat([time, mac.subarray(0, MAC_BYTES)]);
  }
  const bytesOf = (token: string) => Buffer.from(token, 'base64url');
  const seconds = () => Math.floor(Date.now() / 1000);

  return {
    nameOf: (token) => createHmac('sha256', key).update('name').update(bytesOf(token)).digest('base64url'),
    sign: (subject) => seal(seconds() + SIGNED_SECONDS, subject).toString('base64url'),
    check(token, subject) {
      const given = bytesOf(token);
      if (given.length !== TIME_BYTES + MAC_BYTES) return 'other';
      const until = given.readUInt32BE();
      if (!timingSafeEqual(given, seal(until, subject))) return 'other';
      return until < seconds() ? 'late' : 'good';
    },
  };
}
