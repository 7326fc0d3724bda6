import { DiagLogLevel, diag } from '@opentelemetry/api';
import { type ExportResult, ExportResultCode, setGlobalErrorHandler } from '@opentelemetry/core';
import { OTLPMetricExporter as JsonMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter as JsonTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import {
  defaultResource,
  detectResources,
  envDetector,
  type Resource,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { createThinner } from '../log/thinning.ts';
import { within } from '../signals.ts';
import { version } from '../version.ts';
import { createMeter } from './histograms.ts';
import { ATTEMPTS, createOperations, OPERATIONS } from './operations.ts';
import type { Telemetry } from './telemetry.ts';

const NAME = 'ionos-postgres-mcp';
const SCOPE = { name: NAME, version };
/** A collector that is away may not hold up the end. What is under way then has until the process exits. */
const FLUSH_MS = 500;

export type OtlpProtocol = 'http/protobuf' | 'http/json';

/** What else there is to set, the libraries read from the environment themselves. */
export interface TelemetryConfig {
  /** Undefined where none are sent. */
  traces?: OtlpProtocol;
  metrics?: { protocol: OtlpProtocol; intervalMs: number };
}

export interface RunningTelemetry extends Telemetry {
  /** Sends what has not been sent yet, as far as that takes no longer than FLUSH_MS. */
  close(): Promise<void>;
}

type OnProblem = (problem: { reason: string; omitted?: number }) => void;

export function createTelemetry({ traces, metrics }: TelemetryConfig, onProblem: OnProblem): RunningTelemetry {
  const problems = createProblems(onProblem);
  const resource = createResource();
  const tracing = traces && startTracing(traces, resource, problems.exportFailed);
  const meter = metrics && startMeter(metrics, resource, problems.exportFailed);
  problems.started();
  return {
    ...createOperations({
      tracer: tracing?.getTracer(NAME, version),
      durations: meter && { operations: meter.histogram(OPERATIONS), attempts: meter.histogram(ATTEMPTS) },
    }),
    async close() {
      await within(FLUSH_MS, Promise.allSettled([tracing?.shutdown(), meter?.close()]));
    },
  };
}

/** Tells replicas apart: a sum of one is not a sum of another. */
function createResource(): Resource {
  const own = {
    'service.name': NAME,
    'service.version': version,
    'service.instance.id': crypto.randomUUID(),
  };
  return defaultResource()
    .merge(resourceFromAttributes(own))
    .merge(detectResources({ detectors: [envDetector] }));
}

function startTracing(protocol: OtlpProtocol, resource: Resource, onFailure: (error: unknown) => void) {
  const exporter = protocol === 'http/json' ? new JsonTraceExporter() : new OTLPTraceExporter();
  const spanProcessors = [new BatchSpanProcessor(reporting(exporter, onFailure))];
  return new BasicTracerProvider({ resource, spanProcessors });
}

function startMeter(
  { protocol, intervalMs }: NonNullable<TelemetryConfig['metrics']>,
  resource: Resource,
  onFailure: (error: unknown) => void,
) {
  const exporter = protocol === 'http/json' ? new JsonMetricExporter() : new OTLPMetricExporter();
  return createMeter({ exporter: reporting(exporter, onFailure), resource, scope: SCOPE, intervalMs });
}

interface Exporter<Items> {
  export(items: Items, done: (result: ExportResult) => void): void;
}

function reporting<Items, Kind extends Exporter<Items>>(
  exporter: Kind & Exporter<Items>,
  onFailure: (error: unknown) => void,
): Kind {
  const send = exporter.export.bind(exporter);
  exporter.export = (items: Items, done: (result: ExportResult) => void) =>
    send(items, (result) => {
      if (result.code !== ExportResultCode.SUCCESS) onFailure(result.error);
      done(result);
    });
  return exporter;
}

/** While it starts, each problem is of a setting; later there is one line a minute. */
function createProblems(onProblem: OnProblem) {
  const thinned = createThinner(1);
  let isStarted = false;
  function report(reason: string) {
    const omitted = isStarted ? thinned('') : {};
    if (omitted) onProblem({ reason, ...omitted });
  }
  const log = (message: string) => report(message);
  const ignore = () => {};
  diag.setLogger(
    { error: log, warn: log, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  // Who exports reports it already.
  setGlobalErrorHandler(ignore);
  return {
    started() {
      isStarted = true;
    },
    exportFailed: (error: unknown) => report(`nothing could be sent to the collector: ${wordsFor(error)}`),
  };
}

function wordsFor(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code === 'number') return `it answered ${code}`;
  if (typeof code === 'string') return code;
  return error instanceof Error ? error.message : 'unknown reason';
}
