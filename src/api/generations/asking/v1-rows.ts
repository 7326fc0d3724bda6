import type * as z from 'zod';
import { untilAborted } from '../../../signals.ts';
import type { CallScope } from '../../client.ts';
import type { AskedRows, ClusterList, RowSchema } from '../port.ts';
import type { Absent } from '../regions.ts';
import type { V1 } from '../v1.ts';
import { isDown, reasonOf } from './absences.ts';
import { createTimeLimit } from './limit.ts';

/** Rows that one request asks for beyond the first page, and how many such requests there can be. */
export const WHOLE_PAGE = 1_000;
const MOST_PAGES = 50;
/** No call lasts longer. */
const LONGEST_MS = 600_000;

interface Page<Row> {
  items: Row[];
  hasMore: boolean;
  /** Why there are no more rows of v1, which is down: those of the regions are shown without them. */
  outage?: Absent;
}

export async function firstPage<Item extends RowSchema>(
  v1: V1,
  list: ClusterList,
  item: Item,
  asked: AskedRows,
  scope: CallScope,
): Promise<Page<z.output<Item>>> {
  const limit = createTimeLimit(scope, { longestMs: LONGEST_MS });
  try {
    return await untilAborted(v1.rows(list, item, asked), limit.signal);
  } catch (error) {
    return { items: [], hasMore: false, outage: outageOf(error) };
  } finally {
    limit.end();
  }
}

export async function everyPage<Item extends RowSchema>(
  v1: V1,
  list: ClusterList,
  item: Item,
  first: Page<z.output<Item>>,
): Promise<Page<z.output<Item>>> {
  const found = new Map(first.items.map((row) => [row.id, row]));
  let { hasMore, outage } = first;
  let received = first.items.length;
  for (let n = 0; hasMore && n < MOST_PAGES; n += 1) {
    try {
      const page = await v1.rows(list, item, { limit: WHOLE_PAGE, offset: received });
      const before = found.size;
      for (const row of page.items) found.set(row.id, row);
      received += page.items.length;
      hasMore = page.hasMore && found.size > before;
    } catch (error) {
      outage = outageOf(error);
      hasMore = false;
    }
  }
  return { items: [...found.values()], hasMore, outage };
}

/** Throws what is no outage, as refused credentials. */
function outageOf(error: unknown): Absent {
  if (!isDown(error)) throw error;
  return { reason: reasonOf(error), isBrief: true, error };
}
