import { getEventListeners } from 'node:events';
import { describe, expect, test, vi } from 'vitest';
import { aborted, onAbort, pause, untilAborted, within } from '../src/signals.ts';

const REASON = new Error('the call is over');
const never = new Promise<never>(() => {});
const listenersOf = (signal: AbortSignal) => getEventListeners(signal, 'abort').length;
const whichHasAborted = () => AbortSignal.abort(REASON);

test('a signal that aborts is noticed, and so is one that has aborted before anybody asked', async () => {
  const controller = new AbortController();
  const before = aborted(controller.signal);

  controller.abort();

  await expect(before).resolves.toBeUndefined();
  await expect(aborted(controller.signal)).resolves.toBeUndefined();
});

test('a listener is called once, at once where the signal has aborted, and not after it was taken off', () => {
  const controller = new AbortController();
  const [early, off, late] = [vi.fn(), vi.fn(), vi.fn()];
  onAbort(controller.signal, early);
  onAbort(controller.signal, off)();

  controller.abort();
  onAbort(controller.signal, late);

  expect([early, off, late].map(({ mock }) => mock.calls.length)).toEqual([1, 0, 1]);
});

describe.each([
  ['a pause', (signal: AbortSignal, ms = 60_000) => pause(ms, signal), undefined],
  ['work that does not hear of it', (signal: AbortSignal, ms?: number) => untilAborted(workOf(ms), signal), 'done'],
  ['work with a time limit', (signal: AbortSignal, ms?: number) => within(60_000, workOf(ms), signal), 'done'],
])('%s', (_, begin, outcome) => {
  test('ends with the reason of the signal, also of one that has aborted', async () => {
    const controller = new AbortController();
    const under = begin(controller.signal);

    controller.abort(REASON);

    await expect(under).rejects.toBe(REASON);
    await expect(begin(whichHasAborted())).rejects.toBe(REASON);
  });

  test('leaves no listener behind', async () => {
    const { signal } = new AbortController();

    await expect(begin(signal, 1)).resolves.toBe(outcome);

    expect(listenersOf(signal)).toBe(0);
  });
});

const workOf = (ms?: number): Promise<string> => (ms === undefined ? never : Promise.resolve('done'));

describe('work with a time limit', () => {
  test('is undefined once that is over, and what it rejects with otherwise', async () => {
    await expect(within(1, never)).resolves.toBeUndefined();
    await expect(within(60_000, Promise.reject(REASON))).rejects.toBe(REASON);
  });

  test('keeps no timer that would hold up the end of the process', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      await within(60_000, Promise.resolve());
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});
