import type { Call } from './cases/case.ts';
import type { Message, ModelCall, OfferedTool, Provider, Usage } from './providers/provider.ts';

export interface Talk {
  provider: Provider;
  system: string;
  tools: readonly OfferedTool[];
  prompt: string;
  /** Requests to the provider. */
  mostTurns: number;
  call(tool: string, args: Record<string, unknown>): Promise<Called>;
  /** Whether this call, with all others of the same answer, ends the conversation, before it is made. */
  isLast?(call: Call): boolean;
  /** What the person says to a text without a call; nothing ends the conversation. */
  reply?(text: string): string | undefined | Promise<string | undefined>;
}

interface Called {
  text: string;
  isError: boolean;
  content?: unknown;
}

export interface Talked {
  /** Those whose arguments could be read. */
  calls: readonly Call[];
  /** What was sent instead of arguments. */
  unreadable: readonly string[];
  /** How many of the calls came before the person spoke again; undefined where that never happened. */
  callsBeforeReply?: number;
  /** All that were tried. */
  callCount: number;
  /** The person's no counts as well. */
  failedCalls: number;
  text: string;
  /** Undefined where the provider does not say. */
  usage: Usage | undefined;
  /** In which the provider was not asked. */
  pausedMs: number;
  /** All that was said, as the provider put it, and what the tools answered. */
  messages: readonly Message[];
  /** Why it did not come to an end. */
  problem?: string;
}

/** A model with tools, until it answers without a call. */
export async function converse({
  provider,
  system,
  tools,
  prompt,
  mostTurns,
  call,
  isLast,
  reply,
}: Talk): Promise<Talked> {
  const messages: Message[] = [{ role: 'person', text: prompt }];
  const calls: Call[] = [];
  const unreadable: string[] = [];
  let usage: Usage | undefined = { input: 0, output: 0 };
  let callsBeforeReply: number | undefined;
  let callCount = 0;
  let failedCalls = 0;
  let pausedMs = 0;
  const result = (text: string, problem?: string): Talked => ({
    ...{ calls, unreadable, callsBeforeReply, callCount, failedCalls, text, usage, pausedMs, messages, problem },
  });

  async function perform({ id, tool, arguments: args, problem }: ModelCall) {
    if (problem !== undefined) unreadable.push(`${tool}: ${problem}`);
    const done = problem === undefined ? await orError(() => call(tool, args)) : { text: problem, isError: true };
    const { text, isError, content } = done;
    if (isError || Object(content).outcome === 'declined') failedCalls += 1;
    return { id, text, isError };
  }

  for (let turn = 1; turn <= mostTurns; turn += 1) {
    const answer = await provider.complete({ system, tools, messages });
    usage = sumOf(usage, answer.usage);
    pausedMs += answer.pausedMs;
    messages.push({ role: 'model', raw: answer.raw });
    if (answer.cutOff) return result(answer.text, `the model's answer was cut off: ${answer.cutOff}`);
    if (answer.calls.length === 0) {
      const answered = await reply?.(answer.text);
      if (answered === undefined) return result(answer.text);
      callsBeforeReply ??= calls.length;
      messages.push({ role: 'person', text: answered });
      continue;
    }
    const results: Awaited<ReturnType<typeof perform>>[] = [];
    const readable = answer.calls.filter(({ problem }) => problem === undefined);
    const made = readable.map(({ tool, arguments: args }) => ({ tool, arguments: args }));
    calls.push(...made);
    callCount += answer.calls.length;
    if (made.some((one) => isLast?.(one))) return result(answer.text);
    for (const one of answer.calls) results.push(await perform(one));
    messages.push({ role: 'tools', results });
  }
  return result('', `no end after ${mostTurns} turns`);
}

const sumOf = (one: Usage | undefined, other: Usage | undefined): Usage | undefined =>
  one && other && { input: one.input + other.input, output: one.output + other.output };

/** What the protocol refuses, such as a tool that does not exist, is for the model to read as well. */
async function orError(call: () => Promise<Called>): Promise<Called> {
  try {
    return await call();
  } catch (error) {
    return { text: error instanceof Error ? error.message : String(error), isError: true };
  }
}
