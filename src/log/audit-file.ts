import { closeSync, constants, fstatSync, fsync, openSync } from 'node:fs';
import { promisify } from 'node:util';
import { ConfigError, codeSuffix } from '../errors.ts';
import { createAppender } from './output.ts';

export interface AuditFile {
  /** Resolves once the line is on the disk. */
  append(line: string): Promise<void>;
}

const sync = promisify(fsync);

/** Without O_NONBLOCK, opening a named pipe would wait for its reader. */
const FLAGS =
  constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | (constants.O_NONBLOCK ?? 0);

export function openAuditFile(path: string): AuditFile {
  const fd = open(path);
  const append = createAppender(fd);
  return {
    async append(line) {
      if (fstatSync(fd).nlink === 0) throw new Error('the audit file was deleted');
      append(line);
      await sync(fd);
    },
  };
}

function open(path: string): number {
  let fd: number;
  try {
    fd = openSync(path, FLAGS, 0o600);
  } catch (error) {
    // The path is not repeated: it could be a misplaced token.
    throw new ConfigError([`--audit-file: the file cannot be opened for appending${codeSuffix(error)}`]);
  }
  if (fstatSync(fd).isFile()) return fd;
  closeSync(fd);
  throw new ConfigError(['--audit-file must be the path of a regular file']);
}
