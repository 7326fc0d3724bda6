import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ANALYTICS } from '../../helpers/backups.ts';
import { connect } from '../../helpers/connect.ts';
import { type LogLine, logApi, type Shown, walk } from '../../helpers/logs.ts';

const directions = ['BACKWARD', 'FORWARD'] as const;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** The messages of all pages, each once, in the order in which they came. */
const seenIn = (pages: Shown[]) => [...new Set(pages.flatMap(({ lines }) => lines.map(({ message }) => message)))];
const timesIn = (pages: Shown[]) => pages.flatMap(({ lines }) => lines.map(({ time }) => Date.parse(time)));

/** These lines, each with a message of its own. */
const numbered = (lines: Omit<LogLine, 'message'>[], text = ''): LogLine[] =>
  lines.map((line, n) => ({ ...line, message: `line ${n}${text}` }));

const messages = (lines: LogLine[]) => lines.map(({ message }) => message).sort();

describe.each(directions)('page after page %s', (direction) => {
  test.each([false, true])(
    'shows every line, however they fall together (limit per instance: %s)',
    async (limitIsPerInstance) => {
      const moments = fc.array(
        fc.record({ ms: fc.integer({ min: 0, max: 12 }), instance: fc.constantFrom('1', '2', '3') }),
        {
          maxLength: 60,
        },
      );
      await fc.assert(
        fc.asyncProperty(moments, fc.integer({ min: 1, max: 20 }), async (moments, more) => {
          const base = Date.now() - DAY;
          const lines = numbered(moments.map(({ ms, instance }) => ({ at: base + ms, instance })));
          const together = Math.max(0, ...lines.map(({ at }) => lines.filter((other) => other.at === at).length));
          const world = await connect({ fetch: logApi(lines, { limitIsPerInstance }) });

          const pages = await walk(world, { direction, limit: together + more });

          expect(seenIn(pages).sort()).toEqual(messages(lines));
          for (const { lines } of pages) {
            const times = lines.map(({ time }) => Date.parse(time));
            const order = times.toSorted((one, other) => (direction === 'FORWARD' ? one - other : other - one));
            expect(times).toEqual(order);
          }
        }),
        { numRuns: 150 },
      );
    },
  );

  test.each([false, true])(
    'comes past a millisecond with more lines than fit, and says so (limit per instance: %s)',
    async (limitIsPerInstance) => {
      const base = Date.now() - DAY;
      const crowd = Array.from({ length: 250 }, (_, n) => ({ at: base + 10, instance: String(n % 2) }));
      const around = Array.from({ length: 20 }, (_, n) => ({ at: base + n, instance: '1' }));
      const lines = numbered([...crowd, ...around]);
      const world = await connect({ fetch: logApi(lines, { limitIsPerInstance }) });

      const pages = await walk(world, { direction, limit: 10 });

      expect(seenIn(pages)).toEqual(expect.arrayContaining(messages(lines.slice(250)).filter((m) => m !== 'line 260')));
      expect(new Set(timesIn(pages)).size).toBe(20);
      expect(pages.map(({ more }) => more).join()).toMatch(
        /Other lines of this millisecond need a larger limit or a filter/,
      );

      const large = await walk(world, { direction, limit: 300 });
      expect(seenIn(large).sort()).toEqual(messages(lines));
    },
  );

  test.each([false, true])(
    'of what a filter wants comes to an end, past a crowd without any of it (limit per instance: %s)',
    async (limitIsPerInstance) => {
      const base = Date.now() - DAY;
      const crowd = Array.from({ length: 4_500 }, () => ({ at: base + 10, instance: '1', message: 'noise' }));
      const wanted = numbered(
        Array.from({ length: 20 }, (_, n) => ({ at: base + n, instance: '2' })).filter(({ at }) => at !== base + 10),
        ' wanted',
      );
      const world = await connect({ fetch: logApi([...crowd, ...wanted], { limitIsPerInstance }) });

      const pages = await walk(world, { direction, contains: 'wanted', limit: 5 });

      expect(seenIn(pages).sort()).toEqual(messages(wanted));
    },
  );

  test('of what a filter wants leaves none out that shares its millisecond with the last line of a page', async () => {
    const base = Date.now() - DAY;
    // 2,000 lines are looked through at once: the border falls between two lines of one millisecond, both wanted.
    const noise = (from: number) =>
      Array.from({ length: 1_999 }, (_, n) => ({ at: base + from + n, instance: '1', message: 'noise' }));
    const border = numbered(
      Array.from({ length: 2 }, () => ({ at: base + 5_000, instance: '1' })),
      ' wanted',
    );
    const world = await connect({ fetch: logApi([...noise(0), ...border, ...noise(5_001)]) });

    const pages = await walk(world, { direction, contains: 'wanted' });

    expect(seenIn(pages).sort()).toEqual(messages(border));
  });

  test('of what a filter wants leaves none out where one instance logs much and another little', async () => {
    const base = Date.now() - DAY;
    const much = Array.from({ length: 5_000 }, (_, n) => ({ at: base + n, instance: '1' }));
    const little = Array.from({ length: 11 }, (_, n) => ({ at: base + n * 500, instance: '2' }));
    const lines = [...much, ...little].map((line, n) => ({ ...line, message: `line ${n}${n % 97 ? '' : ' wanted'}` }));
    const world = await connect({ fetch: logApi(lines, { limitIsPerInstance: true }) });

    const pages = await walk(world, { direction, contains: 'wanted' });

    expect(seenIn(pages).sort()).toEqual(messages(lines.filter(({ message }) => message.endsWith('wanted'))));
  });

  test('goes on where an answer was cut because it was large', async () => {
    const base = Date.now() - DAY;
    const lines = numbered(
      Array.from({ length: 120 }, (_, n) => ({ at: base + n * 1000, instance: '1' })),
      ` ${'x'.repeat(1_500)}`,
    );
    const world = await connect({ fetch: logApi(lines) });

    const pages = await walk(world, { direction, limit: 5_000 });

    expect(pages.length).toBeGreaterThan(3);
    expect(seenIn(pages).sort()).toEqual(messages(lines));
  });

  test('gives the same as all at once, on the sandbox', async () => {
    const world = await connect();
    const [whole, ...rest] = await walk(world, { clusterId: ANALYTICS, start: '-8d', direction, limit: 200 });
    expect(rest).toEqual([]);

    const pages = await walk(world, { clusterId: ANALYTICS, start: '-8d', direction, limit: 20 });

    expect(pages.length).toBeGreaterThan(5);
    expect(seenIn(pages).sort()).toEqual(seenIn(whole ? [whole] : []).sort());
  });
});
