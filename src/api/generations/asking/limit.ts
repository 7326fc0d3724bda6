import { setMaxListeners } from 'node:events';
import { onAbort } from '../../../signals.ts';
import type { CallScope } from '../../client.ts';

/** For all regions at once. */
export const LONGEST_MS = 6_000;
/** Beyond the answer of v1. */
export const BEYOND_V1_MS = 3_000;
/** Who answers at all has done so by then: those 3 s, but for the precision of the clock. */
const FULL_MS = BEYOND_V1_MS - 100;
/** Before the end of the call, so that its answer can be made. */
const MARGIN_MS = 300;

export class LateError extends Error {
  override name = 'LateError';
  /** Whether there was less time than every region has, as in a call that is nearly over. */
  readonly isCutShort: boolean;
  constructor(ms: number) {
    super(`no answer within ${Math.round(ms / 100) / 10} s`);
    this.isCutShort = ms < FULL_MS;
  }
}

export interface LimitOptions {
  /** The request to v1 that is under way at the same time. */
  beside?: Promise<unknown>;
  longestMs?: number;
}

/** The milliseconds that the call has for answers. */
export const timeLeft = ({ deadline }: Pick<CallScope, 'deadline'>) => Math.max(0, deadline - Date.now() - MARGIN_MS);

/** One time limit for requests to several regions at the same moment; ends them all. */
export function createTimeLimit(scope: CallScope, { beside, longestMs = LONGEST_MS }: LimitOptions) {
  const controller = new AbortController();
  // Two listeners for each region, all taken off again.
  setMaxListeners(0, controller.signal);
  const started = Date.now();
  const most = Math.min(longestMs, timeLeft(scope));
  const late = () => controller.abort(new LateError(Date.now() - started));
  let timer = setTimeout(late, most);
  const forget = onAbort(scope.signal, () => controller.abort(scope.signal.reason));
  beside?.then(
    () => {
      if (controller.signal.aborted) return;
      clearTimeout(timer);
      timer = setTimeout(late, Math.min(BEYOND_V1_MS, started + most - Date.now()));
    },
    (error: unknown) => controller.abort(error),
  );
  return {
    signal: controller.signal,
    deadline: started + most,
    end() {
      clearTimeout(timer);
      forget();
      controller.abort(new Error('enough is known'));
    },
  };
}
