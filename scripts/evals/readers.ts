import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { listing } from '../../src/mcp/listing.ts';
import { prompts } from '../../test/evals/prompts/index.ts';
import { scoringWorldOf, WHEN_AND_WHERE } from './run.ts';
import { promptProblems } from './scoring.ts';
import { openSession } from './session.ts';

const TASK =
  'For each prompt below, say which one call of which tool does what the person wants, with its arguments: not a ' +
  'look-up before it, and as if all that it names exists. Where the prompt leaves open what is meant, ask the person ' +
  'instead. Answer with a JSON list of {"id", "tool", "arguments"} or {"id", "question"}.';

/** What a reader gets who says which call they would make: the tools alone, and no expectation. */
export function readersSheet(): string {
  return [
    TASK,
    WHEN_AND_WHERE,
    JSON.stringify({ tools: listing.tools.map(({ listed }) => listed) }),
    JSON.stringify(prompts.map(({ id, text }) => ({ id, text }))),
  ].join('\n\n');
}

const answers = z.array(
  z.object({
    id: z.string(),
    tool: z.string().optional(),
    arguments: z.record(z.string(), z.unknown()).optional(),
    question: z.string().optional(),
  }),
);

/** Of the answers in a file, by the same rules as a model's first call. */
export async function scoreReader(file: string): Promise<{ passed: number; problems: string[] }> {
  const given = answers.parse(JSON.parse(readFileSync(file, 'utf8')));
  const session = await openSession();
  await session.close();
  const world = scoringWorldOf(session);
  const problems = prompts.flatMap(({ id, expect }) => {
    const { tool, arguments: args = {}, question: text = '' } = given.find((each) => each.id === id) ?? {};
    const calls = tool === undefined ? [] : [{ tool, arguments: args }];
    return promptProblems({ calls, text }, expect, world).map((problem) => `${id}: ${problem}`);
  });
  return { passed: prompts.length - new Set(problems.map((each) => each.split(':')[0])).size, problems };
}
