import type { Logger } from 'pino';
import { cut, visible } from '../text/visible.ts';
import { callerName, type HttpCaller } from './http-caller.ts';
import { nameOf, type Subject } from './subject.ts';

const MAX_TARGET = 128;

const ENDS = ['started', 'done', 'asked', 'preview', 'needs_confirmation', 'duplicate', 'declined'] as const;

export type Outcome = (typeof ENDS)[number] | 'refused' | 'failed' | 'cancelled';

export function outcomeNamed(name: unknown): Outcome {
  return ENDS.find((end) => end === name) ?? 'done';
}

const WARNED: readonly Outcome[] = ['declined', 'refused', 'failed', 'cancelled'];

export interface CallRecord {
  name: string;
  outcome: Outcome;
  ms: number;
}

interface Known {
  cluster?: string;
  reason?: string;
}

export function createCallLog(logger: Logger, onCall?: (record: CallRecord) => void) {
  // The lines arrive redacted, so pino need not search them.
  const lines = logger.child({}, { redact: [] });
  // Changes are logged at any log level.
  const audit = logger.child({}, { redact: [], level: 'info' });

  return {
    begin(subject: Subject, httpCaller: HttpCaller | undefined, hide: (text: string) => string) {
      const started = performance.now();
      let attempts = 0;
      return {
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
