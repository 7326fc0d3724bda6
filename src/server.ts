import {
  McpServer,
  type McpServerFactory,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  ResourceTemplate,
  type Variables,
} from '@modelcontextprotocol/server';
import type { Logger } from 'pino';
import type { ApiClient } from './api/client.ts';
import { createCalls } from './calls.ts';
import type { Access } from './config.ts';
import { ApiError, explain, InputError } from './errors.ts';
import { readInput } from './input.ts';
import { resources } from './resources/index.ts';
import type { Resource } from './resources/resource.ts';
import { redact, secretsIn } from './secrets.ts';
import { tools } from './tools/index.ts';
import type { Context, Tool } from './tools/tool.ts';
import { wireSchema } from './wire-schema.ts';

/** Tool and resource definitions change with a release only. */
const DEFINITIONS_TTL_MS = 3_600_000;

const INCLUDED: Record<Access, readonly Access[]> = {
  read: ['read'],
  write: ['read', 'write'],
  full: ['read', 'write', 'full'],
};

const SANDBOX_NOTE = 'Sandbox: no real cluster was touched.';

export interface ServerOptions {
  api: ApiClient;
  logger: Logger;
  version: string;
  /** What is registered at all. */
  access: Access;
  /** Whether `api` is the sandbox, which instructions and writes then say. */
  sandbox: boolean;
  /** Texts that never leave this process. */
  secrets: readonly string[];
}

export interface Servers {
  /** Makes one McpServer for a connection, or over stateless HTTP for a request. */
  create: McpServerFactory;
  /** Waits `ms` for the calls in flight, then stops those that are left. */
  drain(ms: number): Promise<void>;
}

/** What goes into a log line, besides its time and duration. */
interface Subject {
  tool?: string;
  resource?: string;
  target?: string;
  audit?: boolean;
}

export function createServers({ api, logger, version, access, sandbox, secrets }: ServerOptions): Servers {
  const calls = createCalls();
  // Who turns the log down does not turn off the record of what was changed.
  const audit = logger.child({}, { level: 'info' });

  const registrations = tools
    .filter((tool) => INCLUDED[access].includes(tool.access))
    .map((tool) => {
      const { title, description, annotations, input, output } = tool;
      return {
        tool,
        definition: {
          title,
          description,
          annotations: { title, ...annotations },
          inputSchema: wireSchema(input),
          outputSchema: wireSchema(output),
        },
      };
    });

  /** Runs one call within its time, logs it once, and words its failure; `hidden` never shows in either. */
  async function perform<T>(
    subject: Subject,
    signal: AbortSignal,
    work: (context: Context) => Promise<T>,
    hidden: readonly string[] = [],
  ): Promise<{ data: T } | { error: unknown; text: string }> {
    const started = performance.now();
    let attempts = 0;
    const log = (level: 'info' | 'warn', line: object) => {
      const ms = Math.round(performance.now() - started);
      (subject.audit ? audit : logger)[level]({ caller: 'stdio', ...subject, attempts, ms, ...line }, 'call');
    };
    try {
      const data = await calls.run(
        signal,
        (call) => work({ api: api.forCall(call) }),
        () => {
          attempts += 1;
        },
      );
      log('info', { outcome: 'done' });
      return { data };
    } catch (error) {
      const text = redact(explain(error), [...secrets, ...hidden]);
      const outcome = signal.aborted ? 'cancelled' : error instanceof InputError ? 'refused' : 'failed';
      log('warn', { outcome, reason: redact(reasonOf(error), [...secrets, ...hidden]) });
      return { error, text };
    }
  }

  async function callTool(tool: Tool, raw: unknown, signal: AbortSignal) {
    const writes = tool.access !== 'read';
    const subject = { tool: tool.name, target: targetOf(raw), ...(writes && { audit: true }) };
    const result = await perform(
      subject,
      signal,
      async (context) => {
        const answer: Record<string, unknown> = await tool.run(readInput(tool.input, raw), context);
        return tool.output.parse(writes && sandbox ? { ...answer, note: join(SANDBOX_NOTE, answer.note) } : answer);
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
    const result = await perform({ resource: resource.name, target: values.clusterId }, signal, (context) =>
      resource.read(values, context),
    );
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

  function create(): McpServer {
    const definitions = { ttlMs: DEFINITIONS_TTL_MS, cacheScope: 'private' as const };
    const server = new McpServer(
      { name: 'ionos-postgres-mcp', title: 'IONOS Cloud PostgreSQL', version },
      {
        capabilities: { tools: { listChanged: false }, resources: { listChanged: false } },
        instructions: instructions(access, sandbox),
        cacheHints: { 'tools/list': definitions, 'resources/templates/list': definitions },
      },
    );
    for (const { tool, definition } of registrations) {
      server.registerTool(tool.name, definition, (raw, ctx) => callTool(tool, raw, ctx.mcpReq.signal));
    }
    for (const resource of resources) registerResource(server, resource);
    return server;
  }

  return { create, drain: calls.drain };
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

function targetOf(raw: unknown): string | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined;
  const { clusterId, displayName }: { clusterId?: unknown; displayName?: unknown } = raw;
  const target = clusterId ?? displayName;
  return typeof target === 'string' ? target.slice(0, 128) : undefined;
}

function join(...notes: unknown[]): string {
  return notes.filter((note) => typeof note === 'string').join(' ');
}

/** For the log, which repeats no argument. */
function reasonOf(error: unknown): string {
  if (error instanceof ApiError) return `${error.status} ${error.message}`;
  if (error instanceof InputError) return `the arguments (problems: ${error.problems.length})`;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

function toProtocolError({ error, text }: { error: unknown; text: string }, uri: URL): ProtocolError {
  if (error instanceof ApiError && error.status === 404) return new ResourceNotFoundError(uri.href, text);
  const code = error instanceof InputError ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError;
  return new ProtocolError(code, text);
}
