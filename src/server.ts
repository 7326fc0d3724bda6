import {
  type CallToolResult,
  type InputRequiredResult,
  type McpRequestContext,
  McpServer,
  type McpServerFactory,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  ResourceTemplate,
  requireScopes,
  type ServerContext,
  type Variables,
} from '@modelcontextprotocol/server';
import { askFirst, askNow, canBeAsked, followed, replyIn } from './asking.ts';
import { lowerAccess, scopesOf } from './auth/caller.ts';
import { type CallOptions, type Client, createCalls, outcomeNamed, type Subject } from './calls.ts';
import type { Access } from './config.ts';
import type { Person, Question } from './consent.ts';
import { AccessError, ApiError, cut, InputError, LimitError } from './errors.ts';
import { readInput } from './input.ts';
import type { Limit } from './limits.ts';
import { currentOrigin, outside } from './origin.ts';
import { resources } from './resources/index.ts';
import type { Resource } from './resources/resource.ts';
import { secretsIn } from './secrets.ts';
import { tools } from './tools/index.ts';
import type { Context, Tool } from './tools/tool.ts';
import { wireSchema } from './wire-schema.ts';
import { createWrites, idIn, type WriteOptions } from './writes.ts';

/** Tool and resource definitions change with a release only. */
const DEFINITIONS = { ttlMs: 3_600_000, cacheScope: 'private' } as const;

const INCLUDED: Record<Access, readonly Access[]> = {
  read: ['read'],
  write: ['read', 'write'],
  full: ['read', 'write', 'full'],
};

const SANDBOX_NOTE = 'Sandbox: no real cluster was touched.';

/** Characters of the name of a tool that does not exist, in the log. */
const MAX_NAME = 64;

export interface ServerOptions extends CallOptions {
  version: string;
  /** What is registered at all. */
  access: Access;
  /** Whether `api` is the sandbox, which instructions and writes then say. */
  sandbox: boolean;
  /** What has to be true before a write is sent. */
  safety: WriteOptions;
  /** For each caller's writes. */
  writes?: Limit;
}

export interface Servers {
  /** Makes one McpServer for a connection, or over stateless HTTP for a request. */
  create: McpServerFactory;
  /** Waits `ms` for the calls in flight, then stops those that are left. */
  drain(ms: number): Promise<void>;
  /** How many calls are being worked on, over all connections: of one caller, or of all. */
  inFlight(caller?: string): number;
}

export function createServers({ version, access, sandbox, safety, writes, ...options }: ServerOptions): Servers {
  const { perform, drain, inFlight } = createCalls(options);
  const write = createWrites(safety);
  const registrations = tools.filter((tool) => INCLUDED[access].includes(tool.access)).map(define);

  /** What the operator offers and the caller of this request may use. */
  function granted(): Access {
    const origin = currentOrigin();
    return origin ? lowerAccess(access, origin.caller.access) : access;
  }

  function isGranted(tool: Tool): boolean {
    return INCLUDED[granted()].includes(tool.access);
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
    if (!isGranted(tool)) throw notGranted(tool);
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
        await recordRefusal(subjectOf(tool, raw), notGranted(tool), secretsIn(raw));
      }
      return challenge;
    };
  }

  async function recordRefusal(subject: Subject, refusal: Error, secrets?: readonly string[]) {
    const { signal } = new AbortController();
    await perform(subject, { signal, secrets }, { run: () => Promise.reject(refusal) });
  }

  /** Ends with the tool's answer, or for a client that has to ask a person first, with the question. */
  async function callTool(tool: Tool, raw: unknown, server: McpServer, era: Era, ctx: ServerContext) {
    const progress = followed(ctx);
    try {
      const client = { signal: ctx.mcpReq.signal, secrets: secretsIn(raw), onProgress: progress?.tell };
      const askable = tool.plan !== undefined && canBeAsked(server, ctx, era);
      for (let reply = replyIn(ctx), isFirst = true; ; isFirst = false) {
        const { result, question } = await attempt(tool, raw, client, { canBeAsked: askable, reply }, isFirst);
        if ('error' in result) return failure(result.text);
        if (!question)
          return { structuredContent: result.data, content: [{ type: 'text' as const, text: result.json }] };
        if (era === 'modern') return askFirst(question);
        reply = await askNow(question, ctx);
      }
    } finally {
      progress?.end();
    }
  }

  /** One go at a call: on the way back from a question it is made from the top, but counted once. */
  async function attempt(tool: Tool, raw: unknown, client: Client, person: Person, isFirst: boolean) {
    let question: Question | undefined;
    let args: Record<string, unknown> = {};
    const result = await perform<Record<string, unknown>>(subjectOf(tool, raw), client, {
      async run(context, hide) {
        if (isFirst) await admit(tool);
        args = readInput(tool.input, raw, hide);
        if (!tool.plan) return tool.output.parse(await tool.run(args, context));
        const { caller = undefined, account = '' } = currentOrigin() ?? {};
        const written = await write({ tool, args, context, person, caller: caller?.name ?? 'stdio', account });
        if ('answer' in written) return tool.output.parse(sandbox ? inSandbox(written.answer) : written.answer);
        question = { ...written.question, lines: written.question.lines.map(hide) };
        return { outcome: 'asked' };
      },
      recordOf: ({ outcome, cluster }) => (tool.plan ? { outcome: outcomeNamed(outcome), cluster: idIn(cluster) } : {}),
      async follow(answer, context) {
        if (!tool.follow || answer.outcome !== 'done') return answer;
        return tool.output.parse(await tool.follow(args, answer, context));
      },
    });
    return { result, question };
  }

  async function readResource(resource: Resource, uri: URL, variables: Variables, signal: AbortSignal) {
    const values = Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, String(value)]));
    const subject = { resource: resource.name, target: values.clusterId };
    const result = await perform(
      subject,
      { signal },
      {
        async run(context) {
          refuseBatch();
          return resource.read(values, context);
        },
      },
    );
    if ('error' in result) throw toProtocolError(result, uri);
    return { contents: [{ uri: uri.href, mimeType: resource.mimeType, text: result.json }] };
  }

  /** For lists and completion, where a failure must not take the rest along. */
  async function orNothing<T>(resource: string, signal: AbortSignal, run: (context: Context) => Promise<T[]>) {
    const result = await perform({ resource }, { signal }, { run });
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

  function create({ era, authInfo }: McpRequestContext): McpServer {
    const server = new McpServer(
      { name: 'ionos-postgres-mcp', title: 'IONOS Cloud PostgreSQL', version },
      {
        capabilities: { tools: { listChanged: false }, resources: { listChanged: false } },
        instructions: instructions(granted(), sandbox),
        cacheHints: { 'tools/list': DEFINITIONS, 'resources/templates/list': DEFINITIONS },
      },
    );
    // Over SSE the rights can change while the connection stays: they are asked for each time.
    const visible = () => registrations.filter(({ tool }) => isGranted(tool));
    // With OAuth a tool beyond the caller's scopes answers which scope it takes; otherwise it does not exist.
    const offered = new Map((authInfo ? registrations : visible()).map(({ tool }) => [tool.name, tool]));
    for (const tool of authInfo ? offered.values() : []) {
      if (!isGranted(tool)) server.registerTool(tool.name, { scopeChallenge: challengeFor(tool) }, () => failure(''));
    }
    server.server.setRequestHandler('tools/list', () => ({ tools: visible().map(({ listed }) => listed) }));
    server.server.setRequestHandler('tools/call', async ({ params }, ctx): Promise<ToolAnswer> => {
      const tool = offered.get(params.name);
      if (tool) return callTool(tool, params.arguments ?? {}, server, era, ctx);
      const refusal = new AccessError(`Tool ${params.name} not found`);
      await recordRefusal({ tool: 'unknown', target: cut(params.name, MAX_NAME) }, refusal);
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, refusal.message);
    });
    for (const resource of resources) registerResource(server, resource);
    return server;
  }

  return { create, drain, inFlight };
}

type Era = McpRequestContext['era'];
type ToolAnswer = CallToolResult | InputRequiredResult;

function failure(text: string): CallToolResult {
  return { isError: true, content: [{ type: 'text', text }] };
}

function inSandbox(answer: Record<string, unknown>) {
  return { ...answer, note: join(SANDBOX_NOTE, answer.note) };
}

function notGranted({ name, access }: Tool): AccessError {
  return new AccessError(
    `This caller may not use ${name}: it takes the scope ${scopeOf(access)}, or a token of the class ${access}.`,
  );
}

function scopeOf(access: Access): string {
  return scopesOf(access).at(-1) ?? '';
}

/** A tool, and how a client lists it, made once. */
function define(tool: Tool) {
  const { name, title, description, input, output } = tool;
  const annotations = { title, ...tool.annotations };
  const listed = { name, title, description, annotations };
  return { tool, listed: { ...listed, inputSchema: wireSchema(input), outputSchema: wireSchema(output) } };
}

function instructions(access: Access, sandbox: boolean): string {
  return [
    sandbox && 'This is a sandbox: its clusters are invented, nothing is real and nothing costs money.',
    'Manages PostgreSQL clusters of IONOS Cloud. Begin with list_clusters; the other tools take its IDs. Sizes are in MB, for each instance. Changes take minutes: call wait_for_cluster until state is AVAILABLE, and send nothing to a BUSY cluster. FAILED can pass; keep looking.',
    access !== 'read' &&
      'Before create_cluster ask list_postgres_versions, and agree size and location with the person: it costs money. Before an upgrade ask list_cluster_versions; there is no way back. dryRun shows what a write would do. Never repeat a create whose answer was lost: look with list_clusters first. On needs_confirmation show the plan to the person and wait for their answer; declined is final.',
    access === 'full' && 'delete_cluster destroys all data; the person has to type the name.',
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
