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

/** A `modern` client (protocol 2026) repeats the call with the answer; a `legacy` one answers while it waits. */
export type Era = 'modern' | 'legacy';

const KEY = 'consent';

/** A legacy client over stateless HTTP cannot be asked. */
export function canBeAsked(server: McpServer, ctx: ServerContext, era: Era): boolean {
  const envelope: { [CLIENT_CAPABILITIES_META_KEY]?: ClientCapabilities } = ctx.mcpReq.envelope ?? {};
  const capabilities =
    era === 'modern' ? envelope[CLIENT_CAPABILITIES_META_KEY] : server.server.getClientCapabilities();
  const { elicitation } = capabilities ?? {};
  return elicitation !== undefined && (elicitation.form !== undefined || elicitation.url === undefined);
}

/** Undefined if the client was not asked; a string says why the answer is unusable. */
export function replyIn({ mcpReq }: ServerContext): Reply | string | undefined {
  const state: unknown = mcpReq.requestState();
  if (state === undefined && mcpReq.inputResponses === undefined) return undefined;
  const response = inputResponse(mcpReq.inputResponses, KEY);
  if (response.kind !== 'elicit' || typeof state !== 'string') return 'the client came back without a usable answer';
  return { state, action: response.action, content: response.content };
}

export function askFirst(question: Question): InputRequiredResult {
  return inputRequired({
    inputRequests: { [KEY]: inputRequired.elicit(formOf(question)) },
    requestState: question.state,
  });
}

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
