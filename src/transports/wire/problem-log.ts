import type { Logger } from 'pino';
import { createThinner } from '../../log/thinning.ts';
import { cut, visible } from '../../text/visible.ts';

const PER_MINUTE = 30;
const MAX_REASON = 300;

/** Limited in length and number; the next line counts those left out. */
export function createProblemLog(logger: () => Logger | Promise<Logger>, message: string) {
  const thinned = createThinner(PER_MINUTE);
  return function log(problem: string): void {
    const omitted = thinned(message);
    if (!omitted) return;
    const line = { reason: visible(cut(problem, MAX_REASON)), ...omitted };
    const made = logger();
    if (made instanceof Promise) void made.then((logger) => logger.warn(line, message)).catch(() => {});
    else made.warn(line, message);
  };
}
