import { Pool } from 'undici';
import { quantile, round } from './stats.ts';

export type Era = '2025' | '2026';

const CLUSTER = '00000000-1c52-4f7e-9a61-2f8d7e5c9041';
const PARAMS = { name: 'get_cluster', arguments: { clusterId: CLUSTER } };
const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '0' },
  'io.modelcontextprotocol/clientCapabilities': {},
};
const HEADERS = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

/** The same call, as a client of each era sends it. */
const REQUESTS = {
  '2025': {
    headers: { ...HEADERS, 'mcp-protocol-version': '2025-11-25' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: PARAMS }),
  },
  '2026': {
    headers: {
      ...HEADERS,
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': PARAMS.name,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { ...PARAMS, _meta: META } }),
  },
} as const;

interface Load {
  connections: number;
  era: Era;
  /** Ends after so many milliseconds, or after so many calls of each connection. */
  until: { ms: number } | { calls: number };
}

export interface Measured {
  perSecond: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
  errors: number;
}

/** Calls over and over on so many connections at once, each with one call in flight. */
export async function load(url: string, { connections, era, until }: Load): Promise<Measured> {
  const pool = new Pool(url, { connections, pipelining: 1 });
  const started = performance.now();
  const times: number[] = [];
  let errors = 0;

  async function call() {
    const before = performance.now();
    const { statusCode, body } = await pool.request({ path: '/mcp', method: 'POST', ...REQUESTS[era] });
    const text = await body.text();
    times.push(performance.now() - before);
    if (statusCode !== 200 || !text.includes('"result":') || text.includes('"isError":true')) errors += 1;
  }

  async function keepCalling() {
    const isOver = (calls: number) => ('ms' in until ? performance.now() - started >= until.ms : calls >= until.calls);
    for (let calls = 0; !isOver(calls); calls += 1) {
      await call().catch(() => {
        errors += 1;
      });
    }
  }

  await Promise.all(Array.from({ length: connections }, keepCalling));
  const seconds = (performance.now() - started) / 1000;
  await pool.close();
  return {
    perSecond: round(times.length / seconds, 0),
    p50: round(quantile(times, 0.5)),
    p99: round(quantile(times, 0.99)),
    errors,
  };
}
