import { describe, expect, test } from 'vitest';
import { traceContextIn } from '../../src/telemetry/trace-context.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const VALID = `00-${TRACE}-${SPAN}-01`;

describe('a traceparent', () => {
  test.each([
    ['a sampled one', VALID, true],
    ['one that is not sampled', `00-${TRACE}-${SPAN}-00`, false],
    ['with flags of later', `00-${TRACE}-${SPAN}-03`, true],
    ['of a later version', `cc-${TRACE}-${SPAN}-01`, true],
    ['of a later version that appends something', `cc-${TRACE}-${SPAN}-01-what-is-next`, true],
  ])('counts: %s', (_, traceparent, isSampled) => {
    expect(traceContextIn(traceparent, undefined)).toEqual({ traceId: TRACE, spanId: SPAN, isSampled });
  });

  test.each([
    ['none', undefined],
    ['no text', 17],
    ['empty', ''],
    ['in upper case', VALID.toUpperCase()],
    ['with another version that was never valid', `ff-${TRACE}-${SPAN}-01`],
    ['with a trace ID of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['with a span ID of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['that is too short', VALID.slice(0, -1)],
    ['that appends something in this version', `${VALID}-more`],
    ['that runs on in a later version', `cc-${TRACE}-${SPAN}-01more`],
    ['sent twice, as Node joins them', `${VALID}, ${VALID}`],
    ['with white space around it', ` ${VALID}`],
    ['of any length', `cc-${TRACE}-${SPAN}-01-${'x'.repeat(100_000)}`],
  ])('is ignored: %s', (_, traceparent) => {
    expect(traceContextIn(traceparent, 'vendor=1')).toBeUndefined();
  });
});

describe('a tracestate', () => {
  test.each([
    ['a short one', 'vendor=1', 'vendor=1'],
    ['one of 512 characters', 'v='.padEnd(512, 'x'), 'v='.padEnd(512, 'x')],
    ['a longer one', 'v='.padEnd(513, 'x'), undefined],
    ['an empty one', '', undefined],
    ['no text', { vendor: 1 }, undefined],
  ])('%s', (_, tracestate, kept) => {
    expect(traceContextIn(VALID, tracestate)?.tracestate).toBe(kept);
  });
});
