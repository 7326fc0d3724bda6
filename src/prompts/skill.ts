import type { Prompt } from './prompt.ts';

/** The folder of the SKILL.md that a prompt and a skill have in common. */
export const skillOf = (prompt: string) => prompt.replaceAll('_', '-');

/** A line only for a server that offers this tool, or for one that does not. */
const CONDITION = /^ +(With|Without) `([a-z_]+)`: /;
const NAME_OF_TOOL = /`([a-z]+(?:_[a-z]+)+)`/g;

/** Those that the skill names without a condition. */
export function toolsNeeded(skill: string): string[] {
  const needed = skill.split('\n').filter((line) => !CONDITION.test(line));
  return [...new Set([...needed.join('\n').matchAll(NAME_OF_TOOL)].map(([, tool = '']) => tool))];
}

/** What the prompt asks for takes the place of everything before the first step. */
export function promptText(
  { opening }: Prompt,
  given: Record<string, string | undefined>,
  skill: string,
  has: (tool: string) => boolean,
): string {
  const steps = skill.slice(skill.indexOf('\n1. ') + 1).trimEnd();
  return [...opening(given), ...steps.split('\n').flatMap((line) => lineFor(line, has))].join('\n');
}

function lineFor(line: string, has: (tool: string) => boolean): string[] {
  const [condition = '', word, tool = ''] = CONDITION.exec(line) ?? [];
  if (word === undefined) return [line];
  if (word === 'With') return has(tool) ? [line] : [];
  return has(tool) ? [] : [`   ${line.slice(condition.length)}`];
}
