import * as z from 'zod';
import type { ApiClient } from '../api/client.ts';
import { hasNext, pageOf } from '../api/pages.ts';
import { visible } from '../text/visible.ts';

/** Keeps an answer under 20,000 tokens: IDs are the costliest text, at two bytes per token. */
export const MAX_BYTES = 40_000;

export const paging = {
  limit: z.number().int().min(1).max(1000).optional().describe('Most rows; default 100'),
  offset: z.number().int().min(0).optional().describe('Rows to skip, from nextOffset'),
};

export function rowsOf<Item, Row>(
  { items, hasMore }: { items: readonly Item[]; hasMore: boolean },
  offset: number,
  toRow: (item: Item) => Row,
  maxBytes = MAX_BYTES,
) {
  const rows: Row[] = [];
  let bytes = 0;
  for (const item of items) {
    const row = toRow(item);
    // Counts invisible characters in their escaped form.
    bytes += Buffer.byteLength(visible(JSON.stringify(row))) + 1;
    if (bytes > maxBytes && rows.length > 0) break;
    rows.push(row);
  }
  const more = rows.length < items.length || hasMore;
  return { rows, nextOffset: more ? offset + rows.length : undefined };
}

/** Keeps a page beyond the end from looking like an empty list. */
export const pastEnd = (what: string, { length }: readonly unknown[], offset = 0) =>
  length === 0 && offset > 0 ? `No more ${what} from offset ${offset} on.` : undefined;

interface Asked<Item extends z.ZodType, Row> {
  item: Item;
  toRow(item: z.output<Item>): Row;
  limit?: number;
  offset?: number;
  query?: Record<string, string | undefined>;
}

export async function readRows<Item extends z.ZodType, Row>(
  api: ApiClient,
  from: string,
  { item, toRow, limit = 100, offset = 0, query = {} }: Asked<Item, Row>,
) {
  const page = await api.get(from, { query: { ...query, limit, offset }, response: pageOf(item) });
  return rowsOf({ items: page.items ?? [], hasMore: hasNext(page, limit) }, offset, toRow);
}
