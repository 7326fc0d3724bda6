import { createHash } from 'node:crypto';

const NAMESPACE = Buffer.from('8f1c6a0e5d2b4f37a94c0b7e61d2f358', 'hex');

const digest = (...parts: (string | Buffer)[]) =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha1')).digest();

/** UUID version 5. */
export function idOf(name: string): string {
  const bytes = digest(NAMESPACE, name).subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

export function word(text: string): string {
  return digest(text).readBigUInt64BE().toString(36).padStart(7, '0').slice(-7);
}

export function pick(text: string, bound: number): number {
  return digest(text).readUInt32BE() % bound;
}
