import * as z from 'zod';
import type { ApiClient } from '../api/client.ts';
import { visible } from '../text/visible.ts';

/** Bytes of JSON in an answer that stays under 20,000 tokens: IDs are the dearest text, at two bytes a token. */
export const MAX_BYTES = 40_000;

export const paging = {
  limit: z.number().int().min(1).max(1000).optional().describe('Rows; default 100'),
  offset: z.number().int().min(0).optional().describe('Rows to skip: nextOffset of the page before'),
};

const links = z.object({ next: z.string().optional() }).optional().catch(undefined);

/** A page as the API answers it. Its links are called `links` or `_links`, or are missing; no rows can be a null. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z
    .object({
      type: z.string().optional().catch(undefined),
      items: z.array(item).optional(),
      limit: z.number().optional().catch(undefined),
      links,
      _links: links,
    })
    .refine(({ type, items }) => items !== undefined || type === 'collection', { path: ['items'] });
}

interface Page<Item> {
  items?: Item[];
  limit?: number;
  links?: { next?: string };
  _links?: { next?: string };
}

/** As many rows as an answer can carry, at least one, and where the next page begins if there is more. */
export function rowsOf<Item, Row>(
  page: Page<Item>,
  asked: { limit: number; offset: number },
  toRow: (item: Item) => Row,
) {
  const { items = [] } = page;
  const rows: Row[] = [];
  let bytes = 0;
  for (const item of items) {
    const row = toRow(item);
    // With what hides in names spelled out, as it will be.
    bytes += Buffer.byteLength(visible(JSON.stringify(row))) + 1;
    if (bytes > MAX_BYTES && rows.length > 0) break;
    rows.push(row);
  }
  const more = rows.length < items.length || hasNext(page, asked.limit);
  return { rows, nextOffset: more ? asked.offset + rows.length : undefined };
}

interface Asked<Item extends z.ZodType, Row> {
  item: Item;
  toRow(item: z.output<Item>): Row;
  limit?: number;
  offset?: number;
  query?: Record<string, string | undefined>;
}

/** One page of a list, as rows. */
export async function readRows<Item extends z.ZodType, Row>(
  api: ApiClient,
  from: string,
  { item, toRow, limit = 100, offset = 0, query = {} }: Asked<Item, Row>,
) {
  const page = await api.get(from, { query: { ...query, limit, offset }, response: pageOf(item) });
  return rowsOf(page, { limit, offset }, toRow);
}

/** A short page is the last even if a link says otherwise; a full one is not, unless the links lack a next one. */
export function hasNext({ items = [], limit, links, _links }: Page<unknown>, asked: number): boolean {
  const { next } = links ?? _links ?? { next: 'unknown' };
  const full = items.length >= Math.min(asked, limit || asked);
  return full && items.length > 0 && next !== undefined;
}
