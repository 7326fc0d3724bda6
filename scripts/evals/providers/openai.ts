import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { isFields } from '../../../src/text/json.ts';
import { parsedOrUndefined } from '../json.ts';
import { endpoint, LONGEST_TEXT, ProviderError, post } from './post.ts';
import type { Access, Message, ModelCall, Provider } from './provider.ts';

const called = z.looseObject({
  // Some send none.
  id: z
    .string()
    .nullish()
    .transform((id) => id || randomUUID()),
  // Some send an object.
  function: z.looseObject({
    name: z.string(),
    arguments: z.union([z.string(), z.record(z.string(), z.unknown())]).nullish(),
  }),
});

const reply = z.object({
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish(),
        error: z.unknown().optional(),
        message: z.looseObject({
          content: z.union([z.string(), z.array(z.looseObject({ text: z.string().optional() }))]).nullish(),
          refusal: z.string().nullish(),
          tool_calls: z.array(called).nullish(),
        }),
      }),
    )
    .min(1),
  usage: z.object({ prompt_tokens: z.number(), completion_tokens: z.number() }).nullish(),
});

const CUT_OFF = ['length', 'content_filter'];
const AT_ITS_END = ['stop', 'tool_calls', 'function_call'];

/** Of the chat completions that OpenAI and many others offer. */
export function createOpenai({ url, key, model }: Access): Provider {
  return {
    name: 'openai',
    model,
    async complete({ system, tools, messages }) {
      const {
        reply: { choices, usage },
        pausedMs,
      } = await post({
        url: endpoint(url, '/chat/completions'),
        headers: { authorization: `Bearer ${key}` },
        body: {
          model,
          messages: [{ role: 'system', content: system }, ...messages.flatMap(toMessages)],
          tools: tools.map(({ name, description, inputSchema }) => ({
            type: 'function',
            function: { name, description, parameters: inputSchema },
          })),
        },
        reply,
      });
      const { message = {}, finish_reason: finishReason, error } = choices[0] ?? {};
      const text = textIn(message.content);
      const calls = (message.tool_calls ?? []).map(toCall);
      const cutOff = message.refusal ? 'refusal' : CUT_OFF.find((reason) => reason === finishReason);
      const isSilent = text === '' && calls.length === 0 && cutOff === undefined;
      if (error || finishReason === 'error' || (isSilent && finishReason && !AT_ITS_END.includes(finishReason))) {
        const reason = JSON.stringify(error ?? finishReason).slice(0, LONGEST_TEXT);
        throw new ProviderError(`The provider gave up its answer: ${reason}`, { isOfRequest: true });
      }
      return {
        ...{ text, calls },
        usage: usage ? { input: usage.prompt_tokens, output: usage.completion_tokens } : undefined,
        pausedMs,
        cutOff,
        raw: message,
      };
    },
  };
}

const textIn = (content: string | readonly { text?: string }[] | null | undefined) =>
  typeof content === 'string' ? content : (content ?? []).flatMap(({ text = [] }) => text).join('\n');

function toCall({ id, function: { name, arguments: sent } }: z.output<typeof called>): ModelCall {
  const given = typeof sent === 'string' ? parsedOrUndefined(sent.trim() || '{}') : (sent ?? {});
  if (isFields(given)) return { id, tool: name, arguments: given };
  return { id, tool: name, arguments: {}, problem: `The arguments are no JSON object: ${String(sent)}` };
}

function toMessages(message: Message): unknown[] {
  if (message.role === 'person') return [{ role: 'user', content: message.text }];
  if (message.role === 'model') return [message.raw];
  return message.results.map(({ id, text }) => ({ role: 'tool', tool_call_id: id, content: text }));
}
