import { z } from 'zod';
import { listen } from './process.ts';

const value = z.object({
  stringValue: z.string().optional(),
  intValue: z.coerce.number().optional(),
  boolValue: z.boolean().optional(),
});
const attributes = z
  .array(z.object({ key: z.string(), value }))
  .transform((pairs) =>
    Object.fromEntries(
      pairs.map(({ key, value: { stringValue, intValue, boolValue } }) => [key, stringValue ?? intValue ?? boolValue]),
    ),
  );
const span = z.object({
  name: z.string(),
  kind: z.number(),
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  traceState: z.string().optional(),
  attributes,
  links: z.array(z.object({ traceId: z.string(), spanId: z.string() })).optional(),
  status: z.object({ code: z.number().default(0), message: z.string().optional() }),
});
const resource = z.object({ attributes });
const traces = z.object({
  resourceSpans: z.array(z.object({ resource, scopeSpans: z.array(z.object({ spans: z.array(span) })) })),
});
const point = z.object({ attributes, count: z.coerce.number(), explicitBounds: z.array(z.number()) });
const metrics = z.object({
  resourceMetrics: z.array(
    z.object({
      resource,
      scopeMetrics: z.array(
        z.object({
          metrics: z.array(
            z.object({ name: z.string(), unit: z.string(), histogram: z.object({ dataPoints: z.array(point) }) }),
          ),
        }),
      ),
    }),
  ),
});

export const SERVER = 2;
export const CLIENT = 3;
export const ERROR = 2;

export interface Sent {
  path: string;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

/** An OpenTelemetry collector, which takes what is sent; it does not outlive the test. */
export async function startCollector({ status = 200 }: { status?: number } = {}) {
  const sent: Sent[] = [];
  const { url, server } = await listen(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    sent.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) });
    response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
  });
  const jsonOf = (path: string) =>
    sent.filter((each) => each.path === path).map(({ body }) => JSON.parse(body.toString()));
  const receivedTraces = () => jsonOf('/v1/traces').map((json) => traces.parse(json));
  const receivedMetrics = () => jsonOf('/v1/metrics').map((json) => metrics.parse(json));
  return {
    url,
    server,
    sent,
    /** For a program that sends JSON. */
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      // No test waits longer for what it is about.
      OTEL_BSP_SCHEDULE_DELAY: '50',
      OTEL_METRIC_EXPORT_INTERVAL: '200',
    },
    spans: () =>
      receivedTraces().flatMap(({ resourceSpans }) =>
        resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
      ),
    resources: () =>
      receivedTraces().flatMap(({ resourceSpans }) => resourceSpans.map(({ resource }) => resource.attributes)),
    /** The latest of each name. */
    metrics: () =>
      receivedMetrics()
        .at(-1)
        ?.resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics)) ?? [],
  };
}
