import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import type { Attempted } from './run.ts';

export const KINDS = ['prompts', 'tasks', 'questions'] as const;
export type Kind = (typeof KINDS)[number];

const caseResult = z.object({
  kind: z.enum(KINDS),
  id: z.string(),
  /** Of each attempt. */
  passed: z.array(z.boolean()),
  calls: z.number(),
  failedCalls: z.number(),
  inputTokens: z.number(),
  outputTokens: z.number(),
  ms: z.number(),
  /** Of the last attempt that failed. */
  problems: z.array(z.string()),
});

const results = z.object({
  date: z.string(),
  provider: z.string(),
  model: z.string(),
  /** Of this program. */
  version: z.string(),
  /** Whether all the chosen cases are in it. */
  isComplete: z.boolean(),
  cases: z.array(caseResult),
});

export type CaseResult = z.output<typeof caseResult>;
export type Results = z.output<typeof results>;

export function caseOf(kind: Kind, id: string, attempts: readonly Attempted[]): CaseResult {
  const sum = (of: (attempt: Attempted) => number) => attempts.reduce((total, each) => total + of(each), 0);
  return {
    ...{ kind, id, passed: attempts.map(({ problems }) => problems.length === 0) },
    calls: sum(({ calls }) => calls),
    failedCalls: sum(({ failedCalls }) => failedCalls),
    inputTokens: sum(({ usage }) => usage.input),
    outputTokens: sum(({ usage }) => usage.output),
    ms: sum(({ ms }) => ms),
    problems: attempts.findLast(({ problems }) => problems.length > 0)?.problems ?? [],
  };
}

export interface Summary {
  kind: Kind;
  cases: number;
  attempts: number;
  /** The share of attempts that passed. */
  passRate: number;
  /** The share of cases of which every attempt passed. */
  passAll: number;
  calls: number;
  failedCalls: number;
  inputTokens: number;
  outputTokens: number;
  ms: number;
}

/** Kinds that were left out are not in it. */
export function summarise({ cases }: Results): Summary[] {
  return KINDS.map((kind) => ({ kind, some: cases.filter((each) => each.kind === kind) }))
    .filter(({ some }) => some.length > 0)
    .map(({ kind, some }) => {
      const sum = (of: (one: CaseResult) => number) => some.reduce((total, each) => total + of(each), 0);
      const attempts = sum(({ passed }) => passed.length);
      return {
        ...{ kind, cases: some.length, attempts },
        passRate: sum(({ passed }) => passed.filter(Boolean).length) / attempts,
        passAll: some.filter(isPassed).length / some.length,
        calls: sum(({ calls }) => calls),
        failedCalls: sum(({ failedCalls }) => failedCalls),
        inputTokens: sum(({ inputTokens }) => inputTokens),
        outputTokens: sum(({ outputTokens }) => outputTokens),
        ms: sum(({ ms }) => ms),
      };
    });
}

export const isPassed = ({ passed }: CaseResult) => passed.every(Boolean);

export function readResults(file: string): Results {
  return results.parse(JSON.parse(readFileSync(file, 'utf8')));
}

/** Of a folder: those of this model if there are any, otherwise of any. */
export function lastCommitted(folder: string, model?: string): Results | undefined {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const all = names
    .filter((name) => name.endsWith('.json'))
    .map((name) => readResults(path.join(folder, name)))
    .filter(({ isComplete }) => isComplete)
    .sort((a, b) => a.date.localeCompare(b.date));
  return all.findLast((each) => each.model === model) ?? all.at(-1);
}

export interface Comparison {
  /** Points of the pass rate, by kind. */
  change: Partial<Record<Kind, number>>;
  fixed: string[];
  broken: string[];
}

/** Of the cases that both have. */
export function compare(before: Results, after: Results): Comparison {
  const shared = after.cases.flatMap((now) => {
    const then = before.cases.find(({ kind, id }) => kind === now.kind && id === now.id);
    return then ? [{ now, then }] : [];
  });
  const rates = [
    summarise({ ...before, cases: shared.map(({ then }) => then) }),
    summarise({ ...after, cases: shared.map(({ now }) => now) }),
  ] as const;
  const rateOf = (n: 0 | 1, kind: Kind) => rates[n].find((each) => each.kind === kind)?.passRate;
  const change = KINDS.flatMap((kind) => {
    const [then, now] = [rateOf(0, kind), rateOf(1, kind)];
    return then === undefined || now === undefined ? [] : [[kind, Math.round((now - then) * 1_000) / 10]];
  });
  return {
    change: Object.fromEntries(change),
    fixed: shared.filter(({ then, now }) => !isPassed(then) && isPassed(now)).map(({ now }) => now.id),
    broken: shared.filter(({ then, now }) => isPassed(then) && !isPassed(now)).map(({ now }) => now.id),
  };
}

const percent = (share: number) => `${Math.round(share * 1_000) / 10} %`;
const MINUTE_MS = 60_000;

export function tableOf(summaries: readonly Summary[]): string {
  const head = ['', 'cases', 'passed', 'passed each time', 'calls', 'failed', 'tokens in', 'tokens out', 'minutes'];
  const rows = summaries.map((each) => [
    ...[each.kind, String(each.cases), percent(each.passRate), each.attempts > each.cases ? percent(each.passAll) : ''],
    ...[each.calls, each.failedCalls, each.inputTokens, each.outputTokens].map((count) => count.toLocaleString('en')),
    (each.ms / MINUTE_MS).toFixed(1),
  ]);
  const widths = head.map((title, n) => Math.max(title.length, ...rows.map((row) => row[n]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, n) => cell.padEnd(widths[n] ?? 0))
      .join('  ')
      .trimEnd();
  return [head, ...rows].map(line).join('\n');
}
