import { type DestinationStream, destination, type Logger, pino, stdTimeFunctions } from 'pino';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';

const SECRETS = ['authorization', 'Authorization', 'password', 'token'];
// Each pino path matches one depth.
const DEPTHS = ['', '*.', '*.*.', '*.*.*.', '*.*.*.*.'];

/** On stderr, since stdio needs stdout for the protocol. Synchronous, so that no line is lost at exit. */
export function createLogger(
  level: LogLevel,
  stream: DestinationStream = destination({ dest: 2, sync: true }),
): Logger {
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
