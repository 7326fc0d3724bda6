import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readUnit } from '../../../src/prices/meters/units.ts';

const plain = (text: string) => JSON.parse(JSON.stringify(readUnit(text) ?? null));

test.each([
  ['1hour', { hours: '1' }],
  ['1 hour', { hours: '1' }],
  ['hour', { hours: '1' }],
  ['1h', { hours: '1' }],
  ['30Days', { hours: '720' }],
  ['1 month', { hours: '720' }],
  ['1Day', { hours: '24' }],
  ['1 Stunde', { hours: '1' }],
  ['30 Tage', { hours: '720' }],
  ['0.5hour', { hours: '0.5' }],
  ['1G*30Days', { hours: '720', gigabytes: '1' }],
  ['1G*1hour', { hours: '1', gigabytes: '1' }],
  ['1G * 1 hour', { hours: '1', gigabytes: '1' }],
  ['1 GB * 30 days', { hours: '720', gigabytes: '1' }],
  ['1hour*1GiB', { hours: '1', gigabytes: '1' }],
  ['10GB*1Month', { hours: '720', gigabytes: '10' }],
  ['1TB*30Days', { hours: '720', gigabytes: '1024' }],
  ['1Core*1hour', { hours: '1', count: '1' }],
  ['2vCPU*30Days', { hours: '720', count: '2' }],
])('%s is read', (text, measure) => {
  expect(plain(text)).toEqual(measure);
});

test.each([
  '',
  '1',
  '1G',
  '1Core',
  '1year',
  '1MB*1hour',
  '1Gbit*1hour',
  '1hour*1hour',
  '1G*1G*1hour',
  '1G*1Core*1hour',
  '0hour',
  '1G*0Days',
  '-1hour',
  '1,5hour',
  '1..5hour',
  'hour per core',
  'G/h',
  '1hour*',
  '*',
  '1M requests',
  '1G*30Days*'.repeat(20),
])('%j is foreign', (text) => {
  expect(readUnit(text)).toBeUndefined();
});

test('a month is 30 days of 24 hours, however it is written', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5_000 }), (n) => {
      const hours = (text: string) => plain(text).hours;
      expect(hours(`${n}Days`)).toBe(hours(`${24 * n}hour`));
      expect(hours(`${n}month`)).toBe(hours(`${30 * n}Days`));
      expect(plain(`${n}TB*1hour`)).toEqual(plain(`${1024 * n}GB*1hour`));
    }),
  );
});

test('whatever it is, reading it neither fails nor gives nothing at no time', () => {
  const parts = fc.constantFrom('1', '30', '0', 'G', 'GB', 'hour', 'Days', 'Core', '*', ' ', '.', 'x');
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(parts).map((some) => some.join('')),
      ),
      (text) => {
        const measure = readUnit(text);
        if (measure)
          expect([measure.hours, measure.gigabytes, measure.count].every((each) => each?.sign !== 0)).toBe(true);
      },
    ),
  );
});
