import type * as z from 'zod';

interface Abridgement {
  description?: string;
  /** Of its keys, those that clients see in a tool's schema; all of it is checked and sent just the same. */
  listedKeys?: readonly string[];
}

/** A part of an answer whose inside is described elsewhere, or of which only these keys are worth their tokens. */
export function abridged<Schema extends z.ZodType>(schema: Schema, { description, listedKeys = [] }: Abridgement = {}) {
  return schema.meta({ description, listedKeys });
}
