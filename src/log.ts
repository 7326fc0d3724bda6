import { type DestinationStream, destination, type Logger, pino, stdTimeFunctions } from 'pino';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';

const SECRETS = ['authorization', 'Authorization', 'password', 'token'];
// a path of pino's names one depth
const DEPTHS = ['', '*.', '*.*.', '*.*.*.', '*.*.*.*.'];

/** JSON on stderr, for under stdio stdout belongs to the protocol; synchronous, so that nothing is lost at exit. */
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
