import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  caseOf,
  compare,
  type Kind,
  lastCommitted,
  type Results,
  summarise,
  tableOf,
} from '../../scripts/evals/results.ts';
import type { Attempted } from '../../scripts/evals/run.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const attempt = (isPassed: boolean): Attempted => ({
  ...{ isJudged: true, problems: isPassed ? [] : ['wrong'], messages: [] },
  ...{ calls: 3, failedCalls: 1, usage: { input: 100, output: 10 }, ms: 30_000 },
});
const NOT_JUDGED: Attempted = {
  ...{ isJudged: false, problems: ['not judged'], messages: [] },
  ...{ calls: 0, failedCalls: 0, usage: { input: 0, output: 0 }, ms: 0 },
};
const cased = (kind: Kind, id: string, ...passed: boolean[]) => caseOf(kind, id, passed.map(attempt));
const results = (...cases: Results['cases']): Results => ({
  ...{ date: '2026-11-01T00:00:00.000Z', provider: 'openai', model: 'one', version: '0.1.0', isComplete: true, cases },
});

describe('the results', () => {
  const some = results(
    cased('tasks', 'a', true, true),
    cased('tasks', 'b', true, false),
    cased('prompts', 'c', false, false),
  );

  test('tell for each kind how many attempts passed, how many cases did each time, and what it cost', () => {
    expect(summarise(some)).toEqual([
      expect.objectContaining({ kind: 'prompts', cases: 1, attempts: 2, passRate: 0, passAll: 0 }),
      {
        ...{ kind: 'tasks', cases: 2, attempts: 4, passRate: 0.75, passAll: 0.5 },
        ...{ calls: 12, failedCalls: 4, inputTokens: 400, outputTokens: 40, ms: 120_000, notJudged: 0 },
      },
      expect.objectContaining({ kind: 'all', cases: 3, attempts: 6, passRate: 0.5, inputTokens: 600 }),
    ]);
  });

  test('leave out of the rates what was not judged, and count it', () => {
    const half = caseOf('tasks', 'a', [attempt(true), NOT_JUDGED]);
    const none = caseOf('tasks', 'b', [NOT_JUDGED, NOT_JUDGED]);

    expect(half).toMatchObject({ passed: [true], notJudged: 1, problems: ['not judged'] });
    expect(summarise(results(half, none))).toMatchObject([
      { cases: 2, attempts: 1, notJudged: 3, passRate: 1, passAll: 1 },
    ]);
    expect(summarise(results(none))).toMatchObject([{ passRate: null, passAll: null }]);
    expect(tableOf(summarise(results(none)))).toContain('none judged');
  });

  test('do not make up tokens that no provider told', () => {
    const untold = caseOf('tasks', 'a', [attempt(true), { ...attempt(true), usage: undefined }]);

    expect(untold).toMatchObject({ inputTokens: null, outputTokens: null });
    expect(tableOf(summarise(results(untold)))).toMatch(/ unknown +unknown /);
  });

  test('are printed as a table', () => {
    const [head, , tasks] = tableOf(summarise(some)).split('\n');

    expect(head).toMatch(/cases +passed +passed each time +not judged +calls +failed +tokens in +tokens out +minutes/);
    expect(tasks).toMatch(/^tasks +2 +75 % +50 % +0 +12 +4 +400 +40 +2\.0$/);
  });

  test('keep the problems of the last attempt that failed', () => {
    expect(cased('tasks', 'b', true, false, true).problems).toEqual(['wrong']);
    expect(cased('tasks', 'a', true).problems).toEqual([]);
  });
});

describe('a comparison', () => {
  test('is of the cases that both have', () => {
    const before = results(cased('tasks', 'a', true), cased('tasks', 'b', false), cased('tasks', 'old', false));
    const after = results(
      ...[cased('tasks', 'a', false), cased('tasks', 'b', true), cased('tasks', 'new', true)],
      cased('questions', 'q', true),
    );

    expect(compare(before, after)).toEqual({ change: { tasks: 0 }, fixed: ['b'], broken: ['a'] });
  });

  test('says nothing of a case that was not judged', () => {
    const judged = results(cased('tasks', 'a', true));
    const other = results(caseOf('tasks', 'a', [NOT_JUDGED]));

    expect(compare(judged, other)).toEqual({ change: {}, fixed: [], broken: [] });
    expect(compare(other, judged)).toEqual({ change: {}, fixed: [], broken: [] });
  });

  test('is with the last result of the model, or else with the last one', () => {
    const folder = temporaryFolder('results');
    const dates = { old: '2026-01-01', new: '2026-02-01', other: '2026-03-01' };
    for (const [name, date] of Object.entries(dates)) {
      const one = { ...results(cased('tasks', name, true)), date, model: name === 'other' ? 'two' : 'one' };
      writeFileSync(path.join(folder, `${name}.json`), JSON.stringify(one));
    }

    expect(lastCommitted(folder, 'one')?.date).toBe(dates.new);
    expect(lastCommitted(folder, 'three')?.date).toBe(dates.other);
    expect(lastCommitted(path.join(folder, 'none'), 'one')).toBeUndefined();
  });

  test('is with the latest result of each case, so that a run of some hides no other', () => {
    const folder = temporaryFolder('results');
    const whole = results(cased('tasks', 'a', true), cased('tasks', 'b', true), cased('tasks', 'c', true));
    const some = results(cased('tasks', 'b', false), caseOf('tasks', 'c', [NOT_JUDGED]));
    writeFileSync(path.join(folder, 'whole.json'), JSON.stringify({ ...whole, date: '2026-01-01' }));
    writeFileSync(path.join(folder, 'some.json'), JSON.stringify({ ...some, date: '2026-02-01', isComplete: false }));

    expect(lastCommitted(folder, 'one')?.cases.map(({ id, passed }) => [id, passed])).toEqual([
      ['a', [true]],
      ['b', [false]],
      ['c', [true]],
    ]);
  });

  test.each(['{"a": 1}', '[', ''])('with a file that holds %j instead names it', (text) => {
    const folder = temporaryFolder('results');
    writeFileSync(path.join(folder, 'odd.json'), text);

    expect(() => lastCommitted(folder)).toThrow(/odd\.json has no results of evaluations: .{2,80}$/);
  });
});
