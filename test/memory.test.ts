import { expect, test, vi } from 'vitest';
import { createMemory } from '../src/memory.ts';

test('forgets what is too old, and the oldest where there is too much', () => {
  vi.useFakeTimers();
  try {
    const memory = createMemory<number>(1_000, 2);
    memory.set('a', 1);
    memory.set('b', 2);
    memory.set('c', 3);
    expect(['a', 'b', 'c'].map(memory.get)).toEqual([undefined, 2, 3]);

    vi.advanceTimersByTime(500);
    memory.set('b', 4);
    memory.delete('c');
    vi.advanceTimersByTime(600);
    expect(['b', 'c'].map(memory.get)).toEqual([4, undefined]);
  } finally {
    vi.useRealTimers();
  }
});
