import { readFileSync } from 'node:fs';
import { skillEntry } from '@modelcontextprotocol/server/ext/skills';
import { skillOf, toolsNeeded } from '../../prompts/skill.ts';

/** Runs when the program is built, which keeps the result; clients check what they read against it. */
export async function skillFor(prompt: string) {
  const name = skillOf(prompt);
  const text = readFileSync(new URL(`../../prompts/${name}/SKILL.md`, import.meta.url), 'utf8');
  return { tools: toolsNeeded(text), entry: await skillEntry(name, { 'SKILL.md': text }) };
}

/** The first sentence of its description says what it does, the rest when to use it. */
export const purposeIn = (description: string) => description.slice(0, description.indexOf('. '));
