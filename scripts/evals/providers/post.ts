import { setTimeout } from 'node:timers/promises';
import * as z from 'zod';

/** A provider refused a request, or did not answer. */
export class ProviderError extends Error {
  override name = 'ProviderError';
}

const ATTEMPTS = 5;
const ANSWER_MS = 300_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
const LONGEST_TEXT = 500;
/** 529 is Anthropic's "overloaded". */
const PASSING = [408, 429, 500, 502, 503, 504, 529];

const failure = z.object({ error: z.object({ message: z.string() }) });

/** Tries again what can pass, after the pause that the provider asks for. */
export async function post(url: string, headers: Record<string, string>, body: unknown): Promise<unknown> {
  for (let attempt = 1; ; attempt += 1) {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(ANSWER_MS),
    }).catch((error: unknown) => new ProviderError(`No answer from ${url}: ${reasonIn(error)}`));
    if (response instanceof Response && response.ok) return await response.json();
    const problem = response instanceof Response ? await problemOf(response) : response;
    const isPassing = !(response instanceof Response) || PASSING.includes(response.status);
    if (!isPassing || attempt === ATTEMPTS) throw problem;
    await setTimeout(pauseAfter(response, attempt));
  }
}

function pauseAfter(response: Response | ProviderError, attempt: number): number {
  const wanted = response instanceof Response ? Number(response.headers.get('retry-after') ?? Number.NaN) : Number.NaN;
  const pause = Number.isNaN(wanted) ? FIRST_PAUSE_MS * 2 ** (attempt - 1) : wanted * 1_000;
  return Math.min(Math.max(pause, 0), LONGEST_PAUSE_MS);
}

async function problemOf(response: Response): Promise<ProviderError> {
  const text = await response.text();
  const { data } = failure.safeParse(orUndefined(text));
  return new ProviderError(
    `${response.url} answered ${response.status}: ${(data?.error.message ?? text).slice(0, LONGEST_TEXT)}`,
  );
}

function orUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** fetch puts what happened into the cause. */
function reasonIn(error: unknown): string {
  const { cause, message } = error instanceof Error ? error : new Error(String(error));
  return cause instanceof Error ? cause.message : message;
}
