import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { emptyResource } from '@opentelemetry/resources';
import { AggregationTemporality, type PushMetricExporter, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createMeter } from '../../src/telemetry/histograms.ts';

beforeEach(() => void vi.useFakeTimers({ now: 1_700_000_000_000 }));
afterEach(() => void vi.useRealTimers());

const SECOND = 1_000;

/** A meter that exports every ten seconds, and what arrived. */
function world({ temporality = AggregationTemporality.CUMULATIVE, answers = true } = {}) {
  const received: ResourceMetrics[] = [];
  const waiting: ((result: ExportResult) => void)[] = [];
  const exporter: PushMetricExporter = {
    export(metrics, done) {
      received.push(metrics);
      if (answers) done({ code: ExportResultCode.SUCCESS });
      else waiting.push(done);
    },
    selectAggregationTemporality: () => temporality,
    forceFlush: async () => {},
    shutdown: async () => {},
  };
  const meter = createMeter({
    exporter,
    resource: emptyResource(),
    scope: { name: 'test' },
    intervalMs: 10 * SECOND,
  });
  const histogram = meter.histogram({ name: 'a.duration', description: 'A', boundaries: [0.1, 1] });
  const points = () => received.map(({ scopeMetrics }) => scopeMetrics[0]?.metrics[0]?.dataPoints ?? []);
  return { meter, histogram, received, waiting, points };
}

test('durations are counted in their buckets, of which the last has no end', () => {
  const { histogram, points } = world();
  for (const seconds of [0.05, 0.1, 0.5, 7]) histogram.record(seconds, { method: 'GET' });

  vi.advanceTimersByTime(10 * SECOND);

  expect(points()).toEqual([
    [
      {
        attributes: { method: 'GET' },
        startTime: [1_700_000_000, 0],
        endTime: [1_700_000_010, 0],
        value: { buckets: { boundaries: [0.1, 1], counts: [2, 1, 1] }, count: 4, sum: 7.65, min: 0.05, max: 7 },
      },
    ],
  ]);
});

test('each set of attributes has a series of its own', () => {
  const { histogram, points } = world();
  histogram.record(1, { method: 'GET' });
  histogram.record(1, { method: 'PUT' });
  histogram.record(1, { method: 'GET' });

  vi.advanceTimersByTime(10 * SECOND);

  expect(points()[0]?.map(({ attributes, value }) => [attributes.method, Object(value).count])).toEqual([
    ['GET', 2],
    ['PUT', 1],
  ]);
});

test.each([
  [AggregationTemporality.CUMULATIVE, [1, 2], [1_700_000_000, 1_700_000_000]],
  [AggregationTemporality.DELTA, [1, 1], [1_700_000_000, 1_700_000_010]],
])('with temporality %i the next report begins where it has to', async (temporality, counts, starts) => {
  const { histogram, points } = world({ temporality });
  histogram.record(1, {});
  await vi.advanceTimersByTimeAsync(10 * SECOND);
  histogram.record(1, {});
  await vi.advanceTimersByTimeAsync(10 * SECOND);

  expect(points().map(([point]) => Object(point?.value).count)).toEqual(counts);
  expect(points().map(([point]) => point?.startTime[0])).toEqual(starts);
});

test('nothing is sent while nothing was measured', () => {
  const { received } = world();
  vi.advanceTimersByTime(60 * SECOND);
  expect(received).toEqual([]);
});

test('a report waits until the one before has arrived', async () => {
  const { histogram, received, waiting } = world({ answers: false });
  histogram.record(1, {});
  await vi.advanceTimersByTimeAsync(60 * SECOND);
  expect(received).toHaveLength(1);

  waiting[0]?.({ code: ExportResultCode.FAILED });
  await vi.advanceTimersByTimeAsync(10 * SECOND);

  expect(received).toHaveLength(2);
});

test('attributes without end end up in one series', () => {
  const { histogram, points } = world();
  for (let n = 0; n < 2_005; n += 1) histogram.record(1, { n });

  vi.advanceTimersByTime(10 * SECOND);

  expect(points()[0]).toHaveLength(2_001);
  expect(points()[0]?.at(-1)).toMatchObject({ attributes: { 'otel.metric.overflow': true }, value: { count: 5 } });
});

test('closing sends what was not sent yet, and ends the reports', async () => {
  const { meter, histogram, points } = world();
  histogram.record(1, {});

  await meter.close();
  await vi.advanceTimersByTimeAsync(60 * SECOND);

  expect(points()).toHaveLength(1);
});
