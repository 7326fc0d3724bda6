import { fstatSync, writeSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { isatty } from 'node:tty';

type Done = (error?: Error | null) => void;

/** Where lines go. Neither blocks nor throws. */
export interface Output {
  /** Lines are written in turn; `done` learns whether this one was. */
  put(line: string, done: Done): void;
  /** Characters that are not written yet. */
  waiting(): number;
}

/** `process.stderr`: a stream of our own on the same descriptor would make the use of that one fail (EEXIST). */
export type StandardError = Pick<Writable, 'on' | 'write' | 'writableLength'> & {
  fd: number;
  _handle?: { setBlocking?(blocking: boolean): void };
};

export function openOutput(stderr: StandardError): Output {
  const stats = fstatSync(stderr.fd);
  return stats.isFIFO() || stats.isSocket() || isatty(stderr.fd) ? toStream(stderr) : toFile(stderr.fd);
}

function toStream(stderr: StandardError): Output {
  // Without a listener, a reader that hangs up would end the process.
  stderr.on('error', () => {});
  // A terminal blocks once it is stopped, as does a pipe on Windows.
  stderr._handle?.setBlocking?.(false);
  return {
    put: (line, done) => void stderr.write(line, done),
    waiting: () => stderr.writableLength,
  };
}

/** A file cannot make the writer wait for a reader. */
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

/** Throws where the line cannot be written whole. */
export function createAppender(fd: number): (line: string) => void {
  let isTorn = false;
  return (line) => {
    const bytes = Buffer.from(isTorn ? `\n${line}` : line);
    for (let written = 0; written < bytes.length; ) {
      // A disk that fills up takes part of a line.
      written += writeSync(fd, bytes, written);
      isTorn = written < bytes.length;
    }
  };
}
