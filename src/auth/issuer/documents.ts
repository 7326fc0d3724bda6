import type * as z from 'zod';

export type DocumentFetch = (url: string, init: RequestInit) => Promise<Response>;

/** Rejects with what is wrong with the document, without its address. */
export type GetDocument = <T extends z.ZodType>(url: string, shape: T) => Promise<z.output<T>>;

const LOOKUP_MS = 5000;
const MAX_BYTES = 256 * 1024;

/** One time limit for all documents that the work needs. */
export function withDocuments<T>(fetch: DocumentFetch, work: (get: GetDocument) => Promise<T>): Promise<T> {
  return withinTime((signal) => work((url, shape) => readJson(url, shape, signal, fetch)));
}

// Not AbortSignal.timeout: Node 20 can garbage-collect it.
export async function withinTime<T>(work: (signal: AbortSignal) => Promise<T>, ms = LOOKUP_MS): Promise<T> {
  const controller = new AbortController();
  const late = new Error(`gave no answer within ${ms / 1000} s`);
  const timer = setTimeout(() => controller.abort(late), ms);
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
  }
}

async function readJson<T extends z.ZodType>(url: string, shape: T, signal: AbortSignal, fetch: DocumentFetch) {
  const response = await fetch(url, { headers: { accept: 'application/json' }, redirect: 'manual', signal });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`answered ${response.status}`);
  }
  const { data, success } = shape.safeParse(await parsedBody(response));
  if (!success) throw new Error('is not the document that belongs there');
  return data;
}

/** Undefined if it is no JSON. Rejects if it is too long. */
export async function parsedBody({ body }: Response): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BYTES) throw new Error(`is longer than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    return undefined;
  }
}

export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'failed';
  // undici only says "fetch failed"; its cause has the code.
  const { cause } = error;
  return cause instanceof Error && 'code' in cause ? `cannot be reached (${String(cause.code)})` : error.message;
}
