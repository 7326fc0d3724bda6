import type { Method } from '../../errors.ts';
import { pause } from '../../signals.ts';
import { certificateCode, isPlainThere } from '../connection-errors.ts';
import { TooLargeError } from '../reply.ts';

const MAX_ATTEMPTS = 3;

/** A POST is never retried: a second order creates a second cluster. */
const TRY_AGAIN: Record<Method, { statuses: readonly number[]; networkErrors: boolean }> = {
  GET: { statuses: [408, 429, 500, 502, 503, 504], networkErrors: true },
  PUT: { statuses: [429], networkErrors: false },
  PATCH: { statuses: [429], networkErrors: false },
  DELETE: { statuses: [429], networkErrors: false },
  POST: { statuses: [], networkErrors: false },
};

export interface RetryScope {
  signal: AbortSignal;
  /** Milliseconds since the epoch. No pause starts that would outlast it. */
  readonly deadline: number;
  /** Asked right before each attempt to change something: whether it still is this call's turn. */
  mayWrite?(): boolean;
}

/** Whether it still is the call's turn, if it changes anything. */
export const maySend = (method: Method, { mayWrite }: RetryScope) => method === 'GET' || mayWrite?.() !== false;

/** Pauses in `shouldRetry` so that an abort ends the pause; passing ky a signal costs more than the rest of ky. */
export function retryFor(method: Method, scope: RetryScope) {
  const { statuses, networkErrors } = TRY_AGAIN[method];
  return {
    limit: MAX_ATTEMPTS - 1,
    methods: ['get', 'put', 'patch', 'delete'] as ['get', 'put', 'patch', 'delete'],
    async shouldRetry({ error, retryCount }: { error: Error; retryCount: number }) {
      if (error instanceof TooLargeError || certificateCode(error) || isPlainThere(error) || scope.signal.aborted)
        return false;
      const response = 'response' in error && error.response instanceof Response ? error.response : undefined;
      if (!(response ? statuses.includes(response.status) : networkErrors)) return false;
      const ms = (response && retryAfterMs(response)) || backoff(retryCount);
      if (Date.now() + ms >= scope.deadline) return false;
      await pause(ms, scope.signal);
      return maySend(method, scope);
    },
    delay: () => 0,
  };
}

/** 500 ms, then 1 s, each with up to 100 % jitter so that clients spread their retries. */
function backoff(retryCount: number): number {
  return 500 * 2 ** (retryCount - 1) * (1 + Math.random());
}

const LONGEST_RETRY_AFTER_MS = 3_600_000;

/** Undefined where the service names no pause, or one of more than an hour. */
export function retryAfterMs(response: Response): number | undefined {
  const value = response.headers.get('retry-after');
  if (value === null || value.trim() === '') return undefined;
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return ms <= LONGEST_RETRY_AFTER_MS ? Math.max(0, ms) : undefined;
}
