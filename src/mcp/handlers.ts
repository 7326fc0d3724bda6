import type { CallToolResult, InputRequiredResult, McpServer, ServerContext } from '@modelcontextprotocol/server';
import type { Logger } from 'pino';
import { granted, includes, notGranted } from '../access.ts';
import type { ApiClient } from '../api/client.ts';
import { readInput } from '../calls/arguments.ts';
import { type Origin, originIn } from '../calls/http-caller.ts';
import { type CallOptions, type Client, createCalls, outcomeNamed, type Subject } from '../calls/index.ts';
import type { Limit } from '../calls/rate-limit.ts';
import type { Access } from '../config/index.ts';
import { InputError, LimitError } from '../errors.ts';
import { prompts } from '../prompts/index.ts';
import { resources } from '../resources/index.ts';
import { secretsIn } from '../text/secrets.ts';
import type { Complete } from '../tools/completions.ts';
import { tools } from '../tools/index.ts';
import { createPasswords, type PasswordOptions } from '../tools/passwords.ts';
import type { Context, Tool } from '../tools/tool.ts';
import type { Person, Question } from '../writes/consent.ts';
import { createWrites, idIn, type WriteOptions } from '../writes/index.ts';
import { askFirst, askNow, canBeAsked, type Era, followed, replyIn } from './elicitation.ts';

export interface HandlerOptions extends Omit<CallOptions, 'api' | 'logger' | 'passwords'> {
  /** Both are made when the first call needs them. */
  api(): Promise<ApiClient>;
  logger(): Promise<Logger>;
  /** Where passwords for new users come from. */
  passwords: PasswordOptions;
  access: Access;
  /** Whether the API is the sandbox, which every write then says. */
  sandbox: boolean;
  /** What has to be true before a write is sent. */
  safety: WriteOptions;
  /** For each caller's writes. */
  writes?: Limit;
}

export type Handlers = Awaited<ReturnType<typeof createHandlers>>;

const SANDBOX_NOTE = 'Sandbox: no real cluster was touched.';

/** What answers calls and reads resources: all that a server needs only when the first of them comes. */
export async function createHandlers(options: HandlerOptions) {
  const { api, logger, passwords, access, sandbox, safety, writes, ...rest } = options;
  const { perform, drain, inFlight } = createCalls({
    ...rest,
    api: await api(),
    logger: await logger(),
    passwords: createPasswords(passwords),
  });
  const write = createWrites(safety);
  const toolsByName = new Map(tools.map((tool) => [tool.name, tool]));
  const resourcesByName = new Map(resources.map((resource) => [resource.name, resource]));
  const promptsByName = new Map(prompts.map((prompt) => [prompt.name, prompt]));

  function completionOf({ kind, name }: Completable, variable: string): Complete | undefined {
    if (kind === 'resource') return entry(resourcesByName, name).complete?.[variable];
    return entry(promptsByName, name).arguments.find((argument) => argument.name === variable)?.complete;
  }

  async function admit(tool: Tool, origin: Origin | undefined) {
    refuseBatch(origin);
    if (!includes(granted(access, origin), tool.access)) throw notGranted(tool.name, tool.access);
    const wait = tool.access === 'read' ? undefined : await writes?.exceeded(callerOf(origin));
    if (wait !== undefined) throw new LimitError('writes', wait);
  }

  /** One go at a call: on the way back from a question it is made from the top, but counted once. */
  async function attempt(tool: Tool, raw: unknown, client: Client, person: Person, isFirst: boolean) {
    let question: Question | undefined;
    let args: Record<string, unknown> = {};
    const result = await perform<Record<string, unknown>>(subjectOf(tool, raw), client, {
      async run(context, hide) {
        if (isFirst) await admit(tool, client.origin);
        args = readInput(tool.input, raw, hide);
        if (!tool.plan) return tool.output.parse(await tool.run(args, context));
        const { account = '' } = client.origin ?? {};
        const written = await write({ tool, args, context, person, caller: callerOf(client.origin), account });
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

  return {
    drain,
    inFlight,

    /** Ends with the tool's answer, or for a client that has to ask a person first, with the question. */
    async callTool(name: string, raw: unknown, server: McpServer, era: Era, ctx: ServerContext): Promise<ToolAnswer> {
      const tool = entry(toolsByName, name);
      const progress = followed(ctx);
      try {
        const { signal } = ctx.mcpReq;
        const origin = originIn(ctx.http?.authInfo);
        const client = { signal, origin, secrets: secretsIn(raw), onProgress: progress?.tell };
        const askable = tool.plan !== undefined && canBeAsked(server, ctx, era);
        for (let reply = replyIn(ctx), isFirst = true; ; isFirst = false) {
          const { result, question } = await attempt(tool, raw, client, { canBeAsked: askable, reply }, isFirst);
          if ('error' in result) return { isError: true, content: [{ type: 'text', text: result.text }] };
          if (!question) return { structuredContent: result.data, content: [{ type: 'text', text: result.json }] };
          if (era === 'modern') return askFirst(question);
          reply = await askNow(question, ctx);
        }
      } finally {
        progress?.end();
      }
    },

    /** Such a call is refused without the tool being asked; the attempt is recorded all the same. */
    async recordRefusal(subject: Subject, refusal: Error, origin?: Origin, raw?: unknown): Promise<void> {
      const { signal } = new AbortController();
      const whole = { ...subject, target: subject.target ?? targetOf(raw) };
      await perform(whole, { signal, origin, secrets: secretsIn(raw) }, { run: () => Promise.reject(refusal) });
    },

    readResource(name: string, values: Record<string, string>, client: Client) {
      const run = async (context: Context) => {
        refuseBatch(client.origin);
        return entry(resourcesByName, name).read(values, context);
      };
      return perform({ resource: name, target: values.clusterId }, client, { run });
    },

    /** What exists of a template; nothing where that fails, since a failure must not take the rest along. */
    async listResource(name: string, client: Client) {
      const { list } = entry(resourcesByName, name);
      const result = await perform({ resource: name }, client, { run: async (context) => list?.(context) ?? [] });
      return 'error' in result ? [] : result.data;
    },

    /** Values for a variable of a template or an argument of a prompt, likewise. */
    async complete(what: Completable, { variable, typed, known }: Typed, origin?: Origin) {
      const complete = completionOf(what, variable);
      const { signal } = new AbortController();
      const run = async (context: Context) => complete?.(typed, known, context) ?? [];
      const result = await perform({ [what.kind]: what.name }, { signal, origin }, { run });
      return 'error' in result ? [] : result.data;
    },

    promptText(name: string, given: Record<string, string>, offered: readonly string[]) {
      return entry(promptsByName, name).text(withoutBlanks(given), (tool) => offered.includes(tool));
    },
  };
}

interface Completable {
  kind: 'resource' | 'prompt';
  name: string;
}

/** A variable or an argument, what was typed of it, and the values of the others. */
interface Typed {
  variable: string;
  typed: string;
  known: Record<string, string>;
}

/** Clients send an empty text for what a person left out. */
function withoutBlanks(given: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value.trim() !== ''));
}

type ToolAnswer = CallToolResult | InputRequiredResult;

const callerOf = (origin: Origin | undefined) => origin?.caller.name ?? 'stdio';

/** Limits count requests, so that one request is one call. */
function refuseBatch(origin: Origin | undefined) {
  if (!origin) return;
  origin.calls += 1;
  if (origin.calls > 1) throw new InputError(['a batch of calls is not supported: send each by itself']);
}

function entry<T>(byName: Map<string, T>, name: string): T {
  const found = byName.get(name);
  if (!found) throw new Error(`${name} is listed but does not exist`);
  return found;
}

function inSandbox(answer: Record<string, unknown>) {
  const notes = [SANDBOX_NOTE, answer.note].filter((note) => typeof note === 'string');
  return { ...answer, note: notes.join(' ') };
}

/** What the log says of a call, whatever its arguments are. */
function subjectOf({ name, access }: Tool, raw: unknown): Subject {
  return { tool: name, target: targetOf(raw), ...(access !== 'read' && { audit: true }) };
}

/** The ID, with the name of what is meant in it; of a new cluster its name. */
function targetOf(raw: unknown): string | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined;
  const { clusterId, username, name, backupId, displayName }: { [each in Target]?: unknown } = raw;
  const inside = username ?? name ?? (clusterId && backupId);
  const target = clusterId ?? backupId ?? displayName;
  if (typeof target !== 'string') return undefined;
  return clusterId !== undefined && typeof inside === 'string' ? `${target}/${inside}` : target;
}

type Target = 'clusterId' | 'username' | 'name' | 'backupId' | 'displayName';
