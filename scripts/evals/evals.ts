// Does a model pick the right tool, and does it do the right thing? npm run evals [-- --help]
import { appendFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { version } from '../../src/version.ts';
import { prompts } from '../../test/evals/prompts/index.ts';
import { questions } from '../../test/evals/questions.ts';
import { tasks } from '../../test/evals/tasks/index.ts';
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
  --compare FILE                   instead of the last committed results
  --sheet                          prints what a reader gets who answers the prompts
  --answers FILE                   scores a reader's answers
Keys: ANTHROPIC_API_KEY, or OPENAI_API_KEY for anything compatible; ANTHROPIC_BASE_URL, OPENAI_BASE_URL.
`;
const RESULTS = fileURLToPath(new URL('../../test/evals/results', import.meta.url));

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

async function runAll(provider: Provider, flags: Flags, say: Say) {
  const repeat = Number(flags.repeat ?? 1);
  if (!Number.isInteger(repeat) || repeat < 1) throw new Error(`--repeat is a number from 1 on, not ${flags.repeat}`);
  const before = flags.compare ? readResults(flags.compare) : lastCommitted(RESULTS, provider.model);
  const cases: CaseResult[] = [];
  const date = new Date().toISOString();
  const results = { ...{ date, provider: provider.name, model: provider.model, version }, isComplete: false, cases };
  // After each case, and before the first: what was paid for is not lost if the next one fails.
  const write = () => {
    if (flags.json) writeFileSync(path.resolve(flags.json), `${JSON.stringify(results, null, 2)}\n`);
  };
  write();
  const transcripts = flags.transcripts && path.resolve(flags.transcripts);
  if (transcripts) writeFileSync(transcripts, '');
  for (const { kind, id, attempt } of chosen(flags)) {
    const attempts: Attempted[] = [];
    for (let n = 0; n < repeat; n += 1) {
      const attempted = await attempt(provider).catch(failedAs(id, { say, results }));
      attempts.push(attempted);
      const { problems, messages } = attempted;
      if (transcripts) appendFileSync(transcripts, `${JSON.stringify({ kind, id, problems, messages })}\n`);
    }
    const result = caseOf(kind, id, attempts);
    cases.push(result);
    write();
    const passed = result.passed.filter(Boolean).length;
    say(`${passed === repeat ? 'passed' : `${passed} of ${repeat}`}  ${kind}  ${id}`);
    for (const problem of result.problems) say(`    ${problem}`);
  }
  results.isComplete = true;
  write();
  say(tableFor(results));
  say(before ? comparisonOf(before, results) : 'There is no committed result yet to compare with.');
}

const tableFor = (results: Results) => `\n${results.model}\n${tableOf(summarise(results))}`;

/** What fails for one request fails its case; anything else ends the run, and what it has come to is told first. */
function failedAs(id: string, { say, results }: { say: Say; results: Results }) {
  return (cause: unknown): Attempted => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    if (cause instanceof ProviderError && cause.isOfRequest) {
      const nothing = { calls: 0, failedCalls: 0, usage: { input: 0, output: 0 }, messages: [], ms: 0 };
      return { problems: [`not judged, because the provider failed: ${reason}`], ...nothing };
    }
    if (results.cases.length > 0) say(tableFor(results));
    throw new Error(`Stopped at ${id}, after ${results.cases.length} cases: ${reason}`, { cause });
  };
}

function comparisonOf(before: Results, after: Results): string {
  const { change, fixed, broken } = compare(before, after);
  const points = Object.entries(change).map(([kind, by]) => `${kind} ${by > 0 ? '+' : ''}${by}`);
  return [
    `\nCompared with ${before.model} of ${before.date}, in points: ${points.join(', ') || 'nothing in common'}`,
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
  const { lines, isRight } = await checkOffline(some);
  for (const line of lines) say(line);
  say(
    `Left out, since no key is set (${KEYS.join(' or ')}): ${some.prompts.length} prompts, ${some.tasks.length} tasks ` +
      `and ${some.questions.length} questions put to a model. Nothing here says how a model fares.`,
  );
  const idle = (['model', 'repeat', 'json', 'transcripts', 'compare'] as const).filter(
    (flag) => flags[flag] !== undefined,
  );
  if (idle.length > 0) say(`Without a key, nothing came of ${idle.map((flag) => `--${flag}`).join(', ')}.`);
  return isRight;
}

/** Whether it came to its end; that a model fails a case is a result. */
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
    await runAll(provider, flags, say);
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
