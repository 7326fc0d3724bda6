import { setTimeout } from 'node:timers/promises';
import * as z from 'zod';
import { withoutSlashes } from '../../../src/secure-url.ts';
import { parsedOrUndefined } from '../json.ts';

/** A provider refused a request, or did not answer. */
export class ProviderError extends Error {
  override name = 'ProviderError';
  /** Whether it is about what this request holds, so that another one may well succeed. */
  readonly isOfRequest: boolean;

  constructor(message: string, { isOfRequest = false, ...options }: ErrorOptions & { isOfRequest?: boolean } = {}) {
    super(message, options);
    this.isOfRequest = isOfRequest;
  }
}

const OF_REQUEST = [400, 413, 422];

const ATTEMPTS = 5;
const ANSWER_MS = 300_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
export const LONGEST_TEXT = 500;
/** 529 is Anthropic's "overloaded". */
const PASSING = [408, 429, 500, 502, 503, 504, 529];

const failure = z.object({
  error: z.object({ message: z.string(), code: z.number().int().optional().catch(undefined) }),
});

/** A base URL can have a query, as Azure's; one that ends with the version has it once. */
export function endpoint(base: string, at: string): string {
  const url = new URL(base);
  const own = withoutSlashes(url.pathname);
  url.pathname = `${own}${own.endsWith(VERSION) && at.startsWith(VERSION) ? at.slice(VERSION.length) : at}`;
  return url.href;
}

const VERSION = '/v1';

interface ProviderRequest<Reply> {
  url: string;
  headers: Record<string, string>;
  body: unknown;
  reply: z.ZodType<Reply>;
}

interface Answer {
  ok: boolean;
  status: number;
  retryAfter: string | null;
  text: string;
}

interface Posted<Reply> {
  reply: Reply;
  pausedMs: number;
}

/** Tries again what can pass, after the pause that the provider asks for. Throws ProviderError. */
export async function post<Reply>({ url, headers, body, reply }: ProviderRequest<Reply>): Promise<Posted<Reply>> {
  let pausedMs = 0;
  for (let attempt = 1; ; attempt += 1) {
    const answer = await send(url, headers, body).catch(
      (error: unknown) => new ProviderError(`No answer from ${url}: ${reasonIn(error)}`),
    );
    if (!(answer instanceof ProviderError) && answer.ok) return { reply: read(url, answer, reply), pausedMs };
    const problem = answer instanceof ProviderError ? answer : problemOf(url, answer);
    const isPassing = answer instanceof ProviderError || PASSING.includes(answer.status);
    if (!isPassing || attempt === ATTEMPTS) throw problem;
    const pause = pauseAfter(answer, attempt);
    pausedMs += pause;
    await setTimeout(pause);
  }
}

async function send(url: string, headers: Record<string, string>, body: unknown): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  const text = await response.text();
  // Some gateways answer 200 and put the failure into the body.
  const { data: failed } = failure.safeParse(parsedOrUndefined(text));
  const { status } = response;
  const retryAfter = response.headers.get('retry-after');
  return { ok: response.ok && !failed, status: (response.ok && failed?.error.code) || status, retryAfter, text };
}

function read<Reply>(url: string, { text }: Answer, reply: z.ZodType<Reply>): Reply {
  const { data, error } = reply.safeParse(parsedOrUndefined(text));
  if (data !== undefined) return data;
  const shown = text.slice(0, LONGEST_TEXT);
  const problem = `${url} answered in another form than its documentation says: ${shown}`;
  throw new ProviderError(problem, { isOfRequest: true, cause: error });
}

function pauseAfter(answer: Answer | ProviderError, attempt: number): number {
  const wanted = Number((answer instanceof ProviderError ? null : answer.retryAfter) ?? Number.NaN);
  const pause = Number.isNaN(wanted) ? FIRST_PAUSE_MS * 2 ** (attempt - 1) : wanted * 1_000;
  return Math.min(Math.max(pause, 0), LONGEST_PAUSE_MS);
}

function problemOf(url: string, { status, text }: Answer): ProviderError {
  const { data } = failure.safeParse(parsedOrUndefined(text));
  const problem = `${url} answered ${status}: ${(data?.error.message ?? text).slice(0, LONGEST_TEXT)}`;
  return new ProviderError(problem, { isOfRequest: OF_REQUEST.includes(status) });
}

/** fetch puts what happened into the cause. */
function reasonIn(error: unknown): string {
  const { cause, message } = error instanceof Error ? error : new Error(String(error));
  return cause instanceof Error ? cause.message : message;
}
