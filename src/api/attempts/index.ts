import type { Method } from '../../errors.ts';
import { onAbort } from '../../signals.ts';
import type { Attempt, Operation } from '../../telemetry/telemetry.ts';
import { ATTEMPT_MS } from '../../times.ts';
import { budget, type Share } from '../budget.ts';
import { readBody } from '../reply.ts';
import { templateOf } from './template.ts';

export interface HttpAttempt {
  method: Method;
  status?: number;
  repeats: boolean;
}

export interface AttemptScope {
  signal: AbortSignal;
  onAttempt?(attempt: HttpAttempt): void;
  /** What the requests are part of, where that is recorded. */
  operation?: Operation;
}

type Send = (request: Request, init: { signal: AbortSignal; share: Share }) => Promise<Response>;

interface Asked {
  method: Method;
  base: string;
  path: string;
}

/**
 * A fetch that is given up with the call or after ATTEMPT_MS, body included. The signal is passed next to the request:
 * Node 20 can garbage-collect one inside a Request, and then nothing stops the fetch.
 */
export function timedAttempts(fetch: Send, call: AttemptScope, { method, base, path }: Asked) {
  let sent = 0;
  let share: Share | undefined;

  function begin(request: Request): Attempt | undefined {
    if (!call.operation) return undefined;
    const { origin, pathname } = new URL(base);
    const template = `${pathname === '/' ? '' : pathname}/${templateOf(path)}`;
    const attempt = call.operation.attempt({ method, origin, template, resends: sent });
    const { traceparent, tracestate } = attempt.headers;
    if (traceparent === undefined) return attempt;
    request.headers.set('traceparent', traceparent);
    if (tracestate === undefined) request.headers.delete('tracestate');
    else request.headers.set('tracestate', tracestate);
    return attempt;
  }

  const timedFetch = async (request: string | URL | Request): Promise<Response> => {
    if (!(request instanceof Request)) throw new TypeError('ky hands over a Request');
    const attempt = begin(request);
    const controller = new AbortController();
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      controller.abort(new Error(`no answer within ${ATTEMPT_MS / 1000} s`));
    }, ATTEMPT_MS);
    const forget = onAbort(call.signal, () => controller.abort(call.signal.reason));
    let status: number | undefined;
    try {
      share?.release();
      share = budget.share(controller.signal);
      const response = await readBody(await fetch(request, { signal: controller.signal, share }), share);
      status = response.status;
      attempt?.end({ status });
      return response;
    } catch (error) {
      // Giving up a request is no failure of it.
      attempt?.end(call.signal.aborted ? {} : { error: isLate ? 'timeout' : kindOf(error) });
      throw error;
    } finally {
      clearTimeout(timer);
      forget();
      call.onAttempt?.({ method, status, repeats: sent > 0 });
      sent += 1;
    }
  };
  // The body counts as held until it has been validated.
  return { fetch: timedFetch, release: () => share?.release() };
}

/** A code such as ECONNREFUSED, or the name of the error: never its words, which can be from outside. */
function kindOf(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause) {
    const code = 'code' in at ? at.code : undefined;
    if (typeof code === 'string' && /^[A-Z][A-Z\d_]{1,60}$/.test(code)) return code;
  }
  return error instanceof Error ? error.name : '_OTHER';
}
