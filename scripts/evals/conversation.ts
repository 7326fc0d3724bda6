import type { Call } from './cases.ts';
import type { Message, ModelCall, OfferedTool, Provider, Usage } from './providers/provider.ts';

export interface Talk {
  provider: Provider;
  system: string;
  tools: readonly OfferedTool[];
  prompt: string;
  /** Requests to the provider. */
  mostTurns: number;
  call(tool: string, args: Record<string, unknown>): Promise<{ text: string; isError: boolean }>;
  /** Whether this call, with all others of the same answer, ends the conversation, before it is made. */
  isLast?(call: Call): boolean;
  /** What the person says to a text without a call; nothing ends the conversation. */
  reply?(text: string): string | undefined | Promise<string | undefined>;
}

export interface Talked {
  /** Those whose arguments could be read. */
  calls: readonly Call[];
  /** All that were tried. */
  callCount: number;
  failedCalls: number;
  text: string;
  usage: Usage;
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
  const usage = { input: 0, output: 0 };
  let callCount = 0;
  let failedCalls = 0;
  let pausedMs = 0;
  const result = (text: string, problem?: string): Talked => ({
    ...{ calls, callCount, failedCalls, text, usage, pausedMs, messages, problem },
  });

  async function perform({ id, tool, arguments: args, problem }: ModelCall) {
    const done = problem === undefined ? await orError(() => call(tool, args)) : { text: problem, isError: true };
    if (done.isError) failedCalls += 1;
    return { id, ...done };
  }

  for (let turn = 1; turn <= mostTurns; turn += 1) {
    const answer = await provider.complete({ system, tools, messages });
    usage.input += answer.usage.input;
    usage.output += answer.usage.output;
    pausedMs += answer.pausedMs;
    messages.push({ role: 'model', raw: answer.raw });
    if (answer.cutOff) return result(answer.text, `the model's answer was cut off: ${answer.cutOff}`);
    if (answer.calls.length === 0) {
      const answered = await reply?.(answer.text);
      if (answered === undefined) return result(answer.text);
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

/** What the protocol refuses, such as a tool that does not exist, is for the model to read as well. */
async function orError(call: () => Promise<{ text: string; isError: boolean }>) {
  try {
    return await call();
  } catch (error) {
    return { text: error instanceof Error ? error.message : String(error), isError: true };
  }
}
