import type { Context } from 'hono';
import * as z from 'zod';
import { check } from './validation.ts';

export function wholeNumber(min: number, max?: number) {
  const rule = `must be a whole number${max === undefined ? `, ${min} or more` : ` from ${min} to ${max}`}`;
  return z
    .string()
    .regex(/^\d+$/, { error: rule, abort: true })
    .transform(Number)
    .refine((value) => value >= min && value <= (max ?? Number.MAX_SAFE_INTEGER), rule);
}

const position = z.object({ limit: wholeNumber(1, 1000).default(100), offset: wholeNumber(0).default(0) });

export function page<T>(c: Context, items: readonly T[]) {
  const { limit, offset } = check(position, c.req.query());
  const link = (start: number) => {
    const url = new URL(c.req.url);
    url.searchParams.set('offset', String(start));
    url.searchParams.set('limit', String(limit));
    return url.href;
  };
  return {
    items: items.slice(offset, offset + limit),
    offset,
    limit,
    links: {
      ...(offset > 0 && { prev: link(Math.max(0, offset - limit)) }),
      self: link(offset),
      ...(offset + limit < items.length && { next: link(offset + limit) }),
    },
  };
}
