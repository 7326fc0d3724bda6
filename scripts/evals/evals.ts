// Does a model pick the right tool, and does it do the right thing? npm run evals [-- --help]
import { appendFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { version } from '../../src/version.ts';
import { prompts } from './cases/prompts/index.ts';
import { questions } from './cases/questions.ts';
import { tasks } from './cases/tasks/index.ts';
import { checkOffline } from './offline.ts';
import { KEYS, providerFrom } from './providers/index.ts';
import { ProviderError } from './providers/post.ts';
import type { Provider } from './providers/provider.ts';
import { readersSheet, scoreReader } from './readers.ts';
import {
  type CaseResult,
  caseOf,
  compare,
  KINDS,
  type Kind,
  lastCommitted,
  type Results,
  readResults,
  summarise,
  tableOf,
} from './results.ts';
import { type Attempted, tryPrompt, tryQuestion, tryTask } from './run.ts';

const HELP = `npm run evals [-- options]
  --only prompts,tasks,questions   those kinds, or single cases by their names
  --model NAME                     instead of EVALS_MODEL
  --repeat N                       attempts at each case, default 1
  --json FILE                      writes the results there
  --transcripts FILE               writes each conversation there, as a line of JSON
  --compare FILE                   instead of the latest results in scripts/evals/results
  --sheet                          prints what a reader gets who answers the prompts
  --answers FILE                   scores a reader's answers
Keys: ANTHROPIC_API_KEY, or OPENAI_API_KEY for anything compatible; ANTHROPIC_BASE_URL, OPENAI_BASE_URL.
`;
const RESULTS = fileURLToPath(new URL('results', import.meta.url));

const options = {
  help: { type: 'boolean' },
  only: { type: 'string' },
  model: { type: 'string' },
  repeat: { type: 'string' },
  json: { type: 'string' },
  transcripts: { type: 'string' },
  compare: { type: 'string' },
  sheet: { type: 'boolean' },
  answers: { type: 'string' },
} as const;

type Flags = ReturnType<typeof parseArgs<{ options: typeof options }>>['values'];
type Say = (line: string) => void;

interface Case {
  kind: Kind;
  id: string;
  attempt(provider: Provider): Promise<Attempted>;
}

const all: readonly Case[] = [
  ...prompts.map((each) => ({ kind: 'prompts' as const, id: each.id, attempt: (by: Provider) => tryPrompt(by, each) })),
  ...tasks.map((each) => ({ kind: 'tasks' as const, id: each.id, attempt: (by: Provider) => tryTask(by, each) })),
  ...questions.map((each) => ({
    ...{ kind: 'questions' as const, id: each.id, attempt: (by: Provider) => tryQuestion(by, each) },
  })),
];

function chosen({ only }: Flags): readonly Case[] {
  const names = only?.split(',').map((name) => name.trim()) ?? [...KINDS];
  const unknown = names.filter((name) => !all.some(({ kind, id }) => kind === name || id === name));
  if (unknown.length > 0) {
    throw new Error(`There is no kind or case ${unknown.join(', ')}; the kinds are ${KINDS.join(', ')}`);
  }
  return all.filter(({ kind, id }) => names.includes(kind) || names.includes(id));
}

/** Whether anything could be judged. */
async function runAll(provider: Provider, flags: Flags, say: Say): Promise<boolean> {
  const repeat = Number(flags.repeat ?? 1);
  if (!Number.isInteger(repeat) || repeat < 1) throw new Error(`--repeat is a number from 1 on, not ${flags.repeat}`);
  const before = flags.compare ? readResults(flags.compare) : lastCommitted(RESULTS, provider.model);
  const cases: CaseResult[] = [];
  const date = new Date().toISOString();
  const results = { ...{ date, provider: provider.name, model: provider.model, version }, isComplete: false, cases };
  // After each attempt, and before the first: what was paid for is not lost if the next one fails.
  const write = () => writeJson(flags.json, { ...results, summary: summarise(results) });
  write();
  const transcripts = flags.transcripts && path.resolve(flags.transcripts);
  if (transcripts) writeFileSync(transcripts, '');
  const orNotJudged = createTolerance(results, say);
  for (const [at, { kind, id, attempt }] of chosen(flags).entries()) {
    const attempts: Attempted[] = [];
    for (let n = 0; n < repeat; n += 1) {
      const attempted = await orNotJudged(id, attempt(provider));
      attempts.push(attempted);
      cases[at] = caseOf(kind, id, attempts);
      write();
      const { problems, messages } = attempted;
      if (transcripts) appendFileSync(transcripts, `${JSON.stringify({ kind, id, problems, messages })}\n`);
    }
    for (const line of wordsFor(caseOf(kind, id, attempts))) say(line);
  }
  results.isComplete = cases.every(({ notJudged }) => notJudged === 0);
  write();
  say(tableFor(results));
  say(before ? comparisonOf(before, results) : 'There is no earlier result yet to compare with.');
  return cases.some(({ passed }) => passed.length > 0);
}

function wordsFor({ kind, id, passed, notJudged, problems }: CaseResult): string[] {
  const count = passed.filter(Boolean).length;
  const all = passed.length + notJudged;
  const verdict = count === all ? 'passed' : notJudged === all ? 'not judged' : `${count} of ${all}`;
  return [`${verdict}  ${kind}  ${id}`, ...problems.map((problem) => `    ${problem}`)];
}

function writeJson(file: string | undefined, value: unknown) {
  if (file !== undefined) writeFileSync(path.resolve(file), `${JSON.stringify(value, null, 2)}\n`);
}

const tableFor = (results: Results) => `\n${results.model}\n${tableOf(summarise(results))}`;

/** So many in a row are not about single requests. */
const MOST_NOT_JUDGED = 5;

/**
 * An attempt whose one request the provider refused is not judged. Any other failure, or one after the other, ends the
 * run, once the figures so far are printed.
 */
function createTolerance(results: Results, say: Say) {
  let inARow = 0;
  return async (id: string, attempt: Promise<Attempted>): Promise<Attempted> => {
    try {
      const attempted = await attempt;
      inARow = 0;
      return attempted;
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      inARow += 1;
      if (cause instanceof ProviderError && cause.isOfRequest && inARow < MOST_NOT_JUDGED) {
        const nothing = { calls: 0, failedCalls: 0, usage: { input: 0, output: 0 }, messages: [], ms: 0 };
        return { isJudged: false, problems: [`not judged, because the provider failed: ${reason}`], ...nothing };
      }
      if (results.cases.length > 0) say(tableFor(results));
      throw new Error(`Stopped at ${id}: ${reason}`, { cause });
    }
  };
}

function comparisonOf(before: Results, after: Results): string {
  const { change, fixed, broken } = compare(before, after);
  const points = Object.entries(change).map(([kind, by]) => `${kind} ${by > 0 ? '+' : ''}${by}`);
  return [
    `\nCompared with the latest results of ${before.model} until ${before.date}, in points: ${points.join(', ') || 'nothing in common'}`,
    `passes now: ${fixed.join(', ') || 'none'}; fails now: ${broken.join(', ') || 'none'}`,
  ].join('\n');
}

/** Whether all that can be checked without a model is right. */
async function withoutKey(flags: Flags, say: Say): Promise<boolean> {
  const names = new Set(chosen(flags).map(({ id }) => id));
  const isChosen = ({ id }: { id: string }) => names.has(id);
  const some = {
    prompts: prompts.filter(isChosen),
    tasks: tasks.filter(isChosen),
    questions: questions.filter(isChosen),
  };
  const { lines, isRight, figures } = await checkOffline(some);
  for (const line of lines) say(line);
  writeJson(flags.json, { date: new Date().toISOString(), version, ...figures });
  say(
    `Left out, since no key is set (${KEYS.join(' or ')}): ${some.prompts.length} prompts, ${some.tasks.length} tasks ` +
      `and ${some.questions.length} questions put to a model. Nothing here says how a model fares.`,
  );
  const idle = (['model', 'repeat', 'transcripts', 'compare'] as const).filter((flag) => flags[flag] !== undefined);
  if (idle.length > 0) say(`Without a key, nothing came of ${idle.map((flag) => `--${flag}`).join(', ')}.`);
  return isRight;
}

/** Whether something could be judged, or without a key all is right; that a model fails a case is a result. */
export async function evals(args: readonly string[], env: NodeJS.ProcessEnv, say: Say): Promise<boolean> {
  const { values: flags } = parseArgs({ args: [...args], options });
  if (flags.help) say(HELP);
  else if (flags.sheet) say(readersSheet());
  else if (flags.answers) {
    const { passed, problems } = await scoreReader(flags.answers);
    for (const problem of problems) say(problem);
    say(`${passed} of ${prompts.length} prompts answered as expected`);
  } else {
    const provider = providerFrom(env, flags.model ?? env.EVALS_MODEL);
    if (!provider) return withoutKey(flags, say);
    return runAll(provider, flags, say);
  }
  return true;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  // A reader such as head has seen enough.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
  evals(process.argv.slice(2), process.env, (line) => process.stdout.write(`${line}\n`))
    .then((isRight) => {
      if (!isRight) process.exitCode = 1;
    })
    .catch((error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = 1;
    });
}
