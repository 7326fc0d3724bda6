import type { AddressInfo } from 'node:net';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as Client2025 } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPClientTransport as Http2025 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import type { Access } from '../../src/access.ts';
import type { Fetch } from '../../src/api/client.ts';
import { connectApis } from '../../src/api/connect.ts';
import { DEFAULT_V2_URL, v2Config } from '../../src/api/generations/addresses.ts';
import { createGate, type Gate } from '../../src/auth/gate.ts';
import type { ProtectedResource } from '../../src/auth/protected-resource.ts';
import { createRateLimit } from '../../src/calls/rate-limit.ts';
import { createServers } from '../../src/mcp/server.ts';
import { createSandbox } from '../../src/sandbox/index.ts';
import { createMemoryState } from '../../src/state/memory.ts';
import type { Telemetry } from '../../src/telemetry/telemetry.ts';
import { TOOLSETS } from '../../src/tools/toolsets.ts';
import { createHttpApp, type HttpOptions } from '../../src/transports/http.ts';
import { listen } from '../../src/transports/listen.ts';
import type { Confirm } from '../../src/writes/confirm.ts';
import { ACCOUNT, VIEW_HTML } from './account.ts';
import type { OnQuestion } from './connect.ts';
import { PRICES } from './prices.ts';
import { skillText } from './skills.ts';

export interface Hosted extends Partial<HttpOptions> {
  /** The API instead of the sandbox. */
  fetch?: Fetch;
  /** Of API v2; where a test is not about that, none. */
  regions?: readonly string[];
  contractNumber?: string;
  access?: Access;
  gate?: Gate;
  resource?: ProtectedResource;
  writesPerMinute?: number;
  /** Which writes a person has to agree to; where a test is not about that, none. */
  confirm?: Confirm;
  confirmAbove?: string;
  requireHuman?: boolean | 'app';
  signingKey?: string;
  telemetry?: Telemetry;
  /** Text of a policy file. */
  policy?: string;
}

/** The server over HTTP on a port of its own, on a fresh sandbox, and clients for it; ends with the test. */
export async function host({
  fetch,
  regions = [],
  contractNumber,
  access = 'full',
  writesPerMinute = 0,
  confirm = 'never',
  confirmAbove,
  requireHuman = false,
  signingKey = 'a key of the tests, of some length',
  state = createMemoryState(),
  telemetry,
  policy,
  ...options
}: Hosted = {}) {
  const sandbox = createSandbox({ settleMs: 50 });
  const requests: { method: string; path: string; headers: Headers; signal: AbortSignal }[] = [];
  const authorization = options.callersOwnToken ? undefined : 'Bearer operators-token';
  const upstream = {
    api: { apiUrl: 'https://api.ionos.com/databases/postgresql', authorization, contractNumber },
    v2: v2Config({
      generation: regions.length > 0 ? 'auto' : 'v1',
      urls: { url: DEFAULT_V2_URL },
      regions,
      newClusters: 'v1',
    }),
  };
  const way = {
    userAgent: 'ionos-postgres-mcp/test',
    fetch: ((request, init) => {
      const { method, url, headers } = request;
      const path = url
        .replace(/^https:\/\/api\.ionos\.com\/(databases\/postgresql|cloudapi\/v6)\//, '')
        .replace(/^https:\/\/postgresql\.([a-z-]+)\.ionos\.com\//, '$1:/');
      requests.push({ method, path, headers, signal: init.signal });
      return fetch ? fetch(request, init) : sandbox.fetch(new Request(request, init));
    }) satisfies Fetch,
  };
  const log: Record<string, unknown>[] = [];
  const begun: Record<string, unknown>[] = [];
  const write = (line: string) => {
    const entry = JSON.parse(line);
    (entry.msg === 'begin' ? begun : log).push(entry);
  };
  const logger = pino({ level: 'debug' }, { write });
  const servers = createServers({
    apis: async () => connectApis(upstream, way),
    logger: async () => logger,
    version: '0.0.0',
    viewHtml: async () => VIEW_HTML,
    skillText,
    state: async () => state,
    telemetry,
    access,
    toolsets: TOOLSETS,
    sandbox: false,
    secrets: ['operators-token'],
    accounts: [ACCOUNT],
    prices: PRICES,
    passwords: { passwordEnv: {} },
    writes: {
      ...{ confirm, confirmAbove, requireHuman, signingKey },
      policy: policy === undefined ? undefined : { path: 'policy.json', readFile: () => policy },
    },
    writeLimit: createRateLimit(state, 'writes', writesPerMinute),
  });
  const http = createHttpApp({
    servers,
    state,
    logger,
    gate: createGate({ mode: 'none' }),
    allowedHosts: [],
    allowedOrigins: [],
    loopback: true,
    callersOwnToken: false,
    signingKey,
    sse: true,
    trustProxy: 0,
    maxCalls: 1000,
    callerMaxCalls: 1000,
    rateLimit: 0,
    ...options,
  });
  const server = await listen(http.app, '127.0.0.1', 0, { refused: http.refused });
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  onTestFinished(async () => {
    await http.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  type Negotiation = NonNullable<ConstructorParameters<typeof Client>[1]>['versionNegotiation'];
  const newer =
    (versionNegotiation: Negotiation) =>
    async (headers: Record<string, string> = {}, onQuestion?: OnQuestion, query = '') => {
      const client = new Client({ name: 'test', version: '0' }, { versionNegotiation, ...declared(onQuestion) });
      if (onQuestion) client.setRequestHandler('elicitation/create', ({ params }) => onQuestion(params));
      const place = new URL(`${url}/mcp${query}`);
      await client.connect(new StreamableHTTPClientTransport(place, { requestInit: { headers } }));
      onTestFinished(() => client.close());
      return client;
    };

  const clients = {
    /** The newer SDK's client: on protocol 2026-07-28, on what it finds out for itself, and with 2025's handshake. */
    modern: newer({ mode: { pin: '2026-07-28' } }),
    auto: newer({ mode: 'auto' }),
    handshake: newer({ mode: 'legacy' }),
    /** The older SDK's client over Streamable HTTP */
    async legacy(headers: Record<string, string> = {}, onQuestion?: OnQuestion, query = '') {
      const client = client2025(onQuestion);
      await client.connect(new Http2025(new URL(`${url}/mcp${query}`), { requestInit: { headers } }));
      onTestFinished(() => client.close());
      return client;
    },
    /** HTTP+SSE */
    async sse(headers: Record<string, string> = {}, onQuestion?: OnQuestion, query = '') {
      const client = client2025(onQuestion);
      await client.connect(new SSEClientTransport(new URL(`${url}/sse${query}`), { requestInit: { headers } }));
      onTestFinished(() => client.close());
      return client;
    },
  };
  /** What of the requests was more than a look. */
  const sent = () => requests.filter(({ method }) => method !== 'GET');
  return { url, port, sandbox, requests, sent, log, begun, http, server, servers, ...clients };
}

/** A client that asks a person declares it. */
const declared = (onQuestion: OnQuestion | undefined) => ({ capabilities: onQuestion ? { elicitation: {} } : {} });

function client2025(onQuestion: OnQuestion | undefined) {
  const client = new Client2025({ name: 'test', version: '0' }, declared(onQuestion));
  if (onQuestion) client.setRequestHandler(ElicitRequestSchema, ({ params }) => onQuestion(params));
  return client;
}
