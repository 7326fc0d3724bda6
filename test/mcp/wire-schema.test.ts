import { expect, test } from 'vitest';
import * as z from 'zod';
import { inputSchema, outputSchema } from '../../src/mcp/wire-schema.ts';
import { abridged } from '../../src/tools/schemas/abridged.ts';

const size = z.number().int().min(2048).max(8192).multipleOf(1024).describe('In MB');

test('arguments are closed, with the bounds that help to choose a value', () => {
  const schema = z.strictObject({
    size,
    rows: z.number().int().min(1).max(100).optional(),
    skipped: z.number().int().min(0).optional(),
    inner: z.strictObject({ mode: z.enum(['one', 'other']) }).optional(),
  });

  expect(inputSchema(schema)).toEqual({
    type: 'object',
    properties: {
      size: { type: 'integer', minimum: 2048, maximum: 8192, multipleOf: 1024, description: 'In MB' },
      rows: { type: 'integer', maximum: 100 },
      skipped: { type: 'integer' },
      inner: {
        type: 'object',
        properties: { mode: { type: 'string', enum: ['one', 'other'] } },
        required: ['mode'],
        additionalProperties: false,
      },
    },
    required: ['size'],
    additionalProperties: false,
  });
});

test('rules that only the server has to know are left out', () => {
  const schema = z.strictObject({ id: z.string().min(1).regex(/^\w+$/), list: z.array(z.string()).min(1).max(2) });

  expect(inputSchema(schema).properties).toEqual({
    id: { type: 'string' },
    list: { type: 'array', items: { type: 'string' } },
  });
});

test('output schemas are open, and abridged parts show only their listed keys', () => {
  const thing = z.object({ id: z.string(), size, name: z.string() });
  const schema = z.object({
    one: abridged(thing, { description: 'A thing' }).optional(),
    all: z.array(abridged(thing, { description: 'Another', listedKeys: ['id'] })),
  });

  expect(outputSchema(schema)).toEqual({
    type: 'object',
    properties: {
      one: { type: 'object', description: 'A thing' },
      all: {
        type: 'array',
        items: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'], description: 'Another' },
      },
    },
    required: ['all'],
  });
});
