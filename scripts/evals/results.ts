import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { parsedOrUndefined } from './json.ts';
import type { Attempted } from './run.ts';

export const KINDS = ['prompts', 'tasks', 'questions'] as const;
export type Kind = (typeof KINDS)[number];

/** Of one case or of several. */
const cost = z.object({
  calls: z.number(),
  failedCalls: z.number(),
  /** Null where the provider does not say. */
  inputTokens: z.number().nullable(),
  outputTokens: z.number().nullable(),
  ms: z.number(),
});

const caseResult = cost.extend({
  kind: z.enum(KINDS),
  id: z.string(),
  /** Of each attempt that was judged. */
  passed: z.array(z.boolean()),
  /** Attempts at which the provider failed. */
  notJudged: z.number(),
  /** Of the last attempt that failed or was not judged. */
  problems: z.array(z.string()),
});

const results = z.object({
  date: z.string(),
  provider: z.string(),
  model: z.string(),
  /** Of this program. */
  version: z.string(),
  /** Whether every attempt at the chosen cases was made and judged. */
  isComplete: z.boolean(),
  cases: z.array(caseResult),
});

type Cost = z.output<typeof cost>;
export type CaseResult = z.output<typeof caseResult>;
export type Results = z.output<typeof results>;

export function caseOf(kind: Kind, id: string, attempts: readonly Attempted[]): CaseResult {
  const judged = attempts.filter(({ isJudged }) => isJudged);
  return {
    ...{ kind, id, passed: judged.map(({ problems }) => problems.length === 0) },
    notJudged: attempts.length - judged.length,
    ...sumOf(
      attempts.map(({ calls, failedCalls, usage, ms }) => ({
        ...{ calls, failedCalls, ms },
        inputTokens: usage?.input ?? null,
        outputTokens: usage?.output ?? null,
      })),
    ),
    problems: attempts.findLast(({ problems }) => problems.length > 0)?.problems ?? [],
  };
}

function sumOf(all: readonly Cost[]): Cost {
  const sum = (of: (one: Cost) => number) => all.reduce((total, one) => total + of(one), 0);
  const known = (of: (one: Cost) => number | null) =>
    all.some((one) => of(one) === null) ? null : sum((one) => of(one) ?? 0);
  return {
    calls: sum(({ calls }) => calls),
    failedCalls: sum(({ failedCalls }) => failedCalls),
    inputTokens: known(({ inputTokens }) => inputTokens),
    outputTokens: known(({ outputTokens }) => outputTokens),
    ms: sum(({ ms }) => ms),
  };
}

export interface Summary extends Cost {
  kind: Kind | 'all';
  cases: number;
  /** Those that were judged. */
  attempts: number;
  notJudged: number;
  /** The share of attempts that passed; null where none was judged. */
  passRate: number | null;
  /** The share of cases of which every attempt passed. */
  passAll: number | null;
}

/** Kinds that were left out are not in it; all of them together come last. */
export function summarise({ cases }: Pick<Results, 'cases'>): Summary[] {
  const kinds = KINDS.map((kind) =>
    summaryOf(
      kind,
      cases.filter((each) => each.kind === kind),
    ),
  ).filter((each) => each.cases > 0);
  return kinds.length > 1 ? [...kinds, summaryOf('all', cases)] : kinds;
}

function summaryOf(kind: Summary['kind'], some: readonly CaseResult[]): Summary {
  const passed = some.flatMap((each) => each.passed);
  const judged = some.filter(isJudged);
  const share = (part: number, whole: number) => (whole === 0 ? null : part / whole);
  return {
    ...{ kind, cases: some.length, attempts: passed.length },
    notJudged: some.reduce((total, each) => total + each.notJudged, 0),
    passRate: share(passed.filter(Boolean).length, passed.length),
    passAll: share(judged.filter(isPassed).length, judged.length),
    ...sumOf(some),
  };
}

const isJudged = ({ passed }: CaseResult) => passed.length > 0;
const isPassed = (one: CaseResult) => isJudged(one) && one.passed.every(Boolean);

/** Throws an Error that names the file if it holds something else. */
export function readResults(file: string): Results {
  const text = readFileSync(file, 'utf8');
  const { data, error } = results.safeParse(parsedOrUndefined(text));
  if (data) return data;
  const [issue] = error.issues;
  throw new Error(`${file} has no results of evaluations: ${issue?.path.join('.') || 'it'}: ${issue?.message}`);
}

/**
 * Of a folder: the latest result of each case, of this model if there are any, otherwise of the one that was last. A run
 * of some cases hides no other.
 */
export function lastCommitted(folder: string, model?: string): Results | undefined {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const all = names
    .filter((name) => name.endsWith('.json'))
    .map((name) => readResults(path.join(folder, name)))
    .sort((a, b) => a.date.localeCompare(b.date));
  const last = all.findLast((each) => each.model === model) ?? all.at(-1);
  if (!last) return undefined;
  const judged = all.filter((each) => each.model === last.model).flatMap(({ cases }) => cases.filter(isJudged));
  return { ...last, cases: [...new Map(judged.map((one) => [keyOf(one), one])).values()] };
}

const keyOf = ({ kind, id }: Pick<CaseResult, 'kind' | 'id'>) => `${kind} ${id}`;

export interface Comparison {
  /** Points of the pass rate, by kind. */
  change: Partial<Record<Summary['kind'], number>>;
  fixed: string[];
  broken: string[];
}

/** Of the cases that were judged in both. */
export function compare(before: Results, after: Results): Comparison {
  const shared = after.cases.filter(isJudged).flatMap((now) => {
    const then = before.cases.find((each) => isJudged(each) && keyOf(each) === keyOf(now));
    return then ? [{ now, then }] : [];
  });
  const [rates, old] = [shared.map(({ now }) => now), shared.map(({ then }) => then)].map((cases) =>
    summarise({ cases }),
  );
  const change = (rates ?? []).flatMap(({ kind, passRate: now }) => {
    const then = old?.find((each) => each.kind === kind)?.passRate;
    return then == null || now === null ? [] : [[kind, Math.round((now - then) * 1_000) / 10]];
  });
  return {
    change: Object.fromEntries(change),
    fixed: shared.filter(({ then, now }) => !isPassed(then) && isPassed(now)).map(({ now }) => now.id),
    broken: shared.filter(({ then, now }) => isPassed(then) && !isPassed(now)).map(({ now }) => now.id),
  };
}

const percent = (share: number | null) => (share === null ? 'none judged' : `${Math.round(share * 1_000) / 10} %`);
const counted = (count: number | null) => count?.toLocaleString('en') ?? 'unknown';
const MINUTE_MS = 60_000;

export function tableOf(summaries: readonly Summary[]): string {
  const isRepeated = ({ attempts, notJudged, cases }: Summary) => attempts + notJudged > cases;
  const head = ['', 'cases', 'passed', 'passed each time', 'not judged', 'calls', 'failed', 'tokens in', 'tokens out'];
  const rows = summaries.map((each) => [
    ...[each.kind, String(each.cases), percent(each.passRate), isRepeated(each) ? percent(each.passAll) : ''],
    ...[each.notJudged, each.calls, each.failedCalls, each.inputTokens, each.outputTokens].map(counted),
    (each.ms / MINUTE_MS).toFixed(1),
  ]);
  const titles = [...head, 'minutes'];
  const widths = titles.map((title, n) => Math.max(title.length, ...rows.map((row) => row[n]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, n) => cell.padEnd(widths[n] ?? 0))
      .join('  ')
      .trimEnd();
  return [titles, ...rows].map(line).join('\n');
}
