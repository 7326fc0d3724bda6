import type { StandardSchemaWithJSON, Tool } from '@modelcontextprotocol/server';
import { z } from 'zod';

/**
 * A zod schema as a client sees it: JSON Schema, made once, in the subset that every client takes. It lets every
 * value pass, because server.ts checks arguments and results itself, with words of its own.
 */
export function wireSchema(schema: z.ZodObject) {
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
  const json: Tool['inputSchema'] = JSON.parse(JSON.stringify(made));
  const standard: StandardSchemaWithJSON = {
    '~standard': {
      version: 1,
      vendor: 'ionos-postgres-mcp',
      validate: (value) => ({ value }),
      jsonSchema: { input: () => json, output: () => json },
    },
  };
  return { json, standard };
}

function schemaIsObject({ type }: { type?: unknown }) {
  return type === 'object';
}
