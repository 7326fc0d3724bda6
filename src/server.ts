import {
  type McpRequestContext,
  McpServer,
  type McpServerFactory,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  ResourceTemplate,
  requireScopes,
  type Variables,
} from '@modelcontextprotocol/server';
import { lowerAccess, scopesOf } from './auth/caller.ts';
import { type CallOptions, createCalls } from './calls.ts';
import type { Access } from './config.ts';
import { AccessError, ApiError, InputError, LimitError } from './errors.ts';
import { readInput } from './input.ts';
import type { Limit } from './limits.ts';
import { currentOrigin, outside } from './origin.ts';
import { resources } from './resources/index.ts';
import type { Resource } from './resources/resource.ts';
import { secretsIn } from './secrets.ts';
import { tools } from './tools/index.ts';
import type { Context, Tool } from './tools/tool.ts';
import { wireSchema } from './wire-schema.ts';

/** Tool and resource definitions change with a release only. */
const DEFINITIONS = { ttlMs: 3_600_000, cacheScope: 'private' } as const;

const INCLUDED: Record<Access, readonly Access[]> = {
  read: ['read'],
  write: ['read', 'write'],
  full: ['read', 'write', 'full'],
};

const SANDBOX_NOTE = 'Sandbox: no real cluster was touched.';

export interface ServerOptions extends CallOptions {
  version: string;
  /** What is registered at all. */
  access: Access;
  /** Whether `api` is the sandbox, which instructions and writes then say. */
  sandbox: boolean;
  /** For each caller's writes. */
  writes?: Limit;
}

export interface Servers {
  /** Makes one McpServer for a connection, or over stateless HTTP for a request. */
  create: McpServerFactory;
  /** Waits `ms` for the calls in flight, then stops those that are left. */
  drain(ms: number): Promise<void>;
  /** How many calls are being worked on, over all connections. */
  inFlight(): number;
}

export function createServers({ version, access, sandbox, writes, ...options }: ServerOptions): Servers {
  const { perform, drain, inFlight } = createCalls(options);
  const registrations = tools.filter((tool) => INCLUDED[access].includes(tool.access)).map(define);

  /** What the operator offers and the caller of this request may use. */
  function granted(): Access {
    const origin = currentOrigin();
    return origin ? lowerAccess(access, origin.caller.access) : access;
  }

  function countWrite() {
    const key = currentOrigin()?.caller.name ?? 'stdio';
    return outside(() => writes?.exceeded(key));
  }

  /** Limits count requests, so that one request is one call. */
  function refuseBatch() {
    const origin = currentOrigin();
    if (!origin) return;
    origin.calls += 1;
    if (origin.calls > 1) throw new InputError(['a batch of calls is not supported: send each by itself']);
  }

  async function admit(tool: Tool) {
    refuseBatch();
    if (!INCLUDED[granted()].includes(tool.access)) {
      throw notGranted(tool);
    }
    const wait = tool.access === 'read' ? undefined : await countWrite();
    if (wait !== undefined) throw new LimitError('writes', wait);
  }

  /** The SDK answers such a call without asking the tool; the attempt is recorded all the same. */
  function challengeFor(tool: Tool): ReturnType<typeof requireScopes> {
    const required = requireScopes(scopeOf(tool.access));
    return async (context) => {
      const challenge = await required(context);
      if (challenge) {
        const raw = context.request.params?.arguments;
        const refuse = () => Promise.reject(notGranted(tool));
        await perform(subjectOf(tool, raw), new AbortController().signal, refuse, secretsIn(raw));
      }
      return challenge;
    };
  }

  async function callTool(tool: Tool, raw: unknown, signal: AbortSignal) {
    const audit = tool.access !== 'read';
    const result = await perform(
      subjectOf(tool, raw),
      signal,
      async (context, hide) => {
        await admit(tool);
        const answer: Record<string, unknown> = await tool.run(readInput(tool.input, raw, hide), context);
        return tool.output.parse(audit && sandbox ? { ...answer, note: join(SANDBOX_NOTE, answer.note) } : answer);
      },
      secretsIn(raw),
    );
    if ('error' in result) return { isError: true, content: [{ type: 'text' as const, text: result.text }] };
    return {
      structuredContent: result.data,
      content: [{ type: 'text' as const, text: JSON.stringify(result.data) }],
    };
  }

  async function readResource(resource: Resource, uri: URL, variables: Variables, signal: AbortSignal) {
    const values = Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, String(value)]));
    const result = await perform({ resource: resource.name, target: values.clusterId }, signal, async (context) => {
      refuseBatch();
      return resource.read(values, context);
    });
    if ('error' in result) throw toProtocolError(result, uri);
    return { contents: [{ uri: uri.href, mimeType: resource.mimeType, text: JSON.stringify(result.data) }] };
  }

  /** For lists and completion, where a failure must not take the rest along. */
  async function orNothing<T>(resource: string, signal: AbortSignal, work: (context: Context) => Promise<T[]>) {
    const result = await perform({ resource }, signal, work);
    return 'error' in result ? [] : result.data;
  }

  function templateOf({ name, uri, list, complete = {} }: Resource): ResourceTemplate {
    const never = new AbortController().signal;
    return new ResourceTemplate(uri, {
      list: list && (async (ctx) => ({ resources: await orNothing(name, ctx.mcpReq.signal, list) })),
      complete: Object.fromEntries(
        Object.entries(complete).map(([variable, values]) => [
          variable,
          (typed: string) => orNothing(name, never, (context) => values(typed, context)),
        ]),
      ),
    });
  }

  function registerResource(server: McpServer, resource: Resource) {
    const { name, uri, title, description, mimeType, ttlMs } = resource;
    const config = { title, description, mimeType, cacheHint: { ttlMs, cacheScope: 'private' as const } };
    if (uri.includes('{')) {
      server.registerResource(name, templateOf(resource), config, (url, variables, ctx) =>
        readResource(resource, url, variables, ctx.mcpReq.signal),
      );
    } else {
      server.registerResource(name, uri, config, (url, ctx) => readResource(resource, url, {}, ctx.mcpReq.signal));
    }
  }

  function create({ authInfo }: McpRequestContext): McpServer {
    const mine = granted();
    const server = new McpServer(
      { name: 'ionos-postgres-mcp', title: 'IONOS Cloud PostgreSQL', version },
      {
        capabilities: { tools: { listChanged: false }, resources: { listChanged: false } },
        instructions: instructions(mine, sandbox),
        cacheHints: { 'tools/list': DEFINITIONS, 'resources/templates/list': DEFINITIONS },
      },
    );
    // Over SSE the rights can change while the connection stays: they are asked for each time.
    const visible = () => registrations.filter(({ tool }) => INCLUDED[granted()].includes(tool.access));
    // With OAuth a tool beyond the caller's scopes answers which scope it takes; otherwise it does not exist.
    for (const { tool, definition } of authInfo ? registrations : visible()) {
      const challenge = authInfo && { scopeChallenge: challengeFor(tool) };
      server.registerTool(tool.name, { ...definition, ...challenge }, (raw, ctx) =>
        callTool(tool, raw, ctx.mcpReq.signal),
      );
    }
    server.server.setRequestHandler('tools/list', () => ({ tools: visible().map(({ listed }) => listed) }));
    for (const resource of resources) registerResource(server, resource);
    return server;
  }

  return { create, drain, inFlight };
}

function notGranted({ name, access }: Tool): AccessError {
  return new AccessError(
    `This caller may not use ${name}: it takes the scope ${scopeOf(access)}, or a token of the class ${access}.`,
  );
}

function scopeOf(access: Access): string {
  return scopesOf(access).at(-1) ?? '';
}

/** A tool as the SDK registers it and as a client lists it, made once. */
function define(tool: Tool) {
  const { name, title, description, input, output } = tool;
  const annotations = { title, ...tool.annotations };
  const words = { title, description, annotations };
  const inputSchema = wireSchema(input);
  const outputSchema = wireSchema(output);
  return {
    tool,
    definition: { ...words, inputSchema: inputSchema.standard, outputSchema: outputSchema.standard },
    listed: { name, ...words, inputSchema: inputSchema.json, outputSchema: outputSchema.json },
  };
}

function instructions(access: Access, sandbox: boolean): string {
  return [
    sandbox && 'This is a sandbox: its clusters are invented, nothing is real and nothing costs money.',
    'Manages PostgreSQL clusters of IONOS Cloud. Begin with list_clusters; the other tools take its IDs. Sizes are in MB, for each instance. Changes take minutes: read get_cluster until state is AVAILABLE, and send nothing to a BUSY cluster. FAILED can pass; keep looking.',
    access !== 'read' &&
      'Before create_cluster ask list_postgres_versions, and agree size and location with the person: it costs money. Before an upgrade ask list_cluster_versions; there is no way back. Never repeat a create whose answer was lost: look with list_clusters first.',
    access === 'full' && 'Before delete_cluster show the person the name and ask; it destroys all data.',
    access === 'read' && 'This server only reads.',
  ]
    .filter(Boolean)
    .join('\n');
}

function subjectOf({ name, access }: Tool, raw: unknown) {
  return { tool: name, target: targetOf(raw), ...(access !== 'read' && { audit: true }) };
}

function targetOf(raw: unknown): string | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined;
  const { clusterId, displayName }: { clusterId?: unknown; displayName?: unknown } = raw;
  const target = clusterId ?? displayName;
  return typeof target === 'string' ? target : undefined;
}

function join(...notes: unknown[]): string {
  return notes.filter((note) => typeof note === 'string').join(' ');
}

function toProtocolError({ error, text }: { error: unknown; text: string }, uri: URL): ProtocolError {
  if (error instanceof ApiError && error.status === 404) return new ResourceNotFoundError(uri.href, text);
  const code = error instanceof InputError ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError;
  return new ProtocolError(code, text);
}
