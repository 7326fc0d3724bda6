import type * as z from 'zod';
import { type Method, NoAnswerError } from '../errors.ts';
import type { Share } from './budget.ts';

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

/** No answer of the API has a tenth of it; each costs more than a hundred bytes of memory, whatever its text has. */
const MAX_VALUES = 250_000;
const [QUOTE, BACKSLASH] = ['"', '\\'].map((character) => character.charCodeAt(0));
const STARTS = new Set(['[', '{', ','].map((character) => character.charCodeAt(0)));

/** Whether a JSON text holds so many values that it is no longer reasonable to read it; looks at each character once. */
function hasTooManyValues(text: string): boolean {
  if (text.length < MAX_VALUES) return false;
  let values = 0;
  let isInside = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) isInside = !isInside;
    else if (isInside) at += code === BACKSLASH ? 1 : 0;
    else if (STARTS.has(code)) values += 1;
  }
  return values > MAX_VALUES;
}

const decoder = new TextDecoder();

async function readText(body: AsyncIterable<Uint8Array>, share: Share | undefined): Promise<string> {
  return textOf(await readBytes(body, share));
}

export const textOf = (bytes: Uint8Array) => decoder.decode(bytes);

export async function readBytes(body: AsyncIterable<Uint8Array>, share?: Share): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > MAX_BYTES) throw new TooLargeError();
    await share?.hold(size);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Reads the body here, so that a connection that breaks midway fails like one that never answered. */
export async function readBody(response: Response, share: Share): Promise<WholeResponse> {
  if (response instanceof WholeResponse) return response;
  const { status, headers, body } = response;
  return new WholeResponse(body ? await readText(body, share) : '', { status, headers });
}

interface Reading<T extends z.ZodType> {
  response: T;
  method: Method;
  hide?(text: string): string;
  onReply?(reply: { status: number; json: unknown }): void;
}

/** Nulls are dropped: the API sends them for "not set". */
export async function readJson<T extends z.ZodType>(
  reply: Response,
  { response, method, hide = (text) => text, onReply }: Reading<T>,
): Promise<z.output<T>> {
  const text = await reply.text();
  const json = text ? parseJson(text, reply.headers.get('content-type'), method) : undefined;
  onReply?.({ status: reply.status, json });
  const parsed = response.safeParse(prepared(json, hide));
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join('.') || 'its top level';
  throw new NoAnswerError(method, `the answer does not have the form that the API documents, at ${where}`, true);
}

/** Gateways omit the JSON content type, but declare their HTML or XML pages. */
const PAGE = /html|xml/i;

function parseJson(text: string, type: string | null, method: Method): unknown {
  if (PAGE.test(type ?? '') || /^\s*</.test(text)) {
    throw new NoAnswerError(method, 'the answer is an HTML page instead of JSON', true);
  }
  if (hasTooManyValues(text)) {
    throw new NoAnswerError(method, `the answer holds more than ${MAX_VALUES.toLocaleString('en')} values`, true);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new NoAnswerError(method, 'the answer is not valid JSON', true, { cause });
  }
}

const MAX_LEVELS = 100;

function prepared(value: unknown, hide: (text: string) => string, levels = MAX_LEVELS): unknown {
  if (typeof value === 'string') return hide(value);
  if (typeof value !== 'object' || value === null) return value;
  if (levels === 0) return undefined;
  if (Array.isArray(value))
    return value.filter((item) => item !== null).map((item) => prepared(item, hide, levels - 1));
  const entries = Object.entries(value).filter(([, item]) => item !== null);
  return Object.fromEntries(entries.map(([key, item]) => [key, prepared(item, hide, levels - 1)]));
}

/** Anything deeper or longer in an error body is not a sentence. */
const MAX_DEPTH = 4;
const MAX_PARTS = 20;

const SEVERAL = ['messages', 'errors', 'fault', 'faults', 'details', 'violations', 'invalidParams', 'invalid-params'];
const CODES = ['errorCode', 'code', 'faultcode'];
const KINDS = ['title', 'error', 'name', 'field', 'pointer'];
const WORDS = ['detail', 'message', 'reason', 'error_description', 'description', 'faultstring', 'msg'];

/**
 * Understands the API's error form, RFC 9457 (application/problem+json) and what gateways send. An unknown form is
 * quoted as it is, an HTML page by its title.
 */
export function errorMessagesIn(body: string): string[] {
  if (/^\s*</.test(body)) return [isHtml(body) ? wordsOfPage(body) : wordsOfXml(body)].filter(Boolean);
  const json = tryJson(body);
  if (json === undefined) return [body.trim()].filter(Boolean);
  const reasons = reasonsIn(json, MAX_DEPTH).slice(0, MAX_PARTS);
  if (reasons.length > 0) return reasons;
  return isEmpty(json) ? [] : [body.trim()];
}

const isEmpty = (json: unknown) => json === null || json === '' || JSON.stringify(json).length <= 2;

function reasonsIn(value: unknown, depth: number): string[] {
  if (typeof value === 'string') return [value.trim()].filter(Boolean);
  if (typeof value !== 'object' || value === null || depth === 0) return [];
  if (Array.isArray(value)) return value.slice(0, MAX_PARTS).flatMap((item) => reasonsIn(item, depth - 1));
  const fields = new Map<string, unknown>(Object.entries(value));
  const textOf = (names: readonly string[]) => names.map((name) => word(fields.get(name))).find(Boolean);
  const code = textOf(CODES);
  const own = [...new Set([textOf(KINDS), textOf(WORDS)])].filter(Boolean).join(': ');
  const inner = [...SEVERAL, 'error'].flatMap((name) => {
    const field = fields.get(name);
    return name === 'error' && typeof field === 'string' ? [] : reasonsIn(field, depth - 1);
  });
  // The details say more than the title above them.
  const words = own === '' ? inner : [own, ...inner];
  return words.map((text, n) => (n === 0 && code !== undefined ? `[${code}] ${text}` : text));
}

const word = (value: unknown) =>
  typeof value === 'string' || typeof value === 'number' ? String(value).trim() || undefined : undefined;

const HEAD = 10_000;

const isHtml = (body: string) => /<html\b|<!doctype html/i.test(body.slice(0, HEAD));

function wordsOfXml(body: string): string {
  return body
    .slice(0, HEAD)
    .split('<')
    .map((part) => part.slice(part.indexOf('>') + 1).trim())
    .filter(Boolean)
    .join(' ');
}

function wordsOfPage(body: string): string {
  const head = body.slice(0, HEAD);
  const [begin, end] = [head.search(/<title\b/i), head.search(/<\/title/i)];
  const title = begin < 0 || end < begin ? '' : head.slice(head.indexOf('>', begin) + 1, end).trim();
  const page = 'an HTML page, so from a gateway and not from the API itself';
  return title === '' ? page : `${page}: ${title}`;
}

function tryJson(body: string): unknown {
  if (hasTooManyValues(body)) return undefined;
  try {
    return prepared(JSON.parse(body), (text) => text);
  } catch {
    return undefined;
  }
}
