import type { Logger } from 'pino';
import { createThinner } from '../../log/thinning.ts';
import { cut, visible } from '../../text/visible.ts';

const PER_MINUTE = 30;
/** Characters of one line; what is wrong can be told in fewer, and the rest is the client's. */
const MAX_REASON = 300;

/** Lines about what clients send wrongly: bounded in length and in number, those left out are counted in the next. */
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
