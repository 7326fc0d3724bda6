import { listing } from '../../src/mcp/listing.ts';
import { lintTools, tokensOf } from '../lint-tools.ts';
import type { Prompt, StableQuestion, Task } from './cases/case.ts';
import { outside } from './cases/prompts/outside.ts';
import { amongFirst, BAR, meetsBar, type Ranked, rankEach, searchable } from './retrieval.ts';
import { openSession } from './session.ts';
import { verify } from './verify.ts';

export interface OfflineCases {
  prompts: readonly Prompt[];
  tasks: readonly Task[];
  questions: readonly StableQuestion[];
}

/** What can be said without a model: one line for each. */
export async function checkOffline({ prompts, tasks, questions }: OfflineCases) {
  const listed = listing.tools.map((tool) => tool.listed);
  const problems = lintTools(listing.tools);
  const proved = await countOf(tasks, isProved);
  const answered = await countOf(questions, isAnswered);
  const ranked = rankedFor(prompts);
  const fromOutside = rankedFor(prompts.filter((each) => outside.includes(each)));
  // Of some of the prompts nothing follows.
  const isFound = ranked.length < BAR.of || meetsBar(ranked);
  const figures = {
    tools: { count: listed.length, tokens: tokensOf({ tools: listed }), problems },
    search: { all: shareOf(ranked), fromOutside: shareOf(fromOutside) },
    tasks: { proved, of: tasks.length },
    questions: { answered, of: questions.length },
  };
  const { all, fromOutside: outsideAlone } = figures.search;
  return {
    figures,
    lines: [
      `tools: ${listed.length}, ${figures.tools.tokens} tokens, ${problems.length} problems in their words`,
      `search, right tool first and among the first three: ${wordsFor(all)}; from outside alone: ${wordsFor(outsideAlone)}`,
      `tasks whose solution passes, and whose unchanged world does not: ${proved} of ${tasks.length}`,
      `questions whose answer follows from the tools: ${answered} of ${questions.length}`,
    ],
    isRight: problems.length === 0 && isFound && proved === tasks.length && answered === questions.length,
  };
}

const rankedFor = (some: readonly Prompt[]): Ranked[] =>
  rankEach(
    listing.tools.map((tool) => tool.listed),
    searchable(some),
  );

const shareOf = (ranked: readonly Ranked[]) => ({
  first: amongFirst(ranked, 1),
  amongThree: amongFirst(ranked, 3),
  of: ranked.length,
});
const wordsFor = ({ first, amongThree, of }: ReturnType<typeof shareOf>) => `${first} and ${amongThree} of ${of}`;

/** One after the other: the time of the process is that of the session. */
async function countOf<Case>(cases: readonly Case[], isCounted: (one: Case) => Promise<boolean>): Promise<number> {
  let count = 0;
  for (const one of cases) if (await isCounted(one)) count += 1;
  return count;
}

const SETTLED_MS = 60_000;

async function isProved({ person, solution, expected }: Task): Promise<boolean> {
  const { call, clock, before, after, close } = await openSession({ person });
  try {
    const isOpen = verify(expected, before, before).length > 0;
    for (const { tool, arguments: args } of solution) {
      clock.pass(SETTLED_MS);
      await call(tool, args);
    }
    return isOpen && verify(expected, before, await after()).length === 0;
  } finally {
    await close();
  }
}

async function isAnswered({ sources, derive, answer }: StableQuestion): Promise<boolean> {
  const { call, close } = await openSession();
  try {
    const results: unknown[] = [];
    for (const { tool, arguments: args } of sources) results.push((await call(tool, args)).content);
    return derive(results) === answer;
  } finally {
    await close();
  }
}
