import { expect, onTestFinished, test, vi } from 'vitest';
import { createCounting } from '../../src/state/postgres/counting.ts';

/** A database that several replicas count in, and that answers when it is told to. */
function world() {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const asked: number[] = [];
  let total = 0;
  const replica = () =>
    createCounting(async (_, points) => {
      asked.push(points);
      total += points;
      return { points: total, msLeft: 60_000 };
    });
  return { replica, asked, total: () => total };
}

test('far from the limit, what comes at once is counted together and nobody waits', async () => {
  const { replica, asked, total } = world();
  const count = replica();
  await count('k', 1, 600);
  const counted = await Promise.all(Array.from({ length: 9 }, () => count('k', 1, 600)));
  expect(counted.map(({ points }) => points)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(asked).toEqual([1]);
  await vi.advanceTimersByTimeAsync(20);
  expect(asked).toEqual([1, 9]);
  expect(total()).toBe(10);
});

test.each<[why: string, limit: number, spent: number, ms: number]>([
  ['the limit is small', 99, 1, 0],
  ['a quarter of the limit is used up', 400, 100, 0],
  ['the last answer is a second old', 600, 1, 1_000],
])('each one waits for its count where %s', async (_, limit, spent, ms) => {
  const { replica, asked } = world();
  const count = replica();
  await count('k', spent, limit);
  await vi.advanceTimersByTimeAsync(ms);
  await count('k', 1, limit);
  expect(asked).toEqual([spent, 1]);
});

test('what another replica counted is known with the next answer', async () => {
  const { replica } = world();
  const [one, other] = [replica(), replica()];
  await one('k', 1, 600);
  await other('k', 200, 600);
  expect(await one('k', 1, 600)).toMatchObject({ points: 2 });
  await vi.advanceTimersByTimeAsync(20);
  expect(await one('k', 1, 600)).toMatchObject({ points: 203 });
});

test('four replicas that a caller floods let through no more than the limit', async () => {
  const { replica } = world();
  const replicas = Array.from({ length: 4 }, replica);
  const limit = 400;
  let passed = 0;
  for (let n = 0; n < 2_000; n += 1) {
    const { points = 0 } = (await replicas[n % 4]?.('k', 1, limit)) ?? {};
    if (points <= limit) passed += 1;
    if (n % 50 === 0) await vi.advanceTimersByTimeAsync(20);
  }
  expect(passed).toBeLessThanOrEqual(limit);
  expect(passed).toBeGreaterThan(limit - 10);
});

test('what is counted later is not lost, and a failure of it harms nobody', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  let fails = false;
  const asked: number[] = [];
  const count = createCounting(async (_, points) => {
    asked.push(points);
    if (fails) throw new Error('away');
    return { points, msLeft: 60_000 };
  });
  await count('k', 1, 600);
  fails = true;
  await count('k', 1, 600);
  await vi.advanceTimersByTimeAsync(20);
  expect(asked).toEqual([1, 1]);
});
