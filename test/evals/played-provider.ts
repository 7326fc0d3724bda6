import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** What a played model answers: calls, or a text; or how the provider fails. */
export interface Played {
  text?: string;
  calls?: readonly { tool: string; arguments: Record<string, unknown> | string }[];
  status?: number;
  /** Why the answer ended, if not by itself. */
  stopped?: string;
  headers?: Record<string, string>;
  body?: string;
}

export interface PlayedRequest {
  path: string;
  headers: IncomingMessage['headers'];
  body: { messages: Record<string, unknown>[]; tools: Record<string, unknown>[]; [key: string]: unknown };
}

const TOKENS = { input: 100, output: 10 };

/** A server that speaks both dialects and plays one answer after the other; after the last it says "Done." */
export async function playedProvider(script: readonly Played[]) {
  const requests: PlayedRequest[] = [];
  const listener: RequestListener = async (request, response) => {
    const body = JSON.parse(Buffer.concat(await request.toArray()).toString());
    const played = script[requests.length] ?? { text: 'Done.' };
    requests.push({ path: request.url ?? '', headers: request.headers, body });
    const { status = 200, headers = {} } = played;
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    const reply = request.url?.endsWith('/messages') ? anthropic(played) : openai(played);
    response.end(played.body ?? JSON.stringify(reply));
  };
  const server = createServer((request, response) => void listener(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, requests };
}

function anthropic({ text, calls = [], stopped = 'end_turn' }: Played) {
  return {
    stop_reason: stopped,
    content: [
      ...(text === undefined ? [] : [{ type: 'text', text }]),
      ...calls.map(({ tool, arguments: input }, n) => ({ type: 'tool_use', id: `call-${n}`, name: tool, input })),
    ],
    usage: { input_tokens: TOKENS.input, output_tokens: TOKENS.output },
  };
}

function openai({ text, calls = [], stopped = 'stop' }: Played) {
  const made = calls.map(({ tool, arguments: args }, n) => ({
    id: `call-${n}`,
    type: 'function',
    function: { name: tool, arguments: typeof args === 'string' ? args : JSON.stringify(args) },
  }));
  const message = { role: 'assistant', content: text ?? null, ...(made.length > 0 && { tool_calls: made }) };
  return {
    choices: [{ finish_reason: stopped, message }],
    usage: { prompt_tokens: TOKENS.input, completion_tokens: TOKENS.output },
  };
}
