import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { follow } from '../../src/app/reading/follow.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function following(reads: boolean[]) {
  const state = { isHidden: false, count: 0 };
  const stop = follow({
    isHidden: () => state.isHidden,
    async read() {
      return reads[state.count++] ?? true;
    },
  });
  return { state, stop };
}

test('reads every 5 seconds until there is no more to come', async () => {
  const { state } = following([true, true, false]);
  await vi.advanceTimersByTimeAsync(4_999);
  expect(state.count).toBe(0);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(state.count).toBe(3);
});

test('reads nothing while nobody looks, and goes on afterwards', async () => {
  const { state } = following([]);
  state.isHidden = true;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(state.count).toBe(0);
  state.isHidden = false;
  await vi.advanceTimersByTimeAsync(5_000);
  expect(state.count).toBe(1);
});

test('ends when it is told to, and after 30 minutes', async () => {
  const ended = following([]);
  await vi.advanceTimersByTimeAsync(10_000);
  ended.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(ended.state.count).toBe(2);

  const long = following([]);
  await vi.advanceTimersByTimeAsync(2 * 3_600_000);
  expect(long.state.count).toBe(360);
});

test('a read that fails is tried again', async () => {
  const read = vi.fn().mockRejectedValueOnce(new Error('no')).mockResolvedValueOnce(false);
  follow({ isHidden: () => false, read });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(read).toHaveBeenCalledTimes(2);
});
