/** https://www.w3.org/TR/trace-context/ */
export interface TraceContext {
  traceId: string;
  spanId: string;
  isSampled: boolean;
  tracestate?: string;
}

/** Later versions may append to what this one has. */
const LENGTH = 55;
const LONGEST = 256;
const LONGEST_STATE = 512;
const FORM = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/;
const SAMPLED = 1;

/** Undefined unless `traceparent` is valid; a `tracestate` that is too long is left out. */
export function traceContextIn(traceparent: unknown, tracestate: unknown): TraceContext | undefined {
  if (typeof traceparent !== 'string' || traceparent.length > LONGEST) return undefined;
  const known = traceparent.slice(0, LENGTH);
  if (!FORM.test(known)) return undefined;
  const [version = '', traceId = '', spanId = '', flags = ''] = known.split('-');
  const appended = traceparent.slice(LENGTH);
  if (version === 'ff' || (appended !== '' && (version === '00' || !appended.startsWith('-')))) return undefined;
  if (isZero(traceId) || isZero(spanId)) return undefined;
  return {
    traceId,
    spanId,
    isSampled: (Number.parseInt(flags, 16) & SAMPLED) !== 0,
    ...(typeof tracestate === 'string' && tracestate !== '' && tracestate.length <= LONGEST_STATE && { tracestate }),
  };
}

const isZero = (id: string) => id === '0'.repeat(id.length);
