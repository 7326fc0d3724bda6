import {
  type CompleteRequest,
  type CompleteResult,
  ProtocolError,
  ProtocolErrorCode,
} from '@modelcontextprotocol/server';
import type { CallSource } from '../calls/source.ts';
import type { Completable, Handlers } from './handlers.ts';
import type { ListedPrompt, ListedResource } from './listing.ts';

const MAX_COMPLETIONS = 100;

type Reference = CompleteRequest['params']['ref'];

export interface CompletionSources {
  prompts: readonly ListedPrompt[];
  resources: readonly ListedResource[];
  source: CallSource;
  handlers(): Promise<Handlers>;
}

/** The SDK's own completion does not pass the caller. */
export async function complete(
  { ref, argument, context }: CompleteRequest['params'],
  sources: CompletionSources,
): Promise<CompleteResult> {
  const found = completable(ref, sources);
  if (!found) {
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'Only resources and prompts listed here can be completed');
  }
  if (!found.completes.includes(argument.name)) return { completion: { values: [] } };
  const asked = { variable: argument.name, typed: argument.value, known: context?.arguments ?? {} };
  const { complete } = await sources.handlers();
  const values = await complete(found, asked, sources.source);
  const shown = values.slice(0, MAX_COMPLETIONS);
  return { completion: { values: shown, total: values.length, hasMore: values.length > shown.length } };
}

function completable(
  ref: Reference,
  { prompts, resources }: CompletionSources,
): (Completable & { completes: readonly string[] }) | undefined {
  if (ref.type === 'ref/resource') {
    const resource = resources.find(({ uri }) => uri === ref.uri);
    return resource && { kind: 'resource', name: resource.name, completes: resource.completes };
  }
  const prompt = prompts.find(({ listed }) => listed.name === ref.name);
  return prompt && { kind: 'prompt', name: ref.name, completes: prompt.completes };
}
