import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';
import type { AuditFile } from './log/audit-file.ts';
import { openOutput, type StandardError } from './log/output.ts';
import { createLogStream } from './log/stream.ts';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';

const SECRETS = ['authorization', 'Authorization', 'password', 'token'];
// Each pino path matches one depth.
const DEPTHS = ['', '*.', '*.*.', '*.*.*.', '*.*.*.*.'];

/** On stderr, because stdio needs stdout for the protocol. */
export function createLog(level: LogLevel, stderr: StandardError, auditFile?: AuditFile): Logger {
  return createLogger(level, createLogStream(openOutput(stderr), auditFile));
}

export function createLogger(level: LogLevel, stream: DestinationStream): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: DEPTHS.flatMap((depth) => SECRETS.map((key) => depth + key)),
    },
    stream,
  );
}
