import type * as z from 'zod';

interface Abridgement {
  description?: string;
  /** Keys that clients see in a tool's schema; everything is still validated and sent. */
  listedKeys?: readonly string[];
}

/** Saves tokens on parts that are described elsewhere. */
export function abridged<Schema extends z.ZodType>(schema: Schema, { description, listedKeys = [] }: Abridgement = {}) {
  return schema.meta({ description, listedKeys });
}
