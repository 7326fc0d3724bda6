import { readFileSync } from 'node:fs';
import { skillEntry } from '@modelcontextprotocol/server/ext/skills';
import { skillOf, toolsNeeded } from '../../prompts/skill.ts';
import { tools } from '../../tools/index.ts';

/** Runs when the program is built, which keeps the result; clients check what they read against it. */
export async function skillFor(prompt: string) {
  const name = skillOf(prompt);
  const text = readFileSync(new URL(`../../prompts/${name}/SKILL.md`, import.meta.url), 'utf8');
  const needed = toolsNeeded(text);
  const unknown = needed.filter((each) => !tools.some((tool) => tool.name === each));
  // A server that lacks a tool withholds the skill, which here would be every server.
  if (unknown.length > 0) throw new Error(`The skill ${name} names what is no tool: ${unknown.join(', ')}`);
  return { tools: needed, entry: await skillEntry(name, { 'SKILL.md': text }) };
}

/** The first sentence of its description says what it does, the rest when to use it. */
export const purposeIn = (description: string) => description.slice(0, description.indexOf('. '));
