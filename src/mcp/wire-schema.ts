import type { Tool } from '@modelcontextprotocol/server';
import * as z from 'zod';

/** Omitted to save tokens: the server checks these rules and explains a violation. */
const CHECKED_HERE = ['pattern', 'minLength', 'minItems', 'maxItems'] as const;

export const inputSchema = (schema: z.ZodObject) => wireSchema(schema, { additionalProperties: false });

export const outputSchema = (schema: z.ZodObject) => wireSchema(schema, {});

function wireSchema(schema: z.ZodObject, forObjects: { additionalProperties?: false }): Tool['inputSchema'] {
  const { $schema: _, ...made } = z.toJSONSchema(schema, {
    io: 'input',
    reused: 'inline',
    override: ({ jsonSchema }) => {
      // zod bounds integers by MAX_SAFE_INTEGER, which some clients reject. A minimum of 0 or 1 is obvious.
      if (jsonSchema.minimum !== undefined && jsonSchema.minimum <= 1) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      for (const keyword of CHECKED_HERE) delete jsonSchema[keyword];
      if (jsonSchema.type === 'object') {
        delete jsonSchema.additionalProperties;
        Object.assign(jsonSchema, forObjects);
      }
      if (Array.isArray(jsonSchema.listedKeys)) Object.assign(jsonSchema, cutTo(jsonSchema.listedKeys, jsonSchema));
    },
  });
  return JSON.parse(JSON.stringify(made));
}

function cutTo(listedKeys: readonly string[], { properties = {}, required = [] }: z.core.JSONSchema.BaseSchema) {
  const isListed = (key: string) => listedKeys.includes(key);
  const kept = Object.entries(properties).filter(([key]) => isListed(key));
  const needed = required.filter(isListed);
  return {
    listedKeys: undefined,
    properties: kept.length > 0 ? Object.fromEntries(kept) : undefined,
    required: needed.length > 0 ? needed : undefined,
  };
}
