import {
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  type InputRequiredResult,
  inputRequired,
  inputResponse,
  type McpServer,
  ProtocolError,
  ProtocolErrorCode,
  SdkError,
  SdkErrorCode,
  type ServerContext,
} from '@modelcontextprotocol/server';
import * as z from 'zod';
import { onAbort } from '../signals.ts';
import type { Reply } from '../writes/consent.ts';
import type { Question } from '../writes/question.ts';

/** A `modern` client (protocol 2026) repeats the call with the answer; a `legacy` one answers while it waits. */
export type Era = 'modern' | 'legacy';

const KEY = 'consent';

/** What the client said that it can do; a legacy one over stateless HTTP says nothing. */
export function capabilitiesIn(server: McpServer, ctx: ServerContext, era: Era): ClientCapabilities | undefined {
  const envelope: { [CLIENT_CAPABILITIES_META_KEY]?: ClientCapabilities } = ctx.mcpReq.envelope ?? {};
  return era === 'modern' ? envelope[CLIENT_CAPABILITIES_META_KEY] : server.server.getClientCapabilities();
}

export function canBeAsked(server: McpServer, ctx: ServerContext, era: Era): boolean {
  const { elicitation } = capabilitiesIn(server, ctx, era) ?? {};
  return elicitation !== undefined && (elicitation.form !== undefined || elicitation.url === undefined);
}

export function replyIn({ mcpReq }: ServerContext): Reply | undefined {
  const state: unknown = mcpReq.requestState();
  if (state === undefined && mcpReq.inputResponses === undefined) return undefined;
  const response = inputResponse(mcpReq.inputResponses, KEY);
  if (response.kind !== 'elicit') return { kind: 'unasked', why: 'came back without an answer to the question' };
  const { action, content } = response;
  if (typeof state === 'string') return { kind: 'answered', state, action, content };
  if (action !== 'accept') return { kind: 'answered', state: '', action };
  return { kind: 'unasked', why: 'came back with an answer, but without the requestState that it belongs to' };
}

export function askFirst(question: Question): InputRequiredResult {
  return inputRequired({
    inputRequests: { [KEY]: inputRequired.elicit(formOf(question)) },
    requestState: question.state,
  });
}

const ANSWER_MS = 300_000;
const PING_MS = 10_000;
export const LONGEST_QUESTION_MS = ANSWER_MS + 2 * PING_MS;

/** Clients hardly validate their own forms. */
const answer = z.object({
  action: z.enum(['accept', 'decline', 'cancel']).optional().catch(undefined),
  content: z.record(z.string(), z.unknown()).optional().catch(undefined),
});

/** `signal` withdraws the question; its reason is an Error. */
export async function askNow(question: Question, { mcpReq }: ServerContext, signal = mcpReq.signal): Promise<Reply> {
  const withdrawal = new AbortController();
  const stopWatching = watchOver(mcpReq, signal, withdrawal);
  try {
    const request = { method: 'elicitation/create' as const, params: formOf(question) };
    const options = { timeout: ANSWER_MS + PING_MS, signal: withdrawal.signal };
    const { action, content } = await mcpReq.send(request, answer, options);
    if (action === undefined) return { kind: 'silent', why: "the client's answer could not be read" };
    return { kind: 'answered', state: question.state, action, content };
  } catch (error) {
    if (withdrawal.signal.aborted) return { kind: 'silent', why: String(withdrawal.signal.reason) };
    if (!(error instanceof ProtocolError)) return { kind: 'silent', why: 'the client could not ask' };
    const why = `answered the question with the error ${error.code}`;
    return UNASKED.includes(error.code)
      ? { kind: 'unasked', why }
      : { kind: 'silent', why: `the client ${why}, and whether a person saw it is not known` };
  } finally {
    stopWatching();
  }
}

/** Errors that reject the request itself; others could mean that the person declined. */
const UNASKED: readonly number[] = [
  ProtocolErrorCode.ParseError,
  ProtocolErrorCode.InvalidRequest,
  ProtocolErrorCode.MethodNotFound,
  ProtocolErrorCode.InvalidParams,
  ProtocolErrorCode.InternalError,
];

function watchOver({ send }: ServerContext['mcpReq'], signal: AbortSignal, withdrawal: AbortController): () => void {
  const withdraw = (why: string) => withdrawal.abort(why);
  async function ping() {
    try {
      await send({ method: 'ping' }, { timeout: PING_MS });
    } catch (error) {
      // Any other error is an answer.
      const isLate = error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout;
      if (isLate) withdraw('the client stopped responding while the question was open, which was withdrawn');
    }
  }
  const pings = setInterval(() => void ping(), PING_MS);
  const late = setTimeout(() => withdraw(`nobody answered within ${ANSWER_MS / 60_000} minutes`), ANSWER_MS);
  const forget = onAbort(signal, () => {
    const { name, message }: Error = signal.reason;
    withdraw(name === 'AbortError' ? 'the call was cancelled' : message);
  });
  return () => {
    clearInterval(pings);
    clearTimeout(late);
    forget();
  };
}

function formOf({ lines, field: { name, schema } }: Question) {
  return {
    message: lines.join('\n'),
    requestedSchema: { type: 'object' as const, properties: { [name]: schema }, required: [name] },
  };
}
