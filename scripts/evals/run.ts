import { performance } from 'node:perf_hooks';
import { isSameAnswer } from './answers.ts';
import type { Prompt, StableQuestion, Task } from './cases/case.ts';
import { converse, type Talk, type Talked } from './conversation.ts';
import type { Provider } from './providers/provider.ts';
import { isChange, isDone, isQuestion, promptProblems, type ScoringWorld } from './scoring.ts';
import { openSession, type Person, type Session } from './session.ts';
import { differences } from './state.ts';
import { verify } from './verify.ts';
import { DATA_CENTERS, NOW, TIME_ZONE } from './world.ts';

/** What came of one attempt; without problems it passed. */
export interface Attempted extends Pick<Talked, 'failedCalls' | 'usage' | 'messages'> {
  /** Not where the provider failed. */
  isJudged: boolean;
  problems: string[];
  calls: number;
  /** Without the pauses between attempts at the provider. */
  ms: number;
}

/** So that waiting for a cluster takes seconds. */
const SPEED = 10;
const PROMPT_TURNS = 6;
const TASK_TURNS = 25;
const MOST_REPLIES = 3;
const AGREED = 'Yes, go ahead with what I asked for and nothing else. I know no more, so choose what is left open.';

interface Attempt {
  provider: Provider;
  prompt: string;
  person?: Person;
  /** What else the model is told first. */
  note?: string;
  /** Those of the conversation that differ. */
  how(session: Session): Pick<Talk, 'mostTurns' | 'isLast' | 'reply'>;
  problemsIn(talked: Talked, session: Session): string[] | Promise<string[]>;
}

async function attempt({ provider, prompt, person, note, how, problemsIn }: Attempt): Promise<Attempted> {
  const session = await openSession({ person, speed: SPEED });
  try {
    const started = performance.now();
    const { tools } = await session.client.listTools();
    const talked = await converse({
      ...{ provider, prompt, ...how(session), call: session.call },
      system: [session.client.getInstructions(), WHEN_AND_WHERE, ...(note ? [note] : [])].join('\n\n'),
      tools: tools.map(({ name, description = '', inputSchema }) => ({ name, description, inputSchema })),
    });
    const ms = Math.round(performance.now() - started - talked.pausedMs);
    const problems = [...(talked.problem ? [talked.problem] : []), ...(await problemsIn(talked, session))];
    const { callCount: calls, failedCalls, usage, messages } = talked;
    return { isJudged: true, problems, calls, failedCalls, usage, messages, ms };
  } finally {
    await session.close();
  }
}

export const WHEN_AND_WHERE = `It is ${new Date(NOW).toISOString()}, a Tuesday. The time zone of the person is ${TIME_ZONE}.`;

interface Replies {
  /** What the person says first. */
  first?: string;
  /** Where a name has to be typed. */
  types?: string;
  isDone?(): Promise<boolean>;
}

/**
 * The server's own words ask models to confirm some calls first. Whatever a model says instead of a call is taken for
 * such a question, until all is done.
 */
function replying({ first, types, isDone }: Replies): Talk['reply'] {
  const agreed = types === undefined ? AGREED : `${AGREED} The name to type is ${types}.`;
  let replies = 0;
  return async (text) => {
    if (text.trim() === '' || replies === MOST_REPLIES || (await isDone?.())) return undefined;
    replies += 1;
    return replies === 1 ? (first ?? agreed) : agreed;
  };
}

/** Not all that people named to whoever wrote the prompts is in this world. */
const ALL_EXISTS = 'All that the person names exists, even where a look-up does not show it.';

export const scoringWorldOf = ({ names, before }: Pick<Session, 'names' | 'before'>): ScoringWorld => ({
  now: NOW,
  names: new Map([...names, ...DATA_CENTERS]),
  present: (cluster, property) => before.get(`${cluster}/properties/${property}`),
});

export function tryPrompt(provider: Provider, { text, expect }: Prompt): Promise<Attempted> {
  const { answer, call: expected } = isQuestion(expect) ? expect : { answer: undefined, call: expect };
  return attempt({
    ...{ provider, prompt: text, note: ALL_EXISTS },
    how: (session) => ({
      mostTurns: PROMPT_TURNS,
      isLast: (call) => isChange(call) || isDone(call, expected, scoringWorldOf(session)),
      reply: replying({ first: answer }),
    }),
    problemsIn: (talked, session) => promptProblems(talked, expect, scoringWorldOf(session)),
  });
}

export function tryTask(provider: Provider, { prompt, person, expected }: Task): Promise<Attempted> {
  return attempt({
    ...{ provider, prompt, person },
    how: ({ before, after }) => ({
      mostTurns: TASK_TURNS,
      reply: replying({
        types: person?.types,
        isDone: async () => verify(expected, before, await after()).length === 0,
      }),
    }),
    problemsIn: async (_, { before, after }) => verify(expected, before, await after()),
  });
}

const FORM = 'End with a line that begins with "Answer:" and has the answer alone.';

export function tryQuestion(provider: Provider, question: StableQuestion): Promise<Attempted> {
  return attempt({
    ...{ provider, prompt: `${question.text} ${FORM}` },
    how: () => ({ mostTurns: TASK_TURNS }),
    async problemsIn({ text: given }, { before, after }) {
      const isRight = isSameAnswer(given, question);
      const changed = differences(before, await after()).map(({ place }) => `${place} was changed`);
      return [
        ...(isRight ? [] : [`answered ${JSON.stringify(given.slice(-200))}, not ${question.answer}`]),
        ...changed,
      ];
    },
  });
}
