import type { Logger } from 'pino';
import { cut, visible } from '../../text/visible.ts';

const MAX_LINES = 30;
const WINDOW_MS = 60_000;
/** Characters of one line; what is wrong can be told in fewer, and the rest is the client's. */
const MAX_REASON = 300;

/** Lines about what clients send wrongly: bounded in length and in number, those left out are counted in the next. */
export function createProblemLog(logger: () => Logger | Promise<Logger>, message: string) {
  let until = 0;
  let lines = 0;
  let left = 0;
  return function log(problem: string): void {
    const now = Date.now();
    if (now >= until) [until, lines] = [now + WINDOW_MS, 0];
    lines += 1;
    if (lines > MAX_LINES) {
      left += 1;
      return;
    }
    const line = { reason: visible(cut(problem, MAX_REASON)), ...(left > 0 && { alsoLeftOut: left }) };
    left = 0;
    const made = logger();
    if (made instanceof Promise) void made.then((logger) => logger.warn(line, message)).catch(() => {});
    else made.warn(line, message);
  };
}
