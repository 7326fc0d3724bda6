import type { CallToolResult, InputRequiredResult, McpServer, ServerContext } from '@modelcontextprotocol/server';
import { dated, type Moment, undated, withMoments } from '../calls/arguments/moments.ts';
import { readInput } from '../calls/arguments/read.ts';
import { callerName, type HttpCaller, httpCallerIn } from '../calls/http-caller.ts';
import type { createCalls } from '../calls/index.ts';
import { outcomeNamed } from '../calls/log-line.ts';
import { accountKeyOf, type CallSource, labelled, type Profile } from '../calls/source.ts';
import { subjectOf, targetOf } from '../calls/subject.ts';
import type { InputError } from '../errors.ts';
import type { Operation } from '../telemetry/telemetry.ts';
import { sentences } from '../text/sentences.ts';
import { namingNote, withClusterId } from '../tools/finding/named-cluster.ts';
import type { Context, Tool } from '../tools/tool.ts';
import type { Press } from '../writes/button.ts';
import type { Person } from '../writes/consent.ts';
import { idIn, type WriteRequest, type Written } from '../writes/index.ts';
import type { Button, Question } from '../writes/question.ts';
import { askFirst, askNow, canBeAsked, type Era, LONGEST_QUESTION_MS, replyIn } from './elicitation.ts';
import { inProfile } from './profiles/plan.ts';
import { followProgress } from './request.ts';
import { CONFIRM_META, PLAN_FIRST_META, rendersApps } from './views/apps.ts';

export interface ToolCallsOptions {
  perform: ReturnType<typeof createCalls>['perform'];
  whileAsking: ReturnType<typeof createCalls>['whileAsking'];
  write(request: WriteRequest): Promise<Written>;
  admit(tool: Tool, source: CallSource): Promise<void>;
  checkRight(tool: Tool, httpCaller: HttpCaller | undefined): Promise<void>;
  sandbox: boolean;
  toolNamed(name: string): Tool;
}

const SANDBOX_NOTE = 'Sandbox: no real cluster was touched.';

type Fields = Record<string, unknown>;

export interface ToolCall {
  name: string;
  raw: unknown;
  server: McpServer;
  era: Era;
  ctx: ServerContext;
  operation?: Operation;
  /** For whom, where the server acts for several. */
  profile?: Profile;
  /** Why it is refused whatever else it asks. */
  refusal?: InputError;
  /** Where a person pressed the button of a view. */
  press?: Press;
}

export type ToolCalls = (call: ToolCall) => Promise<CallToolResult | InputRequiredResult>;

export function createToolCalls({
  perform,
  whileAsking,
  write,
  admit,
  checkRight,
  sandbox,
  toolNamed,
}: ToolCallsOptions): ToolCalls {
  /** Why clients that declared elicitation failed to ask. */
  const faults = new WeakMap<McpServer, string>();

  /** After a question the call runs again from the start; only the first run counts towards limits. */
  function runOnce({ tool, raw, now, source, person, isFirst, refusal }: Run) {
    return perform<Fields, Question, ShownButton>(subjectOf(tool, raw), source, {
      async run(context, redaction, identify) {
        if (isFirst) await admit(tool, source);
        if (refusal) throw refusal;
        const { args: read, note, moments } = readInput(tool, raw, redaction, now);
        const { naming, args } = await withClusterId(read, tool, context);
        if (naming) identify({ target: targetOf(args), clusterName: naming.cluster.displayName });
        if (tool.access !== 'read') {
          const { httpCaller, profile } = source;
          return writeAnswer({
            ...{ tool, args, naming, context, person, identify, moments, now, profile },
            accountKey: accountKeyOf(source, context.server),
            caller: JSON.stringify([callerName(httpCaller), profile?.name]),
            vet: redaction.refuseIn,
            checkRight: () => checkRight(tool, httpCaller),
          });
        }
        const answer = tool.output.parse(await tool.run(args, context));
        return { done: withNote(answer, note, namingNote(naming, answer)) };
      },
    });
  }

  async function writeAnswer({ moments, now, profile, ...request }: Writing) {
    const { tool, args, naming } = request;
    const written = await write(request);
    if (!('done' in written)) {
      const { question } = written;
      return { question: { ...question, state: dated(question.state, moments, now) } };
    }
    const { done, button } = written;
    const parse = (answer: unknown): Fields => ({ ...tool.output.parse(answer), ...labelled(profile) });
    const noted = (answer: Fields) => {
      const whole = withNote(withMoments(answer, moments, now), namingNote(naming, done));
      return sandbox ? inSandbox(whole) : whole;
    };
    const answer = parse(noted(done));
    const shown = button && {
      ...{ ...button, tool: tool.name, token: dated(button.token, moments, now) },
      note: noted({ ...done, note: button.note }).note,
    };
    return {
      ...{ done: answer, button: shown },
      record: { outcome: outcomeNamed(answer.outcome), cluster: idIn(answer.cluster) },
      follow: async (context: Context) =>
        tool.follow && answer.outcome === 'started' ? parse(await tool.follow(args, answer, context)) : answer,
    };
  }

  return async function callTool({ name, raw, server, era, ctx, operation, profile, refusal, press }) {
    const tool = inProfile(toolNamed(name), profile);
    const started = Date.now();
    const progress = followProgress(ctx);
    try {
      const { signal } = ctx.mcpReq;
      const httpCaller = httpCallerIn(ctx.http?.authInfo);
      const { given, ...brought } = press ? withoutDateInPress(raw, press) : withoutDate(raw);
      const source = { signal, httpCaller, profile, operation, onProgress: progress?.tell };
      const isWrite = tool.access !== 'read';
      const declared = isWrite && canBeAsked(server, ctx, era);
      const seesViews = isWrite && rendersApps(server, ctx, era);
      for (let reply = replyIn(ctx), isFirst = true; ; isFirst = false) {
        const { answer, now = brought.now ?? started } = withoutDateIn(reply);
        const fault = declared ? faults.get(server) : undefined;
        const person = {
          canBeAsked: declared && fault === undefined,
          fault,
          reply: answer,
          seesViews,
          press: brought.press,
          // Whatever says yes: some clients send a text.
          wantsPlan: Boolean(ctx.mcpReq._meta?.[PLAN_FIRST_META]),
        };
        const result = await runOnce({ tool, raw: given, now, source, person, isFirst, refusal });
        if ('error' in result) return { isError: true, content: [{ type: 'text', text: result.text }] };
        if ('done' in result) return toResult(result, profile);
        if (era === 'modern') return askFirst(result.question);
        const { question } = result;
        reply = await whileAsking(source, LONGEST_QUESTION_MS, (signal) => askNow(question, ctx, signal));
        if (reply.kind === 'unasked') faults.set(server, reply.why);
      }
    } finally {
      progress?.end();
    }
  };
}

/** What the view alone needs stays out of the text and the structured content, which models read. */
function toResult({ done, json, button }: Shown, profile: Profile | undefined): CallToolResult {
  const result: CallToolResult = { structuredContent: done, content: [{ type: 'text', text: json }] };
  if (!button) return result;
  const args = { ...(profile && { profile: profile.name }), ...button.arguments };
  return { ...result, _meta: { [CONFIRM_META]: { ...button, arguments: args } } };
}

interface Shown {
  done: Fields;
  json: string;
  button?: ShownButton;
}

type ShownButton = Omit<Button, 'note'> & { tool: string; arguments: Fields; note: unknown };

interface Writing extends WriteRequest {
  moments: readonly Moment[];
  now: number;
  profile?: Profile;
}

interface Run {
  tool: Tool;
  raw: unknown;
  now: number;
  source: CallSource;
  person: Person;
  isFirst: boolean;
  refusal?: InputError;
}

function withoutDate(raw: unknown): { given: unknown; now?: number; press?: undefined } {
  if (typeof raw !== 'object' || raw === null) return { given: raw };
  const { confirmationToken }: { confirmationToken?: unknown } = raw;
  if (typeof confirmationToken !== 'string') return { given: raw };
  const { agreement, now } = undated(confirmationToken);
  return { given: { ...raw, confirmationToken: agreement }, now };
}

function withoutDateInPress(raw: unknown, press: Press): { given: unknown; now?: number; press: Press } {
  const { agreement: token, now } = undated(press.token);
  return { given: raw, now, press: { ...press, token } };
}

function withoutDateIn(reply: Person['reply']): { answer: Person['reply']; now?: number } {
  if (reply?.kind !== 'answered') return { answer: reply };
  const { agreement, now } = undated(reply.state);
  return { answer: { ...reply, state: agreement }, now };
}

function inSandbox(answer: Fields): Fields {
  return withNote(answer, SANDBOX_NOTE);
}

/** Output schemas allow a note even if they do not list one. */
function withNote(answer: Fields, ...notes: (string | undefined)[]): Fields {
  if (notes.every((note) => note === undefined)) return answer;
  return { ...answer, note: sentences(...notes, typeof answer.note === 'string' && answer.note) };
}
