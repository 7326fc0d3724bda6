import type { Tool } from '@modelcontextprotocol/server';
import * as z from 'zod';

/** A zod schema as a client sees it: JSON Schema, in the subset that every client takes. */
export function wireSchema(schema: z.ZodObject): Tool['inputSchema'] {
  const { $schema: _, ...made } = z.toJSONSchema(schema, {
    io: 'input',
    reused: 'inline',
    override: ({ jsonSchema }) => {
      // zod bounds every integer by what a double holds; some clients refuse such numbers.
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (schemaIsObject(jsonSchema)) jsonSchema.additionalProperties = false;
    },
  });
  return JSON.parse(JSON.stringify(made));
}

function schemaIsObject({ type }: { type?: unknown }) {
  return type === 'object';
}
