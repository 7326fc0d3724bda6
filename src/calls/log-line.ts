import type { Logger } from 'pino';
import { cut, visible } from '../text/visible.ts';
import { callerName, type HttpCaller } from './http-caller.ts';
import { nameOf, type Subject } from './subject.ts';

/** Characters of a target in the log: an ID, or a name of any length. */
const MAX_TARGET = 128;

/** How a call can end without failing: in its answer, or in a question. */
const ENDS = ['done', 'asked', 'preview', 'needs_confirmation', 'duplicate', 'declined'] as const;

export type Outcome = (typeof ENDS)[number] | 'refused' | 'failed' | 'cancelled';

/** The outcome that an answer names. */
export function outcomeNamed(name: unknown): Outcome {
  return ENDS.find((end) => end === name) ?? 'done';
}

const WARNED: readonly Outcome[] = ['declined', 'refused', 'failed', 'cancelled'];

export interface CallRecord {
  /** Of the tool, the resource or the prompt. */
  name: string;
  outcome: Outcome;
  ms: number;
}

interface Known {
  cluster?: string;
  reason?: string;
}

/** The line of each call; `hide` takes secrets out of what it repeats. */
export function createCallLog(logger: Logger, onCall?: (record: CallRecord) => void) {
  // Their lines are cleared of secrets here, and have no nested object to search.
  const lines = logger.child({}, { redact: [] });
  // Who turns the log down does not turn off the record of what was changed.
  const audit = logger.child({}, { redact: [], level: 'info' });

  return {
    begin(subject: Subject, httpCaller: HttpCaller | undefined, hide: (text: string) => string) {
      const started = performance.now();
      let attempts = 0;
      return {
        /** Counts a request to the API. */
        attempt() {
          attempts += 1;
        },
        end(outcome: Outcome, { cluster, reason }: Known = {}) {
          const ms = Math.round(performance.now() - started);
          const who = { caller: callerName(httpCaller), requestId: httpCaller?.requestId };
          const target = subject.target && visible(cut(hide(subject.target), MAX_TARGET));
          const made = cluster === target ? undefined : cluster;
          const line = { ...who, ...subject, target, cluster: made, attempts, ms, outcome, reason };
          (subject.audit ? audit : lines)[WARNED.includes(outcome) ? 'warn' : 'info'](line, 'call');
          onCall?.({ name: nameOf(subject), outcome, ms });
        },
      };
    },
  };
}
