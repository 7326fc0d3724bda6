import { z } from 'zod';
import { type Method, NoAnswerError } from '../errors.ts';

/** Bytes of an answer; the largest page of clusters stays well below. */
const MAX_BYTES = 5_000_000;
const MAX_MESSAGES = 5;
const MAX_MESSAGE_LENGTH = 500;

/** The response with its body read, so that a connection that breaks half-way fails like one that never answered. */
export async function readBody(response: Response, method: Method): Promise<Response> {
  const { status, statusText, headers } = response;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_BYTES) {
      throw new NoAnswerError(method, `the answer is larger than ${MAX_BYTES / 1_000_000} MB`, true);
    }
    chunks.push(chunk);
  }
  return new Response(size > 0 ? Buffer.concat(chunks) : null, { status, statusText, headers });
}

/** The checked content of a good answer. Nulls are dropped here, once: the API sends them for "not set". */
export function readJson<T extends z.ZodType>(text: string, response: T, method: Method): z.output<T> {
  const parsed = response.safeParse(text ? parseJson(text, method) : undefined);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join('.') || 'its top level';
  throw new NoAnswerError(method, `the answer has another form than the API documents, at ${where}`, true);
}

function parseJson(text: string, method: Method): unknown {
  try {
    return dropNulls(JSON.parse(text));
  } catch (cause) {
    const kind = /^\s*</.test(text) ? 'an HTML page' : 'unreadable';
    throw new NoAnswerError(method, `the answer is ${kind} instead of JSON`, true, { cause });
  }
}

function dropNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => item !== null).map(dropNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== null)
      .map(([key, item]) => [key, dropNulls(item)]),
  );
}

const text = z.string().catch('');

/** The API's own form first, then RFC 9457's (application/problem+json). */
const message = z.object({ errorCode: z.coerce.string().optional(), message: text }).catch({ message: '' });
const errorBody = z.object({ messages: z.array(message).catch([]), title: text, detail: text, message: text });

/** The API's own words in the body of a refusal; none in an HTML page of a gateway. */
export function readMessages(body: string): string[] {
  const { data } = errorBody.safeParse(tryJson(body));
  if (!data) return /^\s*</.test(body) ? ['an HTML page, so from a gateway and not from the API itself'] : [];
  const messages = data.messages.map(({ errorCode, message }) => (errorCode ? `[${errorCode}] ${message}` : message));
  const words = messages.length > 0 ? messages : [[data.title, data.detail || data.message].filter(Boolean).join(': ')];
  return words
    .filter(Boolean)
    .slice(0, MAX_MESSAGES)
    .map((word) => (word.length > MAX_MESSAGE_LENGTH ? `${word.slice(0, MAX_MESSAGE_LENGTH)}…` : word));
}

function tryJson(body: string): unknown {
  try {
    return dropNulls(JSON.parse(body));
  } catch {
    return undefined;
  }
}
