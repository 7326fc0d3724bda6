import { createHash } from 'node:crypto';
import {
  type McpRequestContext,
  McpServer,
  type McpServerFactory,
  ProtocolError,
  ProtocolErrorCode,
  requireScopes,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { notGranted, scopeOf } from '../access.ts';
import { httpCallerIn } from '../calls/http-caller.ts';
import { subjectOf } from '../calls/subject.ts';
import { AccessError } from '../errors.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { complete } from './completion.ts';
import type { Handlers, HandlersOptions } from './handlers.ts';
import { type ListedTool, listing } from './listing.ts';
import { createOffers } from './offers.ts';
import { getPrompt, type PromptSources, shownName } from './prompts.ts';
import { type SourceOf, sourceIn } from './request.ts';
import { createResources } from './resources.ts';
import { registerSkills, SKILLS } from './skills/serving.ts';
import type { ToolCall } from './tool-calls.ts';
import { observe } from './tracing/index.ts';
import { confirmedIn, confirmWrite, registerView, rendersApps, UI } from './views/apps.ts';

/** Definitions change only with a release. */
const DEFINITIONS = { ttlMs: 3_600_000, cacheScope: 'private' } as const;
const CACHE_HINTS = {
  'tools/list': DEFINITIONS,
  'prompts/list': DEFINITIONS,
  'resources/templates/list': DEFINITIONS,
};

const CAPABILITIES = {
  extensions: { [UI]: {}, [SKILLS]: {} },
  tools: { listChanged: false },
  resources: { listChanged: false },
  prompts: { listChanged: false },
  completions: {},
};

export interface ServersOptions extends HandlersOptions, Pick<PromptSources, 'skillText'> {
  version: string;
  /** The view of MCP Apps. */
  viewHtml(): Promise<string>;
  telemetry?: Telemetry;
}

export interface Servers {
  create: McpServerFactory;
  warmUp(): Promise<void>;
  /** Waits `ms` for calls in flight, then aborts the rest. */
  drain(ms: number): Promise<void>;
  /** Calls, and questions that are open. */
  inFlight(): number;
  /** Calls alone, of one caller or of all. */
  working(caller?: string): number;
}

export function createServers({ version, viewHtml, skillText, telemetry, ...options }: ServersOptions): Servers {
  const offers = createOffers(options);
  const { handlers, ...life } = lazyHandlers(options);
  const registerResources = createResources(offers.resources, handlers);
  const info = { name: 'ionos-postgres-mcp', title: 'IONOS Cloud PostgreSQL', version, icons: listing.icons };

  function create({ era, authInfo }: McpRequestContext): McpServer {
    const withOAuth = authInfo?.resourceMetadataUrl !== undefined;
    const httpCaller = httpCallerIn(authInfo);
    const offer = offers.to(httpCaller);
    const scopePrefix = httpCaller?.caller.scopePrefix;
    const mcpServer = new McpServer(info, {
      capabilities: CAPABILITIES,
      instructions: offer.instructions,
      cacheHints: CACHE_HINTS,
    });
    const operationOf = telemetry && observe(mcpServer, telemetry, offers);
    const sourceOf: SourceOf = (ctx) => ({ ...sourceIn(ctx), operation: operationOf?.(ctx) });
    // Over SSE, access can change during the connection.
    const offerNow = (ctx: ServerContext) => offers.to(sourceIn(ctx).httpCaller);
    // OAuth clients get a scope challenge for a tool beyond their access; for others it does not exist.
    const callable = withOAuth ? offer.reachable : offer.tools;
    for (const tool of withOAuth ? offer.beyond : []) {
      mcpServer.registerTool(tool.listed.name, { scopeChallenge: challengeFor(tool, scopePrefix, handlers) }, () => ({
        content: [],
      }));
    }
    const offered = (ctx: ServerContext) => offerNow(ctx).prompts;
    // Listed before the clusters, of which there can be many.
    registerSkills(mcpServer, { era, cacheHint: DEFINITIONS, offered, skillText });
    registerResources(mcpServer, offer.resources, sourceOf);
    registerView(mcpServer, viewHtml);
    const { server } = mcpServer;
    server.setRequestHandler('resources/templates/list', () => ({ resourceTemplates: [...offer.templates] }));
    server.setRequestHandler('tools/list', (_, ctx) => {
      // Loads the handlers after this response is sent, since a call usually follows.
      setImmediate(() => void handlers().catch(() => {}));
      const { listed, listedWithViews, writes } = offerNow(ctx);
      if (!rendersApps(mcpServer, ctx, era)) return { tools: listed };
      const hasButtons = writes && options.writes.requireHuman !== true;
      return { tools: hasButtons ? [...listedWithViews, confirmWrite] : listedWithViews };
    });
    async function callAmong(allowed: readonly ListedTool[], { name, raw, press }: WantedCall, ctx: ServerContext) {
      const { callTool, recordRefusal } = await handlers();
      if (allowed.some(({ listed }) => listed.name === name)) {
        return callTool({ ...{ name, raw, press, server: mcpServer, era, ctx }, operation: operationOf?.(ctx) });
      }
      const known = offers.named(name);
      const [subject, why] = known
        ? [subjectOf({ name, access: known.access }, raw), `${name} is not offered to this caller`]
        : [{ tool: 'unknown', target: digestOf(name) }, 'no such tool'];
      await recordRefusal(subject, new AccessError(why), sourceOf(ctx));
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Tool ${shownName(name)} not found`);
    }
    server.setRequestHandler('tools/call', async ({ params: { name, arguments: raw = {} } }, ctx) => {
      const confirmed = name === confirmWrite.name && rendersApps(mcpServer, ctx, era) ? confirmedIn(raw) : undefined;
      if (!confirmed) return callAmong(callable, { name, raw }, ctx);
      const writes = offerNow(ctx).tools.filter(({ access }) => access !== 'read');
      return callAmong(writes, confirmed, ctx);
    });
    server.setRequestHandler('prompts/list', (_, ctx) => ({
      prompts: offerNow(ctx).prompts.map(({ listed }) => listed),
    }));
    server.setRequestHandler('prompts/get', ({ params }, ctx) =>
      getPrompt(params, offerNow(ctx), { handlers, skillText }),
    );
    server.setRequestHandler('completion/complete', ({ params }, ctx) => {
      return complete(params, { ...offerNow(ctx), source: sourceOf(ctx), handlers });
    });
    return mcpServer;
  }

  return { create, ...life };
}

type WantedCall = Pick<ToolCall, 'name' | 'raw' | 'press'>;

function lazyHandlers(options: HandlersOptions) {
  let loaded: Handlers | undefined;
  let loading: Promise<Handlers> | undefined;
  function handlers(): Promise<Handlers> {
    loading ??= load().catch((error) => {
      loading = undefined;
      throw error;
    });
    return loading;
  }
  async function load(): Promise<Handlers> {
    const { createHandlers } = await import('./handlers.ts');
    loaded = await createHandlers(options);
    return loaded;
  }
  return {
    handlers,
    async warmUp() {
      await handlers();
    },
    drain: async (ms: number) => (await loading?.catch(() => undefined))?.drain(ms),
    inFlight: () => loaded?.inFlight() ?? 0,
    working: (caller?: string) => loaded?.working(caller) ?? 0,
  };
}

/** A name that a client sends could be a secret. */
function digestOf(name: string): string {
  return `sha256:${createHash('sha256').update(name).digest('hex').slice(0, 12)}, ${name.length} characters`;
}

/** The SDK responds with the challenge without calling the tool. */
function challengeFor(
  { listed: { name }, access }: ListedTool,
  scopePrefix: string | undefined,
  handlers: () => Promise<Handlers>,
) {
  const required = requireScopes(scopeOf(access, scopePrefix));
  const challenge: typeof required = async (context) => {
    const refusal = await required(context);
    if (refusal) {
      const { recordRefusal } = await handlers();
      const raw = context.request.params?.arguments;
      const httpCaller = httpCallerIn(context.authInfo);
      await recordRefusal(subjectOf({ name, access }, raw), notGranted(name, access, scopePrefix), { httpCaller });
    }
    return refusal;
  };
  return challenge;
}
