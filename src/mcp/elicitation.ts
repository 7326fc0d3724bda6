import {
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  type InputRequiredResult,
  inputRequired,
  inputResponse,
  type McpServer,
  SdkError,
  SdkErrorCode,
  type ServerContext,
} from '@modelcontextprotocol/server';
import type { Question, Reply } from '../writes/consent.ts';
import { SIGNED_SECONDS } from '../writes/signing.ts';

/** Of 2026, where the client calls again with the answer, or of before, where the server asks while the call waits. */
export type Era = 'modern' | 'legacy';

const KEY = 'consent';

/** Whether the client puts forms before a person. Over stateless HTTP a client of 2025 cannot be asked. */
export function canBeAsked(server: McpServer, ctx: ServerContext, era: Era): boolean {
  const envelope: { [CLIENT_CAPABILITIES_META_KEY]?: ClientCapabilities } = ctx.mcpReq.envelope ?? {};
  const capabilities =
    era === 'modern' ? envelope[CLIENT_CAPABILITIES_META_KEY] : server.server.getClientCapabilities();
  const { elicitation } = capabilities ?? {};
  return elicitation !== undefined && (elicitation.form !== undefined || elicitation.url === undefined);
}

/** What a client of 2026 brings back from a question; undefined where none was asked. */
export function replyIn({ mcpReq }: ServerContext): Reply | string | undefined {
  const state: unknown = mcpReq.requestState();
  if (state === undefined && mcpReq.inputResponses === undefined) return undefined;
  const response = inputResponse(mcpReq.inputResponses, KEY);
  if (response.kind !== 'elicit' || typeof state !== 'string') return 'the client came back without a usable answer';
  return { state, action: response.action, content: response.content };
}

/** The answer to a call of 2026 that a person has to agree to first. */
export function askFirst(question: Question): InputRequiredResult {
  return inputRequired({
    inputRequests: { [KEY]: inputRequired.elicit(formOf(question)) },
    requestState: question.state,
  });
}

/** Asks through a client of before 2026 while its call waits. */
export async function askNow(question: Question, { mcpReq }: ServerContext): Promise<Reply | string> {
  try {
    const request = { method: 'elicitation/create' as const, params: formOf(question) };
    const { action, content } = await mcpReq.send(request, { timeout: SIGNED_SECONDS * 1000, signal: mcpReq.signal });
    return { state: question.state, action, content };
  } catch (error) {
    const isLate = error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout;
    return isLate ? `nobody answered within ${SIGNED_SECONDS / 60} minutes` : 'the client could not ask';
  }
}

function formOf({ lines, field: { name, schema } }: Question) {
  return {
    message: lines.join('\n'),
    requestedSchema: { type: 'object' as const, properties: { [name]: schema }, required: [name] },
  };
}
