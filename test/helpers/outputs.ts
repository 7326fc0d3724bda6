import type { Client } from '@modelcontextprotocol/client';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'vitest';

/** A check that a result is what the tool's listed output schema promises, and its text the same JSON. */
export async function outputChecks(client: Client) {
  const ajv = new Ajv2020({ allErrors: true });
  const { tools } = await client.listTools();
  const validators = new Map(tools.map(({ name, outputSchema = false }) => [name, ajv.compile(outputSchema)]));

  return (tool: string, { structuredContent, content, isError }: Awaited<ReturnType<Client['callTool']>>) => {
    const validate = validators.get(tool);
    expect(isError, JSON.stringify(content)).toBeFalsy();
    expect(content).toEqual([{ type: 'text', text: JSON.stringify(structuredContent) }]);
    // As it crosses the wire, without what is undefined
    validate?.(JSON.parse(JSON.stringify(structuredContent)));
    expect(validate?.errors, JSON.stringify(structuredContent)).toBeNull();
  };
}
