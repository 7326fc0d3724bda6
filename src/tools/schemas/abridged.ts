import type * as z from 'zod';

/**
 * A part of an answer whose inside clients are told elsewhere, or of which only these keys are worth their tokens. All of
 * it is checked and sent just the same.
 */
export function brief<Schema extends z.ZodType>(schema: Schema, description?: string, told: readonly string[] = []) {
  return schema.meta({ description, told });
}
