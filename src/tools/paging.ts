import * as z from 'zod';
import type { ApiClient } from '../api/client.ts';
import { RefusedError } from '../errors.ts';
import { visible } from '../text/visible.ts';

/** Keeps an answer under 20,000 tokens: IDs are the costliest text, at two bytes per token. */
export const MAX_BYTES = 40_000;

export const paging = {
  limit: z.number().int().min(1).max(1000).optional().describe('Rows; default 100'),
  offset: z.number().int().min(0).optional().describe('Rows to skip: nextOffset of the previous page'),
};

/** Where the next page is: an address, HAL's `{"href": …}`, or one of a list with `"rel": "next"`. */
const address = z.union([z.string().min(1), z.object({ href: z.string().min(1) }).transform(({ href }) => href)]);
const links = z
  .union([
    z
      .array(z.object({ rel: z.string().optional(), href: z.string().optional() }))
      .transform((each) => ({ next: each.find(({ rel }) => rel === 'next')?.href })),
    z.object({ next: address.optional().catch(undefined) }),
  ])
  .optional()
  .catch(undefined);
const count = z.number().optional().catch(undefined);

/** The API calls the links `links` or `_links` or omits them, and can send null for no rows. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z
    .object({
      type: z.string().optional().catch(undefined),
      items: z.array(item).optional(),
      limit: count,
      total: count,
      totalCount: count,
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
    // Counts invisible characters in their escaped form.
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

export async function readRows<Item extends z.ZodType, Row>(
  api: ApiClient,
  from: string,
  { item, toRow, limit = 100, offset = 0, query = {} }: Asked<Item, Row>,
) {
  const page = await api.get(from, { query: { ...query, limit, offset }, response: pageOf(item) });
  return rowsOf(page, { limit, offset }, toRow);
}

/** A short page is the last, whatever its link says; a full one is not, unless its links have no next. */
function hasNext({ items = [], limit, links, _links }: Page<unknown>, asked: number): boolean {
  const { next } = links ?? _links ?? { next: 'unknown' };
  const full = items.length >= Math.min(asked, limit || asked);
  return full && items.length > 0 && next !== undefined;
}

const WHOLE_PAGE = 1_000;
const MOST_PAGES = 50;

/**
 * The API may return fewer rows than requested without saying so: only an empty page is the end, or one that says so
 * and does not look truncated. Throws RefusedError if the end cannot be reached.
 */
export async function readAll<Item extends z.ZodType>(
  api: ApiClient,
  from: string,
  item: Item,
  query: Record<string, string | undefined> = {},
): Promise<z.output<Item>[]> {
  const found = new Map<string, z.output<Item>>();
  for (let n = 0, received = 0; n < MOST_PAGES; n += 1) {
    const page = await api.get(from, {
      query: { ...query, limit: WHOLE_PAGE, offset: received || undefined },
      response: pageOf(item),
    });
    const { items = [], limit = WHOLE_PAGE, links = page._links, total = page.totalCount } = page;
    const before = found.size;
    for (const each of items) found.set(JSON.stringify(each), each);
    const isShort = total !== undefined && found.size < total;
    const isSaidToEnd = links?.next === undefined && items.length < limit && !isShort;
    const looksCut = links === undefined || items.length % CAPS === 0;
    if (isShort && items.length === 0) break;
    if (items.length === 0 || (isSaidToEnd && !looksCut)) return [...found.values()];
    if (found.size === before) {
      // A repeated page is the end, unless it claimed that there is more.
      if (isSaidToEnd) return [...found.values()];
      break;
    }
    received += items.length;
  }
  throw new RefusedError(
    'The API does not list everything, so the total cannot be counted, and this server does not guess.',
  );
}

/** An API that truncates pages does so at a round number. */
const CAPS = 5;
