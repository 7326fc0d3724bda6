import type { Server } from 'node:http';
import { Hono } from 'hono';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { HttpAttempt } from '../api/attempts/index.ts';
import type { CallRecord } from '../calls/log-line.ts';
import { isLoopback } from '../secure-url.ts';
import { checkNames, type Env } from './guards.ts';
import { listen } from './listen.ts';

export type Metrics = ReturnType<typeof createMetrics>;

interface Gauged {
  sseSessions(): number;
  isStateReachable(): boolean;
}

/** No label identifies a caller, an argument or a cluster. */
export function createMetrics({ sseSessions, isStateReachable }: Gauged) {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const calls = new Counter({
    name: 'mcp_calls_total',
    help: 'Tool calls and resource reads by outcome',
    labelNames: ['name', 'outcome'],
    registers,
  });
  const durations = new Histogram({
    name: 'mcp_call_duration_seconds',
    help: 'Duration of tool calls and resource reads',
    labelNames: ['name'],
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 45],
    registers,
  });
  const requests = new Counter({
    name: 'ionos_requests_total',
    help: 'Requests to the IONOS API by method and status',
    labelNames: ['method', 'status'],
    registers,
  });
  const retries = new Counter({
    name: 'ionos_retries_total',
    help: 'Requests to the IONOS API that repeat an earlier one',
    labelNames: ['method'],
    registers,
  });
  new Gauge({
    name: 'mcp_sse_sessions',
    help: 'Open HTTP+SSE sessions',
    registers,
    collect() {
      this.set(sseSessions());
    },
  });
  new Gauge({
    name: 'mcp_state_reachable',
    help: 'Whether what replicas share can be reached',
    registers,
    collect() {
      this.set(isStateReachable() ? 1 : 0);
    },
  });
  return {
    onCall({ name, outcome, ms }: CallRecord) {
      calls.inc({ name, outcome });
      durations.observe({ name }, ms / 1000);
    },
    onAttempt({ method, status, repeats }: HttpAttempt) {
      requests.inc({ method, status: status ?? 'none' });
      if (repeats) retries.inc({ method });
    },
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
}

export function listenForMetrics(metrics: Metrics, { host, port }: { host: string; port: number }): Promise<Server> {
  const app = new Hono<Env>({ strict: false });
  // On other addresses it is scraped under any name.
  if (isLoopback(host)) app.use(checkNames({ allowedHosts: [], allowedOrigins: [], loopback: true }));
  app.get('/metrics', async (c) => c.text(await metrics.text(), 200, { 'Content-Type': metrics.contentType }));
  return listen(app, host, port);
}
