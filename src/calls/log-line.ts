import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { createThinner } from '../log/thinning.ts';
import { cut, visible } from '../text/visible.ts';
import { callerName, type HttpCaller, loggedNarrowing } from './http-caller.ts';
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
  /** Refusals of this kind are logged once a minute per caller. */
  repeats?: string;
}

export type CallLine = ReturnType<ReturnType<typeof createCallLog>['begin']>;

export function createCallLog(logger: Logger, onCall?: (record: CallRecord) => void) {
  // These lines are redacted already.
  const lines = logger.child({}, { redact: [] });
  // Changes are logged at any log level.
  const audit = logger.child({}, { redact: [], level: 'info' });
  const thinned = createThinner(1);

  return {
    begin(begun: Subject, httpCaller: HttpCaller | undefined, hide: (text: string) => string) {
      const started = performance.now();
      let subject = begun;
      let attempts = 0;
      let write: string | undefined;
      const shown = (text: string | undefined) => text && visible(cut(hide(text), MAX_TARGET));
      function about() {
        const narrowed = loggedNarrowing(httpCaller?.narrowing, hide);
        const who = { caller: callerName(httpCaller), requestId: httpCaller?.requestId, narrowed };
        const { target, clusterName } = subject;
        return { ...who, ...subject, target: shown(target), clusterName: shown(clusterName), write };
      }
      return {
        /** Once more is known than what was given. */
        identify(known: Pick<Subject, 'target' | 'clusterName' | 'agreed'>) {
          subject = { ...subject, ...known };
        },
        attempt() {
          attempts += 1;
        },
        /** Resolves once the log has a line for this write; rejects if it cannot be written. */
        beginWrite(): Promise<void> {
          write = randomBytes(4).toString('hex');
          audit.info(about(), 'begin');
          return new Promise((resolve, reject) => {
            audit.flush((error) => (error ? reject(error) : resolve()));
          });
        },
        end(outcome: Outcome, { cluster, reason, repeats }: Known = {}) {
          const ms = Math.round(performance.now() - started);
          onCall?.({ name: nameOf(subject), outcome, ms });
          const omitted = repeats === undefined ? {} : thinned(`${callerName(httpCaller)} ${repeats}`);
          if (!omitted) return;
          const known = about();
          const made = cluster === known.target ? undefined : cluster;
          const line = { ...known, cluster: made, attempts, ms, outcome, reason, ...omitted };
          (subject.audit ? audit : lines)[WARNED.includes(outcome) ? 'warn' : 'info'](line, 'call');
        },
      };
    },
  };
}
