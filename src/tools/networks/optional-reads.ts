import { ApiError, NoAnswerError, RefusedError } from '../../errors.ts';
import type { Context } from '../tool.ts';

/** Whether these credentials may not read it, or the API gives no usable answer. */
export const isUnreadable = (error: unknown) =>
  [ApiError, NoAnswerError, RefusedError].some((kind) => error instanceof kind);

export type ReadOptional = <T>(read: () => Promise<T>) => Promise<T | undefined>;

/** For what an answer can do without: undefined where it is not readable, or not before all of them have had `ms`. */
export function optionalReads({ signal, orUndefinedAfter }: Context, ms: number): ReadOptional {
  let isOver = false;
  const over = orUndefinedAfter(ms, new Promise<never>(() => {})).then(() => {
    isOver = true;
    return undefined;
  });
  over.catch(() => {});
  return async (read) => {
    if (isOver) return undefined;
    try {
      return await Promise.race([read(), over]);
    } catch (error) {
      if (signal.aborted || !isUnreadable(error)) throw error;
      return undefined;
    }
  };
}

/** As many requests of one call as are under way at the same time. */
const AT_ONCE = 6;

/** Begins one piece of work as another ends. */
export async function inTurn<Item>(items: Iterable<Item>, work: (item: Item) => Promise<void>): Promise<void> {
  const waiting = [...items].values();
  const worker = async () => {
    for (const item of waiting) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
