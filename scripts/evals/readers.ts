import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { listing } from '../../src/mcp/listing.ts';
import { prompts } from './cases/prompts/index.ts';
import { scoringWorldOf, WHEN_AND_WHERE } from './run.ts';
import { isQuestion, promptProblems } from './scoring.ts';
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
    tool: z.string().nullish(),
    arguments: z.record(z.string(), z.unknown()).nullish(),
    question: z.string().nullish(),
  }),
);

/** Of the answers in a file, by the same rules as a model's first call. */
export async function scoreReader(file: string): Promise<{ passed: number; problems: string[] }> {
  const given = answers.parse(JSON.parse(readFileSync(file, 'utf8')));
  const session = await openSession();
  await session.close();
  const world = scoringWorldOf(session);
  const problems = prompts.flatMap(({ id, expect }) => {
    const { tool, arguments: args, question } = given.find((each) => each.id === id) ?? {};
    const calls = tool == null ? [] : [{ tool, arguments: args ?? {} }];
    const found = isQuestion(expect) && question && tool == null ? [] : promptProblems({ calls }, expect, world);
    return found.length === 0 ? [] : [{ id, found }];
  });
  return {
    passed: prompts.length - problems.length,
    problems: [
      ...problems.flatMap(({ id, found }) => found.map((problem) => `${id}: ${problem}`)),
      ...given
        .filter(({ id }) => !prompts.some((each) => each.id === id))
        .map(({ id }) => `${id}: there is no such prompt`),
    ],
  };
}
