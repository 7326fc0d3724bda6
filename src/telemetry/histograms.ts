import { type Attributes, type HrTime, ValueType } from '@opentelemetry/api';
import type { ExportResult, InstrumentationScope } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  DataPointType,
  type HistogramMetricData,
  InstrumentType,
  type PushMetricExporter,
} from '@opentelemetry/sdk-metrics';

/** Attributes are bounded where they are made; this bounds what a mistake there can cost. */
const MOST_SERIES = 2_000;
const OVERFLOW = { 'otel.metric.overflow': true };

interface Series {
  attributes: Attributes;
  counts: number[];
  count: number;
  sum: number;
  min: number;
  max: number;
}

export interface HistogramOptions {
  name: string;
  description: string;
  /** Upper bounds of the buckets, in seconds. */
  boundaries: readonly number[];
}

export interface Histogram {
  record(seconds: number, attributes: Attributes): void;
}

interface MeterOptions {
  exporter: PushMetricExporter;
  resource: Resource;
  scope: InstrumentationScope;
  intervalMs: number;
}

/** The SDK for metrics would add more to the package than all else that is sent, for two histograms. */
export function createMeter({ exporter, resource, scope, intervalMs }: MeterOptions) {
  const temporality = exporter.selectAggregationTemporality?.(InstrumentType.HISTOGRAM);
  const isDelta = temporality === AggregationTemporality.DELTA;
  const collectors: (() => HistogramMetricData | undefined)[] = [];
  let sending: Promise<void> | undefined;

  async function send(): Promise<void> {
    const metrics = collectors.map((collect) => collect()).filter((each) => each !== undefined);
    if (metrics.length === 0) return;
    await new Promise<ExportResult>((resolve) => {
      exporter.export({ resource, scopeMetrics: [{ scope, metrics }] }, resolve);
    });
  }

  function sendOnce(): Promise<void> {
    sending ??= send().finally(() => {
      sending = undefined;
    });
    return sending;
  }

  const timer = setInterval(() => void sendOnce(), intervalMs).unref();

  return {
    histogram({ name, description, boundaries }: HistogramOptions): Histogram {
      const series = new Map<string, Series>();
      const descriptor = { name, description, unit: 's', valueType: ValueType.DOUBLE };
      let startTime = now();
      collectors.push(() => {
        if (series.size === 0) return undefined;
        const time = { startTime, endTime: now() };
        const dataPoints = [...series.values()].map((each) => ({ ...time, ...toPoint(each, boundaries) }));
        if (isDelta) {
          series.clear();
          startTime = time.endTime;
        }
        return {
          descriptor,
          aggregationTemporality: isDelta ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE,
          dataPointType: DataPointType.HISTOGRAM,
          dataPoints,
        };
      });
      return {
        record(seconds, attributes) {
          const bucket = boundaries.findIndex((boundary) => seconds <= boundary);
          count(seriesOf(series, attributes, boundaries.length + 1), seconds, bucket < 0 ? boundaries.length : bucket);
        },
      };
    },

    /** Sends what has not been sent yet. */
    async close(): Promise<void> {
      clearInterval(timer);
      await sending;
      await sendOnce();
    },
  };
}

function seriesOf(series: Map<string, Series>, given: Attributes, buckets: number): Series {
  const wanted = JSON.stringify(given);
  const isKnown = series.has(wanted) || series.size < MOST_SERIES;
  const [key, attributes] = isKnown ? [wanted, given] : ['', OVERFLOW];
  const found = series.get(key);
  if (found) return found;
  const made = {
    attributes,
    counts: new Array<number>(buckets).fill(0),
    count: 0,
    sum: 0,
    min: Number.POSITIVE_INFINITY,
    max: Number.NEGATIVE_INFINITY,
  };
  series.set(key, made);
  return made;
}

function count(series: Series, seconds: number, bucket: number) {
  series.counts[bucket] = (series.counts[bucket] ?? 0) + 1;
  series.count += 1;
  series.sum += seconds;
  series.min = Math.min(series.min, seconds);
  series.max = Math.max(series.max, seconds);
}

function toPoint({ attributes, counts, ...rest }: Series, boundaries: readonly number[]) {
  return { attributes, value: { buckets: { boundaries: [...boundaries], counts: [...counts] }, ...rest } };
}

function now(): HrTime {
  const ms = Date.now();
  return [Math.floor(ms / 1000), (ms % 1000) * 1_000_000];
}
