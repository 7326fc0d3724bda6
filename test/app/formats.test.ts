import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFormats, nextWindow } from '../../src/app/reading/formats.ts';

const berlin = createFormats({ locale: 'en-GB', timeZone: 'Europe/Berlin' });
const WEDNESDAY = Date.parse('2026-11-25T12:00:00Z');

describe('the maintenance window', () => {
  test('is the next one, in UTC', () => {
    const at = (time: string, day: string) => new Date(nextWindow({ time, day }, WEDNESDAY) ?? 0).toISOString();
    expect(at('02:30:00 UTC', 'Sunday')).toBe('2026-11-29T02:30:00.000Z');
    expect(at('11:59', 'Wednesday')).toBe('2026-12-02T11:59:00.000Z');
    expect(at('12:00:00Z', 'Wednesday')).toBe('2026-11-25T12:00:00.000Z');
  });

  test("is told in the person's time zone and in UTC, also where the day differs", () => {
    // Releases of ICU differ in the sign between day and time.
    expect(berlin.weekly({ time: '23:30:00 UTC', day: 'Sunday' }, WEDNESDAY)).toMatch(
      /^Monday\W.*00:30 CET \(Sunday\W.*23:30 UTC\)$/,
    );
    const utc = createFormats({ locale: 'en-GB', timeZone: 'UTC' });
    expect(utc.weekly({ time: '23:30:00 UTC', day: 'Sunday' }, WEDNESDAY)).toMatch(/^Sunday\W[^(]*23:30 UTC$/);
  });

  test.each([
    ['soon', 'Sunday'],
    ['25:00', 'Sunday'],
    ['02:30', 'Someday'],
  ])('of other words, %s and %s, is shown as it is', (time, day) => {
    expect(berlin.weekly({ time, day }, WEDNESDAY)).toBe(`${day}, ${time}`);
  });
});

describe('money', () => {
  test.each([
    ['en-GB', '1551.96', 'EUR', '€1,551.96'],
    ['en-GB', '+1034.64', 'EUR', '+€1,034.64'],
    ['en-GB', '-5', 'EUR', '-€5.00'],
    ['de-DE', '1551.96', 'EUR', '1.551,96\u{A0}€'],
    ['en-GB', '7.5', 'not a currency', '7.5 not a currency'],
    ['en-GB', 'much', 'EUR', 'much EUR'],
    ['en-GB', '7', undefined, '7'],
  ])('in %s, %s %s is %s', (locale, amount, currency, words) => {
    expect(createFormats({ locale }).money(amount, currency)).toBe(words);
  });
});

test('a language or a time zone that the browser does not know is left out', () => {
  const { number, dateTime } = createFormats({ locale: 'no such language', timeZone: 'Moon/Crater' });
  expect(number(1)).toBe('1');
  expect(dateTime(0)).toMatch(/1970/);
});

test('sizes are in GB of 1024 MB, as IONOS bills them', () => {
  expect([512, 4096, 512_000].map(berlin.size)).toEqual(['0.5\u{A0}GB', '4\u{A0}GB', '500\u{A0}GB']);
});

test('no text of a result breaks a format', () => {
  const all = fc.property(fc.string(), fc.string(), (one, other) => {
    const { money, weekly } = createFormats({ locale: one, timeZone: other });
    expect([money(one, other), weekly({ time: one, day: other }, WEDNESDAY)]).toEqual([
      expect.any(String),
      expect.any(String),
    ]);
  });
  fc.assert(all, { numRuns: 50 });
});
