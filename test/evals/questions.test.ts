import { describe, expect, onTestFinished, test } from 'vitest';
import { answerIn, isSameAnswer } from '../../scripts/evals/answers.ts';
import { openSession } from '../../scripts/evals/session.ts';
import { differences } from '../../scripts/evals/state.ts';
import { listing } from '../../src/mcp/listing.ts';
import { questions } from './questions.ts';

const isRead = (name: string) =>
  listing.tools.find(({ listed }) => listed.name === name)?.listed.annotations.readOnlyHint === true;

test('there are ten questions, each with a name of its own, and answered by reading', () => {
  expect(new Set(questions.map(({ id }) => id)).size).toBe(10);
  expect(questions.flatMap(({ sources }) => sources).filter(({ tool }) => !isRead(tool))).toEqual([]);
});

test.each(questions)('the answer to $id follows from what the tools report', async ({ sources, derive, answer }) => {
  const session = await openSession();
  onTestFinished(session.close);
  const results: unknown[] = [];
  for (const { tool, arguments: args } of sources) {
    const { isError, text, content } = await session.call(tool, args);
    expect(isError, text).toBe(false);
    results.push(content);
  }

  expect(derive(results)).toBe(answer);
  expect(differences(session.before, await session.after())).toEqual([]);
});

describe('an answer', () => {
  test.each([
    ['Answer: legacy-crm', 'legacy-crm'],
    ['It costs a lot.\n\n**Answer:** `184.32 EUR`', '184.32'],
    ['answer: Billing,orders , sensors.', 'billing, orders, sensors'],
    ['Answer: 14:10 UTC', '14:10'],
    ['192', '192'],
    ['Answer: 192 GB', '192'],
    ['Answer: +184.32', '184.32'],
    ['Answer: PostgreSQL 15', '15'],
    ['Answer: 14:10 (UTC)', '14:10'],
    ['Answer: 14:10Z', '14:10'],
    ['Answer: sensors, billing and orders', 'billing, orders, sensors'],
    ['### Answer: 192', '192'],
    ['> _Answer:_ 192', '192'],
    ['Answer:\n192', '192'],
  ])('%j is %s', (given, wanted) => {
    expect(isSameAnswer(given, wanted)).toBe(true);
  });

  test.each([
    ['Answer: legacy-crm or orders', 'legacy-crm'],
    ['Answer: 16\nAnswer: 15', '16'],
    ['', '16'],
    ['Answer: 1920', '192'],
    ['Answer: billing, orders', 'billing, orders, sensors'],
    ['Answer: billing, orders, sensors, shop', 'billing, orders, sensors'],
    ['Answer: 192 or 96', '192'],
    ['Answer: 14:10 or 15:10', '14:10'],
    ['Answer: -192', '192'],
  ])('%j is not %s', (given, wanted) => {
    expect(isSameAnswer(given, wanted)).toBe(false);
  });

  const COST = 'By how many EUR per 30 days would it cost more? Answer with the number.';
  const MEMORY = 'How many GB of memory is it? Answer with the number.';
  const TIME = 'At what time, in UTC, was it? Answer as HH:MM.';
  const NAME = 'Which of our clusters is it? Answer with its name.';

  test.each([
    ['Answer: 184.32 EUR per 30 days', '184.32', COST],
    ['Answer: 192 GB', '192', MEMORY],
    ['Answer: one hundred', '192', NAME, false],
    ['Answer: PostgreSQL-16', '16', 'Which major version?'],
    ['Answer: four', '4', 'How many clusters?'],
    ['Answer: 4 clusters', '4', 'How many clusters?'],
    ['- **Answer:** 192', '192', MEMORY],
    ['Answer: 2:10 PM', '14:10', TIME],
    ['Answer: 14.10', '14:10', TIME],
    ['Answer: at 14:10 UTC', '14:10', TIME],
    ['Answer: legacy\u2011crm', 'legacy-crm', NAME],
    ['Answer: legacy-crm (PostgreSQL 14)', 'legacy-crm', NAME],
    ['Answer: The cluster legacy-crm', 'legacy-crm', NAME],
    ['Answer: the analytics data center', 'analytics', 'In which data center is it?'],
    ['Answer: billing; orders; sensors', 'billing, orders, sensors', NAME],
    ['Answer: billing, orders & sensors', 'billing, orders, sensors', NAME],
    ['Answer:\n- billing\n- orders\n- sensors\n\nThat is all.', 'billing, orders, sensors', NAME],
    ['Answer: \u2212184.32', '184.32', COST, false],
    ['Answer: \u2013184.32', '184.32', COST, false],
    ['Answer: 184.32 USD', '184.32', COST, false],
    ['Answer: 184.32 EUR per 31 days', '184.32', COST, false],
    ['Answer: 192 MB', '192', MEMORY, false],
    ['Answer: not 192', '192', MEMORY, false],
    ['Answer: more than 192', '192', MEMORY, false],
    ['Answer: about 192 GB', '192', MEMORY, false],
    ['Answer: 14:10 Berlin time', '14:10', TIME, false],
    ['Answer: 14:10 CET', '14:10', TIME, false],
    ['Answer: not 14:10', '14:10', TIME, false],
    ['Answer: 2:10 AM', '14:10', TIME, false],
    ['Answer: 14:10:30 or so', '14:10', TIME, false],
    ['Answer: orders (not legacy-crm)', 'legacy-crm', NAME, false],
    ['Answer: not legacy-crm', 'legacy-crm', NAME, false],
  ])('%j is, or is not, %s for "%s"', (given, wanted, question, isRight = true) => {
    expect(isSameAnswer(given, wanted, question)).toBe(isRight);
  });

  test('is what stands in the last line that is marked', () => {
    expect(answerIn('Answer: 1\nNo, wait.\nAnswer: 2\nThanks.')).toBe('2');
  });
});
