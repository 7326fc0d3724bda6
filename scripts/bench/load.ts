import { Pool } from 'undici';
import { quantile, round } from './stats.ts';

export const ERAS = ['2025', '2026'] as const;
export type Era = (typeof ERAS)[number];

const VERSIONS = { '2025': '2025-11-25', '2026': '2026-07-28' };
const META = {
  'io.modelcontextprotocol/protocolVersion': VERSIONS['2026'],
  'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '0' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

/** The same call, as a client of each era sends it. */
function requestOf({
  era,
  tool = 'get_cluster',
  args = { clusterId: '00000000-1c52-4f7e-9a61-2f8d7e5c9041' },
}: Calling) {
  const params = { name: tool, arguments: args, ...(era === '2026' && { _meta: META }) };
  return {
    path: '/mcp',
    method: 'POST' as const,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': VERSIONS[era],
      ...(era === '2026' && { 'mcp-method': 'tools/call', 'mcp-name': tool }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
  };
}

interface Calling {
  era: Era;
  connections: number;
  tool?: string;
  args?: object;
}

/** Calls over so many connections, which are kept; a call that fails rejects. */
export function createCaller(url: string, calling: Calling) {
  const pool = new Pool(url, { connections: calling.connections, pipelining: 1 });
  const request = requestOf(calling);
  return {
    async call(): Promise<void> {
      const { statusCode, body } = await pool.request(request);
      const text = await body.text();
      if (statusCode === 200 && text.includes('"result":') && !text.includes('"isError":true')) return;
      throw new Error(`${statusCode}: ${text.slice(0, 200)}`);
    },
    close: () => pool.close(),
  };
}

interface Load extends Calling {
  /** Ends after so many milliseconds, or after so many calls of each connection. */
  until: { ms: number } | { calls: number };
}

/** Calls over and over, each connection with one call in flight; times are milliseconds. */
export async function load(url: string, { until, ...calling }: Load) {
  const { call, close } = createCaller(url, calling);
  const started = performance.now();
  const times: number[] = [];
  const errors: unknown[] = [];
  const isOver = (calls: number) => ('ms' in until ? performance.now() - started >= until.ms : calls >= until.calls);

  async function keepCalling() {
    for (let calls = 0; !isOver(calls); calls += 1) {
      const before = performance.now();
      await call().catch((error) => errors.push(error));
      times.push(performance.now() - before);
    }
  }

  await Promise.all(Array.from({ length: calling.connections }, keepCalling));
  const perSecond = round((times.length - errors.length) / ((performance.now() - started) / 1000), 0);
  await close();
  return { perSecond, p50: quantile(times, 0.5), p99: quantile(times, 0.99), errors };
}
