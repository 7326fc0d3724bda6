import * as z from 'zod';
import { type Method, NoAnswerError } from '../errors.ts';

export const MAX_BYTES = 5_000_000;

/** Avoids the cost of a stream for a body that is already read. */
export class WholeResponse extends Response {
  override text: () => Promise<string>;

  constructor(body: string, init: ResponseInit) {
    super(null, init);
    this.text = () => Promise.resolve(body);
  }
}

export class TooLargeError extends Error {
  override name = 'TooLargeError';
  constructor() {
    super(`the answer is larger than ${MAX_BYTES / 1_000_000} MB`);
  }
}

const decoder = new TextDecoder();

export async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  return textOf(await readBytes(body));
}

export const textOf = (bytes: Uint8Array) => decoder.decode(bytes);

export async function readBytes(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > MAX_BYTES) throw new TooLargeError();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Reads the body first, so that a connection that breaks during the body counts as no response. */
export async function readBody(response: Response): Promise<WholeResponse> {
  if (response instanceof WholeResponse) return response;
  const { status, headers, body } = response;
  return new WholeResponse(body ? await readText(body) : '', { status, headers });
}

/** Drops nulls, which the API sends for "not set". Throws NoAnswerError for a body of another shape. */
export async function readJson<T extends z.ZodType>(
  reply: Response,
  response: T,
  method: Method,
): Promise<z.output<T>> {
  const text = await reply.text();
  const parsed = response.safeParse(text ? parseJson(text, reply.headers.get('content-type'), method) : undefined);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join('.') || 'its top level';
  throw new NoAnswerError(method, `the answer has another form than the API documents, at ${where}`, true);
}

/** Gateways omit the JSON content type, but declare their HTML or XML pages. */
const PAGE = /html|xml/i;

function parseJson(text: string, type: string | null, method: Method): unknown {
  const isPage = PAGE.test(type ?? '') || /^\s*</.test(text);
  try {
    if (!isPage) return text.includes('null') ? dropNulls(JSON.parse(text)) : JSON.parse(text);
  } catch (cause) {
    throw new NoAnswerError(method, 'the answer is unreadable instead of JSON', true, { cause });
  }
  throw new NoAnswerError(method, 'the answer is an HTML page instead of JSON', true);
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

/** Accepts the API's format, then RFC 9457 (application/problem+json), then what gateways send. */
const message = z
  .object({ errorCode: z.union([z.string(), z.number()]).optional().catch(undefined), message: text })
  .catch({ message: '' });
const errorBody = z.object({
  messages: z.array(message).catch([]),
  title: text,
  detail: text,
  message: text,
  error: text,
});

/** An HTML page comes from a gateway and yields only a note. */
export function readMessages(body: string): string[] {
  if (/^\s*</.test(body)) return ['an HTML page, so from a gateway and not from the API itself'];
  const json = tryJson(body);
  if (json === undefined) return [body.trim()].filter(Boolean);
  const { data } = errorBody.safeParse(json);
  if (!data) return [];
  const messages = data.messages.map(({ errorCode, message }) => (errorCode ? `[${errorCode}] ${message}` : message));
  const words = [data.title || data.error, data.detail || data.message].filter(Boolean).join(': ');
  return (messages.some(Boolean) ? messages : [words]).filter(Boolean);
}

function tryJson(body: string): unknown {
  try {
    return dropNulls(JSON.parse(body));
  } catch {
    return undefined;
  }
}
