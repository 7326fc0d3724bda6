import {
  type GetPromptRequest,
  type GetPromptResult,
  ProtocolError,
  ProtocolErrorCode,
} from '@modelcontextprotocol/server';
import { skillOf } from '../prompts/skill.ts';
import { cut, visible } from '../text/visible.ts';
import type { Handlers } from './handlers.ts';
import type { Offer } from './offers.ts';

export interface PromptSources {
  handlers(): Promise<Handlers>;
  /** The SKILL.md of that folder. */
  skillText(folder: string): Promise<string>;
}

export async function getPrompt(
  { name, arguments: given = {} }: GetPromptRequest['params'],
  { prompts, names }: Offer,
  { handlers, skillText }: PromptSources,
): Promise<GetPromptResult> {
  const prompt = prompts.find(({ listed }) => listed.name === name);
  if (!prompt) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Prompt ${shownName(name)} not found`);
  const { description, arguments: wanted } = prompt.listed;
  const missing = wanted.filter((argument) => argument.required && !given[argument.name]?.trim());
  if (missing.length > 0) {
    const wanting = missing.map((argument) => argument.name).join(', ');
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Prompt ${name} needs a value for: ${wanting}`);
  }
  const [{ promptFor }, skill] = await Promise.all([handlers(), skillText(skillOf(name))]);
  const text = promptFor(name, given, skill, names);
  return { description, messages: [{ role: 'user', content: { type: 'text', text } }] };
}

const MAX_NAME = 64;

export const shownName = (name: string) => visible(cut(name, MAX_NAME));
