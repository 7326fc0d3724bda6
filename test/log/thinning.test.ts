import { expect, onTestFinished, test, vi } from 'vitest';
import { createThinner } from '../../src/log/thinning.ts';

test('so many of a kind get through in a minute, and the next says how many did not', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const admit = createThinner(2);

  expect([1, 2, 3, 4].map(() => admit('one'))).toEqual([{}, {}, undefined, undefined]);
  expect(admit('another')).toEqual({});
  vi.advanceTimersByTime(60_000);
  expect([1, 2, 3].map(() => admit('one'))).toEqual([{ omitted: 2 }, {}, undefined]);
});

test('kinds that a caller can invent take a bounded room', () => {
  const admit = createThinner(1);

  for (let n = 0; n < 1_000; n += 1) admit(`kind ${n}`);
  expect(admit('kind 0')).toBeUndefined();
  admit('one more');

  expect(admit('kind 0')).toEqual({});
  expect(admit('one more')).toBeUndefined();
});
