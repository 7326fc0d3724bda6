import * as z from 'zod';
import { endpoint, post } from './post.ts';
import type { Access, Message, Provider } from './provider.ts';

const VERSION = '2023-06-01';
const MOST_OUTPUT_TOKENS = 8_192;
const CUT_OFF = ['max_tokens', 'model_context_window_exceeded', 'refusal'];

const reply = z.object({
  content: z.array(
    z.looseObject({
      type: z.string(),
      text: z.string().optional(),
      id: z.string().optional(),
      name: z.string().optional(),
      input: z.record(z.string(), z.unknown()).optional(),
    }),
  ),
  stop_reason: z.string().nullish(),
  usage: z
    .object({
      input_tokens: z.number(),
      output_tokens: z.number(),
      cache_read_input_tokens: z.number().nullish(),
      cache_creation_input_tokens: z.number().nullish(),
    })
    .nullish(),
});

/** Of the Messages API. */
export function createAnthropic({ url, key, model }: Access): Provider {
  return {
    name: 'anthropic',
    model,
    async complete({ system, tools, messages }) {
      const {
        reply: { content, usage, stop_reason: stopReason },
        pausedMs,
      } = await post({
        url: endpoint(url, '/v1/messages'),
        headers: { 'x-api-key': key, 'anthropic-version': VERSION },
        body: {
          model,
          max_tokens: MOST_OUTPUT_TOKENS,
          system,
          tools: tools.map(({ name, description, inputSchema }) => ({ name, description, input_schema: inputSchema })),
          messages: messages.map(toMessage),
        },
        reply,
      });
      return {
        text: content.flatMap(({ text = [] }) => text).join('\n'),
        calls: content
          .filter(({ type }) => type === 'tool_use')
          .map(({ id = '', name = '', input = {} }) => ({ id, tool: name, arguments: input })),
        usage: usage
          ? {
              input:
                usage.input_tokens + (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0),
              output: usage.output_tokens,
            }
          : undefined,
        pausedMs,
        cutOff: CUT_OFF.find((reason) => reason === stopReason),
        raw: content,
      };
    },
  };
}

function toMessage(message: Message) {
  if (message.role === 'person') return { role: 'user', content: message.text };
  if (message.role === 'model') return { role: 'assistant', content: message.raw };
  return {
    role: 'user',
    content: message.results.map(({ id, text, isError }) => ({
      ...{ type: 'tool_result', tool_use_id: id, content: text, is_error: isError },
    })),
  };
}
