import type { DestinationStream } from 'pino';
import type { AuditFile } from './audit-file.ts';
import type { Output } from './output.ts';

const MAX_WAITING = 1_000_000;
const MAX_AUDIT_WAITING = 16_000_000;

/** Makes pino keep the fields of the latest line in `lastObj`. */
const METADATA = Symbol.for('pino.metadata');

interface LineFields {
  audit?: boolean;
  write?: string;
  outcome?: string;
}

/** `flush` reports whether the last audit line was written. */
export interface LogStream extends DestinationStream {
  flush(done?: (error?: Error) => void): void;
}

/** With an audit file, that file decides whether an audit line counts as written. */
export function createLogStream(output: Output, auditFile?: AuditFile): LogStream {
  let recorded = Promise.resolve();
  let dropped = 0;

  function put(line: string, most: number): Promise<void> {
    const omitted = dropped;
    if (output.waiting() > most) {
      dropped += 1;
      return Promise.reject(new Error('too many lines are waiting'));
    }
    dropped = 0;
    return new Promise((resolve, reject) => {
      output.put(omitted > 0 ? withCount(line, omitted) : line, (error) => {
        if (!error) return resolve();
        dropped += omitted + 1;
        reject(error);
      });
    });
  }

  const stream: LogStream & { [METADATA]: true; lastObj: LineFields } = {
    [METADATA]: true,
    lastObj: {},
    write(line) {
      const { audit, write, outcome } = stream.lastObj;
      const wasSent = audit && write && outcome && outcome !== 'refused';
      const most = wasSent ? Number.POSITIVE_INFINITY : audit ? MAX_AUDIT_WAITING : MAX_WAITING;
      const shown = put(line, most);
      shown.catch(() => {});
      if (!audit) return;
      recorded = auditFile ? auditFile.append(line) : shown;
      recorded.catch(() => {});
    },
    flush(done) {
      recorded.then(() => done?.(), done);
    },
  };
  return stream;
}

function withCount(line: string, dropped: number): string {
  return `${line.slice(0, line.lastIndexOf('}'))},"dropped":${dropped}}\n`;
}
