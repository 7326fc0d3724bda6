import {
  type Attributes,
  createTraceState,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { Histogram, HistogramOptions } from './histograms.ts';
import type { Attempt, Operation, ReceivedRequest, SentRequest, Telemetry } from './telemetry.ts';
import type { TraceContext } from './trace-context.ts';

/** https://github.com/open-telemetry/semantic-conventions-genai/blob/v0.1.0/docs/gen-ai/mcp.md */
export const OPERATIONS: HistogramOptions = {
  name: 'mcp.server.operation.duration',
  description: 'Duration of MCP requests, until the result is sent',
  boundaries: [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300],
};

/** https://opentelemetry.io/docs/specs/semconv/http/http-metrics/ */
export const ATTEMPTS: HistogramOptions = {
  name: 'http.client.request.duration',
  description: 'Duration of HTTP requests to IONOS',
  boundaries: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
};

export interface Instruments {
  /** Where traces are sent. */
  tracer?: Tracer;
  /** Where metrics are sent. */
  durations?: { operations: Histogram; attempts: Histogram };
}

/** Nothing of it holds a value of an argument, a header or a body, nor a text that somebody wrote. */
export function createOperations({ tracer, durations }: Instruments): Telemetry {
  function begin(request: ReceivedRequest): Operation {
    const started = performance.now();
    const about = attributesOf(request);
    const { method, id, tool, prompt, parent, carrier } = request;
    const span = tracer?.startSpan(
      [method, tool ?? prompt].filter(Boolean).join(' '),
      {
        kind: SpanKind.SERVER,
        attributes: { ...about, 'jsonrpc.request.id': id },
        links: carrier && carrier.spanId !== parent?.spanId ? [{ context: toSpanContext(carrier) }] : [],
      },
      parent ? trace.setSpanContext(ROOT_CONTEXT, toSpanContext(parent)) : ROOT_CONTEXT,
    );
    return {
      traceId: span?.spanContext().traceId,
      reads: (uri) => void span?.setAttribute('mcp.resource.uri', uri),
      attempt: (sent) => beginAttempt(sent, span),
      end({ protocolVersion, error }) {
        const known = {
          ...(protocolVersion !== undefined && { 'mcp.protocol.version': protocolVersion }),
          ...(error !== undefined && { 'error.type': String(error) }),
          ...(typeof error === 'number' && { 'rpc.response.status_code': String(error) }),
        };
        endSpan(span, known);
        durations?.operations.record(secondsSince(started), { ...about, ...known });
      },
    };
  }

  function beginAttempt({ method, origin, template, resends }: SentRequest, parent: Span | undefined): Attempt {
    const started = performance.now();
    const { hostname, port, protocol } = new URL(origin);
    const about = {
      'http.request.method': method,
      'server.address': hostname,
      'server.port': Number(port) || (protocol === 'https:' ? 443 : 80),
    };
    const span =
      parent &&
      tracer?.startSpan(
        `${method} ${template}`,
        {
          kind: SpanKind.CLIENT,
          attributes: {
            ...about,
            'url.template': template,
            'url.full': origin + template.replaceAll('{id}', 'REDACTED'),
            ...(resends > 0 && { 'http.request.resend_count': resends }),
          },
        },
        trace.setSpan(ROOT_CONTEXT, parent),
      );
    return {
      headers: span ? headersOf(span.spanContext()) : {},
      end({ status, error = status !== undefined && status >= 400 ? String(status) : undefined }) {
        const known = {
          ...(status !== undefined && { 'http.response.status_code': status }),
          ...(error !== undefined && { 'error.type': error }),
        };
        endSpan(span, known);
        durations?.attempts.record(secondsSince(started), { ...about, ...known });
      },
    };
  }

  return { begin };
}

function attributesOf({ method, tool, prompt, transport }: ReceivedRequest): Attributes {
  return {
    'mcp.method.name': method,
    ...(method === 'tools/call' && { 'gen_ai.operation.name': 'execute_tool' }),
    ...(tool !== undefined && { 'gen_ai.tool.name': tool }),
    ...(prompt !== undefined && { 'gen_ai.prompt.name': prompt }),
    'network.transport': transport,
    ...(transport === 'tcp' && { 'network.protocol.name': 'http' }),
  };
}

/** Without a description, which would be the words of the error. */
function endSpan(span: Span | undefined, known: Attributes) {
  if (!span) return;
  span.setAttributes(known);
  if (known['error.type'] !== undefined) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}

const secondsSince = (started: number) => (performance.now() - started) / 1000;

function toSpanContext({ traceId, spanId, isSampled, tracestate }: TraceContext): SpanContext {
  return {
    traceId,
    spanId,
    isRemote: true,
    traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    ...(tracestate !== undefined && { traceState: createTraceState(tracestate) }),
  };
}

function headersOf({ traceId, spanId, traceFlags, traceState }: SpanContext): Attempt['headers'] {
  const tracestate = traceState?.serialize();
  const flags = traceFlags.toString(16).padStart(2, '0');
  return { traceparent: `00-${traceId}-${spanId}-${flags}`, ...(tracestate && { tracestate }) };
}
