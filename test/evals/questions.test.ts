import { describe, expect, onTestFinished, test } from 'vitest';
import { answerIn, isSameAnswer } from '../../scripts/evals/answers.ts';
import { questions } from '../../scripts/evals/cases/questions.ts';
import { openSession } from '../../scripts/evals/session.ts';
import { differences } from '../../scripts/evals/state.ts';
import { listing } from '../../src/mcp/listing.ts';

const isRead = (name: string) =>
  listing.tools.find(({ listed }) => listed.name === name)?.listed.annotations.readOnlyHint === true;

const named = (id: string) => questions.find((each) => each.id === id) ?? expect.fail(id);

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

const COST = named('cost-of-memory');
const MEMORY = named('synchronous-memory');
const TIME = named('time-of-the-drop');
const NAME = named('support-ends-first');
const PLACE = named('place-of-the-third-most-expensive');
const VERSION = named('backup-without-cluster');
const LAN = named('same-lan');
const ROOM = named('room-in-the-quota');

describe('an answer', () => {
  test.each([
    [NAME, ['legacy-crm', 'Legacy-CRM.', 'legacy-crm!', 'legacy\u2011crm', 'The cluster legacy-crm', '**legacy-crm**']],
    [NAME, ['legacy-crm (PostgreSQL 14)', '"legacy-crm"', 'It is legacy-crm', 'the cluster named `legacy-crm`']],
    [
      COST,
      [
        '184.32',
        '+184.32',
        '184.32 EUR',
        '184.32 €',
        'EUR 184.32',
        '€184.32',
        '184.32€',
        '184.32 EUR per 30 days',
        '184.32 EUR more',
      ],
    ],
    [MEMORY, ['192', '192 GB', '192GB', '192 GiB', '192 GB of memory']],
    [VERSION, ['15', 'PostgreSQL 15', 'PostgreSQL-15', 'version 15', 'major version 15 of PostgreSQL']],
    [ROOM, ['4', 'four', '4 clusters', '4 more clusters', 'four more']],
    [
      TIME,
      [
        '14:10',
        '14:10 UTC',
        '14:10 (UTC)',
        '14:10Z',
        '14.10',
        '2:10 PM',
        '2:10pm UTC',
        '02:10 PM UTC',
        '2026-10-26 14:10 UTC',
        '14:10:00',
        'at 14:10 UTC',
      ],
    ],
    [TIME, ['2026-10-26T14:10:00Z', '2026-10-26T15:10:07+01:00', '14:10 GMT']],
    [PLACE, ['analytics', 'analytics datacenter', 'the analytics data center', 'The data center is analytics']],
    [
      LAN,
      [
        'billing, orders, sensors',
        'sensors, billing and orders',
        'billing; orders; sensors',
        'Billing,orders , sensors.',
      ],
    ],
    [LAN, ['billing, orders & sensors', '[billing, orders, sensors]', 'billing, orders, and sensors']],
  ])('to "$text" can be written in many ways', (question, all) => {
    for (const given of all) expect(isSameAnswer(`Answer: ${given}`, question), given).toBe(true);
  });

  test.each([
    [
      NAME,
      ['orders', 'legacy-crm or orders', 'legacy-crm (or orders)', 'legacy-crm (wrong)', 'not legacy-crm', 'legacy'],
    ],
    [NAME, ['orders (not legacy-crm)', 'probably legacy-crm', 'legacy-crm?', '']],
    [
      COST,
      [
        'twice 184.32',
        '184.3',
        '-184.32',
        '\u2212184.32',
        '184.32 USD',
        '$184.32',
        '184.32 CHF',
        '184.32 per day',
        '184.32 or 30',
      ],
    ],
    [COST, ['184.32 EUR per 31 days', 'about 184.32', '~184.32', '184.32 or so', 'minus 184.32', '30']],
    [
      MEMORY,
      ['1920', '192 MB', '192 PB', '192 million', '192k', '192 GB per instance', 'not 192', 'never 192', '192 or 96'],
    ],
    [
      MEMORY,
      ['> 192', '>192', '<192', '≥192', '192+', 'maximum 192', 'more than 192', 'up to 192', 'approximately 192'],
    ],
    [VERSION, ['16', '15 or newer', 'unknown, perhaps 15', "it isn't 15", '14 or 15', '15.1']],
    [ROOM, ['5', 'more than 4', 'at least 4', 'up to 4', 'four or five', '4 to 5']],
    [
      TIME,
      ['14:11', '2:10 AM', '14:10 CET', '14:10 Berlin time', '14:10 UTC+2', '14:10 (UTC+1)', '14:10 JST', '15:10'],
    ],
    [
      TIME,
      ['before 14:10', '14:10 or 15:10', 'not 14:10', '14:10 our time', '2026-10-26T14:10:00+01:00', '14:10:30 or so'],
    ],
    [
      LAN,
      [
        'billing, orders',
        'billing, orders, sensors, shop',
        'billing, orders, sensors (and shop)',
        'billing orders sensors',
      ],
    ],
  ])('to "$text" is another one', (question, all) => {
    for (const given of all) expect(isSameAnswer(`Answer: ${given}`, question), given).toBe(false);
  });

  test.each([
    ['Answer: 1\nNo, wait.\nAnswer: 2\nThanks.', '2'],
    ['It costs a lot.\n\n**Answer:** `184.32 EUR`', '184.32 EUR'],
    ['### Answer: 192', '192'],
    ['**Final answer: 192**', '192'],
    ['The answer is: 192', '192'],
    ['> _Answer:_ 192', '192'],
    ['- **Answer:** 192', '192'],
    ['Answer:\n192', '192'],
    ['Answer:\n- billing\n- orders\n\nThat is all.', 'billing, orders'],
    ['Answer:\n* billing\n* orders', 'billing, orders'],
    ['Answer:\n1. billing\n2. orders', 'billing, orders'],
    ['Answer: > 4', '> 4'],
    ['192', '192'],
  ])('in %j is %s', (text, answer) => {
    expect(answerIn(text)).toBe(answer);
  });
});
