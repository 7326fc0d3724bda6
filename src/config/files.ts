import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';
import os from 'node:os';
import { ConfigError, codeSuffix } from '../errors.ts';
import { shownPath } from './paths.ts';

/** Throws ConfigError without repeating the content. */
export type ReadFile = (path: string, setting: string, maxBytes?: number) => string;

const MAX_BYTES = 1 << 20;
const CHUNK = 1 << 16;

/** Opening a FIFO would wait for its writer, and a terminal could become the controlling one. */
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);

export const readFile: ReadFile = (path, setting, maxBytes = MAX_BYTES) => {
  try {
    return decoded(contentOf(path, maxBytes));
  } catch (error) {
    // What can be opened is a path, not a misplaced token.
    if (error instanceof UnusableFileError)
      throw new ConfigError([`${setting}: ${shownPath(path, { isThere: true })} ${error.message}`]);
    throw new ConfigError([`${setting}: cannot read ${shownPath(path)}${codeSuffix(error)}`], { cause: error });
  }
};

/** Of an error that ReadFile throws. */
export const isMissing = (error: unknown) =>
  error instanceof ConfigError && /\((ENOENT|ENOTDIR)\)$/.test(codeSuffix(error.cause).trim());

const OTHERS = constants.S_IROTH | constants.S_IWOTH;

/** Whether every user of this machine can read or change the file; false where that cannot be told. */
export function isOpenToOthers(path: string, platform = os.platform()): boolean {
  // Windows has no such bits, and Node makes them up.
  if (platform === 'win32') return false;
  const { mode = 0 } = statSync(path, { throwIfNoEntry: false }) ?? {};
  return (mode & OTHERS) !== 0;
}

class UnusableFileError extends Error {
  override name = 'UnusableFileError';
}

function contentOf(path: string, maxBytes: number): Buffer {
  const file = openSync(path, FLAGS);
  try {
    const stat = fstatSync(file);
    if (stat.isDirectory()) throw new UnusableFileError('is a folder; a file is needed');
    if (!stat.isFile()) throw new UnusableFileError('is not a regular file, but a pipe or a device');
    return readUpTo(file, maxBytes);
  } finally {
    closeSync(file);
  }
}

// Not by the reported size: a file can grow, and files in /proc report none.
function readUpTo(file: number, maxBytes: number): Buffer {
  const chunks: Buffer[] = [];
  for (let length = 0; ; ) {
    const chunk = Buffer.allocUnsafe(CHUNK);
    const read = readSync(file, chunk);
    if (read === 0) return Buffer.concat(chunks);
    length += read;
    if (length > maxBytes) throw new UnusableFileError(`is larger than ${maxBytes / 1024} kB`);
    chunks.push(chunk.subarray(0, read));
  }
}

function decoded(bytes: Buffer): string {
  const text = textOf(bytes);
  if (text === undefined || text.includes('\0')) throw new UnusableFileError('is not text in UTF-8; save it as UTF-8');
  return text.replace(/\r\n?/g, '\n');
}

// Editors and shells on Windows write all three with a byte order mark, which the decoder removes.
function textOf(bytes: Buffer): string | undefined {
  const encoding = { fffe: 'utf-16le', feff: 'utf-16be' }[bytes.toString('hex', 0, 2)] ?? 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
