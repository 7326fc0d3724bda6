import { createHmac, timingSafeEqual } from 'node:crypto';

/** Seconds for which a signature counts. */
export const SIGNED_SECONDS = 300;
const TIME_BYTES = 4;
/** Half of SHA-256: enough against guessing, and a model has to copy each character. */
const MAC_BYTES = 16;

export interface Signer {
  /** 27 characters that stand for this subject, which is plain data, for five minutes. */
  sign(subject: unknown): string;
  /** The same for a token however it is spelled, and no token itself. */
  nameOf(token: string): string;
  /** `late` is a token for this subject whose time is over; `other` one that was never made for it with this key. */
  check(token: string, subject: unknown): 'good' | 'late' | 'other';
}

/** Tokens are names, not authority: they hold nothing, and count only for who asks again for the same. */
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
