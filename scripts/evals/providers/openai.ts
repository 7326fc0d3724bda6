import * as z from 'zod';
import { isFields } from '../../../src/text/json.ts';
import { post } from './post.ts';
import type { Access, Message, ModelCall, Provider } from './provider.ts';

const called = z.looseObject({
  id: z.string(),
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
        url: `${url}/chat/completions`,
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
      const { message = {}, finish_reason: finishReason } = choices[0] ?? {};
      return {
        text: textIn(message.content),
        calls: (message.tool_calls ?? []).map(toCall),
        usage: { input: usage?.prompt_tokens ?? 0, output: usage?.completion_tokens ?? 0 },
        pausedMs,
        cutOff: message.refusal ? 'refusal' : CUT_OFF.find((reason) => reason === finishReason),
        raw: message,
      };
    },
  };
}

const textIn = (content: string | readonly { text?: string }[] | null | undefined) =>
  typeof content === 'string' ? content : (content ?? []).map(({ text = '' }) => text).join('');

function toCall({ id, function: { name, arguments: sent } }: z.output<typeof called>): ModelCall {
  const given = typeof sent === 'string' ? parsed(sent.trim() || '{}') : (sent ?? {});
  if (isFields(given)) return { id, tool: name, arguments: given };
  return { id, tool: name, arguments: {}, problem: `The arguments are no JSON object: ${String(sent)}` };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function toMessages(message: Message): unknown[] {
  if (message.role === 'person') return [{ role: 'user', content: message.text }];
  if (message.role === 'model') return [message.raw];
  return message.results.map(({ id, text }) => ({ role: 'tool', tool_call_id: id, content: text }));
}
