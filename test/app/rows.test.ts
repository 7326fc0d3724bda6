import { expect, test } from 'vitest';
import { backupsIn, linesIn, spanOf, supportIn, usersIn } from '../../src/app/reading/rows.ts';

const at = (day: number) => `2026-11-${String(day).padStart(2, '0')}T00:00:00Z`;
const row = { id: 'one', isActive: true, earliestRecoveryTargetTime: at(10) };

test('a backup that is active reaches until the server looked, another until its end', () => {
  const ended = { id: 'two', isActive: false, earliestRecoveryTargetTime: at(10), end: at(15) };
  const { rows, now } = backupsIn({ backups: [row, ended], now: at(20) }, 0);
  expect(now).toBe(Date.parse(at(20)));
  expect(rows.map(({ from, to }) => [from, to])).toEqual([
    [Date.parse(at(10)), Date.parse(at(20))],
    [Date.parse(at(10)), Date.parse(at(15))],
  ]);
  expect(rows.map((each) => spanOf(each, rows, now))).toEqual([
    { start: 0, width: 100 },
    { start: 0, width: 50 },
  ]);
});

test('a backup without a first base backup has no span, and a short one can be seen', () => {
  const { rows, now } = backupsIn(
    {
      backups: [row, { id: 'two', isActive: true }, { ...row, id: 'three', earliestRecoveryTargetTime: at(20) }],
      now: at(20),
    },
    0,
  );
  expect(rows.map((each) => spanOf(each, rows, now))).toEqual([
    { start: 0, width: 100 },
    undefined,
    { start: 100, width: 0.5 },
  ]);
});

test('rows of another shape are left out', () => {
  expect(usersIn({ users: [null, 7, {}, { username: 'etl' }], nextOffset: 100 })).toEqual({
    rows: [{ name: 'etl', created: undefined }],
    hasMore: true,
    note: undefined,
  });
  expect(linesIn({ lines: 'none' }).rows).toEqual([]);
  expect(linesIn({ lines: [], more: 'Call again.' }).hasMore).toBe(true);
});

test('the end of support is by version', () => {
  const support = supportIn({ endOfCommunitySupport: { 15: '2027-11-11', 16: 'soon' } });
  expect([...support]).toEqual([['15', Date.parse('2027-11-11')]]);
});
