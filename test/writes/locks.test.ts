import { expect, onTestFinished, test, vi } from 'vitest';
import { pause } from '../../src/signals.ts';
import { createMemoryState } from '../../src/state/memory.ts';
import { createLocks } from '../../src/writes/locks.ts';

const waiting = ({ signal }: AbortController) => ({
  signal,
  pause: (ms: number) => pause(ms, signal),
  waitBudget: (ms: number) => ms,
});
const never = waiting(new AbortController());

function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

test('works under one key go on one after the other, under another at the same time', async () => {
  const { inTurn } = createLocks(createMemoryState());
  const first = gate();
  const order: string[] = [];
  const work = (name: string, until?: Promise<void>) => async () => {
    order.push(`${name} begins`);
    await until;
    order.push(`${name} ends`);
  };

  const all = [
    inTurn('a', never, work('1', first.opened)),
    inTurn('a', never, work('2')),
    inTurn('a', never, work('3')),
  ];
  await inTurn('b', never, work('other'));
  expect(order).toEqual(['1 begins', 'other begins', 'other ends']);
  first.open();
  await Promise.all(all);

  expect(order.slice(3)).toEqual(['1 ends', '2 begins', '2 ends', '3 begins', '3 ends']);
});

test('a prolongation that is late does not take the lease again once the work is over', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const state = createMemoryState();
  const [work, late] = [gate(), gate()];
  let leases = 0;
  const { inTurn } = createLocks({
    ...state,
    async lease(...given) {
      leases += 1;
      if (leases > 1) await late.opened;
      return state.lease(...given);
    },
  });

  const done = inTurn('a', never, () => work.opened);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(leases).toBe(2);
  work.open();
  await done;
  late.open();
  await vi.advanceTimersByTimeAsync(0);

  expect(await state.lease('a', 'another', 1_000)).toBe(true);
});

test('whoever asks is told when nobody has a turn any more, released where replicas share it', async () => {
  const state = createMemoryState();
  const [work, released] = [gate(), gate()];
  const { inTurn, idle } = createLocks({
    ...state,
    async release(...given) {
      await released.opened;
      return state.release(...given);
    },
  });
  let isIdle = false;
  const done = inTurn('a', never, async (turn) => turn.outlast(work.opened));
  const told = idle().then(() => {
    isIdle = true;
  });

  await done;
  work.open();
  await new Promise((resolve) => setTimeout(resolve));
  expect(isIdle).toBe(false);
  released.open();
  await told;

  expect(await state.lease('a', 'another', 1_000)).toBe(true);
});

test('a work that fails lets the next one through', async () => {
  const { inTurn } = createLocks(createMemoryState());

  await expect(inTurn('a', never, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  await expect(inTurn('a', never, async () => 'next')).resolves.toBe('next');
});

test('who gives up waiting is out at once, and nobody passes those before him', async () => {
  const { inTurn } = createLocks(createMemoryState());
  const first = gate();
  const controller = new AbortController();
  let third = false;
  const one = inTurn('a', never, () => first.opened);
  const two = inTurn('a', waiting(controller), async () => expect.unreachable('it was given up'));
  const three = inTurn('a', never, async () => {
    third = true;
  });

  controller.abort(new Error('given up'));
  await expect(two).rejects.toThrow('given up');
  await expect(inTurn('a', waiting(controller), async () => {})).rejects.toThrow('given up');
  expect(third).toBe(false);
  first.open();
  await Promise.all([one, three]);

  expect(third).toBe(true);
});
