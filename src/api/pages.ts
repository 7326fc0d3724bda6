import * as z from 'zod';
import { RefusedError } from '../errors.ts';
import type { ApiClient } from './client.ts';

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

/** A page as the API answers it. Its links are called `links` or `_links`, or are missing; no rows can be a null. */
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

/** A short page is the last even if a link says otherwise; a full one is not, unless the links lack a next one. */
export function hasNext({ items = [], limit, links, _links }: Page<unknown>, asked: number): boolean {
  const { next } = links ?? _links ?? { next: 'unknown' };
  const full = items.length >= Math.min(asked, limit || asked);
  return full && items.length > 0 && next !== undefined;
}

/** Rows that one request asks for, and requests that one count takes at most. */
const WHOLE_PAGE = 1_000;
const MOST_PAGES = 50;

/**
 * Every row, for whoever counts. An API may answer fewer rows than it was asked for without saying so: only an empty
 * page is the end, or one that says so and does not look cut. Throws RefusedError where the end cannot be reached.
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
      // The same again: all there is, unless it said that there is more.
      if (isSaidToEnd) return [...found.values()];
      break;
    }
    received += items.length;
  }
  throw new RefusedError(
    'The API does not list everything, so the total cannot be counted, and this server does not guess.',
  );
}

/** Where an API cuts its pages, it does so at a round number. */
const CAPS = 5;
