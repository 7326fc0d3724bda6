import { fstatSync, writeSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { isatty } from 'node:tty';

type Done = (error?: Error | null) => void;

/** Neither blocks nor throws. */
export interface Output {
  put(line: string, done: Done): void;
  waiting(): number;
}

/** `process.stderr`: a second stream on its descriptor would make the first fail (EEXIST). */
export type StandardError = Pick<Writable, 'on' | 'write' | 'writableLength'> & {
  fd: number;
  _handle?: { setBlocking?(blocking: boolean): void };
};

export function openOutput(stderr: StandardError): Output {
  const stats = fstatSync(stderr.fd);
  return stats.isFIFO() || stats.isSocket() || isatty(stderr.fd) ? toStream(stderr) : toFile(stderr.fd);
}

function toStream(stderr: StandardError): Output {
  // Without a listener, a reader that disconnects would end the process.
  stderr.on('error', () => {});
  // A stopped terminal blocks, as does a pipe on Windows.
  stderr._handle?.setBlocking?.(false);
  return {
    put: (line, done) => void stderr.write(line, done),
    waiting: () => stderr.writableLength,
  };
}

function toFile(fd: number): Output {
  const append = createAppender(fd);
  return {
    put(line, done) {
      try {
        append(line);
      } catch (error) {
        return done(error instanceof Error ? error : new Error(String(error)));
      }
      done();
    },
    waiting: () => 0,
  };
}

export function createAppender(fd: number): (line: string) => void {
  let isTorn = false;
  return (line) => {
    const bytes = Buffer.from(isTorn ? `\n${line}` : line);
    for (let written = 0; written < bytes.length; ) {
      // A full disk accepts only part of a line.
      written += writeSync(fd, bytes, written);
      isTorn = written < bytes.length;
    }
  };
}
