import type { RequestId } from '@modelcontextprotocol/server';
import { type Fields, isFields } from '../../text/json.ts';
import type { WireRefusal } from './messages.ts';

export type AnswerForm = 'json' | 'stream' | 'either';

const JSON_TYPE = 'application/json';
const STREAM_TYPE = 'text/event-stream';
/** The SDK requires both, whatever the client accepts. */
export const SDK_ACCEPT = `${JSON_TYPE}, ${STREAM_TYPE}`;

/** A longer stream is not collected into one JSON answer. */
const MAX_STREAM = 32 * 1024 * 1024;
const INVALID_PARAMS = -32602;
const INTERNAL_ERROR = -32603;

/** RFC 9110, 12.5.1; undefined if neither form is accepted. */
export function formOf(accept: string | undefined): AnswerForm | undefined {
  if (accept === undefined || accept.trim() === '') return 'either';
  const ranges = splitOutsideQuotes(accept, ',').map(rangeOf);
  const [json, stream] = [qualityOf(JSON_TYPE, ranges), qualityOf(STREAM_TYPE, ranges)];
  if (json === 0 && stream === 0) return undefined;
  if (stream === 0 || json > stream) return 'json';
  return json === 0 ? 'stream' : 'either';
}

interface MediaRange {
  type: string;
  quality: number;
}

function rangeOf(text: string): MediaRange {
  const [type = '', ...parameters] = splitOutsideQuotes(text, ';').map((part) => part.trim().toLowerCase());
  const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  const quality = weight === undefined || weight === '' ? 1 : Number(weight);
  // Java's own client sends a lone star.
  return {
    type: type === '*' ? '*/*' : type,
    quality: Number.isFinite(quality) ? Math.min(1, Math.max(0, quality)) : 1,
  };
}

/** The most specific range counts; among equals, the highest quality. */
function qualityOf(type: string, ranges: readonly MediaRange[]): number {
  for (const exact of [type, `${type.slice(0, type.indexOf('/'))}/*`, '*/*']) {
    const qualities = ranges.filter((range) => range.type === exact).map(({ quality }) => quality);
    if (qualities.length > 0) return Math.max(...qualities);
  }
  return 0;
}

function splitOutsideQuotes(text: string, separator: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (isQuoted && char === '\\') at += 1;
    else if (char === '"') isQuoted = !isQuoted;
    else if (char === separator && !isQuoted) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}

/** Converts the SDK's answer into an accepted form; errors stay unchanged. */
export async function inForm(
  response: Response,
  form: AnswerForm,
  { ids, isBatch }: { ids: readonly RequestId[]; isBatch: boolean },
): Promise<Response> {
  const type = response.headers.get('content-type')?.split(';')[0]?.trim();
  if (!response.ok || form === 'either') return response;
  if (form === 'json' && type === STREAM_TYPE && response.body) {
    const answers = await answersIn(response.body, ids);
    return withBody(response, JSON_TYPE, JSON.stringify(isBatch ? answers : answers[0]));
  }
  if (form === 'stream' && type === JSON_TYPE) {
    return withBody(response, STREAM_TYPE, eventOf(await response.text()));
  }
  return response;
}

export function answerWith(answers: readonly WireRefusal[], isBatch: boolean, form: AnswerForm): Response {
  // Wrong parameters are answered like a failed call; an invalid message fails the whole request.
  const status = answers.every(({ error }) => error.code === INVALID_PARAMS) ? 200 : 400;
  const json = JSON.stringify(isBatch || answers.length > 1 ? answers : answers[0]);
  const isStream = form === 'stream' && status === 200;
  return new Response(isStream ? eventOf(json) : json, {
    status,
    headers: { 'Content-Type': isStream ? STREAM_TYPE : JSON_TYPE },
  });
}

const eventOf = (json: string) => `event: message\ndata: ${json}\n\n`;

function withBody({ status, headers }: Response, type: string, body: string): Response {
  const kept = new Headers(headers);
  for (const name of ['connection', 'x-accel-buffering', 'cache-control', 'content-length']) kept.delete(name);
  kept.set('Content-Type', type);
  return new Response(body, { status, headers: kept });
}

/** Leaves out progress and other notifications. */
async function answersIn(stream: ReadableStream<Uint8Array>, ids: readonly RequestId[]): Promise<unknown[]> {
  const answers: Fields[] = [];
  const decoder = new TextDecoder();
  let pending = '';
  let length = 0;
  let fault = 'The call ended without an answer';
  for await (const chunk of stream) {
    const text = decoder.decode(chunk, { stream: true });
    length += text.length;
    if (length > MAX_STREAM) {
      fault = `The answer is longer than ${MAX_STREAM} characters; accept ${STREAM_TYPE} for it`;
      break;
    }
    const events = (pending + text).split('\n\n');
    pending = events.pop() ?? '';
    for (const message of events.map(messageIn)) if (isFields(message) && !('method' in message)) answers.push(message);
  }
  const missing = ids.filter((id) => !answers.some((answer) => answer.id === id));
  return [
    ...answers,
    ...missing.map((id) => ({ jsonrpc: '2.0', id, error: { code: INTERNAL_ERROR, message: fault } })),
  ];
}

function messageIn(event: string): unknown {
  const data = event.split('\n').filter((line) => line.startsWith('data:'));
  const json = data.map((line) => line.slice(5).trimStart()).join('\n');
  return json === '' ? undefined : JSON.parse(json);
}
