import { Client, type ElicitResult } from '@modelcontextprotocol/client';
import { InMemoryTransport } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { pino } from 'pino';
import { expect, onTestFinished } from 'vitest';
import type { Access } from '../../src/access.ts';
import { createApiClient, type Fetch } from '../../src/api/client.ts';
import type { AccountFacts } from '../../src/api/credentials.ts';
import { REGIONS } from '../../src/api/generations/addresses.ts';
import { createApis, createApisByAccount } from '../../src/api/generations/index.ts';
import type { Profile } from '../../src/calls/source.ts';
import type { LogLevel } from '../../src/log.ts';
import { TOOLSETS, type Toolset } from '../../src/tools/toolsets.ts';
import type { Confirm } from '../../src/writes/confirm.ts';
// Loaded by the first call otherwise, while the clock of a test may run away.
import '../../src/mcp/handlers.ts';
import { createServers } from '../../src/mcp/server.ts';
import type { PriceFile } from '../../src/prices/price-file.ts';
import { createSandbox } from '../../src/sandbox/index.ts';
import { createMemoryState } from '../../src/state/memory.ts';
import type { State } from '../../src/state/state.ts';
import type { Telemetry } from '../../src/telemetry/telemetry.ts';
import { ACCOUNT, API_URL, VIEW_HTML } from './account.ts';
import { computeApi, openapi, openapiV2, quotaApi } from './openapi.ts';
import { PRICES } from './prices.ts';
import { skillText } from './skills.ts';

export const TOKEN = 'eyJhbGciOiJub25lIn0.planted-token.x';

/** What a client declares that renders views. */
export const VIEWS = { 'io.modelcontextprotocol/ui': { mimeTypes: ['text/html;profile=mcp-app'] } };

/** Of one of several profiles. */
export const tokenOf = (profile: string) => `planted-token-of-${profile.replaceAll(' ', '-')}`;

export interface World {
  /** What happens until the log has the line of a write that is about to be sent. */
  whileLogging?(): Promise<void>;
  /** The API instead of the sandbox. */
  fetch?: Fetch;
  /** Which generations of the API are asked; where a test is not about that, the first. */
  api?: 'v1' | 'v2' | 'auto';
  newClusters?: 'v1' | 'v2';
  /** Whether the Compute API shows data centers and LANs to these credentials. */
  seesNetworks?: boolean;
  /** The operator's, or those of the contract, which the Billing API has. */
  prices?: PriceFile | 'of the contract';
  /** The Billing API, and the contracts of the Compute API, instead of the sandbox's. */
  billing?: Fetch;
  /** The regions of API v2. */
  regions?: readonly string[];
  /** Whether there are others, which are left out. */
  leavesOutRegions?: boolean;
  access?: Access;
  toolsets?: readonly Toolset[];
  /** Whether the server knows that its API is a sandbox. */
  isSandbox?: boolean;
  /** '2026' negotiates the modern protocol, '2025' the handshake of before. */
  era?: '2025' | '2026';
  logLevel?: LogLevel;
  /** Which writes a person has to agree to; where a test is not about that, none. */
  confirm?: Confirm;
  /** With `costly`, what may be paid more for 30 days without a yes. */
  confirmAbove?: string;
  requireHuman?: boolean | 'app';
  signingKey?: string;
  /** Shared with other servers. */
  state?: State;
  /** How many servers take the calls in turn, each with a client of its own; they share what replicas share. */
  replicas?: number;
  /** Text of a policy file. */
  policy?: string | (() => string);
  /** Where new passwords are kept. */
  credentialsDir?: string;
  passwords?: Record<string, string>;
  /** What the server knows of its only account. */
  account?: Partial<AccountFacts>;
  /** Several accounts, each with a sandbox and a token of its own. */
  profiles?: readonly Profile[];
  /** Whether the client renders views (MCP Apps). */
  seesViews?: boolean;
  /** What it declares of extensions instead. */
  extensions?: Record<string, Record<string, string | string[]>>;
  /** Answers the questions of the server; without it the client cannot ask. */
  onQuestion?: OnQuestion;
  telemetry?: Telemetry;
}

/** Answers the questions that the server puts before a person. */
export type OnQuestion = (question: {
  message: string;
  requestedSchema?: unknown;
}) => ElicitResult | Promise<ElicitResult>;

/**
 * A client, the server, the API client and a fresh sandbox whose clock the test moves, joined in one process. Every
 * request to the API is held against the OpenAPI document.
 */
export async function connect({
  fetch,
  api = 'v1',
  regions = REGIONS,
  leavesOutRegions = regions.length < REGIONS.length,
  newClusters = 'v1',
  seesNetworks = true,
  billing,
  prices = billing ? 'of the contract' : PRICES,
  access = 'full',
  toolsets = TOOLSETS,
  isSandbox = false,
  era = '2026',
  logLevel = 'info',
  confirm = 'never',
  confirmAbove,
  requireHuman = false,
  signingKey = 'a key of the tests, of some length',
  state = createMemoryState(),
  replicas = 1,
  policy,
  credentialsDir,
  passwords = {},
  account = {},
  profiles = [],
  seesViews = false,
  extensions = seesViews ? VIEWS : undefined,
  onQuestion,
  telemetry,
  whileLogging = async () => {},
}: World = {}) {
  let ahead = 0;
  const clock = () => Date.now() + ahead;
  const sandbox = createSandbox({ clock });
  const sandboxes = new Map(profiles.map(({ name }) => [name, createSandbox({ clock })]));
  const requests: {
    profile?: string;
    method: string;
    path: string;
    headers: Headers;
    body: unknown;
    signal: AbortSignal;
  }[] = [];
  const billed: { profile?: string; path: string; headers: Headers }[] = [];
  const violations: unknown[] = [];
  const clientAt = (apiUrl: string, profile?: string) =>
    createApiClient({
      apiUrl,
      authorization: `Bearer ${profile === undefined ? TOKEN : tokenOf(profile)}`,
      userAgent: 'ionos-postgres-mcp/test',
      async fetch(request, init) {
        const { hostname, pathname, search } = new URL(request.url);
        const own = sandboxes.get(profile ?? '') ?? sandbox;
        // Neither has a document to be held against.
        if (pathname.startsWith('/billing/') || pathname === '/cloudapi/v6/contracts') {
          billed.push({ ...(profile && { profile }), path: pathname + search, headers: request.headers });
          return billing ? billing(request, init) : own.fetch(new Request(request, init));
        }
        const body = await request.clone().text();
        const ofV1 = [computeApi, quotaApi].find(({ operationOf }) => operationOf('GET', request.url)) ?? openapi;
        const contract = hostname === 'api.ionos.com' ? ofV1 : openapiV2;
        await contract.checkRequest(request, body).catch((violation) => violations.push(violation));
        const inRegion = /^postgresql\.([a-z-]+)\./.exec(hostname)?.[1];
        const path =
          (inRegion ? `${inRegion}:` : '') +
          pathname
            .replace('/databases/postgresql/', '')
            .replace('/cloudapi/v6/', '')
            .replace('/databases/quota', 'quota') +
          search;
        const { method, headers } = request;
        requests.push({
          ...(profile && { profile }),
          method,
          path,
          headers,
          body: body ? JSON.parse(body) : undefined,
          signal: init.signal,
        });
        if (!seesNetworks && pathname.startsWith('/cloudapi/')) return Response.json({ messages: [] }, { status: 403 });
        return fetch ? fetch(request, init) : own.fetch(new Request(request, init));
      },
    });

  const apisOf = (profile?: string) => {
    const region = (name: string) => ({ name, client: clientAt(`https://postgresql.${name}.ionos.com`, profile) });
    return createApis({
      v1: clientAt(API_URL, profile),
      v2:
        api === 'v1'
          ? undefined
          : {
              isAlone: api === 'v2',
              leavesOutRegions,
              newClusters,
              regions: regions.map(region),
            },
    });
  };

  const log: Record<string, unknown>[] = [];
  const begun: Record<string, unknown>[] = [];
  const write = (line: string) => {
    const entry = JSON.parse(line);
    (entry.msg === 'begin' ? begun : log).push(entry);
  };
  const flush = (done: () => void) => void whileLogging().then(done);
  const logger = pino({ level: logLevel }, { write, flush } as pino.DestinationStream);
  const readPolicy = () => (typeof policy === 'function' ? policy() : (policy ?? ''));
  const startServers = () =>
    createServers({
      apis: async () =>
        profiles.length === 0
          ? apisOf()
          : createApisByAccount(new Map(profiles.map(({ name }) => [name, apisOf(name)]))),
      profiles,
      logger: async () => logger,
      version: '0.0.0',
      viewHtml: async () => VIEW_HTML,
      skillText,
      state: async () => state,
      telemetry,
      access,
      toolsets,
      sandbox: isSandbox,
      secrets: [TOKEN, ...profiles.map(({ name }) => tokenOf(name)), ...Object.values(passwords)],
      prices: prices === 'of the contract' ? undefined : prices,
      accounts:
        profiles.length === 0
          ? [{ ...ACCOUNT, ...account }]
          : profiles.map(({ name, contract }) => ({ ...ACCOUNT, profile: name, contract })),
      passwords: { credentialsDir, passwordEnv: passwords },
      writes: {
        confirm,
        confirmAbove,
        requireHuman,
        signingKey,
        policy: policy ? { path: 'policy.json', readFile: readPolicy } : undefined,
      },
    });

  async function startReplica() {
    const servers = startServers();
    const [clientSide, serverSide] = InMemoryTransport.createLinkedPair();
    const handle = serveStdio(servers.create, { transport: serverSide });
    const client = new Client(
      { name: 'test', version: '0.0.0' },
      {
        versionNegotiation: { mode: era === '2026' ? { pin: '2026-07-28' } : 'legacy' },
        capabilities: { ...(onQuestion && { elicitation: {} }), ...(extensions && { extensions }) },
      },
    );
    if (onQuestion) client.setRequestHandler('elicitation/create', ({ params }) => onQuestion(params));
    await client.connect(clientSide);
    onTestFinished(async () => {
      await client.close();
      await handle.close();
    });
    return { servers, client };
  }

  const first = await startReplica();
  const others = await Promise.all(Array.from({ length: replicas - 1 }, startReplica));
  const all = [first, ...others];
  const { client, servers } = first;
  let turn = 0;
  onTestFinished(() => {
    expect(violations, 'requests that the OpenAPI document does not know').toEqual([]);
  });

  return {
    client,
    servers,
    sandbox,
    /** That of one of several profiles. */
    sandboxOf: (profile: string) => sandboxes.get(profile) ?? sandbox,
    requests,
    /** Those to the Billing API. */
    billed,
    /** What of the requests was more than a look. */
    sent: () => requests.filter(({ method }) => method !== 'GET'),
    log,
    /** The lines that were logged before a write was sent. */
    begun,
    /** Lets the clock of the sandbox run. */
    pass: (ms: number) => {
      ahead += ms;
    },
    async call(name: string, args: Record<string, unknown> = {}, options?: Parameters<Client['callTool']>[1]) {
      const { client } = all[turn % all.length] ?? first;
      turn += 1;
      const result = await client.callTool({ name, arguments: args }, options);
      const { token }: { token?: string } = Object(result._meta?.['ionos-postgresql/confirm']);
      if (token !== undefined) expect(JSON.stringify([result.content, result.structuredContent])).not.toContain(token);
      return result;
    },
  };
}

/** The text of a result that is an error; fails the test where the call succeeded. */
export function errorOf(result: Awaited<ReturnType<Client['callTool']>>): string {
  const [first] = result.content;
  if (!result.isError || first?.type !== 'text') throw new Error(`No error: ${JSON.stringify(result)}`);
  return first.text;
}
